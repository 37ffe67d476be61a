/**
 * A toy application beside Cx hears of changes of the document and has campaigns of its own: what it asks for is
 * committed with the change, on the state of the moment.
 */
import { Client } from 'pg';
import { registration, registrationOf } from '../../src/apps/cx/state/registration';
import { credentials } from '../../src/authentication/credentials';
import type { CampaignReaction } from '../../src/state/campaigns';
import type { DocumentReaction, ModuleStates } from '../../src/state/document-reactions';
import type { OutboxEntry, SubscriptionSnapshot, UnitOfWork } from '../../src/state/ports';
import { rowChange } from '../../src/state/subscription-rows';
import { storedReactions } from '../../src/wiring/applications';
import { freshDatabase, openStore, type TestStore } from '../support/database';
import { toyMigration, watch, watchOf } from '../toy/watch';
import { putSharedSets, simple } from './documents';

const modules = { head: registration, loaded: [credentials, watch] };
const somebody = { host: 'as.ims.example', realm: 'ims.example' };
const other = { host: 'other.ims.example', realm: 'ims.example' };
const server = { name: 'sip:s.ims.example', diameterHost: 's.ims.example', diameterRealm: 'ims.example' };

/** Tells the watcher, if there is one. */
function told(states: ModuleStates, what: string): OutboxEntry[] {
  const { row } = watchOf({ states });
  return row === null
    ? []
    : [{ kind: 'toy.RAR', destinationHost: row.host, destinationRealm: row.realm, payload: { what } }];
}

const toyReaction: DocumentReaction = {
  needs: [watch],
  changed: ({ before, after, states }) => ({
    entries: told(states, `${before.serviceProfiles.length} to ${after.serviceProfiles.length}`),
  }),
  deleted: ({ states }) => told(states, 'gone'),
};

const toyCampaigns: CampaignReaction = {
  actions: ['forget'],
  concerned: 'r.subscription_key in (select w.subscription_key from toy_watch w where w.host = $1)',
  needs: [watch],
  react: ({ campaign, states }) => ({
    entries: told(states, campaign.name),
    head: { module: registration, value: { ...registrationOf({ states }), server } },
  }),
};

let store: TestStore;
/** An instance without the toy's reactions. */
let plain: TestStore;
let client: Client;
let users = 0;

beforeAll(async () => {
  const url = await freshDatabase();
  client = new Client({ connectionString: url });
  await client.connect();
  await client.query(toyMigration);
  [store, plain] = await Promise.all([
    openStore(url, {
      modules,
      documentReactions: [...storedReactions.documentReactions, toyReaction],
      campaignReactions: [toyCampaigns],
    }),
    openStore(url, { modules, campaignReactions: [] }),
  ]);
  await putSharedSets(store);
}, 60_000);

afterAll(async () => {
  await Promise.all([store.close(), plain.close(), client.end()]);
});

async function loaded(user: string): Promise<SubscriptionSnapshot> {
  const { snapshot } = await store.load({ impus: [`sip:${user}@ims.example`], modules: [watch] });
  if (snapshot === null) throw new Error(`no ${user}`);
  return snapshot;
}

const unit = (snapshot: SubscriptionSnapshot, host: typeof somebody, head = true): UnitOfWork => ({
  key: snapshot.key,
  version: snapshot.version,
  ...(head ? { head: { module: registration, value: registrationOf(snapshot) } } : {}),
  rows: [rowChange(watch, snapshot.key, watchOf(snapshot), host)],
  outbox: [],
});

/** A subscription that somebody watches. */
async function watched(host = somebody): Promise<string> {
  users += 1;
  const user = `watched${users}`;
  await store.putSubscription(simple(user, users), {});
  expect(await store.commit(unit(await loaded(user), host))).toBe('committed');
  return user;
}

const changed = (user: string) =>
  simple(user, users, {
    privateIdentities: [{ identity: `${user}@ims.example`, type: 'privateServiceIdentity' }],
  });

async function entriesOf(user: string): Promise<unknown[]> {
  const { rows } = await client.query<{ destination_host: string; payload: { what?: string } }>(
    `select destination_host, payload from outbox where subscription_id = $1 and kind = 'toy.RAR' order by outbox_key`,
    [user],
  );
  return rows.map(({ destination_host: host, payload }) => [host, payload.what]);
}

test('a change and a deletion of the document tell the watcher; nobody is told where nobody watches', async () => {
  const user = await watched();
  expect((await store.putSubscription(changed(user), {})).kind).toBe('replaced');
  expect((await store.putSubscription(changed(user), {})).kind).toBe('unchanged');
  expect(await entriesOf(user)).toEqual([[somebody.host, '0 to 0']]);
  expect((await store.deleteSubscription(user, {})).kind).toBe('deleted');
  expect(await entriesOf(user)).toEqual([
    [somebody.host, '0 to 0'],
    [somebody.host, 'gone'],
  ]);

  await store.putSubscription(simple('alone', 900), {});
  await store.deleteSubscription('alone', {});
  expect(await entriesOf('alone')).toEqual([]);
});

test('a change of the document refuses a row that was decided on the document before it', async () => {
  const user = await watched();
  const before = await loaded(user);
  await plain.putSubscription(changed(user), {});
  expect(watchOf(await loaded(user)).version).toBe(watchOf(before).version + 1);
  // It names the row alone, not the head row, which the change has raised too.
  expect(await store.commit(unit(before, other, false))).toBe('conflict');
  expect(await store.commit(unit(await loaded(user), other, false))).toBe('committed');
});

test('a reaction sees the row that was committed last, however close', async () => {
  const user = await watched();
  const snapshot = await loaded(user);
  const blocker = 'select 1 from toy_watch where subscription_key = $1 for update';
  await client.query('begin');
  await client.query(blocker, [snapshot.key]);
  const change = store.putSubscription(changed(user), {});
  for (let waiting = 0; waiting === 0;) {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::integer from pg_locks l join pg_stat_activity a using (pid)
      where not l.granted and a.datname = current_database()`,
    );
    waiting = rows[0]?.count ?? 0;
  }
  await client.query('update toy_watch set host = $2, version = version + 1 where subscription_key = $1', [
    snapshot.key,
    other.host,
  ]);
  await client.query('commit');
  expect((await change).kind).toBe('replaced');
  expect(await entriesOf(user)).toEqual([[other.host, expect.anything()]]);
});

test('a campaign that an application orders goes through those that it concerns, once', async () => {
  const host = { host: 'campaign.ims.example', realm: 'ims.example' };
  const some = [await watched(host), await watched(host), await watched(host)];
  const rest = await watched(other);
  const order = { kind: 'toy', name: host.host, action: 'forget' };
  expect(await store.campaigns.begin({ ...order, name: 'nobody.ims.example' })).toBeNull();
  const id = await store.campaigns.begin(order);
  expect(await store.campaigns.begin(order)).toBe(id);
  const pace = { perSecond: 1_000_000, batchCount: 2 };
  // An instance that does not know the action leaves it to others.
  expect(await plain.outbox.fanOut(pace)).toBe(false);
  while (await store.outbox.fanOut(pace));
  expect(await store.outbox.campaign(id ?? 0)).toMatchObject({
    totalCount: 3,
    doneCount: 3,
    writtenCount: 3,
  });
  for (const user of some) {
    expect(await entriesOf(user)).toEqual([[host.host, host.host]]);
    expect((await store.getStatus({ id: user }))?.status.server).toEqual(server);
  }
  expect(await entriesOf(rest)).toEqual([]);
  await expect(store.campaigns.begin({ ...order, action: 'other' })).rejects.toThrow('other');
});
