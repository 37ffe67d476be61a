/**
 * What other applications do where provisioning or a campaign changes state that no request decides. Their
 * reactions are asked under the lock of the head rows. What they need is loaded for watched subscriptions only.
 */
import type { Sql } from '../state/database';
import type { ModuleChange } from '../state/module';
import type { ReactionOutcome, Reactions, ReactionSubject } from '../state/reactions';
import { loadedStates } from './module-states';
import { ofOne, type KeyedEntry } from './outbox-rows';

export interface ChangedSubject {
  readonly subject: ReactionSubject;
  /** Null where the subscription ends. */
  readonly changes: readonly ModuleChange[] | null;
}

/** In the order of the changes. The transaction has locked the head rows and changed no module yet. */
export async function entriesOfReactions(
  sql: Sql,
  reactions: Reactions,
  changes: readonly ChangedSubject[],
): Promise<KeyedEntry[]> {
  const watched = changes.filter(({ subject }) => subject.watchers !== 0);
  const ask = ({ subject, changes: made }: ChangedSubject): ReactionOutcome =>
    made === null ? reactions.ofEnd(subject) : reactions.of(subject, made);
  const lacking = watched.flatMap((change) => {
    const outcome = ask(change);
    return outcome.kind === 'needs' ? [{ key: change.subject.key, modules: outcome.modules }] : [];
  });
  const loaded = await loadedStates(
    sql,
    lacking.map(({ key }) => key),
    [...new Set(lacking.flatMap(({ modules }) => modules))],
  );
  return watched.flatMap(({ subject, changes: made }) => {
    const states = { ...loaded.get(subject.key), ...subject.states };
    const outcome = ask({ subject: { ...subject, states }, changes: made });
    if (outcome.kind === 'needs') throw new Error('a reaction needs a module that cannot be loaded');
    return ofOne(subject.key, outcome.entries);
  });
}
