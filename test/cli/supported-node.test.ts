/** Too old a Node is told in one line, before anything that it could not read. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
let folder: string;
let pretend: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hss-node-'));
  pretend = path.join(folder, 'old-node.cjs');
  writeFileSync(
    pretend,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.1' } });`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  ['bin/hss', ['bin/hss', 'version']],
  ['main.ts', ['-r', 'test/cli/register-typescript.cjs', 'src/main.ts']],
  ['npm start, before the build', ['bin/supported-node.js']],
])('%s ends with 78 and one line', (_what, args) => {
  const absolute = args.map((arg) => (/[/]/.test(arg) ? path.join(root, arg) : arg));
  const run = spawnSync(process.execPath, ['-r', pretend, ...absolute], { cwd: folder, encoding: 'utf8' });
  expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 78, stdout: '' });
  expect(run.stderr).toMatch(/^hss: Node 20 or newer is needed, this is 18\.19\.1 \(.*\)\n$/);
});

test('this Node will do, package.json says the same version and asks before it builds', () => {
  expect(spawnSync(process.execPath, [path.join(root, 'bin/supported-node.js')]).status).toBe(0);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
    scripts: { prestart: string };
  };
  expect(manifest.engines.node).toBe('>=20');
  expect(manifest.scripts.prestart).toMatch(/^node bin\/supported-node\.js && /);
});

test('the check itself is JavaScript that any Node reads', () => {
  const source = readFileSync(path.join(root, 'bin/supported-node.js'), 'utf8').replace(/\/\*[^]*?\*\//g, '');
  expect(source).not.toMatch(/=>|`|\b(?:const|let|class|import|async)\b|\?\.|\?\?|node:/);
});
