/** Entries of the outbox as operators see them, and the end that an operator can give them. */
import type { CancelOutcome, PushFilter, PushView } from '../outbox/ports';
import type { Page } from '../shared/page';
import { millis, payloadOf } from './outbox-rows';
import type { ProvisioningPool } from './provisioning/pool';

const view = `select o.outbox_key, o.subscription_id, o.kind, o.payload::text, o.destination_host, extract(epoch from o.created_at)::float8::text,
  extract(epoch from o.next_attempt_at)::float8::text, o.attempt_count, extract(epoch from o.completed_at)::float8::text, o.outcome, o.detail, o.registration_effect from outbox o`;

type ViewRow = [
  number,
  string | null,
  string,
  string,
  string,
  string,
  string,
  number,
  string | null,
  string | null,
  string | null,
  string | null,
];

function viewed([
  id,
  subscription,
  kind,
  payload,
  destinationHost,
  created,
  nextAttempt,
  attemptCount,
  completed,
  outcome,
  detail,
  effect,
]: ViewRow): PushView {
  return {
    kind,
    payload: payloadOf(payload),
    id,
    subscription,
    destinationHost,
    createdAtMs: millis(created),
    nextAttemptAtMs: millis(nextAttempt),
    attemptCount,
    completedAtMs: completed === null ? null : millis(completed),
    outcome,
    detail,
    effect,
  };
}

/** Newest first. */
export async function listEntries(
  pool: ProvisioningPool,
  { subscription, destinationHost, open }: PushFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<PushView>> {
  const before =
    cursor === null ? Number.MAX_SAFE_INTEGER : Number(Buffer.from(cursor, 'base64url').toString('latin1'));
  const texts = [subscription, destinationHost];
  if (!Number.isSafeInteger(before) || texts.some((text) => text?.includes('\0') === true))
    return { items: [], nextCursor: null };
  const rows = await pool.use((sql) =>
    sql<ViewRow>(
      `${view}
      where o.outbox_key < $1 and ($2::text is null or o.subscription_id = $2) and ($3::boolean is null or (o.completed_at is null) = $3)
        and ($4::text is null or o.destination = lower($4))
      order by o.outbox_key desc limit $5`,
      [before, subscription ?? null, open ?? null, destinationHost ?? null, limit + 1],
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

export async function entryOf(pool: ProvisioningPool, id: number): Promise<PushView | null> {
  const [row] = await pool.use((sql) => sql<ViewRow>(`${view} where o.outbox_key = $1`, [id]));
  return row === undefined ? null : viewed(row);
}

/** What is being sent now is not cancelled: its answer would find nothing to change. */
export async function cancelEntry(pool: ProvisioningPool, id: number): Promise<CancelOutcome> {
  const [done] = await pool.use((sql) =>
    sql<[number]>(
      `update outbox set completed_at = now(), outcome = 'cancelled', detail = 'cancelled by an operator', leased_by = null, leased_until = null
      where outbox_key = $1 and completed_at is null and (leased_until is null or leased_until < now()) returning outbox_key`,
      [id],
    ),
  );
  if (done !== undefined) return 'cancelled';
  const entry = await entryOf(pool, id);
  if (entry === null) return 'unknown';
  return entry.completedAtMs === null ? 'sending' : 'completed';
}
