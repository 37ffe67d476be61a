/** Purge-UE-Request [29.272-5.2.1.3.3]: flags of the answer, what is kept, combined nodes. */
import type { PurgeUeAnswer, PurgeUeRequest } from '../../../src/apps/s6a/generated/s6a';
import type { NodeKind, ServingNodes } from '../../../src/apps/s6a/state/serving-nodes';
import { NOW_MS } from '../cx/support/test-hss';
import { atBoth, atCombined, atMme, atSgsn } from './support/nodes';
import { MME1, MME2, S6aHss, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI } from './support/subscribers';

const PUR = 321;
const FREEZE_M_TMSI = 1;
const FREEZE_P_TMSI = 2;

const hssWith = (nodes: ServingNodes): S6aHss => {
  const hss = new S6aHss({ subscriptions: [epsSubscriber()] });
  hss.setNodes(nodes);
  return hss;
};
const purge = (hss: S6aHss, input: Partial<PurgeUeRequest> = {}) =>
  hss.request<PurgeUeAnswer>(PUR, { userName: IMSI, ...input });
const purgedKinds = ({ mme, sgsn }: ServingNodes): NodeKind[] => [
  ...(mme?.isPurged === true ? (['mme'] as const) : []),
  ...(sgsn?.isPurged === true ? (['sgsn'] as const) : []),
];

it('answers an IMSI that nobody has with 5001, without PUA-Flags', () => {
  const { result, avps } = purge(hssWith({ imsi: IMSI }), { userName: '001019999999999' });
  expect(result).toEqual({ kind: 'experimental', code: 5001 });
  expect(avps).toEqual({});
});

describe('who purges what [29.272-5.2.1.3.3]', () => {
  it.each<[string, ServingNodes, Partial<PurgeUeRequest>, number, NodeKind[]]>([
    ['the MME', atMme(), MME1, FREEZE_M_TMSI, ['mme']],
    ['the MME, in another case', atMme(), { originHost: 'MME1.EPC.example' }, FREEZE_M_TMSI, ['mme']],
    ['the MME beside an SGSN', atBoth(), MME1, FREEZE_M_TMSI, ['mme']],
    ['the SGSN', atSgsn(), SGSN1, FREEZE_P_TMSI, ['sgsn']],
    ['the SGSN beside an MME', atBoth(), SGSN1, FREEZE_P_TMSI, ['sgsn']],
    ['an MME that the subscriber has left', atBoth(), MME2, 0, []],
    ['an MME where nobody is', { imsi: IMSI }, MME1, 0, []],
    ['a combined node', atCombined(), MME1, FREEZE_M_TMSI | FREEZE_P_TMSI, ['mme', 'sgsn']],
    ['the MME of a combined node', atCombined(), { purFlags: 1 }, FREEZE_M_TMSI, ['mme']],
    ['the SGSN of a combined node', atCombined(), { purFlags: 2 }, FREEZE_P_TMSI, ['sgsn']],
    ['a combined node that names both', atCombined(), { purFlags: 3 }, 3, ['mme', 'sgsn']],
    ['an MME with a flag of the SGSN', atBoth(), { purFlags: 2 }, FREEZE_M_TMSI, ['mme']],
  ])('%s', (_, nodes, input, puaFlags, kinds) => {
    const hss = hssWith(nodes);
    const { result, avps } = purge(hss, input);
    expect(result).toEqual({ kind: 'base', code: 2001 });
    expect(avps).toEqual({ puaFlags });
    expect(purgedKinds(hss.nodes(IMSI))).toEqual(kinds);
  });

  it('changes nothing where the UE is purged already', () => {
    const hss = hssWith(atMme({ isPurged: true }));
    const { changes, avps } = purge(hss);
    expect(avps).toEqual({ puaFlags: FREEZE_M_TMSI });
    expect(changes).toBeUndefined();
  });
});

it('ends with the next update location [29.272-5.2.1.1.3]', () => {
  const hss = hssWith({ imsi: IMSI });
  hss.ulr({ userName: IMSI });
  expect(purge(hss).avps).toEqual({ puaFlags: FREEZE_M_TMSI });
  expect(purgedKinds(hss.nodes(IMSI))).toEqual(['mme']);
  hss.ulr({ userName: IMSI });
  expect(purgedKinds(hss.nodes(IMSI))).toEqual([]);
});

describe('the last known location [29.272-5.2.1.3.3]', () => {
  const trackingAreaIdentity = Buffer.from('00f1100001', 'hex');
  const location = { epsLocationInformation: { mmeLocationInformation: { trackingAreaIdentity } } };

  it('is kept as it came', () => {
    const hss = hssWith(atBoth());
    purge(hss, location);
    const { mme, sgsn } = hss.nodes(IMSI);
    expect(mme?.reported?.atMs).toBe(NOW_MS);
    const kept = Buffer.from(mme?.reported?.epsLocationInformation ?? '', 'base64');
    expect(kept.readUInt32BE(0)).toBe(1496);
    expect(kept.includes(trackingAreaIdentity)).toBe(true);
    expect(sgsn?.reported).toBeUndefined();
  });

  it('is kept of the part that purges, and the older one where none comes', () => {
    const hss = hssWith(atCombined({ mme: { reported: { atMs: 1, epsLocationInformation: 'AAAA' } } }));
    purge(hss, { purFlags: 2, ...location });
    purge(hss, { purFlags: 1 });
    const { mme, sgsn } = hss.nodes(IMSI);
    expect(mme?.reported).toEqual({ atMs: 1, epsLocationInformation: 'AAAA' });
    expect(sgsn?.reported?.atMs).toBe(NOW_MS);
  });

  it('is left out where it is too long', () => {
    const hss = hssWith(atMme());
    const geographicalInformation = Buffer.alloc(3_000);
    const { notable } = purge(hss, {
      epsLocationInformation: { mmeLocationInformation: { geographicalInformation } },
    });
    expect(notable).toBe('locationTooLarge');
    expect(hss.nodes(IMSI).mme).toMatchObject({ isPurged: true });
    expect(hss.nodes(IMSI).mme?.reported).toBeUndefined();
  });
});
