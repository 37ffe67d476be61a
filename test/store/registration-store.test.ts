/** The port that serves requests, against the real database: batches, versions, caches, shared data. */
import { registrationOf, statusUnit } from '../support/states';
import { Client } from 'pg';
import { emptySharedData } from '../../src/subscriber/subscription';
import { serviceProfile } from '../../src/subscriber/subscription-document';
import type { RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import type { SubscriptionSnapshot } from '../../src/state/ports';
import type { StoreEvents } from '../../src/events/hss-events';
import type { PostgresStore } from '../../src/store/postgres-store';
import { freshDatabase, openStore } from '../support/database';
import { putSharedSets, simple } from './documents';

let url: string;
let store: PostgresStore;
let other: PostgresStore;
const batches: { kind: string; size: number }[] = [];
const profiles = { cached: 0, loaded: 0 };
const events: StoreEvents = {
  storeRoundTrip: (kind, size) => batches.push({ kind, size }),
  storeConnectionsChanged: () => undefined,
  storeUnavailable: () => undefined,
  subscriptionsRead: (cached, loaded) => {
    profiles.cached += cached;
    profiles.loaded += loaded;
  },
};

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url, { events, loadConnections: 1, commitConnections: 1 });
  other = await openStore(url);
  await putSharedSets(store);
  await store.importSubscriptions(Array.from({ length: 100 }, (_, i) => simple(`user${i}`, i)));
});

beforeEach(() => {
  batches.length = 0;
  profiles.cached = 0;
  profiles.loaded = 0;
});

afterAll(async () => {
  await Promise.all([store.close(), other.close()]);
});

async function snapshotOf(from: PostgresStore, user: string): Promise<SubscriptionSnapshot> {
  const { snapshot } = await from.load({
    impus: [`sip:${user}@ims.example`],
    impi: `${user}@ims.example`,
  });
  if (snapshot === null) throw new Error(`${user} is not there`);
  return snapshot;
}

const registered = (status: RegistrationStatus, impi: string): RegistrationStatus => ({
  ...status,
  server: { name: 'sip:s.ims.example', diameterHost: 's.ims.example', diameterRealm: 'ims.example' },
  sets: [{ name: 'default', state: 'registered', privateIdentities: [{ identity: impi, registered: true }] }],
});

describe('what is held of the status', () => {
  test('after a commit of its own an instance gives what another one reads', async () => {
    const before = await snapshotOf(store, 'user90');
    await snapshotOf(store, 'user90');
    const status = {
      ...registered(registrationOf(before), 'user90@ims.example'),
      reassignmentPending: true,
    };
    expect(await store.commit(statusUnit(before, status))).toBe('committed');
    const held = await snapshotOf(store, 'user90');
    expect(registrationOf(held)).toStrictEqual(registrationOf(await snapshotOf(other, 'user90')));
    expect(held.version).toBe(before.version + 1);
  });

  test('what another instance commits is seen by the next load, again and again', async () => {
    for (let i = 0; i < 5; i += 1) {
      const before = await snapshotOf(i % 2 === 0 ? store : other, 'user91');
      const changed = { ...registrationOf(before), reassignmentPending: i % 2 === 0 };
      expect(await (i % 2 === 0 ? store : other).commit(statusUnit(before, changed))).toBe('committed');
      expect(registrationOf(await snapshotOf(i % 2 === 0 ? other : store, 'user91'))).toMatchObject({
        version: before.version + 1,
        reassignmentPending: i % 2 === 0,
      });
    }
  });

  test('a commit that lost is not taken over', async () => {
    const lost = await snapshotOf(store, 'user92');
    const status = registrationOf(lost);
    await other.commit(statusUnit(lost, { ...status, reassignmentPending: true }));
    expect(await store.commit(statusUnit(lost, registered(status, 'user92@ims.example')))).toBe('conflict');
    expect(registrationOf(await snapshotOf(store, 'user92'))).toMatchObject({
      version: status.version + 1,
      server: null,
      reassignmentPending: true,
    });
  });
});

