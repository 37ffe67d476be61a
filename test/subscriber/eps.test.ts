/** EPS data of a USIM with those of its profile, and subscriptions with EPS only. */
import {
  accessRestrictionBits,
  bitMask,
  broadcastLocationAssistanceDataBits,
  coreNetworkRestrictionBits,
  effectiveEps,
  epsProfile,
  isBarredByOperator,
  operatorDeterminedBarringBits,
  usimEps,
  wideBitMask,
} from '../../src/subscriber/eps';
import { subscriptionDocument } from '../../src/subscriber/subscription-document';
import { everyEpsProperty } from '../support/eps';

const aka = { k: '0'.repeat(32), opc: '1'.repeat(32) };
const ambr = { uplinkBitsPerSecond: 1, downlinkBitsPerSecond: 4_294_967_295_000 };
const profile = epsProfile.parse({
  name: 'gold',
  ambr,
  icsIndicator: true,
  forbiddenVisitedNetworks: ['26202'],
});
const shared = { epsProfiles: new Map([['gold', profile]]) };

test('[29.272-7.3.2] a property of the USIM replaces that of its profile, whole', () => {
  const eps = usimEps.parse({
    profile: 'gold',
    icsIndicator: false,
    forbiddenVisitedNetworks: [],
    stnSr: '491701',
  });
  expect(effectiveEps({ eps }, shared)).toEqual({
    ambr,
    icsIndicator: false,
    forbiddenVisitedNetworks: [],
    stnSr: '491701',
    allowedVisitedNetworks: null,
  });
  expect(effectiveEps({ eps }, shared)).toBe(effectiveEps({ eps }, shared));
});

test('another version of the profile gives other data; without eps there is no EPS subscription', () => {
  const eps = usimEps.parse({ profile: 'gold' });
  const before = effectiveEps({ eps }, shared);
  const changed = epsProfile.parse({ name: 'gold', ueUsageType: 7 });
  expect(effectiveEps({ eps }, { epsProfiles: new Map([['gold', changed]]) })).toEqual({
    ueUsageType: 7,
    allowedVisitedNetworks: null,
  });
  expect(effectiveEps({ eps }, shared)).toBe(before);
  expect(effectiveEps({ eps }, { epsProfiles: new Map() })).toEqual({ allowedVisitedNetworks: null });
  expect(effectiveEps({}, shared)).toBeUndefined();
});

test('"all" visited networks takes back the list of a profile', () => {
  const allowedVisitedNetworks = [{ plmn: '26201', apns: ['internet'] }];
  const epsProfiles = new Map([['gold', epsProfile.parse({ name: 'gold', allowedVisitedNetworks })]]);
  const of = (change: object) =>
    effectiveEps({ eps: usimEps.parse({ profile: 'gold', ...change }) }, { epsProfiles });
  expect(of({})?.allowedVisitedNetworks).toEqual(allowedVisitedNetworks);
  expect(of({ allowedVisitedNetworks: 'all' })?.allowedVisitedNetworks).toBeNull();
});

test('names of bits give the masks of the tables', () => {
  expect(bitMask(['allPacketOrientedServices', 'allOutgoingCalls'], operatorDeterminedBarringBits)).toBe(
    0b1001,
  );
  expect(bitMask([...operatorDeterminedBarringBits], operatorDeterminedBarringBits)).toBe(0x1ff);
  expect(bitMask(['5gcNotAllowed'], coreNetworkRestrictionBits)).toBe(2);
  expect(bitMask(['nrOtherSatNotAllowed', 'utranNotAllowed'], accessRestrictionBits)).toBe(0x1000_0001);
  expect(bitMask([...accessRestrictionBits], accessRestrictionBits)).toBe(0x1fff_ffff);
  expect(wideBitMask(['1-1', '3-1', '1-8', '5-1'], broadcastLocationAssistanceDataBits)).toBe(
    1n | (1n << 26n) | (1n << 27n) | (1n << 35n),
  );
});

test('[29.272-7.3.29] the subscriber status follows from what is barred', () => {
  expect(isBarredByOperator({})).toBe(false);
  expect(isBarredByOperator({ operatorDeterminedBarring: [], hplmnOdb: [] })).toBe(false);
  expect(isBarredByOperator({ hplmnOdb: ['barringType1'] })).toBe(true);
  expect(isBarredByOperator({ operatorDeterminedBarring: ['allOutgoingCalls'] })).toBe(true);
});

test('[29.272-7.3.2] every property can be provisioned', () => {
  const { profile: _profile, aMsisdn, externalIdentifiers, ...common } = everyEpsProperty();
  const own = ['profile', 'aMsisdn', 'externalIdentifiers'];
  expect(usimEps.parse({ ...common, aMsisdn, externalIdentifiers })).toMatchObject(common);
  expect([...own, ...Object.keys(common)].sort()).toEqual(Object.keys(usimEps.shape).sort());
});

describe('a subscription', () => {
  const usim = (change: object) => ({ imsi: '262010000000001', msisdns: ['49170', '49171'], aka, ...change });
  const faults = (document: object): [string, string][] =>
    subscriptionDocument
      .safeParse({ id: 'x', ...document })
      .error?.issues.map(({ path, message }) => [path.join('/'), message]) ?? [];

  test.each([{}, { privateIdentities: [], implicitRegistrationSets: [] }])(
    'may have EPS only: %j',
    (lists) => {
      expect(subscriptionDocument.parse({ id: 'x', ...lists, usims: [usim({ eps: {} })] })).toMatchObject({
        privateIdentities: [],
        implicitRegistrationSets: [],
      });
    },
  );

  test.each([{}, { usims: [] }, { usims: [usim({})] }])(
    'without IMS and without EPS is refused: %j',
    (document) => {
      expect(faults(document)).toEqual([
        ['privateIdentities', 'must have at least 1 entries, unless a USIM has eps'],
        ['implicitRegistrationSets', 'must have at least 1 entries, unless a USIM has eps'],
      ]);
    },
  );

  test('has both lists of the IMS or none', () => {
    const privateIdentities = [{ identity: 'a@b.example' }];
    expect(faults({ privateIdentities, usims: [usim({ eps: {} })] })).toEqual([
      ['implicitRegistrationSets', 'must have at least 1 entries: there are privateIdentities'],
    ]);
  });

  test('[29.272-7.3.157] the additional MSISDN is a number of the USIM after the first', () => {
    const reason = 'is none of msisdns after the first [29.272-7.3.157]';
    expect(faults({ usims: [usim({ eps: { aMsisdn: '49171' } })] })).toEqual([]);
    for (const aMsisdn of ['49170', '49172'])
      expect(faults({ usims: [usim({ eps: { aMsisdn } })] })).toEqual([['usims/0/eps/aMsisdn', reason]]);
  });
});
