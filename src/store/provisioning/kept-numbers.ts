/**
 * Sequence numbers of keys that come and go. A counter belongs to K [33.102-C.1.1]: what a subscription gives
 * up is kept under the hash of K in the transaction that takes it away, and whoever is given this K begins
 * above it. Nothing here is on the path of a Diameter request.
 */
import type { HashOfK } from '../../authentication/key-hash';
import type { Subscription } from '../../subscriber/subscription';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { keyHashesOf, noKeyHashes, type KeyHashes } from './key-hashes';
import type { Sql } from './pool';

/**
 * $1: keys of subscriptions whose rows of subscription_state are locked, so that nobody gives a number after
 * this.
 */
const keepNumbers = `
  insert into shared_kept_sequence_number (k_hash, sequence_number)
  select p.aka_k_hash, max((n.entry ->> 1)::bigint) from private_identity p
  join subscription_state r on r.subscription_key = p.subscription_key
  cross join lateral json_array_elements(r.sequence_numbers) as n (entry)
  where p.subscription_key = any ($1::bigint[]) and p.aka_k_hash is not null and n.entry ->> 0 = p.identity
  group by p.aka_k_hash order by p.aka_k_hash
  on conflict (k_hash) do update set kept_at = now(),
    sequence_number = greatest(shared_kept_sequence_number.sequence_number, excluded.sequence_number)`;

/**
 * $1: hashes, $2: most private identities that are looked at for each. Returns numbers that are kept, or that
 * other private identities with this K have.
 */
const findNumbers = `
  select k.k_hash::text, k.sequence_number
  from unnest($1::uuid[]) as i (hash) join shared_kept_sequence_number k on k.k_hash = i.hash
  union all
  select p.aka_k_hash::text, (n.entry ->> 1)::bigint
  from unnest($1::uuid[]) as i (hash)
  cross join lateral (select * from private_identity h where h.aka_k_hash = i.hash limit $2) p
  join subscription_state r on r.subscription_key = p.subscription_key
  cross join lateral json_array_elements(r.sequence_numbers) as n (entry) where n.entry ->> 0 = p.identity`;

/** $1: keys. */
const findHashes = `
  select subscription_key, identity, aka_k_hash::text from private_identity
  where subscription_key = any ($1::bigint[]) and aka_k_hash is not null`;

/**
 * A K that more have is one of a test, whose import must not take longer with each of them. In a network no
 * two have one.
 */
const maxHoldersCount = 64;

const withoutDashes = (uuid: string): string => uuid.replaceAll('-', '');

/** Keeps the numbers of these subscriptions, whose states the transaction has locked. */
export async function keepSequenceNumbers(sql: Sql, keys: readonly number[]): Promise<void> {
  if (keys.length > 0) await sql(keepNumbers, [keys], 'hss_keep_numbers');
}

/** The hashes as stored, by subscription key. */
async function loadKeyHashes(sql: Sql, keys: readonly number[]): Promise<Map<number, KeyHashes>> {
  const hashes = new Map<number, Map<string, string>>();
  if (keys.length === 0) return hashes;
  const rows = await sql<[number, string, string]>(findHashes, [keys], 'hss_find_key_hashes');
  for (const [key, identity, hash] of rows) {
    const ofKey = hashes.get(key) ?? new Map<string, string>();
    hashes.set(key, ofKey.set(identity, withoutDashes(hash)));
  }
  return hashes;
}

/** Highest number known of each of these keys, by hash. */
async function findSequenceNumbers(
  sql: Sql,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const highest = new Map<string, number>();
  if (hashes.length === 0) return highest;
  const rows = await sql<[string, number]>(
    findNumbers,
    [[...new Set(hashes)], maxHoldersCount],
    'hss_find_numbers',
  );
  for (const [uuid, number] of rows) {
    const hash = withoutDashes(uuid);
    highest.set(hash, Math.max(highest.get(hash) ?? 0, number));
  }
  return highest;
}

/** Pairs of private identity and K that are in `these` and not in `those`. */
function pairsBeside(these: KeyHashes, those: KeyHashes): (readonly [string, string])[] {
  return [...these].filter(([identity, hash]) => those.get(identity) !== hash);
}

/** What is about to be written. */
export interface WrittenEntry {
  readonly document: SubscriptionDocument;
  readonly subscription: Subscription;
  /** The subscription that it replaces, whose rows the transaction has locked and not changed yet. */
  readonly stored: { readonly key: number } | undefined;
}

export interface NumbersOfKeys {
  readonly hashes: KeyHashes;
  /** By private identity: the highest number that its K is known to have given, where K is new to it. */
  readonly known: ReadonlyMap<string, number>;
}

/**
 * Keeps the numbers of keys that these entries give up, and finds those of keys that they take, also from
 * each other.
 */
export async function takeOverNumbers(
  sql: Sql,
  entries: readonly WrittenEntry[],
  hash: HashOfK,
): Promise<NumbersOfKeys[]> {
  const before = await loadKeyHashes(
    sql,
    entries.flatMap(({ stored }) => (stored === undefined ? [] : [stored.key])),
  );
  const keyed = entries.map(({ document, subscription, stored }) => {
    const old = (stored === undefined ? undefined : before.get(stored.key)) ?? noKeyHashes;
    const hashes = keyHashesOf(document, subscription.privateIdentities, old, hash);
    return { stored, old, hashes, gained: pairsBeside(hashes, old) };
  });
  await keepSequenceNumbers(
    sql,
    keyed.flatMap(({ stored, old, hashes }) =>
      stored !== undefined && pairsBeside(old, hashes).length > 0 ? [stored.key] : [],
    ),
  );
  const highest = await findSequenceNumbers(
    sql,
    keyed.flatMap(({ gained }) => gained.map(([, text]) => text)),
  );
  return keyed.map(({ hashes, gained }) => ({
    hashes,
    known: new Map(
      gained.flatMap(([identity, text]) => {
        const number = highest.get(text);
        return number === undefined ? [] : [[identity, number] as const];
      }),
    ),
  }));
}
