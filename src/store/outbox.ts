/**
 * The outbox over PostgreSQL: implements src/outbox/ports.ts. The clock of the database measures leases and
 * waits. Taking entries is in outbox-claim.ts, looking at them in outbox-views.ts, campaigns are in
 * campaigns.ts.
 */
import type {
  CampaignView,
  CancelOutcome,
  ClaimedPush,
  ClaimExpiredOptions,
  ClaimOptions,
  CompletionOutcome,
  FanOutOptions,
  LearnedBounds,
  LearnedFeatures,
  OutboxStore,
  PushCompletion,
  PushFilter,
  PushRoute,
  PushView,
  SubscriptionChange,
} from '../outbox/ports';
import { NO_SUBSCRIPTION } from '../outbox/ports';
import type { OutboxEntry } from '../state/ports';
import { unitOfWork } from '../state/unit-of-work';
import type { Page } from '../shared/page';
import type { StoredModules } from '../state/module';
import { commitStatement } from './commit';
import { campaign, campaigns } from './campaign-views';
import type { Campaigns } from './campaigns';
import { LearnedServers } from './learned-servers';
import { claimEntries, claimExpiredEntries } from './outbox-claim';
import { millis, ofOne, writeEntries } from './outbox-rows';
import { cancelEntry, entryOf, listEntries } from './outbox-views';
import { Rollback, type Sql } from '../state/database';
import { type ProvisioningPool } from './provisioning/pool';

export class PostgresOutbox implements OutboxStore {
  readonly #servers: LearnedServers;

  /** The pool has the short time limit of the hot path. */
  constructor(
    private readonly pool: ProvisioningPool,
    private readonly modules: StoredModules,
    private readonly walks: Campaigns,
  ) {
    this.#servers = new LearnedServers(pool);
  }

  claim(options: ClaimOptions): Promise<readonly ClaimedPush[]> {
    return claimEntries(this.pool, options);
  }

  claimExpired(options: ClaimExpiredOptions): Promise<readonly ClaimedPush[]> {
    return claimExpiredEntries(this.pool, options);
  }

  /** The attempt tells leases of one instance apart: it may have taken the entry a second time. */
  complete(
    { subscriptionKey, outboxKey, attemptCount }: ClaimedPush,
    instance: string,
    completion: PushCompletion,
  ): Promise<CompletionOutcome> {
    const { outcome, detail, effect, change, followUps } = completion;
    return this.pool.transaction(async (sql): Promise<CompletionOutcome> => {
      // The state first, as every other writer of both does.
      if (change !== undefined) {
        const changed = await this.#change(sql, change);
        if (changed.length === 0) throw new Rollback('conflict' satisfies CompletionOutcome);
      }
      const rows = await sql<[number]>(
        `update outbox set completed_at = now(), outcome = $4, detail = $5, registration_effect = $7, leased_by = null, leased_until = null
        where subscription_key = $1 and outbox_key = $2 and leased_by = $3 and attempt_count = $6 and completed_at is null returning outbox_key`,
        [subscriptionKey, outboxKey, instance, outcome, detail, attemptCount, effect],
        'hss_outbox_complete',
      );
      if (rows.length === 0) throw new Rollback('leaseLost' satisfies CompletionOutcome);
      await writeEntries(sql, ofOne(subscriptionKey, followUps));
      return 'done';
    });
  }

