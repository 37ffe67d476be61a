/**
 * A counter belongs to K [33.102-C.1.1]: whatever becomes of the subscription that has it, no SQN is given a
 * second time.
 */
import { Client } from 'pg';
import { createKeyRing } from '../../src/authentication/key-ring';
import { nextSequenceNumbers } from '../../src/authentication/sequence-number';
import type { SubscriptionDocument } from '../../src/subscriber/subscription-document';
import type { PostgresStore } from '../../src/store/postgres-store';
import { freshDatabase, openStore, testKeyRing } from '../support/database';
import { aka, putSharedSets, simple } from './documents';

const otherKey = '0123456789abcdef0123456789abcdef';
const opc = 'fedcba9876543210fedcba9876543210';

let url: string;
let store: PostgresStore;
let number = 0;
let keys = 0;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
}, 60_000);
afterAll(() => store.close());

/** A K that no other test has. */
function newKey(): string {
  keys += 1;
  return `${keys}`.padStart(32, '7');
}

type Holder = readonly [impi: string, k: string, sqn?: number];

function document(id: string, ...holders: Holder[]): SubscriptionDocument {
  number += 1;
  return simple(id, number, {
    privateIdentities: holders.map(([identity, k, sqn]) => ({
      identity,
      authentication: { aka: { k, opc, ...(sqn === undefined ? {} : { sqn }) } },
    })),
  });
}

async function put(id: string, ...holders: Holder[]): Promise<void> {
  expect(await store.putSubscription(document(id, ...holders), {})).toMatchObject({
    kind: expect.stringMatching(/created|replaced/),
  });
}

async function counter(id: string, impi: string): Promise<number> {
  const found = await store.getStatus({ id });
  return found?.status.sequenceNumbers.find(([identity]) => identity === impi)?.[1] ?? 0;
}

/** What a MAR does with the counter; the numbers that it gives. */
async function give(id: string, impi: string, count = 3): Promise<number[]> {
  const { snapshot } = await store.load({ impus: [`sip:${id}@ims.example`] });
  if (snapshot === null) throw new Error(`${id} is not there`);
  const { status } = snapshot;
  const { values, newCurrent } = nextSequenceNumbers(await counter(id, impi), count);
  const others = status.sequenceNumbers.filter(([identity]) => identity !== impi);
  expect(
    await store.commit({
      key: snapshot.key,
      expectedVersion: status.version,
      status: { ...status, sequenceNumbers: [...others, [impi, newCurrent]] },
      outbox: [],
    }),
  ).toBe('committed');
  return values;
}

function expectEachOnce(given: readonly number[]): void {
  expect(given.length).toBeGreaterThan(3);
  expect(new Set(given).size).toBe(given.length);
}

test('[33.102-C.1.1] deleted and put back with the same K: the numbers go on', async () => {
  const k = newKey();
  await put('back', ['back@ims.example', k]);
  const given = await give('back', 'back@ims.example', 40);
  await store.deleteSubscription('back', {});
  await put('back', ['back@ims.example', k]);
  given.push(...(await give('back', 'back@ims.example', 40)));
  // And a second time.
  await store.deleteSubscription('back', {});
  await put('back', ['back@ims.example', k]);
  given.push(...(await give('back', 'back@ims.example', 40)));
  expectEachOnce(given);
});

test('[33.102-C.1.1] a private identity renamed, with the same K', async () => {
  const k = newKey();
  await put('renamed', ['old@ims.example', k]);
  const given = await give('renamed', 'old@ims.example');
  await put('renamed', ['new@ims.example', k]);
  given.push(...(await give('renamed', 'new@ims.example')));
  expectEachOnce(given);
});

