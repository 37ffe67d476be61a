/**
 * The place where requests wait: at most so many are served at once, the others queue by priority and peer,
 * and what would wait too long is refused at once. While nothing waits, a request passes with one comparison.
 */
import { limits } from '../../shared/limits';
import type { OverloadEvents } from '../../events/hss-events';
import type { RefusalReason } from '../../events/names';
import type { QueueLimits } from './contract';
import { ElevatedShares } from './elevated';
import { smoothed } from './line';
import { WorkQueue } from './work-queue';

/**
 * What becomes of a request that had to wait; called exactly once for each, one of the two. Must not throw.
 */
export interface GateOwner<Item> {
  start(item: Item): void;
  refuse(item: Item, reason: RefusalReason): void;
}

/** What happened since the last look. */
export interface GateReading {
  /** Mean wait of those that had their turn, and at least the wait of the oldest one now, in milliseconds. */
  readonly queueMs: number;
  /** 0 to 1. */
  readonly occupancy: number;
  /** Share of what arrived that was refused, 0 to 1. */
  readonly refusedShare: number;
  readonly refusedCount: number;
}

const ORDINARY = limits.drmpLevel.default;
/** However slow we are, a burst of this many may wait. */
const MIN_QUEUED_COUNT = 8;
/**
 * The queue, and each line in it, stays so short that it empties within this part of the longest wait. A
 * request that is let in is then rarely refused later for its wait.
 */
const FILL_SHARE = 0.5;
/**
 * What always waits delays all that come and helps nobody, so a line that does not get empty is kept shorter:
 * its requests are to be answered in this part of the longest wait, the time in work included. The rest is
 * for a pace that falls, and for the moments in which nothing is done at all.
 */
const STANDING_SHARE = 0.25;
/** Where being in work takes longer than all of that, this part of it is left for the line. */
const MIN_STANDING_PART = 0.5;
/**
 * In the slowest hundredth of cases being in work takes nearly three times its mean (a batch has just left,
 * or the collector runs): this is kept free for it at the end of the longest wait.
 */
const WORK_MARGIN = 3;
/** Whatever being in work takes, this part of `maxQueueMs` may be waited: as long as a full queue takes. */
const MIN_WAIT_SHARE = FILL_SHARE;
/** How often waits are looked at, as a part of the longest allowed. */
const SWEEPS_PER_LIMIT = 10;

export class Gate<Item> {
  readonly #queue = new WorkQueue<Item>((peer) => this.#inWork.get(peer) ?? 0);
  /** Of each peer that has any; so never more entries than requests in work. */
  readonly #inWork = new Map<string, number>();
  readonly #elevated = new ElevatedShares();
  #inFlight = 0;
  #draining = false;
  #timer: NodeJS.Timeout | null = null;
  /** Requests a second that we finish when there is more than enough to do; infinite until it is known. */
  #capacityPerSecond = Infinity;
  /**
   * Who has waited longer would not be answered within `maxQueueMs` any more. As of the last look: what
   * filled the queue before our pace was guessed is not refused for the guess.
   */
  #longestWaitMs: number;
  #lookedAtMs: number;
  #arrived = 0;
  #finished = 0;
  #refused = 0;
  #turns = 0;
  #waitedMs = 0;
  /** Whether there was always something waiting since the last look. */
  #saturated = false;
  /** Since when something waits, and what was finished since then. */
  #waitingSinceMs = 0;
  #finishedWaiting = 0;

  constructor(
    private readonly limits: QueueLimits,
    private readonly owner: GateOwner<Item>,
    private readonly events: Pick<OverloadEvents, 'requestWaited' | 'requestShed'>,
    private readonly nowMs: () => number,
  ) {
    this.#lookedAtMs = nowMs();
    this.#longestWaitMs = limits.maxQueueMs;
  }

  get inFlightCount(): number {
    return this.#inFlight;
  }

  get queuedOctets(): number {
    return this.#queue.octets;
  }

