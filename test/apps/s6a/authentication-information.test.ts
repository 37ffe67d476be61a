/** Authentication-Information-Request, every check of the clause in its order [29.272-5.2.3.1.3]. */
import { c2, c3 } from '../../../src/authentication/geran-conversion';
import { kasme } from '../../../src/authentication/kasme';
import { Milenage } from '../../../src/authentication/milenage';
import { MME1, PLMN_00101, PLMN_26201, S6aHss, SGSN1 } from './support/s6a-hss';
import { epsSubscriber, IMSI, KEY } from './support/subscribers';

const hss = (...args: Parameters<typeof epsSubscriber>) =>
  new S6aHss({ subscriptions: [epsSubscriber(...args)] });
const eutran = (numberOfRequestedVectors = 1, more: object = {}) => ({
  requestedEutranAuthenticationInfo: { numberOfRequestedVectors, ...more },
});
const utran = (numberOfRequestedVectors = 1, more: object = {}) => ({
  requestedUtranGeranAuthenticationInfo: { numberOfRequestedVectors, ...more },
});
const milenage = new Milenage(Buffer.from(KEY.k, 'hex'), Buffer.from(KEY.opc, 'hex'));

const noApns = { networkAccessMode: 'onlyPacket' } as const;
/** CK, IK and XRES do not depend on SQN and AMF. */
const vectorFor = (rand: Buffer) => milenage.generateVector(rand, 0, Buffer.alloc(2));
/** With SQN 0 the first octets of AUTN are AK. */
const sqnOf = (rand: Buffer, autn: Buffer): number =>
  autn
    .subarray(0, 6)
    .map((octet, i) => octet ^ (vectorFor(rand).autn[i] ?? 0))
    .reduce((sqn, octet) => sqn * 256 + octet, 0);

describe('AIR: checks', () => {
  it('answers an IMSI that nobody has with 5001', () => {
    const { result, refusal } = hss().air({ userName: '001019999999999', ...eutran() });
    expect(result).toEqual({ kind: 'experimental', code: 5001 });
    expect(refusal).toMatchObject({ clause: 'TS 29.272 5.2.3.1.3', imsi: '001019999999999' });
  });

  it('answers a User-Name that is no IMSI with 5004 and names it', () => {
    const { result, failedAvps } = hss().air({ userName: 'alice@ims.example', ...eutran() });
    expect(result).toEqual({ kind: 'base', code: 5004 });
    expect(failedAvps).toEqual([
      expect.objectContaining({ code: 1, data: Buffer.from('alice@ims.example') }),
    ]);
  });

  it.each([
    ['E-UTRAN vectors without an APN configuration', eutran(), noApns, 1],
    ['UTRAN vectors with neither APN nor GPRS data', utran(), noApns, 1],
    [
      'both, E-UTRAN for immediate use, without an APN configuration',
      { ...eutran(1, { immediateResponsePreferred: 0 }), ...utran() },
      noApns,
      1,
    ],
  ])('answers %s with 5420', (_, requested, eps, errorDiagnostic) => {
    const { result, avps } = hss({ eps }).air({ userName: IMSI, ...requested });
    expect(result).toEqual({ kind: 'experimental', code: 5420 });
    expect(avps).toEqual({ errorDiagnostic });
  });

  it('takes Re-Synchronization-Info in one of the groups only [29.272-5.2.3.1.3]', () => {
    const info = { reSynchronizationInfo: Buffer.alloc(30) };
    const { result, avps } = hss().air({ userName: IMSI, ...eutran(1, info), ...utran(1, info) });
    expect(result).toEqual({ kind: 'base', code: 5012 });
    expect(avps).toEqual({});
  });

  it('answers a realm that may not serve the network with 5003', () => {
    const restricted = new S6aHss({
      subscriptions: [epsSubscriber()],
      settings: { servingNetworks: new Map([[MME1.originRealm, new Set(['00101'])]]) },
    });
    expect(restricted.air({ userName: IMSI, ...eutran() }).result.code).toBe(2001);
    expect(restricted.air({ userName: IMSI, ...eutran(), visitedPlmnId: PLMN_26201 }).result).toEqual({
      kind: 'base',
      code: 5003,
    });
  });
});

