/** CLR and IDR by hand, and features in requests and answers: pure. */
import { manualCancellation, manualUpdate } from '../../../src/apps/s6a/outgoing/manual-orders';
import { featuresAfter, featuresFor, permittedFlags } from '../../../src/apps/s6a/outgoing/node-features';
import type { ServingNode, ServingNodes } from '../../../src/apps/s6a/state/serving-nodes';
import { isServedAgain } from '../../../src/apps/s6a/outgoing/cancel-location';
import { readOutcome } from '../../../src/apps/s6a/outgoing/answers';
import { IMSI } from './support/subscribers';

const serving = (host: string, more: Partial<ServingNode> = {}): ServingNode => ({
  host,
  realm: 'epc.example',
  visitedPlmnId: '00f110',
  sinceMs: 0,
  ulrFlags: 0x22,
  ratType: 1004,
  features: null,
  isPurged: false,
  ...more,
});
const mme = serving('mme1.epc.example');
const sgsn = serving('sgsn1.epc.example');
const both: ServingNodes = { imsi: IMSI, mme, sgsn };
const eps = { allowedVisitedNetworks: null, ambr: { uplinkBitsPerSecond: 1, downlinkBitsPerSecond: 1 } };
const bit = (n: number): number => 2 ** n;

describe('cancel-location', () => {
  it('[29.272-5.2.1.2.3] a withdrawal goes to both nodes and forgets them', () => {
    const order = manualCancellation(both, {});
    expect(order).toMatchObject({
      ok: true,
      entries: [
        {
          kind: 's6a.CLR',
          destinationHost: mme.host,
          payload: { cancellationType: 'SUBSCRIPTION_WITHDRAWAL' },
        },
        { kind: 's6a.CLR', destinationHost: sgsn.host, payload: { kind: 'sgsn' } },
      ],
      nodes: { imsi: IMSI },
    });
    expect(order.ok && Object.keys(order.nodes)).toEqual(['imsi']);
  });

  it('[29.272-5.2.1.2.2] an initial attach procedure leaves the record', () => {
    const order = manualCancellation(both, { node: 'sgsn', type: 'initialAttachProcedure' });
    expect(order).toMatchObject({ ok: true, entries: [{ destinationHost: sgsn.host }], nodes: both });
  });

  it('[29.272-5.2.1.2.2] a combined node with one name is asked once, for both of its parts', () => {
    const order = manualCancellation({ ...both, sgsn: serving('MME1.epc.example') }, { reattach: true });
    expect(order).toMatchObject({ ok: true, entries: [{ payload: { isReattachRequired: true } }] });
    expect(order.ok && [order.entries.length, Object.keys(order.nodes)]).toEqual([1, ['imsi']]);
  });

  it('refuses what no node could take', () => {
    expect(manualCancellation({ imsi: IMSI }, {})).toMatchObject({ ok: false });
    expect(manualCancellation({ imsi: IMSI, mme: { ...mme, isPurged: true } }, {})).toMatchObject({
      ok: false,
    });
    expect(manualCancellation(both, { type: 'mmeUpdateProcedure' })).toMatchObject({ ok: false });
    expect(manualCancellation(both, { type: 'initialAttachProcedure', reattach: true })).toMatchObject({
      ok: false,
    });
  });
});

describe('update-subscriber', () => {
  it('[29.272-5.2.2.1.3] refuses a flag whose feature the node has not announced', () => {
    expect(manualUpdate(both, eps, { node: 'mme', flags: ['location'] })).toEqual({
      ok: false,
      reason: 'MME mme1.epc.example has not announced State/Location-Information-Retrieval',
    });
    expect(manualUpdate(both, null, { data: true })).toMatchObject({ ok: false });
    expect(manualUpdate(both, eps, {})).toMatchObject({ ok: false });
    expect(manualUpdate(both, eps, { flags: ['removeSmsRegistration'] })).toMatchObject({ ok: false });
  });

  it('[29.272-5.2.2.1.3] a request for reachability sets URRP-MME; the current location is asked for with the location', () => {
    const asked = serving(mme.host, { features: { 1: bit(26) + bit(28), 2: 0 } });
    const order = manualUpdate({ imsi: IMSI, mme: asked }, eps, {
      flags: ['reachability', 'currentLocation'],
    });
    expect(order).toMatchObject({
      ok: true,
      entries: [{ kind: 's6a.IDR', payload: { imsi: IMSI, kind: 'mme', changed: [], idrFlags: 0b11001 } }],
      nodes: { mme: { isReachabilityAwaited: true } },
    });
  });

  it('sends all parts of the data', () => {
    const order = manualUpdate({ imsi: IMSI, mme }, eps, { data: true });
    expect(order).toMatchObject({
      ok: true,
      entries: [{ payload: { changed: ['allowedVisitedNetworks', 'ambr', 'msisdns'] } }],
    });
  });
});

