/** The MMEs and SGSNs that subscribers are registered at. Reads the whole table: no index finds a node. */
import type { Database } from '../../../state/database';

export interface Destination {
  readonly host: string;
  readonly realm: string;
}

export interface Destinations {
  /**
   * Each once, in any case of its name; a combined node is one. `userIds`: only nodes of IMSIs that begin so.
   * @throws StoreUnavailableError
   */
  list(userIds: readonly string[] | null): Promise<readonly Destination[]>;
}

const statement = `
  select distinct on (lower(node ->> 'host')) node ->> 'host', node ->> 'realm'
  from serving_nodes s
  cross join lateral json_array_elements(s.nodes) as e (entry)
  cross join lateral (values (e.entry -> 'mme'), (e.entry -> 'sgsn')) as n (node)
  where n.node is not null and ($1::text[] is null or exists (
    select 1 from unnest($1::text[]) as u (digits) where starts_with(e.entry ->> 'imsi', u.digits)))
  order by lower(node ->> 'host')`;

export const createDestinations = (database: Database): Destinations => ({
  list: (userIds) =>
    database.use(async (sql) => {
      const rows = await sql<[string, string]>(statement, [userIds]);
      return rows.map(([host, realm]) => ({ host, realm }));
    }),
});
