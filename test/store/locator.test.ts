/**
 * The subscription locator's table on PostgreSQL: changes, pages, batches, and what other instances see of
 * them [29.228-6.4].
 */
import { Client } from 'pg';
import { kindOfValue, type LocatorEntry } from '../../src/apps/dx/locator/entry';
import { StoreUnavailableError } from '../../src/state/ports';
import { limits } from '../../src/shared/limits';
import { freshDatabase, openStore, type TestStore } from '../support/database';

let url: string;
let store: TestStore;
/** Another instance. */
let other: TestStore;

beforeEach(async () => {
  url = await freshDatabase();
  [store, other] = await Promise.all([openStore(url), openStore(url, { locatorConnections: 2 })]);
});
afterEach(async () => {
  await Promise.all([store.close(), other.close()]);
});

const entry = (value: string, ...hosts: string[]): LocatorEntry => ({
  kind: kindOfValue(value),
  value,
  hosts: hosts.length > 0 ? hosts : ['aaa://hss1.ims.example'],
});
const found = async (from: TestStore, ...identities: string[]): Promise<string | null> =>
  (await from.locator.resolve(identities))?.value ?? null;

test('put, get, replace, delete with their tags; the same again changes nothing', async () => {
  const { locator } = store;
  const first: LocatorEntry = {
    ...entry('sip:alice@ims.example', 'aaa://hss1.ims.example:3868', 'aaa://hss2.ims.example'),
    usage: 'ALL_REALM',
    maxCacheSeconds: 4_294_967_295,
  };
  const created = await locator.put(first, {});
  expect(created.kind).toBe('created');
  const stored = await locator.get(first.value);
  expect(stored).toEqual({ document: first, etag: (created as { etag: string }).etag });
  expect(await locator.put(first, { ifMatch: stored?.etag ?? '' })).toEqual({
    kind: 'unchanged',
    etag: stored?.etag,
  });
  expect(await locator.put(entry(first.value), { ifNoneMatch: '*' })).toEqual({
    kind: 'preconditionFailed',
    currentEtag: stored?.etag,
  });
  expect((await locator.put(entry(first.value), { ifMatch: stored?.etag ?? '' })).kind).toBe('replaced');
  expect(await locator.put(first, { ifMatch: stored?.etag ?? '' })).toMatchObject({
    kind: 'preconditionFailed',
  });
  expect(await locator.delete(first.value, { ifMatch: stored?.etag ?? '' })).toMatchObject({
    kind: 'preconditionFailed',
  });
  expect(await locator.delete(first.value, {})).toEqual({ kind: 'deleted' });
  expect(await locator.delete(first.value, {})).toEqual({ kind: 'notFound' });
  expect(await locator.get(first.value)).toBeNull();
});

test('every kind, on an instance with connections of its own for lookups and on one without', async () => {
  const values = [
    'sip:alice@ims.example',
    '001@ims.example',
    'sip:chat-!.*!@ims.example',
    '+49301000-+49301999',
    '+44*',
    'ims.example',
  ];
  expect((await store.locator.import(values.map((value) => entry(value)))).map(({ kind }) => kind)).toEqual(
    values.map(() => 'created'),
  );
  for (const instance of [store, other]) {
    expect(await found(instance, 'sip:alice@ims.example')).toBe('sip:alice@ims.example');
    expect(await found(instance, 'sip:bob@ims.example', '001@ims.example')).toBe('001@ims.example');
    expect(await found(instance, 'sip:chat-1@ims.example')).toBe('sip:chat-!.*!@ims.example');
    expect(await found(instance, 'tel:+49301234')).toBe('+49301000-+49301999');
    expect(await found(instance, 'tel:+44123')).toBe('+44*');
    expect(await found(instance, 'sip:bob@ims.example')).toBe('ims.example');
    expect(await found(instance, 'sip:bob@elsewhere')).toBeNull();
    expect(await found(instance)).toBeNull();
  }
});

test('a committed change of a pattern holds for the next lookup of every instance: created, replaced, deleted, created again', async () => {
  for (let round = 0; round < 3; round += 1) {
    expect(await found(other, 'sip:bob@ims.example')).toBeNull();
    await store.locator.put(entry('ims.example'), {});
    expect(await found(other, 'sip:bob@ims.example')).toBe('ims.example');
    await store.locator.put(entry('ims.example', 'aaa://hss2.ims.example'), {});
    expect((await other.locator.resolve(['sip:bob@ims.example']))?.hosts).toEqual(['aaa://hss2.ims.example']);
    await store.locator.delete('ims.example', {});
  }
  expect(await found(other, 'sip:bob@ims.example')).toBeNull();
});

