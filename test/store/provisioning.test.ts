/**
 * The provisioning port against the real database: preconditions, faults with pointers, secrets that stay,
 * shared sets.
 */
import { registrationOf, statusUnit } from '../support/states';
import { Client } from 'pg';
import { secretOwner, unseal } from '../../src/authentication/sealed-secret';
import type { ProvisioningOutcome } from '../../src/subscriber/provisioning';
import {
  capabilitySet,
  serviceProfile,
  sharedIfcSet,
  subscriptionDocument,
  type SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../support/database';
import { recordOf, setsOf } from '../support/status-records';
import { aka, putSharedSets, simple } from './documents';

let url: string;
let store: TestStore;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
});
afterAll(() => store.close());

const etag = (outcome: ProvisioningOutcome): string => {
  if ('etag' in outcome) return outcome.etag;
  throw new Error(JSON.stringify(outcome));
};
const pointers = (outcome: ProvisioningOutcome): string[] =>
  outcome.kind === 'refused' ? outcome.faults.map((fault) => fault.pointer) : [];

describe('preconditions', () => {
  test('create, replace and delete with ETags', async () => {
    const document = simple('pre', 100);
    expect(await store.putSubscription(document, { ifMatch: '*' })).toEqual({
      kind: 'preconditionFailed',
      currentEtag: null,
    });
    const created = await store.putSubscription(document, { ifNoneMatch: '*' });
    expect(created.kind).toBe('created');
    expect(await store.putSubscription(document, { ifNoneMatch: '*' })).toEqual({
      kind: 'preconditionFailed',
      currentEtag: etag(created),
    });
    const replaced = await store.putSubscription(simple('pre', 100, { registrationAllowed: false }), {
      ifMatch: etag(created),
    });
    expect(replaced.kind).toBe('replaced');
    expect(etag(replaced)).not.toBe(etag(created));
    expect(await store.putSubscription(document, { ifMatch: etag(created) })).toEqual({
      kind: 'preconditionFailed',
      currentEtag: etag(replaced),
    });
    expect((await store.getSubscription({ id: 'pre' }))?.etag).toBe(etag(replaced));
    expect(await store.deleteSubscription('pre', { ifMatch: etag(created) })).toEqual({
      kind: 'preconditionFailed',
      currentEtag: etag(replaced),
    });
    expect(await store.deleteSubscription('pre', { ifMatch: etag(replaced) })).toEqual({ kind: 'deleted' });
    expect(await store.deleteSubscription('pre', {})).toEqual({ kind: 'notFound' });
    expect(await store.getSubscription({ id: 'pre' })).toBeNull();
  });

  test('of many that create the same subscription at once one succeeds', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.putSubscription(simple('race', 101), { ifNoneMatch: '*' })),
    );
    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual([
      'created',
      ...Array.from({ length: 7 }, () => 'preconditionFailed'),
    ]);
  });

  test('of many that claim the same identity at once one succeeds, the others are told whose it is', async () => {
    const claim = (i: number) =>
      simple(`claim${i}`, 200 + i, {
        implicitRegistrationSets: [
          {
            name: 'default',
            publicIdentities: [{ identity: 'sip:claimed@ims.example', serviceProfile: 'basic' }],
          },
        ],
      });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, i) => store.putSubscription(claim(i), {})),
    );
    expect(outcomes.filter((outcome) => outcome.kind === 'created')).toHaveLength(1);
    for (const outcome of outcomes.filter((o) => o.kind !== 'created')) {
      expect(outcome).toMatchObject({
        kind: 'refused',
        conflict: true,
        faults: [{ pointer: '/implicitRegistrationSets/0/publicIdentities/0/identity' }],
      });
    }
  });
});