describe('loading', () => {
  test('gives the subscription, its status, shared data and the owners of the identities', async () => {
    const { snapshot, impuOwners, impiOwner } = await store.load({
      impus: ['sip:user1@ims.example', 'tel:+15550000001', 'sip:user2@ims.example', 'sip:nobody@ims.example'],
      impi: 'user1@ims.example',
    });
    expect(snapshot?.subscription.id).toBe('user1');
    expect(snapshot?.subscription.permittedVisitedNetworks).toBeNull();
    expect(snapshot?.states['registration']).toEqual({
      version: 1,
      server: null,
      reassignmentPending: false,
      sets: [],
    });
    expect(snapshot?.shared.serviceProfiles.get('basic')?.sharedIfcSets).toEqual(['ifc']);
    const second = (await snapshotOf(store, 'user2')).key;
    expect(impuOwners).toEqual([snapshot?.key, snapshot?.key, second, null]);
    expect(impiOwner).toBe(snapshot?.key);
  });

  test('the first public identity that exists chooses the subscription, the private identity only where there is none', async () => {
    const later = await store.load({
      impus: ['sip:nobody@ims.example', 'sip:user41@ims.example'],
      impi: 'user42@ims.example',
    });
    expect(later.snapshot?.subscription.id).toBe('user41');
    expect(later.impiOwner).toBe((await snapshotOf(store, 'user42')).key);
    const alone = await store.load({ impus: [], impi: 'user43@ims.example' });
    expect(alone.snapshot?.subscription.id).toBe('user43');
    expect(alone.impiOwner).toBe(alone.snapshot?.key);
    const unknown = await store.load({
      impus: ['sip:nobody@ims.example'],
      impi: 'user43@ims.example',
    });
    expect(unknown).toEqual({
      snapshot: null,
      impuOwners: [null],
      impuWildcards: [null],
      impiOwner: alone.snapshot?.key,
    });
    expect(
      await store.load({
        impus: ['sip:\0@ims.example', 'sip:user44@ims.example'],
        impi: 'a\0@b',
      }),
    ).toMatchObject({ snapshot: { subscription: { id: 'user44' } }, impiOwner: null });
  });

  test('requests of one turn share one round trip, cold or hot, and a lone one needs one', async () => {
    const all = () => Promise.all(Array.from({ length: 60 }, (_, i) => snapshotOf(store, `user${i + 40}`)));
    await all();
    expect(batches).toEqual([{ kind: 'load', size: 60 }]);
    batches.length = 0;
    profiles.loaded = 0;
    const loaded = await all();
    expect(batches).toEqual([{ kind: 'load', size: 60 }]);
    expect(profiles.loaded).toBe(0);
    expect(loaded.map((s) => s.subscription.id)).toEqual(
      Array.from({ length: 60 }, (_, i) => `user${i + 40}`),
    );
    batches.length = 0;
    await snapshotOf(store, 'user50');
    expect(batches).toEqual([{ kind: 'load', size: 1 }]);
  });

  test('no batch is larger than allowed, and what arrives while one runs goes out together', async () => {
    const bounded = await openStore(url, { events, loadConnections: 1, maxBatchCount: 16 });
    await Promise.all(Array.from({ length: 40 }, (_, i) => snapshotOf(bounded, `user${i}`)));
    expect(batches.map((batch) => batch.size)).toEqual([16, 16, 8]);
    await bounded.close();
  });

  test('a cache that is switched off or too small changes nothing but the traffic', async () => {
    const cacheless = await openStore(url, { events, cacheMaxCount: 0 });
    for (let round = 0; round < 2; round += 1) {
      expect(
        (await Promise.all(Array.from({ length: 8 }, (_, i) => snapshotOf(cacheless, `user${i}`)))).map(
          (s) => s.subscription.id,
        ),
      ).toEqual(Array.from({ length: 8 }, (_, i) => `user${i}`));
    }
    expect(profiles.cached).toBe(0);
    await cacheless.close();
  });
});

