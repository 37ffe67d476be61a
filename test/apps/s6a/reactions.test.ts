/** Which nodes hear of a change of the subscription, which lose it, and what is kept of them [29.272-5.2.1.2.3]. */
import { atMme, atSgsn, node, sent, told, usim, type Eps } from './support/reactions';
import { epsSubscriber, IMSI, twoApns } from './support/subscribers';
import type { ServingNodes } from '../../../src/apps/s6a/state/serving-nodes';
import { simple } from '../../store/documents';

const withdrawn = (host: string): unknown[] => ['CLR', host, 'SUBSCRIPTION_WITHDRAWAL'];
const both: ServingNodes = { imsi: IMSI, mme: node('mme'), sgsn: node('sgsn') };
const VISITED = '62f210';

describe('[29.272-5.2.1.2.3] the subscription is withdrawn', () => {
  const { privateIdentities, implicitRegistrationSets } = simple('ims', 5);
  const ims = { privateIdentities, implicitRegistrationSets } as object;
  const empty = epsSubscriber({ eps: undefined }, ims);

  test('deleted, without this USIM, without EPS data: each node gets a CLR', () => {
    const clrs = [withdrawn('mme1'), withdrawn('sgsn1')];
    expect(told(usim({}), null, both).entries).toEqual(clrs);
    const other = epsSubscriber({ imsi: '001010000000009' });
    expect(told(usim({}), other, both)).toEqual({ entries: clrs, nodes: [] });
    expect(told(usim({}), empty, both)).toEqual({ entries: clrs, nodes: [{ imsi: IMSI }] });
  });

  test('a node that purged the UE is not told, and nothing is known of who was never attached', () => {
    const purged: ServingNodes = { imsi: IMSI, mme: node('mme', { isPurged: true }), sgsn: node('sgsn') };
    expect(told(usim({}), empty, purged).entries).toEqual([withdrawn('sgsn1')]);
    expect(told(usim({}), empty, { imsi: IMSI })).toEqual({ entries: [], nodes: undefined });
    expect(told(usim({}), empty, [])).toEqual({ entries: [], nodes: undefined });
    expect(told(usim({}), null, [])).toEqual({ entries: [], nodes: undefined });
  });

  test('what else is kept of the IMSI stays: terminal and P-GWs', () => {
    const terminal = { imei: '35123456789012', atMs: 1 };
    expect(told(usim({}), empty, { ...atMme, terminal }).nodes).toEqual([{ imsi: IMSI, terminal }]);
  });

  test('an IMSI that stays as it is beside one that goes is left alone', () => {
    const other = '001010000000009';
    const key = { k: 'a'.repeat(32), opc: 'b'.repeat(32) };
    const two = epsSubscriber();
    const [first] = two.usims ?? [];
    if (first === undefined) throw new Error('no USIM');
    const second = { ...first, imsi: other, msisdns: [], aka: key };
    const before = { ...two, usims: [first, second] };
    const stays = { imsi: other, mme: node('mme', { host: 'mme2.epc.example' }) };
    expect(told({ ...before }, { ...two, usims: [second] }, [atMme, stays])).toEqual({
      entries: [withdrawn('mme1')],
      nodes: [stays],
    });
  });
});

describe('[29.272-5.2.1.1.3] the node may not serve the subscriber any more: CLR, and it is forgotten', () => {
  const roaming: ServingNodes = { imsi: IMSI, mme: node('mme', { visitedPlmnId: VISITED }) };
  const rows: [string, Partial<Eps>, ServingNodes][] = [
    ['roaming is barred', { roamingBarring: 'outsideHplmn' }, roaming],
    ['roaming in other countries is barred', { roamingBarring: 'outsideHplmnCountry' }, roaming],
    ['the network is none of the allowed ones', { allowedVisitedNetworks: [{ plmn: '26202' }] }, roaming],
    ['the network is forbidden', { forbiddenVisitedNetworks: ['26201'] }, roaming],
    ['its RAT is not allowed', { accessRestrictions: ['wbEutranNotAllowed'] }, atMme],
    [
      'its RAT is not allowed there',
      { accessRestrictionsByPlmn: [{ plmn: '26201', accessRestrictions: ['wbEutranNotAllowed'] }] },
      roaming,
    ],
    [
      'it does not support the barring',
      { operatorDeterminedBarring: ['allPacketOrientedServices'] },
      { imsi: IMSI, mme: node('mme', { features: null }) },
    ],
    ['there is no APN configuration', { apnConfigurationProfile: undefined }, atMme],
  ];
  test.each(rows)('%s', (_name, eps, nodes) => {
    expect(told(usim({}), usim(eps), nodes)).toEqual({
      entries: [withdrawn('mme1')],
      nodes: [{ imsi: IMSI }],
    });
  });

  test('the same where it may: home, another RAT, a home network of the settings', () => {
    expect(sent({}, { roamingBarring: 'outsideHplmn' })).toEqual([]);
    expect(sent({}, { accessRestrictions: ['geranNotAllowed'] })).toEqual([
      ['IDR', 'mme1', ['accessRestrictions']],
    ]);
    const settings = { homePlmns: new Set(['26201']) };
    const barred = usim({ roamingBarring: 'outsideHplmn' });
    expect(told(usim({}), barred, roaming, { settings }).entries).toEqual([]);
    const unsupported = usim({ operatorDeterminedBarring: ['allPacketOrientedServices'] });
    const without = { imsi: IMSI, mme: node('mme', { features: null }) };
    const lenient = { settings: { refuseUnsupportedBarring: false } };
    expect(told(usim({}), unsupported, without, lenient).entries).toEqual([]);
  });

  test('one of two nodes: the other one is told of the data', () => {
    expect(told(usim({}), usim({ accessRestrictions: ['utranNotAllowed'] }), both)).toEqual({
      entries: [['IDR', 'mme1', ['accessRestrictions']], withdrawn('sgsn1')],
      nodes: [{ imsi: IMSI, mme: both.mme }],
    });
  });

  test('a removal that no message can say: CLR with Reattach-Required', () => {
    expect(told(usim({ subscribedArpi: 1, stnSr: '49171001' }), usim({}), atMme)).toEqual({
      entries: [[...withdrawn('mme1'), 'reattach']],
      nodes: [{ imsi: IMSI }],
    });
  });
});

