/** Notify-Request, every item of the clause [29.272-5.2.5.1.3]. */
import type { NotifyAnswer, NotifyRequest } from '../../../src/apps/s6a/generated/s6a';
import type { ServingNodes } from '../../../src/apps/s6a/state/serving-nodes';
import { NOW_MS } from '../cx/support/test-hss';
import { atBoth, atCombined, atMme, atSgsn } from './support/nodes';
import { MME1, MME2, S6aHss, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI, twoApns } from './support/subscribers';

const NOR = 323;

const hssWith = (nodes: ServingNodes, eps: object = twoApns): S6aHss => {
  const hss = new S6aHss({ subscriptions: [epsSubscriber({ eps })] });
  hss.setNodes(nodes);
  return hss;
};
const notify = (hss: S6aHss, input: Partial<NotifyRequest> = {}) =>
  hss.request<NotifyAnswer>(NOR, { userName: IMSI, ...input });
/** What is kept once a node at these places has told this. */
const after = (nodes: ServingNodes, input: Partial<NotifyRequest>): ServingNodes => {
  const hss = hssWith(nodes);
  expect(notify(hss, input).result.code).toBe(2001);
  return hss.nodes(IMSI);
};

describe('who may tell [29.272-5.2.5.1.3]', () => {
  it.each<[string, Partial<NotifyRequest>, ServingNodes, number]>([
    ['an IMSI that nobody has', { userName: '001019999999999' }, atMme(), 5001],
    ['a node where the subscriber is not', MME2, atBoth(), 5423],
    ['a subscriber who is nowhere', MME1, { imsi: IMSI }, 5423],
  ])('%s', (_, input, nodes, code) => {
    const hss = hssWith(nodes);
    const { result, refusal } = notify(hss, { ...input, ueSrvccCapability: 1 });
    expect(result).toEqual({ kind: 'experimental', code });
    expect(refusal).toMatchObject({ clause: 'TS 29.272 5.2.5.1.3', imsi: input.userName ?? IMSI });
    expect(hss.nodes(IMSI)).toEqual(nodes);
  });

  it('changes nothing where nothing is new', () => {
    const { result, changes, outbox } = notify(hssWith(atMme({ ueSrvccCapability: 1 })), {
      ueSrvccCapability: 1,
    });
    expect(result).toEqual({ kind: 'base', code: 2001 });
    expect([changes, outbox]).toEqual([undefined, undefined]);
  });
});

