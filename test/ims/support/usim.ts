/**
 * The card in the phone: Milenage from its own side (TS 35.206 4.1) and the check of the sequence number with
 * its AUTS (TS 33.102 6.3.3, 6.3.5, C.2). Written apart from the product's own Milenage, so that the two
 * prove each other.
 */
import { createCipheriv } from 'node:crypto';

export interface UsimKeys {
  k: Buffer;
  opc: Buffer;
  /** Length of IND within SQN, TS 33.102 C.3. */
  indBits: number;
}

export type Challenge =
  | { kind: 'response'; res: Buffer }
  | { kind: 'resynchronisation'; auts: Buffer }
  | { kind: 'network not genuine' };

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((octet, i) => octet ^ (b[i] ?? 0)));
const rotate = (block: Buffer, octets: number): Buffer =>
  Buffer.concat([block.subarray(octets), block.subarray(0, octets)]);

function sqnOctets(sqn: number): Buffer {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(sqn, 0, 6);
  return octets;
}

export class Usim {
  /** The highest SQN accepted per IND, TS 33.102 C.2.2. */
  private readonly accepted = new Map<number, number>();

  constructor(
    private readonly keys: UsimKeys,
    private highestSqn = 0,
  ) {}

  /** SQN_MS: what an AUTS tells the network. */
  get sqn(): number {
    return this.highestSqn;
  }

  /** Moves the card's counters ahead, as if it had been used with another authentication centre. */
  advanceTo(sqn: number): void {
    this.highestSqn = sqn;
    for (let ind = 0; ind < 2 ** this.keys.indBits; ind += 1) this.accepted.set(ind, sqn);
  }

  /** Takes RAND || AUTN, gives RES, or AUTS, or refuses. */
  challenge(rand: Buffer, autn: Buffer): Challenge {
    const sqn = xor(autn.subarray(0, 6), this.output(rand, 0, 1).subarray(0, 6));
    const amf = autn.subarray(6, 8);
    if (!this.f1(rand, sqn, amf).subarray(0, 8).equals(autn.subarray(8, 16)))
      return { kind: 'network not genuine' };
    const value = sqn.readUIntBE(0, 6);
    const ind = value % 2 ** this.keys.indBits;
    const seq = Math.floor(value / 2 ** this.keys.indBits);
    const last = Math.floor((this.accepted.get(ind) ?? 0) / 2 ** this.keys.indBits);
    if (seq <= last) return { kind: 'resynchronisation', auts: this.auts(rand) };
    this.accepted.set(ind, value);
    this.highestSqn = Math.max(this.highestSqn, value);
    return { kind: 'response', res: this.output(rand, 0, 1).subarray(8, 16) };
  }

  /** AUTS = (SQN_MS xor AK*) || MAC-S, TS 33.102 6.3.3; AMF is zero in MAC-S. */
  private auts(rand: Buffer): Buffer {
    const sqn = sqnOctets(this.highestSqn);
    const concealed = xor(sqn, this.output(rand, 12, 8).subarray(0, 6));
    return Buffer.concat([concealed, this.f1(rand, sqn, Buffer.alloc(2)).subarray(8, 16)]);
  }

  private encrypt(block: Buffer): Buffer {
    const cipher = createCipheriv('aes-128-ecb', this.keys.k, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(block), cipher.final()]);
  }

  /** OUT1: f1 in the first half, f1* in the second. r1 is 64 bits, c1 zero. */
  private f1(rand: Buffer, sqn: Buffer, amf: Buffer): Buffer {
    const temp = this.encrypt(xor(rand, this.keys.opc));
    const in1 = Buffer.concat([sqn, amf, sqn, amf]);
    return xor(this.encrypt(xor(temp, rotate(xor(in1, this.keys.opc), 8))), this.keys.opc);
  }

  /** OUT2 (0, 1: AK and RES) to OUT5 (12, 8: AK*): rotation in octets, and the constant's last octet. */
  private output(rand: Buffer, rotation: number, constant: number): Buffer {
    const temp = this.encrypt(xor(rand, this.keys.opc));
    const input = rotate(xor(temp, this.keys.opc), rotation);
    input[15] = (input[15] ?? 0) ^ constant;
    return xor(this.encrypt(input), this.keys.opc);
  }
}
