/**
 * Load, decide, commit; again when the commit finds that somebody else changed the subscription in between
 * (bounded). Requests of one subscription take turns, so that the instance does not compete with itself.
 *
 * What nearly always ends in a commit (MAR, SAR) is decided on what the store holds, where it holds it: the
 * commit verifies all that the decision rests on, so the load is left out. Where the guess was wrong nothing
 * was changed, and it is done as above.
 */
import type { LoadOutcome, LoadRequest, StateStore, UnitOfWork, DrawingUnit } from '../../state/ports';
import type { HeadModule } from '../../state/module';
import { Reactions, type Reaction } from '../../state/reactions';
import { unitOfWork } from '../../state/unit-of-work';
import type { Negotiation } from '../features/negotiation';
import type { IncomingRequest } from '../peer/contract';
import type { Clock, RandomSource } from '../../shared/clock';
import type { DispatchEvents } from '../../events/hss-events';
import type { CommandHandler, Decision } from './contract';
import { SubscriptionTurns } from './subscription-turns';

export interface DecisionOptions {
  readonly store: StateStore;
  /** The module of the head row. */
  readonly head: HeadModule;
  /** Of all applications. */
  readonly reactions?: readonly Reaction[];
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly events: Pick<DispatchEvents, 'decisionRetried'>;
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

interface Decided {
  readonly loaded: LoadOutcome;
  readonly decision: Decision<unknown>;
  /**
   * On what was loaded for it; otherwise on what the store held, and the commit has to tell whether that is
   * right.
   */
  readonly verified: boolean;
}

type Decide = (loaded: LoadOutcome) => Decision<unknown>;

/**
 * Sees each decision before anything of it is committed: gives it back, or another one that is made instead.
 */
export type Review = (decision: Decision<unknown>, loaded: LoadOutcome) => Decision<unknown>;

const nothing: readonly never[] = [];

/** Nothing of it has to be committed. */
const changesNothing = ({ changes, draw, outbox = nothing }: Decision<unknown>): boolean =>
  changes === undefined && draw === undefined && outbox.length === 0;

const isDrawing = (unit: UnitOfWork): unit is DrawingUnit => unit.draw !== undefined;

/** The sequence numbers that the unit drew, none where it asked for none. */
async function commitUnit(store: StateStore, unit: UnitOfWork): Promise<readonly number[] | 'conflict'> {
  if (isDrawing(unit)) return store.commitDrawing(unit);
  return (await store.commit(unit)) === 'conflict' ? 'conflict' : nothing;
}

/** The store replaces what it holds and changes nothing in place. */
function sameState({ snapshot: left }: LoadOutcome, { snapshot: right }: LoadOutcome): boolean {
  return (
    left !== null &&
    right !== null &&
    left.key === right.key &&
    left.states === right.states &&
    left.subscription === right.subscription &&
    left.shared === right.shared
  );
}

export class Decisions {
  readonly #turns = new SubscriptionTurns();
  readonly #reactions: Reactions;

  constructor(private readonly options: DecisionOptions) {
    this.#reactions = new Reactions(options.reactions ?? []);
  }

  /**
   * Nothing is committed any more for a request that was answered meanwhile.
   * @throws StoreUnavailableError, CommitConflictError after `maxCommitAttempts`
   */
  async make(open: Undecided, negotiation: Negotiation, review: Review): Promise<Decision<unknown>> {
    const { store, clock } = this.options;
    const {
      request,
      route: { handler },
    } = open;
    const prepared = handler.prepare(request.message);
    if ('result' in prepared) return prepared;
    const started = clock.monotonicMs();
    open.queueMs = started - request.receivedAtMs;
    const decide = (loaded: LoadOutcome): Decision<unknown> =>
      review(this.#run(request, handler, negotiation, loaded), loaded);
    const held = handler.usuallyCommits === true ? store.held(prepared) : null;
    const guess: Decided | null =
      held === null ? null : { loaded: held, decision: decide(held), verified: false };
    let decided = guess;
    if (decided === null || changesNothing(decided.decision)) {
      const loaded = await store.load(prepared);
      open.storeMs = clock.monotonicMs() - started;
      decided = {
        loaded,
        decision: guess !== null && sameState(guess.loaded, loaded) ? guess.decision : decide(loaded),
        verified: true,
      };
    }
    const key = decided.loaded.snapshot?.key;
    if (changesNothing(decided.decision) || key === undefined) return decided.decision;

    const waited = this.#turns.take(key);
    try {
      // Who had the turn before has left what it committed with the store.
      if (waited !== false && (await waited) && !open.answered) decided = this.#now(prepared, decide);
      open.queueMs = clock.monotonicMs() - request.receivedAtMs - open.storeMs;
      return await this.#commit(open, decided, prepared, decide);
    } finally {
      this.#turns.release(key);
    }
  }

  #now(prepared: LoadRequest, decide: Decide): Decided | null {
    const loaded = this.options.store.held(prepared);
    return loaded === null ? null : { loaded, decision: decide(loaded), verified: false };
  }

  /**
   * Commits what was decided, after deciding again where there is nothing yet or a guess that changes
   * nothing.
   */
  async #commit(
    open: Undecided,
    first: Decided | null,
    prepared: LoadRequest,
    decide: Decide,
  ): Promise<Decision<unknown>> {
    const { store, clock, maxCommitAttempts, events } = this.options;
    let decided = first;
    let needed = prepared;
    let conflicts = 0;
    for (;;) {
      const from = clock.monotonicMs();
      if (decided === null || (!decided.verified && changesNothing(decided.decision))) {
        const loaded = await store.load(needed);
        decided = { loaded, decision: decide(loaded), verified: true };
      }
      const {
        loaded: { snapshot },
        decision,
        verified,
      } = decided;
      if (changesNothing(decision) || snapshot === null || open.answered) return decision;
      const reaction = this.#reactions.of(snapshot, decision.changes ?? nothing);
      if (reaction.kind === 'needs') {
        needed = { ...needed, modules: [...(needed.modules ?? []), ...reaction.modules] };
        decided = null;
        continue;
      }
      const own = decision.outbox ?? nothing;
      const outbox = reaction.entries.length === 0 ? own : [...own, ...reaction.entries];
      const unit = unitOfWork(snapshot, decision, outbox, this.options.head, verified);
      const outcome = await commitUnit(store, unit);
      open.storeMs += clock.monotonicMs() - from;
      if (outcome !== 'conflict') return decision.complete?.(outcome) ?? decision;
      decided = null;
      // A guess that was wrong is no competition: nobody need give way.
      if (!verified) continue;
      conflicts += 1;
      if (conflicts >= maxCommitAttempts)
        throw new CommitConflictError(`the subscription was changed by others ${conflicts} times in a row`);
      events.decisionRetried(open.route.handler.request);
      await this.#retryWait();
    }
  }

  #retryWait(): Promise<void> {
    const share = this.options.random.bytes(2).readUInt16BE() / 0x1_0000;
    return new Promise((resolve) => {
      setTimeout(resolve, share * RETRY_WAIT_MS);
    });
  }

  #run(
    request: IncomingRequest,
    handler: CommandHandler,
    negotiation: Negotiation,
    loaded: LoadOutcome,
  ): Decision<unknown> {
    const { clock, random } = this.options;
    return handler.decide(request.message, {
      nowMs: clock.nowMs(),
      random,
      peer: request.peer,
      loaded,
      features: negotiation.common,
    });
  }
}