describe('what is stored [29.272-5.2.5.1.3]', () => {
  it.each<[string, object, object | undefined]>([
    [
      'IMEI and software version',
      { imei: '35209900176148', softwareVersion: '01' },
      { imei: '35209900176148', softwareVersion: '01', atMs: NOW_MS },
    ],
    ['15 digits', { imei: '352099001761481' }, { imei: '35209900176148', atMs: NOW_MS }],
    ['no IMEI', { softwareVersion: '01' }, undefined],
    ['what is none', { imei: 'unknown' }, undefined],
  ])('terminal information: %s', (_, terminalInformation, terminal) => {
    expect(after(atMme(), { terminalInformation }).terminal).toEqual(terminal);
  });

  it.each<[string, ServingNodes, Partial<NotifyRequest>, ServingNodes]>([
    [
      'SRVCC capability of the UE, with the MME that tells it',
      atBoth(),
      { ueSrvccCapability: 1 },
      atBoth({ mme: { ueSrvccCapability: 1 } }),
    ],
    [
      'area of the SGSN restricted',
      atSgsn(),
      { ...SGSN1, norFlags: 1 << 1 },
      atSgsn({ isAreaRestricted: true }),
    ],
    ['area restricted, from an MME', atMme(), { norFlags: 1 << 1 }, atMme()],
    ['UE reachable from MME', atMme({ isReachabilityAwaited: true }), { norFlags: 1 << 3 }, atMme()],
    [
      'UE reachable from SGSN',
      atBoth({ mme: { isReachabilityAwaited: true }, sgsn: { isReachabilityAwaited: true } }),
      { ...SGSN1, norFlags: 1 << 5 },
      atBoth({ mme: { isReachabilityAwaited: true } }),
    ],
    [
      'UE reachable from MME, told by the SGSN',
      atBoth({ mme: { isReachabilityAwaited: true }, sgsn: { isReachabilityAwaited: true } }),
      { ...SGSN1, norFlags: 1 << 3 },
      atBoth({ mme: { isReachabilityAwaited: true }, sgsn: { isReachabilityAwaited: true } }),
    ],
    ['ready for SM', atMme(), { norFlags: 1 << 6, alertReason: 0 }, atMme()],
    [
      'homogeneous support of IMS voice',
      atMme(),
      { norFlags: (1 << 7) | (1 << 8), homogeneousSupportOfImsVoiceOverPsSessions: 1 },
      atMme({ homogeneousImsVoice: 'supported' }),
    ],
    [
      'no support of IMS voice, in the SGSN of a combined node',
      atCombined(),
      { norFlags: 1 << 7, homogeneousSupportOfImsVoiceOverPsSessions: 0 },
      atCombined({ sgsn: { homogeneousImsVoice: 'notSupported' } }),
    ],
    [
      'support of IMS voice, in the MME of a combined node',
      atCombined(),
      { norFlags: (1 << 7) | (1 << 8), homogeneousSupportOfImsVoiceOverPsSessions: 1 },
      atCombined({ mme: { homogeneousImsVoice: 'supported' } }),
    ],
    [
      'support of IMS voice unknown',
      atMme({ homogeneousImsVoice: 'supported' }),
      { norFlags: (1 << 7) | (1 << 8) },
      atMme(),
    ],
    [
      'support of IMS voice without its flag',
      atMme(),
      { homogeneousSupportOfImsVoiceOverPsSessions: 1 },
      atMme(),
    ],
    [
      'removal of the registration for SMS',
      atMme({ isRegisteredForSms: true, number: '947110325476' }),
      { norFlags: 1 << 9 },
      atMme(),
    ],
    [
      'removal of the registration for SMS, from an SGSN',
      atSgsn({ number: '947110325476' }),
      { ...SGSN1, norFlags: 1 << 9 },
      atSgsn({ number: '947110325476' }),
    ],
  ])('%s', (_, nodes, input, kept) => {
    expect(after(nodes, input)).toEqual(kept);
  });
});

describe('Single-Registration-Indication [29.272-7.3.49]', () => {
  it('cancels the SGSN and forgets it', () => {
    const hss = hssWith(atBoth());
    expect(notify(hss, { norFlags: 1 }).outbox).toEqual([
      {
        kind: 's6a.CLR',
        destinationHost: SGSN1.originHost,
        destinationRealm: SGSN1.originRealm,
        payload: { imsi: IMSI, kind: 'sgsn', cancellationType: 'SGSN_UPDATE_PROCEDURE' },
      },
    ]);
    expect(hss.nodes(IMSI)).toEqual(atMme());
  });

  it.each([
    ['there is no SGSN', atMme(), MME1],
    ['an SGSN sets it', atBoth(), SGSN1],
  ])('does nothing where %s', (_, nodes, sender) => {
    const hss = hssWith(nodes);
    expect(notify(hss, { ...sender, norFlags: 1 }).outbox).toBeUndefined();
    expect(hss.nodes(IMSI)).toEqual(nodes);
  });
});