describe('features', () => {
  it('[29.272-7.1.9] a request has those of its command that the node announced', () => {
    expect(featuresFor('IDR', { features: null })).toEqual({});
    // Partial Purge is of ULR and PUR.
    expect(featuresFor('IDR', { features: { 1: bit(28) + bit(29), 2: 0 } })).toEqual({
      supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList: bit(28) }],
    });
  });

  it('[29.272-7.3.10.1] an answer tells of the features of its command, in the lists that it names', () => {
    const before = { 1: bit(10) + bit(29) + bit(31), 2: bit(16) };
    const list = (featureListId: number, featureList: number) => ({
      vendorId: 10_415,
      featureListId,
      featureList,
    });
    expect(featuresAfter('IDR', before, undefined)).toBe(before);
    expect(featuresAfter('IDR', before, [list(1, bit(31))])).toEqual({ 1: bit(29) + bit(31), 2: bit(16) });
    expect(featuresAfter('IDR', null, [list(2, bit(16))])).toEqual({ 1: 0, 2: bit(16) });
  });

  it('[29.272-5.2.2.1.3] bits of IDR-Flags that the node cannot take are left out', () => {
    expect(permittedFlags(0b1_1111_1111, { features: null })).toBe(0b100_0000);
    expect(permittedFlags(0b1_1111_1111, { features: { 1: bit(27), 2: bit(16) } })).toBe(0b1_0100_0010);
  });
});

describe('answers', () => {
  const answered = (avps: object) =>
    readOutcome({ kind: 'answer', message: { avps, bytes: Buffer.alloc(20) } } as never);

  it('[6733-7.1] are final but for transient failures and those of the way', () => {
    const read = (avps: object) => {
      const { result, isTransient } = answered(avps);
      return [result, isTransient];
    };
    expect(read({ resultCode: 2001 })).toEqual(['success', false]);
    expect(read({ resultCode: 3001 })).toEqual(['commandUnsupported', false]);
    expect(read({ resultCode: 3002 })).toEqual(['refused', true]);
    expect(read({ resultCode: 5012 })).toEqual(['unableToComply', false]);
    expect(read({ experimentalResult: { vendorId: 10_415, experimentalResultCode: 5001 } })).toEqual([
      'userUnknown',
      false,
    ]);
    expect(read({ experimentalResult: { vendorId: 1, experimentalResultCode: 5001 } })).toEqual([
      'refused',
      false,
    ]);
    expect(read({})).toEqual(['refused', false]);
    expect(readOutcome(null)).toMatchObject({ result: 'notConnected', isTransient: false });
    expect(readOutcome({ kind: 'timeout' } as never)).toMatchObject({
      result: 'noAnswer',
      isTransient: true,
    });
  });
});

describe('a CLR that waits', () => {
  it.each([
    ['MME_UPDATE_PROCEDURE', true],
    ['SGSN_UPDATE_PROCEDURE', true],
    ['SUBSCRIPTION_WITHDRAWAL', false],
    ['INITIAL_ATTACH_PROCEDURE', false],
  ] as const)(
    '[29.272-5.2.1.2.3] %s is superseded where the node serves again: %s',
    (cancellationType, expected) => {
      const payload = { imsi: IMSI, kind: 'mme', cancellationType } as const;
      expect(isServedAgain(payload, { node: mme })).toBe(expected);
      expect(isServedAgain(payload, { node: null })).toBe(false);
    },
  );
});
