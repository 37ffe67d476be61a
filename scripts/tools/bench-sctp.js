#!/usr/bin/env node
/**
 * `npm run bench:sctp [-- options of npm run bench]`: kernel SCTP beside TCP. Natively where the kernel has
 * SCTP, with the settings of `npm run bench -- --transport tcp,kernel-sctp`; else in user-mode Linux, in a
 * short form, where only the ratio between the two means something. SCTP_KERNEL=uml or native decides it
 * otherwise.
 */
'use strict';
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { chosenKernel, root, runInUserModeLinux } = require('../ci/user-mode-linux');

const bench = [
  '-r',
  path.join(root, 'test', 'cli', 'register-typescript.cjs'),
  path.join(root, 'bench', 'main.ts'),
  '--transport',
  'tcp,kernel-sctp',
];
/**
 * What is slow there is left out, and so is what does not depend on the transport. The database is in memory:
 * it needs a user of its own.
 */
const short = [
  '--quick',
  '--no-pgbench',
  '--runs',
  '3',
  '--seconds',
  '2',
  '--scenarios',
  'UAR,SAR',
  '--data',
  '/run/tmp/bench',
];
const asksForHelp = (options) => options.some((option) => option === '--help' || option === '-h');

async function main() {
  const options = process.argv.slice(2);
  if (asksForHelp(options) || chosenKernel(true) === 'native') {
    process.exitCode =
      spawnSync(process.execPath, [...bench, ...options], { cwd: root, stdio: 'inherit' }).status ?? 1;
    return;
  }
  if (
    !options.includes('--no-build') &&
    spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' }).status !== 0
  ) {
    process.exitCode = 1;
    return;
  }
  console.error('SCTP of user-mode Linux: slow, and good for the ratio between the transports only');
  const own = options.filter((option) => option !== '--no-build');
  process.exitCode = await runInUserModeLinux({
    argsFor: () => [...bench, ...short, '--no-build', ...own],
    timeLimitSeconds: Number(process.env.SCTP_TIME_LIMIT_SECONDS ?? 1_800),
  });
}

void main();
