/** The rows of subscriptions that have no fault, new or in place of what is stored, with their registration states. */
import type { ProvisioningFault } from '../../state/ports';
import type { SetSize } from '../../apps/cx/profile-size';
import { changeTriggers } from '../../apps/cx/outgoing/provisioning-triggers';
import type { RegistrationStatus } from '../../apps/cx/state/registration-status';
import type { Subscription } from '../../subscriber/subscription';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { ofOne, writeEntries } from '../outbox-rows';
import { countSets } from '../status-row';
import type { Sql } from './pool';
import type { OwnedIdentity } from './references';
import { statusAfter } from './registration';
import { subscriptionRow, type Row } from './rows';
import {
  deleteChildren,
  insertStates,
  insertSubscriptions,
  updateStates,
  updateSubscriptions,
} from './statements';

export interface Stored {
  readonly key: number;
  readonly revision: number;
  readonly subscription: Subscription;
  readonly status: RegistrationStatus;
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

/** The image has what JSON keeps of a subscription; the same is made of the new one to compare them. */
export const asImage = ({ subscription }: Entry): Subscription =>
  JSON.parse(JSON.stringify(subscription)) as Subscription;

/** Writes what the S-CSCFs of changed subscriptions have to be told, with the change [29.228-6.5.2.1]. */
async function writeTriggers(sql: Sql, entries: readonly (Entry & { stored: Stored })[]): Promise<void> {
  const rows = entries
    .filter(({ stored }) => stored.status.server !== null)
    .flatMap((entry) =>
      ofOne(entry.stored.key, changeTriggers(entry.stored.subscription, asImage(entry), entry.stored.status)),
    );
  await writeEntries(sql, rows);
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

export async function replaceStored(
  sql: Sql,
  entries: readonly (Entry & { stored: Stored })[],
): Promise<Map<string, [key: number, revision: number]>> {
  if (entries.length === 0) return new Map();
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
  await sql(deleteChildren, [entries.map((e) => e.stored.key)], 'hss_delete_children');
  const revisionOf = (entry: Entry & { stored: Stored }) =>
    keys.get(entry.document.id)?.[1] ?? entry.stored.revision;
  await writeStates(sql, entries, revisionOf);
  await writeTriggers(sql, entries);
  return keys;
}

async function writeStates(
  sql: Sql,
  entries: readonly (Entry & { stored: Stored })[],
  revisionOf: (entry: Entry & { stored: Stored }) => number,
): Promise<void> {
  const after = entries.map((entry) => statusAfter(entry.stored.status, entry.subscription));
  const counts = after.map((status) => countSets(status.sets));
  await sql(
    updateStates,
    [
      entries.map((e) => e.stored.key),
      entries.map(revisionOf),
      after.map((status) => JSON.stringify(status.sets)),
      counts.map((c) => c.registered),
      counts.map((c) => c.unregistered),
      after.map((status) => status.server !== null),
      after.map((status) => status.reassignmentPending),
    ],
    'hss_update_states',
  );
}
