/**
 * Bounds the time that one request may take, whatever hangs below. All have the same time, so the oldest is
 * the next that is due, and one timer serves all of them.
 *
 * They stand in one array that stays, not in a Set: a Set is given a new table every few dozen requests, and
 * each old table, once it is in the collector's old generation, keeps the requests it held and the next table
 * alive until that generation is collected, which made nearly every request old.
 */

export interface Due {
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
  /** Where it stands while it is here; belongs to Deadlines. */
  place: number;
}

/** A multiple of what is open at a time, so that closing the gaps costs little for each. */
const INITIAL_PLACES = 1_024;

export class Deadlines<Item extends Due> {
  /** Oldest first, with gaps; all from `#end` on is null. */
  #items: (Item | null)[] = new Array<Item | null>(INITIAL_PLACES).fill(null);
  #end = 0;
  #count = 0;
  #timer: NodeJS.Timeout | null = null;
  readonly #look = (): void => this.#sweep();

  /**
   * `expired` is called once for each item that was not deleted `limitMs` after its `sinceMs`. `nowMs`:
   * monotonic.
   */
  constructor(
    private readonly limitMs: number,
    private readonly nowMs: () => number,
    private readonly expired: (item: Item) => void,
  ) {}

  get size(): number {
    return this.#count;
  }

  add(item: Item): void {
    if (this.#end === this.#items.length) this.#makeRoom();
    item.place = this.#end;
    this.#items[this.#end] = item;
    this.#end += 1;
    this.#count += 1;
    if (this.#timer === null) this.#wait(this.limitMs);
  }

  delete(item: Item): void {
    if (this.#items[item.place] !== item) return;
    this.#items[item.place] = null;
    this.#count -= 1;
  }

  /** Closes the gaps, and doubles the places where there are few. */
  #makeRoom(): void {
    let end = 0;
    for (const item of this.#items) {
      if (item === null) continue;
      item.place = end;
      this.#items[end] = item;
      end += 1;
    }
    this.#items.fill(null, end);
    this.#end = end;
    if (end > this.#items.length / 2)
      this.#items = [...this.#items, ...new Array<Item | null>(this.#items.length).fill(null)];
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(this.#look, Math.ceil(ms));
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = null;
    const nowMs = this.nowMs();
    for (let place = 0; place < this.#end; place += 1) {
      const item = this.#items[place];
      if (item == null) continue;
      const leftMs = item.sinceMs + this.limitMs - nowMs;
      if (leftMs > 0) {
        this.#wait(leftMs);
        return;
      }
      this.delete(item);
      this.expired(item);
    }
  }
}
