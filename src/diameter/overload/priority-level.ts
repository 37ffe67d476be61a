/**
 * Waiting work of one priority: a line for each peer. It is the turn of the peer with the fewest requests in
 * work, else in rotation. At each look it learns how fast each line is worked off.
 */
import { Line, smoothed, type Share, type Waiting } from './line';

/**
 * A line that nothing has waited in for so many looks is forgotten, and with it how fast it was worked off.
 */
const MAX_IDLE_LOOKS = 20;

/** How many requests of a peer are in work. */
export type InWork = (peer: string) => number;

/** How fast the whole is worked off, as one look found it. */
export interface Pace {
  /** Since the look before. */
  readonly seconds: number;
  /** Infinite until it is known. */
  readonly capacityPerSecond: number;
  /** As in `Share`. */
  readonly burstSeconds: number;
  readonly standingSeconds: number;
  /** However slow we are, a burst of this many may wait. */
  readonly minQueuedCount: number;
}

export class PriorityLevel<Item> {
  /** Those that are empty for the moment included. */
  readonly #lines = new Map<string, Line<Item>>();
  /** Lines that hold something, in the order of their turns. */
  readonly #turns: Line<Item>[] = [];
  #next = 0;
  /** As the last look found it: for a line that was not there yet. */
  #share: Share | null = null;
  /** Turns. */
  #perSecond = 0;
  count = 0;

  get lineCount(): number {
    return this.#lines.size;
  }

  push(entry: Waiting<Item>): void {
    const { peer } = entry;
    let line = this.#lines.get(peer);
    if (line === undefined) {
      line = new Line(peer, this.#share);
      this.#lines.set(peer, line);
    }
    if (line.length === 0) this.#turns.push(line);
    line.push(entry);
    this.count += 1;
  }

  shift(inWork: InWork): Waiting<Item> | undefined {
    const index = this.#turnOf(inWork);
    const line = this.#turns[index];
    const entry = line?.shift();
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

  line(peer: string): Line<Item> | undefined {
    return this.#lines.get(peer);
  }

  /** Whether one more of a peer would have its turn in time. */
  hasRoom(peer: string): boolean {
    return this.#lines.get(peer)?.hasRoom ?? true;
  }

  /** Learns how fast the lines are worked off, of what the higher levels leave; gives what is left then. */
  learn(leftPerSecond: number, { seconds, burstSeconds, standingSeconds, minQueuedCount }: Pace): number {
    let usedCount = 0;
    let turnCount = 0;
    for (const line of this.#lines.values()) {
      if (line.wasUsed) usedCount += 1;
      turnCount += line.turnCount;
    }
    const sharing = Math.max(1, usedCount);
    this.#share =
      leftPerSecond === Infinity
        ? null
        : {
            seconds,
            burstSeconds,
            standingSeconds,
            fairPerSecond: leftPerSecond / sharing,
            minCount: Math.max(1, minQueuedCount / sharing),
          };
    for (const line of this.#lines.values()) {
      line.learn(this.#share);
      if (line.idleLooks > MAX_IDLE_LOOKS) this.#lines.delete(line.peer);
    }
    this.#perSecond = smoothed(this.#perSecond, turnCount / seconds);
    return Math.max(0, leftPerSecond - this.#perSecond);
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
    line.emptied();
  }
}
