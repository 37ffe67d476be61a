/** What has to be true of package.json and package-lock.json, without a registry. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name: string): string => readFileSync(join(__dirname, '../..', name), 'utf8');
interface Package {
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly '//overrides'?: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}
interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly resolved?: string; readonly integrity?: string }>
  >;
}
const manifest = JSON.parse(read('package.json')) as Package;
const lock = JSON.parse(read('package-lock.json')) as Lock;

test('each pin has its reason beside it', () => {
  expect(Object.keys(manifest['//overrides'] ?? {}).sort()).toEqual(
    Object.keys(manifest.overrides ?? {}).sort(),
  );
});

test('the lock names no address of a registry, and the content of each package', () => {
  const installed = Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/'));
  expect(installed.length).toBeGreaterThan(100);
  expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  expect(installed.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
});

test('what serves files to the network is above the versions that advisories are about', () => {
  const [major = 0, minor = 0, patch = 0] = (lock.packages['node_modules/@fastify/static']?.version ?? '')
    .split('.')
    .map(Number);
  expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(10_001_003);
});

test('README and image name a Node.js that is maintained', () => {
  expect(read('README.md')).toMatch(/Node\.js\S* 2[24]/);
  expect(read('docker/Dockerfile')).toMatch(/NODE_IMAGE=node:2[24]-/);
});
