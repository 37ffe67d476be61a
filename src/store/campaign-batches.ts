/** The subscriptions of one batch of a campaign: users of a shared set, or a step through all head rows. */
import type { Campaign } from '../state/campaigns';
import type { Sql } from '../state/database';
import type { HeadColumns } from '../state/head-row';
import type { SharedKind } from '../subscriber/provisioning';

/** Keys of subscriptions that may use the set $1. */
const users: Readonly<Record<SharedKind, string>> = {
  serviceProfiles:
    'select subscription_key from public_identity where service_profile = $1 and service_profile_is_shared',
  ifcSets: `select subscription_key from service_profile where shared_ifc_sets @> array[$1] and shared_ifc_sets <> '{}'
    union select p.subscription_key from shared_service_profile f join public_identity p on p.service_profile = f.name and p.service_profile_is_shared where f.shared_ifc_sets @> array[$1]`,
  capabilitySets: `select subscription_key from ims_subscription where capability_set = $1
    union select subscription_key from service_profile where capability_set = $1
    union select p.subscription_key from shared_service_profile f join public_identity p on p.service_profile = f.name and p.service_profile_is_shared where f.capability_set = $1`,
  chargingSets: 'select subscription_key from ims_subscription where charging_set = $1',
  epsProfiles: 'select subscription_key from usim where eps_profile = $1',
};

const sharedProfiles: Readonly<Record<SharedKind, string | null>> = {
  serviceProfiles: 'select $1::text',
  ifcSets: 'select name from shared_service_profile where shared_ifc_sets @> array[$1]',
  capabilitySets: 'select name from shared_service_profile where capability_set = $1',
  chargingSets: null,
  epsProfiles: null,
};

export const isShared = (kind: string): kind is SharedKind => Object.hasOwn(users, kind);

/** Head rows that are looked at in one step of a walk through all of them: some ten milliseconds. */
const WALK_COUNT = 5_000;

/** Subscriptions of one batch, their head rows locked. */
export interface Batch {
  readonly rows: readonly Row[];
  /** Up to here the campaign is done. */
  readonly lastKey: number;
  readonly isLast: boolean;
}

export type Row = [key: number, image: string, watchers: number, ...HeadColumns];

/** Users of the set $1 that a campaign may concern. */
export const usersAmong = (kind: SharedKind, concerned: string): string =>
  `subscription_state r where ${concerned} and r.subscription_key in (${users[kind]})`;

export async function usersBatch(
  sql: Sql,
  among: string,
  columns: string,
  name: string,
  lastKey: number,
  batchCount: number,
): Promise<Batch> {
  const rows = await sql<Row>(
    `
    select r.subscription_key, m.image, ${columns}
    from (select r.subscription_key from ${among} and r.subscription_key > $2 order by r.subscription_key limit $3) k
    join subscription_state r using (subscription_key) join subscription_image m using (subscription_key)
    order by r.subscription_key for update of r`,
    [name, lastKey, batchCount],
  );
  return { rows, lastKey: rows[rows.length - 1]?.[0] ?? lastKey, isLast: rows.length < batchCount };
}

/** A step through all head rows: no index finds those concerned, it would cost every commit more. */
export async function walkBatch(
  sql: Sql,
  { name, action }: Campaign,
  concerned: string,
  columns: string,
  lastKey: number,
  batchCount: number,
): Promise<Batch> {
  const [walked] = await sql<[number | null, number]>(
    `select max(subscription_key), count(*) from (
      select subscription_key from subscription_state where subscription_key > $1 order by subscription_key limit $2) w`,
    [lastKey, WALK_COUNT],
    'hss_campaign_walk',
  );
  const [end, walkedCount] = walked ?? [null, 0];
  if (end === null) return { rows: [], lastKey, isLast: true };
  const rows = await sql<Row>(
    `select r.subscription_key, m.image, ${columns}
    from subscription_state r join subscription_image m using (subscription_key)
    where r.subscription_key > $2 and r.subscription_key <= $3 and ${concerned}
    order by r.subscription_key limit $4 for update of r`,
    [name, lastKey, end, batchCount],
    `hss_campaign_walk_${action}`,
  );
  const isFull = rows.length === batchCount;
  return {
    rows,
    lastKey: isFull ? (rows[rows.length - 1]?.[0] ?? end) : end,
    isLast: !isFull && walkedCount < WALK_COUNT,
  };
}

export async function profilesThatUse(sql: Sql, kind: string, name: string): Promise<ReadonlySet<string>> {
  const text = isShared(kind) ? sharedProfiles[kind] : null;
  const rows = text === null ? [] : await sql<[string]>(text, [name]);
  return new Set(rows.map(([profile]) => profile));
}
