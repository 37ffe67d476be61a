/** Each part of the EPS data added, changed and removed: what the serving node is sent [29.272-5.2.2.1.3] [29.272-5.2.2.2.3]. */
import {
  allFeatures,
  announcing,
  atMme,
  atSgsn,
  node,
  sent,
  told,
  usim,
  type Eps,
} from './support/reactions';
import { IMSI, twoApns } from './support/subscribers';
import { everyEpsProperty } from '../../support/eps';

const every = everyEpsProperty();
const agent = every.emergencyInfo;

const idr = (...parts: string[]): unknown[] => ['IDR', 'mme1', parts];
const dsr = (...flags: string[]): unknown[] => ['DSR', 'mme1', flags];
const clr = ['CLR', 'mme1', 'SUBSCRIPTION_WITHDRAWAL'];

/** Property, a value, another one, and what its end makes. */
const rows: [name: keyof Eps, one: unknown, other: unknown, end: unknown[][]][] = [
  [
    'operatorDeterminedBarring',
    ['roamerAccessVplmnAp'],
    ['allOutgoingCalls'],
    [idr('operatorDeterminedBarring')],
  ],
  ['hplmnOdb', ['barringType1'], ['barringType2'], [idr('hplmnOdb', 'operatorDeterminedBarring')]],
  ['networkAccessMode', 'packetAndCircuit', 'onlyPacket', []],
  ['apnOiReplacement', 'mnc001.mcc262.gprs', 'mnc002.mcc262.gprs', [dsr('apnOiReplacement')]],
  ['accessRestrictions', ['geranNotAllowed'], ['utranNotAllowed'], [idr('accessRestrictions')]],
  ['coreNetworkRestrictions', ['5gcNotAllowed'], [], [idr('coreNetworkRestrictions')]],
  [
    'regionalSubscriptionZoneCodes',
    [{ plmn: '00101', zoneCodes: ['0001'] }],
    [{ plmn: '00101', zoneCodes: ['0002'] }],
    [dsr('regionalSubscriptionWithdrawal')],
  ],
  ['csgSubscriptionData', [{ plmn: '00101', csgId: 5 }], [{ plmn: '00101', csgId: 6 }], [dsr('csgDeleted')]],
  [
    'subscriptionDataFlags',
    ['pdnConnectionRestricted'],
    ['psAndSmsOnlyServiceProvision'],
    [idr('subscriptionDataFlags')],
  ],
  ['chargingCharacteristics', '0800', '0400', [dsr('subscribedChargingCharacteristicsWithdrawal')]],
  ['stnSr', '49172999', '49172998', [dsr('stnSr')]],
  ['icsIndicator', true, false, [idr('icsIndicator')]],
  ['ratFrequencySelectionPriorityId', 1, 2, [[...clr, 'reattach']]],
  ['subscribedPeriodicRauTauTimerSeconds', 3_600, 7_200, [dsr('subscribedPeriodicRauTauTimerWithdrawal')]],
  ['mpsPriority', ['mpsEpsPriority'], ['mpsCsPriority'], [idr('mpsPriority')]],
  ['vplmnLipaAllowed', true, false, [idr('vplmnLipaAllowed')]],
  ['relayNodeIndicator', true, false, [idr('relayNodeIndicator')]],
  ['mdtUserConsent', true, false, [idr('mdtUserConsent')]],
  ['proSePermission', 1, 2, [dsr('proSeWithdrawal')]],
  [
    'v2xSubscriptionData',
    { uePc5AmbrBitsPerSecond: 1 },
    { uePc5AmbrBitsPerSecond: 2 },
    [dsr('v2xWithdrawal')],
  ],
  [
    'v2xSubscriptionDataNr',
    { uePc5AmbrBitsPerSecond: 1 },
    { uePc5AmbrBitsPerSecond: 2 },
    [dsr('v2xWithdrawal')],
  ],
  ['dlBufferingSuggestedPacketCount', -1, 5, [dsr('dlBufferingSuggestedPacketCountWithdrawal')]],
  [
    'imsiGroupIds',
    [{ groupServiceId: 1, plmn: '00101', localGroupId: 'ab' }],
    [{ groupServiceId: 2, plmn: '00101', localGroupId: 'ab' }],
    [dsr('subscribedImsiGroupIdWithdrawal')],
  ],
  ['ueUsageType', 1, 2, [dsr('ueUsageTypeWithdrawal')]],
  ['emergencyInfo', agent, { addresses: ['192.0.2.7'] }, []],
  [
    'edrxCycleLengths',
    [{ ratType: 'eutran', value: 1 }],
    [{ ratType: 'eutran', value: 2 }],
    [dsr('eDrxCycleLengthWithdrawal')],
  ],
  [
    'pagingTimeWindows',
    [{ operationMode: 'wbS1', length: 1 }],
    [{ operationMode: 'wbS1', length: 2 }],
    [dsr('pagingTimeWindowSubscriptionWithdrawal')],
  ],
  ['activeTimeSeconds', 20, 30, [dsr('activeTimeWithdrawal')]],
  ['serviceGapTimeSeconds', 20, 30, [dsr('serviceGapTimeWithdrawal')]],
  ['broadcastLocationAssistanceDataTypes', ['1-1'], ['5-1'], [idr('broadcastLocationAssistanceDataTypes')]],
  ['aerialUeAllowed', true, false, [dsr('aerialUeSubscriptionWithdrawal')]],
  ['subscribedArpi', 1, 2, [[...clr, 'reattach']]],
  ['iabOperationAllowed', true, false, [idr('iabOperationAllowed')]],
  ['resetIds', ['0a'], ['0b'], [dsr('resetIds')]],
  ['externalIdentifiers', ['a@iot.example'], ['b@iot.example'], [dsr('externalIdentifierWithdrawal')]],
];

