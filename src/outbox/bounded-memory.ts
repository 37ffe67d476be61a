/**
 * A memory of nodes by name, with bounds that hold whatever names come. The node that was heard of least lately
 * goes first: one of its group where the group has too many, else one of all. So a relay that makes names up
 * pushes out what it made up before. Nodes behind other relays stay, and so do nodes that go on asking.
 */

export interface Remembered {
  /** The peer it came by. */
  readonly group: string;
  /** Monotonic milliseconds. */
  usedAtMs: number;
}

export interface MemoryBounds {
  readonly maxCount: number;
  readonly maxPerGroupCount: number;
}

/** Pushed out in one go, of the bound: to look for the oldest costs a walk over all. */
const SHARE_PUSHED_OUT = 0.1;

export class BoundedMemory<Item extends Remembered> {
  readonly #items = new Map<string, Item>();
  readonly #counts = new Map<string, number>();

  constructor(private readonly bounds: MemoryBounds) {}

  get size(): number {
    return this.#items.size;
  }

  get(name: string): Item | undefined {
    return this.#items.get(name);
  }

  entries(): Iterable<[string, Item]> {
    return this.#items;
  }

  /** In the place of what was known of that name. */
  set(name: string, item: Item): void {
    this.#delete(name);
    const { maxCount, maxPerGroupCount } = this.bounds;
    const { group } = item;
    if (this.#countOf(group) >= maxPerGroupCount) this.#pushOut(maxPerGroupCount, group);
    if (this.#items.size >= maxCount) this.#pushOut(maxCount, null);
    this.#items.set(name, item);
    this.#counts.set(group, this.#countOf(group) + 1);
  }

  #countOf(group: string): number {
    return this.#counts.get(group) ?? 0;
  }

  #pushOut(bound: number, group: string | null): void {
    const oldestFirst = [...this.#items]
      .filter(([, item]) => group === null || item.group === group)
      .sort(([, left], [, right]) => left.usedAtMs - right.usedAtMs);
    const count = Math.max(1, Math.floor(bound * SHARE_PUSHED_OUT));
    for (const [name] of oldestFirst.slice(0, count)) this.#delete(name);
  }

  #delete(name: string): void {
    const item = this.#items.get(name);
    if (item === undefined) return;
    this.#items.delete(name);
    const left = this.#countOf(item.group) - 1;
    if (left === 0) this.#counts.delete(item.group);
    else this.#counts.set(item.group, left);
  }
}
