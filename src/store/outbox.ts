/**
 * The outbox over PostgreSQL: implements src/domain/outbox.ts. Leases and waits are reckoned by the
 * database's clock.
 */
import type {
  CampaignView,
  ClaimedPush,
  ClaimExpiredOptions,
  ClaimOptions,
  CompletionOutcome,
  FanOutOptions,
  LearnedFeatures,
  OutboxStore,
  PushCompletion,
  PushFilter,
  PushRoute,
  PushView,
} from '../domain/outbox';
import type { OutboxEntry, Page } from '../domain/ports';
import type { PushOutcome, PushPayload } from '../domain/push';
import { statusUpdate, statusValues } from './commit';
import { campaigns, fanOut } from './fan-out';
import { outboxInsert, outboxValues } from './outbox-rows';
import { Rollback, type ProvisioningPool, type Sql } from './provisioning/pool';

/**
 * Entries that nobody sends now, and of each subscription only the oldest: their order is what the S-CSCF
 * sees.
 */
const takeable = `o.completed_at is null and (o.leased_until is null or o.leased_until < now())
  and not exists (select 1 from outbox e where e.subscription_key = o.subscription_key and e.completed_at is null and e.outbox_key < o.outbox_key)`;

/**
 * $1 instance, $2 lease in ms, $3 Origin-Host. A repeated RTR keeps its Session-Id, so that an S-CSCF that
 * looks for duplicates finds one; a PPR never does: its content may be a newer one [6733-8.8].
 */
const lease = (picked: string, order = 'l.outbox_key'): string => `
  with picked as (${picked}),
  leased as (
    update outbox o set leased_by = $1, leased_until = now() + $2 * interval '1 millisecond', attempt_count = least(o.attempt_count + 1, 32767),
      may_duplicate = o.command = 'RTR' and coalesce(starts_with(o.session_id, $3 || ';'), false) and (o.may_duplicate or o.leased_until is not null),
      session_id = case when o.command = 'RTR' and starts_with(o.session_id, $3 || ';') then o.session_id
        else $3 || ';' || extract(epoch from now())::bigint || ';' || o.outbox_key || ';' || o.attempt_count end
    from picked p where o.subscription_key = p.subscription_key and o.outbox_key = p.outbox_key
    returning o.*
  )
  select l.subscription_key, l.outbox_key, l.command, l.destination_host, l.destination_realm, l.payload::text, l.session_id, l.attempt_count, l.may_duplicate, l.registration_version,
    (select i.identity from private_identity i where i.subscription_key = l.subscription_key order by i.position limit 1)
  from leased l order by ${order}`;

const claimInOrder = (order: string, leasedOrder?: string): string =>
  lease(
    `
  select c.subscription_key, c.outbox_key from unnest($4::text[], $5::integer[]) as h (host, wanted)
  cross join lateral (
    select o.subscription_key, o.outbox_key from outbox o
    where lower(o.destination_host) = h.host and o.next_attempt_at <= now() and ${takeable}
    order by ${order} limit h.wanted for update skip locked
  ) c`,
    leasedOrder,
  );
const claim = claimInOrder('o.next_attempt_at, o.outbox_key');
/** $6: the command that goes first. */
const claimByPriority = claimInOrder(
  '(o.command = $6) desc, o.next_attempt_at, o.outbox_key',
  '(l.command = $6) desc, l.outbox_key',
);

const claimExpired = lease(`
  select o.subscription_key, o.outbox_key from outbox o
  where o.created_at < now() - $4 * interval '1 millisecond' and ${takeable}
  order by o.outbox_key limit $5 for update skip locked`);

const view = `select o.outbox_key, o.subscription_id, o.command, o.payload::text, o.destination_host, extract(epoch from o.created_at)::float8::text,
  extract(epoch from o.next_attempt_at)::float8::text, o.attempt_count, extract(epoch from o.completed_at)::float8::text, o.outcome, o.detail from outbox o`;

type ClaimRow = [
  number,
  number,
  'RTR' | 'PPR',
  string,
  string,
  string,
  string,
  number,
  boolean,
  number | null,
  string | null,
];
type ViewRow = [
  number,
  string | null,
  'RTR' | 'PPR',
  string,
  string,
  string,
  string,
  number,
  string | null,
  PushOutcome | null,
  string | null,
];

