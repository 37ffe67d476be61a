/** Update-Location-Request: what becomes of the serving nodes, and who is cancelled [29.272-5.2.1.1.3]. */
import type { ServingNode, ServingNodes } from '../../../src/apps/s6a/state/serving-nodes';
import { MME1, MME2, S6aHss, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI, twoApns } from './support/subscribers';

type Eps = NonNullable<NonNullable<Parameters<typeof epsSubscriber>[0]>['eps']>;
const hss = (eps: Partial<Eps> = {}) =>
  new S6aHss({ subscriptions: [epsSubscriber({ eps: { ...twoApns, ...eps } })] });

const S6A = 0x02;
const SINGLE_REGISTRATION = 0x01;
const NODE_TYPE = 0x10;
const INITIAL_ATTACH = 0x20;
const SMS_ONLY = 0x80;

const node = ({ originHost, originRealm }: typeof MME1, more: Partial<ServingNode> = {}): ServingNode => ({
  host: originHost,
  realm: originRealm,
  visitedPlmnId: '00f110',
  sinceMs: 1,
  ulrFlags: S6A,
  ratType: 1004,
  features: null,
  isPurged: false,
  ...more,
});

describe('ULR: Cancel-Location [29.272-5.2.1.1.3]', () => {
  const at = (input: object) => ({ userName: IMSI, ...input });
  const mme = node(MME1);
  const sgsn = node(SGSN1, { ulrFlags: 0, ratType: 1000 });
  const upper = { ...MME1, originHost: MME1.originHost.toUpperCase() };
  type Expected = readonly (readonly [host: string, kind: string, type: string])[];
  it.each<[string, Partial<ServingNodes>, object, Expected, ('mme' | 'sgsn')[]]>([
    ['first attach', {}, { ulrFlags: S6A | INITIAL_ATTACH }, [], ['mme']],
    ['the same MME', { mme }, { ulrFlags: S6A }, [], ['mme']],
    ['the same MME in capitals', { mme }, { ...upper, ulrFlags: S6A }, [], ['mme']],
    [
      'another MME',
      { mme },
      { ...MME2, ulrFlags: S6A },
      [[MME1.originHost, 'mme', 'MME_UPDATE_PROCEDURE']],
      ['mme'],
    ],
    [
      'another MME; the SGSN stays',
      { mme, sgsn },
      { ...MME2, ulrFlags: S6A },
      [[MME1.originHost, 'mme', 'MME_UPDATE_PROCEDURE']],
      ['mme', 'sgsn'],
    ],
    [
      'single registration',
      { sgsn },
      { ulrFlags: S6A | SINGLE_REGISTRATION },
      [[SGSN1.originHost, 'sgsn', 'SGSN_UPDATE_PROCEDURE']],
      ['mme'],
    ],
    [
      'initial attach at the MME',
      { mme, sgsn },
      { ulrFlags: S6A | INITIAL_ATTACH },
      [[SGSN1.originHost, 'sgsn', 'INITIAL_ATTACH_PROCEDURE']],
      ['mme'],
    ],
    [
      'initial attach and single registration',
      { sgsn },
      { ulrFlags: S6A | INITIAL_ATTACH | SINGLE_REGISTRATION },
      [[SGSN1.originHost, 'sgsn', 'SGSN_UPDATE_PROCEDURE']],
      ['mme'],
    ],
    [
      'both at once',
      { mme, sgsn },
      { ...MME2, ulrFlags: S6A | INITIAL_ATTACH },
      [
        [MME1.originHost, 'mme', 'MME_UPDATE_PROCEDURE'],
        [SGSN1.originHost, 'sgsn', 'INITIAL_ATTACH_PROCEDURE'],
      ],
      ['mme'],
    ],
    ['an SGSN beside the MME', { mme }, { ...SGSN1, ulrFlags: 0 }, [], ['mme', 'sgsn']],
    [
      'another SGSN',
      { sgsn },
      { ...MME2, ulrFlags: 0 },
      [[SGSN1.originHost, 'sgsn', 'SGSN_UPDATE_PROCEDURE']],
      ['sgsn'],
    ],
    [
      'initial attach at the SGSN',
      { mme, sgsn },
      { ...SGSN1, ulrFlags: INITIAL_ATTACH },
      [[MME1.originHost, 'mme', 'INITIAL_ATTACH_PROCEDURE']],
      ['sgsn'],
    ],
    [
      'single registration means nothing from an SGSN',
      { mme },
      { ...SGSN1, ulrFlags: SINGLE_REGISTRATION },
      [],
      ['mme', 'sgsn'],
    ],
    ['the other part of a combined node', { mme }, { ...MME1, ulrFlags: NODE_TYPE }, [], ['mme', 'sgsn']],
    [
      'initial attach at a combined node',
      { sgsn: node(MME1) },
      { ulrFlags: S6A | NODE_TYPE | INITIAL_ATTACH },
      [[MME1.originHost, 'sgsn', 'INITIAL_ATTACH_PROCEDURE']],
      ['mme'],
    ],
  ])('%s', (_, before, input, expected, kinds) => {
    const it = hss();
    it.setNodes({ imsi: IMSI, ...before });
    const { outbox = [] } = it.ulr(at(input));
    expect(outbox).toEqual(
      expected.map(([destinationHost, kind, cancellationType]) => ({
        kind: 's6a.CLR',
        destinationHost,
        destinationRealm: 'epc.example',
        payload: { imsi: IMSI, kind, cancellationType },
      })),
    );
    const { mme: laterMme, sgsn: laterSgsn } = it.nodes(IMSI);
    expect([...(laterMme ? ['mme'] : []), ...(laterSgsn ? ['sgsn'] : [])]).toEqual(kinds);
  });
});