describe('[29.272-5.2.2.1.1] whom the data are for', () => {
  test('both nodes hear of what concerns both, one of what concerns it', () => {
    expect(sent({}, { stnSr: '49171001' }, both)).toEqual([
      ['IDR', 'mme1', ['stnSr']],
      ['IDR', 'sgsn1', ['stnSr']],
    ]);
    expect(sent({}, { relayNodeIndicator: true }, both)).toEqual([['IDR', 'mme1', ['relayNodeIndicator']]]);
    expect(sent({}, { teleserviceList: ['21'] }, both)).toEqual([['IDR', 'sgsn1', ['teleserviceList']]]);
    expect(sent({}, { coreNetworkRestrictions: ['5gcNotAllowed'] }, atSgsn)).toEqual([]);
  });

  test.each<[string, ServingNodes]>([
    ['the same Diameter identity', { ...both, sgsn: node('sgsn', { host: 'MME1.epc.example' }) }],
    [
      'the same SGSN number',
      { ...both, mme: node('mme', { sgsnNumber: '49f1' }), sgsn: node('sgsn', { number: '49f1' }) },
    ],
    ['a coupled node', { ...both, mme: node('mme', { coupledNode: 'sgsn1.epc.example' }) }],
    [
      'a coupled node, said by the SGSN',
      { ...both, sgsn: node('sgsn', { coupledNode: 'mme1.epc.example' }) },
    ],
  ])('[29.272-5.2.1.1.3] a combined node gets one message: %s', (_name, combined) => {
    expect(sent({}, { stnSr: '49171001' }, combined)).toEqual([['IDR', 'mme1', ['stnSr']]]);
    expect(sent({}, { teleserviceList: ['21'] }, combined)).toEqual([['IDR', 'mme1', ['teleserviceList']]]);
    // [29.272-5.2.1.2.2] A CLR would end both parts.
    expect(sent({}, { accessRestrictions: ['utranNotAllowed'] }, combined)).toEqual([
      ['IDR', 'mme1', ['accessRestrictions']],
    ]);
    expect(told(usim({}), null, combined).entries).toEqual([withdrawn('mme1')]);
  });
});

test('[29.272-5.2.2.1.3] SMS in MME ends: "Remove SMS Registration", once', () => {
  const registered: ServingNodes = { imsi: IMSI, mme: node('mme', { isRegisteredForSms: true }) };
  const sms: Partial<Eps> = { teleserviceList: ['21'] };
  expect(told(usim(sms), usim({ ...sms, smsInMmeAllowed: false }), registered)).toEqual({
    entries: [['IDR', 'mme1', [], { idrFlags: 64 }]],
    nodes: [atMme],
  });
  expect(sent({}, sms, registered)).toEqual([['IDR', 'mme1', ['teleserviceList']]]);
  expect(sent(sms, { ...sms, smsInMmeAllowed: false })).toEqual([]);
});

test('a change of the IMS part alone writes nothing', () => {
  const { privateIdentities, implicitRegistrationSets } = simple('ims', 5);
  const ims = { privateIdentities, implicitRegistrationSets } as object;
  const document = epsSubscriber({ eps: twoApns });
  expect(told(document, { ...document, ...ims }, both)).toEqual({ entries: [], nodes: undefined });
});
