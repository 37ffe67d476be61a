/** Highest SQN given of each credential of a subscription, as operators see it [33.102-C.1.1]. Not on the hot path. */

/** Highest SQN given of a credential [33.102-C.1.1], by its holder: a private identity, or the IMSI of a USIM. */
export type ShownSequenceNumber = readonly [holder: string, sequenceNumber: number];

/**
 * An expression: JSON pairs of holder and number, private identities first; nothing for a K that has given none.
 * @param key the SQL expression of the subscription's key
 */
export const shownNumbers = (key: string): string => `
  (select coalesce(json_agg(json_build_array(h.holder, c.sequence_number) order by h.is_usim, h.position), '[]')::text
  from (
    select identity as holder, aka_k_hash, false as is_usim, position from private_identity where subscription_key = ${key}
    union all
    select imsi, aka_k_hash, true, position from usim where subscription_key = ${key}) h
  join sequence_counter c on c.counter_key = h.aka_k_hash where c.sequence_number > 0)`;

export const numbersFromText = (json: string): readonly ShownSequenceNumber[] =>
  JSON.parse(json) as ShownSequenceNumber[];
