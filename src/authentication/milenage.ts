/**
 * Milenage with AES-128 as its kernel: TS 35.206 clause 4.1 (f1, f1*, f2, f3, f4, f5, f5*) and annex E (OPc),
 * and what TS 33.102 makes of it: the authentication vector [33.102-6.3.2] and the check of AUTS
 * [33.102-6.3.3, 6.3.5]. Pure: RAND and SQN arrive as arguments. The constants c1..c5 and r1..r5 are those of
 * clause 4.1; others are not offered.
 *
 * Cost: setting up the key is about half of a vector, so all blocks of one or more vectors go through one
 * cipher object in two update() calls. A caller may keep a Milenage object to save the rest; it holds K for
 * as long as it lives.
 */
import { createCipheriv, timingSafeEqual } from 'node:crypto';
import { requireLength } from './lengths';
import { decodeSqn, encodeSqnInto } from './sequence-number';

/** The type has another name in newer type declarations. */
type BlockCipher = ReturnType<typeof createCipheriv>;

const BLOCK_OCTETS = 16;
const SQN_OCTETS = 6;
const AMF_OCTETS = 2;
const MAC_OCTETS = 8;
const AUTS_OCTETS = SQN_OCTETS + MAC_OCTETS;

/** Rotations r1..r5 of TS 35.206 clause 4.1, in octets (they are all multiples of eight bits). */
const R1_OCTETS = 8;
const R2_OCTETS = 0;
const R3_OCTETS = 4;
const R4_OCTETS = 8;
const R5_OCTETS = 12;

/** Constants c2..c5: all zero but the last octet; c1 is zero. */
const C2 = 1;
const C3 = 2;
const C4 = 4;
const C5 = 8;

/** AMF* in AUTS: separation bit and all others zero [33.102-6.3.3]. */
const RESYNCHRONISATION_AMF = Buffer.alloc(AMF_OCTETS);

/** All outputs of TS 35.206 clause 4.1 for one set of inputs. */
export interface MilenageOutputs {
  /** f1, 8 octets: MAC-A. */
  readonly macA: Buffer;
  /** f1*, 8 octets: MAC-S. */
  readonly macS: Buffer;
  /** f2, 8 octets. */
  readonly res: Buffer;
  /** f3, 16 octets. */
  readonly ck: Buffer;
  /** f4, 16 octets. */
  readonly ik: Buffer;
  /** f5, 6 octets. */
  readonly ak: Buffer;
  /** f5*, 6 octets. */
  readonly akStar: Buffer;
}

/**
 * An authentication vector [33.102-6.3.2]: RAND, AUTN = (SQN xor AK) || AMF || MAC-A, XRES, CK, IK; and the
 * AK used.
 */
export interface AuthenticationVector {
  readonly rand: Buffer;
  readonly autn: Buffer;
  readonly xres: Buffer;
  readonly ck: Buffer;
  readonly ik: Buffer;
  readonly ak: Buffer;
}

export type AutsVerification = { readonly ok: true; readonly sqnMs: number } | { readonly ok: false };

/** Milenage for one subscriber: the AES key schedule of K, and OPc. */
export class Milenage {
  private readonly cipher: BlockCipher;
  private readonly opc: Buffer;

  /** @throws RangeError when K or OPc is not 16 octets. */
  constructor(k: Buffer, opc: Buffer) {
    requireLength('OPc', opc, BLOCK_OCTETS);
    this.cipher = blockCipher(k);
    this.opc = opc;
  }

  /**
   * Every function of TS 35.206 for one RAND, SQN and AMF. The vector path below computes only what it needs.
   * @throws RangeError when an input has the wrong length or SQN is not a 48-bit integer.
   */
  computeAll(rand: Buffer, sqn: number, amf: Buffer): MilenageOutputs {
    requireLength('AMF', amf, AMF_OCTETS);
    const temp = this.temp(rand);
    const blocks = Buffer.allocUnsafe(5 * BLOCK_OCTETS);
    this.fillIn1(blocks, 0, temp, 0, sqn, amf);
    this.fillRotated(blocks, 1, temp, 0, R2_OCTETS, C2);
    this.fillRotated(blocks, 2, temp, 0, R3_OCTETS, C3);
    this.fillRotated(blocks, 3, temp, 0, R4_OCTETS, C4);
    this.fillRotated(blocks, 4, temp, 0, R5_OCTETS, C5);
    const out = this.encryptAndMask(blocks);
    return {
      macA: out.subarray(0, 8),
      macS: out.subarray(8, 16),
      ak: out.subarray(16, 22),
      res: out.subarray(24, 32),
      ck: out.subarray(32, 48),
      ik: out.subarray(48, 64),
      akStar: out.subarray(64, 70),
    };
  }

