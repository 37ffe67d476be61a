/** Subscription-Data: what each node gets of the EPS data, and that the codec takes it [29.272-7.3.2]. */
import { s6aFeatureList1, s6aFeatureList2, type S6aFeature } from '../../../src/apps/s6a/feature-tables';
import type { SubscriptionData } from '../../../src/apps/s6a/generated/s6a';
import { ULA } from '../../../src/apps/s6a/generated/s6a-tables';
import type { EpsPart } from '../../../src/apps/s6a/outgoing/payloads';
import type { Recipient } from '../../../src/apps/s6a/subscription-data/recipient';
import {
  changedSubscriptionData,
  subscriptionData,
} from '../../../src/apps/s6a/subscription-data/subscription-data';
import { decodeMessage } from '../../../src/diameter/codec/decode';
import { encodeMessage } from '../../../src/diameter/codec/encode';
import { effectiveEps, usimEps, type EpsData, type UsimEps } from '../../../src/subscriber/eps';
import { s6aDictionary } from '../../diameter/codec/s6a-support';
import { present } from '../../diameter/codec/support';
import { everyEpsProperty } from '../../support/eps';

const usim = { msisdns: ['491710000001', '49170'] };
const allFeatures: readonly S6aFeature[] = [...s6aFeatureList1.features, ...s6aFeatureList2.features].map(
  ({ name }) => name,
);
const dataOf = (eps: UsimEps): EpsData => {
  const data = effectiveEps({ eps }, { epsProfiles: new Map() });
  if (data === undefined) throw new Error('no EPS data');
  return data;
};
const every = dataOf(everyEpsProperty());
const without = (...names: S6aFeature[]): ReadonlySet<string> =>
  new Set(allFeatures.filter((name) => !names.includes(name)));

/** An MME at home that knows everything. */
const mme: Recipient = {
  kind: 'mme',
  isCombined: false,
  features: without(),
  visitedPlmn: '26201',
  isRoaming: false,
  wantsGprs: false,
  servesSms: false,
  isRegisteredForSms: false,
  equivalentPlmns: undefined,
  adjacentPlmns: [],
  pdnGws: [],
};
const sgsn: Recipient = { ...mme, kind: 'sgsn', servesSms: true, isRegisteredForSms: true };
const combined: Recipient = { ...mme, isCombined: true, servesSms: true, wantsGprs: true };

const envelope = {
  sessionId: 'mme.example;1;1',
  authSessionState: 1,
  originHost: 'hss.example',
  originRealm: 'example',
} as const;

/** Nothing that the builder makes is refused by the codec or lost on the wire. */
function encoded(data: SubscriptionData): SubscriptionData {
  const octets = encodeMessage(
    ULA,
    { hopByHopId: 1, endToEndId: 2 },
    { ...envelope, subscriptionData: data },
    s6aDictionary,
  );
  const decoded = decodeMessage(octets, s6aDictionary);
  if (!decoded.ok) throw new Error(decoded.failure.message);
  expect(present(decoded.message.avps)).toMatchObject({ subscriptionData: data });
  return data;
}
const build = (to: Partial<Recipient> = {}, eps: EpsData = every, base = mme): SubscriptionData =>
  encoded(subscriptionData(usim, eps, { ...base, ...to }));
const withEps = (more: Partial<UsimEps>): EpsData =>
  dataOf(usimEps.parse({ ...everyEpsProperty(), ...more }));

type Avp = keyof SubscriptionData;

