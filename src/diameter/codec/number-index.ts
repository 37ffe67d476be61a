/**
 * Values by whole numbers that never change once it is made: a table of fixed size, found by multiplication.
 * Half the cost of a Map for what is looked up for each AVP.
 */

/** Knuth's multiplier, 2^32 over the golden ratio. */
const MULTIPLIER = 0x9e3779b1;
const WORD_BITS = 32;
/** Places for each value, so that the next free one is near. */
const PLACES_PER_VALUE = 3;
const EMPTY = -0x8000_0000;

export class NumberIndex<Value> {
  readonly #keys: Int32Array;
  readonly #values: (Value | undefined)[];
  readonly #shift: number;
  readonly #mask: number;

  /** `entries`: keys are 32-bit integers, the least of them excepted; of equal ones the last counts. */
  constructor(entries: Iterable<readonly [number, Value]>) {
    const list = [...entries];
    const bits = Math.max(2, WORD_BITS - Math.clz32(list.length * PLACES_PER_VALUE));
    this.#shift = WORD_BITS - bits;
    this.#mask = (1 << bits) - 1;
    this.#keys = new Int32Array(1 << bits).fill(EMPTY);
    this.#values = new Array<Value | undefined>(1 << bits).fill(undefined);
    for (const [key, value] of list) {
      const at = this.#placeOf(key);
      this.#keys[at] = key;
      this.#values[at] = value;
    }
  }

  get(key: number): Value | undefined {
    return this.#values[this.#placeOf(key)];
  }

  /** Where the key is, or would be. */
  #placeOf(key: number): number {
    const keys = this.#keys;
    let at = Math.imul(key, MULTIPLIER) >>> this.#shift;
    while (keys[at] !== key && keys[at] !== EMPTY) at = (at + 1) & this.#mask;
    return at;
  }
}
