/**
 * Taking entries of the outbox with a lease, so that of several instances exactly one sends each. The clock of
 * the database measures leases and waits.
 */
import type { ClaimedKind, ClaimedPush, ClaimExpiredOptions, ClaimOptions } from '../outbox/ports';
import { payloadOf } from './outbox-rows';
import type { ProvisioningPool } from './provisioning/pool';

/**
 * Entries that nobody sends now, and of each subscription and destination only the oldest: the destination sees
 * them in their order. An entry for one destination holds back none for another.
 */
const takeable = `o.completed_at is null and (o.leased_until is null or o.leased_until < now())
  and not exists (select 1 from outbox e where e.subscription_key = o.subscription_key and e.destination = o.destination
    and e.completed_at is null and e.outbox_key < o.outbox_key)`;

/**
 * $1 instance, $2 lease in ms, $3 Origin-Host, $4 kinds that keep their Session-Id: a receiver that looks for
 * duplicates finds one [6733-8.8]. The content of other kinds may be newer than that of the attempt before.
 */
const lease = (picked: string, order = 'l.outbox_key'): string => `
  with picked as (${picked}),
  leased as (
    update outbox o set leased_by = $1, leased_until = now() + $2 * interval '1 millisecond', attempt_count = least(o.attempt_count + 1, 32767),
      may_duplicate = o.kind = any($4::text[]) and coalesce(starts_with(o.session_id, $3 || ';'), false) and (o.may_duplicate or o.leased_until is not null),
      session_id = case when o.kind = any($4::text[]) and starts_with(o.session_id, $3 || ';') then o.session_id
        else $3 || ';' || extract(epoch from now())::bigint || ';' || o.outbox_key || ';' || o.attempt_count end
    from picked p where o.subscription_key = p.subscription_key and o.outbox_key = p.outbox_key
    returning o.*
  )
  select l.subscription_key, l.outbox_key, l.kind, l.destination_host, l.destination_realm, l.payload::text, l.session_id, l.attempt_count, l.may_duplicate, l.registration_version,
    (select i.identity from private_identity i where i.subscription_key = l.subscription_key order by i.position limit 1)
  from leased l order by ${order}`;

const claimInOrder = (order: string, leasedOrder?: string): string =>
  lease(
    `
  select c.subscription_key, c.outbox_key from unnest($5::text[], $6::integer[]) as h (host, wanted)
  cross join lateral (
    select o.subscription_key, o.outbox_key from outbox o
    where o.destination = h.host and o.next_attempt_at <= now() and o.kind = any($7::text[]) and ${takeable}
    order by ${order} limit h.wanted for update skip locked
  ) c`,
    leasedOrder,
  );
const claim = claimInOrder('o.next_attempt_at, o.outbox_key');
/** $8: the priority of each kind of $7. */
const priorityOf = (kind: string): string => `($8::smallint[])[array_position($7::text[], ${kind})]`;
const claimByPriority = claimInOrder(
  `${priorityOf('o.kind')}, o.next_attempt_at, o.outbox_key`,
  `${priorityOf('l.kind')}, l.outbox_key`,
);

const claimExpired = lease(`
  select o.subscription_key, o.outbox_key from outbox o
  where o.created_at < now() - $5 * interval '1 millisecond' and ${takeable}
  order by o.created_at, o.outbox_key limit $6 for update skip locked`);

type ClaimRow = [
  number,
  number,
  string,
  string,
  string,
  string,
  string,
  number,
  boolean,
  number | null,
  string | null,
];
function claimed([
  subscriptionKey,
  outboxKey,
  kind,
  destinationHost,
  destinationRealm,
  payload,
  sessionId,
  attemptCount,
  mayDuplicate,
  causeVersion,
  privateIdentity,
]: ClaimRow): ClaimedPush {
  return {
    kind,
    payload: payloadOf(payload),
    subscriptionKey,
    outboxKey,
    destinationHost,
    destinationRealm,
    sessionId,
    attemptCount,
    mayDuplicate,
    causeVersion,
    privateIdentity,
  };
}

const keepingSessionId = (kinds: readonly ClaimedKind[]): string[] =>
  kinds.filter(({ keepsSessionId }) => keepsSessionId).map(({ kind }) => kind);

/** Entries of the given kinds for destinations that this instance reaches. */
export async function claimEntries(
  pool: ProvisioningPool,
  { instance, leaseMs, originHost, hosts, kinds }: ClaimOptions,
): Promise<ClaimedPush[]> {
  const values = [
    instance,
    leaseMs,
    originHost,
    keepingSessionId(kinds),
    hosts.map(({ host }) => host),
    hosts.map(({ limitCount }) => limitCount),
    kinds.map(({ kind }) => kind),
  ];
  const priorities = kinds.map(({ priority }) => priority);
  const rows = await pool.use((sql) =>
    new Set(priorities).size < 2
      ? sql<ClaimRow>(claim, values, 'hss_outbox_claim')
      : sql<ClaimRow>(claimByPriority, [...values, priorities], 'hss_outbox_claim_by_priority'),
  );
  return rows.map(claimed);
}

/** Entries that are too old, whatever their destination and kind. */
export async function claimExpiredEntries(
  pool: ProvisioningPool,
  { instance, leaseMs, originHost, kinds, olderThanMs, limitCount }: ClaimExpiredOptions,
): Promise<ClaimedPush[]> {
  const rows = await pool.use((sql) =>
    sql<ClaimRow>(
      claimExpired,
      [instance, leaseMs, originHost, keepingSessionId(kinds), olderThanMs, limitCount],
      'hss_outbox_claim_expired',
    ),
  );
  return rows.map(claimed);
}
