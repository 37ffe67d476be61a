/**
 * Writes subscriptions, one or hundreds, in one transaction: locks what is there, checks everything, writes
 * what has no fault. A single PUT is a batch of one, so there is one path for both.
 */
import { isDeepStrictEqual } from 'node:util';
import type { HashOfK } from '../../authentication/key-hash';
import type { Precondition, ProvisioningFault, ProvisioningOutcome } from '../../subscriber/provisioning';
import { SharedSizes } from '../../subscriber/profile-size';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { statesOf } from '../module-states';
import { asImage, parseImage } from '../../subscriber/image';
import { storedForm } from './document';
import { etagOf, isAllowed } from '../../subscriber/etag';
import { keysOf, type DocumentKeys } from './document-keys';
import { guardImsis } from './imsi-guard';
import { credentialsOf, noKeyHashes } from './key-hashes';
import type { Sql } from '../../state/database';
import { neededModules } from '../../state/document-reactions';
import type { HeadColumns } from '../../state/head-row';
import type { ProfileChecks } from './profile-checks';
import {
  missingNameFaults,
  ownedFault,
  ownedIdentities,
  ownedName,
  wantedNames,
} from '../../subscriber/references';
import { holdNames, loadOwners, type Owners } from './references';
import { raiseCounters } from './raise-counters';
import { addChildRows, emptyChildRows } from '../../subscriber/storage/rows';
import type { Sealing } from './secrets';
import { withSharedKeys } from './shared-keys';
import {
  replaceStored,
  writeNew,
  type Entry,
  type Replacement,
  type StateRules,
  type Stored,
} from './write-rows';
import { childTables, insertChildren, lockSubscriptions, writeImages } from './statements';

/**
 * An outcome, or 'later': an identity is another document's of the same batch or of one in flight, which may
 * be giving it up.
 */
export type WriteOutcome = ProvisioningOutcome | 'later';

/** What is done with every document that is written. */
export interface WriteRules extends StateRules {
  readonly sealing: Sealing;
  /** The bound of User-Data; null for none. */
  readonly profiles: ProfileChecks | null;
}

type StoredColumns = [number, string, number, string, number, ...HeadColumns];

async function lockStored(
  sql: Sql,
  ids: readonly string[],
  { modules: { head }, reactions }: StateRules,
): Promise<Map<string, Stored>> {
  const rows = await sql<StoredColumns>(lockSubscriptions(head), [[...ids].sort()], 'hss_lock_subscriptions');
  const heads = rows.map(([key, , , , , ...columns]) => ({ key, columns }));
  const states = await statesOf(sql, heads, head, neededModules(reactions));
  return new Map(
    rows.map(([key, id, revision, image, watchers]) => [
      id,
      { key, revision, subscription: parseImage(image), watchers, states: states.get(key) ?? {} },
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

/** Whether the document may raise a counter, though nothing of it is new. */
const givesNumbers = ({ document }: Entry): boolean => credentialsOf(document).some(({ sqn = 0 }) => sqn > 0);

/**
 * Writes the documents, of different ids, inside the transaction of `sql`; one outcome per document, in
 * order. Refused ones leave nothing behind. `inFlight`: ids that batches begun earlier are still writing.
 * @throws DatabaseError with 23505 where somebody else takes an identity at the same time
 */
export async function writeSubscriptions(
  sql: Sql,
  documents: readonly SubscriptionDocument[],
  precondition: Precondition,
  rules: WriteRules & { readonly hashOfK: HashOfK },
  inFlight: ReadonlySet<string> = new Set(),
): Promise<WriteOutcome[]> {
  const outcomes = await writeFaultless(sql, documents, precondition, rules, inFlight);
  return withSharedKeys(sql, documents, outcomes);
}

async function writeFaultless(
  sql: Sql,
  documents: readonly SubscriptionDocument[],
  precondition: Precondition,
  rules: WriteRules & { readonly hashOfK: HashOfK },
  inFlight: ReadonlySet<string>,
): Promise<WriteOutcome[]> {
  const { sealing, profiles, hashOfK } = rules;
  const storedById = await lockStored(
    sql,
    documents.map((document) => document.id),
    rules,
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
  await guardImsis(sql, entries);
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
  const replaced: Replacement[] = [];
  /** Unchanged, but perhaps for a higher sequence number. */
  const numbered: Entry[] = [];
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
    } else {
      const image = asImage(entry.subscription);
      if (isDeepStrictEqual(image, stored.subscription)) {
        outcomes[entry.index] = { kind: 'unchanged', etag: etagOf(stored.revision) };
        if (givesNumbers(entry)) numbered.push(entry);
      } else replaced.push({ ...entry, stored, image });
    }
    if (outcomes[entry.index] === undefined)
      for (const owned of entry.owned) claimed.set(ownedName(owned), entry.document.id);
  }

  const written = [...fresh, ...replaced];
  const documentKeys = await keysOf(sql, [...written, ...numbered], hashOfK);
  if (written.length > 0) await writeChanged(sql, fresh, replaced, documentKeys, outcomes, rules);
  await raiseCounters(
    sql,
    documentKeys.flatMap(({ numbers }) => numbers),
  );
  return outcomes;
}

/** `documentKeys`: of the new ones, then of the replaced ones. */
async function writeChanged(
  sql: Sql,
  fresh: readonly Entry[],
  replaced: readonly Replacement[],
  documentKeys: readonly DocumentKeys[],
  outcomes: WriteOutcome[],
  rules: StateRules,
): Promise<void> {
  const written = [...fresh, ...replaced];
  const keys = new Map([...(await writeNew(sql, fresh)), ...(await replaceStored(sql, replaced, rules))]);
  const rows = emptyChildRows();
  const places: (readonly [key: number, revision: number])[] = [];
  for (const [i, entry] of written.entries()) {
    const place = keys.get(entry.document.id);
    if (place === undefined) throw new Error(`subscription ${entry.document.id} has no key`);
    places.push(place);
    const hashes = documentKeys[i]?.hashes ?? noKeyHashes;
    addChildRows(rows, place[0], entry.subscription, hashes, entry.setSizes);
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
}
