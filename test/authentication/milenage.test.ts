import { createCipheriv, createHash } from 'node:crypto';
import { Milenage, computeOpc, generateVector, verifyAuts } from '../../src/authentication/milenage';
import { decodeSqn, encodeSqn } from '../../src/authentication/sequence-number';
import { conformanceTestSets, implementorsTestSet2, type MilenageTestSet } from './milenage-test-sets';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sqnOf = (set: MilenageTestSet): number => decodeSqn(hex(set.sqn));

/** Deterministic octets, so that a failure can be run again. */
function pseudoRandom(label: string, size: number): Buffer {
  return createHash('sha512').update(label).digest().subarray(0, size);
}

/** What the USIM sends on a synchronisation failure [33.102-6.3.3]. */
function usimAuts(milenage: Milenage, rand: Buffer, sqnMs: number): Buffer {
  const { akStar, macS } = milenage.computeAll(rand, sqnMs, Buffer.alloc(2));
  const concealed = encodeSqn(sqnMs);
  for (let i = 0; i < 6; i++) concealed[i] = (concealed[i] ?? 0) ^ (akStar[i] ?? 0);
  return Buffer.concat([concealed, macS]);
}

const allSets: Array<[string, MilenageTestSet]> = [
  ...conformanceTestSets.map((set): [string, MilenageTestSet] => [`[35.208-4.3] test set ${set.set}`, set]),
  ['[35.207-4] test set 2', implementorsTestSet2],
];

test('all twenty test sets of TS 35.208 are here, and 19 of them differ', () => {
  expect(conformanceTestSets.map((set) => set.set)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(new Set(conformanceTestSets.map((set) => set.k)).size).toBe(19);
});

describe.each(allSets)('%s', (_name, set) => {
  const milenage = new Milenage(hex(set.k), hex(set.opc));

  test('OPc from OP', () => {
    expect(computeOpc(hex(set.k), hex(set.op)).toString('hex')).toBe(set.opc);
  });

  test('f1, f1*, f2, f3, f4, f5, f5*', () => {
    const out = milenage.computeAll(hex(set.rand), sqnOf(set), hex(set.amf));
    expect({
      f1: out.macA.toString('hex'),
      f1Star: out.macS.toString('hex'),
      f2: out.res.toString('hex'),
      f3: out.ck.toString('hex'),
      f4: out.ik.toString('hex'),
      f5: out.ak.toString('hex'),
      f5Star: out.akStar.toString('hex'),
    }).toEqual({
      f1: set.f1,
      f1Star: set.f1Star,
      f2: set.f2,
      f3: set.f3,
      f4: set.f4,
      f5: set.f5,
      f5Star: set.f5Star,
    });
  });

  test('[33.102-6.3.2] the vector: AUTN = (SQN xor AK) || AMF || MAC-A', () => {
    const vector = generateVector({
      k: hex(set.k),
      opc: hex(set.opc),
      rand: hex(set.rand),
      sqn: sqnOf(set),
      amf: hex(set.amf),
    });
    const concealed = (BigInt(`0x${set.sqn}`) ^ BigInt(`0x${set.f5}`)).toString(16).padStart(12, '0');
    expect(vector.rand.toString('hex')).toBe(set.rand);
    expect(vector.autn.toString('hex')).toBe(`${concealed}${set.amf}${set.f1}`);
    expect(vector.xres.toString('hex')).toBe(set.f2);
    expect(vector.ck.toString('hex')).toBe(set.f3);
    expect(vector.ik.toString('hex')).toBe(set.f4);
    expect(vector.ak.toString('hex')).toBe(set.f5);
  });

  test('[33.102-6.3.5] AUTS verifies, and no changed bit of it does', () => {
    const sqnMs = sqnOf(set);
    const auts = usimAuts(milenage, hex(set.rand), sqnMs);
    const input = { k: hex(set.k), opc: hex(set.opc), rand: hex(set.rand) };
    expect(verifyAuts({ ...input, auts })).toEqual({ ok: true, sqnMs });
    for (let bit = 0; bit < auts.length * 8; bit++) {
      const tampered = Buffer.from(auts);
      tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifyAuts({ ...input, auts: tampered })).toEqual({ ok: false });
    }
  });
});

test('one object makes many vectors, and a batch is the same as one after the other', () => {
  const set = conformanceTestSets[2] as MilenageTestSet;
  const milenage = new Milenage(hex(set.k), hex(set.opc));
  const rands = Array.from({ length: 7 }, (_, i) => pseudoRandom(`rand ${i}`, 16));
  const sqns = rands.map((_, i) => 33 + 32 * i);
  const batch = milenage.generateVectors(rands, sqns, hex('8000'));
  expect(batch).toHaveLength(7);
  rands.forEach((rand, i) => {
    const alone = generateVector({
      k: hex(set.k),
      opc: hex(set.opc),
      rand,
      sqn: sqns[i] ?? -1,
      amf: hex('8000'),
    });
    expect(batch[i]).toEqual(alone);
    expect(milenage.generateVector(rand, sqns[i] ?? -1, hex('8000'))).toEqual(alone);
  });
});

