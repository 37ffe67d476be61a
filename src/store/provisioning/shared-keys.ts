/**
 * Tells of a K that another subscription has, too: two USIMs with one K can answer for each other. Hashes of K are compared
 * (src/authentication/key-hash.ts), never keys.
 */
import type { ProvisioningWarning } from '../../subscriber/provisioning-warnings';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import type { Sql } from './pool';
import type { WriteOutcome } from './write';

/** $1: ids. One other holder of each K is enough to say so, however many there are. */
const findOtherHolders = `
  select s.id, p.position, h.id from ims_subscription s
  join private_identity p on p.subscription_key = s.subscription_key and p.aka_k_hash is not null
  cross join lateral (
    select o.subscription_key from private_identity o
    where o.aka_k_hash = p.aka_k_hash and o.subscription_key <> p.subscription_key limit 1) o
  join ims_subscription h on h.subscription_key = o.subscription_key
  where s.id = any ($1::text[]) order by s.id, p.position`;

const isStored = (
  outcome: WriteOutcome | undefined,
): outcome is Extract<WriteOutcome, { kind: 'created' | 'replaced' | 'unchanged' }> =>
  typeof outcome === 'object' &&
  (outcome.kind === 'created' || outcome.kind === 'replaced' || outcome.kind === 'unchanged');

const hasKey = ({ privateIdentities }: SubscriptionDocument): boolean =>
  privateIdentities.some(({ authentication }) => authentication.aka !== undefined);

/** The outcomes with the doubts about keys, in the transaction that wrote the documents. */
export async function withSharedKeys(
  sql: Sql,
  documents: readonly SubscriptionDocument[],
  outcomes: readonly WriteOutcome[],
): Promise<WriteOutcome[]> {
  const asked = documents.filter((document, i) => isStored(outcomes[i]) && hasKey(document));
  if (asked.length === 0) return [...outcomes];
  const rows = await sql<[string, number, string]>(
    findOtherHolders,
    [asked.map(({ id }) => id)],
    'hss_find_other_holders',
  );
  const warnings = new Map<string, ProvisioningWarning[]>();
  for (const [id, position, other] of rows) {
    const ofDocument = warnings.get(id) ?? [];
    warnings.set(id, ofDocument);
    ofDocument.push({
      pointer: `/privateIdentities/${position}/authentication/aka/k`,
      detail: `is the K of a private identity in subscription ${other}, too`,
    });
  }
  return outcomes.map((outcome, i) => {
    const ofDocument = warnings.get(documents[i]?.id ?? '');
    return ofDocument === undefined || !isStored(outcome) ? outcome : { ...outcome, warnings: ofDocument };
  });
}