test.each(rows)('%s: added, changed, removed', (name, one, other, end) => {
  const parts = name === 'hplmnOdb' ? ['hplmnOdb', 'operatorDeterminedBarring'] : [name];
  if (name !== 'networkAccessMode') {
    expect(sent({}, { [name]: one })).toEqual([idr(...parts)]);
    expect(sent({ [name]: one }, {})).toEqual(end);
  }
  expect(sent({ [name]: one }, { [name]: other })).toEqual([idr(name)]);
});

test.each<[string, Partial<Eps>, Partial<Eps>]>([
  ['only the HSS decides on it', { roamingBarring: 'outsideHplmn' }, { allowedVisitedNetworks: 'all' }],
  [
    'zone codes of another PLMN',
    {},
    { regionalSubscriptionZoneCodes: [{ plmn: '26201', zoneCodes: ['0001'] }] },
  ],
  [
    'access restrictions of another PLMN',
    {},
    { accessRestrictionsByPlmn: [{ plmn: '26201', accessRestrictions: ['utranNotAllowed'] }] },
  ],
  ['equivalent PLMNs', {}, { equivalentPlmns: [{ plmn: '00101', equivalents: ['26202'] }] }],
  [
    'communication patterns and monitoring events',
    {},
    {
      aeseCommunicationPatterns: every.aeseCommunicationPatterns,
      monitoringEventConfigurations: every.monitoringEventConfigurations,
    },
  ],
  [
    'data for short messages, and the MME is not registered for them',
    {},
    { teleserviceList: ['21'], callBarringInfo: [{ ssCode: '92', ssStatus: '05' }] },
  ],
  ['PDP contexts, and the node is no SGSN', {}, { gprsSubscriptionData: every.gprsSubscriptionData }],
])('nothing is sent: %s', (_name, before, after) => {
  expect(told(usim(before), usim(after), atMme)).toEqual({ entries: [], nodes: undefined });
});

