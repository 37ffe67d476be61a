/**
 * Takes entries of the outbox that this instance can deliver, within the limits of each destination, and has each
 * served (delivery.ts). Of several instances exactly one holds an entry at a time; what one leaves behind
 * another takes when the lease ends. One loop, woken by whoever knows that there is something to do and else
 * by the clock.
 */
import { randomUUID } from 'node:crypto';
import { StoreUnavailableError } from '../state/ports';
import type { ClaimedKind, ClaimedPush, OutboxStore } from './ports';
import type { PeerTable } from '../diameter/peer/contract';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { OutgoingKind, PushWorkerSettings } from './contract';
import type { OutboxEvents } from '../events/hss-events';
import { Delivery } from './delivery';
import { HostLimits } from './host-limits';
import type { ChangeReactions } from '../state/reactions';
import type { RouteMemory } from './routes';

export interface PushWorkerOptions {
  readonly outbox: OutboxStore;
  readonly peers: Pick<PeerTable, 'send' | 'snapshot'>;
  readonly routes: RouteMemory;
  /** What the applications send, by kind. */
  readonly kinds: ReadonlyMap<string, OutgoingKind>;
  /**
   * Called before each round: applications take over what other instances have learned.
   * @throws StoreUnavailableError
   */
  readonly refresh: () => Promise<void>;
  /** Of this node, for new Session-Ids. */
  readonly originHost: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: OutboxEvents;
  readonly settings: PushWorkerSettings;
  /** Of all applications to a changed subscription. */
  readonly reactions?: ChangeReactions;
}

/** Least time between two rounds. */
const ROUND_GAP_MS = 20;
const MAINTENANCE_MS = 5_000;
/**
 * A batch of a change of shared data takes at most this share of a second's work, so that progress is smooth
 * and locks are short.
 */
const FAN_OUT_BATCHES_PER_SECOND = 5;
const FAN_OUT_MAX_BATCH_COUNT = 200;
/** Given up in one go; the next batch follows when these are done with. */
const GIVE_UP_COUNT = 100;
/** Forgotten in one go, and how many times in a row: more than the destinations take in between. */
const FORGET_COUNT = 1_000;
const MAX_FORGET_ROUNDS = 20;
/** How often outcomes are counted: the database walks as many as are kept. */
const COUNT_MS = 60_000;

export class PushWorker {
  readonly #instance = randomUUID();
  readonly #kinds: readonly ClaimedKind[];
  readonly #limits: HostLimits;
  readonly #delivery: Delivery;
  readonly #serving = new Set<Promise<void>>();
  #running: Promise<void> | null = null;
  #givingUp: Promise<void> | null = null;
  #stopping = false;
  #woken = false;
  #wake: (() => void) | null = null;
  #maintainedAtMs = -Infinity;
  #countedAtMs = -Infinity;
  #available = true;

