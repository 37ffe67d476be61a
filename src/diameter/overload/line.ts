/**
 * What one peer has waiting in one priority, and how fast that is worked off: so how many may wait in it
 * without waiting too long. The pace of the whole says little about a line: the one that floods gets only the
 * turns that the others leave.
 */
export interface Waiting<Item> {
  readonly item: Item;
  readonly peer: string;
  readonly priority: number;
  /** Of the message. */
  readonly octets: number;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
}

/** Weight of the newest look in the estimate of how fast something is worked off. */
const RATE_WEIGHT = 0.3;

/**
 * Looks in a row with always somebody waiting that no burst explains, nor a moment in which nothing was done.
 */
const STANDING_LOOKS = 2;

/** A rate after one more look; infinite is one that was not known. */
export function smoothed(perSecond: number, seenPerSecond: number): number {
  return perSecond === Infinity ? seenPerSecond : perSecond + RATE_WEIGHT * (seenPerSecond - perSecond);
}

/** What a line may hold, as one look found it for all lines of a priority. */
export interface Share {
  /** Since the look before. */
  readonly seconds: number;
  /** What each line gets at least where it asks for it; requests a second. */
  readonly fairPerSecond: number;
  /**
   * A line is kept so short that it is worked off in this: one that gets empty between bursts, and one that
   * does not.
   */
  readonly burstSeconds: number;
  readonly standingSeconds: number;
  /** However slow it is. */
  readonly minCount: number;
}

export class Line<Item> {
  private entries: Waiting<Item>[] = [];
  private head = 0;
  private turns = 0;
  private perSecond: number;
  /**
   * Whether there was always something waiting since the last look; else the turns say what was asked for,
   * not what can be had.
   */
  private isSaturated = false;
  /** Looks in a row. */
  private saturatedLooks = 0;
  private hasWaited = false;
  /** No more than this may wait. */
  private maxCount: number;
  /** Looks in a row that found nothing to have waited. */
  idleLooks = 0;

  constructor(
    readonly peer: string,
    share: Share | null,
  ) {
    this.perSecond = share === null ? Infinity : share.fairPerSecond;
    this.maxCount = share === null ? Infinity : Math.max(share.minCount, this.perSecond * share.burstSeconds);
  }

  get length(): number {
    return this.entries.length - this.head;
  }

  get oldest(): Waiting<Item> | undefined {
    return this.entries[this.head];
  }

  /** Whether one more would have its turn in time. */
  get hasRoom(): boolean {
    return this.entries.length - this.head < this.maxCount;
  }

  push(entry: Waiting<Item>): void {
    this.entries.push(entry);
    this.hasWaited = true;
  }

  /** The turn of the oldest. */
  shift(): Waiting<Item> | undefined {
    this.turns += 1;
    return this.takeOldest();
  }

  /** What was shifted had no use for its turn. */
  turnUnused(): void {
    this.turns -= 1;
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

  /** Nothing waits any more: nothing of it is held, and the turns since the last look are no measure. */
  emptied(): void {
    this.entries = [];
    this.head = 0;
    this.isSaturated = false;
  }

  /** Whether anything has waited since the last look. */
  get wasUsed(): boolean {
    return this.hasWaited;
  }

  /** Turns since the last look. */
  get turnCount(): number {
    return this.turns;
  }

  /** Learns from the turns since the last look. `null`: how much there is to share is not known. */
  learn(share: Share | null): void {
    if (share !== null) {
      const seen = this.turns / share.seconds;
      if (this.isSaturated) this.perSecond = smoothed(this.perSecond, seen);
      else {
        // It had all that it asked for, and would have had its share. Up at once; down slowly, since it may
        // have been empty for a moment only.
        const had = Math.max(share.fairPerSecond, seen);
        this.perSecond = had > this.perSecond ? had : smoothed(this.perSecond, had);
      }
      this.saturatedLooks = this.isSaturated ? this.saturatedLooks + 1 : 0;
      this.maxCount = Math.max(
        share.minCount,
        this.perSecond * (this.saturatedLooks >= STANDING_LOOKS ? share.standingSeconds : share.burstSeconds),
      );
    }
    this.idleLooks = this.hasWaited ? 0 : this.idleLooks + 1;
    this.turns = 0;
    this.hasWaited = this.isSaturated = this.length > 0;
  }
}