test('the same data another way, or another K, is no change', () => {
  const profile = { name: 'p', stnSr: '49172999' };
  const options = { epsProfiles: [profile] };
  expect(told(usim({ profile: 'p' }), usim({ stnSr: '49172999' }), atMme, options).entries).toEqual([]);
  const other = { k: 'f'.repeat(32), opc: 'e'.repeat(32) };
  expect(told(usim({}), usim({}, { aka: other }), atMme).entries).toEqual([]);
  expect(told(usim({ profile: 'p' }), usim({}), atMme, options).entries).toEqual([dsr('stnSr')]);
});

describe('numbers of the USIM', () => {
  const numbers = (...msisdns: string[]) => usim({}, { msisdns });
  test('MSISDN: changed, taken away, and the second, which no node sees', () => {
    expect(told(numbers('49171001'), numbers('49171002'), atMme).entries).toEqual([idr('msisdns')]);
    expect(told(numbers('49171001'), numbers(), atMme).entries).toEqual([dsr('msisdnWithdrawal')]);
    expect(told(numbers('49171001'), numbers('49171001', '49171002'), atMme).entries).toEqual([]);
  });
  test('A-MSISDN', () => {
    const [plain, additional] = [
      numbers('49171001', '49171002'),
      usim({ aMsisdn: '49171002' }, { msisdns: ['49171001', '49171002'] }),
    ];
    expect(told(plain, additional, atMme).entries).toEqual([idr('aMsisdn')]);
    expect(told(additional, plain, atMme).entries).toEqual([dsr('aMsisdnWithdrawal')]);
  });
  test('[29.272-7.3.10.1] a node without "Removal of MSISDN" keeps it', () => {
    const without = { imsi: IMSI, mme: node('mme', { features: announcing('Trace') }) };
    expect(told(numbers('49171001'), numbers(), without).entries).toEqual([]);
  });
});

describe('APN configurations', () => {
  const [first, second] = twoApns.apnConfigurationProfile?.apnConfigurations ?? [];
  const apns = (list: unknown[], defaultContextIdentifier = 1): Partial<Eps> =>
    ({ apnConfigurationProfile: { defaultContextIdentifier, apnConfigurations: list } }) as Partial<Eps>;
  const third = { contextIdentifier: 3, serviceSelection: 'mms', pdnType: 'ipv4' };

  test('added, changed: only those', () => {
    const added = apns([first, second, third]);
    expect(sent({}, added)).toEqual([[...idr('apnConfigurationProfile'), [3]]]);
    const changed = apns([first, { ...second, pdnType: 'ipv4' }]);
    expect(sent({}, changed)).toEqual([[...idr('apnConfigurationProfile'), [2]]]);
  });

  test('removed: DSR with its Context-Identifier, before what is added under the same name', () => {
    expect(sent({}, apns([first]))).toEqual([
      [...dsr('pdnSubscriptionContextsWithdrawal'), { contextIdentifiers: [2] }],
    ]);
    expect(sent({}, apns([first, { ...second, contextIdentifier: 4 }]))).toEqual([
      [...dsr('pdnSubscriptionContextsWithdrawal'), { contextIdentifiers: [2] }],
      [...idr('apnConfigurationProfile'), [4]],
    ]);
  });

  test('another default: an IDR though no APN changed', () => {
    expect(sent({}, apns([first, second], 2))).toEqual([[...idr('apnConfigurationProfile'), []]]);
  });

  test('[29.272-5.2.2.2.1] the default one cannot be deleted: all that are left are sent', () => {
    expect(sent({}, apns([second], 2))).toEqual([idr('apnConfigurationProfile')]);
  });

  test('UE-AMBR: also the APN configurations that have none of their own', () => {
    const ambr = { uplinkBitsPerSecond: 1_000, downlinkBitsPerSecond: 1_000 };
    expect(sent({}, { ambr })).toEqual([idr('ambr')]);
    const before = apns([first, second, third]);
    expect(sent(before, { ...before, ambr })).toEqual([[...idr('ambr', 'apnConfigurationProfile'), [3]]]);
  });

  test('[29.272-7.3.10.1] non-IP only for a node that supports it', () => {
    const nonIp = apns([first, second, { ...third, pdnType: 'nonIp' }]);
    const without = { imsi: IMSI, mme: node('mme', { features: announcing('Trace') }) };
    expect(sent({}, nonIp, without)).toEqual([]);
    expect(sent({}, nonIp)).toHaveLength(1);
  });

  test('all of them gone: an SGSN that has GPRS data keeps serving, an MME does not', () => {
    const gprs = { gprsSubscriptionData: every.gprsSubscriptionData };
    const none = { ...gprs, apnConfigurationProfile: undefined };
    const wants = { imsi: IMSI, sgsn: node('sgsn', { ulrFlags: 1 << 3 }) };
    expect(sent(gprs, none, wants)).toEqual([
      ['DSR', 'sgsn1', ['completeApnConfigurationProfileWithdrawal']],
    ]);
    expect(sent(gprs, none)).toEqual([clr]);
  });
});

