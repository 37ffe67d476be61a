/** What EPS data is refused for: each fault with its path and its reason. */
import { epsProfile, usimEps } from '../../src/subscriber/eps';

const ambr = { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 };
const internet = { contextIdentifier: 1, serviceSelection: 'internet', pdnType: 'ipv4v6' };
const apns = (...apnConfigurations: object[]): object => ({
  ambr,
  apnConfigurationProfile: { defaultContextIdentifier: 1, apnConfigurations },
});
const apn = (change: object): object => apns({ ...internet, ...change });
const agent = { host: 'pgw.example', realm: 'epc.mnc001.mcc262.3gppnetwork.org' };
const scef = { pdnType: 'nonIp', nonIpDataDeliveryMechanism: 'scef', scefId: 'scef.example' };
const second = (change: object): object =>
  apns(internet, { ...internet, serviceSelection: 'ims', ...change });
const next = 'apnConfigurationProfile/apnConfigurations/1';
const first = 'apnConfigurationProfile/apnConfigurations/0';

const faultsOf = (schema: typeof usimEps | typeof epsProfile, document: object): Record<string, string> =>
  Object.fromEntries(
    schema.safeParse(document).error?.issues.map(({ path, message }) => [path.join('/'), message]) ?? [],
  );

const refused: [clause: string, document: object, path: string, reason: RegExp][] = [
  ['7.3.2', { ...apn({}), ambr: undefined }, 'ambr', /needed beside apnConfigurationProfile/],
  ['7.3.2', { ambr: { uplinkBitsPerSecond: 0, downlinkBitsPerSecond: 0 } }, 'ambr', /not be 0 in both/],
  [
    '7.3.41',
    { ambr: { ...ambr, uplinkBitsPerSecond: 4_294_967_296 } },
    'ambr/uplinkBitsPerSecond',
    /whole kbit\/s/,
  ],
  [
    '7.3.41',
    { ambr: { ...ambr, downlinkBitsPerSecond: 4_294_967_296_000 } },
    'ambr/downlinkBitsPerSecond',
    /4294967295 kbit\/s/,
  ],
  [
    '7.3.34',
    apn({ contextIdentifier: 2 }),
    'apnConfigurationProfile/defaultContextIdentifier',
    /of no APN configuration/,
  ],
  [
    '7.3.34',
    apn({ serviceSelection: '*' }),
    'apnConfigurationProfile/defaultContextIdentifier',
    /wildcard APN/,
  ],
  [
    '7.3.34',
    {
      ambr,
      apnConfigurationProfile: {
        defaultContextIdentifier: 1,
        additionalContextIdentifiers: [2],
        apnConfigurations: [internet, { contextIdentifier: 2, serviceSelection: 'ims', pdnType: 'ipv4' }],
      },
    },
    'apnConfigurationProfile/additionalContextIdentifiers/0',
    /second default among IP/,
  ],
  ['7.3.35', second({ contextIdentifier: 0 }), `${next}/contextIdentifier`, />=1/],
  ['7.3.35', second({ contextIdentifier: 51 }), `${next}/contextIdentifier`, /<=50/],
  [
    '7.3.35',
    apns(internet, { ...internet, serviceSelection: 'ims' }),
    'apnConfigurationProfile/apnConfigurations/1/contextIdentifier',
    /occurs twice/,
  ],
  [
    '7.3.35',
    apns(internet, { ...internet, contextIdentifier: 2, serviceSelection: 'Internet' }),
    'apnConfigurationProfile/apnConfigurations/1/serviceSelection',
    /occurs twice/,
  ],
  [
    '7.3.35',
    apn({ pdnType: 'ipv4', servedPartyIpAddresses: ['2001:db8::'] }),
    `${first}/servedPartyIpAddresses/0`,
    /PDN type ipv4/,
  ],
  [
    '7.3.35',
    apn({ pdnType: 'nonIp', servedPartyIpAddresses: ['10.0.0.1'] }),
    `${first}/servedPartyIpAddresses/0`,
    /PDN type nonIp/,
  ],
  [
    '7.3.35',
    apn({ servedPartyIpAddresses: ['2001:db8::1'] }),
    `${first}/servedPartyIpAddresses/0`,
    /zero in the lower 64 bits/,
  ],
  [
    '7.3.35',
    apn({ servedPartyIpAddresses: ['10.0.0.1', '10.0.0.2'] }),
    `${first}/servedPartyIpAddresses`,
    /two addresses of one family/,
  ],
  ['7.3.35', apn({ pdnGwAllocationType: 'static' }), `${first}/pdnGwAllocationType`, /needs mip6AgentInfo/],
  [
    '7.3.35',
    apn({ mip6AgentInfo: agent, visitedNetworkIdentifier: '26201' }),
    `${first}/visitedNetworkIdentifier`,
    /dynamic P-GW/,
  ],
  ['7.3.35', apn({ scefId: 'scef.example' }), `${first}/scefId`, /only for nonIp/],
  ['7.3.35', apn({ ...scef, scefId: undefined }), `${first}/scefId`, /is needed/],
  [
    '7.3.35',
    apn({ nonIpDataDeliveryMechanism: 'sgi' }),
    `${first}/nonIpDataDeliveryMechanism`,
    /for nonIp only/,
  ],
  ['7.3.35', apn({ rdsEnabled: true }), `${first}/rdsEnabled`, /only for nonIp/],
  ['7.3.36', apn({ serviceSelection: 'a..b' }), `${first}/serviceSelection`, /an APN: labels/],
  [
    '7.3.36',
    apn({ serviceSelection: 'x.mnc001.mcc001.gprs' }),
    `${first}/serviceSelection`,
    /APN network identifier/,
  ],
  ['7.3.37', apn({ qosProfile: { qci: 1, priorityLevel: 1 } }), `${first}/qosProfile/qci`, /non-GBR/],
  ['7.3.40', apn({ qosProfile: { qci: 9, priorityLevel: 16 } }), `${first}/qosProfile/priorityLevel`, /<=15/],
  ['7.3.43', apn({ mip6AgentInfo: { host: 'pgw.example' } }), `${first}/mip6AgentInfo/realm`, /go together/],
  [
    '7.3.43',
    apn({ mip6AgentInfo: { ...agent, realm: 'example' } }),
    `${first}/mip6AgentInfo/realm`,
    /epc\.mnc/,
  ],
  ['7.3.45', apn({ mip6AgentInfo: {} }), `${first}/mip6AgentInfo`, /needs addresses or host/],
  [
    '7.3.45',
    apn({ mip6AgentInfo: { addresses: ['10.0.0.1', '10.0.0.2'] } }),
    `${first}/mip6AgentInfo/addresses`,
    /two addresses of one family/,
  ],
  [
    '7.3.82',
    apn({ specificApnInfos: [{ serviceSelection: 'x', mip6AgentInfo: agent }] }),
    `${first}/specificApnInfos`,
    /wildcard APN/,
  ],
  ['7.3.174', apn({ restorationPriority: 17 }), `${first}/restorationPriority`, /<=16/],
  ['7.3.209', apn({ preferredDataMode: [] }), `${first}/preferredDataMode`, /one at least/],
  ['7.3.30', { operatorDeterminedBarring: ['everything'] }, 'operatorDeterminedBarring/0', /Invalid option/],
  [
    '7.3.31',
    { accessRestrictions: ['wbEutranNotAllowed', 'lteMNotAllowed'] },
    'accessRestrictions',
    /beside wbEutranNotAllowed/,
  ],
  ['7.3.31', { accessRestrictions: ['geranNotAllowed', 'geranNotAllowed'] }, 'accessRestrictions', /twice/],
  [
    '7.3.187',
    {
      accessRestrictionsByPlmn: [
        { plmn: '26201', accessRestrictions: [] },
        { plmn: '26201', accessRestrictions: [] },
      ],
    },
    'accessRestrictionsByPlmn/1/plmn',
    /twice/,
  ],
  ['7.3.230', { coreNetworkRestrictions: ['reserved'] }, 'coreNetworkRestrictions/0', /Invalid/],
  ['5.2.1.1.3', { allowedVisitedNetworks: null }, 'allowedVisitedNetworks', /"all" or a list/],
  ['7.3.9', { forbiddenVisitedNetworks: ['2620'] }, 'forbiddenVisitedNetworks/0', /MCC and MNC/],
  [
    '7.3.52',
    { regionalSubscriptionZoneCodes: [{ plmn: '26201', zoneCodes: new Array(11).fill('0001') }] },
    'regionalSubscriptionZoneCodes/0/zoneCodes',
    /<=10/,
  ],
  ['7.3.39', { stnSr: '+4917' }, 'stnSr', /digits/],
  ['7.3.46', { ratFrequencySelectionPriorityId: 257 }, 'ratFrequencySelectionPriorityId', /<=256/],
  [
    '7.3.79',
    { csgSubscriptionData: [{ plmn: '26201', csgId: 134_217_728 }] },
    'csgSubscriptionData/0/csgId',
    /<=/,
  ],
  [
    '7.3.80',
    { csgSubscriptionData: [{ plmn: '26201', csgId: 1, expirationDate: 'soon' }] },
    'csgSubscriptionData/0/expirationDate',
    /datetime/,
  ],
  ['7.3.91', { lcsInfo: { gmlcNumbers: ['x'] } }, 'lcsInfo/gmlcNumbers/0', /digits/],
  [
    '7.3.101',
    { callBarringInfo: [{ ssCode: '92', ssStatus: '5' }] },
    'callBarringInfo/0/ssStatus',
    /2 hexadecimal/,
  ],
  [
    '7.3.74',
    {
      gprsSubscriptionData: [
        { ...internet, pdnType: undefined, pdpType: 'ipv4', pdpAddress: '::1', qosSubscribed: '000000' },
      ],
    },
    'gprsSubscriptionData/0/pdpAddress',
    /PDP type ipv4/,
  ],
  ['7.3.188', { dlBufferingSuggestedPacketCount: -2 }, 'dlBufferingSuggestedPacketCount', />=-1/],
  ['7.3.202', { ueUsageType: 256 }, 'ueUsageType', /<=255/],
  ['7.3.216', { edrxCycleLengths: [{ ratType: 'eutran', value: 16 }] }, 'edrxCycleLengths/0/value', /<=15/],
  ['7.3.224', { surprise: 1 }, '', /Unrecognized/],
];

test.each(refused.map(([clause, document, path, reason]) => [clause, path, reason, document] as const))(
  '[29.272-%s] %s: %s',
  (_clause, path, reason, document) => {
    const plain = JSON.parse(JSON.stringify(document)) as object;
    expect(faultsOf(usimEps, plain)).toEqual({ [path]: expect.stringMatching(reason) as string });
  },
);

test('[29.272-7.3.35] a static address belongs to one subscriber, so no profile has one', () => {
  const document = { name: 'shared', ...apn({ servedPartyIpAddresses: ['10.0.0.1'] }) };
  expect(faultsOf(epsProfile, document)).toEqual({
    [`${first}/servedPartyIpAddresses`]: 'belongs to one subscriber, not to a profile',
  });
  for (const name of ['aMsisdn', 'externalIdentifiers', 'profile'])
    expect(faultsOf(epsProfile, { name: 'shared', [name]: 'x' })['']).toContain(name);
});