describe('Subscription-Data of every property', () => {
  it('of a combined node has every AVP but those that an IDR or another place needs', () => {
    const data = build({ adjacentPlmns: ['26202'] }, every, combined);
    expect(Object.keys(data).sort()).toEqual(
      [
        ...['subscriberStatus', 'msisdn', 'aMsisdn', 'stnSr', 'icsIndicator', 'networkAccessMode'],
        ...['operatorDeterminedBarring', 'hplmnOdb', 'regionalSubscriptionZoneCode'],
        ...['accessRestrictionData', 'apnOiReplacement', 'lcsInfo', 'teleserviceList', 'callBarringInfo'],
        ...['avp3gppChargingCharacteristics', 'ambr', 'apnConfigurationProfile'],
        ...['ratFrequencySelectionPriorityId', 'traceData', 'gprsSubscriptionData', 'csgSubscriptionData'],
        ...['subscribedPeriodicRauTauTimer', 'mpsPriority', 'vplmnLipaAllowed', 'relayNodeIndicator'],
        ...['mdtUserConsent', 'subscribedVsrvcc', 'proseSubscriptionData', 'subscriptionDataFlags'],
        ...['adjacentAccessRestrictionData', 'dlBufferingSuggestedPacketCount', 'imsiGroupId'],
        ...['ueUsageType', 'aeseCommunicationPattern', 'monitoringEventConfiguration', 'emergencyInfo'],
        ...['v2xSubscriptionData', 'v2xSubscriptionDataNr', 'edrxCycleLength', 'externalIdentifier'],
        ...['activeTime', 'serviceGapTime', 'broadcastLocationAssistanceDataTypes'],
        ...['aerialUeSubscriptionInformation', 'coreNetworkRestrictions', 'pagingTimeWindow'],
        ...['subscribedArpi', 'iabOperationPermission'],
      ].sort(),
    );
  });

  it.each<[S6aFeature, Avp, Recipient]>([
    ['ODB-VPLMN-APN', 'operatorDeterminedBarring', mme],
    ['RegSub', 'regionalSubscriptionZoneCode', mme],
    ['Trace', 'traceData', mme],
    ['SM-MO-PP', 'teleserviceList', sgsn],
    ['BAOC', 'callBarringInfo', sgsn],
    ['Additional MSISDN', 'aMsisdn', mme],
    ['SMS in SGSN', 'subscriptionDataFlags', sgsn],
    ['ProSe Capability', 'proseSubscriptionData', mme],
    ['Communication-Pattern', 'aeseCommunicationPattern', mme],
    ['Monitoring-Event', 'monitoringEventConfiguration', mme],
    ['Dedicated Core Networks', 'ueUsageType', mme],
    ['Emergency Service Continuity', 'emergencyInfo', mme],
    ['V2X Capability', 'v2xSubscriptionData', mme],
    ['V2X Capability', 'v2xSubscriptionDataNr', mme],
    ['External-Identifier', 'externalIdentifier', mme],
  ])('without %s has no %s [29.272-7.3.10.1]', (feature, avp, to) => {
    const eps = withEps({ teleserviceList: ['22'] });
    expect(build({}, eps, to)).toHaveProperty(avp);
    expect(build({ features: without(feature) }, eps, to)).not.toHaveProperty(avp);
  });

  it.each<[Avp, Recipient, Recipient]>([
    ['teleserviceList', { ...mme, servesSms: true }, mme],
    ['callBarringInfo', { ...mme, servesSms: true }, mme],
    ['relayNodeIndicator', mme, sgsn],
    ['aerialUeSubscriptionInformation', mme, sgsn],
    ['coreNetworkRestrictions', mme, sgsn],
    ['proseSubscriptionData', combined, sgsn],
    ['v2xSubscriptionData', combined, sgsn],
    ['emergencyInfo', mme, sgsn],
    ['gprsSubscriptionData', { ...sgsn, wantsGprs: true }, sgsn],
    ['gprsSubscriptionData', combined, mme],
    ['hplmnOdb', mme, { ...mme, isRoaming: true, visitedPlmn: '310410' }],
  ])('%s is for some nodes [29.272-5.2.1.1.1]', (avp, yes, no) => {
    expect(build({}, every, yes)).toHaveProperty(avp);
    expect(build({}, every, no)).not.toHaveProperty(avp);
  });
});

