/**
 * Units of work over the real database: all of a unit or nothing, whichever modules it changes, with rows that
 * are made on demand and two instances that change one subscription at the same time.
 */
import { Client } from 'pg';
import { credentials } from '../../src/authentication/credentials';
import type { VectorRequester } from '../../src/authentication/ind-slices';
import type { SequenceNumberDraw } from '../../src/authentication/sequence-number';
import { registration, registrationOf } from '../../src/apps/cx/state/registration';
import type { DrawingUnit, SubscriptionSnapshot, UnitOfWork } from '../../src/state/ports';
import { rowChange } from '../../src/state/subscription-rows';
import { shapeOf } from '../../src/store/commit';
import { commitText } from '../../src/store/commit-statement';
import type { PostgresStore } from '../../src/store/postgres-store';
import { freshDatabase, openStore } from '../support/database';
import { ReferenceCounter } from '../support/reference-counter';
import { onlyCounter, statusUnit } from '../support/states';
import { toyMigration, TOY_WATCHER, watch, watchOf } from '../toy/watch';
import { putSharedSets, simple } from './documents';

const modules = { head: registration, loaded: [credentials, watch] };
const server = { name: 'sip:s.ims.example', diameterHost: 's.ims.example', diameterRealm: 'ims.example' };
const somebody = { host: 'as.ims.example', realm: 'ims.example', isReleased: false };
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
  await store.importSubscriptions(Array.from({ length: 200 }, (_, i) => withOwnKey(`unit${i}`, i)));
});

/** With a K of its own. */
const withOwnKey = (name: string, i: number) =>
  simple(name, i, {
    privateIdentities: [
      {
        identity: `${name}@ims.example`,
        authentication: { aka: { k: i.toString(16).padStart(32, '0'), opc: 'c'.repeat(32) } },
      },
    ],
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
const draw = (
  snapshot: SubscriptionSnapshot,
  change: Partial<SequenceNumberDraw> = {},
): SequenceNumberDraw => ({
  counterKey: onlyCounter(snapshot).key,
  requester: 'ims',
  indBits: 5,
  count: 1,
  ...change,
});
/** Numbers alone. */
const drawing = (snapshot: SubscriptionSnapshot, change: Partial<SequenceNumberDraw> = {}): DrawingUnit => ({
  key: snapshot.key,
  version: snapshot.version,
  rows: [],
  outbox: [],
  draw: draw(snapshot, change),
});

/** All three modules at once. */
const everything = (snapshot: SubscriptionSnapshot): DrawingUnit => ({
  key: snapshot.key,
  version: snapshot.version,
  head: registered(snapshot),
  rows: [rowChange(watch, snapshot.key, watchOf(snapshot), somebody)],
  draw: draw(snapshot),
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
  expect(await store.commit(everything(before))).toBe('committed');
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
    [
      'the made row',
      (s) => ({
        key: s.key,
        version: s.version,
        head: { module: registration, value: registrationOf(s) },
        rows: [
          rowChange(watch, s.key, watchOf(s), { host: 'first.example', realm: 'example', isReleased: false }),
        ],
        outbox: [],
      }),
    ],
  ];

  test.each(late)('%s', async (_what, change) => {
    const user = nextUser();
    const [mine, theirs] = await Promise.all([loaded(user), loaded(user, other)]);
    expect(await other.commit(change(theirs))).toBe('committed');
    const now = stateOf(await loaded(user, other));
    expect(await store.commit(everything(mine))).toBe('conflict');
    expect(stateOf(await loaded(user))).toEqual(now);
  });
});

test('a changed document refuses a unit that changes a counter alone', async () => {
  const user = nextUser();
  const before = await loaded(user);
  await other.putSubscription({ ...withOwnKey(user, users), registrationAllowed: false }, {});
  expect(await store.commitDrawing(drawing(before))).toBe('conflict');
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
    if (i % 4 === 0) return everything(s);
    if (i % 4 === 1) return statusUnit(s, { ...registrationOf(s), server });
    if (i % 4 === 2) return drawing(s);
    return { ...everything(s), version: s.version + 1 };
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
    rows: [],
    draw: draw(snapshot),
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
        const outcome = await from.commitDrawing(everything(snapshot));
        if (outcome !== 'conflict') return outcome[0];
      }
    }),
  );
  expect(new Set(turns).size).toBe(40);
  const after = await loaded(user);
  expect(after.version).toBe(41);
  expect(watchOf(after).version).toBe(40);
  expect(Math.floor(onlyCounter(after).sequenceNumber / 32)).toBe(40);
});

test('the statement of a batch names only what its units change', () => {
  const shape = {
    head: registration,
    changesHeads: true,
    changesWatchers: false,
    changesSeveralRows: false,
    draws: false,
    leavesHeads: false,
    sharesCounters: false,
    rowModules: [],
    writesOutbox: false,
  };
  expect(commitText(shape)).not.toMatch(/sequence_counter|toy_watch|watchers|outbox/);
  const drawingText = commitText({ ...shape, draws: true });
  expect(drawingText).toMatch(/update sequence_counter/);
  expect(drawingText).not.toMatch(/toy_watch|outbox/);
});

