/**
 * Units of work over the real database: all of a unit or nothing, whichever modules it changes, with rows that
 * are made on demand and two instances that change one subscription at the same time.
 */
import { Client } from 'pg';
import { counterChange, credentials, credentialsOf } from '../../src/authentication/credentials';
import { registration, registrationOf } from '../../src/apps/cx/state/registration';
import type { SubscriptionSnapshot, UnitOfWork } from '../../src/state/ports';
import { rowChange } from '../../src/state/subscription-rows';
import { shapeOf } from '../../src/store/commit';
import { commitText } from '../../src/store/commit-statement';
import type { PostgresStore } from '../../src/store/postgres-store';
import { freshDatabase, openStore } from '../support/database';
import { onlyCounter, statusUnit } from '../support/states';
import { toyMigration, TOY_WATCHER, watch, watchOf } from '../toy/watch';
import { putSharedSets, simple } from './documents';

const modules = { head: registration, rows: [credentials, watch] };
const server = { name: 'sip:s.ims.example', diameterHost: 's.ims.example', diameterRealm: 'ims.example' };
const somebody = { host: 'as.ims.example', realm: 'ims.example' };
let url: string;
let store: PostgresStore;
let other: PostgresStore;
let client: Client;
let users = 0;

beforeAll(async () => {
  url = await freshDatabase();
  client = new Client({ connectionString: url });
  await client.connect();
  await client.query(toyMigration);
  [store, other] = await Promise.all([openStore(url, { modules }), openStore(url, { modules })]);
  await putSharedSets(store);
  await store.importSubscriptions(Array.from({ length: 200 }, (_, i) => simple(`unit${i}`, i)));
});

afterAll(async () => {
  await Promise.all([store.close(), other.close(), client.end()]);
});

async function loaded(user: string, from = store): Promise<SubscriptionSnapshot> {
  const { snapshot } = await from.load({
    impus: [`sip:${user}@ims.example`],
    modules: [credentials, watch],
  });
  if (snapshot === null) throw new Error(`no ${user}`);
  return snapshot;
}

/** A subscription that no other test has touched. */
function nextUser(): string {
  users += 1;
  return `unit${users}`;
}

const registered = (snapshot: SubscriptionSnapshot) => ({
  module: registration,
  value: { ...registrationOf(snapshot), server },
});
const drawn = (snapshot: SubscriptionSnapshot, sequenceNumber: number) => {
  const counter = onlyCounter(snapshot);
  return counterChange(counter, { ...counter, sequenceNumber });
};

/** All three modules at once. */
const everything = (snapshot: SubscriptionSnapshot, sequenceNumber: number): UnitOfWork => ({
  key: snapshot.key,
  version: snapshot.version,
  head: registered(snapshot),
  rows: [drawn(snapshot, sequenceNumber), rowChange(watch, snapshot.key, watchOf(snapshot), somebody)],
  outbox: [],
  watchers: snapshot.watchers | TOY_WATCHER,
});

const stateOf = (snapshot: SubscriptionSnapshot) => ({
  version: snapshot.version,
  watchers: snapshot.watchers,
  server: registrationOf(snapshot).server?.name ?? null,
  sequenceNumber: onlyCounter(snapshot).sequenceNumber,
  watch: watchOf(snapshot).row,
});

test('what a request does not name is not loaded; the head row always is', async () => {
  const user = nextUser();
  await loaded(user);
  const { snapshot } = await other.load({ impus: [`sip:${user}@ims.example`] });
  expect(Object.keys(snapshot?.states ?? {}).sort()).toEqual(['credentials', 'registration']);
  const warm = await store.load({ impus: [`sip:${user}@ims.example`] });
  expect(warm.snapshot?.states['registration']).toBeDefined();
});

test('head row, counter and a row that is made: one unit, seen by every instance', async () => {
  const user = nextUser();
  const before = await loaded(user);
  expect(stateOf(before)).toEqual({ version: 1, watchers: 0, server: null, sequenceNumber: 0, watch: null });
  expect(await store.commit(everything(before, 33))).toBe('committed');
  const after = {
    version: 2,
    watchers: TOY_WATCHER,
    server: server.name,
    sequenceNumber: 33,
    watch: somebody,
  };
  expect(stateOf(await loaded(user))).toEqual(after);
  expect(stateOf(await loaded(user, other))).toEqual(after);
  const held = store.held({ impus: [`sip:${user}@ims.example`], modules: [credentials, watch] });
  expect(held?.snapshot === null || held === null ? null : stateOf(held.snapshot)).toEqual(after);
});

