/**
 * A change of shared data goes out to every registered set that it touches, in batches at a rate, with its
 * progress visible [29.228-6.6.1].
 */
import type { TestStore } from '../support/database';
import {
  capabilitySet,
  chargingSet,
  serviceProfile,
  sharedIfcSet,
} from '../../src/subscriber/subscription-document';
import { cxPushOf } from '../../src/apps/cx/outgoing/push';
import { commandOf } from '../../src/state/outgoing-kind';
import { endNodes, register, registeredWith, scscf, seeded, startNode } from './support';

let store: TestStore;
let url: string;

beforeEach(async () => {
  ({ store, url } = await seeded());
  await store.putShared('serviceProfiles', serviceProfile.parse({ name: 'other' }), {});
}, 60_000);
afterEach(async () => {
  await endNodes();
  await store.close();
});

const user = (name: string, change: object = {}) =>
  register(store, name, registeredWith(`${name}@ims.example`), change);
const own = (name: string, serviceProfileName: string, more: object = {}) => ({
  implicitRegistrationSets: [
    {
      name: 'default',
      publicIdentities: [{ identity: `sip:${name}@ims.example`, serviceProfile: serviceProfileName }],
    },
  ],
  ...more,
});

/** Runs every batch; what was written, by subscription. */
async function spread(batchCount = 2): Promise<[string | null, string, string][]> {
  while (await store.outbox.fanOut({ perSecond: 1e9, batchCount })) continue;
  const { items } = await store.outbox.list({}, null, 100);
  return items
    .map(({ subscription, ...entry }): [string | null, string, string] => {
      const push = cxPushOf(entry);
      if (push === null) throw new Error(entry.kind);
      return [
        subscription,
        commandOf(push.kind),
        push.kind === 'cx.PPR' ? push.payload.parts.join('+') : push.payload.reasonCode,
      ];
    })
    .sort();
}

test('[29.228-6.6.1] a shared profile: those that are registered and use it, and nobody else', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await user(name);
  await user('elsewhere', own('elsewhere', 'other'));
  await register(store, 'idle', {});
  await register(store, 'unregistered', { default: { state: 'unregistered', privateIdentities: {} } });
  await store.putShared(
    'serviceProfiles',
    serviceProfile.parse({ name: 'basic', sharedIfcSets: [], capabilitySet: 'caps' }),
    {},
  );
  expect(await spread()).toEqual(
    ['a', 'b', 'c', 'd', 'e', 'unregistered'].map((name) => [name, 'PPR', 'userData']),
  );
  expect(await store.outbox.campaigns(10)).toEqual([
    expect.objectContaining({
      kind: 'serviceProfiles',
      name: 'basic',
      action: 'profile',
      totalCount: 6,
      doneCount: 6,
      writtenCount: 6,
      completedAtMs: expect.any(Number),
      superseded: false,
    }),
  ]);
});

test('[29.228-6.6.1] a shared iFC set: through shared and own profiles', async () => {
  await user('a');
  await user('b', own('b', 'mine', { serviceProfiles: [{ name: 'mine', sharedIfcSets: ['ifc'] }] }));
  await user('c', own('c', 'mine', { serviceProfiles: [{ name: 'mine' }] }));
  await store.putShared(
    'ifcSets',
    sharedIfcSet.parse({
      name: 'ifc',
      id: 7,
      initialFilterCriteria: [{ priority: 2, applicationServer: { serverName: 'sip:as2.ims.example' } }],
    }),
    {},
  );
  expect(await spread()).toEqual([
    ['a', 'PPR', 'userData'],
    ['b', 'PPR', 'userData'],
  ]);
});

test('[29.228-6.1.3.1] capabilities: SERVER_CHANGE, whichever way they are asked for', async () => {
  await user('a');
  await user('b', own('b', 'other', { capabilitySet: 'caps' }));
  await user('c', own('c', 'other'));
  await store.putShared('capabilitySets', capabilitySet.parse({ name: 'caps', mandatory: [5] }), {});
  expect(await spread()).toEqual([
    ['a', 'RTR', 'SERVER_CHANGE'],
    ['b', 'RTR', 'SERVER_CHANGE'],
  ]);
});

test('[29.228-6.5.2.3] a charging set', async () => {
  await user('a', { chargingSet: 'charging' });
  await user('b');
  await store.putShared(
    'chargingSets',
    chargingSet.parse({ name: 'charging', primaryEventChargingFunctionName: 'aaa://new.ims.example' }),
    {},
  );
  expect(await spread()).toEqual([['a', 'PPR', 'charging']]);
});

test('the same again, or a set that is new: nothing; a newer change takes the place of an unfinished one', async () => {
  for (const name of ['a', 'b', 'c']) await user(name);
  const basic = (mediaProfile: number) =>
    serviceProfile.parse({
      name: 'basic',
      sharedIfcSets: ['ifc'],
      capabilitySet: 'caps',
      coreNetworkServiceAuthorization: { subscribedMediaProfileId: mediaProfile },
    });
  await store.putShared(
    'serviceProfiles',
    serviceProfile.parse({ name: 'basic', sharedIfcSets: ['ifc'], capabilitySet: 'caps' }),
    {},
  );
  await store.putShared('serviceProfiles', serviceProfile.parse({ name: 'fresh' }), {});
  expect(await store.outbox.campaigns(10)).toEqual([]);
  await store.putShared('serviceProfiles', basic(1), {});
  expect(await store.outbox.fanOut({ perSecond: 1e9, batchCount: 1 })).toBe(true);
  await store.putShared('serviceProfiles', basic(2), {});
  expect(await spread()).toHaveLength(4);
  expect(
    (await store.outbox.campaigns(10)).map(({ superseded, doneCount }) => [superseded, doneCount]),
  ).toEqual([
    [false, 3],
    [true, 1],
  ]);
});

test('the worker spreads it at its rate and sends it', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `u${i}`);
  for (const name of names) await user(name);
  const node = await startNode(url, { settings: { fanOutPerSecond: 20 } });
  const client = await scscf(node);
  const got = new Set<string>();
  client.serve = ({ avps }) => {
    got.add(String(avps['userName']));
    return { resultCode: 2001 };
  };
  const begun = performance.now();
  await store.putShared(
    'serviceProfiles',
    serviceProfile.parse({ name: 'basic', capabilitySet: 'caps' }),
    {},
  );
  let halfway = false;
  while (got.size < names.length && performance.now() - begun < 15_000) {
    const [campaign] = await store.outbox.campaigns(1);
    halfway ||=
      campaign !== undefined &&
      campaign.completedAtMs === null &&
      campaign.doneCount > 0 &&
      campaign.doneCount < (campaign.totalCount ?? 0);
    await new Promise((wake) => {
      setTimeout(wake, 25);
    });
  }
  expect(got.size).toBe(names.length);
  expect(halfway).toBe(true);
  expect(performance.now() - begun).toBeGreaterThan(1_000);
  client.close();
  await node.stop();
}, 30_000);
