/** Campaigns as operators see them. */
import type { CampaignView } from '../outbox/ports';
import { millis } from './outbox-rows';
import type { ProvisioningPool } from './provisioning/pool';

type ViewRow = [
  number,
  string,
  string,
  string,
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
