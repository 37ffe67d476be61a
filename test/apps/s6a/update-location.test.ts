/** Update-Location-Request: checks in the order of the clause, and the answer [29.272-5.2.1.1.3]. */
import { s6a, s6aSettings } from '../../../src/apps/s6a/config';
import { accessRestrictionBits } from '../../../src/subscriber/eps';
import { MME1, PLMN_26201, S6aHss, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI, KEY, twoApns } from './support/subscribers';

type Eps = NonNullable<NonNullable<Parameters<typeof epsSubscriber>[0]>['eps']>;
type Settings = ConstructorParameters<typeof S6aHss>[0]['settings'];

const hss = (eps: Partial<Eps> = {}, settings: Settings = {}) =>
  new S6aHss({ subscriptions: [epsSubscriber({ eps: { ...twoApns, ...eps } })], settings });
/** Beside a USIM that has EPS data, so that the document may have one without. */
const bare = (eps: Eps | undefined) => {
  const subscriber = epsSubscriber({ eps });
  const other = { ...subscriber.usims?.[0], imsi: '001010000000002', msisdns: [], aka: KEY, eps: twoApns };
  return new S6aHss({
    subscriptions: [{ ...subscriber, usims: [...(subscriber.usims ?? []), other] }],
  });
};

const profile = (...pdnTypes: ('ipv4' | 'nonIp' | 'ethernet')[]): Pick<Eps, 'apnConfigurationProfile'> => ({
  apnConfigurationProfile: {
    defaultContextIdentifier: 1,
    apnConfigurations: pdnTypes.map((pdnType, i) => ({
      contextIdentifier: i + 1,
      serviceSelection: `apn${i + 1}`,
      pdnType,
    })),
  },
});
const gprs: Pick<Eps, 'gprsSubscriptionData'> = {
  gprsSubscriptionData: [
    { contextIdentifier: 1, pdpType: 'ipv4', qosSubscribed: '23921f', serviceSelection: 'internet' },
  ],
};
const S6D = { ...SGSN1, ulrFlags: 0, ratType: 1000 } as const;
const experimental = (code: number) => ({ kind: 'experimental', code });

describe('ULR: success', () => {
  it('registers the MME and gives the data: ULA-Flags, Subscriber-Status, AMBR, APNs [29.272-5.2.1.1.3]', () => {
    const it = hss();
    const { result, avps, changes, outbox } = it.ulr({ userName: IMSI });
    expect(result).toEqual({ kind: 'base', code: 2001 });
    expect(avps).toMatchObject({
      ulaFlags: 1,
      subscriptionData: {
        subscriberStatus: 0,
        msisdn: Buffer.from('947101000010', 'hex'),
        networkAccessMode: 2,
        ambr: { maxRequestedBandwidthUl: 50_000_000, maxRequestedBandwidthDl: 100_000_000 },
        apnConfigurationProfile: {
          contextIdentifier: 1,
          allApnConfigurationsIncludedIndicator: 0,
          apnConfiguration: [
            { contextIdentifier: 1, serviceSelection: 'internet', pdnType: 2 },
            { contextIdentifier: 2, serviceSelection: 'ims', pdnType: 2 },
          ],
        },
      },
    });
    expect(changes).toHaveLength(1);
    expect(outbox).toBeUndefined();
    expect(it.nodes(IMSI)).toEqual({
      imsi: IMSI,
      mme: {
        host: MME1.originHost,
        realm: MME1.originRealm,
        visitedPlmnId: '00f110',
        sinceMs: it.nowMs,
        ulrFlags: 0x22,
        ratType: 1004,
        features: null,
        isPurged: false,
      },
    });
  });

  it('takes no Reset-ID to a node without the feature [29.272-7.3.184]', () => {
    const it = hss({ resetIds: ['0a0b'] });
    expect(it.ulr({ userName: IMSI }).avps.resetId).toBeUndefined();
    it.features = new Set(['Reset-IDs']);
    expect(it.ulr({ userName: IMSI }).avps.resetId).toEqual([Buffer.from('0a0b', 'hex')]);
  });

  it('tells the operator where the UE is', () => {
    const it = hss();
    const handler = it.application.handlers.get(316);
    const message = { avps: { ...MME1, userName: IMSI, ulrFlags: 0x22, visitedPlmnId: PLMN_26201 } };
    const told = handler?.change?.(message as never, it.ulr({ userName: IMSI }));
    expect(told?.what).toBe('attached');
    expect(told?.describe().who).toBe(`${IMSI} at MME mme1.epc.example`);
  });
});

