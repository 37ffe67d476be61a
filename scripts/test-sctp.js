#!/usr/bin/env node
/**
 * `npm run test:sctp [-- jest's options]`: the ring of kernel SCTP. Natively where the kernel has SCTP and we are root (network
 * namespaces), else in user-mode Linux, a kernel as an ordinary program on this machine's own files (test/sctp/uml).
 * SCTP_KERNEL=uml or native decides it otherwise. Needs the packages of scripts/install-test-packages.sh.
 */
'use strict';
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { clearTimeout, setTimeout } = require('node:timers');

const root = path.resolve(__dirname, '..');
const uml = path.join(root, 'test', 'sctp', 'uml');
const jest = [path.join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', path.join(root, 'test', 'sctp', 'jest.config.js'), '--runInBand', '--no-watchman'];
const timeLimitSeconds = Number(process.env.SCTP_TIME_LIMIT_SECONDS ?? 900);
const memory = process.env.SCTP_UML_MEMORY ?? '2048M';
const EXIT_SKIPPED = 77;

/** Whether this kernel has SCTP, loading the module where there is one. */
function kernelHasSctp() {
  if (existsSync('/proc/net/sctp')) return true;
  spawnSync('modprobe', ['sctp'], { stdio: 'ignore' });
  return existsSync('/proc/net/sctp');
}

function chosenKernel() {
  const wish = process.env.SCTP_KERNEL;
  if (wish === 'native' || wish === 'uml') return wish;
  return kernelHasSctp() && process.getuid?.() === 0 ? 'native' : 'uml';
}

function runNatively(options) {
  const { status } = spawnSync(process.execPath, [...jest, ...options], {
    cwd: root, stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' },
  });
  return status ?? 1;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A processor with AMX has more registers than user-mode Linux knows of: a small library stands in between. */
function preload(folder) {
  if (!/^flags\s*:.*\bamx_tile\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) return {};
  const library = path.join(folder, 'xstate-shim.so');
  execFileSync('cc', ['-O2', '-Wall', '-shared', '-fPIC', '-o', library, path.join(uml, 'xstate-shim.c')], { stdio: 'inherit' });
  return { LD_PRELOAD: library };
}

async function runInUserModeLinux(options) {
  if (spawnSync('sh', ['-c', 'command -v linux.uml']).status !== 0) {
    console.error('This kernel has no SCTP and user-mode Linux is not installed: run scripts/install-test-packages.sh, or modprobe sctp.');
    return EXIT_SKIPPED;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'hss-sctp-'));
  const output = path.join(folder, 'output');
  try {
    writeFileSync(path.join(folder, 'environment'), [
      `export PATH=${quoted(`${path.dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`)}`,
      'export HOME=/run NODE_OPTIONS=--experimental-vm-modules', '',
    ].join('\n'));
    writeFileSync(output, '');
    writeFileSync(path.join(folder, 'command'), `cd ${quoted(root)} && exec ${[process.execPath, ...jest, '--cacheDirectory', path.join(folder, 'jest'), ...options].map(quoted).join(' ')} > ${quoted(output)} 2>&1\n`);
    const kernel = spawn('linux.uml', [
      `mem=${memory}`, 'rootfstype=hostfs', 'root=/', 'rw', `init=${path.join(uml, 'init.sh')}`, `sctp_run=${folder}`, 'con=null', 'con0=fd:0,fd:1', 'quiet',
    ], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...preload(folder) } });
    let boot = '';
    kernel.stdout.on('data', (text) => { boot += text; });
    kernel.stderr.on('data', (text) => { boot += text; });
    const follower = spawn('tail', ['-n', '+1', '-F', output], { stdio: ['ignore', 'inherit', 'ignore'] });
    const timer = setTimeout(() => {
      console.error(`user-mode Linux did not end within ${timeLimitSeconds} s`);
      kernel.kill('SIGKILL');
    }, timeLimitSeconds * 1_000);
    await new Promise((resolve) => kernel.once('close', resolve));
    clearTimeout(timer);
    await new Promise((resolve) => setTimeout(resolve, 300));
    follower.kill();
    const status = path.join(folder, 'status');
    if (!existsSync(status)) {
      console.error(`user-mode Linux ended without a result. Its last words:\n${boot.split('\n').slice(-30).join('\n')}`);
      return 1;
    }
    return Number(readFileSync(status, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  const options = process.argv.slice(2);
  const kernel = chosenKernel();
  console.log(kernel === 'native' ? 'SCTP of this kernel' : 'SCTP of user-mode Linux');
  process.exitCode = kernel === 'native' ? runNatively(options) : await runInUserModeLinux(options);
}

void main();