  /**
   * One vector for each RAND, with the SQN of the same position: two AES calls for all of them.
   * @throws RangeError when an input has the wrong length, or there are not as many SQNs as RANDs.
   */
  generateVectors(rands: readonly Buffer[], sqns: readonly number[], amf: Buffer): AuthenticationVector[] {
    requireLength('AMF', amf, AMF_OCTETS);
    if (sqns.length !== rands.length)
      throw new RangeError(`${rands.length} RANDs need as many SQNs, not ${sqns.length}`);
    const temps = this.temps(rands);
    const blocks = Buffer.allocUnsafe(rands.length * 4 * BLOCK_OCTETS);
    sqns.forEach((sqn, index) => {
      const first = index * 4;
      const tempAt = index * BLOCK_OCTETS;
      this.fillIn1(blocks, first, temps, tempAt, sqn, amf);
      this.fillRotated(blocks, first + 1, temps, tempAt, R2_OCTETS, C2);
      this.fillRotated(blocks, first + 2, temps, tempAt, R3_OCTETS, C3);
      this.fillRotated(blocks, first + 3, temps, tempAt, R4_OCTETS, C4);
    });
    const out = this.encryptAndMask(blocks);
    return rands.map((rand, index) =>
      assembleVector(rand, sqns[index] ?? 0, amf, out.subarray(index * 64, index * 64 + 64)),
    );
  }

  /** One vector; see generateVectors. */
  generateVector(rand: Buffer, sqn: number, amf: Buffer): AuthenticationVector {
    requireLength('AMF', amf, AMF_OCTETS);
    const temp = this.temp(rand);
    const blocks = Buffer.allocUnsafe(4 * BLOCK_OCTETS);
    this.fillIn1(blocks, 0, temp, 0, sqn, amf);
    this.fillRotated(blocks, 1, temp, 0, R2_OCTETS, C2);
    this.fillRotated(blocks, 2, temp, 0, R3_OCTETS, C3);
    this.fillRotated(blocks, 3, temp, 0, R4_OCTETS, C4);
    return assembleVector(rand, sqn, amf, this.encryptAndMask(blocks));
  }

  /**
   * Checks AUTS = (SQN_MS xor AK*) || MAC-S, with AMF* zero, and tells SQN_MS [33.102-6.3.5]. An AUTS of the
   * wrong length comes from the wire and is not ok; nothing is said about why one fails.
   * @throws RangeError when RAND is not 16 octets.
   */
  verifyAuts(rand: Buffer, auts: Buffer): AutsVerification {
    if (auts.length !== AUTS_OCTETS) return { ok: false };
    const temp = this.temp(rand);
    const f5StarBlock = Buffer.allocUnsafe(BLOCK_OCTETS);
    this.fillRotated(f5StarBlock, 0, temp, 0, R5_OCTETS, C5);
    const akStar = this.encryptAndMask(f5StarBlock);
    const concealed = Buffer.allocUnsafe(SQN_OCTETS);
    for (let i = 0; i < SQN_OCTETS; i++) concealed[i] = octet(auts, i) ^ octet(akStar, i);
    const sqnMs = decodeSqn(concealed);

    const f1Block = Buffer.allocUnsafe(BLOCK_OCTETS);
    this.fillIn1(f1Block, 0, temp, 0, sqnMs, RESYNCHRONISATION_AMF);
    const macS = this.encryptAndMask(f1Block).subarray(MAC_OCTETS);
    return timingSafeEqual(macS, auts.subarray(SQN_OCTETS)) ? { ok: true, sqnMs } : { ok: false };
  }

  /** TEMP = E_K(RAND xor OPc). */
  private temp(rand: Buffer): Buffer {
    requireLength('RAND', rand, BLOCK_OCTETS);
    const block = Buffer.allocUnsafe(BLOCK_OCTETS);
    for (let i = 0; i < BLOCK_OCTETS; i++) block[i] = octet(rand, i) ^ octet(this.opc, i);
    return this.cipher.update(block);
  }