describe('committing', () => {
  test('is seen by every instance, with the version one higher', async () => {
    const before = await snapshotOf(store, 'user3');
    const status = {
      ...registered(registrationOf(before), 'user3@ims.example'),
      reassignmentPending: true,
    };
    expect(await store.commit(statusUnit(before, status))).toBe('committed');
    expect(registrationOf(await snapshotOf(other, 'user3'))).toEqual({
      ...status,
      version: before.version + 1,
    });
  });

  test('a change made on an old version is a conflict and changes nothing', async () => {
    const [mine, theirs] = await Promise.all([snapshotOf(store, 'user4'), snapshotOf(other, 'user4')]);
    expect(
      await other.commit(statusUnit(theirs, registered(registrationOf(theirs), 'user4@ims.example'))),
    ).toBe('committed');
    const late = { ...registrationOf(mine), reassignmentPending: true };
    expect(
      await store.commit(
        statusUnit(mine, late, [
          { kind: 'cx.RTR', destinationHost: 'h', destinationRealm: 'r', payload: {} },
        ]),
      ),
    ).toBe('conflict');
    expect(registrationOf(await snapshotOf(store, 'user4')).reassignmentPending).toBe(false);
    expect(await rows('select * from outbox where subscription_key = $1', [mine.key])).toEqual([]);
  });

  test('changes of one turn share one round trip; two of one subscription do not share a batch', async () => {
    const snapshots = await Promise.all(
      Array.from({ length: 20 }, (_, i) => snapshotOf(store, `user${i + 10}`)),
    );
    batches.length = 0;
    const change = (s: SubscriptionSnapshot, version: number) =>
      store.commit(statusUnit({ ...s, version }, { ...registrationOf(s), reassignmentPending: true }));
    const first = snapshots[0] as SubscriptionSnapshot;
    const outcomes = await Promise.all([
      ...snapshots.map((s) => change(s, s.version)),
      change(first, first.version),
      change(first, first.version + 1),
    ]);
    expect(outcomes).toEqual([...snapshots.map(() => 'committed'), 'conflict', 'committed']);
    expect(batches).toEqual([
      { kind: 'commit', size: 20 },
      { kind: 'commit', size: 1 },
      { kind: 'commit', size: 1 },
    ]);
  });

  test('requests towards S-CSCFs are in the outbox with the change, in order', async () => {
    const snapshot = await snapshotOf(store, 'user5');
    const entry = (kind: 'cx.RTR' | 'cx.PPR') => ({
      kind,
      destinationHost: 's.ims.example',
      destinationRealm: 'ims.example',
      payload: { text: '"é"' },
    });
    expect(
      await store.commit(statusUnit(snapshot, registrationOf(snapshot), [entry('cx.RTR'), entry('cx.PPR')])),
    ).toBe('committed');
    expect(
      await rows(
        'select kind, destination_host, destination_realm, payload, completed_at from outbox where subscription_key = $1 order by outbox_key',
        [snapshot.key],
      ),
    ).toEqual(
      [entry('cx.RTR'), entry('cx.PPR')].map((e) => ({
        kind: e.kind,
        destination_host: e.destinationHost,
        destination_realm: e.destinationRealm,
        payload: e.payload,
        completed_at: null,
      })),
    );
  });

  test('one change that the database refuses does not take the others of its batch with it', async () => {
    const [good, bad] = await Promise.all([snapshotOf(store, 'user6'), snapshotOf(store, 'user7')]);
    const poisoned = {
      ...registrationOf(bad),
      server: { name: 'sip:\0', diameterHost: 'h', diameterRealm: 'r' },
    };
    const [first, second] = await Promise.allSettled([
      store.commit(statusUnit(good, registered(registrationOf(good), 'user6@ims.example'))),
      store.commit(statusUnit(bad, poisoned)),
    ]);
    expect(first).toEqual({ status: 'fulfilled', value: 'committed' });
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailableError' } });
  });
});

