/**
 * Bounds the time that one request may take, whatever hangs below. All have the same time, so the oldest is the next that is due,
 * and one timer serves all of them.
 */

export interface Due {
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
}

export class Deadlines<Item extends Due> {
  /** Oldest first: insertion order is age. */
  readonly #open = new Set<Item>();
  #timer: NodeJS.Timeout | null = null;
  readonly #look = (): void => this.#sweep();

  /** `expired` is called once for each item that was not deleted `limitMs` after its `sinceMs`. `nowMs`: monotonic. */
  constructor(private readonly limitMs: number, private readonly nowMs: () => number, private readonly expired: (item: Item) => void) {}

  get size(): number {
    return this.#open.size;
  }

  add(item: Item): void {
    this.#open.add(item);
    if (this.#timer === null) this.#wait(this.limitMs);
  }

  delete(item: Item): void {
    this.#open.delete(item);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(this.#look, Math.ceil(ms));
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = null;
    const nowMs = this.nowMs();
    for (const item of this.#open) {
      const leftMs = item.sinceMs + this.limitMs - nowMs;
      if (leftMs > 0) {
        this.#wait(leftMs);
        return;
      }
      this.#open.delete(item);
      this.expired(item);
    }
  }
}
