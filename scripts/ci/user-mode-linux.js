/**
 * A command in user-mode Linux: a kernel with SCTP as an ordinary program on this machine's own files
 * (test/sctp/uml). Needs the packages of scripts/ci/install-test-packages.sh.
 */
'use strict';
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { clearTimeout, setTimeout } = require('node:timers');

const root = path.resolve(__dirname, '..', '..');
const uml = path.join(root, 'test', 'sctp', 'uml');
const EXIT_SKIPPED = 77;

/** Whether this kernel has SCTP, loading the module where there is one. */
function kernelHasSctp() {
  if (existsSync('/proc/net/sctp')) return true;
  spawnSync('modprobe', ['sctp'], { stdio: 'ignore' });
  return existsSync('/proc/net/sctp');
}

/** SCTP_KERNEL=native or uml decides; else native where this kernel has SCTP and `mayRunNatively`. */
function chosenKernel(mayRunNatively) {
  const wish = process.env.SCTP_KERNEL;
  if (wish === 'native' || wish === 'uml') return wish;
  return mayRunNatively && kernelHasSctp() ? 'native' : 'uml';
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * A processor with AMX has more registers than user-mode Linux knows of: a small library stands in between.
 */
function preload(folder) {
  if (!/^flags\s*:.*\bamx_tile\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))) return {};
  const library = path.join(folder, 'xstate-shim.so');
  execFileSync('cc', ['-O2', '-Wall', '-shared', '-fPIC', '-o', library, path.join(uml, 'xstate-shim.c')], {
    stdio: 'inherit',
  });
  return { LD_PRELOAD: library };
}

/**
 * Runs a program in the checkout with Node.js, as root of that kernel; its output is ours. `argsFor` gets a
 * folder of both kernels that goes afterwards; files on /run are in memory and belong to the inner one alone.
 * Gives the exit status: 77 where user-mode Linux is missing, 1 where it ends without a result.
 */
async function runInUserModeLinux({ argsFor, environment = {}, timeLimitSeconds }) {
  if (spawnSync('sh', ['-c', 'command -v linux.uml']).status !== 0) {
    console.error(
      'This kernel has no SCTP and user-mode Linux is not installed: run scripts/ci/install-test-packages.sh, or modprobe sctp.',
    );
    return EXIT_SKIPPED;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'hss-sctp-'));
  const output = path.join(folder, 'output');
  try {
    const variables = {
      PATH: `${path.dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: '/run',
      ...environment,
    };
    writeFileSync(
      path.join(folder, 'environment'),
      Object.entries(variables)
        .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
        .join(''),
    );
    writeFileSync(output, '');
    writeFileSync(
      path.join(folder, 'command'),
      `cd ${quoted(root)} && exec ${[process.execPath, ...argsFor(folder)].map(quoted).join(' ')} > ${quoted(output)} 2>&1\n`,
    );
    const kernel = spawn(
      'linux.uml',
      [
        `mem=${process.env.SCTP_UML_MEMORY ?? '2048M'}`,
        'rootfstype=hostfs',
        'root=/',
        'rw',
        `init=${path.join(uml, 'init.sh')}`,
        `sctp_run=${folder}`,
        'con=null',
        'con0=fd:0,fd:1',
        'quiet',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...preload(folder) } },
    );
    let boot = '';
    kernel.stdout.on('data', (text) => {
      boot += text;
    });
    kernel.stderr.on('data', (text) => {
      boot += text;
    });
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
      console.error(
        `user-mode Linux ended without a result. Its last words:\n${boot.split('\n').slice(-30).join('\n')}`,
      );
      return 1;
    }
    return Number(readFileSync(status, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { root, chosenKernel, runInUserModeLinux };
