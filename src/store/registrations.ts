/**
 * Who is registered or served unregistered, page by page: only those are read, in the order of their keys, by
 * an index (migrations/0006).
 */
import type { Page, RegisteredSubscription } from '../state/ports';
import { statusFromColumns, type StatusColumns } from './status-row';
import { parseImage } from './subscription-cache';
import type { ProvisioningPool } from './provisioning/pool';

/**
 * As the partial indexes have them; a set is in one state, so one condition suffices for those registered.
 */
const conditions = {
  any: 'r.registered_sets + r.unregistered_sets > 0',
  registered: 'r.registered_sets + r.unregistered_sets > 0 and r.registered_sets > 0',
  unregistered: 'r.unregistered_sets > 0',
} as const;

type Row = [key: number, image: string, ...StatusColumns];

const encoded = (key: number): string => Buffer.from(String(key), 'latin1').toString('base64url');
const decoded = (cursor: string | null): number =>
  cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('latin1'));

/** A cursor that is none of ours leads to an empty page. @throws StoreUnavailableError */
export async function listStatuses(
  pool: ProvisioningPool,
  state: 'registered' | 'unregistered' | null,
  cursor: string | null,
  limit: number,
): Promise<Page<RegisteredSubscription>> {
  const after = decoded(cursor);
  if (!Number.isSafeInteger(after)) return { items: [], nextCursor: null };
  const rows = await pool.use((sql) =>
    sql<Row>(
      `
    select k.subscription_key, m.image, r.version, r.scscf_name, r.scscf_diameter_host, r.scscf_diameter_realm, r.reassignment_pending, r.sets::text, r.sequence_numbers::text
    from (select r.subscription_key from subscription_state r where ${conditions[state ?? 'any']} and r.subscription_key > $1 order by r.subscription_key limit $2) k
    join subscription_state r using (subscription_key) join subscription_image m using (subscription_key) order by k.subscription_key`,
      [after, limit + 1],
      `hss_registrations_${state ?? 'any'}`,
    ),
  );
  const page = rows.slice(0, limit);
  return {
    items: page.map(([, image, ...columns]) => {
      const { id, implicitRegistrationSets, privateIdentities } = parseImage(image);
      return {
        id,
        implicitRegistrationSets,
        privateIdentities: privateIdentities.map(({ identity }) => ({ identity })),
        status: statusFromColumns(columns),
      };
    }),
    nextCursor: rows.length > limit ? encoded(page[page.length - 1]?.[0] ?? 0) : null,
  };
}
