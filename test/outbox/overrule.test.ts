/**
 * What a dead or renamed S-CSCF must not hold up, and what an operator can end: order by destination, giving up
 * in batches, cancelling, forgetting an S-CSCF [29.228-6.1.3.1].
 */
import { Client } from 'pg';
import { serviceProfile } from '../../src/subscriber/subscription-document';
import { openStore, type TestStore } from '../support/database';
import {
  claimedKinds,
  completed,
  endNodes,
  enqueue,
  quick,
  realm,
  register,
  registeredWith,
  scscf,
  scscfHost,
  seeded,
  server,
  setStatusOf,
  startNode,
  status,
} from './support';

let store: TestStore;
let url: string;

beforeEach(async () => {
  ({ store, url } = await seeded());
}, 60_000);
afterEach(async () => {
  await endNodes();
  await store.close();
});

const success = { resultCode: 2001 };
const deadHost = 'Gone.ims.example';
const dead = { name: 'sip:gone.ims.example', diameterHost: deadHost, diameterRealm: realm };
const ppr = {
  kind: 'cx.PPR' as const,
  payload: { cause: 'manual' as const, setName: 'default', parts: ['userData' as const] },
};
const rtr = (name: string) => ({
  kind: 'cx.RTR' as const,
  payload: {
    cause: 'manual' as const,
    reasonCode: 'PERMANENT_TERMINATION' as const,
    userName: `${name}@ims.example`,
    associatedIdentities: [],
    sets: [{ name: 'default', publicIdentities: [`sip:${name}@ims.example`] }],
  },
});
const user = (name: string) => register(store, name, registeredWith(`${name}@ims.example`));
const openOf = async (name: string) =>
  (await store.outbox.list({ subscription: name, open: true }, null, 100)).items;

test('an RTR for an S-CSCF that is gone holds back nothing for another; what goes to one stays in order', async () => {
  await user('anna');
  await setStatusOf(store, 'anna', {}, [
    { ...rtr('anna'), destinationHost: deadHost, destinationRealm: realm },
  ]);
  const [first = 0, second = 0] = await enqueue(store, 'anna', ppr, { ...ppr, payload: { ...ppr.payload } });
  const node = await startNode(url);
  const client = await scscf(node, scscfHost, () => success);
  expect(await completed(store, first)).toMatchObject({ outcome: 'success' });
  expect(await completed(store, second)).toMatchObject({ outcome: 'success' });
  expect(await openOf('anna')).toEqual([
    expect.objectContaining({ destinationHost: deadHost, attemptCount: 0 }),
  ]);
  client.close();
}, 30_000);

test('the same host in other letters is the same destination', async () => {
  await user('bert');
  await setStatusOf(store, 'bert', {}, [
    { ...rtr('bert'), destinationHost: scscfHost.toUpperCase(), destinationRealm: realm },
  ]);
  await enqueue(store, 'bert', ppr);
  const claimed = await store.outbox.claim({
    instance: 'one',
    originHost: 'hss1.ims.example',
    leaseMs: 60_000,
    hosts: [{ host: scscfHost, limitCount: 10 }],
    kinds: claimedKinds,
  });
  expect(claimed.map(({ kind }) => kind)).toEqual(['cx.RTR']);
}, 30_000);

test('hundreds of entries of an S-CSCF that is gone are given up without a pause between batches', async () => {
  const key = await user('cleo');
  const client = new Client({ connectionString: url });
  await client.connect();
  // Each for a subscription of its own that is gone, so that none waits for another.
  await client.query(
    `insert into outbox (subscription_key, subscription_id, kind, destination_host, destination_realm, payload, created_at)
    select $1::bigint + n, 'gone', 'cx.PPR', $2, $3, $4, now() - interval '1 day' from generate_series(1, 450) n`,
    [key + 1_000_000, deadHost, realm, JSON.stringify(ppr.payload)],
  );
  await client.end();
  const begun = performance.now();
  const node = await startNode(url, { settings: { giveUpMs: 60_000 } });
  const open = async () => (await store.outbox.list({ open: true }, null, 1)).items.length;
  while ((await open()) > 0 && performance.now() - begun < 20_000)
    await new Promise((wake) => {
      setTimeout(wake, 50);
    });
  expect(await open()).toBe(0);
  // Batches of a hundred every five seconds take more than twenty.
  expect(performance.now() - begun).toBeLessThan(15_000);
  await node.stop();
}, 40_000);

test('the outcome of an RTR that nobody answered says that the state is cleared', async () => {
  await user('dora');
  const node = await startNode(url);
  const client = await scscf(node, scscfHost, () => null);
  const [id = 0] = await enqueue(store, 'dora', rtr('dora'));
  expect(await completed(store, id)).toMatchObject({ outcome: 'noAnswer', effect: 'cleared' });
  expect(await status(store, 'dora')).toMatchObject({ server: null, sets: {} });
  await user('emma');
  const [push = 0] = await enqueue(store, 'emma', ppr);
  expect(await completed(store, push)).toMatchObject({ outcome: 'noAnswer', effect: null });
  client.close();
}, 30_000);

test('what is cancelled is not sent and changes nothing; what is being sent or done is not cancelled', async () => {
  await user('finn');
  const [id = 0, next = 0] = await enqueue(store, 'finn', rtr('finn'), ppr);
  expect(await store.outbox.cancel(id)).toBe('cancelled');
  expect(await store.outbox.cancel(id)).toBe('completed');
  expect(await store.outbox.cancel(999_999)).toBe('unknown');
  expect(await store.outbox.get(id)).toMatchObject({ outcome: 'cancelled', effect: null });
  expect((await status(store, 'finn')).sets['default']?.state).toBe('registered');
  const node = await startNode(url, { settings: { answerTimeoutMs: 3_000 } });
  let answer = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const client = await scscf(node, scscfHost, () => {
    answer();
    return null;
  });
  await arrived;
  expect(await store.outbox.cancel(next)).toBe('sending');
  client.close();
}, 30_000);

