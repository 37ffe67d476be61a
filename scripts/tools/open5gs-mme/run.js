#!/usr/bin/env node
/**
 * An MME of Open5GS in front of this HSS, with a UE that attaches: see docs/open5gs.md. S1AP needs SCTP, so all of
 * it runs in user-mode Linux where this kernel has none. build.sh comes first.
 *
 *   scripts/tools/open5gs-mme/run.js [--build FOLDER] [--transport tcp|sctp] [--peer JSON] [--only TEXT]
 */
'use strict';
const { spawnSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { chosenKernel, runInUserModeLinux } = require('../../ci/user-mode-linux');

const { values } = parseArgs({
  options: {
    build: { type: 'string', default: path.join(tmpdir(), 'open5gs', 'build') },
    transport: { type: 'string', default: 'sctp' },
    peer: { type: 'string', default: '{"interop":["errorUlaWithSubscriptionData"]}' },
    only: { type: 'string' },
  },
});

async function main() {
  const folder = mkdtempSync(path.join(tmpdir(), 'hss-open5gs-'));
  console.log(`logs: ${folder}`);
  const trial = [path.join(__dirname, 'trial.js'), folder, values.build, values.transport, values.peer];
  if (values.only !== undefined) trial.push(values.only);
  if (chosenKernel(process.getuid?.() === 0) === 'native') {
    return spawnSync(process.execPath, trial, { stdio: 'inherit' }).status ?? 1;
  }
  const environment = process.env.HSS_ROOT ? { HSS_ROOT: process.env.HSS_ROOT } : {};
  return await runInUserModeLinux({ argsFor: () => trial, environment, timeLimitSeconds: 900 });
}

void main().then((status) => {
  process.exitCode = status;
});