describe('faults', () => {
  test('all at once, each with its pointer, and nothing is half applied', async () => {
    await store.putSubscription(simple('holder', 300), {});
    const outcome = await store.putSubscription(
      subscriptionDocument.parse({
        id: 'faulty',
        privateIdentities: [
          { identity: 'holder@ims.example', imsi: '1010000000300', authentication: { aka: {} } },
          { identity: 'other@ims.example', authentication: { sipDigest: { realm: 'ims.example' } } },
          { identity: 'third@ims.example', authentication: { aka: { k: aka.k } } },
        ],
        implicitRegistrationSets: [
          {
            name: 'default',
            publicIdentities: [
              { identity: 'sip:HOLDER@ims.example', serviceProfile: 'basic' },
              { identity: 'sip:holder@IMS.example:5060', serviceProfile: 'nowhere' },
              { identity: 'sip:x@ims.example', serviceProfile: 'own' },
            ],
          },
        ],
        serviceProfiles: [{ name: 'own', sharedIfcSets: ['ifc', 'none'], capabilitySet: 'none' }],
        capabilitySet: 'none',
        chargingSet: 'none',
      } satisfies SubscriptionDocumentInput),
      {},
    );
    expect(outcome).toMatchObject({ kind: 'refused', conflict: true });
    expect(pointers(outcome).sort()).toEqual([
      '/capabilitySet',
      '/chargingSet',
      '/implicitRegistrationSets/0/publicIdentities/1/identity',
      '/implicitRegistrationSets/0/publicIdentities/1/serviceProfile',
      '/privateIdentities/0/authentication/aka/k',
      '/privateIdentities/0/authentication/aka/opc',
      '/privateIdentities/0/identity',
      '/privateIdentities/0/imsi',
      '/privateIdentities/1/authentication/sipDigest/password',
      '/privateIdentities/2/authentication/aka/opc',
      '/serviceProfiles/0/capabilitySet',
      '/serviceProfiles/0/sharedIfcSets/1',
    ]);
    expect(await store.getSubscription({ id: 'faulty' })).toBeNull();
    expect((await store.getSubscription({ impi: 'holder@ims.example' }))?.document.id).toBe('holder');
  });

  test('what is missing without anything being taken is no conflict', async () => {
    expect(await store.putSubscription(simple('lacking', 301, { chargingSet: 'none' }), {})).toEqual({
      kind: 'refused',
      conflict: false,
      faults: [{ pointer: '/chargingSet', detail: 'there is no charging set none' }],
    });
  });
});

describe('secrets', () => {
  const withAuthentication = (
    authentication: SubscriptionDocumentInput['privateIdentities'][number]['authentication'],
  ) => simple('secret', 400, { privateIdentities: [{ identity: 'secret@ims.example', authentication }] });
  const stored = async () => {
    const { snapshot } = await store.load({ impus: ['sip:secret@ims.example'] });
    const authentication = snapshot?.subscription.privateIdentities[0]?.authentication;
    const open = (sealed: string | undefined, field: string) =>
      unseal(sealed ?? '', secretOwner('secret@ims.example', field), testKeyRing);
    return { authentication, open };
  };

  test('that are left out stay, those that are given replace', async () => {
    await store.putSubscription(
      withAuthentication({ aka: { k: aka.k, op: aka.op }, sipDigest: { realm: 'a', password: 'one' } }),
      {},
    );
    const first = await stored();
    expect(first.open(first.authentication?.aka?.opc, 'opc').toString('hex')).toBe(aka.opc);
    expect(
      (
        await store.putSubscription(
          withAuthentication({ aka: { amf: '9001' }, sipDigest: { realm: 'a' } }),
          {},
        )
      ).kind,
    ).toBe('replaced');
    const second = await stored();
    expect(second.authentication?.aka).toEqual({ ...first.authentication?.aka, amf: '9001' });
    expect(second.authentication?.sipDigest).toEqual(first.authentication?.sipDigest);
    expect(
      pointers(
        await store.putSubscription(
          withAuthentication({ aka: { k: '0'.repeat(32) }, sipDigest: { realm: 'b' } }),
          {},
        ),
      ),
    ).toEqual([
      '/privateIdentities/0/authentication/aka/opc',
      '/privateIdentities/0/authentication/sipDigest/password',
    ]);
    await store.putSubscription(
      withAuthentication({ aka: { k: aka.k }, sipDigest: { realm: 'b', ha1: 'A'.repeat(32) } }),
      {},
    );
    const third = await stored();
    expect(third.open(third.authentication?.aka?.opc, 'opc').toString('hex')).toBe(aka.opc);
    expect(third.open(third.authentication?.sipDigest?.ha1, 'ha1').toString('latin1')).toBe('a'.repeat(32));
    expect(third.authentication?.sipDigest?.ha1Sha256).toBeUndefined();
  });

  test('never come out', async () => {
    const found = await store.getSubscription({ id: 'secret' });
    expect(found?.document.privateIdentities[0]?.authentication).toEqual({
      aka: { algorithm: 'milenage', amf: '8000', indBits: 5 },
      sipDigest: { realm: 'b' },
    });
    expect(JSON.stringify(await store.listSubscriptions(null, 1_000))).not.toMatch(/v1\.test\./);
  });

  test('[33.102-C.1.1] a sequence number is taken when it is higher, never when it is lower', async () => {
    const numbered = (sqn?: number) =>
      simple('numbered', 401, {
        privateIdentities: [
          {
            identity: 'numbered@ims.example',
            authentication: { aka: { k: aka.k, opc: aka.opc, ...(sqn === undefined ? {} : { sqn }) } },
          },
        ],
      });
    const current = async () => (await store.getStatus({ id: 'numbered' }))?.sequenceNumbers;
    await store.putSubscription(numbered(64), {});
    expect(await current()).toEqual([['numbered@ims.example', 64]]);
    const lower = await store.putSubscription(numbered(32), {});
    expect(lower.kind).toBe('unchanged');
    expect(await current()).toEqual([['numbered@ims.example', 64]]);
    expect(await store.putSubscription(numbered(96), {})).toEqual(lower);
    expect(await current()).toEqual([['numbered@ims.example', 96]]);
    await store.putSubscription({ ...numbered(), registrationAllowed: false }, {});
    expect(await current()).toEqual([['numbered@ims.example', 96]]);
  });
});

