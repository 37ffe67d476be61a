/**
 * Sequence counters of the keys that are provisioned. A counter belongs to K [33.102-C.1.1], under the keyed hash
 * of K: each K has one row, whoever has that K, and the row stays when the subscription goes. So a K that comes
 * back goes on where it was. Provisioning never lowers a counter.
 */
import type { Sql } from '../../state/database';

/**
 * $1: hashes of K, $2: numbers. Makes missing counters and raises those that are lower. What is high enough is not
 * locked; the rest is locked in the order of the keys, so that two transactions never wait for each other here.
 */
const raise = `
  insert into sequence_counter (counter_key, sequence_number)
  select i.key, i.number
  from (select u.key, max(u.number) as number from unnest($1::uuid[], $2::bigint[]) as u (key, number) group by u.key) i
  left join sequence_counter c on c.counter_key = i.key
  where c.counter_key is null or c.sequence_number < i.number
  order by i.key
  on conflict (counter_key) do update
    set sequence_number = excluded.sequence_number
    where excluded.sequence_number > sequence_counter.sequence_number`;

/** Makes and raises the counters of these keys. The last change of a transaction, so that it holds them shortly. */
export async function raiseCounters(
  sql: Sql,
  numbers: readonly (readonly [hash: string, number: number])[],
): Promise<void> {
  if (numbers.length > 0)
    await sql(
      raise,
      [numbers.map(([hash]) => hash), numbers.map(([, number]) => number)],
      'hss_raise_counters',
    );
}