describe('ULR: what is kept of the node [29.272-5.2.1.1.3]', () => {
  it('keeps what the request says', () => {
    const it = hss();
    it.ulr({
      userName: IMSI,
      supportedFeatures: [
        { vendorId: 10415, featureListId: 1, featureList: 0xdc000200 },
        { vendorId: 1, featureListId: 2, featureList: 7 },
      ],
      terminalInformation: { imei: '358240051111109', softwareVersion: '01' },
      ueSrvccCapability: 1,
      homogeneousSupportOfImsVoiceOverPsSessions: 1,
      gmlcAddress: '192.0.2.7',
      coupledNodeDiameterId: 'sgsn1.epc.example',
      sgsMmeIdentity: 'mmec01.mmegi0001.mme.epc.mnc001.mcc001.3gppnetwork.org',
      sgsnNumber: Buffer.from('947199', 'hex'),
      equivalentPlmnList: { visitedPlmnId: [Buffer.from('62f210', 'hex')] },
      adjacentPlmns: { visitedPlmnId: [Buffer.from('02f859', 'hex')] },
    });
    expect(it.nodes(IMSI)).toMatchObject({
      mme: {
        features: { 1: 0xdc000200, 2: 0 },
        ueSrvccCapability: 1,
        homogeneousImsVoice: 'supported',
        gmlcAddress: '192.0.2.7',
        coupledNode: 'sgsn1.epc.example',
        sgsMmeIdentity: 'mmec01.mmegi0001.mme.epc.mnc001.mcc001.3gppnetwork.org',
        sgsnNumber: '947199',
        equivalentPlmns: ['62f210'],
        adjacentPlmns: ['02f859'],
      },
      terminal: { imei: '35824005111110', softwareVersion: '01', atMs: it.nowMs },
    });
  });

  it('ends what was of the past: purge, last location, area restriction, URRP, SRVCC capability', () => {
    const it = hss();
    it.setNodes({
      imsi: IMSI,
      mme: node(MME1, {
        isPurged: true,
        reported: { atMs: 1 },
        isAreaRestricted: true,
        isReachabilityAwaited: true,
        ueSrvccCapability: 1,
      }),
    });
    it.ulr({ userName: IMSI, ulrFlags: S6A });
    expect(it.nodes(IMSI).mme).toEqual(node(MME1, { sinceMs: it.nowMs }));
  });

  it('commits nothing where nothing changes, and remembers since when the node serves', () => {
    const it = hss();
    const input = {
      userName: IMSI,
      ulrFlags: S6A,
      terminalInformation: { imei: '35824005111110' },
    };
    expect(it.ulr(input).changes).toHaveLength(1);
    const { nowMs } = it;
    it.nowMs += 5_000;
    expect(it.ulr(input).changes).toBeUndefined();
    it.ulr({ ...input, ratType: 1005 });
    expect(it.nodes(IMSI).mme).toMatchObject({ sinceMs: nowMs, ratType: 1005 });
  });

  it('replaces dynamic P-GWs by Active-APN, and sends them [29.272-7.3.127] [29.272-7.3.82]', () => {
    const [internet, ims] = twoApns.apnConfigurationProfile?.apnConfigurations ?? [];
    if (internet === undefined || ims === undefined) throw new Error('twoApns has two APNs');
    const it = hss({
      apnConfigurationProfile: {
        defaultContextIdentifier: 1,
        apnConfigurations: [internet, { ...ims, contextIdentifier: 3, serviceSelection: '*' }],
      },
    });
    it.setNodes({
      imsi: IMSI,
      pdnGws: [
        { apn: 'old', addresses: ['192.0.2.1'] },
        { apn: null, addresses: ['192.0.2.2'] },
      ],
    });
    const mip6AgentInfo = { mipHomeAgentAddress: ['192.0.2.9'] };
    const { avps } = it.ulr({
      userName: IMSI,
      activeApn: [
        {
          contextIdentifier: 1,
          serviceSelection: 'Internet',
          mip6AgentInfo,
          visitedNetworkIdentifier: Buffer.from('mnc001.mcc001.3gppnetwork.org'),
        },
        { contextIdentifier: 3, specificApnInfo: [{ serviceSelection: 'special', mip6AgentInfo }] },
      ],
    });
    expect(it.nodes(IMSI).pdnGws).toEqual([
      {
        apn: 'internet',
        contextIdentifier: 1,
        addresses: ['192.0.2.9'],
        visitedNetworkIdentifier: Buffer.from('mnc001.mcc001.3gppnetwork.org').toString('hex'),
      },
      { apn: 'special', contextIdentifier: 3, addresses: ['192.0.2.9'] },
      { apn: null, addresses: ['192.0.2.2'] },
    ]);
    expect(avps.subscriptionData?.apnConfigurationProfile?.apnConfiguration).toMatchObject([
      {
        mip6AgentInfo,
        pdnGwAllocationType: 1,
        visitedNetworkIdentifier: Buffer.from('mnc001.mcc001.3gppnetwork.org'),
      },
      { specificApnInfo: [{ serviceSelection: 'special', mip6AgentInfo }] },
    ]);
  });
});

