/**
 * Numbered SQL migrations (migrations/*.sql) through node-pg-migrate: each once, in one transaction, under an
 * advisory lock, so that any number of instances may start at once. Migrations only go forward.
 */
import type { Client } from 'pg';
import type { Logger } from '../shared/logger';
import { productVersion } from '../shared/version';
import { appliedMigrations, holdSchema, knownMigrations, migrationsFolder, migrationsTable } from './schema';
import { connectToPrimary } from './servers';

const connectTimeoutMs = 5_000;

async function connected<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectToPrimary(databaseUrl, {
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'hss-migrate',
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function pendingOf(client: Client): Promise<string[]> {
  const done = await appliedMigrations(client);
  return knownMigrations().filter((name) => !done.has(name));
}

/**
 * Migrations that the database does not have yet, in order. @throws UnfitDatabaseError where a newer build
 * has changed it, Error where it cannot be reached
 */
export function pendingMigrations(databaseUrl: string): Promise<string[]> {
  return connected(databaseUrl, pendingOf);
}

/**
 * Applies what is pending and returns the names; sessions of builds that run on the older schema are ended
 * for it. @throws UnfitDatabaseError where a newer build has changed the schema, Error where a migration
 * fails (it is rolled back) or the database cannot be reached
 */
export function migrate(databaseUrl: string, logger: Logger): Promise<string[]> {
  return connected(databaseUrl, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    if ((rows[0]?.version ?? 0) < 140_000) throw new Error('PostgreSQL 14 or newer is needed');
    const done = await holdSchema(
      client,
      async () => (await pendingOf(client)).length > 0,
      () => apply(client, logger),
    );
    for (const name of done ?? [])
      logger.info({ migration: name, build: productVersion }, 'migration applied');
    return done ?? [];
  });
}

async function apply(client: Client, logger: Logger): Promise<string[]> {
  // node-pg-migrate is published as an ES module only.
  const { runner } = await import('node-pg-migrate');
  const lines = {
    debug: (message: string) => logger.debug({}, message),
    info: (message: string) => logger.debug({}, message),
    warn: (message: string) => logger.warn({}, message),
    error: (message: string) => logger.error({}, message),
  };
  // Goes into the column "build" of each migration that is applied now.
  await client.query("select set_config('hss.build', $1, false)", [productVersion]);
  const done = await runner({
    dbClient: client,
    dir: migrationsFolder(),
    migrationsTable,
    direction: 'up',
    singleTransaction: true,
    checkOrder: true,
    advisoryLockMode: 'wait',
    logger: lines,
  });
  return done.map(({ name }) => name);
}
