#!/usr/bin/env node
/**
 * `npm run test:sctp [-- jest's options]`: the ring of kernel SCTP. Natively where the kernel has SCTP and we
 * are root (network namespaces), else in user-mode Linux. SCTP_KERNEL=uml or native decides it otherwise.
 * Needs the packages of scripts/ci/install-test-packages.sh.
 */
'use strict';
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { chosenKernel, root, runInUserModeLinux } = require('./user-mode-linux');

const jest = [
  path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
  '--selectProjects',
  'sctp',
  '--runInBand',
  '--testTimeout=120000',
  '--no-watchman',
];
const environment = { NODE_OPTIONS: '--experimental-vm-modules' };

async function main() {
  const options = process.argv.slice(2);
  const kernel = chosenKernel(process.getuid?.() === 0);
  console.log(kernel === 'native' ? 'SCTP of this kernel' : 'SCTP of user-mode Linux');
  process.exitCode =
    kernel === 'native'
      ? (spawnSync(process.execPath, [...jest, ...options], {
          cwd: root,
          stdio: 'inherit',
          env: { ...process.env, ...environment },
        }).status ?? 1)
      : await runInUserModeLinux({
          argsFor: (folder) => [...jest, '--cacheDirectory', path.join(folder, 'jest'), ...options],
          environment,
          timeLimitSeconds: Number(process.env.SCTP_TIME_LIMIT_SECONDS ?? 900),
        });
}

void main();
