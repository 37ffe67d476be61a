/**
 * Vectors for E-UTRAN, UTRAN, GERAN and the IMS, value by value. K_ASME of sets A and C is also in the test suites
 * of Magma and srsRAN. Set B is test set 1 of TS 35.208 with another AMF: 8000.
 */
import { c2, c3 } from '../../src/authentication/geran-conversion';
import { kasme } from '../../src/authentication/kasme';
import { Milenage } from '../../src/authentication/milenage';
import { openCredential, type OpenedCredential } from '../../src/authentication/opened-credential';
import { decodeSqn, encodeSqn } from '../../src/authentication/sequence-number';
import {
  eutranVectors,
  geranVectors,
  imsVectors,
  simVectors,
  utranVectors,
} from '../../src/authentication/vectors';
import { Usim } from '../ims/support/usim';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const xor = (left: Buffer, right: Buffer): Buffer =>
  Buffer.from(left.map((octet, i) => octet ^ (right[i] ?? 0)));

interface TestSet {
  readonly k: string;
  readonly opc: string;
  readonly rand: string;
  readonly sqn: string;
  readonly res: string;
  readonly ck: string;
  readonly ik: string;
  readonly ak: string;
  /** With AMF 8000. */
  readonly autn: string;
  readonly kasmes: readonly (readonly [snId: string, kasme: string])[];
  readonly sres: string;
  readonly kc: string;
  /** For SQN_MS = SQN. */
  readonly auts: string;
}

const setA: TestSet = {
  k: '8baf473f2f8fd09487cccbd7097c6862',
  opc: '8e27b6af0e692e750f32667a3b14605d',
  rand: '000102030405060708090a0b0c0d0e0f',
  sqn: '000000001cb7',
  res: '2daf873d73f310c6',
  ck: 'f06e32f913eefb49fb72f109b3a5f3c8',
  ik: 'b06a7b460f4f53c4166bf4a2e0a0c25c',
  ak: '6fbfa38003e0',
  autn: '6fbfa3801f5780007bde59886e96e4fe',
  kasmes: [['02f859', '8748c1c0a2826fa405b1e27ea104434ae556c765e8f061ebdb8ae286c44616c2']],
  sres: '5e5c97fb',
  kc: 'ad1d4c144fa49919',
  auts: '3810e6cde29fdd7f7b7a7cf5bc60',
};

const setB: TestSet = {
  k: '465b5ce8b199b49faa5f0a2ee238a6bc',
  opc: 'cd63cb71954a9f4e48a5994e37a02baf',
  rand: '23553cbe9637a89d218ae64dae47bf35',
  sqn: 'ff9bb4d0b607',
  res: 'a54211d5e3ba50bf',
  ck: 'b40ba9a3c58b2a05bbf0d987b21bf8cb',
  ik: 'f769bcd751044604127672711c6d3441',
  ak: 'aa689c648370',
  autn: '55f328b43577800059bcea576837152b',
  kasmes: [
    ['00f110', '48579af8781c742d5120e6ed8ccac13193f38c53ab7aa69396f49ca6e1b0562d'],
    ['130014', '62005bf3511406324db1ec2f8265d951de8303d65cecfee4c4d3cd281dcd5a26'],
    ['62f210', 'c4aa94fd412fdfd153a063f9305db37bedfa67071f237adba6353baa9ff69356'],
  ],
  sres: '46f8416a',
  kc: 'eae4be823af9a08b',
  auts: 'ba853f3c123ccf44e93596e355c6',
};

/** Secrets that are not sealed. */
const open = ({ k, opc }: TestSet, amf: string): OpenedCredential =>
  openCredential('001010000000001', { k, opc, amf }, { open: hex });

/** Always this RAND. */
const fixed = ({ rand }: TestSet) => ({ bytes: () => hex(rand) });

const texts = (vector: object | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(vector ?? {}).map(([name, octets]) => [name, (octets as Buffer).toString('hex')]),
  );

const network = hex('00f110');
const amfOf = (autn: string | undefined): string | undefined => autn?.slice(12, 16);

