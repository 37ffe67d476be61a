/** S-CSCFs as the subscriptions name them. Reads whole tables: no index finds an S-CSCF name. */
import type { CampaignOrders } from '../../../state/campaigns';
import type { Database } from '../../../state/database';
import type { AssignedServers, AssignedServerView } from '../outgoing/campaigns';

export const createAssignedServers = (database: Database, orders: CampaignOrders): AssignedServers => ({
  list: (limit) => listServers(database, limit),
  forget: (name) => orders.begin({ kind: 'scscf', name, action: 'forget' }),
});

function listServers(database: Database, limit: number): Promise<AssignedServerView[]> {
  return database.transaction(async (sql) => {
    await sql('set local enable_seqscan = on', []);
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
