/**
 * Entries of the outbox as rows: one statement for every transaction that writes them, in the order given.
 */
import type { OutboxEntry } from '../state/ports';
import type { Sql } from '../state/database';

export interface KeyedEntry {
  /** Of the subscription that it is about. */
  readonly key: number;
  readonly entry: OutboxEntry;
}

/**
 * $1 keys, $2 kinds, $3 hosts, $4 realms, $5 payloads; outbox_key rises in their order. The version of the
 * state rises with them, so that every registration from then on has a higher one than what the requests are
 * about. What follows from an entry of a deleted subscription keeps the id that the entry has. The caller holds
 * the state's lock.
 */
const outboxInsert = `
  with caused as (
    update subscription_state set version = version + 1 where subscription_key = any($1::bigint[]) returning subscription_key, version
  )
  insert into outbox (subscription_key, subscription_id, kind, destination_host, destination_realm, payload, registration_version)
  select o.key, coalesce((select s.id from ims_subscription s where s.subscription_key = o.key),
      (select e.subscription_id from outbox e where e.subscription_key = o.key order by e.outbox_key desc limit 1)), o.kind, o.host, o.realm, o.payload, c.version
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) with ordinality as o (key, kind, host, realm, payload, n)
  left join caused c on c.subscription_key = o.key
  order by o.n
  returning outbox_key`;

export function outboxValues(rows: readonly KeyedEntry[]): unknown[] {
  return [
    rows.map(({ key }) => key),
    rows.map(({ entry }) => entry.kind),
    rows.map(({ entry }) => entry.destinationHost),
    rows.map(({ entry }) => entry.destinationRealm),
    rows.map(({ entry }) => JSON.stringify(entry.payload)),
  ];
}

/**
 * Writes entries in the transaction of `sql`, whose end wakes the worker of this instance. @returns their ids, in
 * order
 */
export async function writeEntries(sql: Sql, rows: readonly KeyedEntry[]): Promise<number[]> {
  if (rows.length === 0) return [];
  sql.wroteOutbox();
  const written = await sql<[number]>(outboxInsert, outboxValues(rows), 'hss_outbox_insert');
  return written.map(([id]) => id);
}

export const ofOne = (key: number, entries: readonly OutboxEntry[]): KeyedEntry[] =>
  entries.map((entry) => ({ key, entry }));

export const payloadOf = (payload: string): OutboxEntry['payload'] =>
  JSON.parse(payload) as OutboxEntry['payload'];

/** Seconds as the database gives them. */
export const millis = (seconds: string): number => Math.round(Number(seconds) * 1_000);