describe('dynamic P-GWs [29.272-5.2.5.1.3]', () => {
  const host = { destinationHost: 'pgw1.epc.example', destinationRealm: 'epc.mnc001.mcc001.3gppnetwork.org' };
  const pgw = { mip6AgentInfo: { mipHomeAgentHost: host } };
  const kept = { host: host.destinationHost, realm: host.destinationRealm };
  const [internet, ims] = twoApns.apnConfigurationProfile?.apnConfigurations ?? [];
  const withApns = (...apnConfigurations: unknown[]) => ({
    ...twoApns,
    apnConfigurationProfile: { defaultContextIdentifier: 1, apnConfigurations },
  });
  const wildcard = { ...ims, serviceSelection: '*' };
  const staticGw = { ...ims, mip6AgentInfo: { addresses: ['192.0.2.1'] } };

  it.each<[string, object, Partial<NotifyRequest>, object[]]>([
    ['of an APN', twoApns, { serviceSelection: 'IMS' }, [{ apn: 'ims', contextIdentifier: 2, ...kept }]],
    [
      'by Context-Identifier',
      twoApns,
      { contextIdentifier: 1 },
      [{ apn: 'internet', contextIdentifier: 1, ...kept }],
    ],
    [
      'common to all APNs',
      withApns(internet, staticGw),
      {},
      [{ apn: 'internet', contextIdentifier: 1, ...kept }],
    ],
    [
      'provisioned as dynamic',
      withApns(internet, { ...staticGw, pdnGwAllocationType: 'dynamic' }),
      { serviceSelection: 'ims' },
      [{ apn: 'ims', contextIdentifier: 2, ...kept }],
    ],
    [
      'of an APN that the wildcard allows',
      withApns(internet, wildcard),
      { serviceSelection: 'Corp.Example' },
      [{ apn: 'corp.example', contextIdentifier: 2, ...kept }],
    ],
    [
      'with address and network',
      twoApns,
      {
        serviceSelection: 'ims',
        mip6AgentInfo: { mipHomeAgentAddress: ['192.0.2.9', '2001:db8::9'] },
        visitedNetworkIdentifier: Buffer.from('00f110', 'hex'),
      },
      [
        {
          apn: 'ims',
          contextIdentifier: 2,
          addresses: ['192.0.2.9', '2001:db8::9'],
          visitedNetworkIdentifier: '00f110',
        },
      ],
    ],
    ['for emergencies', twoApns, { emergencyServices: 1 }, [{ apn: null, ...kept }]],
    [
      'for emergencies, of nobody with APNs',
      { networkAccessMode: 'onlyPacket' },
      { emergencyServices: 1 },
      [{ apn: null, ...kept }],
    ],
  ])('%s', (_, eps, input, pdnGws) => {
    const hss = hssWith(atMme(), eps);
    expect(notify(hss, { ...pgw, ...input }).result.code).toBe(2001);
    expect(hss.nodes(IMSI).pdnGws).toEqual(pdnGws);
  });

  it.each<[string, object, Partial<NotifyRequest>]>([
    ['an APN that is not subscribed', twoApns, { serviceSelection: 'corp' }],
    ['a static P-GW', withApns(internet, staticGw), { serviceSelection: 'ims' }],
    ['a Context-Identifier of no APN', twoApns, { contextIdentifier: 9 }],
    ['the wildcard itself', withApns(internet, wildcard), { serviceSelection: '*' }],
    ['what is no APN', withApns(internet, wildcard), { serviceSelection: 'no apn' }],
    ['a P-GW without identity', twoApns, { serviceSelection: 'ims', mip6AgentInfo: {} }],
    ['nobody with APNs', { networkAccessMode: 'onlyPacket' }, {}],
  ])('answers %s with 5012 and stores the rest', (_, eps, input) => {
    const hss = hssWith(atMme(), eps);
    const { result, refusal } = notify(hss, { ...pgw, ueSrvccCapability: 1, ...input });
    expect(result).toEqual({ kind: 'base', code: 5012 });
    expect(refusal).toMatchObject({ imsi: IMSI, clause: 'TS 29.272 5.2.5.1.3' });
    expect(hss.nodes(IMSI)).toEqual(atMme({ ueSrvccCapability: 1 }));
  });

  it('takes the place of the one before, and no other', () => {
    const hss = hssWith({
      ...atMme(),
      pdnGws: [
        { apn: 'ims', host: 'old' },
        { apn: 'internet', host: 'old' },
      ],
    });
    notify(hss, { ...pgw, serviceSelection: 'ims' });
    expect(hss.nodes(IMSI).pdnGws).toEqual([
      { apn: 'internet', host: 'old' },
      { apn: 'ims', contextIdentifier: 2, ...kept },
    ]);
  });

  it('keeps the newest 50 of the wildcard', () => {
    const hss = hssWith(atMme(), withApns(internet, wildcard));
    notify(hss, { ...pgw, serviceSelection: 'internet' });
    for (let i = 0; i < 52; i++) notify(hss, { ...pgw, serviceSelection: `corp${i}` });
    const apns = hss.nodes(IMSI).pdnGws?.map(({ apn }) => apn) ?? [];
    expect(apns).toHaveLength(51);
    expect(apns.slice(0, 2)).toEqual(['internet', 'corp2']);
  });
});
