/** Choices that are the same for the same seed (mulberry32), so that a failure can be run again. */
export class Seeded {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 up to, but not, 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** From none to `count` of what `make` makes. */
  list<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.below(count + 1) }, (_, index) => make(index));
  }

  /** The property or nothing. */
  maybe<T extends object>(value: T, probability = 0.5): T | Record<string, never> {
    return this.chance(probability) ? value : {};
  }
}
