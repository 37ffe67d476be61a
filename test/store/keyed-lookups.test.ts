/** Look-ups by keys of an application's own: batches, and decisions that need a subscription as well or none. */
import { foundBy, keyedLookup, type KeyedModule } from '../../src/state/keyed-module';
import { StoreUnavailableError } from '../../src/state/ports';
import { freshDatabase, openStore, type TestStore } from '../support/database';
import { tapStatements, type StatementTap } from '../support/statement-tap';
import { putSharedSets, simple } from './documents';

let url: string;
let tap: StatementTap;
let store: TestStore;

/** Squares, by the database. */
function squares(): { readonly module: KeyedModule<number, number>; readonly batches: number[] } {
  const batches: number[] = [];
  return {
    batches,
    module: {
      name: 'squares',
      find: async (execute, keys) => {
        batches.push(keys.length);
        const rows = await execute({
          name: 'squares',
          text: 'select i.x * i.x from unnest($1::bigint[]) with ordinality as i (x, n) order by n',
          values: [keys],
        });
        return rows.map(([square]) => Number(square));
      },
    },
  };
}

beforeAll(async () => {
  url = await freshDatabase();
  tap = await tapStatements(url);
  store = await openStore(tap.url);
  await putSharedSets(store);
  await store.putSubscription(simple('alice', 0), {});
}, 60_000);

afterAll(async () => {
  await store.close();
  await tap.close();
});

test('a look-up without a subscription asks nothing about subscriptions', async () => {
  const { module } = squares();
  const loaded = await store.load({ impus: [], keyed: [keyedLookup(module, 7)] });
  expect(foundBy(module, loaded)).toBe(49);
  expect(loaded.snapshot).toBeNull();
  // The first load of this store, so its statement would have been parsed now.
  expect([...tap.texts].filter((text) => text.includes('known_revision'))).toEqual([]);
});

test('look-ups that come together share a round trip, each with its own answer', async () => {
  const { module, batches } = squares();
  const loads = await Promise.all(
    Array.from({ length: 100 }, (_, x) => store.load({ impus: [], keyed: [keyedLookup(module, x)] })),
  );
  expect(loads.map((loaded) => foundBy(module, loaded))).toEqual(
    Array.from({ length: 100 }, (_, x) => x * x),
  );
  expect(batches).toEqual([100]);
});

test('with a subscription beside it, in any mixture with loads that name no key', async () => {
  const { module } = squares();
  const impus = ['sip:alice@ims.example'];
  const [both, plain, unknown] = await Promise.all([
    store.load({ impus, keyed: [keyedLookup(module, 3)] }),
    store.load({ impus }),
    store.load({ impus: ['sip:nobody@ims.example'], keyed: [keyedLookup(module, 4)] }),
  ]);
  expect([foundBy(module, both), both.snapshot?.subscription.id]).toEqual([9, 'alice']);
  expect([plain.keyed, plain.snapshot?.subscription.id]).toEqual([undefined, 'alice']);
  expect([foundBy(module, unknown), unknown.snapshot]).toEqual([16, null]);
  expect(() => foundBy(module, plain)).toThrow('squares is not loaded');
});

test('what is held answers no request that names a key: nothing of it is kept', async () => {
  const { module } = squares();
  const impus = ['sip:alice@ims.example'];
  await store.load({ impus });
  expect(store.held({ impus })).not.toBeNull();
  expect(store.held({ impus, keyed: [keyedLookup(module, 3)] })).toBeNull();
});

test('both kinds of batches get their turns on one connection', async () => {
  const narrow = await openStore(url, { loadConnections: 1, maxBatchCount: 4 });
  try {
    const { module, batches } = squares();
    const order: string[] = [];
    await Promise.all([
      ...Array.from({ length: 40 }, () =>
        narrow.load({ impus: ['sip:alice@ims.example'] }).then(() => order.push('subscription')),
      ),
      ...Array.from({ length: 40 }, (_, x) =>
        narrow.load({ impus: [], keyed: [keyedLookup(module, x)] }).then(() => order.push('key')),
      ),
    ]);
    expect(batches.length).toBeGreaterThanOrEqual(10);
    // Neither waits for the end of the other.
    expect(order.lastIndexOf('subscription')).toBeGreaterThan(order.indexOf('key'));
    expect(order.lastIndexOf('key')).toBeGreaterThan(order.indexOf('subscription'));
    expect(order.indexOf('key')).toBeLessThan(20);
    expect(order.indexOf('subscription')).toBeLessThan(20);
  } finally {
    await narrow.close();
  }
});

test('a look-up that the database refuses fails alone', async () => {
  const { module } = squares();
  const faulty: KeyedModule<number, number> = {
    name: 'faulty',
    find: async (execute) => {
      await execute({ name: 'faulty', text: 'select 1 / 0', values: [] });
      return [];
    },
  };
  const [bad, good] = await Promise.allSettled([
    store.load({ impus: [], keyed: [keyedLookup(faulty, 1)] }),
    store.load({ impus: [], keyed: [keyedLookup(module, 5)] }),
  ]);
  expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) as unknown });
  expect(good.status === 'fulfilled' ? foundBy(module, good.value) : null).toBe(25);
});

test('without a connection it is refused at once', async () => {
  const closed = await openStore(await freshDatabase());
  await closed.close();
  await expect(closed.load({ impus: [], keyed: [keyedLookup(squares().module, 1)] })).rejects.toThrow(
    StoreUnavailableError,
  );
});