const claimPace = { perSecond: 1e9, batchCount: 2 };

test('[29.228-6.1.3.1] an S-CSCF is forgotten: every state with its name is cleared, an RTR is written for each that had one', async () => {
  for (const name of ['a', 'b', 'c']) {
    await user(name);
    await setStatusOf(store, name, { server: dead });
  }
  // A name that only a pending authentication has stored, and one that nothing needs.
  await user('d');
  await setStatusOf(store, 'd', {
    server: dead,
    sets: {
      default: {
        state: 'notRegistered',
        privateIdentities: { 'd@ims.example': { authenticationPendingSinceMs: Date.now() } },
      },
    },
    reassignmentPending: true,
  });
  await user('elsewhere');
  expect(await store.assignedServers.list(10)).toEqual([
    { ...dead, subscriptionCount: 4, activeCount: 3 },
    { ...server, subscriptionCount: 1, activeCount: 1 },
  ]);
  expect(await store.assignedServers.forget('sip:nobody.ims.example')).toBeNull();
  const id = (await store.assignedServers.forget(dead.name)) ?? 0;
  // Asked for twice, it goes on as one.
  expect(await store.assignedServers.forget(dead.name)).toBe(id);
  expect(await store.outbox.fanOut(claimPace)).toBe(true);
  expect(await store.outbox.campaign(id)).toMatchObject({
    kind: 'scscf',
    name: dead.name,
    action: 'forget',
    totalCount: 4,
    doneCount: 2,
    completedAtMs: null,
  });
  // The instance ends here; another one goes on with the next.
  const other = await openStore(url);
  while (await other.outbox.fanOut(claimPace)) continue;
  await other.close();
  expect(await store.outbox.campaign(id)).toMatchObject({
    doneCount: 4,
    writtenCount: 3,
    completedAtMs: expect.any(Number),
  });
  for (const name of ['a', 'b', 'c', 'd'])
    expect(await status(store, name)).toMatchObject({ server: null, reassignmentPending: false, sets: {} });
  expect(await status(store, 'elsewhere')).toMatchObject({ server });
  const { items } = await store.outbox.list({ destinationHost: deadHost.toLowerCase() }, null, 10);
  expect(items.map(({ subscription, kind, payload }): unknown[] => [subscription, kind, payload])).toEqual(
    ['c', 'b', 'a'].map((name): unknown[] => [
      name,
      'cx.RTR',
      expect.objectContaining({ reasonCode: 'SERVER_CHANGE', userName: `${name}@ims.example` }),
    ]),
  );
  expect((await store.assignedServers.list(10)).map(({ name }) => name)).toEqual([server.name]);
}, 30_000);

test('campaigns share one rate and take turns, over all instances', async () => {
  const names = Array.from({ length: 24 }, (_, i) => `u${i}`);
  for (const name of ['one', 'two'])
    await store.putShared('serviceProfiles', serviceProfile.parse({ name }), {});
  for (const [i, name] of names.entries()) {
    const identity = { identity: `sip:${name}@ims.example`, serviceProfile: i % 2 === 0 ? 'one' : 'two' };
    await register(store, name, registeredWith(`${name}@ims.example`), {
      implicitRegistrationSets: [{ name: 'default', publicIdentities: [identity] }],
    });
  }
  const second = await openStore(url);
  const begun = performance.now();
  for (const name of ['one', 'two'])
    await store.putShared(
      'serviceProfiles',
      serviceProfile.parse({ name, coreNetworkServiceAuthorization: { subscribedMediaProfileId: 1 } }),
      {},
    );
  const open = async () =>
    (await store.outbox.campaigns(2)).filter(({ completedAtMs }) => completedAtMs === null);
  let both = false;
  while ((await open()).length > 0) {
    for (const each of [store, second]) await each.outbox.fanOut({ perSecond: 20, batchCount: 1 });
    const done = (await store.outbox.campaigns(2)).map(({ doneCount }) => doneCount);
    both ||= done.every((count) => count > 0 && count < 12);
  }
  expect(both).toBe(true);
  // 24 at twenty a second; each campaign at that rate of its own would have taken half of it.
  expect(performance.now() - begun).toBeGreaterThan(950);
  await second.close();
}, 30_000);

test('what provisioning causes is sent at once, and not with the next look of the worker', async () => {
  await user('gina');
  const node = await startNode(url, { settings: { ...quick, pollMs: 60_000 } });
  let told = (_command: number): void => undefined;
  const client = await scscf(node, scscfHost, ({ header }) => {
    told(header.commandCode);
    return success;
  });
  // The first look finds nothing; from here on only a wake brings the next one.
  await new Promise((wake) => {
    setTimeout(wake, 500);
  });
  const next = () =>
    new Promise<number>((resolve) => {
      told = resolve;
    });
  const shared = next();
  await node.store.putShared(
    'serviceProfiles',
    serviceProfile.parse({ name: 'basic', capabilitySet: 'caps' }),
    {},
  );
  expect(await shared).toBe(305);
  const deleted = next();
  await node.store.deleteSubscription('gina', {});
  expect(await deleted).toBe(304);
  client.close();
}, 30_000);