  get queuedCount(): number {
    return this.#queue.count;
  }

  queuedByPriority(): number[] {
    return this.#queue.countsByPriority();
  }

  /** Takes a place at once where nobody waits for one; `leave` gives it back. False: use `wait`. */
  enter(peer: string): boolean {
    if (this.isBusy) return false;
    this.#arrived += 1;
    this.#begin(peer);
    return true;
  }

  /** Whether who comes now has to wait. */
  get isBusy(): boolean {
    return this.#inFlight >= this.limits.maxInFlightCount || this.#queue.count > 0;
  }

  /**
   * Whether a request would be refused at once; it is then counted as refused, and nothing more is to be done
   * with it.
   */
  refuses(peer: string, asked: number, octets: number): boolean {
    const priority = this.#levelOf(peer, asked);
    if (!this.isBusy || this.#fits(peer, priority, octets) || this.#queue.canMakeRoomFor(peer, priority))
      return false;
    this.#arrived += 1;
    this.#refused += 1;
    this.#elevated.arrived(peer, ORDINARY);
    this.events.requestShed('queueFull', priority);
    return true;
  }

  /**
   * For what could not enter: waits, or is refused before this returns; somebody of less priority may be
   * refused in its place.
   */
  wait(item: Item, peer: string, asked: number, octets: number): void {
    this.#arrived += 1;
    const priority = this.#levelOf(peer, asked);
    const fits = this.#fits(peer, priority, octets);
    const gone = fits ? undefined : this.#queue.makeRoomFor(peer, priority);
    if (!fits && gone === undefined) return this.#refuse(item, priority, 'queueFull');
    this.#elevated.arrived(peer, priority);
    const now = this.nowMs();
    if (this.#queue.count === 0) {
      this.#waitingSinceMs = now;
      this.#finishedWaiting = 0;
    }
    this.#queue.push({ item, peer, priority, octets, sinceMs: now });
    if (gone !== undefined) this.#refuse(gone.item, gone.priority, 'pushedOut');
    this.#sweepLater();
    this.#drain();
  }

  /** The work of somebody that entered or was started is done. */
  leave(peer: string): void {
    this.#inFlight -= 1;
    const left = (this.#inWork.get(peer) ?? 1) - 1;
    if (left > 0) this.#inWork.set(peer, left);
    else this.#inWork.delete(peer);
    this.#finished += 1;
    this.#finishedWaiting += 1;
    if (this.#queue.count > 0) this.#drain();
    else this.#saturated = false;
  }

  /**
   * Reads what happened since the last call, and learns from it how fast we are, with the whole and with each
   * line.
   */
  look(): GateReading {
    const now = this.nowMs();
    const seconds = Math.max(1, now - this.#lookedAtMs) / 1_000;
    const rate = this.#finished / seconds;
    if (this.#saturated) this.#capacityPerSecond = smoothed(this.#capacityPerSecond, rate);
    else if (this.#capacityPerSecond !== Infinity)
      this.#capacityPerSecond = Math.max(this.#capacityPerSecond, rate);
    const { maxQueueMs } = this.limits;
    this.#longestWaitMs = Math.max(
      MIN_WAIT_SHARE * maxQueueMs,
      maxQueueMs - WORK_MARGIN * 1_000 * this.#workSeconds,
    );
    this.#learnLines(seconds);
    this.#elevated.renew(now);
    const oldestMs = this.#queue.count === 0 ? 0 : now - this.#queue.oldestSinceMs();
    const reading = {
      queueMs: Math.max(oldestMs, this.#turns === 0 ? 0 : this.#waitedMs / this.#turns),
      occupancy: Math.min(1, this.#inFlight / this.limits.maxInFlightCount),
      refusedShare: this.#arrived === 0 ? 0 : Math.min(1, this.#refused / this.#arrived),
      refusedCount: this.#refused,
    };
    this.#lookedAtMs = now;
    this.#saturated = this.#queue.count > 0;
    this.#arrived = this.#finished = this.#refused = this.#turns = this.#waitedMs = 0;
    return reading;
  }

  #learnLines(seconds: number): void {
    const maxQueueSeconds = this.limits.maxQueueMs / 1_000;
    const standingSeconds = STANDING_SHARE * maxQueueSeconds;
    this.#queue.learn({
      seconds,
      capacityPerSecond: this.#capacityPerSecond,
      burstSeconds: FILL_SHARE * maxQueueSeconds,
      standingSeconds: Math.max(MIN_STANDING_PART * standingSeconds, standingSeconds - this.#workSeconds),
      minQueuedCount: MIN_QUEUED_COUNT,
    });
  }

  /**
   * A first flood shall not fill all of the queue until a look can tell how fast we are: once what was in
   * work has been finished, that is told well enough.
   */
  #guessCapacity(): void {
    if (this.#capacityPerSecond !== Infinity || this.#finishedWaiting < this.limits.maxInFlightCount) return;
    this.#capacityPerSecond =
      (this.#finishedWaiting * 1_000) / Math.max(1, this.nowMs() - this.#waitingSinceMs);
  }

  /** Mean time of a request in work while all places are taken (Little's law); 0 until the pace is known. */
  get #workSeconds(): number {
    return this.limits.maxInFlightCount / this.#capacityPerSecond;
  }

  /** The priority that a request gets of what it asks for. */
  #levelOf(peer: string, asked: number): number {
    return asked >= ORDINARY
      ? asked
      : this.#elevated.levelOf(peer, asked, this.#capacityPerSecond, this.nowMs());
  }

  #fits(peer: string, priority: number, octets: number): boolean {
    return (
      this.#queue.count < this.#maxQueuedCount() &&
      this.#queue.octets + octets <= limits.queuedRequestsOctets &&
      this.#queue.hasRoomFor(peer, priority)
    );
  }

  /** Requests that the HSS surely serves in the time that a request may wait. */
  #maxQueuedCount(): number {
    const { maxQueuedCount, maxQueueMs } = this.limits;
    if (this.#capacityPerSecond === Infinity) return maxQueuedCount;
    return Math.min(
      maxQueuedCount,
      Math.max(MIN_QUEUED_COUNT, (this.#capacityPerSecond * maxQueueMs * FILL_SHARE) / 1_000),
    );
  }

  #drain(): void {
    // A start that is done at once comes back here by `leave`; the loop below goes on for it.
    if (this.#draining) return;
    this.#draining = true;
    // Also where an owner throws: the queue has to move again with the next one.
    try {
      while (this.#inFlight < this.limits.maxInFlightCount) {
        const entry = this.#queue.shift();
        if (entry === undefined) break;
        const waitMs = this.nowMs() - entry.sinceMs;
        if (waitMs > this.#longestWaitMs) {
          this.#queue.turnUnused(entry);
          this.#refuse(entry.item, entry.priority, 'queueTime');
          continue;
        }
        this.#begin(entry.peer);
        this.#turns += 1;
        this.#waitedMs += waitMs;
        this.events.requestWaited(entry.priority, waitMs);
        this.owner.start(entry.item);
      }
    } finally {
      this.#draining = false;
    }
  }

  #begin(peer: string): void {
    this.#inFlight += 1;
    this.#inWork.set(peer, (this.#inWork.get(peer) ?? 0) + 1);
  }

  #refuse(item: Item, priority: number, reason: RefusalReason): void {
    this.#refused += 1;
    this.events.requestShed(reason, priority);
    this.owner.refuse(item, reason);
  }

  #sweepLater(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#guessCapacity();
        for (const { item, priority } of this.#queue.takeOlderThan(this.nowMs() - this.#longestWaitMs))
          this.#refuse(item, priority, 'queueTime');
        if (this.#queue.count > 0) this.#sweepLater();
      },
      Math.max(1, this.limits.maxQueueMs / SWEEPS_PER_LIMIT),
    );
    this.#timer.unref();
  }
}