describe('caches', () => {
  test('a profile changed by another instance is used from the next request on', async () => {
    const before = await snapshotOf(store, 'user8');
    const changed = simple('user8', 8, { registrationAllowed: false });
    expect((await other.putSubscription(changed, {})).kind).toBe('replaced');
    const after = await snapshotOf(store, 'user8');
    expect(before.subscription.registrationAllowed).toBe(true);
    expect(after.subscription.registrationAllowed).toBe(false);
    // A decision made on the old profile must not be committed.
    expect(await store.commit(statusUnit(before, registrationOf(before)))).toBe('conflict');
  });

  test('an identity that moved to another subscription is found there', async () => {
    await snapshotOf(store, 'user9');
    await snapshotOf(store, 'user10');
    const tel = 'tel:+15550000009';
    const identity = (name: string, ...others: string[]) => ({
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [`sip:${name}@ims.example`, ...others].map((i) => ({
            identity: i,
            serviceProfile: 'basic',
          })),
        },
      ],
    });
    await other.putSubscription(simple('user9', 9, identity('user9')), {});
    await other.putSubscription(simple('user10', 10, identity('user10', tel)), {});
    const both = await store.load({
      impus: ['sip:user9@ims.example', tel],
      impi: 'user9@ims.example',
    });
    expect(both.snapshot?.subscription.id).toBe('user9');
    expect(both.impuOwners[1]).toBe((await snapshotOf(store, 'user10')).key);
    expect(both.impuOwners[1]).not.toBe(both.snapshot?.key);
    expect((await store.load({ impus: [tel] })).snapshot?.subscription.id).toBe('user10');
  });

  test('a subscription that was deleted is gone at once, with everything of it', async () => {
    const { key } = await snapshotOf(store, 'user11');
    expect(await other.deleteSubscription('user11', {})).toEqual({ kind: 'deleted' });
    expect(
      await store.load({
        impus: ['sip:user11@ims.example'],
        impi: 'user11@ims.example',
      }),
    ).toEqual({
      snapshot: null,
      impuOwners: [null],
      impuWildcards: [null],
      impiOwner: null,
    });
    for (const table of [
      'subscription_state',
      'subscription_image',
      'public_identity',
      'private_identity',
      'implicit_registration_set',
    ]) {
      expect(await rows(`select 1 from ${table} where subscription_key = $1`, [key])).toEqual([]);
    }
  });

  test('a deleted subscription is gone for a request that names several of its identities, cached as they are', async () => {
    const publicIdentities = ['sip:user70@ims.example', 'tel:+15550000070'];
    await snapshotOf(store, 'user70');
    expect(await other.deleteSubscription('user70', {})).toEqual({ kind: 'deleted' });
    // Neither of them may be taken for there because the other one's cached image names it.
    const gone = {
      snapshot: null,
      impuOwners: [null, null],
      impuWildcards: [null, null],
      impiOwner: null,
    };
    expect(await store.load({ impus: publicIdentities })).toEqual(gone);
    expect(
      await store.load({
        impus: [...publicIdentities].reverse(),
        impi: 'user70@ims.example',
      }),
    ).toEqual(gone);
  });

  test('shared data changed by another instance comes with the next request, deletions included', async () => {
    const before = (await snapshotOf(store, 'user12')).shared;
    await other.putShared('serviceProfiles', serviceProfile.parse({ name: 'new' }), {});
    await other.putShared('serviceProfiles', serviceProfile.parse({ name: 'basic' }), {});
    const after = (await snapshotOf(store, 'user12')).shared;
    expect(after.version).toBeGreaterThan(before.version);
    expect([...after.serviceProfiles.keys()].sort()).toEqual(['basic', 'new']);
    expect(after.serviceProfiles.get('basic')?.sharedIfcSets).toEqual([]);
    expect(before.serviceProfiles.get('basic')?.sharedIfcSets).toEqual(['ifc']);
    expect(await other.deleteShared('serviceProfiles', 'new', {})).toEqual({ kind: 'deleted' });
    expect([...(await snapshotOf(store, 'user12')).shared.serviceProfiles.keys()]).toEqual(['basic']);
    expect(emptySharedData.serviceProfiles.size).toBe(0);
  });
});

test('counts tell how many sets and public identities are in each state', async () => {
  const counting = await openStore(await freshDatabase());
  await putSharedSets(counting);
  await counting.importSubscriptions([simple('a', 1), simple('b', 2), simple('c', 3)]);
  const [a, b] = await Promise.all([snapshotOf(counting, 'a'), snapshotOf(counting, 'b')]);
  await counting.commit(statusUnit(a, registered(registrationOf(a), 'a@ims.example')));
  await counting.commit(
    statusUnit(b, {
      ...registrationOf(b),
      sets: [{ name: 'default', state: 'unregistered', privateIdentities: [] }],
    }),
  );
  expect(await counting.counts()).toEqual({
    registeredSets: 1,
    unregisteredSets: 1,
    registeredIdentities: 2,
    unregisteredIdentities: 2,
    subscriptions: 3,
  });
  await counting.close();
});

async function rows(text: string, values: unknown[]): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const result = await client.query<Record<string, unknown>>(text, values);
  await client.end();
  return result.rows;
}