  private temps(rands: readonly Buffer[]): Buffer {
    const blocks = Buffer.allocUnsafe(rands.length * BLOCK_OCTETS);
    rands.forEach((rand, index) => {
      requireLength('RAND', rand, BLOCK_OCTETS);
      for (let i = 0; i < BLOCK_OCTETS; i++)
        blocks[index * BLOCK_OCTETS + i] = octet(rand, i) ^ octet(this.opc, i);
    });
    return this.cipher.update(blocks);
  }

  /** Input of OUT1: TEMP xor rot(IN1 xor OPc, r1) xor c1, where IN1 = SQN || AMF || SQN || AMF. */
  private fillIn1(
    blocks: Buffer,
    index: number,
    temps: Buffer,
    tempAt: number,
    sqn: number,
    amf: Buffer,
  ): void {
    const at = index * BLOCK_OCTETS;
    // IN1 is the same in both halves, so the rotation by 64 bits moves only OPc.
    encodeSqnInto(sqn, blocks, at);
    blocks[at + 6] = octet(amf, 0);
    blocks[at + 7] = octet(amf, 1);
    blocks.copyWithin(at + 8, at, at + 8);
    for (let i = 0; i < BLOCK_OCTETS; i++) {
      blocks[at + i] =
        octet(blocks, at + i) ^ octet(this.opc, (i + R1_OCTETS) & 15) ^ octet(temps, tempAt + i);
    }
  }

  /** Input of OUT2..OUT5: rot(TEMP xor OPc, r) xor c. */
  private fillRotated(
    blocks: Buffer,
    index: number,
    temps: Buffer,
    tempAt: number,
    rotationOctets: number,
    c: number,
  ): void {
    const at = index * BLOCK_OCTETS;
    for (let i = 0; i < BLOCK_OCTETS; i++) {
      const from = (i + rotationOctets) & 15;
      blocks[at + i] = octet(temps, tempAt + from) ^ octet(this.opc, from);
    }
    blocks[at + 15] = octet(blocks, at + 15) ^ c;
  }

  /** OUTn = E_K(input) xor OPc, for all blocks at once. */
  private encryptAndMask(blocks: Buffer): Buffer {
    const out = this.cipher.update(blocks);
    for (let i = 0; i < out.length; i++) out[i] = octet(out, i) ^ octet(this.opc, i & 15);
    return out;
  }
}

/**
 * OPc = OP xor E_K(OP), TS 35.206 clause 4.1 and 5.1.
 * @throws RangeError when K or OP is not 16 octets.
 */
export function computeOpc(k: Buffer, op: Buffer): Buffer {
  requireLength('OP', op, BLOCK_OCTETS);
  const opc = blockCipher(k).update(op);
  for (let i = 0; i < BLOCK_OCTETS; i++) opc[i] = octet(opc, i) ^ octet(op, i);
  return opc;
}

/** One vector for a subscriber whose Milenage object is not kept; see Milenage.generateVectors. */
export function generateVector(input: {
  k: Buffer;
  opc: Buffer;
  rand: Buffer;
  sqn: number;
  amf: Buffer;
}): AuthenticationVector {
  return new Milenage(input.k, input.opc).generateVector(input.rand, input.sqn, input.amf);
}

/** See Milenage.verifyAuts. */
export function verifyAuts(input: { k: Buffer; opc: Buffer; rand: Buffer; auts: Buffer }): AutsVerification {
  return new Milenage(input.k, input.opc).verifyAuts(input.rand, input.auts);
}

/** E_K for whole blocks. It is never finalised, so no padding is ever added. */
function blockCipher(k: Buffer): BlockCipher {
  requireLength('K', k, BLOCK_OCTETS);
  return createCipheriv('aes-128-ecb', k, null);
}

/** `out` is OUT1..OUT4 of this vector: MAC-A and MAC-S, AK and XRES, CK, IK. */
function assembleVector(rand: Buffer, sqn: number, amf: Buffer, out: Buffer): AuthenticationVector {
  const ak = out.subarray(16, 22);
  const autn = Buffer.allocUnsafe(BLOCK_OCTETS);
  encodeSqnInto(sqn, autn, 0);
  for (let i = 0; i < SQN_OCTETS; i++) autn[i] = octet(autn, i) ^ octet(ak, i);
  autn[6] = octet(amf, 0);
  autn[7] = octet(amf, 1);
  out.copy(autn, 8, 0, MAC_OCTETS);
  return { rand, autn, xres: out.subarray(24, 32), ck: out.subarray(32, 48), ik: out.subarray(48, 64), ak };
}

/** Lengths are checked once at the entrance, so every index here is inside. */
function octet(buffer: Buffer, index: number): number {
  return buffer[index] as number;
}
