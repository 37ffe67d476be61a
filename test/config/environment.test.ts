/** Settings from the environment. */
import { ConfigError, loadConfig, type LoadedConfig } from '../../src/config/load';
import {
  environmentName,
  pathText,
  settingsTree,
  type SettingNode,
  type SettingPath,
} from '../../src/config/settings-tree';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'hss-environment-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(env: Record<string, string>, yaml = ''): LoadedConfig {
  writeFileSync(join(folder, 'hss.yaml'), yaml);
  return loadConfig({ env, cwd: folder });
}

function faultsOf(env: Record<string, string>, yaml = '') {
  try {
    load(env, yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('texts, numbers, booleans, lists and sections', () => {
  const { config, environment } = load({
    HSS__DIAMETER__ORIGIN_HOST: 'hss2.example.org',
    HSS__DIAMETER__WATCHDOG_INTERVAL_SECONDS: '6',
    HSS__CX__FEATURES__SHARED_IFC_SETS: 'false',
    HSS__HTTP__ADDRESSES: '127.0.0.1, ::1',
    HSS__CX__DEFAULT_CAPABILITIES__MANDATORY: '1,2',
    HSS__DIAMETER__LISTEN: '[{addresses: [127.0.0.2], port: 4000}]',
    HSS__PEERS__0: '{identity: icscf.example.org}',
    HSS__PEERS__1__IDENTITY: 'scscf.example.org',
    HSS__PEERS__1__PORT: '3870',
  });
  expect(config.diameter).toMatchObject({
    originHost: 'hss2.example.org',
    watchdogIntervalSeconds: 6,
    listen: [{ transport: 'tcp', addresses: ['127.0.0.2'], port: 4000 }],
  });
  expect(config.cx.features.sharedIfcSets).toBe(false);
  expect(config.http.addresses).toEqual(['127.0.0.1', '::1']);
  expect(config.cx.defaultCapabilities.mandatory).toEqual([1, 2]);
  expect(config.peers.map((peer) => [peer.identity, peer.port])).toEqual([
    ['icscf.example.org', 3868],
    ['scscf.example.org', 3870],
  ]);
  expect(environment).toHaveLength(9);
});

test('they go before the file, entry by entry', () => {
  const yaml =
    'http: { port: 1000 }\npeers:\n  - { identity: a.example.org, port: 1001 }\n  - { identity: b.example.org, port: 1002 }\n';
  const { config } = load({ HSS__HTTP__PORT: '2000', HSS__PEERS__1__PORT: '2002' }, yaml);
  expect(config.http.port).toBe(2000);
  expect(config.peers.map((peer) => peer.port)).toEqual([1001, 2002]);
});

test('DATABASE_URL and HSS_SECRET_KEY are short names; the long one wins', () => {
  const url = 'postgres://hss:secret@db.example.org/hss';
  expect(load({ DATABASE_URL: url }).config.store.url).toBe(url);
  expect(load({ DATABASE_URL: url }, 'store: { url: "postgresql://other/hss" }').config.store.url).toBe(url);
  expect(load({ DATABASE_URL: url, HSS__STORE__URL: 'postgresql://third/hss' }).config.store.url).toBe(
    'postgresql://third/hss',
  );
  const { store } = load({ HSS_SECRET_KEY: 'ab'.repeat(32) }).config;
  expect(store.secretKey).toBe('ab'.repeat(32));
  expect(store.secretKeyFile).toBeUndefined();
});

test('an empty variable counts as not set, others are left alone', () => {
  const { config, environment } = load({
    HSS__HTTP__PORT: '',
    DATABASE_URL: '',
    HSS_TOKEN: 'x',
    HSSX__HTTP__PORT: '1',
  });
  expect(config.http.port).toBe(8080);
  expect(config.store.url).toBeUndefined();
  expect(environment).toEqual([]);
});

test('mistakes name the variable', () => {
  expect(faultsOf({ HSS__HTTP__PORT: 'many' })).toEqual([
    {
      path: 'http.port',
      found: '"many"',
      allowed: 'a whole number from 0 to 65535',
      source: 'environment variable HSS__HTTP__PORT',
    },
  ]);
  expect(faultsOf({ HSS__HTTP__PROT: '1' })).toEqual([
    expect.objectContaining({ path: 'HSS__HTTP__PROT', hint: 'did you mean HSS__HTTP__PORT?' }),
  ]);
  expect(faultsOf({ HSS__DIAMETER__LISTEN__X__PORT: '1' })).toEqual([
    expect.objectContaining({
      path: 'HSS__DIAMETER__LISTEN__X__PORT',
      allowed: 'HSS__DIAMETER__LISTEN__ and the number of an entry, from 0',
    }),
  ]);
  expect(faultsOf({ HSS__PEERS__1__IDENTITY: 'a.example.org' })).toEqual([
    expect.objectContaining({ path: 'HSS__PEERS__1__IDENTITY', found: 'a list entry after a missing one' }),
  ]);
  expect(faultsOf({ HSS__PEERS: '[{' })).toEqual([expect.objectContaining({ path: 'peers', found: '"[{"' })]);
  expect(faultsOf({ HSS__DEMO__LOAD: 'yes' })).toEqual([
    expect.objectContaining({ path: 'demo.load', allowed: 'true or false' }),
  ]);
});

test('every setting has a name of its own that leads back to it', () => {
  const names = new Map<string, string>();
  const visit = (node: SettingNode, path: SettingPath) => {
    if (path.length > 0) {
      const name = environmentName(path);
      expect(names.get(name)).toBeUndefined();
      names.set(name, pathText(path));
      // A value that fits nothing: the mistake must be at the setting itself, not at an unknown name.
      const [fault] = faultsOf({ [name]: node.type === 'string' ? ' ' : '!' });
      if (fault !== undefined)
        expect(fault.path.startsWith('HSS__')).toBe(
          path.includes(0) && fault.found.startsWith('a list entry'),
        );
    }
    for (const [key, child] of Object.entries(node.properties ?? {})) visit(child, [...path, key]);
    if (node.items?.properties !== undefined) visit(node.items, [...path, 0]);
  };
  visit(settingsTree, []);
  expect(names.size).toBeGreaterThan(60);
});