describe('Subscription-Data by where the subscriber is', () => {
  it('says the barring that it sends in Subscriber-Status [29.272-5.2.1.1.3]', () => {
    expect(build()).toMatchObject({ subscriberStatus: 1, operatorDeterminedBarring: 4, hplmnOdb: 8 });
    const none = build({ features: new Set(), isRoaming: true, visitedPlmn: '310410' });
    expect(none.subscriberStatus).toBe(0);
    expect(none).not.toHaveProperty('operatorDeterminedBarring');
  });

  it('has the access restrictions of the visited PLMN, and of adjacent ones [29.272-7.3.187]', () => {
    expect(build().accessRestrictionData).toBe(2);
    const data = build({ visitedPlmn: '26202', isRoaming: true, adjacentPlmns: ['26201', '26202'] });
    expect(data.accessRestrictionData).toBe(1);
    expect(data.adjacentAccessRestrictionData).toEqual([
      { visitedPlmnId: Buffer.from('62f210', 'hex'), accessRestrictionData: 2 },
    ]);
  });

  it.each<[S6aFeature, number]>([
    ['NR as Secondary RAT', 0x200],
    ['Unlicensed Spectrum as Secondary RAT', 0x100],
  ])('hides the restrictions of a feature that is not there: %s', (feature, left) => {
    const names = [
      'nrAsSecondaryRatInEutranNotAllowed',
      'unlicensedSpectrumAsSecondaryRatNotAllowed',
    ] as const;
    const eps = withEps({ accessRestrictions: [...names] });
    expect(build({}, eps).accessRestrictionData).toBe(0x300);
    expect(build({ features: without(feature) }, eps).accessRestrictionData).toBe(left);
  });

  it('has the CSGs of the registered PLMN and of the equivalent ones [29.272-7.3.78]', () => {
    const csgs = [
      { plmn: '26201', csgId: 1 },
      { plmn: '26202', csgId: 2 },
    ];
    const eps = withEps({ csgSubscriptionData: csgs });
    expect(build({}, eps).csgSubscriptionData).toEqual([{ csgId: 32 }]);
    expect(build({ equivalentPlmns: ['26202'] }, eps).csgSubscriptionData).toEqual([
      { csgId: 32, visitedPlmnId: Buffer.from('62f210', 'hex') },
      { csgId: 64, visitedPlmnId: Buffer.from('62f220', 'hex') },
    ]);
    expect(build({ visitedPlmn: '26203' }, eps)).not.toHaveProperty('csgSubscriptionData');
  });

  it('keeps the groups of the home operator at home [29.272-7.3.190]', () => {
    const eps = withEps({ imsiGroupIds: [{ groupServiceId: 1001, plmn: '26201', localGroupId: 'ab' }] });
    expect(build({}, eps)).toHaveProperty('imsiGroupId');
    expect(build({ isRoaming: true }, eps)).not.toHaveProperty('imsiGroupId');
  });
});

describe('APN-Configuration-Profile [29.272-7.3.34]', () => {
  const apnsOf = (data: SubscriptionData) => {
    const { apnConfigurationProfile: profile } = data;
    return [
      profile?.contextIdentifier,
      profile?.additionalContextIdentifier,
      profile?.thirdContextIdentifier,
      profile?.apnConfiguration.map(({ contextIdentifier }) => contextIdentifier),
    ];
  };
  it.each<[string, Partial<Recipient>, ReturnType<typeof apnsOf>]>([
    ['all', {}, [1, 2, 3, [1, 2, 3, 50]]],
    ['without non-IP', { features: without('Non-IP PDN Type APNs') }, [1, 3, undefined, [1, 3, 50]]],
    ['without Ethernet', { features: without('Ethernet PDN Type APNs') }, [1, 2, undefined, [1, 2, 50]]],
    [
      'where some APNs are allowed',
      { isRoaming: true, visitedPlmn: '26202' },
      [1, undefined, undefined, [1]],
    ],
    ['where all APNs are allowed', { isRoaming: true, visitedPlmn: '310410' }, [1, 2, 3, [1, 2, 3, 50]]],
  ])('%s', (_, to, expected) => {
    expect(apnsOf(build(to))).toEqual(expected);
  });

  it('has quality of service and AMBR in each APN [29.272-5.2.1.1.3]', () => {
    for (const apn of build().apnConfigurationProfile?.apnConfiguration ?? []) {
      expect(apn.epsSubscribedQosProfile).toBeDefined();
      expect(apn.ambr).toBeDefined();
    }
  });

  it('marks APNs without IP [29.272-7.3.204] [29.272-7.3.232]', () => {
    const [, nonIp, ethernet] = build().apnConfigurationProfile?.apnConfiguration ?? [];
    expect(nonIp).toMatchObject({ nonIpPdnTypeIndicator: 1, nonIpDataDeliveryMechanism: 1, rdsIndicator: 1 });
    expect(ethernet).toMatchObject({ ethernetPdnTypeIndicator: 1, pdnType: 0 });
  });

  it('has more than 4294967295 bit/s in kbit/s too, with the feature [29.272-7.3.41]', () => {
    const ambr = { maxRequestedBandwidthUl: 50_000_000, maxRequestedBandwidthDl: 4_294_967_295 };
    expect(build().ambr).toEqual({ ...ambr, extendedMaxRequestedBwDl: 10_000_000 });
    expect(build({ features: without('NR as Secondary RAT') }).ambr).toEqual(ambr);
  });
});