describe('registration state', () => {
  test('entries of sets and private identities that disappear go with them, in the same change', async () => {
    const impu = (name: string) => ({
      publicIdentities: [{ identity: `sip:${name}@ims.example`, serviceProfile: 'basic' }],
    });
    const impi = (name: string) => ({ identity: `${name}@ims.example`, authentication: {} });
    const full = simple('reg', 500, {
      privateIdentities: [impi('reg1'), impi('reg2')],
      implicitRegistrationSets: [
        { name: 'one', ...impu('reg-one') },
        { name: 'two', ...impu('reg-two') },
        { name: 'three', ...impu('reg-three') },
      ],
    });
    await store.putSubscription(full, {});
    const { snapshot } = await store.load({ impus: ['sip:reg-one@ims.example'] });
    if (snapshot === null) throw new Error('not there');
    const registered = { registered: true };
    await store.commit(
      statusUnit(snapshot, {
        ...registrationOf(snapshot),
        server: { name: 'sip:s', diameterHost: 'h', diameterRealm: 'r' },
        sets: setsOf({
          one: {
            state: 'registered',
            privateIdentities: { 'reg1@ims.example': registered, 'reg2@ims.example': registered },
          },
          two: { state: 'registered', privateIdentities: { 'reg2@ims.example': registered } },
          three: { state: 'unregistered', privateIdentities: {} },
        }),
      }),
    );
    const sets = full.implicitRegistrationSets;
    await store.putSubscription(
      {
        ...full,
        privateIdentities: full.privateIdentities.slice(0, 1),
        implicitRegistrationSets: sets.slice(0, 2),
      },
      {},
    );
    const after = await store.getStatus({ id: 'reg' });
    expect(after === null ? null : recordOf(after.status)).toMatchObject({
      // One each for the registration, for what the S-CSCF is told, and for the profile.
      version: snapshot.version + 3,
      server: { name: 'sip:s' },
      sets: { one: { state: 'registered', privateIdentities: { 'reg1@ims.example': registered } } },
    });
    expect(after?.status.sets.map(({ name }) => name)).toEqual(['one']);
    if (after === null) throw new Error('not there');
    await store.commit(
      statusUnit(
        { key: snapshot.key, version: after.status.version },
        { ...after.status, reassignmentPending: true },
      ),
    );
    await store.putSubscription(
      {
        ...full,
        privateIdentities: full.privateIdentities.slice(0, 1),
        implicitRegistrationSets: sets.slice(1, 2),
      },
      {},
    );
    expect((await store.getStatus({ id: 'reg' }))?.status).toMatchObject({
      server: null,
      reassignmentPending: false,
      sets: [],
    });
  });
});

describe('listing', () => {
  test('pages with a cursor, every subscription once', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<TestStore['listSubscriptions']>> = await store.listSubscriptions(
        cursor,
        2,
      );
      seen.push(...page.items.map((item) => item.document.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(['race', 'holder', 'secret', 'numbered', 'reg']));
    expect(await store.listSubscriptions('not a cursor', 2)).toEqual({ items: [], nextCursor: null });
  });
});