  /** One row where everything had the version that it was decided on, else none. */
  #change(sql: Sql, { snapshot, changes }: SubscriptionChange): Promise<[number][]> {
    const unit = unitOfWork(snapshot, { changes }, [], this.modules.head, true);
    const { name, text, values } = commitStatement([unit], this.modules);
    return sql<[number]>(text, values, name);
  }

  async postpone(
    { subscriptionKey, outboxKey, attemptCount }: ClaimedPush,
    instance: string,
    delayMs: number,
    mayDuplicate: boolean,
    detail: string,
  ): Promise<void> {
    await this.pool.use((sql) =>
      sql(
        `update outbox set leased_by = null, leased_until = null, next_attempt_at = now() + $4 * interval '1 millisecond',
        may_duplicate = may_duplicate or $5, detail = $6
      where subscription_key = $1 and outbox_key = $2 and leased_by = $3 and attempt_count = $7 and completed_at is null`,
        [subscriptionKey, outboxKey, instance, delayMs, mayDuplicate, detail, attemptCount],
        'hss_outbox_postpone',
      ),
    );
  }

  routes(): Promise<readonly PushRoute[]> {
    return this.#servers.routes();
  }

  learnRoutes(routes: readonly PushRoute[], bounds: LearnedBounds): Promise<void> {
    return this.#servers.learnRoutes(routes, bounds);
  }

  serverFeatures(limit: number): Promise<readonly (LearnedFeatures & { readonly ageMs: number })[]> {
    return this.#servers.features(limit);
  }

  learnServerFeatures(
    learned: readonly LearnedFeatures[],
    bounds: Pick<LearnedBounds, 'maxCount' | 'maxAgeMs'>,
  ): Promise<void> {
    return this.#servers.learnFeatures(learned, bounds);
  }

  enqueue(
    key: number,
    expectedVersion: number,
    entries: readonly OutboxEntry[],
    change?: SubscriptionChange,
  ): Promise<readonly number[] | 'conflict'> {
    return this.pool.transaction(async (sql): Promise<readonly number[] | 'conflict'> => {
      // Locks the state, so that entries of one subscription are numbered in the order of their causes.
      const rows = await sql<[number]>(
        'select version from subscription_state where subscription_key = $1 and version = $2 for update',
        [key, expectedVersion],
      );
      if (rows.length === 0) throw new Rollback('conflict');
      if (change !== undefined && (await this.#change(sql, change)).length === 0)
        throw new Rollback('conflict');
      return writeEntries(sql, ofOne(key, entries));
    });
  }

  enqueueWithoutSubscription(entries: readonly OutboxEntry[]): Promise<readonly number[]> {
    return this.pool.transaction((sql) => writeEntries(sql, ofOne(NO_SUBSCRIPTION, entries)));
  }

  list(filter: PushFilter, cursor: string | null, limit: number): Promise<Page<PushView>> {
    return listEntries(this.pool, filter, cursor, limit);
  }

  get(id: number): Promise<PushView | null> {
    return entryOf(this.pool, id);
  }

  cancel(id: number): Promise<CancelOutcome> {
    return cancelEntry(this.pool, id);
  }

  fanOut(options: FanOutOptions): Promise<boolean> {
    return this.walks.fanOut(this.pool, options);
  }

  campaigns(limit: number): Promise<readonly CampaignView[]> {
    return campaigns(this.pool, limit);
  }

  campaign(id: number): Promise<CampaignView | null> {
    return campaign(this.pool, id);
  }

  async openCount(): Promise<number> {
    const [row] = await this.pool.use((sql) =>
      sql<[number]>('select count(*) from outbox where completed_at is null', []),
    );
    return row?.[0] ?? 0;
  }

  async overflowAgeMs(keepCount: number): Promise<number | null> {
    const [row] = await this.pool.use((sql) =>
      sql<[string]>(
        `select extract(epoch from now() - completed_at)::float8::text from outbox
      where completed_at is not null order by completed_at desc offset $1 limit 1`,
        [keepCount],
      ),
    );
    return row === undefined ? null : Math.max(0, millis(row[0]));
  }

  async forget(olderThanMs: number, limitCount: number): Promise<number> {
    const gone = await this.pool.use((sql) =>
      sql(
        `delete from outbox where (subscription_key, outbox_key) in (
      select subscription_key, outbox_key from outbox where completed_at < now() - $1 * interval '1 millisecond' order by completed_at limit $2) returning outbox_key`,
        [olderThanMs, limitCount],
      ),
    );
    const campaignsGone = await this.pool.use((sql) =>
      sql(
        `delete from shared_push_campaign where campaign_key in (
      select campaign_key from shared_push_campaign where completed_at < now() - $1 * interval '1 millisecond' order by completed_at limit $2) returning campaign_key`,
        [olderThanMs, limitCount],
      ),
    );
    return gone.length + campaignsGone.length;
  }
}