describe('ULR: malformed AVPs', () => {
  it.each([
    ['Visited-PLMN-Id', { visitedPlmnId: Buffer.from('aabbcc', 'hex') }, 1407],
    ['IMEI', { terminalInformation: { imei: '1234' } }, 1401],
    ['Software-Version', { terminalInformation: { imei: '35824005111110', softwareVersion: 'x' } }, 1401],
    ['SGSN-Number', { sgsnNumber: Buffer.from('abcd', 'hex') }, 1489],
    ['MME-Number-for-MT-SMS', { mmeNumberForMtSms: Buffer.alloc(0) }, 1645],
    ['Equivalent-PLMN-List', { equivalentPlmnList: { visitedPlmnId: [Buffer.alloc(2)] } }, 1637],
    ['Adjacent-PLMNs', { adjacentPlmns: { visitedPlmnId: [Buffer.from('ffffff', 'hex')] } }, 1672],
  ])('names %s [6733-7.5]', (_, wrong, code) => {
    const it = hss();
    const { result, failedAvps } = it.ulr({ userName: IMSI, ...wrong });
    expect(result).toEqual({ kind: 'base', code: 5004 });
    expect(failedAvps).toEqual([expect.objectContaining({ code })]);
    expect(it.nodes(IMSI)).toEqual({ imsi: IMSI });
  });
});

describe('ULR: subscription [29.272-5.2.1.1.3]', () => {
  it('answers an IMSI that nobody has with 5001', () => {
    expect(hss().ulr({ userName: '001019999999999' }).result).toEqual(experimental(5001));
  });

  const ambr = { uplinkBitsPerSecond: 1, downlinkBitsPerSecond: 1 };
  it.each<[string, object, Eps | undefined, number]>([
    ['S6a without EPS data', {}, undefined, 1],
    ['S6a without an APN configuration', {}, {}, 1],
    ['S6a without an APN configuration but with GPRS data', {}, gprs, 0],
    ['S6a with non-IP APNs only', {}, { ambr, ...profile('nonIp') }, 1],
    ['S6a with Ethernet APNs only', {}, { ambr, ...profile('ethernet') }, 1],
    ['S6d with neither APN configuration nor GPRS data', S6D, {}, 1],
  ])('answers %s with 5420 and a diagnostic', (_, input, eps, errorDiagnostic) => {
    const it = bare(eps);
    const { result, avps, changes } = it.ulr({ userName: IMSI, ...input });
    expect(result).toEqual(experimental(5420));
    expect(avps).toEqual({ errorDiagnostic });
    expect(changes).toBeUndefined();
  });

  it.each<[string, object, Eps, string]>([
    [
      'S6a with non-IP APNs, to a node with the feature',
      {},
      { ambr, ...profile('nonIp') },
      'Non-IP PDN Type APNs',
    ],
    [
      'S6a with Ethernet APNs, to a node with the feature',
      {},
      { ambr, ...profile('ethernet') },
      'Ethernet PDN Type APNs',
    ],
    ['S6d with GPRS data', S6D, gprs, ''],
  ])('accepts %s', (_, input, eps, feature) => {
    const it = bare(eps);
    it.features = new Set([feature]);
    expect(it.ulr({ userName: IMSI, ...input }).result.code).toBe(2001);
  });
});

