/**
 * Provisioning and campaigns change registrations of Cx that no request decides. Applications that watch them are
 * told in the same transaction.
 */
import { Client } from 'pg';
import { registration, registrationOf } from '../../src/apps/cx/state/registration';
import type { RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import { credentials } from '../../src/authentication/credentials';
import type { SubscriptionSnapshot } from '../../src/state/ports';
import { rowChange } from '../../src/state/subscription-rows';
import type { SubscriptionDocument } from '../../src/subscriber/subscription-document';
import type { Reaction } from '../../src/state/reactions';
import { freshDatabase, openStore, type TestStore } from '../support/database';
import { notifyWatcher } from '../toy/reactions';
import { TOY_WATCHER, toyMigration, watch, watchOf, type Watch } from '../toy/watch';
import { putSharedSets, simple } from './documents';

const SCSCF = 'sip:scscf1.ims.example';
const watcher: Watch = { host: 'as.ims.example', realm: 'ims.example', isReleased: false };
/** The end of a watch that the subscription takes with it. */
const watchEnds: Reaction = {
  on: watch,
  watcher: TOY_WATCHER,
  needs: [],
  react: ({ before, after }) => [
    {
      kind: 'toy.END',
      destinationHost: watchOf({ states: { toyWatch: before } }).row?.host ?? '',
      destinationRealm: 'ims.example',
      payload: { isLeft: watchOf({ states: { toyWatch: after } }).row !== null },
    },
  ],
};

let store: TestStore;
let client: Client;
let users = 0;

beforeAll(async () => {
  const url = await freshDatabase();
  client = new Client({ connectionString: url });
  await client.connect();
  await client.query(toyMigration);
  store = await openStore(url, {
    modules: { head: registration, loaded: [credentials, watch] },
    stateReactions: [notifyWatcher, watchEnds],
  });
  await putSharedSets(store);
}, 60_000);

afterAll(async () => {
  await Promise.all([store.close(), client.end()]);
});

interface User {
  readonly id: string;
  readonly key: number;
  readonly document: SubscriptionDocument;
}

async function loaded(id: string): Promise<SubscriptionSnapshot> {
  const { snapshot } = await store.load({ impus: [`sip:${id}@ims.example`], modules: [watch] });
  if (snapshot === null) throw new Error(`no ${id}`);
  return snapshot;
}

/** A registered user whom somebody watches, or nobody. */
async function registered(watchers = TOY_WATCHER): Promise<User> {
  users += 1;
  const id = `user${users}`;
  const document = simple(id, users);
  await store.putSubscription(document, {});
  const snapshot = await loaded(id);
  const value: RegistrationStatus = {
    ...registrationOf(snapshot),
    server: { name: SCSCF, diameterHost: 'scscf1.ims.example', diameterRealm: 'ims.example' },
    sets: [
      {
        name: 'default',
        state: 'registered',
        privateIdentities: [{ identity: `${id}@ims.example`, registered: true }],
      },
    ],
  };
  const rows = watchers === 0 ? [] : [rowChange(watch, snapshot.key, watchOf(snapshot), watcher)];
  const { key, version } = snapshot;
  const head = { module: registration, value };
  expect(await store.commit({ key, version, head, rows, outbox: [], watchers })).toBe('committed');
  return { id, key, document };
}

const renamed = ({ id, document }: User): SubscriptionDocument => ({
  ...document,
  privateIdentities: document.privateIdentities.map((entry) => ({
    ...entry,
    identity: `${id}.new@ims.example`,
  })),
});

/** What the outbox has of a user, and in how many transactions it came. */
async function entriesOf({ key }: User) {
  const { rows } = await client.query<{ kind: string; host: string; payload: object; tx: string }>(
    `select kind, destination_host as host, payload, xmin::text as tx from outbox where subscription_key = $1 order by outbox_key`,
    [key],
  );
  return {
    kinds: rows.map(({ kind }) => kind),
    told: rows.filter(({ kind }) => kind === 'toy.TNR').map(({ host, payload }) => [host, payload]),
    transactions: [...new Set(rows.map(({ tx }) => tx))],
  };
}

const endTold = ({ id }: User) => [
  [watcher.host, { publicIdentity: `sip:${id}@ims.example`, isRegistered: false }],
];

test('a document without the registered private identity ends the registration: the watcher is told with it', async () => {
  const user = await registered();
  expect((await store.putSubscription(renamed(user), {})).kind).toBe('replaced');
  const { kinds, told, transactions } = await entriesOf(user);
  expect(kinds).toEqual(['cx.RTR', 'toy.TNR']);
  expect(told).toEqual(endTold(user));
  const { rows } = await client.query<{ tx: string }>(
    'select xmin::text as tx from subscription_state where subscription_key = $1',
    [user.key],
  );
  expect(transactions).toEqual(rows.map(({ tx }) => tx));
});

test('a document that leaves the registration as it is tells nobody', async () => {
  const user = await registered();
  const outcome = await store.putSubscription({ ...user.document, registrationAllowed: false }, {});
  expect(outcome.kind).toBe('replaced');
  expect((await entriesOf(user)).told).toEqual([]);
});

test('of many documents at once each tells its own watcher, and what nobody watches tells nobody', async () => {
  const [first, unwatched, second] = [await registered(), await registered(0), await registered()];
  await store.importSubscriptions([first, unwatched, second].map(renamed));
  expect((await entriesOf(first)).told).toEqual(endTold(first));
  expect((await entriesOf(second)).told).toEqual(endTold(second));
  expect((await entriesOf(unwatched)).kinds).toEqual(['cx.RTR']);
});

test('a deleted subscription ends the registration, and all else that is kept of it', async () => {
  const user = await registered();
  expect((await store.deleteSubscription(user.id, {})).kind).toBe('deleted');
  const { kinds, told, transactions } = await entriesOf(user);
  expect(kinds).toEqual(['cx.RTR', 'toy.TNR', 'toy.END']);
  expect(told).toEqual(endTold(user));
  expect(transactions).toHaveLength(1);
  const unwatched = await registered(0);
  await store.deleteSubscription(unwatched.id, {});
  expect((await entriesOf(unwatched)).kinds).toEqual(['cx.RTR']);
});

test('a campaign that forgets an S-CSCF ends registrations: the watchers are told', async () => {
  const [user, unwatched] = [await registered(), await registered(0)];
  const id = await store.campaigns.begin({ kind: 'scscf', name: SCSCF, action: 'forget' });
  while (await store.outbox.fanOut({ perSecond: 1_000_000, batchCount: 10 }));
  const { kinds, told, transactions } = await entriesOf(user);
  expect(kinds).toEqual(['cx.RTR', 'toy.TNR']);
  expect(told).toEqual(endTold(user));
  expect(transactions).toHaveLength(1);
  expect((await entriesOf(unwatched)).kinds).toEqual(['cx.RTR']);
  expect((await store.getStatus({ id: user.id }))?.status.server).toBeNull();
  // Its count is of its own requests.
  const campaign = await store.outbox.campaign(id ?? 0);
  expect(campaign?.writtenCount).toBe(campaign?.doneCount);
});
