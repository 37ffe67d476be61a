/**
 * Load, decide, commit; again when the commit finds that somebody else changed the subscription in between (bounded). Requests of one
 * subscription take turns, so that the instance does not compete with itself.
 */
import type { LoadOutcome, RegistrationStore } from '../domain/ports';
import type { Negotiation } from '../features/negotiation';
import type { IncomingRequest } from '../peer/contract';
import type { Clock, RandomSource } from '../shared/clock';
import type { CommandHandler, Decision, DispatchEvents } from './contract';
import { SubscriptionTurns } from './subscription-turns';

export interface DecisionOptions {
  readonly store: RegistrationStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly events: Pick<DispatchEvents, 'retried'>;
  /** How often a decision is made again after conflicts. */
  readonly maxCommitAttempts: number;
}

/** A request that is being decided. */
export interface Undecided {
  readonly request: IncomingRequest;
  readonly route: { readonly handler: CommandHandler };
  /** Where its time went, in milliseconds. */
  queueMs: number;
  storeMs: number;
  /** True when its time was up; what is decided then is dropped. */
  readonly answered: boolean;
}

/** Waited between attempts that lost against another instance: up to this, at random. */
const RETRY_WAIT_MS = 5;

export class CommitConflictError extends Error {
  override readonly name = 'CommitConflictError';
}

export class Decisions {
  readonly #turns = new SubscriptionTurns();

  constructor(private readonly options: DecisionOptions) {}

  /**
   * Nothing is committed any more for a request that was answered meanwhile.
   * @throws StoreUnavailableError, CommitConflictError after `maxCommitAttempts`
   */
  async make(open: Undecided, negotiation: Negotiation): Promise<Decision<unknown>> {
    const { store, clock, maxCommitAttempts } = this.options;
    const { request, route: { handler } } = open;
    const prepared = handler.prepare(request.message);
    if ('result' in prepared) return prepared;
    const started = clock.monotonicMs();
    open.queueMs = started - request.receivedAtMs;
    let loaded = await store.load(prepared);
    open.storeMs = clock.monotonicMs() - started;
    let decision = this.#run(request, handler, negotiation, loaded);
    const key = loaded.snapshot?.key;
    if (decision.status === undefined || key === undefined) return decision;

    const waited = this.#turns.take(key);
    try {
      let stale = waited !== false && await waited;
      open.queueMs = clock.monotonicMs() - request.receivedAtMs - open.storeMs;
      for (let attempt = 1; ; attempt += 1) {
        const from = clock.monotonicMs();
        if (stale && !open.answered) {
          loaded = await store.load(prepared);
          decision = this.#run(request, handler, negotiation, loaded);
        }
        const { snapshot } = loaded;
        if (decision.status === undefined || snapshot === null || open.answered) return decision;
        const outcome = await store.commit({ key: snapshot.key, expectedVersion: snapshot.status.version, status: decision.status, outbox: decision.outbox ?? [] });
        open.storeMs += clock.monotonicMs() - from;
        if (outcome === 'committed') return decision;
        if (attempt >= maxCommitAttempts) throw new CommitConflictError(`the subscription was changed by others ${attempt} times in a row`);
        this.options.events.retried(handler.request);
        stale = true;
        await this.#retryWait();
      }
    } finally {
      this.#turns.release(key);
    }
  }

  #retryWait(): Promise<void> {
    const share = this.options.random.bytes(2).readUInt16BE() / 0x1_0000;
    return new Promise((resolve) => { setTimeout(resolve, share * RETRY_WAIT_MS); });
  }

  #run(request: IncomingRequest, handler: CommandHandler, negotiation: Negotiation, loaded: LoadOutcome): Decision<unknown> {
    const { clock, random } = this.options;
    return handler.decide(request.message, { nowMs: clock.nowMs(), random, peer: request.peer, loaded, features: negotiation.common });
  }
}
