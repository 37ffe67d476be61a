/** `hss migrate` and `hss rotate-keys` on a real embedded database. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createKey,
  createKeyRing,
  fingerprintKeyId,
  formatKeyRing,
  parseKeyRing,
} from '../../src/authentication/key-ring';
import { secretOwner, unseal } from '../../src/authentication/sealed-secret';
import { replaceSecretFile } from '../../src/shared/secret-file';
import { subscriptionDocument } from '../../src/subscriber/subscription-document';
import { systemRandom } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { silentEvents } from '../../src/events/event-spine';
import { loadConfig } from '../../src/config/load';
import { openDatabase } from '../../src/wiring/database';
import { cli } from './run-cli';

const K = '465b5ce8b199b49faa5f0a2ee238a6bc';

let folder: string;
let keyFile: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hss-db-cli-'));
  keyFile = join(folder, 'data', 'secret.key');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const keyIds = () => [...parseKeyRing(readFileSync(keyFile, 'utf8')).keys.keys()];

/** K of alice as it opens with the keys that are in the file. */
async function openedK(): Promise<string> {
  const ring = parseKeyRing(readFileSync(keyFile, 'utf8'));
  const database = await openDatabase(
    loadConfig({ env: {}, cwd: folder }).config.store,
    () => ring,
    silentEvents,
    silentLogger,
  );
  try {
    const { snapshot } = await database.store.load({ impus: ['sip:alice@example.org'] });
    const sealed = snapshot?.subscription.privateIdentities[0]?.authentication.aka?.k ?? '';
    return unseal(sealed, secretOwner('alice@example.org', 'k'), ring).toString('hex');
  } finally {
    await database.close();
  }
}

test('migrate says what is pending, applies it, and then has nothing to do', async () => {
  const pending = JSON.parse((await cli(['migrate', '--dry-run', '--json'], { cwd: folder })).stdout) as {
    pending: string[];
  };
  expect(pending.pending.length).toBeGreaterThan(0);
  const applied = await cli(['migrate', '--json'], { cwd: folder });
  expect(JSON.parse(applied.stdout)).toEqual({ applied: pending.pending });
  expect(await cli(['migrate'], { cwd: folder })).toEqual({
    status: 0,
    stdout: 'The database is up to date.\n',
    stderr: '',
  });
}, 60_000);

test('rotate-keys seals every secret with a new key and drops the old one', async () => {
  const key = createKey(systemRandom);
  const ring = createKeyRing([{ id: fingerprintKeyId(key), key }]);
  writeFileSync(keyFile, formatKeyRing(ring), { mode: 0o600 });
  const database = await openDatabase(
    loadConfig({ env: {}, cwd: folder }).config.store,
    () => ring,
    silentEvents,
    silentLogger,
  );
  const outcome = await database.store.putSubscription(
    subscriptionDocument.parse({
      id: 'alice',
      privateIdentities: [
        {
          identity: 'alice@example.org',
          authentication: { aka: { k: K, opc: 'cd63cb71954a9f4e48a5994e37a02baf' } },
        },
      ],
      implicitRegistrationSets: [
        { name: 'main', publicIdentities: [{ identity: 'sip:alice@example.org', serviceProfile: 'main' }] },
      ],
      serviceProfiles: [{ name: 'main' }],
    }),
    {},
  );
  expect(outcome.kind).toBe('created');
  await database.close();

  const before = keyIds();
  const run = await cli(['rotate-keys', '--json'], { cwd: folder });
  expect(run).toMatchObject({ status: 0, stderr: '' });
  const after = keyIds();
  expect(JSON.parse(run.stdout)).toEqual({
    currentKeyId: after[0],
    olderKeyIds: [],
    seenCount: 1,
    resealedCount: 1,
  });
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(await openedK()).toBe(K);
}, 60_000);

test('its steps one by one, as several instances need it', async () => {
  const [old] = keyIds();
  const added = JSON.parse(
    (await cli(['rotate-keys', '--step', 'add', '--json'], { cwd: folder })).stdout,
  ) as { currentKeyId: string };
  expect(keyIds()).toEqual([added.currentKeyId, old]);
  expect(await openedK()).toBe(K);
  expect((await cli(['rotate-keys', '--step', 'reseal'], { cwd: folder })).stdout).toBe(
    `1 private identities and USIMs looked at, secrets of 1 sealed anew.\nThe current key is ${added.currentKeyId}; older ones that still open secrets: ${old}.\n`,
  );
  await cli(['rotate-keys', '--step', 'drop'], { cwd: folder });
  expect(keyIds()).toEqual([added.currentKeyId]);
  expect(await openedK()).toBe(K);
}, 60_000);

test('a key from the environment cannot be replaced by a command', async () => {
  const { status, stderr } = await cli(['rotate-keys'], {
    cwd: folder,
    env: { HSS_SECRET_KEY: 'ab'.repeat(32) },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('which no command can change');
  expect(stderr).not.toContain('abab');
});

test('a database that cannot be had is one readable line, without its password', async () => {
  const { status, stderr } = await cli(['migrate'], {
    cwd: folder,
    env: { DATABASE_URL: 'postgres://hss:hunter2@127.0.0.1:9/hss' },
  });
  expect(status).toBe(1);
  expect(stderr).toBe('hss: the database: connect ECONNREFUSED 127.0.0.1:9\n');
});

test('a secret file is replaced whole', () => {
  const file = join(folder, 'replaced');
  replaceSecretFile(file, 'one\n');
  replaceSecretFile(file, 'two\n');
  expect(readFileSync(file, 'utf8')).toBe('two\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(() => replaceSecretFile(join(folder, 'missing', 'file'), 'x')).toThrow('ENOENT');
});
