/**
 * Waiting work: the highest priority first; inside one priority it is the turn of the peer with the fewest requests in work, else in rotation, each first come first served.
 * So a peer with ten times the requests of another waits ten times as long, and does not make the other wait. Who has to go goes from the lowest priority, from the
 * peer with most of it, what is in work included, newest first.
 */
import { PRIORITY_LEVELS } from './contract';

export interface Waiting<Item> {
  readonly item: Item;
  readonly peer: string;
  readonly priority: number;
  /** Of the message. */
  readonly octets: number;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
}

/** What one peer has waiting in one priority. */
class Line<Item> {
  private entries: Waiting<Item>[] = [];
  private head = 0;

  constructor(readonly peer: string) {}

  get length(): number {
    return this.entries.length - this.head;
  }

  get oldest(): Waiting<Item> | undefined {
    return this.entries[this.head];
  }

  push(entry: Waiting<Item>): void {
    this.entries.push(entry);
  }

  takeOldest(): Waiting<Item> | undefined {
    const entry = this.entries[this.head];
    if (entry === undefined) return undefined;
    this.head += 1;
    // Cut off in halves: each entry is moved once at most, on average.
    if (this.head * 2 >= this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  takeNewest(): Waiting<Item> | undefined {
    return this.length === 0 ? undefined : this.entries.pop();
  }
}

/** How many requests of a peer are in work. */
export type InWork = (peer: string) => number;

class Level<Item> {
  readonly #lines = new Map<string, Line<Item>>();
  /** Lines that hold something, in the order of their turns. */
  readonly #turns: Line<Item>[] = [];
  #next = 0;
  count = 0;

  push(entry: Waiting<Item>): void {
    const { peer } = entry;
    let line = this.#lines.get(peer);
    if (line === undefined) {
      line = new Line(peer);
      this.#lines.set(peer, line);
      this.#turns.push(line);
    }
    line.push(entry);
    this.count += 1;
  }

  shift(inWork: InWork): Waiting<Item> | undefined {
    const index = this.#turnOf(inWork);
    const line = this.#turns[index];
    const entry = line?.takeOldest();
    if (line === undefined || entry === undefined) return undefined;
    this.count -= 1;
    this.#next = index + 1;
    if (line.length === 0) this.#remove(line);
    return entry;
  }

  /** The line of the peer with most, waiting and in work. */
  heaviest(inWork: InWork): Line<Item> | undefined {
    let heaviest = this.#turns[0];
    let most = heaviest === undefined ? 0 : heaviest.length + inWork(heaviest.peer);
    for (let i = 1; i < this.#turns.length; i += 1) {
      const line = this.#turns[i];
      if (line === undefined) continue;
      const weight = line.length + inWork(line.peer);
      if (weight <= most) continue;
      most = weight;
      heaviest = line;
    }
    return heaviest;
  }

  /** From the one whose turn it would be on, the first with the fewest requests in work. */
  #turnOf(inWork: InWork): number {
    const count = this.#turns.length;
    if (count <= 1) return 0;
    let chosen = 0;
    let fewest = Infinity;
    for (let i = 0; i < count; i += 1) {
      const index = (this.#next + i) % count;
      const busy = inWork(this.#turns[index]?.peer ?? '');
      if (busy >= fewest) continue;
      fewest = busy;
      chosen = index;
    }
    return chosen;
  }

  lengthOf(peer: string): number {
    return this.#lines.get(peer)?.length ?? 0;
  }

  takeNewest(line: Line<Item>): Waiting<Item> | undefined {
    const entry = line.takeNewest();
    if (entry === undefined) return undefined;
    this.count -= 1;
    if (line.length === 0) this.#remove(line);
    return entry;
  }

  oldestSinceMs(): number {
    let sinceMs = Infinity;
    for (const line of this.#turns) sinceMs = Math.min(sinceMs, line.oldest?.sinceMs ?? Infinity);
    return sinceMs;
  }

  /** Takes what came before `sinceMs`, each line being in the order of arrival. */
  takeOlderThan(sinceMs: number, into: Waiting<Item>[]): void {
    for (const line of [...this.#turns]) {
      for (let oldest = line.oldest; oldest !== undefined && oldest.sinceMs < sinceMs; oldest = line.oldest) {
        line.takeOldest();
        this.count -= 1;
        into.push(oldest);
      }
      if (line.length === 0) this.#remove(line);
    }
  }

  #remove(line: Line<Item>): void {
    const index = this.#turns.indexOf(line);
    this.#turns.splice(index, 1);
    if (index < this.#next) this.#next -= 1;
    this.#lines.delete(line.peer);
  }
}

export class WorkQueue<Item> {
  readonly #levels = Array.from({ length: PRIORITY_LEVELS }, () => new Level<Item>());
  /** A bit for each level that holds something; level 0 is the highest bit. */
  #occupied = 0;
  #count = 0;
  #octets = 0;

  constructor(private readonly inWork: InWork = () => 0) {}

  /** Of all that waits. */
  get octets(): number {
    return this.#octets;
  }

  get count(): number {
    return this.#count;
  }

  countsByPriority(): number[] {
    return this.#levels.map((level) => level.count);
  }

  /** `priority`: 0 to 15. */
  push(entry: Waiting<Item>): void {
    this.#level(entry.priority).push(entry);
    this.#occupied |= bit(entry.priority);
    this.#count += 1;
    this.#octets += entry.octets;
  }

  /** The next one to be served. */
  shift(): Waiting<Item> | undefined {
    if (this.#occupied === 0) return undefined;
    const priority = Math.clz32(this.#occupied);
    return this.#taken(priority, this.#level(priority).shift(this.inWork));
  }

  /**
   * Makes room for a request of `peer` and `priority`: takes out the one that has to go, or nothing where it is the new one itself: no lower priority
   * waits, and nobody in its own priority has more, waiting and in work, than its peer.
   */
  makeRoomFor(peer: string, priority: number): Waiting<Item> | undefined {
    const line = this.#weakest(peer, priority);
    if (line === undefined) return undefined;
    const lowest = lowestOf(this.#occupied);
    return this.#taken(lowest, this.#level(lowest).takeNewest(line));
  }

  /** Whether `makeRoomFor` would find somebody. */
  canMakeRoomFor(peer: string, priority: number): boolean {
    return this.#weakest(peer, priority) !== undefined;
  }

  /** Since when the one that waits longest waits; Infinity where none does. */
  oldestSinceMs(): number {
    let sinceMs = Infinity;
    for (let left = this.#occupied; left !== 0;) {
      const priority = Math.clz32(left);
      left &= ~bit(priority);
      sinceMs = Math.min(sinceMs, this.#level(priority).oldestSinceMs());
    }
    return sinceMs;
  }

  /** Takes out what came before `sinceMs`. */
  takeOlderThan(sinceMs: number): Waiting<Item>[] {
    const taken: Waiting<Item>[] = [];
    for (let left = this.#occupied; left !== 0;) {
      const priority = Math.clz32(left);
      left &= ~bit(priority);
      const level = this.#level(priority);
      level.takeOlderThan(sinceMs, taken);
      if (level.count === 0) this.#occupied &= ~bit(priority);
    }
    this.#count -= taken.length;
    for (const { octets } of taken) this.#octets -= octets;
    return taken;
  }

  /** Where the one stands that has to go for a request of `peer` and `priority`. */
  #weakest(peer: string, priority: number): Line<Item> | undefined {
    if (this.#occupied === 0) return undefined;
    const lowest = lowestOf(this.#occupied);
    if (lowest < priority) return undefined;
    const level = this.#level(lowest);
    const heaviest = level.heaviest(this.inWork);
    if (heaviest === undefined) return undefined;
    const isFair = lowest === priority && heaviest.length + this.inWork(heaviest.peer) <= level.lengthOf(peer) + this.inWork(peer) + 1;
    return isFair ? undefined : heaviest;
  }

  #taken(priority: number, entry: Waiting<Item> | undefined): Waiting<Item> | undefined {
    if (entry === undefined) return undefined;
    this.#count -= 1;
    this.#octets -= entry.octets;
    if (this.#level(priority).count === 0) this.#occupied &= ~bit(priority);
    return entry;
  }

  #level(priority: number): Level<Item> {
    const level = this.#levels[priority];
    if (level === undefined) throw new RangeError(`priority ${priority}, allowed is 0 to ${PRIORITY_LEVELS - 1}`);
    return level;
  }
}

const WORD_BITS = 32;

function bit(priority: number): number {
  return 1 << (WORD_BITS - 1 - priority);
}

function lowestOf(occupied: number): number {
  return Math.clz32(occupied & -occupied);
}