  constructor(private readonly options: PushWorkerOptions) {
    const { settings, outbox, peers, kinds, routes, logger, events, reactions } = options;
    this.#kinds = [...kinds].map(([kind, { priority, keepsSessionId }]) => ({
      kind,
      priority,
      keepsSessionId,
    }));
    this.#limits = new HostLimits(settings.maxPerSecondPerHost, settings.maxInFlightPerHost);
    this.#delivery = new Delivery({
      outbox,
      peers,
      kinds,
      routes,
      logger,
      events,
      settings,
      instance: this.#instance,
      ...(reactions === undefined ? {} : { reactions }),
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There may be something to do now. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Takes nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
    await this.#givingUp;
    await Promise.all(this.#serving);
  }

  async #run(): Promise<void> {
    const { settings } = this.options;
    while (!this.#stopping) {
      let busy = false;
      this.#woken = false;
      try {
        const fannedOut = await this.#fanOut();
        busy = (await this.#round()) || fannedOut;
        await this.#maintain();
        this.#available = true;
      } catch (error) {
        this.#failed(error);
      }
      await this.#pause(busy ? ROUND_GAP_MS : settings.pollMs);
    }
  }

  /** Whether there may be more at once. */
  async #round(): Promise<boolean> {
    const { outbox, peers, routes, clock, settings, originHost } = this.options;
    await this.options.refresh();
    const reachable = await routes.reachable(peers.snapshot());
    const hosts: { host: string; limitCount: number }[] = [];
    for (const host of reachable.keys()) {
      const limitCount = this.#limits.free(host, clock.monotonicMs());
      if (limitCount > 0) hosts.push({ host, limitCount });
    }
    if (hosts.length === 0) return false;
    const pushes = await outbox.claim({
      instance: this.#instance,
      originHost,
      leaseMs: settings.leaseMs,
      hosts,
      kinds: this.#kinds,
    });
    for (const push of pushes)
      void this.#serve(push, reachable.get(push.destinationHost.toLowerCase()) ?? null, true);
    return pushes.length > 0;
  }

  #fanOut(): Promise<boolean> {
    const {
      outbox,
      settings: { fanOutPerSecond },
    } = this.options;
    const batchCount = Math.max(
      1,
      Math.min(FAN_OUT_MAX_BATCH_COUNT, Math.floor(fanOutPerSecond / FAN_OUT_BATCHES_PER_SECOND)),
    );
    return outbox.fanOut({ perSecond: fanOutPerSecond, batchCount });
  }

  #serve(push: ClaimedPush, via: string | null, connected: boolean): Promise<void> {
    const { clock } = this.options;
    const host = push.destinationHost.toLowerCase();
    this.#limits.begin(host, clock.monotonicMs());
    const served = this.#delivery.serve(push, via, connected).finally(() => {
      this.#limits.end(host, clock.monotonicMs());
      this.#serving.delete(served);
      // The next one of the subscription, or what follows from this one.
      this.wake();
    });
    this.#serving.add(served);
    return served;
  }

  /** Gives up what nobody could deliver, and forgets what was completed long ago. */
  async #maintain(): Promise<void> {
    const { clock } = this.options;
    if (clock.monotonicMs() - this.#maintainedAtMs < MAINTENANCE_MS) return;
    this.#maintainedAtMs = clock.monotonicMs();
    this.#givingUp ??= this.#giveUp()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#givingUp = null;
      });
    await this.#forget();
  }

  /** Beside the rounds, so that thousands of entries for a destination that is gone hold up no other. */
  async #giveUp(): Promise<void> {
    const { outbox, settings, originHost } = this.options;
    while (!this.#stopping) {
      const expired = await outbox.claimExpired({
        instance: this.#instance,
        originHost,
        leaseMs: settings.leaseMs,
        kinds: this.#kinds,
        olderThanMs: settings.giveUpMs,
        limitCount: GIVE_UP_COUNT,
      });
      await Promise.all(expired.map((push) => this.#serve(push, null, false)));
      if (expired.length < GIVE_UP_COUNT) return;
    }
  }

  #failed(error: unknown): void {
    const { logger } = this.options;
    if (!(error instanceof StoreUnavailableError))
      logger.error({ err: error }, 'the outbox cannot be worked on');
    else if (this.#available) logger.warn({ reason: error.message }, 'the outbox waits for the database');
    this.#available = false;
  }

  async #forget(): Promise<void> {
    const { outbox, clock, settings } = this.options;
    let olderThanMs = settings.keepCompletedMs;
    if (clock.monotonicMs() - this.#countedAtMs >= COUNT_MS) {
      this.#countedAtMs = clock.monotonicMs();
      olderThanMs = Math.min(
        olderThanMs,
        (await outbox.overflowAgeMs(settings.keepCompletedCount)) ?? olderThanMs,
      );
    }
    for (let rounds = 0; rounds < MAX_FORGET_ROUNDS && !this.#stopping; rounds += 1) {
      if ((await outbox.forget(olderThanMs, FORGET_COUNT)) < FORGET_COUNT) return;
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#woken ? Math.min(ms, ROUND_GAP_MS) : ms);
      this.#wake = () => {
        clearTimeout(timer);
        // Many wakes make one round.
        setTimeout(resolve, this.#stopping ? 0 : ROUND_GAP_MS);
        this.#wake = null;
      };
    });
    this.#wake = null;
  }
}