describe('PDP contexts of an SGSN that asked for them', () => {
  const [one] = every.gprsSubscriptionData ?? [];
  const two = { ...one, contextIdentifier: 2 };
  const wants = { imsi: IMSI, sgsn: node('sgsn', { ulrFlags: 1 << 3 }) };
  const gprs = (...list: unknown[]): Partial<Eps> => ({ gprsSubscriptionData: list }) as Partial<Eps>;
  const to = (...rest: unknown[]): unknown[] => [rest[0], 'sgsn1', ...rest.slice(1)];

  test.each<[string, Partial<Eps>, Partial<Eps>, unknown[][]]>([
    ['added', gprs(one), gprs(one, two), [to('IDR', ['gprsSubscriptionData'])]],
    [
      'removed',
      gprs(one, two),
      gprs(one),
      [to('DSR', ['pdpContextsWithdrawal'], { contextIdentifiers: [2] })],
    ],
    ['all removed', gprs(one, two), {}, [to('DSR', ['completePdpContextListWithdrawal'])]],
    [
      'one changed, one removed',
      gprs(one, two),
      gprs({ ...one, qosSubscribed: '000000' }),
      [to('IDR', ['gprsSubscriptionData'])],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(sent(before, after, wants)).toEqual(expected);
    expect(sent(before, after, atSgsn)).toEqual([]);
  });

  test('[29.272-7.3.25 note 4] an APN configuration beside it needs a DSR of its own', () => {
    const apn = {
      ...twoApns.apnConfigurationProfile,
      apnConfigurations: twoApns.apnConfigurationProfile?.apnConfigurations.slice(0, 1),
    };
    const after = { ...gprs(one), apnConfigurationProfile: apn } as Partial<Eps>;
    expect(sent(gprs(one, two), after, wants)).toEqual([
      to('DSR', ['pdnSubscriptionContextsWithdrawal'], { contextIdentifiers: [2] }),
      to('DSR', ['pdpContextsWithdrawal'], { contextIdentifiers: [2] }),
    ]);
  });
});

describe('trace, location services and short messages', () => {
  const trace = (traceId: string): Partial<Eps> =>
    ({ traceData: { ...every.traceData, traceReference: { plmn: '26201', traceId } } }) as Partial<Eps>;

  test('[29.272-5.2.2.2.1] a trace ends with its reference', () => {
    expect(sent({}, trace('000001'))).toEqual([idr('traceData')]);
    const ends = [...dsr('traceDataWithdrawal'), { traceReference: '62f210000001' }];
    expect(sent(trace('000001'), {})).toEqual([ends]);
    expect(sent(trace('000001'), trace('000002'))).toEqual([ends, idr('traceData')]);
    const without = { imsi: IMSI, mme: node('mme', { features: announcing('RegSub') }) };
    expect(sent(trace('000001'), {}, without)).toEqual([]);
  });

  const lcs = (change: object): Partial<Eps> => ({ lcsInfo: { ...every.lcsInfo, ...change } });
  const to = (what: string, ...rest: unknown[]): unknown[] => [what, 'sgsn1', ...rest];

  test('location services: by SS code, and the list of GMLCs', () => {
    expect(sent({}, lcs({}), atSgsn)).toEqual([to('IDR', ['lcsInfo'])]);
    expect(sent(lcs({}), {}, atSgsn)).toEqual([
      to('DSR', ['gmlcListWithdrawal', 'lcsWithdrawal'], { ssCodes: ['b2', 'c1'] }),
    ]);
    expect(sent(lcs({}), lcs({ moLr: [] }), atSgsn)).toEqual([
      to('DSR', ['lcsWithdrawal'], { ssCodes: ['c1'] }),
    ]);
    expect(sent(lcs({}), lcs({ moLr: [{ ssCode: 'c2', ssStatus: '05' }] }), atSgsn)).toEqual([
      to('DSR', ['lcsWithdrawal'], { ssCodes: ['c1'] }),
      to('IDR', ['lcsInfo']),
    ]);
  });

  test('short messages: by TS code and SS code', () => {
    const sms: Partial<Eps> = {
      teleserviceList: ['21', '22'],
      callBarringInfo: [{ ssCode: '92', ssStatus: '05' }],
    };
    expect(sent({}, sms, atSgsn)).toEqual([to('IDR', ['callBarringInfo', 'teleserviceList'])]);
    expect(sent(sms, {}, atSgsn)).toEqual([
      to('DSR', ['smsWithdrawal'], { tsCodes: ['21', '22'], ssCodes: ['92'] }),
    ]);
    expect(sent(sms, { ...sms, teleserviceList: ['21'] }, atSgsn)).toEqual([
      to('DSR', ['smsWithdrawal'], { tsCodes: ['22'] }),
    ]);
  });

  test('user plane integrity protection ends for an SGSN by a bit of its own', () => {
    expect(sent({ subscriptionDataFlags: ['userPlaneIntegrityProtection'] }, {}, atSgsn)).toEqual([
      to('DSR', ['userPlaneIntegrityProtectionWithdrawal']),
      to('IDR', ['subscriptionDataFlags']),
    ]);
  });
});

test('lists of which a part is gone: eDRX and V2X', () => {
  const edrx: Partial<Eps> = {
    edrxCycleLengths: [
      { ratType: 'eutran', value: 1 },
      { ratType: 'lteM', value: 1 },
    ],
  };
  expect(sent(edrx, { edrxCycleLengths: [{ ratType: 'eutran', value: 1 }] })).toEqual([
    dsr('eDrxCycleLengthWithdrawal'),
    idr('edrxCycleLengths'),
  ]);
  const v2x: Partial<Eps> = { v2xSubscriptionData: { uePc5AmbrBitsPerSecond: 1 } };
  const nr: Partial<Eps> = { v2xSubscriptionDataNr: { uePc5AmbrBitsPerSecond: 1 } };
  expect(sent({ ...v2x, ...nr }, v2x)).toEqual([dsr('v2xWithdrawal'), idr('v2xSubscriptionData')]);
});

describe('[29.272-7.3.10.1] what a node announced decides', () => {
  const needing: Partial<Eps> = {
    traceData: every.traceData,
    ueUsageType: 1,
    resetIds: ['0a'],
    proSePermission: 1,
    v2xSubscriptionData: {},
    externalIdentifiers: ['a@iot.example'],
    emergencyInfo: agent,
    regionalSubscriptionZoneCodes: [{ plmn: '00101', zoneCodes: ['0001'] }],
  };
  test('no features: nothing that needs one, added or removed', () => {
    const none = { imsi: IMSI, mme: node('mme', { features: null }) };
    expect(sent({}, needing, none)).toEqual([]);
    expect(sent(needing, {}, none)).toEqual([]);
    expect(sent({}, { ...needing, stnSr: '49171001' }, none)).toEqual([idr('stnSr')]);
    expect(sent({}, needing, { imsi: IMSI, mme: node('mme', { features: allFeatures }) })).toHaveLength(1);
  });
});
