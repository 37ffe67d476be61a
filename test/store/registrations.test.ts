/** Lists of those that are registered: complete, page by page, by an index however few of many they are. */
import { registrationOf, statusUnit } from '../support/states';
import { Client } from 'pg';
import type { RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import { freshDatabase, openStore, type TestStore } from '../support/database';
import { putSharedSets, simple } from './documents';

let store: TestStore;
let sql: Client;

const server = {
  name: 'sip:scscf1.ims.example',
  diameterHost: 'scscf1.ims.example',
  diameterRealm: 'ims.example',
};

async function setState(name: string, state: 'registered' | 'unregistered'): Promise<void> {
  const { snapshot } = await store.load({ impus: [`sip:${name}@ims.example`] });
  if (snapshot === null) throw new Error(name);
  const sets: RegistrationStatus['sets'] = [
    {
      name: 'default',
      state,
      privateIdentities:
        state === 'registered' ? [{ identity: `${name}@ims.example`, registered: true }] : [],
    },
  ];
  await store.commit(statusUnit(snapshot, { ...registrationOf(snapshot), server, sets }));
}

beforeAll(async () => {
  const url = await freshDatabase();
  store = await openStore(url);
  sql = new Client({ connectionString: url });
  await sql.connect();
  await putSharedSets(store);
  await store.importSubscriptions(
    Array.from({ length: 3_000 }, (_, i) => simple(`u${String(i).padStart(4, '0')}`, i)),
  );
  for (let i = 0; i < 3_000; i += 300)
    await setState(`u${String(i).padStart(4, '0')}`, i % 900 === 0 ? 'unregistered' : 'registered');
}, 60_000);

afterAll(async () => {
  await sql.end();
  await store.close();
});

async function all(
  state: 'registered' | 'unregistered' | null,
  limit: number,
): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let pages = 0;
  for (let cursor: string | null = null; pages === 0 || cursor !== null; pages += 1) {
    const page = await store.listStatuses(state, cursor, limit);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return { ids: ids.sort(), pages };
}

const unregistered = ['u0000', 'u0900', 'u1800', 'u2700'];
const registered = ['u0300', 'u0600', 'u1200', 'u1500', 'u2100', 'u2400'];

test.each([
  [null, [...unregistered, ...registered].sort()],
  ['registered' as const, registered],
  ['unregistered' as const, unregistered],
])('%s: all of them and no other, in full pages', async (state, expected) => {
  expect(await all(state, 500)).toEqual({ ids: expected, pages: 1 });
  expect(await all(state, 2)).toEqual({ ids: expected, pages: expected.length / 2 });
});

test('with the state, and without secrets', async () => {
  const {
    items: [first],
  } = await store.listStatuses('registered', null, 1);
  expect(first).toMatchObject({
    status: { server, sets: [{ name: 'default', state: 'registered' }] },
    privateIdentities: [{ identity: `${first?.id}@ims.example` }],
  });
  expect(JSON.stringify(first)).not.toMatch(/"k"|"opc"|aka/);
});

test('a cursor that is none of ours: nothing', async () => {
  for (const cursor of ['no', Buffer.from('1e999').toString('base64url')])
    expect(await store.listStatuses(null, cursor, 5)).toEqual({ items: [], nextCursor: null });
});

test.each([
  ['registered_sets + unregistered_sets > 0', 'subscription_state_registered'],
  ['unregistered_sets > 0', 'subscription_state_unregistered'],
])('%s is read by its index', async (condition, index) => {
  await sql.query('analyze subscription_state');
  const { rows } = await sql.query<{ 'QUERY PLAN': string }>(
    `explain select subscription_key from subscription_state where ${condition} and subscription_key > 5 order by subscription_key limit 100`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(index);
});
