/**
 * Subscriptions: put, delete, bulk import, look-up and listing. Every write is one transaction per
 * subscription or better.
 */
import { privateIdentityKey } from '../../subscriber/private-identity';
import { canonicalPublicIdentity } from '../../subscriber/public-identity';
import type {
  DeleteOutcome,
  Page,
  Precondition,
  ProvisioningFault,
  ProvisioningOutcome,
  PublicSubscription,
  RegistrationCounts,
  StoredDocument,
  SubscriptionKeyName,
} from '../../state/ports';
import { deletionTriggers } from '../../apps/cx/outgoing/provisioning-triggers';
import type { RegistrationStatus } from '../../apps/cx/state/registration-status';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { ofOne, writeEntries } from '../outbox-rows';
import { statusFromColumns, type StatusColumns } from '../status-row';
import { parseImage } from '../subscription-cache';
import { publicForm } from './document';
import { etagOf, isAllowed } from './etag';
import { besides } from './faulty-documents';
import { ImportOrder } from './import-order';
import { keepSequenceNumbers } from './kept-numbers';
import type { KeyHasher } from './key-hashes';
import { isUniqueViolation, Rollback, type ProvisioningPool, type Sql } from './pool';
import { writeSubscriptions, type WriteOutcome, type WriteRules } from './write';

/**
 * Documents in one transaction of an import: enough to share the flush of the log, few enough to hold locks
 * shortly.
 */
const importBatchCount = 400;
/** Leaves a connection for everybody else. */
const importConnectionCount = 3;
/** Counting reads the whole table, so it is done rarely: at most this share of the time. */
const countingShare = 0.02;
const countingMinIntervalMs = 5_000;

const keyByImpu = 'select subscription_key from public_identity where identity = any ($1::text[]) limit 1';
const keyBy: Readonly<Record<'id' | 'impi' | 'imsi', string>> = {
  id: 'select subscription_key from ims_subscription where id = any ($1::text[])',
  impi: 'select subscription_key from private_identity where identity_key = any ($1::text[])',
  imsi: 'select subscription_key from private_identity where imsi_claim = any ($1::text[])',
};

/** The statement that finds the key, and the texts to look for. */
function keyQuery(name: SubscriptionKeyName): [text: string, values: string[]] {
  if ('id' in name) return [keyBy.id, [name.id]];
  if ('impi' in name) return [keyBy.impi, [privateIdentityKey(name.impi)]];
  if ('imsi' in name) return [keyBy.imsi, [name.imsi]];
  // What has delimiters may be a wildcarded identity or a distinct one with "!" in its name.
  const forms = [
    canonicalPublicIdentity(name.impu),
    ...(name.impu.includes('!') ? [canonicalPublicIdentity(name.impu, 'wildcardedPsi')] : []),
  ];
  return [keyByImpu, [...new Set([name.impu, ...forms.flatMap((form) => (form.ok ? form.value : []))])]];
}

const storable = (values: readonly string[]): boolean => values.every((value) => !value.includes('\0'));

/** The state of a public identity is that of its implicit registration set [29.228-6.5.1]. */
const identitiesByState = `
  with active as (
    select r.subscription_key, e.name, e.state
    from subscription_state r cross join lateral json_to_recordset(r.sets) as e (name text, state text) where r.registered_sets + r.unregistered_sets > 0)
  select a.state, count(*) from active a
  join implicit_registration_set i on i.subscription_key = a.subscription_key and i.name = a.name
  join public_identity p on p.subscription_key = i.subscription_key and p.set_position = i.position
  group by a.state`;

export class SubscriptionStore {
  private counted: { counts: RegistrationCounts; untilMs: number } | null = null;
  private counting: Promise<RegistrationCounts> | null = null;
  private readonly order = new ImportOrder();

  constructor(
    private readonly pool: ProvisioningPool,
    private readonly rules: WriteRules,
    private readonly hasher: KeyHasher,
  ) {}

  private async rulesWithHash() {
    return { ...this.rules, hashOfK: await this.hasher.ready() };
  }

