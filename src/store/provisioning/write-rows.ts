/** The rows of subscriptions that have no fault, new or in place of what is stored, with their registration states. */
import type { ProvisioningFault } from '../../subscriber/provisioning';
import type { SetSize } from '../../subscriber/profile-size';
import type { Subscription } from '../../subscriber/subscription';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { ofOne, writeEntries } from '../outbox-rows';
import { namedEpsProfiles } from '../eps-profiles';
import { raiseRowVersions, writeModuleRows } from '../module-states';
import { entriesOfReactions } from '../state-reactions';
import type { Sql } from '../../state/database';
import { changesOf, effectOf, type DocumentReaction, type Effect } from '../../state/document-reactions';
import type { StoredModules } from '../../state/module';
import type { Reactions, ReactionSubject } from '../../state/reactions';
import type { OwnedIdentity } from '../../subscriber/references';
import { subscriptionRow, type Row } from '../../subscriber/storage/rows';
import {
  deleteChildren,
  insertStates,
  insertSubscriptions,
  updateStates,
  updateSubscriptions,
} from './statements';

export interface Stored extends ReactionSubject {
  readonly revision: number;
}

/** What a change of a document does to the state beside it. */
export interface StateRules {
  readonly modules: StoredModules;
  readonly reactions: readonly DocumentReaction[];
  /** To changes of another application's state. */
  readonly stateReactions: Reactions;
}

/** One document on its way. */
export interface Entry {
  readonly index: number;
  readonly document: SubscriptionDocument;
  readonly stored: Stored | undefined;
  readonly subscription: Subscription;
  readonly owned: readonly OwnedIdentity[];
  /** Of its implicit registration sets; none where nobody measures. */
  readonly setSizes: readonly SetSize[];
  readonly faults: ProvisioningFault[];
  conflict: boolean;
}

/** One that replaces what is stored; `image`: the new document as the store keeps it. */
export interface Replacement extends Entry {
  readonly stored: Stored;
  readonly image: Subscription;
}

export async function writeNew(
  sql: Sql,
  entries: readonly Entry[],
): Promise<Map<string, [key: number, revision: number]>> {
  if (entries.length === 0) return new Map();
  const rows = await sql<[number, string, number]>(
    insertSubscriptions,
    [JSON.stringify(entries.map((e) => subscriptionRow(e.subscription)))],
    'hss_insert_subscriptions',
  );
  const keys = new Map(rows.map(([key, id, revision]) => [id, [key, revision] as [number, number]]));
  await sql(
    insertStates,
    [rows.map(([key]) => key), rows.map(([, , revision]) => revision)],
    'hss_insert_states',
  );
  return keys;
}

/** With everything that the change asks for [29.228-6.5.2.1]. */
export async function replaceStored(
  sql: Sql,
  entries: readonly Replacement[],
  rules: StateRules,
): Promise<Map<string, [key: number, revision: number]>> {
  if (entries.length === 0) return new Map();
  const shared = await namedEpsProfiles(
    sql,
    entries.flatMap(({ stored, image }) => [stored.subscription, image]),
  );
  const effects = entries.map(({ stored, image }) =>
    effectOf(rules.reactions, {
      key: stored.key,
      before: stored.subscription,
      after: image,
      states: stored.states,
      shared,
    }),
  );
  // Before the rows go that modules may read.
  const others = await entriesOfReactions(
    sql,
    rules.stateReactions,
    entries.flatMap(({ stored }, i) => {
      const effect = effects[i];
      const changes = effect === undefined ? [] : changesOf(effect);
      return changes.length === 0 ? [] : [{ subject: stored, changes }];
    }),
  );
  const rows: Row[] = entries.map((e) => ({
    subscription_key: e.stored.key,
    ...subscriptionRow(e.subscription),
  }));
  const updated = await sql<[number, string, number]>(
    updateSubscriptions,
    [JSON.stringify(rows)],
    'hss_update_subscriptions',
  );
  const keys = new Map(updated.map(([key, id, revision]) => [id, [key, revision] as [number, number]]));
  const storedKeys = entries.map((e) => e.stored.key);
  await sql(deleteChildren, [storedKeys], 'hss_delete_children');
  const revisions = entries.map(({ document, stored }) => keys.get(document.id)?.[1] ?? stored.revision);
  await writeStates(sql, entries, revisions, effects, rules.modules);
  await writeModuleRows(
    sql,
    effects.flatMap(({ rows = [] }) => rows),
  );
  await raiseRowVersions(sql, storedKeys, rules.modules.loaded);
  const own = effects.flatMap((effect, i) => ofOne(storedKeys[i] ?? 0, effect.entries));
  await writeEntries(sql, [...own, ...others]);
  return keys;
}

async function writeStates(
  sql: Sql,
  entries: readonly Replacement[],
  revisions: readonly number[],
  effects: readonly Effect[],
  { head }: StoredModules,
): Promise<void> {
  const values = entries.map(({ stored }, i) => {
    const change = effects[i]?.head;
    return head.format(change === undefined ? stored.states[head.name] : change.value);
  });
  await sql(
    updateStates(head),
    [
      entries.map((e) => e.stored.key),
      revisions,
      ...head.columns.map((_, c) => values.map((columns) => columns[c])),
    ],
    'hss_update_states',
  );
}
