/**
 * Committing in batches: one statement, and so one transaction and one flush of the log, replaces the
 * registration state of every subscription whose version is still the one that the decision was made on, and
 * writes the requests towards S-CSCFs that go with those changes. The others are told that there was a
 * conflict.
 */
import type { CommitOutcome, StatusChange } from '../state/ports';
import type { Connection } from './connection';
import { outboxValues, type KeyedEntry } from './outbox-rows';
import { countSets } from './status-row';
import type { Parameter } from './wire/parameters';

/**
 * Parameters: statusValues(). Returns the keys that were still at their version. A change of the
 * subscription's document raises the version as well, so it vouches for the whole subscription; the version
 * of the shared data is compared where one is named.
 */
export const statusUpdate = `
  update registration_state r set version = r.version + 1,
    scscf_name = i.name, scscf_diameter_host = i.host, scscf_diameter_realm = i.realm, reassignment_pending = i.pending,
    sets = i.sets, sequence_numbers = i.sequence_numbers, registered_sets = i.registered, unregistered_sets = i.unregistered
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::json[], $8::json[], $9::smallint[], $10::smallint[], $11::bigint[])
    as i (key, version, name, host, realm, pending, sets, sequence_numbers, registered, unregistered, shared)
  where r.subscription_key = i.key and r.version = i.version and (i.shared is null or i.shared = (select v.version from shared_state v))
  returning r.subscription_key, r.version`;

const updateWithOutbox = `
  with updated as (${statusUpdate}),
  written as (
    insert into outbox (subscription_key, subscription_id, kind, destination_host, destination_realm, payload, registration_version)
    select o.key, (select s.id from ims_subscription s where s.subscription_key = o.key), o.kind, o.host, o.realm, o.payload, u.version - 1
    from unnest($12::bigint[], $13::text[], $14::text[], $15::text[], $16::jsonb[]) with ordinality as o (key, kind, host, realm, payload, n)
    join updated u on u.subscription_key = o.key
    order by o.n
  )
  select subscription_key from updated`;

/** A deadlock or serialisation failure left nothing behind; the same batch is tried again. */
const transientCodes = new Set(['40001', '40P01']);
const maxTries = 4;

function isTransient(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && transientCodes.has(String(error.code))
  );
}

/** The parameters of statusUpdate. */
export function statusValues(changes: readonly Omit<StatusChange, 'outbox'>[]): unknown[] {
  return statusParameters(changes).map((parameter) =>
    'values' in parameter ? parameter.values : parameter.value,
  );
}

function statusParameters(changes: readonly Omit<StatusChange, 'outbox'>[]): Parameter[] {
  const counts = changes.map(({ status }) => countSets(status.sets));
  return [
    { kind: 'bigints', values: changes.map((c) => c.key) },
    { kind: 'bigints', values: changes.map((c) => c.expectedVersion) },
    { kind: 'texts', values: changes.map((c) => c.status.server?.name ?? null) },
    { kind: 'texts', values: changes.map((c) => c.status.server?.diameterHost ?? null) },
    { kind: 'texts', values: changes.map((c) => c.status.server?.diameterRealm ?? null) },
    { kind: 'booleans', values: changes.map((c) => c.status.reassignmentPending) },
    { kind: 'jsons', values: changes.map((c) => JSON.stringify(c.status.sets)) },
    { kind: 'jsons', values: changes.map((c) => JSON.stringify(c.status.sequenceNumbers)) },
    { kind: 'smallints', values: counts.map((c) => c.registered) },
    { kind: 'smallints', values: counts.map((c) => c.unregistered) },
    { kind: 'bigints', values: changes.map((c) => c.sharedVersion ?? null) },
  ];
}

function outboxParameters(entries: readonly KeyedEntry[]): Parameter[] {
  const [keys, kinds, hosts, realms, payloads] = outboxValues(entries) as [
    number[],
    string[],
    string[],
    string[],
    string[],
  ];
  return [
    { kind: 'bigints', values: keys },
    { kind: 'texts', values: kinds },
    { kind: 'texts', values: hosts },
    { kind: 'texts', values: realms },
    { kind: 'jsonbs', values: payloads },
  ];
}

/**
 * One round trip for all the changes, of different subscriptions. @throws StoreUnavailableError,
 * DatabaseError
 */
export async function commitBatch(
  connection: Connection,
  changes: readonly StatusChange[],
): Promise<CommitOutcome[]> {
  // In the order of keys, so that instances that change the same subscriptions do not wait for each other
  // crosswise.
  const sorted = [...changes].sort((a, b) => a.key - b.key);
  const parameters = statusParameters(sorted);
  const outbox = sorted.flatMap(({ key, outbox: entries }) => entries.map((entry) => ({ key, entry })));
  if (outbox.length > 0) parameters.push(...outboxParameters(outbox));
  const statement =
    outbox.length > 0
      ? { name: 'hss_commit_outbox', text: updateWithOutbox }
      : { name: 'hss_commit', text: statusUpdate };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows = await connection.run({ ...statement, parameters });
      const updated = new Set(rows.map(([key]) => Number(key)));
      return changes.map(({ key }) => (updated.has(key) ? 'committed' : 'conflict'));
    } catch (error) {
      if (!isTransient(error) || attempt >= maxTries) throw error;
    }
  }
}
