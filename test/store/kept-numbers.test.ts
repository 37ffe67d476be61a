/**
 * A counter belongs to K [33.102-C.1.1]: whatever becomes of the subscription that has it, no SQN is given a
 * second time.
 */
import { Client } from 'pg';
import { createKeyRing } from '../../src/authentication/key-ring';
import { counterOf, credentials, credentialsOf } from '../../src/authentication/credentials';
import type { SubscriptionDocument } from '../../src/subscriber/subscription-document';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../support/database';
import { putSharedSets, simple } from './documents';

const otherKey = '0123456789abcdef0123456789abcdef';
const opc = 'fedcba9876543210fedcba9876543210';

let url: string;
let store: TestStore;
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
  return `${keys}`.padStart(32, '0');
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
  return found?.sequenceNumbers.find(([identity]) => identity === impi)?.[1] ?? 0;
}

async function query<Row extends object>(text: string, values: unknown[] = [], at = url): Promise<Row[]> {
  const sql = new Client({ connectionString: at });
  await sql.connect();
  const { rows } = await sql.query<Row>(text, values);
  await sql.end();
  return rows;
}

/** What a MAR does with the counter; the numbers that it gives. */
async function give(id: string, impi: string, count = 3, from = store): Promise<number[]> {
  const { snapshot } = await from.load({ impus: [], impi, modules: [credentials] });
  if (snapshot?.subscription.id !== id) throw new Error(`${impi} is not of ${id}`);
  const held = counterOf(credentialsOf(snapshot), impi);
  if (held === undefined) throw new Error('no counter');
  const outcome = await from.commitDrawing({
    key: snapshot.key,
    version: snapshot.version,
    rows: [],
    outbox: [],
    draw: { counterKey: held.key, requester: 'ims', indBits: 5, count },
  });
  if (outcome === 'conflict') throw new Error(outcome);
  return [...outcome];
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

test('[33.102-C.1.1] a refused change raises no counter', async () => {
  const k = newKey();
  await put('refused', ['refused@ims.example', k]);
  await give('refused', 'refused@ims.example');
  const before = await counter('refused', 'refused@ims.example');
  expect(
    await store.putSubscription(document('refused', ['refused@ims.example', k, before + 64]), {
      ifMatch: '"0"',
    }),
  ).toMatchObject({ kind: 'preconditionFailed' });
  expect(
    await store.putSubscription(document('thief', ['refused@ims.example', k, before + 64]), {}),
  ).toMatchObject({ kind: 'refused' });
  expect(await counter('refused', 'refused@ims.example')).toBe(before);
});

test('[33.102-C.1.1] one counter for each K, whoever has it', async () => {
  const [k, other] = [newKey(), newKey()];
  const counters = () =>
    query<{ number: string; holders: string[] }>(
      `select c.sequence_number as number, array_agg(p.identity order by p.identity) as holders
      from sequence_counter c join private_identity p on p.aka_k_hash = c.counter_key
      where p.identity like '%@counted.example' group by c.counter_key, c.sequence_number order by 2`,
    );
  const write = (sqn: number) =>
    store.importSubscriptions([
      simple('counted1', 9_001, {
        privateIdentities: [
          { identity: 'a@counted.example', authentication: { aka: { k, opc, sqn } } },
          { identity: 'b@counted.example', authentication: { aka: { k: other, opc } } },
        ],
      }),
      simple('counted2', 9_002, {
        privateIdentities: [{ identity: 'c@counted.example', authentication: { aka: { k, opc, sqn: 32 } } }],
      }),
    ]);
  expect((await write(64)).map(({ kind }) => kind)).toEqual(['created', 'created']);
  const first = [
    { number: '64', holders: ['a@counted.example', 'c@counted.example'] },
    { number: '0', holders: ['b@counted.example'] },
  ];
  expect(await counters()).toEqual(first);
  for (const sqn of [64, 0])
    expect((await write(sqn)).map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged']);
  expect(await counters()).toEqual(first);
  expect((await write(96)).map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged']);
  expect(await counters()).toEqual([{ ...first[0], number: '96' }, first[1]]);
});

test('[33.102-C.1.1] documents with the same keys in opposite orders at once: all are written', async () => {
  const shared = Array.from({ length: 20 }, newKey);
  const batch = (name: string, keysInOrder: readonly string[], sqn: number) =>
    keysInOrder.map((k, i) =>
      simple(`${name}${i}`, 9_100 + number++, {
        privateIdentities: [
          { identity: `${name}${i}@order.example`, authentication: { aka: { k, opc, sqn: sqn + i } } },
        ],
      }),
    );
  for (let round = 0; round < 5; round += 1) {
    const outcomes = await Promise.all([
      store.importSubscriptions(batch('up', shared, round * 1_000)),
      store.importSubscriptions(batch('down', [...shared].reverse(), round * 1_000 + 500)),
    ]);
    expect(outcomes.flat().filter(({ kind }) => kind === 'refused')).toEqual([]);
  }
  expect(await counter('up0', 'up0@order.example')).toBe(4_519);
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
    const given = await give('rotated', 'rotated@ims.example', 3, store);
    await store.deleteSubscription('rotated', {});
    ring = createKeyRing([newer, oldKey]);
    await store.rotateSecrets(ring, () => undefined);
    await store.close();
    // The old key is not needed for it any more.
    ring = createKeyRing([newer]);
    store = await openStore(own, { keyRing: () => ring });
    await put('rotated', ['rotated@ims.example', k]);
    given.push(...(await give('rotated', 'rotated@ims.example', 3, store)));
    expectEachOnce(given);
    const rows = await query<{ row: string }>(
      `select to_json(p)::text as row from private_identity p union all
      select to_json(k)::text from sequence_counter k union all select to_json(s)::text from shared_secret s`,
      [],
      own,
    );
    expect(rows).toHaveLength(3);
    for (const { row } of rows) expect(row.replaceAll('-', '')).not.toContain(k);
  } finally {
    await store.close();
    store = main;
  }
}, 30_000);

test('[33.102-C.1.1] what an older release stored without a hash gets one and its counter; a K that does not open is passed over', async () => {
  const own = await freshDatabase();
  const main = store;
  store = await openStore(own);
  try {
    await putSharedSets(store);
    const [k, brokenKey] = [newKey(), newKey()];
    await put('older', ['older@IMS.example', k]);
    const given = await give('older', 'older@IMS.example', 3, store);
    await put('twin', ['twin@ims.example', k]);
    await put('broken', ['broken@ims.example', brokenKey]);
    await store.importSubscriptions(
      Array.from({ length: 1_100 }, (_, i) => document(`bulk${i}`, [`bulk${i}@ims.example`, newKey()])),
    );
    const hashes = () =>
      query<{ identity: string; hash: string | null }>(
        'select identity, aka_k_hash::text as hash from private_identity order by identity',
        [],
        own,
      );
    const counters = () =>
      query<{ key: string; number: string }>(
        'select counter_key::text as key, sequence_number as number from sequence_counter order by 1',
        [],
        own,
      );
    const unhashed = () =>
      query<{ identity: string; number: string }>(
        'select identity_key as identity, sequence_number as number from unhashed_sequence_number order by 1',
        [],
        own,
      );
    const before = await hashes();
    const countersBefore = await counters();
    const brokenHash = before.find(({ identity }) => identity === 'broken@ims.example')?.hash;
    // As 0018 leaves a database of a build before 0011.
    await query(
      `with taken as (update private_identity set aka_k_hash = null returning subscription_key, identity_key),
        numbers (identity_key, number) as (values ('older@ims.example', $1::bigint), ('twin@ims.example', 32), ('broken@ims.example', 7777))
      insert into unhashed_sequence_number select t.subscription_key, t.identity_key, n.number from taken t join numbers n using (identity_key)`,
      [given.at(-1)],
      own,
    );
    await query('delete from sequence_counter', [], own);
    await query(
      "update private_identity set aka_k_sealed = 'v1.test.' || repeat('A', 80) where identity = 'broken@ims.example'",
      [],
      own,
    );
    const other = await openStore(own, { keyRing: () => testKeyRing });
    await Promise.all([store.prepareKeyHashes(), other.prepareKeyHashes()]);
    await other.close();
    expect(await hashes()).toEqual(
      before.map((row) => (row.identity === 'broken@ims.example' ? { ...row, hash: null } : row)),
    );
    expect(await counters()).toEqual(countersBefore.filter(({ key }) => key !== brokenHash));
    expect(await unhashed()).toEqual([{ identity: 'broken@ims.example', number: '7777' }]);
    await store.deleteSubscription('older', {});
    await put('older', ['older@IMS.example', k]);
    given.push(...(await give('older', 'older@IMS.example', 3, store)));
    expectEachOnce(given);
    // The K that nobody could open is given again: its numbers go on, too.
    await put('broken', ['broken@ims.example', brokenKey, 64]);
    expect(await counter('broken', 'broken@ims.example')).toBe(7_777);
    expect(await unhashed()).toEqual([]);
  } finally {
    await store.close();
    store = main;
  }
}, 60_000);