describe('AIR: vectors', () => {
  it('binds KASME to the visited network and sets the separation bit of AMF', () => {
    const { avps } = hss().air({ userName: IMSI, ...eutran() });
    const [vector, ...others] = avps.authenticationInfo?.eUtranVector ?? [];
    expect(others).toEqual([]);
    const { rand, autn, xres, itemNumber } = vector ?? { rand: Buffer.alloc(16), autn: Buffer.alloc(16) };
    expect(itemNumber).toBeUndefined();
    expect(autn[6]).toBe(0x80);
    const { ck, ik, xres: expected } = vectorFor(rand);
    expect(xres).toEqual(expected);
    expect(vector?.kasme).toEqual(kasme(ck, ik, PLMN_00101, autn.subarray(0, 6)));
  });

  it('gives several vectors with Item-Number in the order of SQN', () => {
    const { avps } = hss().air({ userName: IMSI, ...eutran(3) });
    const vectors = avps.authenticationInfo?.eUtranVector ?? [];
    expect(vectors.map(({ itemNumber }) => itemNumber)).toEqual([1, 2, 3]);
    const sqns = vectors.map(({ rand, autn }) => sqnOf(rand, autn));
    expect(sqns).toEqual([...sqns].sort((a, b) => a - b));
  });

  it('gives an SGSN that takes triplets only GERAN vectors, made of vectors without the separation bit', () => {
    const triplets = new S6aHss({
      subscriptions: [epsSubscriber()],
      settings: { geranVectors: new Set([SGSN1.originHost]) },
    });
    const { avps } = triplets.air({ userName: IMSI, ...SGSN1, ...utran(2) });
    const vectors = avps.authenticationInfo?.geranVector ?? [];
    expect(vectors.map(({ itemNumber, sres, kc }) => [itemNumber, sres.length, kc.length])).toEqual([
      [1, 4, 8],
      [2, 4, 8],
    ]);
    expect(avps.authenticationInfo?.utranVector).toBeUndefined();
    const others = triplets.air({ userName: IMSI, ...utran(1) });
    expect(others.avps.authenticationInfo?.utranVector).toHaveLength(1);
  });

  it('gives an SGSN UTRAN vectors without the separation bit', () => {
    const { avps } = hss().air({ userName: IMSI, ...SGSN1, ...utran(2) });
    const vectors = avps.authenticationInfo?.utranVector ?? [];
    expect(vectors).toHaveLength(2);
    for (const { autn } of vectors) expect((autn[6] ?? 0) & 0x80).toBe(0);
    expect(avps.authenticationInfo?.eUtranVector).toBeUndefined();
  });
});

describe('AIR: a SIM (gsmMilenage)', () => {
  const sim = () => hss({ aka: { ...KEY, algorithm: 'gsmMilenage' } });
  const notAllowed = { kind: 'base', code: 5003 };

  it.each([
    ['alone', eutran()],
    [
      'for immediate use, with UTRAN vectors',
      { ...eutran(1, { immediateResponsePreferred: 0 }), ...utran() },
    ],
  ])('is refused E-UTRAN vectors %s, and gets none at all [29.272-5.2.3.1.3]', (_, requested) => {
    const { result, avps } = sim().air({ userName: IMSI, ...requested });
    expect(result).toEqual(notAllowed);
    expect(avps).toEqual({});
  });

  it('gets triplets of TS 55.205 and moves no sequence number [29.272-7.3.20]', () => {
    const tested = sim();
    const { result, avps } = tested.air({ userName: IMSI, ...SGSN1, ...utran(2) });
    expect(result.code).toBe(2001);
    const { geranVector: vectors = [], ...others } = avps.authenticationInfo ?? {};
    expect(others).toEqual({});
    expect(vectors.map(({ itemNumber }) => itemNumber)).toEqual([1, 2]);
    for (const { rand, sres, kc } of vectors) {
      const { xres, ck, ik } = vectorFor(rand);
      expect(sres).toEqual(c2(xres));
      expect(kc).toEqual(c3(ck, ik));
    }
    expect(tested.snapshot(IMSI).version).toBe(0);
  });

  it('gets triplets where a node fetches for both, neither for immediate use', () => {
    const { result, avps } = sim().air({ userName: IMSI, ...eutran(), ...utran() });
    expect(result.code).toBe(2001);
    expect(Object.keys(avps.authenticationInfo ?? {})).toEqual(['geranVector']);
  });

  it('has nothing to resynchronise', () => {
    const info = { reSynchronizationInfo: Buffer.alloc(30) };
    const { result } = sim().air({ userName: IMSI, ...SGSN1, ...utran(1, info) });
    expect(result).toEqual({ kind: 'experimental', code: 4181 });
  });
});
