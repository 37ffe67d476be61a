/**
 * What makes a database of this schema one that can be sharded by subscription
 * (docs/decisions/0009-more-than-one-machine.md): every table has the distribution column first, every
 * statement that the product sends names it or is listed with its reason, and what is written for the sake of
 * one subscription touches rows of that one alone. Statements are those on the wire, under a workload that
 * uses every method of the store.
 */
import { registration } from '../../src/apps/cx/state/registration';
import { registrationOf, statusUnit } from '../support/states';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createKeyRing } from '../../src/authentication/key-ring';
import { NO_SUBSCRIPTION, type ClaimedPush, type PushCompletion } from '../../src/outbox/ports';
import type { OutboxEntry, SubscriptionSnapshot } from '../../src/state/ports';
import type { RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import { serviceProfile, sharedIfcSet } from '../../src/subscriber/subscription-document';
import { claimedKinds } from '../outbox/support';
import { freshDatabase, openStore, type TestStore } from '../support/database';
import { tapStatements, type StatementTap } from '../support/statement-tap';
import { everything, putSharedSets, simple } from './documents';

/**
 * Statements of a sharded table that do not name the distribution column's value, and why that is right. Each
 * has to occur.
 */
const lookups: readonly (readonly [reason: string, pattern: RegExp])[] = [
  [
    'identity -> key, once for a request that nothing is cached for',
    /left join public_identity p on p\.identity = case when s\.subscription_key is null/,
  ],
  [
    'identity -> key, by operators',
    /from subscription_image m where m\.subscription_key = \(select subscription_key from (public_identity|private_identity|usim|usim_msisdn|ims_subscription) where (identity|identity_key|id|imsi|msisdn) = any/,
  ],
  [
    'identity -> key, by operators',
    /from subscription_state r join ims_subscription s using \(subscription_key\) where r\.subscription_key = \(select/,
  ],
  ['id -> key, of what is to be written', /join ims_subscription s on s\.id = i\.id/],
  ['id -> key, of what is to be deleted', /where s\.id = \$1 for update of s, r/],
  ['identities -> owners: nobody else has them', /^select 'impu', p\.identity, s\.subscription_key/],
  ['new keys are made', /^insert into ims_subscription/],
  [
    'pages over all, in the order of keys',
    /where subscription_key > \$1 order by subscription_key limit \$2/,
  ],
  [
    'pages over all, in the order of keys',
    /from subscription_state r where .* and r\.subscription_key > \$1 order by r\.subscription_key limit \$2/,
  ],
  [
    'counters for metrics, rarely',
    /select coalesce\(sum\(registered_sets\), 0\)|^with active as|select count\(\*\) from outbox where completed_at is null|^select \(select count\(\*\) from private_identity\)/,
  ],
  ['work queue: the oldest entries, of whatever subscription', /^with picked as/],
  ['RTR and PPR as operators see them', /from outbox o where (o\.outbox_key < \$1|o\.outbox_key = \$1)/],
  [
    'what is done with is forgotten',
    /^(delete from outbox where \(subscription_key, outbox_key\) in|select extract\(epoch from now\(\) - completed_at\))/,
  ],
  [
    'a change of shared data on its way to those that use it',
    /^select count\(\*\) from subscription_state r where .* and r\.subscription_key in \(select|from \(select r\.subscription_key from subscription_state r where .* and r\.subscription_key > \$2/,
  ],
  [
    'whose K it is, too',
    /^select s\.id, p\.list, p\.position, o\.list, h\.id from ims_subscription s cross join lateral/,
  ],
  ['who uses a shared set, before it is deleted', /^\(?select '(subscription|service profile) ' \|\|/],
];

/** Tables whose first column of the primary key is another, and why. */
const otherKeys: Readonly<Record<string, string>> = {
  schema_migration: 'of the migrations, the same on every node',
  equipment_use: 'of an IMSI, which may be of another network: distributed by the IMSI',
  sequence_counter: 'of a K, whichever subscription has it: distributed by the hash of K',
};

/**
 * A value of the distribution column: a parameter, a row of a parameter's arrays, or a row that an earlier
 * part of the statement found by one.
 */
const keyed = new RegExp(
  [
    /subscription_key = (any ?\()?\$\d/,
    /subscription_key = (i\.key|i\.known_key|x\.subscription_key|c\.subscription_key)\b/,
    /insert into (subscription_state|subscription_image)[^]* from unnest\(\$1::bigint|insert into subscription_image[^]*unnest\(\$1::bigint/,
    /insert into private_identity[^]*json_to_recordset/,
    /from unnest\(\$1::bigint\[\]\) as|refresh_subscription_images\(\$1/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

let url: string;
let tap: StatementTap;
let store: TestStore;
let sql: Client;

beforeAll(async () => {
  url = await freshDatabase();
  tap = await tapStatements(url);
  sql = new Client({ connectionString: url });
  await sql.connect();
  store = await openStore(tap.url, { locatorConnections: 1 });
}, 60_000);

afterAll(async () => {
  await store.close();
  await sql.end();
  await tap.close();
});

const tables = async (): Promise<string[]> =>
  (
    await sql.query<{ name: string }>(
      "select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1",
    )
  ).rows.map(({ name }) => name);
const sharded = async (): Promise<string[]> =>
  (await tables()).filter((name) => !name.startsWith('shared_') && !(name in otherKeys));

test('every table is shared_ or begins its primary key with subscription_key', async () => {
  const { rows } = await sql.query<{ name: string; first: string | null }>(`
    select c.relname as name, (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisprimary) as first
    from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace`);
  expect(rows.length).toBeGreaterThan(15);
  expect(
    rows.filter(
      ({ name, first }) =>
        first === null ||
        (!name.startsWith('shared_') && !(name in otherKeys) && first !== 'subscription_key'),
    ),
  ).toEqual([]);
  expect(await sharded()).toEqual([
    'implicit_registration_set',
    'ims_subscription',
    'outbox',
    'private_identity',
    'public_identity',
    'service_profile',
    'serving_nodes',
    'set_private_identity',
    'subscription_image',
    'subscription_state',
    'unhashed_sequence_number',
    'usim',
    'usim_msisdn',
  ]);
});

test('a foreign key stays within a subscription, and no unique index but those of the directory lacks the distribution column', async () => {
  const foreign = await sql.query<{ name: string }>(`
    select conname as name from pg_constraint k where contype = 'f' and connamespace = 'public'::regnamespace
      and (select attname from pg_attribute a where a.attrelid = k.conrelid and a.attnum = k.conkey[1]) <> 'subscription_key'`);
  expect(foreign.rows).toEqual([]);
  const { rows } = await sql.query<{ index: string }>(
    `
    select i.indexrelid::regclass::text as index from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and i.indisunique and c.relname = any ($1)
      and not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'subscription_key' and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1])) order by 1`,
    [await sharded()],
  );
  // Names that nobody else may have: decision 0009 says what becomes of them in a sharded database.
  expect(rows.map(({ index }) => index)).toEqual([
    'ims_subscription_id_key',
    'private_identity_identity_key',
    'private_identity_imsi_claim_key',
    'public_identity_identity_key',
    'usim_imsi_key',
    'usim_msisdn_msisdn_key',
  ]);
});

test('scripts/tools/citus.sql distributes each of them, and copies each shared one', async () => {
  const script = readFileSync(join(__dirname, '../../scripts/tools/citus.sql'), 'utf8');
  const named = (pattern: RegExp): string[] =>
    [...script.matchAll(pattern)].map(([, name]) => name ?? '').sort();
  expect(named(/create_distributed_table\('(\w+)', 'subscription_key'/g)).toEqual(await sharded());
  expect(named(/create_reference_table\('(\w+)'\)/g)).toEqual(
    (await tables()).filter((name) => name.startsWith('shared_')),
  );
});

async function snapshot(identity: string): Promise<SubscriptionSnapshot> {
  const { snapshot: found } = await store.load({ impus: [identity] });
  if (found === null) throw new Error(`${identity} is not there`);
  return found;
}

const server = { name: 'sip:s.ims.example', diameterHost: 's.ims.example', diameterRealm: 'ims.example' };
const registered = (status: RegistrationStatus, impi: string): RegistrationStatus => ({
  ...status,
  server,
  sets: [{ name: 'default', state: 'registered', privateIdentities: [{ identity: impi, registered: true }] }],
});
const entry: OutboxEntry = {
  kind: 'cx.PPR',
  destinationHost: server.diameterHost,
  destinationRealm: server.diameterRealm,
  payload: { set: 'default' },
};

async function register(user: string, outbox: readonly OutboxEntry[] = []): Promise<void> {
  const found = await snapshot(`sip:${user}@ims.example`);
  expect(
    await store.commit(statusUnit(found, registered(registrationOf(found), `${user}@ims.example`), outbox)),
  ).toBe('committed');
}

const claiming = {
  instance: 'test',
  originHost: 'hss.ims.example',
  leaseMs: 60_000,
  hosts: [{ host: 's.ims.example', limitCount: 1 }],
  kinds: claimedKinds,
} as const;

/** Everything that is done for the sake of one subscription. */
async function single(): Promise<void> {
  for (const [i, user] of ['alice', 'bob'].entries())
    expect((await store.putSubscription(simple(user, i), {})).kind).toBe('created');
  expect((await store.putSubscription(everything(), {})).kind).toBe('created');
  await register('alice');
  await register('alice', [entry]);
  await register('bob');
  await store.load({
    impus: ['sip:alice@ims.example', 'tel:+15550000001'],
    impi: 'alice@ims.example',
  });
  await store.load({ impus: [], impi: 'bob@ims.example' });
  expect((await store.putSubscription(simple('alice', 0, { registrationAllowed: false }), {})).kind).toBe(
    'replaced',
  );
  const { key, version } = await snapshot('sip:bob@ims.example');
  expect(await store.outbox.enqueue(key, version, [entry])).toHaveLength(1);
  expect(await store.outbox.enqueueWithoutSubscription([entry])).toHaveLength(1);
  for (
    let claimed: readonly ClaimedPush[] = await store.outbox.claim(claiming);
    claimed.length > 0;
    claimed = await store.outbox.claim({
      ...claiming,
      kinds: claimedKinds.map((kind, priority) => ({ ...kind, priority })),
    })
  ) {
    for (const push of claimed) {
      if (push.attemptCount === 1) {
        await store.outbox.postpone(push, 'test', 0, false, 'later');
        continue;
      }
      const { snapshot: now } = await store.load({
        impus: [],
        impi: push.privateIdentity ?? '',
      });
      if (now === null && push.subscriptionKey !== NO_SUBSCRIPTION) throw new Error('nobody');
      const completion: PushCompletion = {
        outcome: 'success',
        detail: '',
        effect: 'cleared',
        ...(now === null
          ? {}
          : { change: { snapshot: now, changes: [{ module: registration, value: registrationOf(now) }] } }),
        followUps: [],
      };
      expect(await store.outbox.complete(push, 'test', completion)).toBe('done');
    }
  }
  expect((await store.deleteSubscription('bob', {})).kind).toBe('deleted');
}

/** What is written of many at once, and what is no subscription's. */
async function many(): Promise<void> {
  await store.importSubscriptions(Array.from({ length: 20 }, (_, i) => simple(`user${i}`, 100 + i)));
  await Promise.all(Array.from({ length: 20 }, (_, i) => register(`user${i}`, i % 2 === 0 ? [entry] : [])));
  const criteria = [{ priority: 1, applicationServer: { serverName: 'sip:other.ims.example' } }];
  await store.putShared(
    'ifcSets',
    sharedIfcSet.parse({ name: 'ifc', id: 7, initialFilterCriteria: criteria }),
    {},
  );
  await store.putShared(
    'serviceProfiles',
    serviceProfile.parse({
      name: 'basic',
      initialFilterCriteria: criteria,
      sharedIfcSets: ['ifc'],
      capabilitySet: 'caps',
    }),
    {},
  );
  while (await store.outbox.fanOut({ perSecond: 1_000_000, batchCount: 8 })) await store.outbox.campaigns(10);
  await store.outbox.claimExpired({ ...claiming, olderThanMs: 0, limitCount: 10 });
  await store.rotateSecrets(
    createKeyRing([
      { id: 'new', key: Buffer.alloc(32, 1) },
      { id: 'test', key: Buffer.alloc(32, 0x5a) },
    ]),
    () => undefined,
  );
}

async function reading(): Promise<void> {
  for (const name of [
    { id: 'alice' },
    { impi: 'alice@ims.example' },
    { impu: 'sip:alice@ims.example' },
    { imsi: '1010000000000' },
    { imsi: '262019876543210' },
    { msisdn: '491701234567' },
  ]) {
    expect(await store.getSubscription(name)).not.toBeNull();
    expect(await store.getStatus(name)).not.toBeNull();
  }
  await store.listSubscriptions(null, 3);
  for (const state of ['registered', 'unregistered', null] as const) await store.listStatuses(state, null, 3);
  await store.counts();
  await store.subscriptionFaultsBesides({ ...simple('alice', 0), id: 'other' });
  for (const kind of ['serviceProfiles', 'ifcSets', 'capabilitySets', 'chargingSets'] as const) {
    await store.listShared(kind, null, 3);
    await store.deleteShared(kind, 'none', {});
    await store.deleteShared(
      kind,
      { serviceProfiles: 'basic', ifcSets: 'ifc', capabilitySets: 'caps', chargingSets: 'charging' }[kind],
      {},
    );
  }
  await store.outbox.list({ subscription: 'alice', open: true }, null, 3);
  await store.outbox.get(1);
  await store.outbox.openCount();
  await store.outbox.overflowAgeMs(1);
  await store.outbox.forget(0, 100);
  const bounds = { maxCount: 10, maxPerPeerCount: 10, maxAgeMs: 1_000_000 };
  await store.outbox.learnRoutes([{ destinationHost: 's.ims.example', via: 'proxy.ims.example' }], bounds);
  await store.outbox.routes();
  await store.outbox.learnServerFeatures(
    [{ originHost: 's.ims.example', command: 'SAR', featureList: 1 }],
    bounds,
  );
  await store.outbox.serverFeatures(10);
  await store.locator.put(
    { kind: 'identity', value: 'sip:x@ims.example', hosts: ['aaa://hss.ims.example'] },
    {},
  );
  await store.locator.resolve(['sip:x@ims.example']);
  await store.locator.list({}, null, 3);
  await store.locator.delete('sip:x@ims.example', {});
}

/** Writes down of which subscription each row is that a transaction writes. */
async function watchTransactions(): Promise<void> {
  await sql.query(`
    create table watched (transaction xid8, subscription_key bigint, primary key (subscription_key, transaction));
    create function watch() returns trigger language plpgsql as $$
    begin
      insert into watched values (pg_current_xact_id(), case when tg_op = 'DELETE' then old.subscription_key else new.subscription_key end) on conflict do nothing;
      return null;
    end $$`);
  for (const table of await sharded())
    if (table !== 'watched')
      await sql.query(
        `create trigger watch after insert or update or delete on ${table} for each row execute function watch()`,
      );
}

/** How many subscriptions each transaction wrote. */
async function subscriptionsByTransaction(): Promise<number[]> {
  const { rows } = await sql.query<{ count: string }>('select count(*) from watched group by transaction');
  await sql.query('delete from watched');
  return rows.map(({ count }) => Number(count));
}

test('what is done for one subscription writes rows of no other in its transaction', async () => {
  await putSharedSets(store);
  await watchTransactions();
  await single();
  const counts = await subscriptionsByTransaction();
  expect(counts.length).toBeGreaterThan(10);
  expect(new Set(counts)).toEqual(new Set([1]));
}, 30_000);

test('every statement that reaches a sharded table names the distribution column, or is one of those that look it up', async () => {
  await many();
  // Batches: changes of many, each of which would be the same alone.
  expect(Math.max(...(await subscriptionsByTransaction()))).toBeGreaterThan(1);
  await reading();
  const names = await sharded();
  const reached = [...tap.texts]
    .map((text) => text.replace(/\s+/g, ' '))
    .filter((text) =>
      names.some(
        (name) => new RegExp(`\\b${name}\\b`).test(text) || text.includes('refresh_subscription_images'),
      ),
    );
  expect(reached.length).toBeGreaterThan(30);
  const found = (text: string): boolean => lookups.some(([, pattern]) => pattern.test(text));
  expect(reached.filter((text) => !found(text) && !keyed.test(text))).toEqual([]);
  // A list that has grown old hides what it was not made for.
  expect(lookups.filter(([, pattern]) => !reached.some((text) => pattern.test(text)))).toEqual([]);
  // For whoever tries them on another engine.
  if (process.env['HSS_TEST_STATEMENTS'] !== undefined)
    writeFileSync(process.env['HSS_TEST_STATEMENTS'], JSON.stringify(reached, null, 1));
}, 30_000);
