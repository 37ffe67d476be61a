/**
 * Waiting work: the highest priority first; inside one priority it is the turn of the peer with the fewest
 * requests in work, else in rotation, each first come first served. So a peer with ten times the requests of
 * another has its own wait, and does not make the other wait. Who has to go goes from the lowest priority,
 * from the peer with most of it, what is in work included, newest first.
 */
import { PRIORITY_LEVELS } from './contract';
import type { Line, Waiting } from './line';
import { PriorityLevel, type InWork, type Pace } from './priority-level';

export class WorkQueue<Item> {
  readonly #levels = Array.from({ length: PRIORITY_LEVELS }, () => new PriorityLevel<Item>());
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

  /** Lines that are known, those that are empty for the moment included. */
  get lineCount(): number {
    return this.#levels.reduce((sum, level) => sum + level.lineCount, 0);
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

  /** What was shifted had no use for its turn. */
  turnUnused({ peer, priority }: Waiting<Item>): void {
    this.#level(priority).line(peer)?.turnUnused();
  }

  /** Learns how fast each line is worked off; to be called at each look. */
  learn(pace: Pace): void {
    let leftPerSecond = pace.capacityPerSecond;
    for (const level of this.#levels) leftPerSecond = level.learn(leftPerSecond, pace);
  }

  /**
   * Whether one more of that peer and priority may wait as far as its line goes: it would have its turn in
   * time, as fast as those are worked off, or something of lower priority waits, which has less right to.
   */
  hasRoomFor(peer: string, priority: number): boolean {
    return (
      this.#level(priority).hasRoom(peer) || (this.#occupied !== 0 && lowestOf(this.#occupied) > priority)
    );
  }

  /**
   * Makes room for a request of `peer` and `priority`: takes out the one that has to go, or nothing where it
   * is the new one itself: no lower priority waits, and its own line is as long as it may be, or nobody in
   * its priority has more, waiting and in work, than its peer.
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
    if (lowest > priority) return level.heaviest(this.inWork);
    // Others that go would not make it wait less.
    const own = level.line(peer);
    if (own !== undefined && !own.hasRoom) return undefined;
    const heaviest = level.heaviest(this.inWork);
    if (heaviest === undefined) return undefined;
    const isFair = heaviest.length + this.inWork(heaviest.peer) <= (own?.length ?? 0) + this.inWork(peer) + 1;
    return isFair ? undefined : heaviest;
  }

  #taken(priority: number, entry: Waiting<Item> | undefined): Waiting<Item> | undefined {
    if (entry === undefined) return undefined;
    this.#count -= 1;
    this.#octets -= entry.octets;
    if (this.#level(priority).count === 0) this.#occupied &= ~bit(priority);
    return entry;
  }

  #level(priority: number): PriorityLevel<Item> {
    const level = this.#levels[priority];
    if (level === undefined)
      throw new RangeError(`priority ${priority}, allowed is 0 to ${PRIORITY_LEVELS - 1}`);
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
