import { demoData } from '../../src/subscriber/demo-subscribers';
import { ipv6Octets, ipv6PrefixOctets, isIpv6Prefix } from '../../src/subscriber/ipv6-prefix';
import {
  associatedPrivateIdentities,
  chargingInformationOf,
  findPrivateIdentity,
  findPublicIdentity,
  requiredCapabilities,
  serviceProfileOf,
} from '../../src/subscriber/subscription';
import {
  subscriptionDocument,
  type SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import { hasUnregisteredServices } from '../../src/apps/cx/unregistered-services';
import { sharedData, storedSubscription, type SharedInput } from '../apps/cx/support/test-hss';
import { alice, PHONE, TABLET } from '../apps/cx/support/subscribers';

const base: SubscriptionDocumentInput = {
  id: 'one',
  privateIdentities: [{ identity: 'one@ims.example' }],
  implicitRegistrationSets: [
    { name: 'default', publicIdentities: [{ identity: 'sip:one@ims.example', serviceProfile: 'standard' }] },
  ],
};

test('identities are found in their sets; private ones as listed, or all', () => {
  const subscription = storedSubscription(alice);
  expect(findPublicIdentity(subscription, 'tel:+15550001')).toMatchObject({
    set: { name: 'family' },
    identity: { identity: 'tel:+15550001' },
  });
  expect(findPublicIdentity(subscription, 'tel:+1555')).toBeUndefined();
  expect(findPrivateIdentity(subscription, TABLET)?.identity).toBe(TABLET);
  expect(findPrivateIdentity(subscription, 'x@y')).toBeUndefined();
  const sets = new Map(
    subscription.implicitRegistrationSets.map((set) => [
      set.name,
      associatedPrivateIdentities(subscription, set),
    ]),
  );
  expect(Object.fromEntries(sets)).toEqual({
    family: [PHONE, TABLET],
    work: [PHONE, TABLET],
    'phone-only': [PHONE],
  });
});

test('[29.228-B.2] a service profile of the subscription hides a shared one of the same name', () => {
  const shared = sharedData({
    serviceProfiles: [{ name: 'standard', capabilitySet: 'shared' }, { name: 'other' }],
  });
  const subscription = storedSubscription({
    ...base,
    serviceProfiles: [{ name: 'standard', capabilitySet: 'own' }],
  });
  expect(serviceProfileOf(subscription, shared, 'standard')?.capabilitySet).toBe('own');
  expect(serviceProfileOf(subscription, shared, 'other')?.name).toBe('other');
  expect(serviceProfileOf(subscription, shared, 'none')).toBeUndefined();
});

describe('[29.228-6.7] requiredCapabilities', () => {
  const sets = {
    capabilitySets: [
      { name: 'a', mandatory: [1, 2], optional: [5] },
      { name: 'b', mandatory: [2, 3], optional: [1, 6] },
      { name: 'names', serverNames: ['sip:x', 'sip:y'] },
      { name: 'more', serverNames: ['sip:y', 'sip:z'], optional: [9] },
    ],
  };
  const required = (input: Partial<SubscriptionDocumentInput>, shared: SharedInput = {}) =>
    requiredCapabilities(storedSubscription({ ...base, ...input }), sharedData({ ...sets, ...shared }));

  test('nothing is asked for, or a set that does not exist', () => {
    expect(required({})).toBeUndefined();
    expect(required({ capabilitySet: 'gone' })).toBeUndefined();
    expect(required({ capabilities: {} })).toBeUndefined();
  });

  test('the union of subscription and profiles, each value once, what is mandatory not optional too', () => {
    const profile = { serviceProfiles: [{ name: 'standard', capabilitySet: 'b' }] };
    expect(required({ capabilitySet: 'a' }, profile)).toEqual({
      mandatory: [1, 2, 3],
      optional: [5, 6],
      serverNames: [],
    });
    expect(required({ capabilities: { mandatory: [3], optional: [4] } }, profile)).toEqual({
      mandatory: [3, 2],
      optional: [4, 1, 6],
      serverNames: [],
    });
    expect(required({ capabilitySet: 'b' }, profile)).toEqual({
      mandatory: [2, 3],
      optional: [1, 6],
      serverNames: [],
    });
  });

  test('names come first and alone, in their order, each once', () => {
    expect(
      required(
        { capabilitySet: 'names' },
        { serviceProfiles: [{ name: 'standard', capabilitySet: 'more' }] },
      ),
    ).toEqual({ mandatory: [], optional: [], serverNames: ['sip:x', 'sip:y', 'sip:z'] });
  });
});

test('[29.228-7.12] charging information: its own, else that of the charging set', () => {
  const shared = sharedData({
    chargingSets: [{ name: 'gold', primaryChargingCollectionFunctionName: 'aaa://gold.example' }],
  });
  const of = (input: Partial<SubscriptionDocumentInput>) =>
    chargingInformationOf(storedSubscription({ ...base, ...input }), shared)
      ?.primaryChargingCollectionFunctionName;
  expect(of({})).toBeUndefined();
  expect(of({ chargingSet: 'gold' })).toBe('aaa://gold.example');
  expect(of({ chargingSet: 'gone' })).toBeUndefined();
  expect(of({ chargingInformation: { primaryChargingCollectionFunctionName: 'aaa://own.example' } })).toBe(
    'aaa://own.example',
  );
});

test('[29.228-6.1.4.1] step 3: services for the unregistered state come from the profile of the identity and its shared iFC sets', () => {
  const as = { serverName: 'sip:as.ims.example' };
  const shared = sharedData({
    serviceProfiles: [
      { name: 'own', initialFilterCriteria: [{ priority: 1, applicationServer: as }] },
      { name: 'set', sharedIfcSets: ['registered', 'common'] },
      { name: 'standard', sharedIfcSets: ['registered', 'gone'] },
    ],
    ifcSets: [
      {
        name: 'registered',
        id: 1,
        initialFilterCriteria: [{ priority: 1, profilePartIndicator: 'REGISTERED', applicationServer: as }],
      },
      { name: 'common', id: 2, initialFilterCriteria: [{ priority: 2, applicationServer: as }] },
    ],
  });
  const has = (serviceProfile: string): boolean => {
    const subscription = storedSubscription({
      ...base,
      implicitRegistrationSets: [
        { name: 'default', publicIdentities: [{ identity: 'sip:one@ims.example', serviceProfile }] },
      ],
    });
    const place = findPublicIdentity(subscription, 'sip:one@ims.example');
    if (place === undefined) throw new Error('not found');
    return hasUnregisteredServices(subscription, shared, place.identity);
  };
  expect(['own', 'set', 'standard', 'gone'].map(has)).toEqual([true, true, false, false]);
});

describe('a subscription document: every fault is reported, with its path', () => {
  const faults = (input: object): string[] => {
    const parsed = subscriptionDocument.safeParse({ ...base, ...input });
    return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('/'));
  };
  const set = (...publicIdentities: object[]) => ({
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: publicIdentities.map((entry) => ({ serviceProfile: 'standard', ...entry })),
      },
    ],
  });
  const first = 'implicitRegistrationSets/0/publicIdentities';

  test.each<[string, object, string[]]>([
    [
      'the default identity is wildcarded',
      set(
        { identity: 'sip:a@x.example', barred: true },
        { identity: 'sip:b!.*!@x.example', type: 'wildcardedPublicUserIdentity' },
      ),
      [first],
    ],
    [
      'services and users in one set',
      set({ identity: 'sip:a@x.example' }, { identity: 'sip:b@x.example', type: 'distinctPsi' }),
      [first, first],
    ],
    [
      'an identity twice, in another form',
      set({ identity: 'sip:a@x.example' }, { identity: 'SIP:%61@X.example;lr' }),
      [`${first}/1/identity`],
    ],
    [
      '[23.003-13.5] expressions that are none, too large, or in the wrong place',
      set(
        { identity: 'sip:a@x.example' },
        { identity: 'sip:b!\\d+!@x.example', type: 'wildcardedPublicUserIdentity' },
        { identity: 'sip:b!(a{99}){99}!@x.example', type: 'wildcardedPublicUserIdentity' },
        { identity: 'sip:b@!.*!.example', type: 'wildcardedPublicUserIdentity' },
        { identity: 'sip:b@x.example', type: 'wildcardedPublicUserIdentity' },
      ),
      [1, 2, 3, 4].map((i) => `${first}/${i}/identity`),
    ],
    [
      '[23.003-13.5] a wildcarded identity twice, in another form',
      set(
        { identity: 'sip:a@x.example' },
        { identity: 'sip:b!.*!@x.example', type: 'wildcardedPublicUserIdentity' },
        { identity: 'SIP:%62!.*!@X.example:5060', type: 'wildcardedPublicUserIdentity' },
      ),
      [`${first}/2/identity`],
    ],
    ['no URI', set({ identity: 'alice' }), [`${first}/0/identity`]],
    ['PSI data of a user', set({ identity: 'sip:a@x.example', psi: {} }), [`${first}/0/psi`]],
    [
      'private identities that are not there, or twice',
      {
        implicitRegistrationSets: [
          {
            name: 'default',
            privateIdentities: ['two@x', 'one@ims.example', 'one@ims.example'],
            publicIdentities: [{ identity: 'sip:a@x.example', serviceProfile: 's' }],
          },
        ],
      },
      ['implicitRegistrationSets/0/privateIdentities/0', 'implicitRegistrationSets/0/privateIdentities/2'],
    ],
    [
      'names twice',
      {
        serviceProfiles: [{ name: 'a' }, { name: 'a' }],
        privateIdentities: [{ identity: 'a@x' }, { identity: 'a@x' }],
      },
      ['privateIdentities/1/identity', 'serviceProfiles/1/name'],
    ],
    [
      'charging and capabilities both ways',
      {
        chargingSet: 'a',
        chargingInformation: { primaryEventChargingFunctionName: 'aaa://a' },
        capabilitySet: 'a',
        capabilities: {},
      },
      ['capabilities', 'chargingInformation'],
    ],
    [
      'charging information without a primary function [29.228-6.1.2]',
      { chargingInformation: { secondaryEventChargingFunctionName: 'aaa://a' } },
      ['chargingInformation'],
    ],
    [
      'a default scheme without data',
      { privateIdentities: [{ identity: 'a@x', authentication: { defaultScheme: 'SIP Digest' } }] },
      ['privateIdentities/0/authentication/defaultScheme'],
    ],
    [
      '[29.228-6.3] table 6.3.7: SHA-256 without MD5',
      {
        privateIdentities: [
          { identity: 'a@x', authentication: { sipDigest: { realm: 'r', ha1Sha256: 'a'.repeat(64) } } },
        ],
      },
      ['privateIdentities/0/authentication/sipDigest/ha1'],
    ],
    [
      '[29.228-B.2.1] an alias group across service profiles',
      set(
        { identity: 'sip:a@x.example', aliasGroup: 'g' },
        { identity: 'sip:b@x.example', aliasGroup: 'g', serviceProfile: 'other' },
      ),
      [`${first}/1/aliasGroup`],
    ],
    [
      '[29.228-B.2.1] an alias group across implicit registration sets',
      {
        implicitRegistrationSets: [
          {
            name: 'a',
            publicIdentities: [{ identity: 'sip:a@x.example', aliasGroup: 'g', serviceProfile: 's' }],
          },
          {
            name: 'b',
            publicIdentities: [{ identity: 'sip:b@x.example', aliasGroup: 'g', serviceProfile: 's' }],
          },
        ],
      },
      ['implicitRegistrationSets/1/publicIdentities/0/aliasGroup'],
    ],
  ])('%s', (_name, input, expected) => {
    expect(faults(input)).toEqual(expected);
  });

  test.each<[string, object, string[]]>([
    [
      'of another object',
      { id: 'a b', ...set({ identity: 'http://x' }) },
      ['id', 'implicitRegistrationSets.0.publicIdentities.0.identity'],
    ],
    [
      'a property too many',
      { surprise: 1, ...set({ identity: 'http://x' }) },
      ['', 'implicitRegistrationSets.0.publicIdentities.0.identity'],
    ],
    [
      'of another entry of a list',
      set({ identity: 'sip:a@x.example', barred: 'maybe' }, { identity: 'sip:a@x.example' }),
      [
        'implicitRegistrationSets.0.publicIdentities.0.barred',
        'implicitRegistrationSets.0.publicIdentities.1.identity',
      ],
    ],
    [
      'nothing that only follows from it',
      {
        privateIdentities: [{ identity: 7 }],
        implicitRegistrationSets: [
          { name: 'd', privateIdentities: ['one@ims.example'], publicIdentities: 7 },
        ],
      },
      ['privateIdentities.0.identity', 'implicitRegistrationSets.0.publicIdentities'],
    ],
    [
      'what is no object at all',
      { privateIdentities: [null], implicitRegistrationSets: [null] },
      ['privateIdentities.0', 'implicitRegistrationSets.0'],
    ],
  ])('a fault of the shape does not hide others: %s', (_what, input, expected) => {
    const parsed = subscriptionDocument.safeParse({ ...base, ...input });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual(expected);
  });

  test('an alias group within one profile and set is fine', () => {
    expect(
      faults(
        set(
          { identity: 'sip:a@x.example', aliasGroup: 'g' },
          { identity: 'sip:b@x.example', aliasGroup: 'g' },
          { identity: 'sip:c@x.example', aliasGroup: 'h', serviceProfile: 'other' },
        ),
      ),
    ).toEqual([]);
  });

  test('the demo data is valid, for any realm', () => {
    expect(demoData().subscriptions.map((entry) => entry.id)).toEqual([
      'alice',
      'bob',
      'carol',
      'conference',
    ]);
    expect(demoData('lab.example').subscriptions[1]?.privateIdentities[0]?.identity).toBe('bob@lab.example');
  });
});

describe('[29.229-6.3.54] IPv6 prefixes (RFC 3162 2.3)', () => {
  test.each([
    ['2001:db8::/32', '002020010db8'],
    ['2001:db8:ffff:ffff::/33', '002120010db880'],
    ['::/0', '0000'],
    ['::1/128', '008000000000000000000000000000000001'],
    ['2001:db8:1:2:3:4:5:6/64', '004020010db800010002'],
    ['::ffff:192.0.2.7/128', '008000000000000000000000ffffc0000207'],
  ])('%s', (prefix, octets) => {
    expect(ipv6PrefixOctets(prefix).toString('hex')).toBe(octets);
  });

  test('what is none', () => {
    for (const text of ['2001:db8::', '2001:db8::/129', '192.0.2.0/24', '/64', 'x/64']) {
      expect(isIpv6Prefix(text)).toBe(false);
      expect(() => ipv6PrefixOctets(text)).toThrow(RangeError);
    }
    expect(() => ipv6Octets('x')).toThrow(RangeError);
  });
});
