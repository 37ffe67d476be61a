/**
 * S-CSCFs as the subscriptions name them, and the campaign that forgets one: it walks over the registration
 * states in the order of their keys, in bounded steps, and clears those with that S-CSCF name. Each gets an RTR
 * with SERVER_CHANGE, as the clause says for a new S-CSCF [29.228-6.1.3.1]; the state does not wait for it.
 *
 * No index finds an S-CSCF name: it would cost every registration more than this walk costs an operator.
 */
import type { AssignedServers, AssignedServerView } from '../apps/cx/outgoing/campaigns';
import { clearRegistration } from '../apps/cx/state/clear-registration';
import { wholeTerminationOf } from '../apps/cx/outgoing/push';
import { registration } from '../apps/cx/state/registration';
import type { UnitOfWork } from '../state/ports';
import { commitStatement } from './commit';
import { ofOne, writeEntries, type KeyedEntry } from './outbox-rows';
import type { ProvisioningPool, Sql } from './provisioning/pool';
import { statusFromColumns, type StatusColumns } from './status-row';
import { parseImage } from './subscription-cache';

/** Registration states looked at in one step: some ten milliseconds. */
const WALK_COUNT = 5_000;

/** For what reads the whole table. */
const scan = 'set local enable_seqscan = on';

/** `pool` is for statements that read whole tables. */
export const assignedServers = (pool: ProvisioningPool): AssignedServers => ({
  list: (limit) => listServers(pool, limit),
  forget: (name) => beginForgetting(pool, name),
});

function listServers(pool: ProvisioningPool, limit: number): Promise<AssignedServerView[]> {
  return pool.transaction(async (sql) => {
    await sql(scan, []);
    const rows = await sql<[string, string | null, string | null, number, number]>(
      `select scscf_name, scscf_diameter_host, scscf_diameter_realm, count(*), count(*) filter (where registered_sets + unregistered_sets > 0)
      from subscription_state where scscf_name is not null group by 1, 2, 3 order by 4 desc, 1, 2 limit $1`,
      [limit],
    );
    return rows.map(([name, diameterHost, diameterRealm, subscriptionCount, activeCount]) => ({
      name,
      diameterHost: diameterHost ?? '',
      diameterRealm: diameterRealm ?? '',
      subscriptionCount,
      activeCount,
    }));
  });
}

/** @returns the campaign's id, null where no subscription has the name; one that goes on is not begun again */
function beginForgetting(pool: ProvisioningPool, name: string): Promise<number | null> {
  if (name.includes('\0')) return Promise.resolve(null);
  return pool.transaction(async (sql) => {
    // Two operators at once make one campaign.
    await sql('select next_batch_at from shared_campaign_pace for update', []);
    const [open] = await sql<[number]>(
      "select campaign_key from shared_push_campaign where kind = 'scscf' and name = $1 and completed_at is null",
      [name],
    );
    if (open !== undefined) return open[0];
    await sql(scan, []);
    const [counted] = await sql<[number]>('select count(*) from subscription_state where scscf_name = $1', [
      name,
    ]);
    if (counted === undefined || counted[0] === 0) return null;
    sql.wroteOutbox();
    const [begun] = await sql<[number]>(
      "insert into shared_push_campaign (kind, name, action, total_count) values ('scscf', $1, 'forget', $2) returning campaign_key",
      [name, counted[0]],
    );
    return begun?.[0] ?? null;
  });
}

/** What one batch of a campaign did, in the transaction of it. */
export interface CampaignStep {
  readonly doneCount: number;
  readonly writtenCount: number;
  readonly lastKey: number;
  readonly isLast: boolean;
}

type Row = [number, string, ...StatusColumns];

/** One step of the walk, in the transaction of `sql`. */
export async function forgetBatch(
  sql: Sql,
  name: string,
  lastKey: number,
  batchCount: number,
): Promise<CampaignStep> {
  const [walked] = await sql<[number | null, number]>(
    `select max(subscription_key), count(*) from (
      select subscription_key from subscription_state where subscription_key > $1 order by subscription_key limit $2) w`,
    [lastKey, WALK_COUNT],
    'hss_forget_walk',
  );
  const [end, walkedCount] = walked ?? [null, 0];
  if (end === null) return { doneCount: 0, writtenCount: 0, lastKey, isLast: true };
  const rows = await sql<Row>(
    `select r.subscription_key, m.image, r.version, r.scscf_name, r.scscf_diameter_host, r.scscf_diameter_realm, r.reassignment_pending, r.sets::text
    from subscription_state r join subscription_image m using (subscription_key)
    where r.subscription_key > $1 and r.subscription_key <= $2 and r.scscf_name = $3
    order by r.subscription_key limit $4 for update of r`,
    [lastKey, end, name, batchCount],
    'hss_forget_rows',
  );
  const entries: KeyedEntry[] = [];
  const units = rows.map(([key, image, ...columns]): UnitOfWork => {
    const subscription = parseImage(image);
    const before = statusFromColumns(columns);
    const entry = wholeTerminationOf(subscription, before, 'manual', 'SERVER_CHANGE');
    if (entry !== null) entries.push(...ofOne(key, [entry]));
    const value = clearRegistration(subscription, before).status;
    return { key, version: before.version, head: { module: registration, value }, rows: [], outbox: [] };
  });
  if (units.length > 0) {
    const { name: statement, text, values } = commitStatement(units, { head: registration, loaded: [] });
    await sql(text, values, statement);
  }
  await writeEntries(sql, entries);
  const isFull = rows.length === batchCount;
  return {
    doneCount: rows.length,
    writtenCount: entries.length,
    lastKey: isFull ? (rows[rows.length - 1]?.[0] ?? end) : end,
    isLast: !isFull && walkedCount < WALK_COUNT,
  };
}
