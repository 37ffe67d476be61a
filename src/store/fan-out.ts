/**
 * Campaigns: a change of shared data on its way to every registered set that it touches, or an S-CSCF that is
 * forgotten (forget-server.ts). A campaign goes through subscriptions in bounded batches, each one transaction.
 * The rate holds over all campaigns and instances: whoever does a batch holds the one row of
 * shared_campaign_pace. Campaigns take turns. What a killed instance left goes on where it stopped.
 */
import type { CampaignView, FanOutOptions } from '../outbox/ports';
import type { CampaignAction, CampaignKind } from '../apps/cx/outgoing/campaigns';
import type { SharedKind } from '../state/ports';
import { sharedTriggers, type SharedAction } from '../apps/cx/outgoing/shared-triggers';
import { forgetBatch, type CampaignStep } from './forget-server';
import { millis, ofOne, writeEntries } from './outbox-rows';
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
  `subscription_state r where r.registered_sets + r.unregistered_sets > 0 and r.subscription_key in (${users[kind]})`;

type Row = [
  key: number,
  kind: CampaignKind,
  name: string,
  action: CampaignAction,
  lastKey: number,
  total: number | null,
  createdAt: string,
];

/**
 * Begins a campaign; an unfinished one for the same set ends, because the new one starts from the first and
 * content is of the moment.
 */
export async function beginCampaign(
  sql: Sql,
  kind: SharedKind,
  name: string,
  action: SharedAction,
): Promise<void> {
  sql.wroteOutbox();
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

/** Locks the pace where its time has come and there is a campaign. */
const takePace = `
  select 1 from shared_campaign_pace p
  where p.next_batch_at <= now() and exists (select 1 from shared_push_campaign c where c.completed_at is null)
  for update of p skip locked`;

/** The one whose last batch is the longest ago. */
const nextCampaign = `
  select campaign_key, kind, name, action, last_key, total_count, created_at::text from shared_push_campaign
  where completed_at is null order by next_batch_at, campaign_key limit 1 for update`;

/**
 * One batch of the next campaign, where the time for a batch has come; one that came late is made up for,
 * within a second.
 * @returns whether there was one
 */
export function fanOut(pool: ProvisioningPool, { perSecond, batchCount }: FanOutOptions): Promise<boolean> {
  return pool.transaction(async (sql) => {
    if ((await sql(takePace, [], 'hss_campaign_pace')).length === 0) return false;
    const [campaign] = await sql<Row>(nextCampaign, [], 'hss_campaign');
    if (campaign === undefined) return false;
    const [campaignKey, kind, name, action, lastKey, total, createdAt] = campaign;
    const step =
      kind === 'scscf'
        ? await forgetBatch(sql, name, lastKey, batchCount)
        : await sharedBatch(sql, { kind, name, action: action as SharedAction }, lastKey, batchCount);
    const [counted] =
      total !== null || kind === 'scscf'
        ? [[total ?? 0]]
        : await sql<[number]>(`select count(*) from ${registered(kind)}`, [name]);
    await sql(
      `update shared_push_campaign set last_key = $2, total_count = $3, done_count = done_count + $4, written_count = written_count + $5,
        next_batch_at = now(), completed_at = case when $6 then now() end
      where campaign_key = $1`,
      [campaignKey, step.lastKey, counted?.[0] ?? 0, step.doneCount, step.writtenCount, step.isLast],
      'hss_campaign_step',
    );
    await sql(
      "update shared_campaign_pace set next_batch_at = greatest(next_batch_at, now() - interval '1 second', $2::timestamptz) + $1 * interval '1 millisecond'",
      [(step.doneCount * 1_000) / perSecond, createdAt],
      'hss_campaign_paced',
    );
    return true;
  });
}

/** One batch of the subscriptions that use a shared set. */
async function sharedBatch(
  sql: Sql,
  { kind, name, action }: { readonly kind: SharedKind; readonly name: string; readonly action: SharedAction },
  lastKey: number,
  batchCount: number,
): Promise<CampaignStep> {
  const rows = await sql<[number, string, ...StatusColumns]>(
    `
    select r.subscription_key, m.image, r.version, r.scscf_name, r.scscf_diameter_host, r.scscf_diameter_realm, r.reassignment_pending, r.sets::text
    from (select r.subscription_key from ${registered(kind)} and r.subscription_key > $2 order by r.subscription_key limit $3) k
    join subscription_state r using (subscription_key) join subscription_image m using (subscription_key)
    order by r.subscription_key for update of r`,
    [name, lastKey, batchCount],
  );
  const profileQuery = sharedProfiles[kind];
  const profiles = profileQuery === null ? [] : await sql<[string]>(profileQuery, [name]);
  const change = { kind, name, action, sharedProfiles: new Set(profiles.map(([profile]) => profile)) };
  const entries = rows.flatMap(([key, image, ...columns]) =>
    ofOne(key, sharedTriggers(change, parseImage(image), statusFromColumns(columns))),
  );
  await writeEntries(sql, entries);
  return {
    doneCount: rows.length,
    writtenCount: entries.length,
    lastKey: rows[rows.length - 1]?.[0] ?? lastKey,
    isLast: rows.length < batchCount,
  };
}

type ViewRow = [
  number,
  CampaignKind,
  string,
  CampaignAction,
  string,
  number | null,
  number,
  number,
  string | null,
  boolean,
];

const view = `select campaign_key, kind, name, action, extract(epoch from created_at)::float8::text, total_count, done_count, written_count,
    extract(epoch from completed_at)::float8::text, superseded from shared_push_campaign`;

function viewed([
  id,
  kind,
  name,
  action,
  created,
  totalCount,
  doneCount,
  writtenCount,
  completed,
  superseded,
]: ViewRow): CampaignView {
  return {
    id,
    kind,
    name,
    action,
    createdAtMs: millis(created),
    totalCount,
    doneCount,
    writtenCount,
    completedAtMs: completed === null ? null : millis(completed),
    superseded,
  };
}

/** The newest ones first. */
export async function campaigns(pool: ProvisioningPool, limit: number): Promise<CampaignView[]> {
  const rows = await pool.use((sql) => sql<ViewRow>(`${view} order by campaign_key desc limit $1`, [limit]));
  return rows.map(viewed);
}

export async function campaign(pool: ProvisioningPool, id: number): Promise<CampaignView | null> {
  const [row] = await pool.use((sql) => sql<ViewRow>(`${view} where campaign_key = $1`, [id]));
  return row === undefined ? null : viewed(row);
}
