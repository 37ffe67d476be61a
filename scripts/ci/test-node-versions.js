/**
 * `npm run test:node-versions [-- --short] [-- 22 24]`: a part of the tests on each version of Node.js that is
 * promised to work. The binaries come from the npm package `node`; a version that cannot be had is said, and
 * is no failure unless none can. What is native and built for one version only (raw-socket) is not among them.
 */
const { execFileSync, spawnSync } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');
const versions = ['20', '22', '24'];
/** The wire, the crypto, the language features: seconds. */
const short = [
  'test/diameter/codec/vectors',
  'test/authentication',
  'test/config/load',
  'test/transport/tcp',
  'test/diameter/overload/gate',
];
/** Sockets, TLS, HTTP, the database, and the whole product with its first start. */
const long = [
  ...short,
  'test/diameter/codec',
  'test/diameter/framing',
  'test/subscriber',
  'test/diameter/peer/peer-connection',
  'test/transport/tls',
  'test/metrics',
  'test/admin/access',
  'test/store/registration-store',
  'test/store/private-identities',
  'test/system/first-start',
];

const given = process.argv.slice(2);
const wanted = given.filter((argument) => /^\d+$/.test(argument));
const files = given.includes('--short') ? short : long;

/** Path of the binary, or null where it cannot be had. */
function binaryOf(version) {
  try {
    const found = execFileSync(
      'npm',
      ['exec', '--yes', `--package=node@${version}`, '--', 'node', '-p', 'process.execPath'],
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    ).trim();
    const major = execFileSync(found, ['-p', 'process.versions.node.split(".")[0]'], {
      encoding: 'utf8',
    }).trim();
    return major === version ? found : null;
  } catch {
    return null;
  }
}

let ranCount = 0;
const failed = [];
for (const version of wanted.length > 0 ? wanted : versions) {
  const node = binaryOf(version);
  if (node === null) {
    console.log(`Node.js ${version}: no binary to be had, not tested`);
    continue;
  }
  console.log(`\n== Node.js ${execFileSync(node, ['-p', 'process.version'], { encoding: 'utf8' }).trim()}`);
  ranCount += 1;
  const { status } = spawnSync(
    node,
    [
      '--experimental-vm-modules',
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      '--selectProjects',
      'unit',
      '--maxWorkers=1',
      '--testTimeout=60000',
      ...files,
    ],
    // "node" in scripts and child processes is that one, too.
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: `${join(node, '..')}:${process.env.PATH ?? ''}` },
    },
  );
  if (status !== 0) failed.push(version);
}
if (ranCount === 0) console.log('no version could be tested');
if (failed.length > 0) console.log(`failed on Node.js ${failed.join(', ')}`);
process.exitCode = failed.length > 0 || ranCount === 0 ? 1 : 0;
