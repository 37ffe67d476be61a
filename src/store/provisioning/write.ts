/**
 * Writes subscriptions, one or hundreds, in one transaction: locks what is there, checks everything, writes
 * what has no fault. A single PUT is a batch of one, so there is one path for both.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Precondition, ProvisioningFault, ProvisioningOutcome } from '../../domain/ports';
import { SharedSizes, type SetSize } from '../../domain/profile-size';
import { changeTriggers } from '../../domain/provisioning-triggers';
import type { RegistrationStatus } from '../../domain/registration-status';
import type { Subscription } from '../../domain/subscription';
import type { SubscriptionDocument } from '../../domain/subscription-document';
import { ofOne, writeEntries } from '../outbox-rows';
import { countSets, statusFromColumns } from '../status-row';
import { parseImage } from '../subscription-cache';
import { storedForm } from './document';
import { etagOf, isAllowed } from './etag';
import type { Sql } from './pool';
import type { ProfileChecks } from './profile-checks';
import {
  holdNames,
  loadOwners,
  missingNameFaults,
  ownedFault,
  ownedIdentities,
  ownedName,
  wantedNames,
  type OwnedIdentity,
  type Owners,
} from './references';
import { sequenceNumbersAfter, statusAfter } from './registration';
import { addChildRows, emptyChildRows, subscriptionRow, type Row } from './rows';
import type { Sealing } from './secrets';
import {
  childTables,
  deleteChildren,
  insertChildren,
  insertStates,
  insertSubscriptions,
  lockSubscriptions,
  updateStates,
  updateSubscriptions,
  writeImages,
} from './statements';

interface Stored {
  readonly key: number;
  readonly revision: number;
  readonly subscription: Subscription;
  readonly status: RegistrationStatus;
}

/** One document on its way. */
interface Entry {
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

/**
 * An outcome, or 'later': an identity is another document's of the same batch or of one in flight, which may
 * be giving it up.
 */
export type WriteOutcome = ProvisioningOutcome | 'later';

/** What is done with every document that is written. */
export interface WriteRules {
  readonly sealing: Sealing;
  /** The bound of User-Data; null for none. */
  readonly profiles: ProfileChecks | null;
}

type StoredColumns = [
  number,
  string,
  number,
  string,
  number,
  string | null,
  string | null,
  string | null,
  boolean,
  string,
  string,
];

async function lockStored(sql: Sql, ids: readonly string[]): Promise<Map<string, Stored>> {
  const rows = await sql<StoredColumns>(lockSubscriptions, [[...ids].sort()], 'hss_lock_subscriptions');
  return new Map(
    rows.map(([key, id, revision, image, ...status]) => [
      id,
      { key, revision, subscription: parseImage(image), status: statusFromColumns(status) },
    ]),
  );
}

/** Reports identities that belong to another subscription, of the database or earlier in this batch. */
function checkOwners(
  entry: Entry,
  owners: Owners,
  claimed: Map<string, string>,
  mayGiveUp: (id: string) => boolean,
): 'later' | undefined {
  let later = false;
  for (const owned of entry.owned) {
    const name = ownedName(owned);
    const owner = owners.get(name);
    const other = owner !== undefined && owner.key !== entry.stored?.key ? owner.id : claimed.get(name);
    if (other === undefined || other === entry.document.id) continue;
    if (mayGiveUp(other)) later = true;
    entry.conflict = true;
    entry.faults.push(ownedFault(owned, other));
  }
  return later ? 'later' : undefined;
}

/** The image has what JSON keeps of a subscription; the same is made of the new one to compare them. */
const asImage = ({ subscription }: Entry): Subscription =>
  JSON.parse(JSON.stringify(subscription)) as Subscription;

const isUnchanged = (entry: Entry, stored: Stored): boolean =>
  isDeepStrictEqual(asImage(entry), stored.subscription);

/** Writes what the S-CSCFs of changed subscriptions have to be told, with the change [29.228-6.5.2.1]. */
async function writeTriggers(sql: Sql, entries: readonly (Entry & { stored: Stored })[]): Promise<void> {
  const rows = entries
    .filter(({ stored }) => stored.status.server !== null)
    .flatMap((entry) =>
      ofOne(entry.stored.key, changeTriggers(entry.stored.subscription, asImage(entry), entry.stored.status)),
    );
  await writeEntries(sql, rows);
}

async function writeNew(
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
  const keyed = entries.map((entry) => ({ entry, place: keys.get(entry.document.id) ?? [0, 0] }));
  await sql(
    insertStates,
    [
      keyed.map(({ place }) => place[0]),
      keyed.map(({ place }) => place[1]),
      keyed.map(({ entry }) => JSON.stringify(sequenceNumbersAfter(entry.document, []))),
    ],
    'hss_insert_states',
  );
  return keys;
}

async function replaceStored(
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
  await writeStates(sql, entries, (entry) => keys.get(entry.document.id)?.[1] ?? entry.stored.revision);
  await writeTriggers(sql, entries);
  return keys;
}

async function writeStates(
  sql: Sql,
  entries: readonly (Entry & { stored: Stored })[],
  revisionOf: (entry: Entry & { stored: Stored }) => number,
): Promise<void> {
  const after = entries.map((entry) => ({
    entry,
    status: statusAfter(entry.stored.status, entry.subscription),
    numbers: sequenceNumbersAfter(entry.document, entry.stored.status.sequenceNumbers),
  }));
  const counts = after.map(({ status }) => countSets(status.sets));
  await sql(
    updateStates,
    [
      entries.map((e) => e.stored.key),
      entries.map(revisionOf),
      after.map(({ status }) => JSON.stringify(status.sets)),
      after.map(({ numbers }) => JSON.stringify(numbers)),
      counts.map((c) => c.registered),
      counts.map((c) => c.unregistered),
      after.map(({ status }) => status.server !== null),
      after.map(({ status }) => status.reassignmentPending),
    ],
    'hss_update_states',
  );
}

/**
 * Writes the documents, of different ids, inside the transaction of `sql`; one outcome per document, in
 * order. Refused ones leave nothing behind. `inFlight`: ids that batches begun earlier are still writing.
 * @throws DatabaseError with 23505 where somebody else takes an identity at the same time
 */
export async function writeSubscriptions(
  sql: Sql,
  documents: readonly SubscriptionDocument[],
  precondition: Precondition,
  { sealing, profiles }: WriteRules,
  inFlight: ReadonlySet<string> = new Set(),
): Promise<WriteOutcome[]> {
  const storedById = await lockStored(
    sql,
    documents.map((document) => document.id),
  );
  const entries = documents.map((document, index): Entry => {
    const stored = storedById.get(document.id);
    const faults: ProvisioningFault[] = [];
    const subscription = storedForm(document, stored?.subscription, sealing, faults);
    return {
      index,
      document,
      stored,
      subscription,
      owned: ownedIdentities(subscription),
      setSizes: profiles?.measure(subscription) ?? [],
      faults,
      conflict: false,
    };
  });
  const subscriptions = entries.map((entry) => entry.subscription);
  const wanted = wantedNames(subscriptions);
  const existing = await holdNames(sql, wanted);
  const sharedSizes = (await profiles?.sizesFor(sql, wanted)) ?? SharedSizes.none;
  const owners = await loadOwners(
    sql,
    entries.flatMap((entry) => entry.owned),
  );

  const outcomes = new Array<WriteOutcome>(documents.length);
  const claimed = new Map<string, string>();
  const idsInBatch = new Set(documents.map((document) => document.id));
  const mayGiveUp = (id: string): boolean => idsInBatch.has(id) || inFlight.has(id);
  const fresh: Entry[] = [];
  const replaced: (Entry & { stored: Stored })[] = [];
  const renumbered: (Entry & { stored: Stored })[] = [];
  for (const entry of entries) {
    const { stored } = entry;
    if (!isAllowed(precondition, stored?.revision ?? null)) {
      outcomes[entry.index] = {
        kind: 'preconditionFailed',
        currentEtag: stored === undefined ? null : etagOf(stored.revision),
      };
      continue;
    }
    entry.faults.push(...missingNameFaults(entry.subscription, existing));
    if (profiles !== null)
      entry.faults.push(...profiles.faults(entry.subscription, entry.setSizes, sharedSizes));
    const later = checkOwners(entry, owners, claimed, mayGiveUp);
    if (later !== undefined && documents.length + inFlight.size > 1) {
      outcomes[entry.index] = 'later';
    } else if (entry.faults.length > 0) {
      outcomes[entry.index] = { kind: 'refused', conflict: entry.conflict, faults: entry.faults };
    } else if (stored === undefined) {
      fresh.push(entry);
    } else if (isUnchanged(entry, stored)) {
      outcomes[entry.index] = { kind: 'unchanged', etag: etagOf(stored.revision) };
      if (
        !isDeepStrictEqual(
          sequenceNumbersAfter(entry.document, stored.status.sequenceNumbers),
          stored.status.sequenceNumbers,
        )
      )
        renumbered.push({ ...entry, stored });
    } else {
      replaced.push({ ...entry, stored });
    }
    if (outcomes[entry.index] === undefined)
      for (const owned of entry.owned) claimed.set(ownedName(owned), entry.document.id);
  }

  const keys = new Map([...(await writeNew(sql, fresh)), ...(await replaceStored(sql, replaced))]);
  if (renumbered.length > 0) await writeStates(sql, renumbered, (entry) => entry.stored.revision);
  const written = [...fresh, ...replaced];
  if (written.length === 0) return outcomes;
  const rows = emptyChildRows();
  const places: (readonly [key: number, revision: number])[] = [];
  for (const entry of written) {
    const place = keys.get(entry.document.id);
    if (place === undefined) throw new Error(`subscription ${entry.document.id} has no key`);
    places.push(place);
    addChildRows(rows, place[0], entry.subscription, entry.setSizes);
    outcomes[entry.index] = {
      kind: entry.stored === undefined ? 'created' : 'replaced',
      etag: etagOf(place[1]),
    };
  }
  await sql(
    insertChildren,
    childTables.map((table) => JSON.stringify(rows[table])),
    'hss_insert_children',
  );
  await sql(
    writeImages,
    [
      places.map(([key]) => key),
      places.map(([, revision]) => revision),
      JSON.stringify(written.map((entry) => entry.subscription)),
    ],
    'hss_write_images',
  );
  return outcomes;
}