test('[33.102-6.3.3] a phone finds SQN and MAC-A in every vector that we make (1,000 random subscribers)', () => {
  for (let i = 0; i < 1000; i++) {
    const k = pseudoRandom(`k ${i}`, 16);
    const opc = computeOpc(k, pseudoRandom(`op ${i}`, 16));
    const rand = pseudoRandom(`r ${i}`, 16);
    const sqn = pseudoRandom(`s ${i}`, 6).readUIntBE(0, 6);
    const { autn, ak, xres } = generateVector({ k, opc, rand, sqn, amf: hex('8000') });
    const phone = new Milenage(k, opc);
    const revealed = Buffer.from(autn.subarray(0, 6));
    for (let j = 0; j < 6; j++) revealed[j] = (revealed[j] ?? 0) ^ (ak[j] ?? 0);
    const out = phone.computeAll(rand, decodeSqn(revealed), autn.subarray(6, 8));
    expect(decodeSqn(revealed)).toBe(sqn);
    expect(out.macA.equals(autn.subarray(8))).toBe(true);
    expect(out.res.equals(xres)).toBe(true);
    expect(phone.verifyAuts(rand, usimAuts(phone, rand, sqn))).toEqual({ ok: true, sqnMs: sqn });
  }
});

test('[33.102-6.3.5] AUTS for another RAND, K or OPc, made with another AMF, or of another length is refused', () => {
  const set = conformanceTestSets[5] as MilenageTestSet;
  const k = hex(set.k);
  const opc = hex(set.opc);
  const rand = hex(set.rand);
  const auts = usimAuts(new Milenage(k, opc), rand, 4711);
  expect(verifyAuts({ k, opc, rand, auts })).toEqual({ ok: true, sqnMs: 4711 });
  expect(verifyAuts({ k, opc, rand: pseudoRandom('another', 16), auts })).toEqual({ ok: false });
  expect(verifyAuts({ k: pseudoRandom('another', 16), opc, rand, auts })).toEqual({ ok: false });
  expect(verifyAuts({ k, opc: hex(set.op), rand, auts })).toEqual({ ok: false });
  for (const length of [0, 1, 6, 13])
    expect(verifyAuts({ k, opc, rand, auts: auts.subarray(0, length) })).toEqual({ ok: false });
  expect(verifyAuts({ k, opc, rand, auts: Buffer.concat([auts, Buffer.alloc(1)]) })).toEqual({ ok: false });

  const withNetworkAmf = new Milenage(k, opc).computeAll(rand, 4711, hex('8000')).macS;
  expect(verifyAuts({ k, opc, rand, auts: Buffer.concat([auts.subarray(0, 6), withNetworkAmf]) })).toEqual({
    ok: false,
  });
});

test('a wrong length is named without its value', () => {
  const k = hex('000102030405060708090a0b0c0d0e0f');
  const opc = hex('101112131415161718191a1b1c1d1e1f');
  const rand = hex('202122232425262728292a2b2c2d2e2f');
  const amf = hex('8000');
  expect(() => new Milenage(k.subarray(1), opc)).toThrow(/^K must be 16 octets, not 15$/);
  expect(() => new Milenage(Buffer.concat([k, k]), opc)).toThrow(/^K must be 16 octets, not 32$/);
  expect(() => new Milenage(k, opc.subarray(1))).toThrow(/^OPc must be 16 octets, not 15$/);
  expect(() => computeOpc(k, opc.subarray(2))).toThrow(/^OP must be 16 octets, not 14$/);
  expect(() => generateVector({ k, opc, rand: rand.subarray(3), sqn: 1, amf })).toThrow(
    /^RAND must be 16 octets, not 13$/,
  );
  expect(() => generateVector({ k, opc, rand, sqn: 1, amf: amf.subarray(1) })).toThrow(
    /^AMF must be 2 octets, not 1$/,
  );
  expect(() => generateVector({ k, opc, rand, sqn: 2 ** 48, amf })).toThrow(RangeError);
  expect(() => generateVector({ k, opc, rand, sqn: -1, amf })).toThrow(RangeError);
  expect(() => verifyAuts({ k, opc, rand: rand.subarray(1), auts: Buffer.alloc(14) })).toThrow(
    /^RAND must be/,
  );
  expect(() => new Milenage(k, opc).generateVectors([rand], [], amf)).toThrow(/as many SQNs/);
  expect(() => new Milenage(k, opc).generateVectors([rand, rand.subarray(1)], [1, 2], amf)).toThrow(
    /^RAND must be/,
  );
});

test('[35.207-3] the kernel is AES-128: the block cipher test data of set 1', () => {
  const cipher = createCipheriv('aes-128-ecb', hex('465b5ce8b199b49faa5f0a2ee238a6bc'), null);
  expect(cipher.update(hex('ee36f7cf037d37d3692f7f0399e7949a')).toString('hex')).toBe(
    '9e2980c59739da67b136355e3cede6a2',
  );
});
