/**
 * A counter of TS 33.102 C.1.1 as a model: one number and the last IND of each slice, moved on in memory. What
 * the database does in SQL is compared with it.
 */
import { indSliceOf, type VectorRequester } from '../../src/authentication/ind-slices';

export class ReferenceCounter {
  readonly lastInds: (number | undefined)[] = [];

  constructor(public sequenceNumber = 0) {}

  /** SQN_MS of a synchronisation failure [33.102-6.3.5]. */
  reach(sqnMs: number, indBits: number): void {
    const seq = (sqn: number): number => Math.floor(sqn / 2 ** indBits);
    if (seq(sqnMs) > seq(this.sequenceNumber)) this.sequenceNumber = sqnMs;
  }

  draw(requester: VectorRequester, count: number, indBits = 5): number[] {
    const indValues = 2 ** indBits;
    const { number, first, count: size } = indSliceOf(requester, indBits);
    const place = (this.lastInds[number] ?? this.sequenceNumber % indValues) - first;
    const ind = first + (place < 0 || place >= size ? 0 : (place + 1) % size);
    const values = Array.from(
      { length: count },
      (_, i) => (Math.floor(this.sequenceNumber / indValues) + 1 + i) * indValues + ind,
    );
    this.sequenceNumber = values.at(-1) ?? this.sequenceNumber;
    this.lastInds[number] = ind;
    return values;
  }
}
