/** The example file, the reference and the masked view follow from the schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { exampleYaml, referenceMarkdown } from '../../src/config/describe';
import { isLoopback } from '../../src/config/fields';
import { loadConfig } from '../../src/config/load';
import { masked, maskUrl } from '../../src/config/mask';
import { configSchema } from '../../src/config/schema';
import { settingsTree, type SettingNode } from '../../src/config/settings-tree';

const root = join(__dirname, '..', '..');

test('hss.example.yaml is what `hss config example` prints', () => {
  expect(readFileSync(join(root, 'hss.example.yaml'), 'utf8')).toBe(exampleYaml());
});

test('docs/configuration.md is what `hss config reference` prints', () => {
  expect(readFileSync(join(root, 'docs', 'configuration.md'), 'utf8')).toBe(referenceMarkdown());
});

test('the example holds every default and nothing else', () => {
  const example = loadConfig({ env: {}, cwd: root, file: 'hss.example.yaml' }).config;
  const defaults = loadConfig({ env: {}, cwd: root, file: '/dev/null' }).config;
  expect(example).toEqual({
    ...defaults,
    store: {
      ...defaults.store,
      dataFolder: join(root, 'data'),
      secretKeyFile: join(root, 'data', 'secret.key'),
    },
  });
  // The null values of the commented-out settings aside, nothing is left to the defaults.
  expect(parse(exampleYaml())).toEqual(configSchema.parse({}));
});

test('every setting has a description; every number a range and a default; bounded lists and texts', () => {
  const units =
    /(Ms|Seconds|Days|Octets|Count|Connections|Requests|Subscriptions|Labels|Vectors|Peers|PerPeer|PerAddress|Answers|Depth|Percent|Priority|port|Port|dscp|vendorId)$/;
  const visit = (node: SettingNode, path: string) => {
    if (path !== '' && node.description === undefined) throw new Error(`${path} has no description`);
    if (node.type === 'integer') {
      const bounded = [node.minimum, node.maximum].every(
        (bound) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER,
      );
      if (!bounded) throw new Error(`${path} has no range`);
      if (!path.endsWith('[]') && (node.default === undefined || !units.test(path)))
        throw new Error(`${path} has no default or no unit in its name`);
    }
    if (node.type === 'array' && node.maxItems === undefined)
      throw new Error(`${path} has no greatest length`);
    for (const [name, child] of Object.entries(node.properties ?? {}))
      visit(child, path === '' ? name : `${path}.${name}`);
    if (node.items !== undefined) visit(node.items, `${path}[]`);
  };
  visit(settingsTree, '');
});

test('the masked view hides the token, the key and the password in the URL, and shows the rest', () => {
  const env = {
    HSS__HTTP__TOKEN: 'token-hunter2-0123456789',
    HSS_SECRET_KEY: 'key-hunter2',
    DATABASE_URL: 'postgres://hss:hunter2@db.example.org:5432/hss?sslmode=require',
  };
  const { config } = loadConfig({ env, cwd: '/', file: '/dev/null' });
  const shown = masked(config);
  expect(JSON.stringify(shown)).not.toContain('hunter2');
  expect(shown['http']).toMatchObject({ token: '********', port: 8080 });
  expect(shown['store']).toMatchObject({
    secretKey: '********',
    url: 'postgres://hss:********@db.example.org:5432/hss?sslmode=require',
    poolConnections: 10,
  });
  expect(config.http.token).toBe('token-hunter2-0123456789');
});

test.each([
  ['postgres://user:p@ss/w:rd?@host/db', 'postgres://user:********@host/db'],
  ['postgres://user@host/db', 'postgres://user@host/db'],
  ['postgresql://hss:x@/hss?host=%2Ftmp', 'postgresql://hss:********@/hss?host=%2Ftmp'],
  [
    'postgres://host/db?user=u&password=secret&sslmode=require',
    'postgres://host/db?user=u&password=********&sslmode=require',
  ],
])('the password in %s is hidden', (url, shown) => {
  expect(maskUrl(url)).toBe(shown);
});

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['128.0.0.1', false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