describe('ULR: RAT [29.272-7.3.31]', () => {
  it.each<[number, (typeof accessRestrictionBits)[number]]>([
    [1000, 'utranNotAllowed'],
    [1001, 'geranNotAllowed'],
    [1002, 'ganNotAllowed'],
    [1003, 'iHspaEvolutionNotAllowed'],
    [1004, 'wbEutranNotAllowed'],
    [1004, 'wbEutranExceptLteMNotAllowed'],
    [1005, 'nbIotNotAllowed'],
    [1007, 'wbEutranNotAllowed'],
    [1007, 'lteMNotAllowed'],
    [1011, 'wbEutranLeoNotAllowed'],
    [1012, 'wbEutranMeoNotAllowed'],
    [1013, 'wbEutranGeoNotAllowed'],
    [1014, 'wbEutranOtherSatNotAllowed'],
    [1021, 'nbIotLeoNotAllowed'],
    [1022, 'nbIotMeoNotAllowed'],
    [1023, 'nbIotGeoNotAllowed'],
    [1024, 'nbIotOtherSatNotAllowed'],
    [1031, 'lteMLeoNotAllowed'],
    [1032, 'lteMMeoNotAllowed'],
    [1033, 'lteMGeoNotAllowed'],
    [1034, 'lteMOtherSatNotAllowed'],
  ])('refuses RAT-Type %i with %s', (ratType, restriction) => {
    const input = { userName: IMSI, ratType: ratType as 1004 };
    expect(hss({ accessRestrictions: [restriction] }).ulr(input).result).toEqual(experimental(5421));
    const others = accessRestrictionBits.filter(
      (name) => !/^(utran|geran|gan|iHspa|wbEutran|lteM|nbIot)/.test(name),
    );
    expect(hss({ accessRestrictions: others }).ulr(input).result.code).toBe(2001);
  });

  it('looks at the serving PLMN, and allows what it does not know', () => {
    const eps: Partial<Eps> = {
      accessRestrictions: ['wbEutranNotAllowed'],
      accessRestrictionsByPlmn: [{ plmn: '26201', accessRestrictions: [] }],
    };
    expect(hss(eps).ulr({ userName: IMSI }).result.code).toBe(5421);
    expect(hss(eps).ulr({ userName: IMSI, visitedPlmnId: PLMN_26201 }).result.code).toBe(2001);
    expect(hss(eps).ulr({ userName: IMSI, ratType: 2003 }).result.code).toBe(2001);
  });

  it('does not take "5GC not allowed" for EPC [29.272-7.3.230]', () => {
    const { result, avps } = hss({ coreNetworkRestrictions: ['5gcNotAllowed'] }).ulr({ userName: IMSI });
    expect(result.code).toBe(2001);
    expect(avps.subscriptionData?.coreNetworkRestrictions).toBe(2);
  });
});

describe('ULR: roaming [29.272-5.2.1.1.3]', () => {
  const abroad = { userName: IMSI, visitedPlmnId: PLMN_26201 };
  const neighbour = { userName: IMSI, visitedPlmnId: Buffer.from('00f120', 'hex') };
  it.each<[string, Partial<Eps>, typeof abroad, number]>([
    ['anywhere', {}, abroad, 2001],
    ['barring outside the HPLMN', { roamingBarring: 'outsideHplmn' }, neighbour, 5004],
    ['barring outside the country, abroad', { roamingBarring: 'outsideHplmnCountry' }, abroad, 5004],
    ['barring outside the country, within', { roamingBarring: 'outsideHplmnCountry' }, neighbour, 2001],
    ['a network that is not allowed', { allowedVisitedNetworks: [{ plmn: '00102' }] }, abroad, 5004],
    ['a network that is allowed', { allowedVisitedNetworks: [{ plmn: '26201' }] }, abroad, 2001],
    ['all networks', { allowedVisitedNetworks: 'all' }, abroad, 2001],
    ['a forbidden network', { forbiddenVisitedNetworks: ['26201'] }, abroad, 5004],
    ['without the default APN', { allowedVisitedNetworks: [{ plmn: '26201', apns: ['ims'] }] }, abroad, 5004],
  ])('%s', (_, eps, input, code) => {
    const { result, avps } = hss(eps).ulr(input);
    expect(result.code).toBe(code);
    if (code === 5004) expect({ result, avps }).toEqual({ result: experimental(5004), avps: {} });
  });

  it('does not bar at home, which homePlmns may widen', () => {
    const eps: Partial<Eps> = { roamingBarring: 'outsideHplmn', allowedVisitedNetworks: [] };
    expect(hss(eps).ulr({ userName: IMSI }).result.code).toBe(2001);
    expect(hss(eps, { homePlmns: new Set(['26201']) }).ulr(abroad).result.code).toBe(2001);
  });

  it('leaves out the APNs that are not allowed there', () => {
    const { avps } = hss({ allowedVisitedNetworks: [{ plmn: '26201', apns: ['Internet'] }] }).ulr(abroad);
    const apns = avps.subscriptionData?.apnConfigurationProfile?.apnConfiguration;
    expect(apns?.map(({ serviceSelection }) => serviceSelection)).toEqual(['internet']);
  });
});

