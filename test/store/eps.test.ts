/** EPS data in the store: round trip, images, shared profiles, subscriptions with EPS only, IMSIs in one subscription. */
import { Client } from 'pg';
import { guardMode } from '../../src/store/provisioning/imsi-guard';
import { parseImage } from '../../src/subscriber/image';
import { effectiveEps, epsProfile, type UsimEps } from '../../src/subscriber/eps';
import type { CampaignReaction } from '../../src/state/campaigns';
import {
  subscriptionDocument,
  type SubscriptionDocument,
  type SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import { freshDatabase, openStore, type TestStore } from '../support/database';
import { everyEpsProperty } from '../support/eps';
import { aka, putSharedSets, simple } from './documents';

let url: string;
let store: TestStore;
let sql: Client;
let keys = 0;

const ambr = { uplinkBitsPerSecond: 1_000, downlinkBitsPerSecond: 2_000 };

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
  await store.putShared('epsProfiles', epsProfile.parse({ name: 'eps', ambr, ueUsageType: 1 }), {});
  sql = new Client({ connectionString: url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await store.close();
});

type Usim = NonNullable<SubscriptionDocumentInput['usims']>[number];

function usim(imsi: string, change: Partial<Usim> = {}): Usim {
  keys += 1;
  return { imsi, aka: { k: `${keys}`.padStart(32, '0'), opc: aka.opc }, ...change };
}
const document = (id: string, usims: Usim[], ims: object = {}): SubscriptionDocument =>
  subscriptionDocument.parse({ id, usims, ...ims });

const imageOf = async (id: string): Promise<unknown> => {
  const { rows } = await sql.query<{ image: string }>(
    'select image from subscription_image join ims_subscription using (subscription_key) where id = $1',
    [id],
  );
  return parseImage(rows[0]?.image ?? '');
};

test('[29.272-7.3.2] every property comes back, and the tables make the same image', async () => {
  const eps = everyEpsProperty();
  const given = document('every', [usim('262010000000001', { msisdns: ['49160', '49170'], eps })]);
  expect(await store.putSubscription(given, {})).toMatchObject({ kind: 'created' });
  const stored = await store.getSubscription({ imsi: '262010000000001' });
  expect(stored?.document).toMatchObject({
    privateIdentities: [],
    implicitRegistrationSets: [],
    permittedVisitedNetworks: null,
    usims: [{ imsi: '262010000000001', eps }],
  });
  const before = await imageOf('every');
  await sql.query('select refresh_subscription_images(array(select subscription_key from ims_subscription))');
  expect(await imageOf('every')).toEqual(before);
  expect(await store.putSubscription(given, {})).toEqual({ kind: 'unchanged', etag: stored?.etag });
});

test('a change of EPS data is a change, and taking them away, too', async () => {
  const without = usim('262010000000002');
  const put = (change: object) =>
    store.putSubscription(document('changing', [{ ...without, ...change }], ims), {});
  const { privateIdentities, implicitRegistrationSets } = simple('changing', 2);
  const ims = { privateIdentities, implicitRegistrationSets };
  expect(await put({})).toMatchObject({ kind: 'created' });
  expect((await store.getSubscription({ id: 'changing' }))?.document.usims?.[0]).not.toHaveProperty('eps');
  for (const change of [{ eps: {} }, { eps: { ueUsageType: 3 } }, { eps: { profile: 'eps' } }, {}])
    expect(await put(change)).toMatchObject({ kind: 'replaced' });
});

test('EPS only: found, listed, imported and deleted as any other', async () => {
  const eps: UsimEps = { profile: 'eps' };
  const [outcome] = await store.importSubscriptions([
    document('only', [usim('262010000000003', { msisdns: ['49163'], eps })]),
  ]);
  expect(outcome).toMatchObject({ kind: 'created' });
  for (const name of [{ id: 'only' }, { imsi: '262010000000003' }, { msisdn: '49163' }])
    expect((await store.getSubscription(name))?.document.id).toBe('only');
  expect((await store.listSubscriptions(null, 100)).items.map(({ document: { id } }) => id)).toContain(
    'only',
  );
  expect(await store.getStatus({ id: 'only' })).not.toBeNull();
  expect(await store.deleteSubscription('only', {})).toEqual({ kind: 'deleted' });
});

describe('a shared EPS profile', () => {
  test('is loaded beside the subscription, and a change of it is seen', async () => {
    await store.putShared('epsProfiles', epsProfile.parse({ name: 'seen', ueUsageType: 1 }), {});
    const { privateIdentities, implicitRegistrationSets } = simple('seen', 4);
    const eps: UsimEps = { profile: 'seen' };
    const given = document('seen', [usim('262010000000004', { eps })], {
      privateIdentities,
      implicitRegistrationSets,
    });
    expect(await store.putSubscription(given, {})).toMatchObject({ kind: 'created' });
    const usageType = async (): Promise<number | undefined> => {
      const { snapshot } = await store.load({ impus: ['sip:seen@ims.example'] });
      const [entry] = snapshot?.subscription.usims ?? [];
      return snapshot === null || entry === undefined
        ? undefined
        : effectiveEps(entry, snapshot.shared)?.ueUsageType;
    };
    expect(await usageType()).toBe(1);
    await store.putShared('epsProfiles', epsProfile.parse({ name: 'seen', ueUsageType: 2 }), {});
    expect(await usageType()).toBe(2);
  });

  test('comes back as it was given, has its ETag and is the same when given again', async () => {
    const { profile: _, aMsisdn: _a, externalIdentifiers: _e, ...common } = everyEpsProperty();
    const [first, ...others] = common.apnConfigurationProfile?.apnConfigurations ?? [];
    if (first === undefined || common.apnConfigurationProfile === undefined) throw new Error('no APN');
    const { servedPartyIpAddresses: _s, ...apn } = first;
    const { gprsSubscriptionData: _g, ...rest } = common;
    const whole = epsProfile.parse({
      name: 'whole',
      ...rest,
      apnConfigurationProfile: { ...common.apnConfigurationProfile, apnConfigurations: [apn, ...others] },
    });
    expect(await store.putShared('epsProfiles', whole, {})).toMatchObject({ kind: 'created' });
    const stored = await store.getShared('epsProfiles', 'whole');
    expect(stored?.document).toEqual(JSON.parse(JSON.stringify(whole)));
    expect(await store.putShared('epsProfiles', whole, {})).toEqual({
      kind: 'unchanged',
      etag: stored?.etag,
    });
    expect(await store.deleteShared('epsProfiles', 'whole', {})).toEqual({ kind: 'deleted' });
  });

  test('that does not exist is named; one in use is not deleted', async () => {
    const of = (id: string, profile: string) =>
      store.putSubscription(document(id, [usim('262010000000005', { eps: { profile } })]), {});
    expect(await of('user', 'none')).toEqual({
      kind: 'refused',
      conflict: false,
      faults: [{ pointer: '/usims/0/eps/profile', detail: 'there is no EPS profile none' }],
    });
    await store.putShared('epsProfiles', epsProfile.parse({ name: 'used' }), {});
    expect(await of('user', 'used')).toMatchObject({ kind: 'created' });
    expect(await store.deleteShared('epsProfiles', 'used', {})).toEqual({
      kind: 'refused',
      conflict: true,
      faults: [{ pointer: '', detail: 'is used by subscription user' }],
    });
  });
});

test('a change of an EPS profile in use begins the campaign of an application, through its users', async () => {
  const reached: string[] = [];
  const reaction: CampaignReaction = {
    actions: ['toyEpsProfile'],
    concerned: 'true',
    actionFor: (kind) => (kind === 'epsProfiles' ? 'toyEpsProfile' : null),
    react: ({ campaign, subscription }) => {
      reached.push(`${campaign.name} ${subscription.id}`);
      return { entries: [] };
    },
  };
  const watching = await openStore(url, { campaignReactions: [reaction] });
  try {
    await store.putShared('epsProfiles', epsProfile.parse({ name: 'spread' }), {});
    for (const [i, profile] of ['spread', 'eps', 'spread'].entries()) {
      const given = document(`spread-${i}`, [usim(`26204000000000${i}`, { eps: { profile } })]);
      expect(await store.putSubscription(given, {})).toMatchObject({ kind: 'created' });
    }
    await watching.putShared('epsProfiles', epsProfile.parse({ name: 'spread', icsIndicator: true }), {});
    while (await watching.outbox.fanOut({ perSecond: 1_000_000, batchCount: 1 }));
    expect(reached).toEqual(['spread spread-0', 'spread spread-2']);
  } finally {
    await watching.close();
  }
});

describe('[23.003-2.2] an IMSI belongs to one subscription', () => {
  const isim = (id: string, imsi: string): SubscriptionDocument =>
    subscriptionDocument.parse({
      ...simple(id, 900),
      privateIdentities: [{ identity: `${id}@ims.example`, imsi }],
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [{ identity: `sip:${id}@ims.example`, serviceProfile: 'basic' }],
        },
      ],
    });

  test('though given to a USIM and to a private identity at the same moment', async () => {
    const other = await openStore(url);
    try {
      for (let round = 0; round < 30; round += 1) {
        const imsi = `26202${String(round).padStart(10, '0')}`;
        const outcomes = await Promise.all([
          store.putSubscription(document(`card-${round}`, [usim(imsi, { eps: {} })]), {}),
          other.putSubscription(isim(`isim-${round}`, imsi), {}),
        ]);
        expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['created', 'refused']);
      }
    } finally {
      await other.close();
    }
  });

  test('what has an IMSI in both places, or had it, waits for nobody', () => {
    const change = (subscription: SubscriptionDocument, before?: SubscriptionDocument) => ({
      subscription: subscription as never,
      stored: before === undefined ? undefined : { subscription: before as never },
    });
    const card = document('a', [usim('262030000000001', { eps: {} })]);
    const plain = isim('a', '262030000000001');
    const both = { ...plain, usims: card.usims };
    expect(guardMode([change(both)])).toBeNull();
    expect(guardMode([change(card)])).toBe('row exclusive');
    expect(guardMode([change(plain)])).toBe('share');
    expect(guardMode([change(card), change(plain)])).toBe('share row exclusive');
    for (const before of [card, plain, both])
      for (const after of [card, plain, both]) expect(guardMode([change(after, before)])).toBeNull();
  });
});
