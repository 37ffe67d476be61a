/**
 * Changes of shared data on their way to every registered set that they touch: a campaign goes through the
 * subscriptions that use the set in bounded batches, each one transaction, at a rate that holds over all
 * instances. What a killed instance left goes on where it stopped.
 */
import type { CampaignView, FanOutOptions } from '../domain/outbox';
import type { SharedKind } from '../domain/ports';
import { sharedTriggers, type CampaignAction } from '../domain/shared-triggers';
import { outboxInsert, outboxValues, type KeyedEntry } from './outbox-rows';
import type { ProvisioningPool, Sql } from './provisioning/pool';
import { statusFromColumns, type StatusColumns } from './status-row';
import { parseImage } from './subscription-cache';

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
};

const sharedProfiles: Readonly<Record<SharedKind, string | null>> = {
  serviceProfiles: 'select $1::text',
  ifcSets: 'select name from shared_service_profile where shared_ifc_sets @> array[$1]',
  capabilitySets: 'select name from shared_service_profile where capability_set = $1',
  chargingSets: null,
};

/** Those of them that are registered or unregistered somewhere. */
const registered = (kind: SharedKind): string =>
  `registration_state r where r.registered_sets + r.unregistered_sets > 0 and r.subscription_key in (${users[kind]})`;

type Row = [
  key: number,
  kind: SharedKind,
  name: string,
  action: CampaignAction,
  lastKey: number,
  total: number | null,
];

/**
 * Begins a campaign; an unfinished one for the same set ends, because the new one starts from the first and
 * content is of the moment.
 */
export async function beginCampaign(
  sql: Sql,
  kind: SharedKind,
  name: string,
  action: CampaignAction,
): Promise<void> {
  await sql(
    'update shared_push_campaign set completed_at = now(), superseded = true where kind = $1 and name = $2 and action = $3 and completed_at is null',
    [kind, name, action],
  );
  await sql('insert into shared_push_campaign (kind, name, action) values ($1, $2, $3)', [
    kind,
    name,
    action,
  ]);
}

/**
 * One batch of the oldest campaign whose time has come; one that came late is made up for, within a second.
 * @returns whether there was one
 */
export function fanOut(pool: ProvisioningPool, { perSecond, batchCount }: FanOutOptions): Promise<boolean> {
  return pool.transaction(async (sql) => {
    const [campaign] = await sql<Row>(
      `select campaign_key, kind, name, action, last_key, total_count from shared_push_campaign
      where completed_at is null and next_batch_at <= now() order by campaign_key limit 1 for update skip locked`,
      [],
      'hss_campaign',
    );
    if (campaign === undefined) return false;
    const [campaignKey, kind, name, action, lastKey, total] = campaign;
    const [counted] =
      total !== null ? [[total]] : await sql<[number]>(`select count(*) from ${registered(kind)}`, [name]);
    const rows = await sql<[number, string, ...StatusColumns]>(
      `
      select r.subscription_key, m.image, r.version, r.scscf_name, r.scscf_diameter_host, r.scscf_diameter_realm, r.reassignment_pending, r.sets::text, r.sequence_numbers::text
      from (select r.subscription_key from ${registered(kind)} and r.subscription_key > $2 order by r.subscription_key limit $3) k
      join registration_state r using (subscription_key) join subscription_image m using (subscription_key)
      order by r.subscription_key for update of r`,
      [name, lastKey, batchCount],
    );
    const profileQuery = sharedProfiles[kind];
    const profiles = profileQuery === null ? [] : await sql<[string]>(profileQuery, [name]);
    const change = { kind, name, action, sharedProfiles: new Set(profiles.map(([profile]) => profile)) };
    const entries = rows.flatMap(([key, image, ...columns]): KeyedEntry[] =>
      sharedTriggers(change, parseImage(image), statusFromColumns(columns)).map((entry) => ({ key, entry })),
    );
    if (entries.length > 0) await sql(outboxInsert, outboxValues(entries), 'hss_outbox_insert');
    await sql(
      `update shared_push_campaign set last_key = $2, total_count = $3, done_count = done_count + $4, written_count = written_count + $5,
        next_batch_at = greatest(next_batch_at, now() - interval '1 second') + $6 * interval '1 millisecond', completed_at = case when $7 then now() end
      where campaign_key = $1`,
      [
        campaignKey,
        rows[rows.length - 1]?.[0] ?? lastKey,
        counted?.[0] ?? 0,
        rows.length,
        entries.length,
        (rows.length * 1_000) / perSecond,
        rows.length < batchCount,
      ],
      'hss_campaign_step',
    );
    return true;
  });
}

type ViewRow = [
  number,
  SharedKind,
  string,
  CampaignAction,
  string,
  number | null,
  number,
  number,
  string | null,
  boolean,
];

/** The newest ones first. */
export async function campaigns(pool: ProvisioningPool, limit: number): Promise<CampaignView[]> {
  const rows = await pool.use((sql) =>
    sql<ViewRow>(
      `select campaign_key, kind, name, action, extract(epoch from created_at)::float8::text, total_count, done_count, written_count,
    extract(epoch from completed_at)::float8::text, superseded from shared_push_campaign order by campaign_key desc limit $1`,
      [limit],
    ),
  );
  return rows.map(
    ([id, kind, name, action, created, totalCount, doneCount, writtenCount, completed, superseded]) => ({
      id,
      kind,
      name,
      action,
      createdAtMs: Math.round(Number(created) * 1_000),
      totalCount,
      doneCount,
      writtenCount,
      completedAtMs: completed === null ? null : Math.round(Number(completed) * 1_000),
      superseded,
    }),
  );
}
