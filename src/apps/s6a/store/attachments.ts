/**
 * Where subscribers are attached, as operators ask for it: of one subscription, page by page, and counted. The nodes
 * of a subscription are one JSON, so what asks by node reads all of them.
 */
import { rarely } from '../../../shared/rarely';
import type { Page } from '../../../shared/page';
import type { Database, Sql } from '../../../state/database';
import type { NodeKind, ServingNodesByImsi } from '../state/serving-nodes';

/** What is kept of the IMSIs of one subscription. */
export interface Attachments {
  readonly id: string;
  readonly nodes: ServingNodesByImsi;
}

/** A node with the IMSIs that are registered there. */
export interface AttachedNode {
  readonly kind: NodeKind;
  readonly host: string;
  readonly realm: string;
  readonly imsiCount: number;
  /** Of them, those that the node purged. */
  readonly purgedCount: number;
}

/** IMSIs by kind of node; those that are purged are not attached. */
export interface AttachmentCounts {
  readonly attached: Readonly<Record<NodeKind, number>>;
  readonly purged: Readonly<Record<NodeKind, number>>;
}

/** All throw StoreUnavailableError. */
export interface AttachmentStore {
  /** Empty where nobody of the subscription was ever attached. */
  nodesOf(id: string): Promise<ServingNodesByImsi>;
  /** Subscriptions with an IMSI at a node, or at this one; in the order of their creation. */
  list(host: string | null, cursor: string | null, limit: number): Promise<Page<Attachments>>;
  /** The one with the most IMSIs first. */
  nodes(limit: number): Promise<readonly AttachedNode[]>;
  /** Recent figures. */
  counts(): Promise<AttachmentCounts>;
}

export const createAttachmentStore = (database: Database): AttachmentStore => ({
  nodesOf: (id) => nodesOf(database, id),
  list: (host, cursor, limit) => list(database, host, cursor, limit),
  nodes: (limit) => nodes(database, limit),
  counts: rarely(() => counts(database)),
});

const parsed = (json: string): ServingNodesByImsi => JSON.parse(json) as ServingNodesByImsi;

async function nodesOf(database: Database, id: string): Promise<ServingNodesByImsi> {
  if (id.includes('\0')) return [];
  const [row] = await database.use((sql) =>
    sql<[string]>(
      'select n.nodes::text from serving_nodes n join ims_subscription s using (subscription_key) where s.id = $1',
      [id],
    ),
  );
  return row === undefined ? [] : parsed(row[0]);
}

const encoded = (key: number): string => Buffer.from(String(key), 'latin1').toString('base64url');
const decoded = (cursor: string | null): number =>
  cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('latin1'));

/** Each node of each IMSI as kind and JSON. */
const eachNode = `
  json_array_elements(n.nodes) e cross join lateral (values ('mme', e->'mme'), ('sgsn', e->'sgsn')) v (kind, node)`;

async function list(
  database: Database,
  host: string | null,
  cursor: string | null,
  limit: number,
): Promise<Page<Attachments>> {
  const after = decoded(cursor);
  if (!Number.isSafeInteger(after)) return { items: [], nextCursor: null };
  const rows = await database.use((sql) =>
    sql<[number, string, string]>(
      `
    select n.subscription_key, s.id, n.nodes::text from serving_nodes n join ims_subscription s using (subscription_key)
    where n.subscription_key > $1 and exists (
      select from ${eachNode} where v.node is not null and ($2::text is null or lower(v.node->>'host') = lower($2)))
    order by n.subscription_key limit $3`,
      [after, host, limit + 1],
    ),
  );
  const page = rows.slice(0, limit);
  return {
    items: page.map(([, id, json]) => ({ id, nodes: parsed(json) })),
    nextCursor: rows.length > limit ? encoded(page[page.length - 1]?.[0] ?? 0) : null,
  };
}

/** Reading everything, which the store's connections do not do by themselves. */
const scan = <Row extends unknown[]>(
  database: Database,
  text: string,
  values: unknown[],
): Promise<readonly Row[]> =>
  database.transaction(async (sql: Sql) => {
    await sql('set local enable_seqscan = on', []);
    return sql<Row>(text, values);
  });

const isPurged = `(v.node->>'isPurged')::boolean`;

async function nodes(database: Database, limit: number): Promise<readonly AttachedNode[]> {
  const rows = await scan<[NodeKind, string, string, number, number]>(
    database,
    `
    select v.kind, min(v.node->>'host'), min(v.node->>'realm'), count(*), count(*) filter (where ${isPurged})
    from serving_nodes n cross join lateral ${eachNode} where v.node is not null
    group by v.kind, lower(v.node->>'host') order by count(*) desc, 2, 1 limit $1`,
    [limit],
  );
  return rows.map(([kind, host, realm, imsiCount, purgedCount]) => ({
    kind,
    host,
    realm,
    imsiCount,
    purgedCount,
  }));
}

async function counts(database: Database): Promise<AttachmentCounts> {
  const rows = await scan<[NodeKind, number, number]>(
    database,
    `
    select v.kind, count(*) filter (where not ${isPurged}), count(*) filter (where ${isPurged})
    from serving_nodes n cross join lateral ${eachNode} where v.node is not null group by v.kind`,
    [],
  );
  const attached = { mme: 0, sgsn: 0 };
  const purged = { mme: 0, sgsn: 0 };
  for (const [kind, attachedCount, purgedCount] of rows) {
    attached[kind] = attachedCount;
    purged[kind] = purgedCount;
  }
  return { attached, purged };
}