  async get(name: SubscriptionKeyName): Promise<StoredDocument<PublicSubscription> | null> {
    const [find, values] = keyQuery(name);
    if (!storable(values)) return null;
    const [row] = await this.pool.use((sql) =>
      sql<[number, string]>(
        `select m.revision, m.image from subscription_image m where m.subscription_key = (${find})`,
        [values],
      ),
    );
    return row === undefined ? null : { document: publicForm(parseImage(row[1])), etag: etagOf(row[0]) };
  }

  async list(cursor: string | null, limit: number): Promise<Page<StoredDocument<PublicSubscription>>> {
    const after = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('latin1'));
    if (!Number.isSafeInteger(after)) return { items: [], nextCursor: null };
    const rows = await this.pool.use((sql) =>
      sql<[number, number, string]>(
        'select subscription_key, revision, image from subscription_image where subscription_key > $1 order by subscription_key limit $2',
        [after, limit + 1],
        'hss_list',
      ),
    );
    const page = rows.slice(0, limit);
    return {
      items: page.map(([, revision, image]) => ({
        document: publicForm(parseImage(image)),
        etag: etagOf(revision),
      })),
      nextCursor:
        rows.length > limit
          ? Buffer.from(String(page[page.length - 1]?.[0]), 'latin1').toString('base64url')
          : null,
    };
  }

  async put(document: SubscriptionDocument, precondition: Precondition): Promise<ProvisioningOutcome> {
    const rules = await this.rulesWithHash();
    const [outcome] = await this.pool.transaction((sql) =>
      writeSubscriptions(sql, [document], precondition, rules),
    );
    if (outcome === undefined || outcome === 'later') throw new Error('one document has one outcome');
    return outcome;
  }

  /** See faulty-documents.ts. */
  besides(document: unknown): Promise<readonly ProvisioningFault[]> {
    return besides(this.pool, document);
  }

  delete(id: string, precondition: Precondition): Promise<DeleteOutcome> {
    return this.pool.transaction(async (sql): Promise<DeleteOutcome> => {
      if (!storable([id])) return { kind: 'notFound' };
      const [row] = await sql<[number, number, string, ...StatusColumns]>(
        `
        select s.subscription_key, s.revision, m.image, r.version, r.scscf_name, r.scscf_diameter_host, r.scscf_diameter_realm, r.reassignment_pending,
          r.sets::text, r.sequence_numbers::text
        from ims_subscription s join subscription_image m using (subscription_key) join subscription_state r using (subscription_key)
        where s.id = $1 for update of s, r`,
        [id],
      );
      if (row === undefined && precondition.ifMatch === undefined)
        throw new Rollback({ kind: 'notFound' } satisfies DeleteOutcome);
      if (row === undefined || !isAllowed(precondition, row[1])) {
        throw new Rollback({
          kind: 'preconditionFailed',
          currentEtag: row === undefined ? null : etagOf(row[1]),
        } satisfies DeleteOutcome);
      }
      const [key, , image, ...columns] = row;
      const triggers = deletionTriggers(parseImage(image), statusFromColumns(columns));
      await writeEntries(sql, ofOne(key, triggers));
      await keepSequenceNumbers(sql, [key]);
      await sql('delete from ims_subscription where subscription_key = $1', [key]);
      return { kind: 'deleted' };
    });
  }

  /**
   * Transactions of many documents each, side by side with those of other calls; a document that fails there
   * goes alone, so none takes another with it.
   */
  async import(documents: readonly SubscriptionDocument[]): Promise<readonly ProvisioningOutcome[]> {
    const outcomes = new Array<ProvisioningOutcome>(documents.length);
    const batches = batchesOf(documents, importBatchCount);
    const worker = async (): Promise<void> => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
        await this.importInOrder(documents, batch, outcomes);
    };
    await Promise.all(Array.from({ length: importConnectionCount }, worker));
    return outcomes;
  }

  private async importInOrder(
    documents: readonly SubscriptionDocument[],
    batch: readonly number[],
    outcomes: ProvisioningOutcome[],
  ): Promise<void> {
    const ofBatch = batch.map((i) => documents[i] as SubscriptionDocument);
    await this.order.run(
      ofBatch.map(({ id }) => id),
      async (earlier) => {
        const results = await this.importBatch(ofBatch, earlier.ids);
        const later: number[] = [];
        batch.forEach((i, n) => {
          const result = results[n] ?? 'later';
          if (result === 'later') later.push(i);
          else outcomes[i] = result;
        });
        // In their order, after all that came before.
        if (later.length > 0) await earlier.settled;
        for (const i of later) outcomes[i] = await this.put(documents[i] as SubscriptionDocument, {});
      },
    );
  }

  private async importBatch(
    documents: readonly SubscriptionDocument[],
    inFlight: ReadonlySet<string>,
  ): Promise<WriteOutcome[]> {
    const rules = await this.rulesWithHash();
    try {
      return await this.pool.transaction((sql) => writeSubscriptions(sql, documents, {}, rules, inFlight), 2);
    } catch (error) {
      // Somebody else keeps taking identities of this batch: one by one it shows whose.
      if (isUniqueViolation(error)) return documents.map(() => 'later');
      throw error;
    }
  }

  async status(name: SubscriptionKeyName): Promise<{ id: string; status: RegistrationStatus } | null> {
    const [find, values] = keyQuery(name);
    if (!storable(values)) return null;
    const [row] = await this.pool.use((sql) =>
      sql<[string, ...StatusColumns]>(
        `
      select s.id, r.version, r.scscf_name, r.scscf_diameter_host, r.scscf_diameter_realm, r.reassignment_pending, r.sets::text, r.sequence_numbers::text
      from subscription_state r join ims_subscription s using (subscription_key) where r.subscription_key = (${find})`,
        [values],
      ),
    );
    if (row === undefined) return null;
    const [id, ...columns] = row;
    return { id, status: statusFromColumns(columns) };
  }

  /** Recent figures: a big table is counted rarely. */
  async counts(): Promise<RegistrationCounts> {
    if (this.counted !== null && Date.now() < this.counted.untilMs) return this.counted.counts;
    this.counting ??= this.count().finally(() => {
      this.counting = null;
    });
    return this.counting;
  }

  private async count(): Promise<RegistrationCounts> {
    const startedMs = Date.now();
    const [sets, identities] = await this.pool.transaction(async (sql: Sql) => {
      await sql('set local enable_seqscan = on', []);
      await sql('set local enable_hashjoin = on', []);
      return [
        await sql<[number, number, number]>(
          'select coalesce(sum(registered_sets), 0), coalesce(sum(unregistered_sets), 0), count(*) from subscription_state',
          [],
        ),
        await sql<[string, number]>(identitiesByState, []),
      ] as const;
    });
    const [registeredSets, unregisteredSets, subscriptions] = sets[0] ?? [0, 0, 0];
    const byState = new Map(identities);
    const counts = {
      registeredSets,
      unregisteredSets,
      subscriptions,
      registeredIdentities: byState.get('registered') ?? 0,
      unregisteredIdentities: byState.get('unregistered') ?? 0,
    };
    const tookMs = Date.now() - startedMs;
    this.counted = { counts, untilMs: Date.now() + Math.max(countingMinIntervalMs, tookMs / countingShare) };
    return counts;
  }
}

/**
 * Indices in batches in which no id occurs twice; the second document of an id replaces what the first one
 * made.
 */
function batchesOf(documents: readonly SubscriptionDocument[], size: number): number[][] {
  const batches: number[][] = [];
  const seen = new Set<string>();
  const again: number[] = [];
  let batch: number[] = [];
  documents.forEach((document, i) => {
    if (seen.has(document.id)) {
      again.push(i);
      return;
    }
    seen.add(document.id);
    batch.push(i);
    if (batch.length === size) {
      batches.push(batch);
      batch = [];
    }
  });
  if (batch.length > 0) batches.push(batch);
  for (const i of again) batches.push([i]);
  return batches;
}