describe.each([
  ['A', setA],
  ['B', setB],
])('set %s', (_name, set) => {
  const sqns = [decodeSqn(hex(set.sqn))];
  const milenage = new Milenage(hex(set.k), hex(set.opc));
  const outputs = texts(milenage.computeAll(hex(set.rand), decodeSqn(hex(set.sqn)), hex('8000')));
  const eutran = (snId = network) => texts(eutranVectors(open(set, '8000'), sqns, snId, fixed(set))[0]);

  test(`f2: RES ${set.res}`, () => expect(outputs['res']).toBe(set.res));
  test(`f3: CK ${set.ck}`, () => expect(outputs['ck']).toBe(set.ck));
  test(`f4: IK ${set.ik}`, () => expect(outputs['ik']).toBe(set.ik));
  test(`f5: AK ${set.ak}`, () => expect(outputs['ak']).toBe(set.ak));

  test(`[33.401-6.1.2] [29.272-7.3.18] E-UTRAN: AUTN ${set.autn}, XRES, and no CK or IK`, () => {
    const { kasme: key, ...rest } = eutran();
    expect(rest).toEqual({ rand: set.rand, xres: set.res, autn: set.autn });
    expect(key).toHaveLength(64);
  });

  test.each(set.kasmes)('[33.401-A.2] SN-id %s: KASME %s', (snId, expected) => {
    expect(eutran(hex(snId))['kasme']).toBe(expected);
    const concealed = xor(hex(set.sqn), hex(set.ak));
    expect(kasme(hex(set.ck), hex(set.ik), hex(snId), concealed).toString('hex')).toBe(expected);
  });

  test('[29.272-7.3.19] UTRAN: CK and IK, and AUTN as of AMF 0000', () => {
    const [vector] = utranVectors(open(set, '8000'), sqns, fixed(set));
    const { macA } = milenage.computeAll(hex(set.rand), sqns[0] ?? -1, hex('0000'));
    expect(texts(vector)).toEqual({
      rand: set.rand,
      xres: set.res,
      autn: `${set.autn.slice(0, 12)}0000${macA.toString('hex')}`,
      confidentialityKey: set.ck,
      integrityKey: set.ik,
    });
  });

  test(`[33.102-6.8.1.2] c2: SRES ${set.sres}`, () =>
    expect(c2(hex(set.res)).toString('hex')).toBe(set.sres));
  test(`[33.102-6.8.1.2] c3: Kc ${set.kc}`, () =>
    expect(c3(hex(set.ck), hex(set.ik)).toString('hex')).toBe(set.kc));
  test('[29.272-7.3.20] GERAN: RAND, SRES and Kc, nothing else', () => {
    const [vector] = geranVectors(open(set, '8000'), sqns, fixed(set));
    expect(texts(vector)).toEqual({ rand: set.rand, sres: set.sres, kc: set.kc });
  });

  test(`[33.102-6.3.3] [33.102-6.3.5] AUTS ${set.auts} tells SQN_MS ${set.sqn}`, () => {
    const verified = milenage.verifyAuts(hex(set.rand), hex(set.auts));
    expect(verified).toEqual({ ok: true, sqnMs: decodeSqn(hex(set.sqn)) });
    const { akStar, macS } = milenage.computeAll(hex(set.rand), sqns[0] ?? -1, hex('0000'));
    expect(Buffer.concat([xor(hex(set.sqn), akStar), macS]).toString('hex')).toBe(set.auts);
  });

  test('[33.102-6.3.5] AUTS with another MAC-S tells nothing', () => {
    const auts = hex(set.auts);
    auts[13] = (auts[13] ?? 0) ^ 1;
    expect(milenage.verifyAuts(hex(set.rand), auts)).toEqual({ ok: false });
  });
});

describe('set C', () => {
  const ck = hex('7bc15d69309cf3ec5d324404edd6f0f9');
  const ik = hex('c15d69309cf3ec5d324404edd6f0f97b');
  const concealed = xor(hex('0000000012d9'), hex('5d69309cf3ec'));
  const expected = 'd5ef4d8f33266902295d42f322a2f2cf11fb2ccc124c09b4d88d361597037990';

  test(`[33.401-A.2] SN-id 00f110: KASME ${expected}`, () => {
    expect(kasme(ck, ik, network, concealed).toString('hex')).toBe(expected);
  });

  test('one call leaves nothing to the next, and its result stays', () => {
    const first = kasme(ck, ik, network, concealed);
    const other = kasme(ik, ck, hex('ffffff'), hex('ffffffffffff'));
    expect(other.equals(first)).toBe(false);
    expect(kasme(ck, ik, network, concealed)).toEqual(first);
    expect(first.toString('hex')).toBe(expected);
  });
});

