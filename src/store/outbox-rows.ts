/** Entries of the outbox as rows: one statement for every transaction that writes them, in the order given. */
import type { OutboxEntry } from '../domain/ports';

export interface KeyedEntry {
  /** Of the subscription that it is about. */
  readonly key: number;
  readonly entry: OutboxEntry;
}

/** $1 keys, $2 commands, $3 hosts, $4 realms, $5 payloads; outbox_key rises in their order. */
export const outboxInsert = `
  insert into outbox (subscription_key, subscription_id, command, destination_host, destination_realm, payload)
  select o.key, (select s.id from ims_subscription s where s.subscription_key = o.key), o.command, o.host, o.realm, o.payload
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) with ordinality as o (key, command, host, realm, payload, n)
  order by o.n
  returning outbox_key`;

export function outboxValues(rows: readonly KeyedEntry[]): unknown[] {
  return [
    rows.map(({ key }) => key), rows.map(({ entry }) => entry.command), rows.map(({ entry }) => entry.destinationHost),
    rows.map(({ entry }) => entry.destinationRealm), rows.map(({ entry }) => JSON.stringify(entry.payload)),
  ];
}