/** The command says what the payload is: both were written together. */
const payloadOf = (command: 'RTR' | 'PPR', payload: string): PushPayload =>
  ({ command, payload: JSON.parse(payload) as PushPayload['payload'] }) as PushPayload;

function claimed([
  subscriptionKey,
  outboxKey,
  command,
  destinationHost,
  destinationRealm,
  payload,
  sessionId,
  attemptCount,
  mayDuplicate,
  registrationVersion,
  privateIdentity,
]: ClaimRow): ClaimedPush {
  return {
    ...payloadOf(command, payload),
    subscriptionKey,
    outboxKey,
    destinationHost,
    destinationRealm,
    sessionId,
    attemptCount,
    mayDuplicate,
    registrationVersion,
    privateIdentity,
  };
}

const millis = (seconds: string): number => Math.round(Number(seconds) * 1_000);

function viewed([
  id,
  subscription,
  command,
  payload,
  destinationHost,
  created,
  nextAttempt,
  attemptCount,
  completed,
  outcome,
  detail,
]: ViewRow): PushView {
  return {
    ...payloadOf(command, payload),
    id,
    subscription,
    destinationHost,
    createdAtMs: millis(created),
    nextAttemptAtMs: millis(nextAttempt),
    attemptCount,
    completedAtMs: completed === null ? null : millis(completed),
    outcome,
    detail,
  };
}

async function insert(sql: Sql, key: number, entries: readonly OutboxEntry[]): Promise<number[]> {
  if (entries.length === 0) return [];
  const rows = await sql<[number]>(
    outboxInsert,
    outboxValues(entries.map((entry) => ({ key, entry }))),
    'hss_outbox_insert',
  );
  return rows.map(([id]) => id);
}

export class PostgresOutbox implements OutboxStore {
  constructor(private readonly pool: ProvisioningPool) {}

  async claim({
    instance,
    leaseMs,
    originHost,
    hosts,
    first,
  }: ClaimOptions): Promise<readonly ClaimedPush[]> {
    const values = [
      instance,
      leaseMs,
      originHost,
      hosts.map(({ host }) => host),
      hosts.map(({ limitCount }) => limitCount),
    ];
    const rows = await this.pool.use((sql) =>
      first === null
        ? sql<ClaimRow>(claim, values, 'hss_outbox_claim')
        : sql<ClaimRow>(claimByPriority, [...values, first], 'hss_outbox_claim_by_priority'),
    );
    return rows.map(claimed);
  }

  async claimExpired({
    instance,
    leaseMs,
    originHost,
    olderThanMs,
    limitCount,
  }: ClaimExpiredOptions): Promise<readonly ClaimedPush[]> {
    const rows = await this.pool.use((sql) =>
      sql<ClaimRow>(
        claimExpired,
        [instance, leaseMs, originHost, olderThanMs, limitCount],
        'hss_outbox_claim_expired',
      ),
    );
    return rows.map(claimed);
  }