test('[33.102-C.1.1] K moved to another subscription, in two changes or in one import', async () => {
  const k = newKey();
  await put('from', ['moved@ims.example', k], ['stays@ims.example', newKey()]);
  const given = await give('from', 'moved@ims.example');
  await put('from', ['stays@ims.example', newKey()]);
  await put('to', ['moved@ims.example', k]);
  given.push(...(await give('to', 'moved@ims.example')));
  const outcomes = await store.importSubscriptions([
    document('to', ['rest@ims.example', newKey()]),
    document('third', ['moved@ims.example', k]),
    document('fourth', ['beside@ims.example', k]),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['replaced', 'created', 'created']);
  given.push(...(await give('third', 'moved@ims.example')));
  expectEachOnce(given);
  expect(await counter('fourth', 'beside@ims.example')).toBeGreaterThan(0);
});

test('[33.102-C.1.1] deleted and imported again; what is provisioned counts where it is higher', async () => {
  const k = newKey();
  await put('imported', ['imported@ims.example', k]);
  const given = await give('imported', 'imported@ims.example');
  await store.deleteSubscription('imported', {});
  await store.importSubscriptions([document('imported', ['imported@ims.example', k, 40])]);
  given.push(...(await give('imported', 'imported@ims.example')));
  expectEachOnce(given);
  await store.deleteSubscription('imported', {});
  await store.importSubscriptions([document('imported', ['imported@ims.example', k, 1_000_000])]);
  expect(await counter('imported', 'imported@ims.example')).toBe(1_000_000);
});

test('[33.102-C.1.1] K changed and changed back, by itself and at a private identity that others had in between', async () => {
  const k = newKey();
  const second = newKey();
  await put('changed', ['changed@ims.example', k]);
  const given = await give('changed', 'changed@ims.example');
  await put('changed', ['changed@ims.example', second]);
  await give('changed', 'changed@ims.example');
  await put('changed', ['changed@ims.example', k]);
  given.push(...(await give('changed', 'changed@ims.example')));
  await put('changed', ['changed@ims.example', otherKey]);
  await store.deleteSubscription('changed', {});
  await put('changed', ['changed@ims.example', newKey()]);
  await put('changed', ['changed@ims.example', k]);
  given.push(...(await give('changed', 'changed@ims.example')));
  expectEachOnce(given);
});

test('[33.102-C.1.1] a second private identity with the same K begins above the first, in the same subscription or another', async () => {
  const k = newKey();
  await put('first', ['first@ims.example', k]);
  const given = await give('first', 'first@ims.example');
  await put('first', ['first@ims.example', k], ['inner@ims.example', k]);
  given.push(...(await give('first', 'inner@ims.example')));
  await put('second', ['second@ims.example', k]);
  given.push(...(await give('second', 'second@ims.example')));
  expectEachOnce(given);
});

test('[33.102-C.1.1] a document without K keeps it, and its numbers are found after that', async () => {
  const k = newKey();
  await put('silent', ['silent@ims.example', k]);
  const given = await give('silent', 'silent@ims.example');
  number += 1;
  const without = simple('silent', number, {
    privateIdentities: [{ identity: 'silent@ims.example', authentication: { aka: {} } }],
  });
  expect(await store.putSubscription(without, {})).toMatchObject({ kind: 'replaced' });
  given.push(...(await give('silent', 'silent@ims.example')));
  await store.deleteSubscription('silent', {});
  await put('silent', ['silent@ims.example', k]);
  given.push(...(await give('silent', 'silent@ims.example')));
  expectEachOnce(given);
});

test('[33.102-C.1.1] a refused change keeps nothing and takes nothing', async () => {
  const k = newKey();
  await put('refused', ['refused@ims.example', k]);
  await give('refused', 'refused@ims.example');
  expect(await store.deleteSubscription('refused', { ifMatch: '"0"' })).toMatchObject({
    kind: 'preconditionFailed',
  });
  const sql = new Client({ connectionString: url });
  await sql.connect();
  const { rows } = await sql.query<{ kept: number }>(
    `select count(*)::int as kept from shared_kept_sequence_number
    where k_hash = (select aka_k_hash from private_identity where identity = 'refused@ims.example')`,
  );
  await sql.end();
  expect(rows).toEqual([{ kept: 0 }]);
});

test('[33.102-C.1.1] numbers survive the rotation of the keys in between; K stands nowhere in the database', async () => {
  const own = await freshDatabase();
  const [oldKey, newer] = [
    { id: 'old', key: Buffer.alloc(32, 1) },
    { id: 'new', key: Buffer.alloc(32, 2) },
  ];
  let ring = createKeyRing([oldKey]);
  const main = store;
  store = await openStore(own, { keyRing: () => ring });
  try {
    await putSharedSets(store);
    const k = newKey();
    await put('rotated', ['rotated@ims.example', k]);
    const given = await give('rotated', 'rotated@ims.example');
    await store.deleteSubscription('rotated', {});
    ring = createKeyRing([newer, oldKey]);
    await store.rotateSecrets(ring, () => undefined);
    await store.close();
    // The old key is not needed for it any more.
    ring = createKeyRing([newer]);
    store = await openStore(own, { keyRing: () => ring });
    await put('rotated', ['rotated@ims.example', k]);
    given.push(...(await give('rotated', 'rotated@ims.example')));
    expectEachOnce(given);
    const sql = new Client({ connectionString: own });
    await sql.connect();
    const { rows } = await sql.query<{ row: string }>(
      `select to_json(p)::text as row from private_identity p union all
      select to_json(k)::text from shared_kept_sequence_number k union all select to_json(s)::text from shared_secret s`,
    );
    await sql.end();
    expect(rows).toHaveLength(3);
    for (const { row } of rows) expect(row.replaceAll('-', '')).not.toContain(k);
  } finally {
    await store.close();
    store = main;
  }
}, 30_000);

test('[33.102-C.1.1] what an older release stored without a hash gets one; a K that does not open is passed over', async () => {
  const own = await freshDatabase();
  const main = store;
  store = await openStore(own);
  try {
    await putSharedSets(store);
    const k = newKey();
    await put('older', ['older@ims.example', k]);
    const given = await give('older', 'older@ims.example');
    await put('broken', ['broken@ims.example', aka.k]);
    await store.importSubscriptions(
      Array.from({ length: 1_100 }, (_, i) => document(`bulk${i}`, [`bulk${i}@ims.example`, newKey()])),
    );
    const sql = new Client({ connectionString: own });
    await sql.connect();
    const hashes = async () =>
      (
        await sql.query<{ identity: string; hash: string | null }>(
          'select identity, aka_k_hash::text as hash from private_identity order by identity',
        )
      ).rows;
    const before = await hashes();
    await sql.query('update private_identity set aka_k_hash = null');
    await sql.query(
      "update private_identity set aka_k_sealed = 'v1.test.' || repeat('A', 80) where identity = 'broken@ims.example'",
    );
    const other = await openStore(own, { keyRing: () => testKeyRing });
    await Promise.all([store.prepareKeyHashes(), other.prepareKeyHashes()]);
    await other.close();
    expect(await hashes()).toEqual(
      before.map((row) => (row.identity === 'broken@ims.example' ? { ...row, hash: null } : row)),
    );
    await sql.end();
    await store.deleteSubscription('older', {});
    await put('older', ['older@ims.example', k]);
    given.push(...(await give('older', 'older@ims.example')));
    expectEachOnce(given);
  } finally {
    await store.close();
    store = main;
  }
}, 60_000);
