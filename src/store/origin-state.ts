/**
 * Origin-State-Id [6733-8.16]: a value that rises when a node restarts with loss of state. The state of an HSS
 * is its database, so the value is kept there: a restart does not change it, a new database has a higher one.
 */
import type { Client } from 'pg';
import { connectToPrimary } from './servers';

const connectTimeoutMs = 5_000;

/** @throws Error where the database cannot be reached */
export async function readOriginStateId(databaseUrl: string): Promise<number> {
  const client: Client = await connectToPrimary(databaseUrl, {
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'hss-start',
  });
  try {
    const { rows } = await client.query<{ id: string }>(
      'select origin_state_id::text as id from shared_state',
    );
    const id = Number(rows[0]?.id);
    if (!Number.isSafeInteger(id)) throw new Error('shared_state has no row: the database is damaged');
    return id;
  } finally {
    await client.end();
  }
}