describe('LCS-Info [29.272-7.3.84]', () => {
  it('has privacy exceptions over S6d only', () => {
    expect(Object.keys(build().lcsInfo ?? {})).toEqual(['gmlcNumber', 'moLr']);
    expect(Object.keys(build({}, every, sgsn).lcsInfo ?? {})).toEqual([
      'gmlcNumber',
      'lcsPrivacyexception',
      'moLr',
    ]);
  });

  it.each<[S6aFeature, readonly string[]]>([
    ['LCS-CallSessionRelated', ['gmlcNumber', 'lcsPrivacyexception']],
    ['Dia-LCS-all-PrivExcep', ['gmlcNumber', 'lcsPrivacyexception']],
    ['LCS-Universal', ['gmlcNumber']],
    ['Dia-LCS-BasicSelfLocation', ['gmlcNumber', 'moLr']],
    ['LCS-all-MOLR-SS', ['gmlcNumber', 'moLr']],
    ['BAOC', []],
  ])('with %s alone has %j', (feature, names) => {
    expect(Object.keys(build({ features: new Set([feature]) }, every, sgsn).lcsInfo ?? {})).toEqual(names);
  });
});

describe('parts for IDR [29.272-5.2.2.1.3]', () => {
  const parts = (changed: readonly EpsPart[], contexts?: readonly number[], eps = every): SubscriptionData =>
    changedSubscriptionData(usim, eps, mme, changed, contexts);

  it('has what changed and nothing else', () => {
    expect(parts([])).toEqual({});
    expect(parts(['ambr'])).toEqual({ ambr: build().ambr });
    expect(parts(['msisdns'])).toEqual({ msisdn: build().msisdn, aMsisdn: build().aMsisdn });
    expect(Object.keys(encoded(parts(['hplmnOdb'])))).toEqual([
      'subscriberStatus',
      'operatorDeterminedBarring',
      'hplmnOdb',
    ]);
  });

  it('says that nothing is restricted any more', () => {
    const free = dataOf(usimEps.parse({}));
    expect(
      parts(['accessRestrictions', 'operatorDeterminedBarring', 'mpsPriority'], undefined, free),
    ).toEqual({
      subscriberStatus: 0,
      accessRestrictionData: 0,
      mpsPriority: 0,
    });
  });

  it('has some APNs and the default one [29.272-7.3.33]', () => {
    const some = encoded(parts(['apnConfigurationProfile'], [3])).apnConfigurationProfile;
    expect(some?.allApnConfigurationsIncludedIndicator).toBe(1);
    expect(some?.apnConfiguration.map(({ contextIdentifier }) => contextIdentifier)).toEqual([1, 3]);
    const all = parts(['apnConfigurationProfile']).apnConfigurationProfile;
    expect(all).toEqual(build().apnConfigurationProfile);
  });
});