describe('a row that another instance has changed meanwhile refuses the whole unit', () => {
  const late: readonly (readonly [string, (s: SubscriptionSnapshot) => UnitOfWork])[] = [
    ['the head row', (s) => statusUnit(s, { ...registrationOf(s), reassignmentPending: true })],
    ['the counter', (s) => ({ key: s.key, version: s.version, rows: [drawn(s, 65)], outbox: [] })],
    [
      'the made row',
      (s) => ({
        key: s.key,
        version: s.version,
        head: { module: registration, value: registrationOf(s) },
        rows: [rowChange(watch, s.key, watchOf(s), { host: 'first.example', realm: 'example' })],
        outbox: [],
      }),
    ],
  ];

  test.each(late)('%s', async (_what, change) => {
    const user = nextUser();
    const [mine, theirs] = await Promise.all([loaded(user), loaded(user, other)]);
    expect(await other.commit(change(theirs))).toBe('committed');
    const now = stateOf(await loaded(user, other));
    expect(await store.commit(everything(mine, 33))).toBe('conflict');
    expect(stateOf(await loaded(user))).toEqual(now);
  });
});

test('a changed document refuses a unit that changes a counter alone', async () => {
  const user = nextUser();
  const before = await loaded(user);
  await other.putSubscription(simple(user, users, { registrationAllowed: false }), {});
  expect(
    await store.commit({ key: before.key, version: before.version, rows: [drawn(before, 33)], outbox: [] }),
  ).toBe('conflict');
  expect(onlyCounter(await loaded(user)).sequenceNumber).toBe(0);
});

test('a unit that changes nothing, and one that makes a row beside no head row, are mistakes', () => {
  const unit: UnitOfWork = { key: 1, version: 1, rows: [], outbox: [] };
  expect(() => shapeOf([unit], modules)).toThrow('changes nothing');
  const made = { module: watch, key: 1, expectedVersion: 0, row: somebody };
  expect(() => shapeOf([{ ...unit, rows: [made] }], modules)).toThrow('has to change the head row');
});

test('one batch of units of every shape: each is decided by its own rows', async () => {
  const names = Array.from({ length: 24 }, nextUser);
  const snapshots = await Promise.all(names.map((name) => loaded(name)));
  const units = snapshots.map((s, i): UnitOfWork => {
    if (i % 4 === 0) return everything(s, 33);
    if (i % 4 === 1) return statusUnit(s, { ...registrationOf(s), server });
    if (i % 4 === 2) return { key: s.key, version: s.version, rows: [drawn(s, 33)], outbox: [] };
    return { ...everything(s, 33), version: s.version + 1 };
  });
  const outcomes = await Promise.all(units.map((unit) => store.commit(unit)));
  expect(outcomes).toEqual(names.map((_, i) => (i % 4 === 3 ? 'conflict' : 'committed')));
  const after = await Promise.all(names.map((name) => loaded(name, other)));
  expect(
    after.map((s) => [
      registrationOf(s).server !== null,
      onlyCounter(s).sequenceNumber > 0,
      watchOf(s).row !== null,
    ]),
  ).toEqual(
    names.map(
      (_, i) =>
        [
          [true, true, true],
          [true, false, false],
          [false, true, false],
          [false, false, false],
        ][i % 4],
    ),
  );
});

test('a unit is never half done: a commit between the snapshot and the update fails the statement', async () => {
  const user = nextUser();
  const snapshot = await loaded(user);
  const lock = new Client({ connectionString: url });
  await lock.connect();
  await lock.query('begin');
  await lock.query('update subscription_state set version = version + 1 where subscription_key = $1', [
    snapshot.key,
  ]);
  // The counter is changed, then the statement waits for the head row, whose version is another one by then.
  const outcome = store.commit({
    key: snapshot.key,
    version: snapshot.version,
    head: registered(snapshot),
    rows: [drawn(snapshot, 33)],
    outbox: [],
  });
  await new Promise((wake) => {
    setTimeout(wake, 300);
  });
  await lock.query('commit');
  await lock.end();
  expect(await outcome).toBe('conflict');
  expect(onlyCounter(await loaded(user, other)).sequenceNumber).toBe(0);
});

test('two instances that change all modules of one subscription: every committed unit is whole', async () => {
  const user = nextUser();
  const turns = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      const from = i % 2 === 0 ? store : other;
      for (;;) {
        const snapshot = await loaded(user, from);
        const next = onlyCounter(snapshot).sequenceNumber + 32;
        if ((await from.commit(everything(snapshot, next))) === 'committed') return next;
      }
    }),
  );
  expect(new Set(turns).size).toBe(40);
  const after = await loaded(user);
  expect(after.version).toBe(41);
  expect(watchOf(after).version).toBe(40);
  expect(credentialsOf(after)[0]).toMatchObject({ version: 41, sequenceNumber: 40 * 32 });
});

test('the statement of a batch names only what its units change', () => {
  const head = { head: registration, changesHeads: true, changesWatchers: false, writesOutbox: false };
  const plain = commitText({ ...head, rowModules: [], changesSeveralRows: false });
  expect(plain).not.toMatch(/sequence_counter|toy_watch|watchers|outbox/);
  const counters = commitText({ ...head, rowModules: [credentials], changesSeveralRows: false });
  expect(counters).toMatch(/update sequence_counter/);
  expect(counters).not.toMatch(/toy_watch|outbox/);
});
