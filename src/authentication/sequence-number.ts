/**
 * Sequence numbers of TS 33.102 Annex C: SQN = SEQ || IND, 48 bits, IND in the least significant bits
 * [33.102-C.1.1.1], generated without a clock [33.102-C.1.1.2, C.3.2] and resynchronised as in
 * [33.102-6.3.5]. SQNs are plain numbers: 48 bits are exact in a double. Pure; the caller stores the counter
 * before it lets a value out.
 *
 * IND [33.102-C.1.2, C.3.4]: all vectors of one batch have the same IND, and each batch takes the next value
 * of its slice, cyclically. Each kind of requester has a slice of its own (ind-slices.ts). So vectors that two
 * nodes hold at the same time stand in different places of the USIM's array, and using them in turns does not
 * make the older ones stale.
 *
 * Why no value is ever given twice: the counter holds the last value given. The statement that commits a
 * decision moves it on, by as many SEQ as the decision draws, and the row is locked until then; the values are
 * those above what it was (src/store/commit-statement.ts). So SEQ of each value is one above that of the value
 * before it, whatever IND does, and two values with different SEQ are different. Nothing moves a counter back,
 * and at the upper end it stops instead of wrapping.
 *
 * Deviations: [33.102-6.3.5] step 5 sets SQN_HE to SQN_MS also when that is lower; we never do, see
 * resynchronise().
 */

import { indSliceOf, type VectorRequester } from './ind-slices';

/** 48 bits [33.102-6.3.2]. */
export const MAX_SQN = 2 ** 48 - 1;
const SQN_OCTETS = 6;

/** Length of IND in bits that all profiles of [33.102-C.3] recommend: an array of 32 entries. */
export const DEFAULT_IND_BITS = 5;
export const MAX_IND_BITS = 16;

/**
 * Delta of [33.102-C.2.1] as recommended in C.3.2: the USIM accepts no SEQ further ahead of its highest than
 * this.
 */
export const DEFAULT_DELTA_SEQ = 2 ** 28;

/** What a procedure wants of the counter of a K. The commit that makes its change gives the numbers. */
export interface SequenceNumberDraw {
  /** Which counter: a keyed hash of K. */
  readonly counterKey: string;
  readonly requester: VectorRequester;
  /** Length of IND in bits. */
  readonly indBits: number;
  /** Vectors that are wanted; 0 where the counter only has to reach `atLeast`. */
  readonly count: number;
  /**
   * Vectors that are wanted besides, as a batch with an IND of its own: of a second kind, which a node uses
   * before or after those of the first [33.102-C.1.2]. Their numbers follow those of the first batch.
   */
  readonly secondBatchCount?: number;
  /** SQN_MS of a synchronisation failure: the counter goes on above it [33.102-6.3.5]. */
  readonly atLeast?: number;
}

/** All numbers of a draw. */
export const numberCount = ({ count, secondBatchCount = 0 }: SequenceNumberDraw): number =>
  count + secondBatchCount;

/** Batches of a draw: each takes an IND. */
export const batchCount = ({ count, secondBatchCount = 0 }: SequenceNumberDraw): number =>
  (count > 0 ? 1 : 0) + (secondBatchCount > 0 ? 1 : 0);

/** Whether `count` values are left above `sequenceNumber` [33.102-C.2.1]. */
export const areLeft = (sequenceNumber: number, count: number, indBits: number): boolean =>
  Math.floor(sequenceNumber / 2 ** indBits) + count <= maxSeq(indBits);

/** Highest SEQ. @throws RangeError when `indBits` is no length of IND */
function maxSeq(indBits: number): number {
  requireIndBits(indBits);
  return (MAX_SQN + 1) / 2 ** indBits - 1;
}

/**
 * The values of each draw, where together they took the counter to `last`: SEQ rises by one with each value,
 * IND by one with each batch, within the slice of the requester. The draws are of one counter, one kind of
 * requester and one length of IND; those that want nothing get nothing.
 */
