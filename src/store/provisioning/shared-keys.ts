/**
 * Tells of a K that another subscription has, too: two USIMs with one K can answer for each other. Hashes of K are compared
 * (src/authentication/key-hash.ts), never keys.
 */
import type { ProvisioningWarning } from '../../subscriber/provisioning-warnings';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { credentialsOf } from './key-hashes';
import type { Sql } from '../../state/database';
import type { WriteOutcome } from './write';

/**
 * $1: ids. One holder of each K in another subscription is enough to say so, however many there are; an ISIM with
 * the K of the subscription's own USIM is right. Each table is asked by its own index: over a union of both,
 * PostgreSQL reads all of them.
 */
const findOtherHolders = `
  select s.id, p.list, p.position, o.list, h.id from ims_subscription s
  cross join lateral (
    select 'privateIdentities' as list, i.position, i.aka_k_hash from private_identity i
    where i.subscription_key = s.subscription_key and i.aka_k_hash is not null and i.usim_imsi is null
    union all
    select 'usims', u.position, u.aka_k_hash from usim u where u.subscription_key = s.subscription_key) p
  cross join lateral (
    (select 'privateIdentities' as list, i.subscription_key from private_identity i
      where i.aka_k_hash = p.aka_k_hash and i.usim_imsi is null and i.subscription_key <> s.subscription_key limit 1)
    union all
    (select 'usims', u.subscription_key from usim u
      where u.aka_k_hash = p.aka_k_hash and u.subscription_key <> s.subscription_key limit 1)
    limit 1) o
  join ims_subscription h on h.subscription_key = o.subscription_key
  where s.id = any ($1::text[]) order by s.id, p.list, p.position`;

type HolderList = 'privateIdentities' | 'usims';
const pointers: Readonly<Record<HolderList, string>> = {
  privateIdentities: '/authentication/aka/k',
  usims: '/aka/k',
};
const nouns: Readonly<Record<HolderList, string>> = {
  privateIdentities: 'a private identity',
  usims: 'a USIM',
};

const isStored = (
  outcome: WriteOutcome | undefined,
): outcome is Extract<WriteOutcome, { kind: 'created' | 'replaced' | 'unchanged' }> =>
  typeof outcome === 'object' &&
  (outcome.kind === 'created' || outcome.kind === 'replaced' || outcome.kind === 'unchanged');

const hasKey = (document: SubscriptionDocument): boolean => credentialsOf(document).length > 0;

/** The outcomes with the doubts about keys, in the transaction that wrote the documents. */
export async function withSharedKeys(
  sql: Sql,
  documents: readonly SubscriptionDocument[],
  outcomes: readonly WriteOutcome[],
): Promise<WriteOutcome[]> {
  const asked = documents.filter((document, i) => isStored(outcomes[i]) && hasKey(document));
  if (asked.length === 0) return [...outcomes];
  const rows = await sql<[string, HolderList, number, HolderList, string]>(
    findOtherHolders,
    [asked.map(({ id }) => id)],
    'hss_find_other_holders',
  );
  const warnings = new Map<string, ProvisioningWarning[]>();
  for (const [id, list, position, otherList, other] of rows) {
    const ofDocument = warnings.get(id) ?? [];
    warnings.set(id, ofDocument);
    ofDocument.push({
      pointer: `/${list}/${position}${pointers[list]}`,
      detail: `is the K of ${nouns[otherList]} in subscription ${other}, too`,
    });
  }
  return outcomes.map((outcome, i) => {
    const ofDocument = warnings.get(documents[i]?.id ?? '');
    return ofDocument === undefined || !isStored(outcome) ? outcome : { ...outcome, warnings: ofDocument };
  });
}
