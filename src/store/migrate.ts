/**
 * Numbered SQL migrations (migrations/*.sql) through node-pg-migrate: each once, in one transaction, under an
 * advisory lock, so that any number of instances may start at once. Migrations only go forward.
 */
import { existsSync, promises as fs } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';
import type { Logger } from '../shared/logger';
import { connectToPrimary } from './servers';

const migrationsTable = 'schema_migration';
const connectTimeoutMs = 5_000;

/** The migrations folder beside package.json, found from src/store and from dist/store alike. */
function migrationsFolder(): string {
  for (let place = __dirname; ; place = path.dirname(place)) {
    const folder = path.join(place, 'migrations');
    if (existsSync(path.join(place, 'package.json')) && existsSync(folder)) return folder;
    if (path.dirname(place) === place) throw new Error(`No migrations folder above ${__dirname}`);
  }
}

async function available(): Promise<string[]> {
  return (await fs.readdir(migrationsFolder()))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .sort();
}

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

async function applied(client: Client): Promise<Set<string>> {
  const { rows } = await client.query<{ there: string | null }>('select to_regclass($1)::text as there', [
    migrationsTable,
  ]);
  if (rows[0]?.there == null) return new Set();
  const done = await client.query<{ name: string }>(`select name from ${migrationsTable}`);
  return new Set(done.rows.map((row) => row.name));
}

/** Migrations that the database does not have yet, in order. @throws Error where it cannot be reached */
export function pendingMigrations(databaseUrl: string): Promise<string[]> {
  return connected(databaseUrl, async (client) => {
    const done = await applied(client);
    return (await available()).filter((name) => !done.has(name));
  });
}

/**
 * Applies what is pending and returns the names. @throws Error where one fails (it is rolled back) or the
 * database cannot be reached
 */
export function migrate(databaseUrl: string, logger: Logger): Promise<string[]> {
  return connected(databaseUrl, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    );
    if ((rows[0]?.version ?? 0) < 140_000) throw new Error('PostgreSQL 14 or newer is needed');
    // node-pg-migrate is published as an ES module only.
    const { runner } = await import('node-pg-migrate');
    const lines = {
      debug: (message: string) => logger.debug({}, message),
      info: (message: string) => logger.debug({}, message),
      warn: (message: string) => logger.warn({}, message),
      error: (message: string) => logger.error({}, message),
    };
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
    for (const { name } of done) logger.info({ migration: name }, 'migration applied');
    return done.map(({ name }) => name);
  });
}
