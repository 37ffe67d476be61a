/**
 * Which keys the documents have that are about to be written, and how high their counters have to be at least
 * (raise-counters.ts).
 */
import type { HashOfK } from '../../authentication/key-hash';
import { privateIdentityKey } from '../../subscriber/private-identity';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { credentialsOf, keyHashesOf, noKeyHashes, type KeyHashes } from './key-hashes';
import type { Sql } from '../../state/database';

/** $1: keys of subscriptions. The hashes of their keys by holder, and numbers of private identities without a hash. */
const findStored = `
  select subscription_key, identity, aka_k_hash::text, null::bigint from private_identity
  where subscription_key = any ($1::bigint[]) and aka_k_hash is not null and usim_imsi is null
  union all
  select subscription_key, imsi, aka_k_hash::text, null from usim where subscription_key = any ($1::bigint[])
  union all
  select subscription_key, identity_key, null, sequence_number from unhashed_sequence_number
  where subscription_key = any ($1::bigint[])`;

/** $1: keys of subscriptions, $2: private identities as they are compared. */
const deleteUnhashed = `
  delete from unhashed_sequence_number u using unnest($1::bigint[], $2::text[]) as i (key, identity_key)
  where u.subscription_key = i.key and u.identity_key = i.identity_key`;

const withoutDashes = (uuid: string): string => uuid.replaceAll('-', '');

interface StoredKeys {
  readonly hashes: Map<string, string>;
  /** By private identity as it is compared: the highest number that its K, which has no hash, is known to have given. */
  readonly unhashed: Map<string, number>;
}

async function loadStoredKeys(sql: Sql, keys: readonly number[]): Promise<Map<number, StoredKeys>> {
  const found = new Map<number, StoredKeys>();
  if (keys.length === 0) return found;
  const rows = await sql<[number, string, string | null, number | null]>(
    findStored,
    [keys],
    'hss_find_key_hashes',
  );
  for (const [key, holder, hash, number] of rows) {
    const ofKey = found.get(key) ?? {
      hashes: new Map<string, string>(),
      unhashed: new Map<string, number>(),
    };
    found.set(key, ofKey);
    if (hash !== null) ofKey.hashes.set(holder, withoutDashes(hash));
    else if (number !== null) ofKey.unhashed.set(holder, number);
  }
  return found;
}

/** What is about to be written. */
export interface WrittenEntry {
  readonly document: SubscriptionDocument;
  /** The subscription that it replaces, whose rows the transaction has locked and not changed yet. */
  readonly stored: { readonly key: number } | undefined;
}

/** The keys of one document. */
export interface DocumentKeys {
  readonly hashes: KeyHashes;
  /** For each K of the document the number that its counter has at least. */
  readonly numbers: readonly (readonly [hash: string, number: number])[];
}

/** Which K each credential of these entries is. Numbers that had no hash go over to the K that is given now. */
export async function keysOf(
  sql: Sql,
  entries: readonly WrittenEntry[],
  hash: HashOfK,
): Promise<DocumentKeys[]> {
  const before = await loadStoredKeys(
    sql,
    entries.flatMap(({ stored }) => (stored === undefined ? [] : [stored.key])),
  );
  const takenOver: (readonly [key: number, identityKey: string])[] = [];
  const keys = entries.map(({ document, stored }): DocumentKeys => {
    const old = stored === undefined ? undefined : before.get(stored.key);
    const hashes = keyHashesOf(document, old?.hashes ?? noKeyHashes, hash);
    const numbers = credentialsOf(document).flatMap(({ holder, sqn = 0 }) => {
      const text = hashes.get(holder);
      if (text === undefined) return [];
      const name = privateIdentityKey(holder);
      const unhashed = old?.unhashed.get(name);
      if (unhashed !== undefined && stored !== undefined) takenOver.push([stored.key, name]);
      return [[text, Math.max(sqn, unhashed ?? 0)] as const];
    });
    return { hashes, numbers };
  });
  if (takenOver.length > 0)
    await sql(
      deleteUnhashed,
      [takenOver.map(([key]) => key), takenOver.map(([, name]) => name)],
      'hss_delete_unhashed',
    );
  return keys;
}
