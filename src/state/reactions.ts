/**
 * What a change of one application makes another one do. A reaction is a pure function of the change and of
 * loaded state to requests of ours, which are committed with the change: nothing is lost when a process dies
 * between (transactional outbox). A subscription without watchers costs nothing: a reaction is asked only where the
 * head row names its watcher.
 */
import { isHeadChange, isRowModule, type LoadedModule, type ModuleChange, type StateModule } from './module';
import type { OutboxEntry, SubscriptionSnapshot } from './ports';

/** The state of a module before a change and after it. */
export interface StateChanged {
  readonly module: StateModule;
  readonly before: unknown;
  readonly after: unknown;
}

/** The subscription as it was before the change. */
export type ReactionSubject = Pick<SubscriptionSnapshot, 'key' | 'watchers' | 'subscription' | 'states'>;

export interface Reaction {
  /** The module whose changes it hears of. */
  readonly on: StateModule;
  /** Bit of the head row's `watchers` that has to be set; an application has one of its own. */
  readonly watcher: number;
  /** What it has to have loaded. */
  readonly needs: readonly LoadedModule[];
  /** The end of a subscription is a change too: to what a subscription has of which nothing is stored. */
  react(changed: StateChanged, subject: ReactionSubject): readonly OutboxEntry[];
}

/** What a decision's changes ask for. */
export type ReactionOutcome =
  | { readonly kind: 'entries'; readonly entries: readonly OutboxEntry[] }
  /** Not all that the reactions need is loaded. */
  | { readonly kind: 'needs'; readonly modules: readonly LoadedModule[] };

/** What follows from changes that no request decides: the answer to a request of ours, an order of an operator. */
export type ChangeReactions = (subject: ReactionSubject, changes: readonly ModuleChange[]) => ReactionOutcome;

const nothing: ReactionOutcome = { kind: 'entries', entries: [] };

export class Reactions {
  /** @throws Error where a reaction needs what may be out of date where it is held */
  constructor(private readonly reactions: readonly Reaction[]) {
    for (const { needs } of reactions)
      for (const module of needs)
        if (isRowModule(module) && module.isVouchedByHead !== true)
          throw new Error(`a reaction needs ${module.name}, which the head row does not vouch for`);
  }

  /** The requests that follow from these changes of the subscription. */
  of(subject: ReactionSubject, changes: readonly ModuleChange[]): ReactionOutcome {
    if (subject.watchers === 0) return nothing;
    return this.#ask(
      subject,
      ({ name }) => changes.some(({ module }) => module.name === name),
      (module) => valueAfter(module, subject, changes),
    );
  }

  /** The requests that follow from the end of the subscription: nothing of any module is left. */
  ofEnd(subject: ReactionSubject): ReactionOutcome {
    if (subject.watchers === 0) return nothing;
    return this.#ask(
      subject,
      () => true,
      ({ initial }) => initial,
    );
  }

  #ask(
    subject: ReactionSubject,
    isChanged: (module: StateModule) => boolean,
    after: (module: StateModule) => unknown,
  ): ReactionOutcome {
    const { states, watchers } = subject;
    const concerned = this.reactions.filter(({ on, watcher }) => (watchers & watcher) !== 0 && isChanged(on));
    if (concerned.length === 0) return nothing;
    const missing = concerned
      .flatMap(({ on, needs }) => (on.place === 'head' ? needs : [on, ...needs]))
      .filter(({ name }) => states[name] === undefined);
    if (missing.length > 0) return { kind: 'needs', modules: [...new Set(missing)] };
    const entries = concerned.flatMap((reaction) => {
      const { on } = reaction;
      return reaction.react({ module: on, before: states[on.name], after: after(on) }, subject);
    });
    return { kind: 'entries', entries };
  }
}

function valueAfter(
  module: StateModule,
  { states }: ReactionSubject,
  changes: readonly ModuleChange[],
): unknown {
  let after = states[module.name];
  for (const change of changes) {
    if (change.module.name !== module.name) continue;
    after = isHeadChange(change) ? change.value : change.module.apply(after, change);
  }
  return after;
}