describe('[33.102-C.1.1] sequence numbers that the commit draws', () => {
  const isCommitted = (outcome: readonly number[] | 'conflict'): readonly number[] => {
    if (outcome === 'conflict') throw new Error(outcome);
    return outcome;
  };

  test.each([0, 1, 3, 5, 16])(
    'are those of the model, drawn one after the other, IND of %d bits',
    async (indBits) => {
      const user = nextUser();
      const model = new ReferenceCounter();
      const requesters: VectorRequester[] = ['ims', 'mme', 'ims', 'sgsn', 'other', 'ims', 'mme', 'mme'];
      for (const [i, requester] of requesters.entries()) {
        const snapshot = await loaded(user);
        const count = (i % 3) + 1;
        const outcome = await store.commitDrawing(drawing(snapshot, { requester, indBits, count }));
        expect(isCommitted(outcome)).toEqual(model.draw(requester, count, indBits));
      }
      const at = await loaded(user, other);
      expect(onlyCounter(at).sequenceNumber).toBe(model.sequenceNumber);
      const ahead = (Math.floor(model.sequenceNumber / 2 ** indBits) + 50) * 2 ** indBits;
      model.reach(ahead, indBits);
      const synchronised = await store.commitDrawing(drawing(at, { indBits, atLeast: ahead }));
      expect(isCommitted(synchronised)).toEqual(model.draw('ims', 1, indBits));
      const behind = await store.commitDrawing(drawing(at, { indBits, atLeast: 2 ** indBits }));
      expect(isCommitted(behind)).toEqual(model.draw('ims', 1, indBits));
    },
  );

  test('[33.102-C.1.2] two batches of one unit, beside a row of a module: an IND each', async () => {
    const snapshot = await loaded(nextUser());
    const both = draw(snapshot, { requester: 'mme', count: 2, secondBatchCount: 1 });
    const values = [32 + 16, 64 + 16, 96 + 17];
    expect(await store.commitDrawing({ ...everything(snapshot), draw: both })).toEqual(values);
    const next = await loaded(snapshot.subscription.id, other);
    expect(await other.commitDrawing({ ...everything(next), draw: both })).toEqual([
      128 + 18,
      160 + 18,
      192 + 19,
    ]);
  });

  test('a synchronisation failure alone moves the counter and gives nothing', async () => {
    const snapshot = await loaded(nextUser());
    expect(await store.commitDrawing(drawing(snapshot, { count: 0, atLeast: 77 * 32 + 5 }))).toEqual([]);
    expect(onlyCounter(await loaded(snapshot.subscription.id, other)).sequenceNumber).toBe(77 * 32 + 5);
  });

  test('at its end a counter gives nothing, and the unit changes nothing', async () => {
    const snapshot = await loaded(nextUser());
    await client.query('update sequence_counter set sequence_number = $2 where counter_key = $1', [
      onlyCounter(snapshot).key,
      2 ** 48 - 33,
    ]);
    expect(await store.commitDrawing({ ...everything(snapshot), draw: draw(snapshot, { count: 2 }) })).toBe(
      'conflict',
    );
    expect(registrationOf(await loaded(snapshot.subscription.id)).server).toBeNull();
    expect(await store.commitDrawing(drawing(snapshot))).toEqual([2 ** 48 - 32]);
  });

  test('at its end, beside a change of the head row alone: nothing is done, no request is written, others are served', async () => {
    const [ended, sound] = [await loaded(nextUser()), await loaded(nextUser())];
    await client.query('update sequence_counter set sequence_number = $2 where counter_key = $1', [
      onlyCounter(ended).key,
      2 ** 48 - 1,
    ]);
    const unit = (snapshot: SubscriptionSnapshot): DrawingUnit => ({
      ...drawing(snapshot),
      head: registered(snapshot),
      outbox: [{ kind: 'toy.TNR', destinationHost: 'h', destinationRealm: 'r', payload: {} }],
    });
    const [refused, served] = await Promise.all([
      store.commitDrawing(unit(ended)),
      store.commitDrawing(unit(sound)),
    ]);
    expect(refused).toBe('conflict');
    expect(served).toEqual([33]);
    const { rows } = await client.query('select 1 from outbox where subscription_key = any ($1)', [
      [ended.key, sound.key],
    ]);
    expect(rows).toHaveLength(1);
    expect(registrationOf(await loaded(ended.subscription.id, other)).server).toBeNull();
  });

  test('subscriptions that share a K draw from one counter, many at once, from two instances', async () => {
    const k = { k: 'a'.repeat(32), opc: 'b'.repeat(32) };
    const names = Array.from({ length: 32 }, (_, i) => `shared${i}`);
    await store.importSubscriptions(
      names.map((name, i) =>
        simple(name, 1_000 + i, {
          privateIdentities: [{ identity: `${name}@ims.example`, authentication: { aka: k } }],
        }),
      ),
    );
    const given = await Promise.all(
      names.flatMap((name, i) =>
        (['ims', 'mme'] as const).map(async (requester) => {
          const from = i % 2 === 0 ? store : other;
          const snapshot = await loaded(name, from);
          return isCommitted(await from.commitDrawing(drawing(snapshot, { requester, count: 2 })));
        }),
      ),
    );
    const values = given.flat().sort((a, b) => a - b);
    expect(values.map((sqn) => Math.floor(sqn / 32))).toEqual(Array.from({ length: 128 }, (_, i) => i + 1));
    const inds = new Set(values.map((sqn) => sqn % 32));
    expect([...inds].every((ind) => ind < 24)).toBe(true);
  });
});
