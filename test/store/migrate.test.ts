/** Migrations: once, whoever starts them and however often; and what the schema promises about itself. */
import { registrationOf, statusUnit } from '../support/states';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { silentLogger } from '../../src/shared/logger';
import { migrate, pendingMigrations } from '../../src/store/migrate';
import { readOriginStateId } from '../../src/store/origin-state';
import type { RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import { subscriptionDocument } from '../../src/subscriber/subscription-document';
import { claimedKinds, endNodes, scscf, startNode } from '../outbox/support';
import { freshDatabase, openStore } from '../support/database';
import { withDatabase } from '../support/database-url';
import { parseImage } from '../../src/subscriber/image';
import { aka, putSharedSets, simple } from './documents';

const folder = path.join(__dirname, '..', '..', 'migrations');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .sort();
const names = files.map((name) => name.replace('.sql', ''));

let emptyCount = 0;

afterAll(endNodes);

async function emptyDatabase(): Promise<string> {
  const url = await freshDatabase();
  emptyCount += 1;
  const name = `empty_${process.pid}_${Date.now()}_${emptyCount}`;
  const client = new Client({ connectionString: withDatabase(url, 'postgres') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return withDatabase(url, name);
}

test('several instances that start at once migrate once; then nothing is pending', async () => {
  const url = await emptyDatabase();
  expect(await pendingMigrations(url)).toEqual(names);
  const done = await Promise.all([
    migrate(url, silentLogger),
    migrate(url, silentLogger),
    migrate(url, silentLogger),
  ]);
  expect(done.flat()).toEqual(names);
  expect(await pendingMigrations(url)).toEqual([]);
  expect(await migrate(url, silentLogger)).toEqual([]);
});

/** A database as it was before this migration, and a connection to it. */
async function databaseBefore(migration: string): Promise<{ url: string; client: Client }> {
  const url = await emptyDatabase();
  const older = mkdtempSync(path.join(tmpdir(), 'hss-migrations-'));
  for (const file of files)
    if (file < migration) copyFileSync(path.join(folder, file), path.join(older, file));
  const client = new Client({ connectionString: url });
  await client.connect();
  const { runner } = await import('node-pg-migrate');
  await runner({
    dbClient: client,
    dir: older,
    migrationsTable: 'schema_migration',
    direction: 'up',
    log: () => undefined,
  });
  rmSync(older, { recursive: true });
  return { url, client };
}

/** A table of this build under the name that it had before 0018, with columns that it had then and must not be null. */
const formerly: Readonly<Record<string, { table: string; columns: string }>> = {
  subscription_state: { table: 'registration_state', columns: '{"sequence_numbers": []}' },
};

/** Copies what the tables of both have in common; this build itself only writes to its own schema. */
async function copyRows(fromUrl: string, to: Client, more: readonly string[] = []): Promise<void> {
  const from = new Client({ connectionString: fromUrl });
  await from.connect();
  for (const name of [
    'shared_ifc_set',
    'shared_capability_set',
    'shared_charging_set',
    'shared_service_profile',
    'ims_subscription',
    'private_identity',
    'service_profile',
    'implicit_registration_set',
    'public_identity',
    'subscription_state',
    'subscription_image',
    ...more,
  ]) {
    const old = formerly[name];
    const { rows: there } = await to.query<{ old: string | null }>('select to_regclass($1)::text as old', [
      old?.table ?? '',
    ]);
    const { table, columns } =
      old !== undefined && there[0]?.old != null ? old : { table: name, columns: '{}' };
    const { rows } = await from.query<{ all: string | null }>(
      `select json_agg(to_jsonb(t) || '${columns}')::text as all from ${name} t`,
    );
    const { rows: own } = await to.query<{ list: string }>(
      "select string_agg(column_name, ', ') as list from information_schema.columns where table_name = $1 and is_generated = 'NEVER'",
      [table],
    );
    const list = own[0]?.list ?? '';
    await to.query(
      `insert into ${table} (${list}) overriding system value select ${list} from json_populate_recordset(null::${table}, $1::json)`,
      [rows[0]?.all ?? '[]'],
    );
  }
  const { rows } = await from.query<{ next: string }>("select nextval('revision_sequence')::text as next");
  await to.query("select setval('revision_sequence', $1)", [Number(rows[0]?.next) + 1_000]);
  await to.query("select setval(pg_get_serial_sequence('ims_subscription', 'subscription_key'), 1000)");
  await from.end();
}

/** As `simple`, with a K of its own. */
const keyed = (name: string, number: number, k = String(number).repeat(32).slice(0, 32)) =>
  simple(name, number, {
    privateIdentities: [{ identity: `${name}@ims.example`, authentication: { aka: { k, opc: aka.opc } } }],
  });

test('0009: registration states that were stored by name are found again', async () => {
  const { url, client } = await databaseBefore('0009');
  const newest = await freshDatabase();
  const before = await openStore(newest);
  await putSharedSets(before);
  for (const [i, name] of ['anna', 'bert', 'cleo'].entries())
    expect(await before.putSubscription(keyed(name, i + 1), {})).toMatchObject({ kind: 'created' });
  await before.close();
  await copyRows(newest, client);
  const store = (name: string, sets: object, numbers: object, [registered, unregistered]: [number, number]) =>
    client.query(
      `
    update registration_state r set sets = $2, sequence_numbers = $3, registered_sets = $4, unregistered_sets = $5, version = 9,
      scscf_name = 'sip:s', scscf_diameter_host = 'h', scscf_diameter_realm = 'r'
    from ims_subscription s where s.subscription_key = r.subscription_key and s.id = $1`,
      [name, JSON.stringify(sets), JSON.stringify(numbers), registered, unregistered],
    );
  const restoration = { avp: 'AAAA', registrationTimeOutMs: 5 };
  await store(
    'anna',
    {
      default: {
        state: 'registered',
        profileOutdated: true,
        privateIdentities: {
          'anna@ims.example': { registered: true, since: 7, restoration },
          'second "x"@ims.example': { authenticationPendingSinceMs: 3 },
        },
      },
      constructor: { state: 'unregistered', since: 4, privateIdentities: {} },
    },
    { 'anna@ims.example': 2 ** 48 - 1, 'second "x"@ims.example': 0 },
    [1, 1],
  );
  await store('bert', {}, {}, [0, 0]);
  await store(
    'cleo',
    {
      default: {
        state: 'notRegistered',
        privateIdentities: { 'cleo@ims.example': { authenticationPendingSinceMs: 3 } },
      },
    },
    { 'cleo@ims.example': 32 },
    [0, 0],
  );

  expect(await migrate(url, silentLogger)).toEqual(names.filter((name) => name >= '0009'));
  const after = await openStore(url);
  await after.prepareKeyHashes();
  const found = async (name: string) => {
    const { snapshot } = await after.load({ impus: [`sip:${name}@ims.example`] });
    const status = snapshot === null ? undefined : registrationOf(snapshot);
    expect((await after.getStatus({ id: name }))?.status).toEqual(status);
    return status;
  };
  const numbers = async (name: string) => (await after.getStatus({ id: name }))?.sequenceNumbers;
  // In the order in which jsonb had them: shorter names first.
  expect(await found('anna')).toMatchObject({
    version: 9,
    server: { name: 'sip:s', diameterHost: 'h', diameterRealm: 'r' },
    reassignmentPending: false,
    sets: [
      {
        name: 'default',
        state: 'registered',
        profileOutdated: true,
        privateIdentities: [
          { identity: 'anna@ims.example', registered: true, since: 7, restoration },
          { identity: 'second "x"@ims.example', authenticationPendingSinceMs: 3 },
        ],
      },
      { name: 'constructor', since: 4, state: 'unregistered', privateIdentities: [] },
    ],
  });
  expect(await numbers('anna')).toEqual([['anna@ims.example', 2 ** 48 - 1]]);
  expect(await found('bert')).toMatchObject({ sets: [] });
  expect(await numbers('bert')).toEqual([]);
  expect(await found('cleo')).toMatchObject({
    sets: [
      {
        name: 'default',
        state: 'notRegistered',
        privateIdentities: [{ identity: 'cleo@ims.example', authenticationPendingSinceMs: 3 }],
      },
    ],
  });
  expect(await numbers('cleo')).toEqual([['cleo@ims.example', 32]]);
  expect(await after.counts()).toMatchObject({
    registeredSets: 1,
    unregisteredSets: 1,
    registeredIdentities: 2,
  });
  expect(await after.putSubscription(simple('dora', 4), {})).toMatchObject({ kind: 'created' });
  expect(await found('dora')).toMatchObject({ version: 1, sets: [] });
  await after.close();
  await client.end();
}, 20_000);

test('0012: open entries and campaigns of the outbox are carried over, and go on', async () => {
  const { url, client } = await databaseBefore('0012');
  await client.query(`
    insert into outbox (subscription_key, command, destination_host, destination_realm, payload, completed_at, outcome) values
      (7, 'RTR', 'Gone.ims.example', 'ims.example', '{"sets": [], "userName": "a"}', null, null),
      (7, 'PPR', 'SCSCF1.ims.example', 'ims.example', '{"parts": []}', null, null),
      (7, 'PPR', 'scscf1.ims.example', 'ims.example', '{"parts": []}', null, null),
      (8, 'PPR', 'scscf1.ims.example', 'ims.example', '{"parts": []}', now(), 'success');
    insert into shared_push_campaign (kind, name, action, last_key, total_count, done_count) values ('serviceProfiles', 'basic', 'profile', 3, 9, 3)`);
  expect(await migrate(url, silentLogger)).toEqual(names.filter((name) => name >= '0012'));
  const store = await openStore(url);
  const claim = () =>
    store.outbox.claim({
      instance: 'one',
      originHost: 'hss1.ims.example',
      leaseMs: 60_000,
      hosts: ['scscf1.ims.example', 'gone.ims.example'].map((host) => ({ host, limitCount: 10 })),
      kinds: claimedKinds,
    });
  // The oldest to each destination; the third one waits for the second.
  expect((await claim()).map(({ destinationHost }) => destinationHost).sort()).toEqual([
    'Gone.ims.example',
    'SCSCF1.ims.example',
  ]);
  expect(await claim()).toEqual([]);
  const { items } = await store.outbox.list({}, null, 10);
  expect(items.map(({ outcome, effect }) => [outcome, effect])).toEqual([
    ['success', null],
    [null, null],
    [null, null],
    [null, null],
  ]);
  expect(await store.outbox.fanOut({ perSecond: 1_000, batchCount: 10 })).toBe(true);
  expect(await store.outbox.campaigns(1)).toMatchObject([
    {
      kind: 'serviceProfiles',
      action: 'profile',
      totalCount: 9,
      doneCount: 3,
      completedAtMs: expect.any(Number),
    },
  ]);
  await store.close();
  await client.end();
}, 20_000);

test('0017: entries of the outbox are carried over as those of Cx, and what is open is sent', async () => {
  const { url, client } = await databaseBefore('0017');
  const payload = {
    cause: 'manual',
    reasonCode: 'PERMANENT_TERMINATION',
    userName: 'gone@ims.example',
    associatedIdentities: [],
    sets: [],
  };
  // The first one has been sent without an answer.
  await client.query(
    `insert into outbox (subscription_key, command, destination_host, destination_realm, payload, session_id, attempt_count, may_duplicate, completed_at, outcome) values
      (7, 'RTR', 'scscf1.ims.example', 'ims.example', $1, 'hss1.ims.example;1;1;1', 1, true, null, null),
      (7, 'PPR', 'scscf1.ims.example', 'ims.example', '{"cause": "manual", "setName": "default", "parts": ["userData"]}', null, 0, false, null, null),
      (8, 'PPR', 'scscf1.ims.example', 'ims.example', '{"cause": "manual", "setName": "default", "parts": ["userData"]}', 'hss1.ims.example;1;3;1', 1, false, now(), 'success')`,
    [JSON.stringify(payload)],
  );
  expect(await migrate(url, silentLogger)).toEqual(names.filter((name) => name >= '0017'));
  const node = await startNode(url);
  const sent: unknown[] = [];
  const peer = await scscf(node, 'scscf1.ims.example', ({ abbreviation, header, avps }) => {
    sent.push([abbreviation, avps['sessionId'], avps['userName'], header.retransmitted]);
    return { resultCode: 2001 };
  });
  const deadline = performance.now() + 5_000;
  while ((await node.store.outbox.openCount()) > 0 && performance.now() < deadline)
    await new Promise((wake) => {
      setTimeout(wake, 20);
    });
  expect(sent).toEqual([['RTR', 'hss1.ims.example;1;1;1', 'gone@ims.example', true]]);
  const { items } = await node.store.outbox.list({}, null, 10);
  expect(items.map(({ kind, outcome, attemptCount }) => [kind, outcome, attemptCount])).toEqual([
    ['cx.PPR', 'success', 1],
    ['cx.PPR', 'superseded', 1],
    ['cx.RTR', 'success', 2],
  ]);
  peer.close();
  await node.stop();
  await client.end();
}, 20_000);

test('a database that cannot be reached is an error, no hang', async () => {
  await expect(migrate('postgresql://nobody@127.0.0.1:1/x', silentLogger)).rejects.toThrow();
  await expect(pendingMigrations('postgresql://nobody@127.0.0.1:1/x')).rejects.toThrow();
});

const sql = files.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
const renamed = new Map(
  [...sql.matchAll(/^alter table (\w+) rename to (\w+)/gm)].map(([, from = '', to = '']) => [from, to]),
);
const dropped = new Set([...sql.matchAll(/^drop table (\w+)/gm)].map(([, name]) => name));
const tables = [...sql.matchAll(/^create table (\w+) \(\n([\s\S]*?)^\)/gm)]
  .filter(([, name]) => !dropped.has(name))
  .map(([, name = '', body = '']) => ({
    name: renamed.get(name) ?? name,
    columns: body
      .split('\n')
      .filter(
        (line) => /^ {2}[a-z_]+ /.test(line) && !/^ {2}(primary key|unique|check|foreign key)\b/.test(line),
      ),
  }));

test('each column names the clause that asks for it', () => {
  expect(tables.length).toBeGreaterThan(12);
  for (const { columns } of tables)
    for (const column of columns) expect(column).toMatch(/-- \[(store|[0-9.]+-[A-Z0-9.]+[a-z]?)\]/);
});

test('each table that concerns a subscription starts with the distribution column, which leads its primary key', async () => {
  const client = new Client({ connectionString: await freshDatabase() });
  await client.connect();
  const { rows } = await client.query<{ table: string; first: string; leading: string }>(`
    select c.relname as table, (select attname from pg_attribute where attrelid = c.oid and attnum = 1) as first,
      (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisprimary) as leading
    from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`);
  await client.end();
  const shared = rows.filter((row) => /^(shared_|schema_migration)/.test(row.table));
  const sharedTables = tables.filter(({ name }) => name.startsWith('shared_'));
  expect(shared).toHaveLength(sharedTables.length + 1);
  // A counter belongs to a K, not to a subscription; a use of equipment to an IMSI.
  const apart = ['sequence_counter', 'equipment_use'];
  const others = rows.filter((row) => !shared.includes(row) && !apart.includes(row.table));
  expect(others).toHaveLength(tables.length - sharedTables.length - apart.length);
  for (const row of others)
    expect(row).toMatchObject({ first: 'subscription_key', leading: 'subscription_key' });
});

test('registration updates stay on their page, but for those that change how many sets are registered: the partial indexes hold these numbers', async () => {
  const url = await freshDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ indexdef: string }>(
    "select indexdef from pg_indexes where tablename = 'subscription_state' order by indexname",
  );
  expect(rows.map(({ indexdef }) => indexdef.replace(/^.* USING /, ''))).toEqual([
    'btree (subscription_key)',
    'btree (subscription_key) WHERE ((registered_sets + unregistered_sets) > 0)',
    'btree (subscription_key) WHERE (unregistered_sets > 0)',
  ]);
  const store = await openStore(url);
  await putSharedSets(store);
  await store.putSubscription(simple('hot', 1), {});
  const server = {
    name: 'sip:scscf1.ims.example',
    diameterHost: 'scscf1.ims.example',
    diameterRealm: 'ims.example',
  };
  const change = async (entry: RegistrationStatus['sets'][number]): Promise<void> => {
    const { snapshot } = await store.load({ impus: ['sip:hot@ims.example'] });
    if (snapshot === null) throw new Error('nobody');
    const status = { ...registrationOf(snapshot), server, sets: [entry] };
    expect(await store.commit(statusUnit(snapshot, status))).toBe('committed');
  };
  const hotUpdates = async (): Promise<[all: number, hot: number]> => {
    // Counted per session, and told when that ends.
    const {
      rows: [counted],
    } = await client.query<{ all: number; hot: number }>(
      "select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = 'subscription_state'",
    );
    return [counted?.all ?? 0, counted?.hot ?? 0];
  };
  const pending = {
    name: 'default',
    state: 'notRegistered' as const,
    privateIdentities: [{ identity: 'hot@ims.example', authenticationPendingSinceMs: 1 }],
  };
  const registered = (since: number) => ({
    name: 'default',
    state: 'registered' as const,
    privateIdentities: [{ since, identity: 'hot@ims.example', registered: true }],
  });
  // A MAR, the registration, then two authentications and renewals.
  await change(pending);
  await change(registered(3));
  for (let i = 0; i < 4; i += 1) await change(registered(4 + i));
  await store.close();
  const deadline = performance.now() + 5_000;
  while ((await hotUpdates())[0] < 6 && performance.now() < deadline)
    await new Promise((wake) => {
      setTimeout(wake, 50);
    });
  expect(await hotUpdates()).toEqual([6, 5]);
  await client.end();
}, 20_000);

test('[33.102-C.1.1] 0018 and 0019: numbers end in the counter of their K, the highest of kept and given; all else stays', async () => {
  // Everything since the build before counters of K were made: with the outbox of then.
  const { url, client } = await databaseBefore('0017');
  const newest = await freshDatabase();
  const before = await openStore(newest);
  await putSharedSets(before);
  const sharedKey = 'ab'.repeat(16);
  for (const document of [
    keyed('anna', 1),
    keyed('bert', 2),
    keyed('cleo', 3, sharedKey),
    keyed('carl', 4, sharedKey),
    keyed('dora', 5),
    keyed('emil', 6),
  ])
    expect(await before.putSubscription(document, {})).toMatchObject({ kind: 'created' });
  await before.close();
  await copyRows(newest, client, ['shared_secret']);
  const sets = [
    {
      name: 'default',
      state: 'registered',
      privateIdentities: [{ since: 7, identity: 'anna@ims.example', registered: true }],
    },
  ];
  await client.query(
    `update registration_state r set version = 9, sets = $1, registered_sets = 1,
      scscf_name = 'sip:s', scscf_diameter_host = 'h', scscf_diameter_realm = 'r', reassignment_pending = true
    from ims_subscription s where s.subscription_key = r.subscription_key and s.id = 'anna'`,
    [JSON.stringify(sets)],
  );
  const given = { anna: 4_096, bert: 640, cleo: 64, carl: 96, dora: 555 };
  for (const [id, number] of Object.entries(given))
    await client.query(
      'update registration_state r set sequence_numbers = $2 from ims_subscription s where s.subscription_key = r.subscription_key and s.id = $1',
      // In another case than it is provisioned, and a private identity that is gone.
      [
        id,
        JSON.stringify([
          [`${id}@IMS.example`, number],
          ['gone@ims.example', 9_999_999],
        ]),
      ],
    );
  await client.query(`
    insert into shared_kept_sequence_number (k_hash, sequence_number)
      select aka_k_hash, case identity when 'anna@ims.example' then 8192 else 320 end from private_identity
      where identity in ('anna@ims.example', 'bert@ims.example')
      union all select '00000000-0000-0000-0000-00000000beef', 777;
    update private_identity set aka_k_hash = null where identity = 'dora@ims.example';
    insert into outbox (subscription_key, subscription_id, command, destination_host, destination_realm, payload, registration_version)
      select subscription_key, id, 'PPR', 'scscf1.ims.example', 'ims.example', '{"parts": []}', 9 from ims_subscription where id = 'anna'`);
  const untouched = async (state: string) =>
    (
      await client.query<{ row: object }>(`
      select to_jsonb(r) - 'sequence_numbers' - 'watchers' as row from ${state} r
      union all select to_jsonb(o) - 'command' - 'kind' from outbox o union all select to_jsonb(m) from subscription_image m
      union all select to_jsonb(s) from ims_subscription s order by 1`)
    ).rows;
  const rows = await untouched('registration_state');
  expect(rows).toHaveLength(3 * 6 + 1);

  expect(await migrate(url, silentLogger)).toEqual(names.filter((name) => name >= '0017'));
  expect(await untouched('subscription_state')).toEqual(rows);
  const store = await openStore(url);
  const numbers = async () =>
    Object.fromEntries(
      await Promise.all(
        ['anna', 'bert', 'cleo', 'carl', 'dora', 'emil'].map(
          async (id) => [id, (await store.getStatus({ id }))?.sequenceNumbers.map(([, n]) => n)] as const,
        ),
      ),
    );
  const carried = { anna: [8_192], bert: [640], cleo: [96], carl: [96], emil: [] };
  expect(await numbers()).toEqual({ ...carried, dora: [] });
  await store.prepareKeyHashes();
  expect(await numbers()).toEqual({ ...carried, dora: [555] });
  const { rows: counters } = await client.query<{ number: string; key: string }>(
    'select sequence_number as number, counter_key::text as key from sequence_counter order by 1',
  );
  // One for each K, and for that of a subscription which is gone.
  expect(counters.map(({ number }) => number)).toEqual(['0', '96', '555', '640', '777', '8192']);
  const { rows: left } = await client.query('select 1 from unhashed_sequence_number');
  expect(left).toEqual([]);

  expect((await store.getStatus({ id: 'anna' }))?.status).toMatchObject({
    version: 9,
    server: { name: 'sip:s', diameterHost: 'h', diameterRealm: 'r' },
    reassignmentPending: true,
    sets,
  });
  expect(await store.outbox.openCount()).toBe(1);
  // The same document is still no change, and the same one with a USIM is one.
  expect(await store.putSubscription(keyed('emil', 6), {})).toMatchObject({ kind: 'unchanged' });
  const usims = [{ imsi: '001010000000006', msisdns: ['49301'], aka: { k: '6'.repeat(32), opc: aka.opc } }];
  expect(
    await store.putSubscription(subscriptionDocument.parse({ ...keyed('emil', 6), usims }), {}),
  ).toMatchObject({ kind: 'replaced' });
  expect((await store.getSubscription({ msisdn: '49301' }))?.document.id).toBe('emil');
  await store.close();
  await client.end();
}, 20_000);

describe('0016: the case of a realm', () => {
  async function before(...identities: string[]): Promise<{ url: string; client: Client }> {
    const { url, client } = await databaseBefore('0016');
    const newest = await freshDatabase();
    const store = await openStore(newest);
    await putSharedSets(store);
    for (const i of identities.keys())
      expect(await store.putSubscription(simple(`user${i}`, i + 1), {})).toMatchObject({ kind: 'created' });
    await store.close();
    await copyRows(newest, client);
    for (const [i, identity] of identities.entries()) {
      await client.query('update private_identity set identity = $2 where identity = $1', [
        `user${i}@ims.example`,
        identity,
      ]);
    }
    await client.query(
      'select refresh_subscription_images(array(select subscription_key from ims_subscription))',
    );
    return { url, client };
  }

  test('identities of an existing database are found in any case, and keep their spelling', async () => {
    const { url, client } = await before('Anna@IMS.Example');
    const startedBefore = Math.floor(Date.now() / 1_000);
    expect(await migrate(url, silentLogger)).toEqual(names.filter((name) => name >= '0016'));
    const { rows } = await client.query<{ identity: string; identity_key: string }>(
      'select identity, identity_key from private_identity',
    );
    expect(rows).toEqual([{ identity: 'Anna@IMS.Example', identity_key: 'Anna@ims.example' }]);
    const store = await openStore(url);
    expect((await store.getSubscription({ impi: 'Anna@ims.EXAMPLE' }))?.document.id).toBe('user0');
    expect(await store.getSubscription({ impi: 'anna@ims.example' })).toBeNull();
    await store.close();
    // [6733-8.16] Above what any start of an earlier version announced, and the same at each start.
    const id = await readOriginStateId(url);
    expect(id).toBeGreaterThanOrEqual(startedBefore);
    expect(await readOriginStateId(url)).toBe(id);
    await client.end();
  });

  test('two that are one stop it before anything is changed, and are named', async () => {
    const { url, client } = await before('anna@ims.example', 'anna@IMS.example', 'Anna@ims.example');
    await expect(migrate(url, silentLogger)).rejects.toThrow(
      'private identities that differ only in the case of their realm are one identity (RFC 7542): anna@IMS.example of subscription user1 and anna@ims.example of subscription user0',
    );
    expect(await pendingMigrations(url)).toContain('0016_realms_and_origin_state');
    await client.query("delete from ims_subscription where id = 'user1'");
    await migrate(url, silentLogger);
    expect(await pendingMigrations(url)).toEqual([]);
    await client.end();
  });
});

test('0020: subscriptions keep their image and ETag, and take EPS data from then on', async () => {
  const { url, client } = await databaseBefore('0020');
  const newest = await freshDatabase();
  const before = await openStore(newest);
  await putSharedSets(before);
  const usims = [
    { imsi: '262010000000001', msisdns: ['49170'], aka: { k: 'cd'.repeat(16), opc: 'ef'.repeat(16) } },
  ];
  for (const document of [simple('plain', 1), simple('card', 2, { usims })])
    expect(await before.putSubscription(document, {})).toMatchObject({ kind: 'created' });
  await before.close();
  await copyRows(newest, client, ['usim', 'usim_msisdn', 'sequence_counter', 'shared_secret']);
  const images = async (): Promise<unknown[]> =>
    (
      await client.query<{ row: { image: string } }>(
        'select to_jsonb(m) as row from subscription_image m order by subscription_key',
      )
    ).rows.map(({ row: { image, ...row } }) => ({ ...row, image: parseImage(image) }));
  const rows = await images();
  expect(rows).toHaveLength(2);
  expect(await migrate(url, silentLogger)).toContain('0020_eps');
  await client.query(
    'select refresh_subscription_images(array(select subscription_key from ims_subscription))',
  );
  expect(await images()).toEqual(rows);
  const store = await openStore(url);
  const stored = await store.getSubscription({ id: 'card' });
  const given = simple('card', 2, { usims });
  expect(await store.putSubscription(given, {})).toMatchObject({ kind: 'unchanged', etag: stored?.etag });
  const withEps = simple('card', 2, { usims: usims.map((usim) => ({ ...usim, eps: { ueUsageType: 1 } })) });
  expect(await store.putSubscription(withEps, {})).toMatchObject({ kind: 'replaced' });
  await Promise.all([store.close(), client.end()]);
}, 20_000);
