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
 * Why no value is ever given twice: SEQ of each value given is one above that of the value before it,
 * whatever IND does; the counter holds the last value given; no function here returns a counter below the one
 * it got; and at the upper end the counter stops instead of wrapping. Two values with different SEQ are
 * different. What is left to the caller is that two users of the same counter exclude each other (one
 * committed change of it at a time).
 *
 * Deviations: [33.102-6.3.5] step 5 sets SQN_HE to SQN_MS also when that is lower; we never do, see
 * resynchronise().
 */

import { indSliceOf, type IndSlice, type VectorRequester } from './ind-slices';

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

/**
 * There is no SEQ left above the current one: the subscriber's USIM has to be replaced. Nothing was given
 * out.
 */
export class SequenceNumberExhaustedError extends Error {
  override readonly name = 'SequenceNumberExhaustedError';
  constructor(
    readonly current: number,
    readonly count: number,
  ) {
    super(`no ${count} sequence numbers are left above ${current} [33.102-C.2.1]`);
  }
}

/** What is kept for one K [33.102-C.1.1]. */
export interface SequenceCounter {
  /** Highest SQN given or provisioned; 0 when none was. */
  readonly sequenceNumber: number;
  /** IND of the last batch of each slice, by the number of the slice; null where there was none. */
  readonly lastInds: readonly (number | null)[];
}

export interface SequenceNumberBatch {
  /** As many SQNs as asked for, ascending, all with the same IND. */
  readonly values: number[];
  /** To be stored before any of the values is used. */
  readonly counter: SequenceCounter;
}

/** The IND after the last one of this slice; after that of the counter where the slice has had none. */
function nextInd({ sequenceNumber, lastInds }: SequenceCounter, slice: IndSlice, indValues: number): number {
  const last = lastInds[slice.number] ?? sequenceNumber % indValues;
  const place = last - slice.first;
  return place < 0 || place >= slice.count ? slice.first : slice.first + ((place + 1) % slice.count);
}

/**
 * The next `count` values of a counter for a kind of requester [33.102-C.1.1.2]. Each is greater than the
 * highest given so far and than the one before it, since SEQ rises by one each time; so none was given before.
 * @throws SequenceNumberExhaustedError when SEQ would exceed its length; RangeError for arguments out of
 * range.
 */
export function nextSequenceNumbers(
  current: SequenceCounter,
  count: number,
  requester: VectorRequester,
  indBits: number = DEFAULT_IND_BITS,
): SequenceNumberBatch {
  requireSqn(current.sequenceNumber);
  requireIndBits(indBits);
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`count must be a positive integer, not ${count}`);

  const indValues = 2 ** indBits;
  const seq = Math.floor(current.sequenceNumber / indValues);
  const maxSeq = (MAX_SQN + 1) / indValues - 1;
  if (seq + count > maxSeq) throw new SequenceNumberExhaustedError(current.sequenceNumber, count);
  const slice = indSliceOf(requester, indBits);
  const ind = nextInd(current, slice, indValues);

  const values = new Array<number>(count);
  for (let i = 0; i < count; i++) values[i] = (seq + 1 + i) * indValues + ind;
  const lastInds = Array.from({ length: Math.max(current.lastInds.length, slice.number + 1) }, (_, number) =>
    number === slice.number ? ind : (current.lastInds[number] ?? null),
  );
  return { values, counter: { sequenceNumber: (seq + count) * indValues + ind, lastInds } };
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
 * >= sqnHe always, and what nextSequenceNumbers gives after it was not given before.
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