export function shareOut(draws: readonly SequenceNumberDraw[], last: number): number[][] {
  const [first] = draws;
  if (first === undefined) return [];
  const indValues = 2 ** first.indBits;
  const slice = indSliceOf(first.requester, first.indBits);
  const place = (last % indValues) - slice.first;
  let seq = Math.floor(last / indValues) - draws.reduce((sum, draw) => sum + numberCount(draw), 0);
  let left = draws.reduce((sum, draw) => sum + batchCount(draw), 0);
  const batch = (count: number): number[] => {
    if (count === 0) return [];
    left -= 1;
    const ind = slice.first + ((((place - left) % slice.count) + slice.count) % slice.count);
    return Array.from({ length: count }, () => {
      seq += 1;
      return seq * indValues + ind;
    });
  };
  return draws.map(({ count, secondBatchCount = 0 }) =>
    secondBatchCount === 0 ? batch(count) : [...batch(count), ...batch(secondBatchCount)],
  );
}

export interface Resynchronisation {
  /**
   * inRange: the next value of SQN_HE is acceptable to the USIM as it is. advanced: SQN_HE took the value of
   * SQN_MS. tooFarAhead: SQN_HE is more than delta above SQN_MS, so the USIM will refuse what we give until
   * an operator, who knows why, sets the counter; worth a log line.
   */
  readonly outcome: 'inRange' | 'advanced' | 'tooFarAhead';
  /** The counter to be stored; never below sqnHe. */
  readonly newCurrent: number;
}

/**
 * Resynchronisation in the HE [33.102-6.3.5], after MAC-S was verified. `sqnHe` is the highest SQN given,
 * `sqnMs` what AUTS concealed: the highest SEQ that the USIM accepted, with its IND [33.102-C.2.2]. The USIM
 * accepts the next value when its SEQ is above SEQ_MS and by no more than delta [33.102-C.2.1, C.2.2]. If
 * SEQ_MS is above SEQ_HE, SQN_HE becomes SQN_MS.
 *
 * When SQN_HE is in range already (an AUTS that comes twice, or late) it stays, as the clause says. Where the
 * clause would set it back (too far ahead) it stays too: values between SQN_MS and SQN_HE may be in vectors
 * that a node still holds, and giving those values again is worse than telling the operator. So newCurrent
 * >= sqnHe always, and what is drawn after it was not given before.
 * @throws RangeError for arguments out of range.
 */
export function resynchronise(
  sqnHe: number,
  sqnMs: number,
  indBits: number = DEFAULT_IND_BITS,
  deltaSeq: number = DEFAULT_DELTA_SEQ,
): Resynchronisation {
  requireSqn(sqnHe);
  requireSqn(sqnMs);
  requireIndBits(indBits);
  const indValues = 2 ** indBits;
  const seqHe = Math.floor(sqnHe / indValues);
  const seqMs = Math.floor(sqnMs / indValues);
  if (seqMs > seqHe) return { outcome: 'advanced', newCurrent: sqnMs };
  return { outcome: seqHe + 1 - seqMs > deltaSeq ? 'tooFarAhead' : 'inRange', newCurrent: sqnHe };
}

/**
 * SQN as 6 octets, most significant first [33.102-6.3.2].
 * @throws RangeError when it is not an integer from 0 to 2^48 - 1.
 */
export function encodeSqn(sqn: number): Buffer {
  const octets = Buffer.allocUnsafe(SQN_OCTETS);
  encodeSqnInto(sqn, octets, 0);
  return octets;
}

/** The same into a buffer that is there already. */
export function encodeSqnInto(sqn: number, target: Buffer, offset: number): void {
  requireSqn(sqn);
  target.writeUIntBE(sqn, offset, SQN_OCTETS);
}

/** The reverse of encodeSqn. @throws RangeError when there are not 6 octets. */
export function decodeSqn(octets: Buffer): number {
  if (octets.length !== SQN_OCTETS)
    throw new RangeError(`SQN must be ${SQN_OCTETS} octets, not ${octets.length}`);
  return octets.readUIntBE(0, SQN_OCTETS);
}

function requireSqn(sqn: number): void {
  if (!Number.isInteger(sqn) || sqn < 0 || sqn > MAX_SQN)
    throw new RangeError(`SQN must be an integer from 0 to ${MAX_SQN}, not ${sqn}`);
}

function requireIndBits(indBits: number): void {
  if (!Number.isInteger(indBits) || indBits < 0 || indBits > MAX_IND_BITS) {
    throw new RangeError(`the length of IND must be 0 to ${MAX_IND_BITS} bits, not ${indBits}`);
  }
}