describe('ULR: short messages [29.272-5.2.1.1.3]', () => {
  const sms = { mmeNumberForMtSms: Buffer.from('947199', 'hex') };
  const required = { ...sms, smsRegisterRequest: 0 } as const;
  it.each<[string, string[], Partial<Eps>, object, boolean]>([
    ['required', ['SMS in MME'], {}, required, true],
    ['no preference', ['SMS in MME'], {}, { ...sms, smsRegisterRequest: 2 }, true],
    ['not preferred', ['SMS in MME'], {}, { ...sms, smsRegisterRequest: 1 }, false],
    ['SMS only', ['SMS in MME'], {}, { ...sms, ulrFlags: S6A | SMS_ONLY }, true],
    ['no request', ['SMS in MME'], {}, sms, false],
    ['no number', ['SMS in MME'], {}, { smsRegisterRequest: 0 }, false],
    ['no feature', [], {}, required, false],
    ['not allowed', ['SMS in MME'], { smsInMmeAllowed: false }, required, false],
  ])('registers the MME for SMS: %s', (_, features, eps, input, isRegistered) => {
    const it = hss(eps);
    it.features = new Set(features);
    const { avps } = it.ulr({ userName: IMSI, ...input });
    expect(avps.ulaFlags).toBe(isRegistered ? 3 : 1);
    expect(it.nodes(IMSI).mme?.isRegisteredForSms ?? false).toBe(isRegistered);
  });

  it('stays registered where the MME says nothing, and not after an initial attach', () => {
    const it = hss();
    it.features = new Set(['SMS in MME']);
    it.ulr({ userName: IMSI, ...required });
    expect(it.ulr({ userName: IMSI, ulrFlags: S6A }).avps.ulaFlags).toBe(3);
    expect(it.nodes(IMSI).mme).toMatchObject({ isRegisteredForSms: true, number: '947199' });
    expect(it.ulr({ userName: IMSI, ulrFlags: S6A | INITIAL_ATTACH }).avps.ulaFlags).toBe(1);
  });
});