describe('[33.102-H] [33.401-6.1.1] the separation bit, before f1', () => {
  const { k, opc } = { k: hex(setB.k), opc: hex(setB.opc) };
  const sqns = [32];

  test.each([
    ['8000', '8000', '0000'],
    ['0000', '8000', '0000'],
    ['7fff', 'ffff', '7fff'],
    ['ffff', 'ffff', '7fff'],
    ['b9b9', 'b9b9', '39b9'],
  ])('AMF %s: E-UTRAN %s, UTRAN %s, IMS as provisioned', (provisioned, eutran, utran) => {
    const credential = open(setB, provisioned);
    const made = [
      eutranVectors(credential, sqns, network, fixed(setB)),
      utranVectors(credential, sqns, fixed(setB)),
      imsVectors(credential, sqns, fixed(setB)),
    ].map(([vector]) => vector);
    expect(made.map((vector) => amfOf(vector?.autn.toString('hex')))).toEqual([eutran, utran, provisioned]);
    for (const vector of made) {
      const usim = new Usim({ k, opc, indBits: 5 });
      expect(usim.challenge(vector?.rand ?? k, vector?.autn ?? k)).toMatchObject({
        kind: 'response',
        res: vector?.xres,
      });
    }
  });
});

test('[29.272-5.2.3.1.2] five vectors come in the order of their SQNs, each with a RAND of its own', () => {
  let next = 0;
  const random = { bytes: (size: number) => Buffer.alloc(size, (next += 1)) };
  const sqns = [33, 65, 97, 129, 161];
  const vectors = eutranVectors(open(setA, '8000'), sqns, network, random);
  expect(vectors.map(({ rand }) => rand[0])).toEqual([1, 2, 3, 4, 5]);
  const milenage = new Milenage(hex(setA.k), hex(setA.opc));
  const revealed = vectors.map(({ rand, autn }) =>
    decodeSqn(xor(autn.subarray(0, 6), milenage.computeAll(rand, 0, hex('8000')).ak)),
  );
  expect(revealed).toEqual(sqns);
  expect(eutranVectors(open(setA, '8000'), [], network, random)).toEqual([]);
});

test('[33.102-6.8.1.2] c2 pads XRES to 16 octets with zeros', () => {
  expect(c2(hex('01020304')).toString('hex')).toBe('01020304');
  expect(c2(hex('0102030410')).toString('hex')).toBe('11020304');
  expect(c2(hex('01020304102030400506070850607080')).toString('hex')).toBe('444444cc');
});

test('a wrong length is refused, and the message has no octet of a key', () => {
  const key = Buffer.alloc(16, 0xab);
  const sqn = encodeSqn(1);
  const calls: readonly (() => unknown)[] = [
    () => kasme(key.subarray(1), key, network, sqn),
    () => kasme(key, key.subarray(1), network, sqn),
    () => kasme(key, key, network.subarray(1), sqn),
    () => kasme(key, key, network, sqn.subarray(1)),
    () => c2(key.subarray(0, 3)),
    () => c2(Buffer.alloc(17)),
    () => c3(key.subarray(1), key),
    () => c3(key, key.subarray(1)),
    () => open(setA, '800000'),
  ];
  for (const call of calls) {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(/^(CK|IK|Visited-PLMN-Id|SQN xor AK|XRES|AMF) must be [\d to]+ octets, not \d+$/);
  }
});

describe('an opened credential', () => {
  const counting = (keys: object) => ({
    opened: 0,
    open(text: string) {
      this.opened += 1;
      return hex(text);
    },
    keys: () => keys,
  });

  test('is kept from the second use on, for as long as the keys are the same', () => {
    const sealed = { k: setA.k, opc: setA.opc, amf: '8000' };
    const secrets = counting(setA);
    const uses = [1, 2, 3, 4].map(() => openCredential('one', sealed, secrets));
    expect(secrets.opened).toBe(4);
    expect(uses[3]).toBe(uses[1]);
    const renewed = counting(setB);
    expect(openCredential('one', sealed, renewed)).not.toBe(uses[1]);
    expect(renewed.opened).toBe(2);
  });
});

test('[55.205-4] A3/A8 of a SIM: SRES and Kc of each test set, with a RAND for each', () => {
  for (const set of [setA, setB]) {
    const vectors = simVectors(open(set, '8000'), 2, fixed(set));
    expect(vectors).toHaveLength(2);
    for (const vector of vectors)
      expect(texts(vector)).toEqual({ rand: set.rand, sres: set.sres, kc: set.kc });
  }
});
