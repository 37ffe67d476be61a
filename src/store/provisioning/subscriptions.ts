/**
 * Subscriptions: put, delete, bulk import, look-up and listing. Every write is one transaction per
 * subscription or better.
 */
import type { Page } from '../../shared/page';
import type {
  DeleteOutcome,
  Precondition,
  ProvisioningFault,
  ProvisioningOutcome,
  PublicSubscription,
  StoredDocument,
  SubscriptionKeyName,
} from '../../subscriber/provisioning';
import { neededModules } from '../../state/document-reactions';
import { selectHead, type HeadColumns } from '../../state/head-row';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { ofOne, writeEntries } from '../outbox-rows';
import { statesOf } from '../module-states';
import { entriesOfReactions } from '../state-reactions';
import { parseImage } from '../../subscriber/image';
import { publicForm } from './document';
import { etagOf, isAllowed } from '../../subscriber/etag';
import { besides } from './faulty-documents';
import { ImportOrder } from './import-order';
import type { KeyHasher } from './key-hashes';
import { keyQuery, storable } from '../../subscriber/storage/lookup';
import { isUniqueViolation, type ProvisioningPool } from './pool';
import { Rollback } from '../../state/database';
import { writeSubscriptions, type WriteOutcome, type WriteRules } from './write';

/**
 * Documents in one transaction of an import: enough to share the flush of the log, few enough to hold locks
 * shortly.
 */
const importBatchCount = 400;
/** Leaves a connection for everybody else. */
const importConnectionCount = 3;
export class SubscriptionStore {
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
      const { modules, reactions, stateReactions } = this.rules;
      const [row] = await sql<[number, number, string, number, ...HeadColumns]>(
        `
        select s.subscription_key, s.revision, m.image, r.watchers, ${selectHead(modules.head)}
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
      const [key, , image, watchers, ...columns] = row;
      const states = await statesOf(sql, [{ key, columns }], modules.head, neededModules(reactions));
      const deletion = { before: parseImage(image), states: states.get(key) ?? {} };
      const entries = reactions.flatMap((reaction) => reaction.deleted(deletion));
      const subject = { key, watchers, subscription: deletion.before, states: deletion.states };
      const others = await entriesOfReactions(sql, stateReactions, [{ subject, changes: null }]);
      await writeEntries(sql, [...ofOne(key, entries), ...others]);
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