describe('ULR: barring that the node does not support [29.272-7.3.10.1]', () => {
  type Barring = NonNullable<Eps['operatorDeterminedBarring']>[number];
  it.each<[Barring, object, number, number | undefined]>([
    ['allPacketOrientedServices', {}, 5004, 2],
    ['roamerAccessHplmnAp', { visitedPlmnId: PLMN_26201 }, 5004, 3],
    ['roamerAccessVplmnAp', { visitedPlmnId: PLMN_26201 }, 5004, 4],
    ['roamerAccessHplmnAp', {}, 2001, undefined],
    ['allOutgoingCalls', {}, 2001, undefined],
    ['allOutgoingCalls', S6D, 5004, undefined],
  ])('%s, %j: %i', (barring, input, code, errorDiagnostic) => {
    const { result, avps } = hss({ operatorDeterminedBarring: [barring] }).ulr({ userName: IMSI, ...input });
    expect(result.code).toBe(code);
    expect(avps.errorDiagnostic).toBe(errorDiagnostic);
  });

  it('is left out where the operator wants that', () => {
    const it = hss(
      { operatorDeterminedBarring: ['allPacketOrientedServices'] },
      { refuseUnsupportedBarring: false },
    );
    const { result, avps } = it.ulr({ userName: IMSI });
    expect(result.code).toBe(2001);
    expect(avps.subscriptionData?.subscriberStatus).toBe(0);
    expect(avps.subscriptionData).not.toHaveProperty('operatorDeterminedBarring');
  });
});

describe('ULR: peers[].interop errorUlaWithSubscriptionData', () => {
  it('is set by peer', () => {
    const peers = [
      { identity: 'MME1.epc.example', interop: ['errorUlaWithSubscriptionData'] },
      { identity: 'mme2.epc.example', interop: [] },
    ];
    expect(s6aSettings(s6a.parse({}), peers)).toMatchObject(settings);
  });

  const settings = { errorUlaWithSubscriptionData: new Set([MME1.originHost]) };
  it('gives the data in a refusal too', () => {
    const eps: Partial<Eps> = {
      allowedVisitedNetworks: [{ plmn: '26201', apns: ['ims'] }],
      accessRestrictions: ['utranNotAllowed'],
    };
    const abroad = { userName: IMSI, visitedPlmnId: PLMN_26201, originHost: 'MME1.epc.example' };
    const { result, avps, changes } = hss(eps, settings).ulr(abroad);
    expect(result).toEqual(experimental(5004));
    expect(avps.ulaFlags).toBe(1);
    expect(avps.subscriptionData?.apnConfigurationProfile?.apnConfiguration).toHaveLength(2);
    expect(changes).toBeUndefined();
    expect(hss(eps).ulr(abroad).avps).toEqual({});
  });
});
