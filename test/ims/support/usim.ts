/**
 * The card in the phone: Milenage from its own side (TS 35.206 4.1) and the check of the sequence number with
 * its AUTS (TS 33.102 6.3.3, 6.3.5, C.2). Written apart from the product's own Milenage, so that the two
 * prove each other.
 */
import { createCipheriv } from 'node:crypto';
import { SequenceArray } from '../../support/sequence-array';

export interface UsimKeys {
  k: Buffer;
  opc: Buffer;
  /** Length of IND within SQN, TS 33.102 C.3. */
  indBits: number;
}

export type Challenge =
  | { kind: 'response'; res: Buffer; ck: Buffer; ik: Buffer }
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
  private readonly accepted: SequenceArray;

  constructor(
    private readonly keys: UsimKeys,
    start = 0,
  ) {
    this.accepted = new SequenceArray(keys.indBits, start);
  }

  /** SQN_MS: what an AUTS tells the network. */
  get sqn(): number {
    return this.accepted.highest;
  }

  /** Moves the card's counters ahead, as if it had been used with another authentication centre. */
  advanceTo(sqn: number): void {
    this.accepted.advanceTo(sqn);
  }

  /** Takes RAND || AUTN, gives RES, or AUTS, or refuses. */
  challenge(rand: Buffer, autn: Buffer): Challenge {
    const sqn = xor(autn.subarray(0, 6), this.output(rand, 0, 1).subarray(0, 6));
    const amf = autn.subarray(6, 8);
    if (!this.f1(rand, sqn, amf).subarray(0, 8).equals(autn.subarray(8, 16)))
      return { kind: 'network not genuine' };
    if (!this.accepted.accepts(sqn.readUIntBE(0, 6)))
      return { kind: 'resynchronisation', auts: this.auts(rand) };
    return {
      kind: 'response',
      res: this.output(rand, 0, 1).subarray(8, 16),
      ck: this.output(rand, 4, 2),
      ik: this.output(rand, 8, 4),
    };
  }

  /** AUTS = (SQN_MS xor AK*) || MAC-S, TS 33.102 6.3.3; AMF is zero in MAC-S. */
  private auts(rand: Buffer): Buffer {
    const sqn = sqnOctets(this.accepted.highest);
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
