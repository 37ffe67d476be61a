/**
 * Remembers about as many keys as it has places, the latest ones; a key may push another out early, never is
 * one remembered that was not added.
 */

/** Golden ratio as a fraction of 2^32: spreads consecutive keys. */
const SPREAD = 0x9e3779b1;
const UINT32 = 0x1_0000_0000;

export class KeyMemory {
  readonly #keys: Float64Array;
  readonly #shift: number;

  /** @param placesCount rounded up to a power of two, 2^24 at most */
  constructor(placesCount: number) {
    const bits = Math.min(24, Math.max(1, Math.ceil(Math.log2(Math.max(2, placesCount)))));
    this.#keys = new Float64Array(2 ** bits).fill(-1);
    this.#shift = 32 - bits;
  }

  add(key: number): void {
    this.#keys[this.#place(key)] = key;
  }

  /** Whether it is remembered; it is forgotten then. */
  take(key: number): boolean {
    const place = this.#place(key);
    if (this.#keys[place] !== key) return false;
    this.#keys[place] = -1;
    return true;
  }

  #place(key: number): number {
    return Math.imul((key % UINT32) | 0, SPREAD) >>> this.#shift;
  }
}
