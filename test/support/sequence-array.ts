/**
 * The USIM's side of the sequence numbers [33.102-C.2.2]: an array of the highest SEQ accepted for each IND, and
 * the delta of [33.102-C.2.1].
 */
import { DEFAULT_DELTA_SEQ } from '../../src/authentication/sequence-number';

export class SequenceArray {
  /** By IND; those that are not here are at `#start`. */
  readonly #seqByInd = new Map<number, number>();
  #start: number;
  #highest: number;

  constructor(
    private readonly indBits: number,
    start = 0,
    private readonly deltaSeq = DEFAULT_DELTA_SEQ,
  ) {
    this.#start = this.#seqOf(start);
    this.#highest = start;
  }

  /** SQN_MS: what an AUTS tells the network. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether the USIM takes the SQN; it remembers it then. */
  accepts(sqn: number): boolean {
    const seq = this.#seqOf(sqn);
    const ind = sqn % 2 ** this.indBits;
    if (seq <= (this.#seqByInd.get(ind) ?? this.#start)) return false;
    if (seq - this.#seqOf(this.#highest) > this.deltaSeq) return false;
    this.#seqByInd.set(ind, seq);
    if (seq > this.#seqOf(this.#highest)) this.#highest = sqn;
    return true;
  }

  /** As if it had been used with another authentication centre up to here. */
  advanceTo(sqn: number): void {
    this.#seqByInd.clear();
    this.#start = this.#seqOf(sqn);
    this.#highest = sqn;
  }

  #seqOf(sqn: number): number {
    return Math.floor(sqn / 2 ** this.indBits);
  }
}