describe('shared sets', () => {
  test('are created, replaced, listed and deleted with ETags', async () => {
    const created = await store.putShared(
      'capabilitySets',
      capabilitySet.parse({ name: 'c1', mandatory: [9] }),
      { ifNoneMatch: '*' },
    );
    expect(created.kind).toBe('created');
    expect(
      await store.putShared('capabilitySets', capabilitySet.parse({ name: 'c1', mandatory: [9] }), {}),
    ).toEqual({ kind: 'unchanged', etag: etag(created) });
    const replaced = await store.putShared(
      'capabilitySets',
      capabilitySet.parse({ name: 'c1', optional: [4_294_967_295] }),
      { ifMatch: etag(created) },
    );
    expect(await store.getShared('capabilitySets', 'c1')).toEqual({
      document: { name: 'c1', mandatory: [], optional: [4_294_967_295], serverNames: [] },
      etag: etag(replaced),
    });
    expect(
      await store.putShared('capabilitySets', capabilitySet.parse({ name: 'c1' }), {
        ifMatch: etag(created),
      }),
    ).toEqual({ kind: 'preconditionFailed', currentEtag: etag(replaced) });
    const first = await store.listShared('capabilitySets', null, 1);
    const second = await store.listShared('capabilitySets', first.nextCursor, 1);
    expect([...first.items, ...second.items].map((item) => item.document.name)).toEqual(['c1', 'caps']);
    expect(second.nextCursor).toBeNull();
    expect(await store.deleteShared('capabilitySets', 'c1', { ifMatch: etag(created) })).toEqual({
      kind: 'preconditionFailed',
      currentEtag: etag(replaced),
    });
    expect(await store.deleteShared('capabilitySets', 'c1', {})).toEqual({ kind: 'deleted' });
    expect(await store.deleteShared('capabilitySets', 'c1', {})).toEqual({ kind: 'notFound' });
  });

  test('in use are not deleted, and name who uses them', async () => {
    expect(await store.deleteShared('serviceProfiles', 'basic', {})).toMatchObject({
      kind: 'refused',
      conflict: true,
    });
    expect(await store.deleteShared('ifcSets', 'ifc', {})).toMatchObject({
      kind: 'refused',
      faults: [{ pointer: '', detail: 'is used by service profile basic' }],
    });
    await store.putSubscription(simple('charged', 600, { chargingSet: 'charging' }), {});
    expect(await store.deleteShared('chargingSets', 'charging', {})).toMatchObject({
      kind: 'refused',
      faults: [{ detail: 'is used by subscription charged' }],
    });
    // Once, however often it names the set.
    await store.putShared('serviceProfiles', serviceProfile.parse({ name: 'twice' }), {});
    await store.putSubscription(
      simple('user', 601, {
        implicitRegistrationSets: [
          {
            name: 'default',
            publicIdentities: ['a', 'b'].map((user) => ({
              identity: `sip:twice-${user}@ims.example`,
              serviceProfile: 'twice',
            })),
          },
        ],
      }),
      {},
    );
    expect(await store.deleteShared('serviceProfiles', 'twice', {})).toMatchObject({
      kind: 'refused',
      faults: [{ detail: 'is used by subscription user' }],
    });
    await store.deleteSubscription('user', {});
    await store.deleteShared('serviceProfiles', 'twice', {});
    await store.deleteSubscription('charged', {});
    expect(await store.deleteShared('chargingSets', 'charging', {})).toEqual({ kind: 'deleted' });
  });

  test("name sets that exist, and a SharedIFCSetID is one set's only", async () => {
    expect(
      await store.putShared(
        'serviceProfiles',
        serviceProfile.parse({ name: 'p', sharedIfcSets: ['none'], capabilitySet: 'none' }),
        {},
      ),
    ).toEqual({
      kind: 'refused',
      conflict: false,
      faults: [
        { pointer: '/sharedIfcSets/0', detail: 'there is no shared iFC set none' },
        { pointer: '/capabilitySet', detail: 'there is no capability set none' },
      ],
    });
    expect(
      await store.putShared(
        'ifcSets',
        sharedIfcSet.parse({ name: 'twin', id: 7, initialFilterCriteria: [] }),
        {},
      ),
    ).toMatchObject({ kind: 'refused', conflict: true, faults: [{ pointer: '/id' }] });
  });

  test('a set that is being deleted and a subscription that is being written with it never both succeed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const name = `round${round}`;
      await store.putShared('serviceProfiles', serviceProfile.parse({ name }), {});
      const document = simple(name, 700 + round, {
        implicitRegistrationSets: [
          {
            name: 'default',
            publicIdentities: [{ identity: `sip:${name}@ims.example`, serviceProfile: name }],
          },
        ],
      });
      const [put, deleted] = await Promise.all([
        store.putSubscription(document, {}),
        store.deleteShared('serviceProfiles', name, {}),
      ]);
      expect([put.kind === 'created', deleted.kind === 'deleted'].filter(Boolean)).toHaveLength(1);
    }
  });
});

test('an own service profile hides the shared one of that name', async () => {
  await store.putSubscription(simple('own', 800, { serviceProfiles: [{ name: 'basic' }] }), {});
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ shared: boolean }>(
    "select service_profile_is_shared as shared from public_identity join ims_subscription using (subscription_key) where id = 'own'",
  );
  await client.end();
  expect(rows.map((row) => row.shared)).toEqual([false, false]);
});