  /** The attempt tells leases of one instance apart: it may have taken the entry a second time. */
  complete(
    { subscriptionKey, outboxKey, attemptCount }: ClaimedPush,
    instance: string,
    completion: PushCompletion,
  ): Promise<CompletionOutcome> {
    const { outcome, detail, status, expectedVersion, followUps } = completion;
    return this.pool.transaction(async (sql): Promise<CompletionOutcome> => {
      // The state first, as every other writer of both does.
      if (status !== undefined && expectedVersion !== undefined) {
        const changed = await sql<[number]>(
          statusUpdate,
          statusValues([{ key: subscriptionKey, expectedVersion, status }]),
          'hss_outbox_status',
        );
        if (changed.length === 0) throw new Rollback('conflict' satisfies CompletionOutcome);
      }
      const rows = await sql<[number]>(
        `update outbox set completed_at = now(), outcome = $4, detail = $5, leased_by = null, leased_until = null
        where subscription_key = $1 and outbox_key = $2 and leased_by = $3 and attempt_count = $6 and completed_at is null returning outbox_key`,
        [subscriptionKey, outboxKey, instance, outcome, detail, attemptCount],
        'hss_outbox_complete',
      );
      if (rows.length === 0) throw new Rollback('leaseLost' satisfies CompletionOutcome);
      await insert(sql, subscriptionKey, followUps);
      return 'done';
    });
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

  async routes(): Promise<readonly PushRoute[]> {
    const rows = await this.pool.use((sql) =>
      sql<[string, string]>(
        'select origin_host, peer from shared_diameter_route order by seen_at desc limit 10000',
        [],
      ),
    );
    return rows.map(([destinationHost, via]) => ({ destinationHost, via }));
  }

  async addRoute({ destinationHost, via }: PushRoute): Promise<void> {
    if (via === null) return;
    await this.pool.use((sql) =>
      sql(
        `insert into shared_diameter_route (origin_host, peer) values (lower($1), lower($2))
      on conflict (origin_host, peer) do update set seen_at = now()`,
        [destinationHost, via],
      ),
    );
  }

  async serverFeatures(limit: number): Promise<readonly (LearnedFeatures & { readonly ageMs: number })[]> {
    const rows = await this.pool.use((sql) =>
      sql<[string, 'SAR' | 'PPR', number, string]>(
        `select origin_host, command, feature_list,
      extract(epoch from now() - learned_at)::float8::text from shared_server_features order by learned_at desc limit $1`,
        [limit],
      ),
    );
    return rows.map(([originHost, command, featureList, age]) => ({
      originHost,
      command,
      featureList,
      ageMs: Math.max(0, millis(age)),
    }));
  }

  async learnServerFeatures(learned: readonly LearnedFeatures[]): Promise<void> {
    // In one order, so that instances that learn the same do not wait for each other crosswise.
    const sorted = [...learned].sort((a, b) =>
      a.originHost + a.command < b.originHost + b.command ? -1 : 1,
    );
    await this.pool.use((sql) =>
      sql(
        `insert into shared_server_features (origin_host, command, feature_list)
      select * from unnest($1::text[], $2::text[], $3::bigint[])
      on conflict (origin_host, command) do update set feature_list = excluded.feature_list, learned_at = now()`,
        [
          sorted.map(({ originHost }) => originHost),
          sorted.map(({ command }) => command),
          sorted.map(({ featureList }) => featureList),
        ],
      ),
    );
  }

  enqueue(
    key: number,
    expectedVersion: number,
    entries: readonly OutboxEntry[],
  ): Promise<readonly number[] | 'conflict'> {
    return this.pool.transaction(async (sql): Promise<readonly number[] | 'conflict'> => {
      // Locks the state, so that entries of one subscription are numbered in the order of their causes.
      const rows = await sql<[number]>(
        'select version from registration_state where subscription_key = $1 and version = $2 for update',
        [key, expectedVersion],
      );
      if (rows.length === 0) throw new Rollback('conflict');
      return insert(sql, key, entries);
    });
  }

  async list(
    { subscription, open }: PushFilter,
    cursor: string | null,
    limit: number,
  ): Promise<Page<PushView>> {
    const before =
      cursor === null ? Number.MAX_SAFE_INTEGER : Number(Buffer.from(cursor, 'base64url').toString('latin1'));
    if (!Number.isSafeInteger(before) || subscription?.includes('\0') === true)
      return { items: [], nextCursor: null };
    const rows = await this.pool.use((sql) =>
      sql<ViewRow>(
        `${view}
      where o.outbox_key < $1 and ($2::text is null or o.subscription_id = $2) and ($3::boolean is null or (o.completed_at is null) = $3)
      order by o.outbox_key desc limit $4`,
        [before, subscription ?? null, open ?? null, limit + 1],
      ),
    );
    const page = rows.slice(0, limit);
    return {
      items: page.map(viewed),
      nextCursor:
        rows.length > limit
          ? Buffer.from(String(page[page.length - 1]?.[0]), 'latin1').toString('base64url')
          : null,
    };
  }

  async get(id: number): Promise<PushView | null> {
    const [row] = await this.pool.use((sql) => sql<ViewRow>(`${view} where o.outbox_key = $1`, [id]));
    return row === undefined ? null : viewed(row);
  }

  fanOut(options: FanOutOptions): Promise<boolean> {
    return fanOut(this.pool, options);
  }

  campaigns(limit: number): Promise<readonly CampaignView[]> {
    return campaigns(this.pool, limit);
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