test('deletions that are too old to be known one by one are found out all the same', async () => {
  await store.locator.put(entry('gone.example'), {});
  expect(await found(other, 'sip:bob@gone.example')).toBe('gone.example');
  await store.locator.delete('gone.example', {});
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('delete from shared_locator_gone');
  await client.query(
    'update shared_locator_state set version = version + 5000, complete_since = version + 5000',
  );
  await client.end();
  expect(await found(other, 'sip:bob@gone.example')).toBeNull();
});

test('many lookups at once share round trips, each with its own answer', async () => {
  await store.locator.import([
    ...Array.from({ length: 500 }, (_, i) =>
      entry(`sip:user${i}@ims.example`, `aaa://hss${i % 7}.ims.example`),
    ),
    entry('ims.example'),
  ]);
  const results = await Promise.all(
    Array.from({ length: 600 }, (_, i) => other.locator.resolve([`sip:user${i}@ims.example`])),
  );
  results.forEach((result, i) =>
    expect([result?.value, result?.hosts[0]]).toEqual(
      i < 500
        ? [`sip:user${i}@ims.example`, `aaa://hss${i % 7}.ims.example`]
        : ['ims.example', 'aaa://hss1.ims.example'],
    ),
  );
});

test('pages in an order that stays; only a kind, only an HSS', async () => {
  await store.locator.import([
    entry('sip:a@x', 'aaa://hss1.ims.example:3868;transport=tcp'),
    entry('sip:b@x', 'aaa://hss2.ims.example'),
    entry('sip:c@x', 'aaa://hss2.ims.example', 'aaa://hss1.ims.example'),
    entry('x'),
    entry('+4930*', 'aaas://hss10.ims.example'),
  ]);
  const values: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.locator.list({}, cursor, 2);
    values.push(...page.items.map(({ document }) => document.value));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(values).toHaveLength(5);
  expect(new Set(values)).toEqual(new Set(['sip:a@x', 'sip:b@x', 'sip:c@x', 'x', '+4930*']));
  const listed = async (filter: object): Promise<string[]> =>
    (await store.locator.list(filter, null, 10)).items.map(({ document }) => document.value).sort();
  expect(await listed({ kind: 'domain' })).toEqual(['x']);
  expect(await listed({ host: 'hss1.ims.example' })).toEqual(['sip:a@x', 'sip:c@x', 'x']);
  expect(await listed({ kind: 'identity', host: 'hss2.ims.example' })).toEqual(['sip:b@x', 'sip:c@x']);
  expect((await store.locator.list({}, 'AA', 10)).items).toEqual([]);
});

test('imports that meet: no deadlock, the last of a value counts', async () => {
  const values = Array.from({ length: 300 }, (_, i) => `sip:u${i}@x`);
  const outcomes = await Promise.all(
    [0, 1, 2, 3].map((n) => {
      const order = n % 2 === 0 ? values : [...values].reverse();
      return (n < 2 ? store : other).locator.import([
        ...order.map((value) => entry(value, `aaa://hss${n}.example`)),
        entry(`d${n}.example`),
      ]);
    }),
  );
  expect(outcomes.flat().filter(({ kind }) => kind === 'created')).toHaveLength(304);
  expect(
    await store.locator.import([
      entry('sip:u0@x', 'aaa://first.example'),
      entry('sip:u0@x', 'aaa://last.example'),
    ]),
  ).toMatchObject([{ kind: 'replaced' }, { kind: 'replaced' }]);
  expect((await store.locator.get('sip:u0@x'))?.document.hosts).toEqual(['aaa://last.example']);
});

test('patterns have a bound, identities have none', async () => {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('update shared_locator_state set patterns_count = $1', [
    limits.locatorPatternsCount - 1,
  ]);
  await client.end();
  const outcomes = await store.locator.import([entry('a.example'), entry('b.example'), entry('sip:a@x')]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'refused', 'created']);
  expect(outcomes[1]).toMatchObject({ conflict: true, faults: [{ pointer: '/value' }] });
  await store.locator.delete('a.example', {});
  expect((await store.locator.put(entry('b.example'), {})).kind).toBe('created');
});

test('a closed store refuses, and nothing hangs', async () => {
  const closed = await openStore(url, { locatorConnections: 1 });
  await closed.close();
  await expect(closed.locator.resolve(['sip:a@x'])).rejects.toBeInstanceOf(StoreUnavailableError);
});
