/**
 * Whether this build and a database's schema fit. A build that is older than the schema would read it wrongly
 * and give SQNs a second time, so it is refused: at the start, and at each new session of one that runs.
 * Every session holds an advisory lock in share mode; a migration ends those sessions and holds it alone, so
 * that nobody works on a schema that changes under him.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';
import { UnfitDatabaseError } from '../shared/unfit-database';
import { productVersion } from '../shared/version';

export const migrationsTable = 'schema_migration';
/** Two parts of an advisory lock's key; any numbers that nobody else takes. */
const lockKey = '1213420365, 11';
const [lockClass, lockObject] = lockKey.split(', ');

/** The migrations folder beside package.json, found from src/store and from dist/store alike. */
export function migrationsFolder(): string {
  for (let place = __dirname; ; place = path.dirname(place)) {
    const folder = path.join(place, 'migrations');
    if (existsSync(path.join(place, 'package.json')) && existsSync(folder)) return folder;
    if (path.dirname(place) === place) throw new Error(`No migrations folder above ${__dirname}`);
  }
}

let known: readonly string[] | null = null;

/** The migrations of this build, in order. */
export function knownMigrations(): readonly string[] {
  known ??= readdirSync(migrationsFolder())
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .sort();
  return known;
}

/** A row of the migrations' table; `build` is missing before 0011. */
export interface AppliedMigration {
  readonly name: string;
  readonly build?: string | null;
}

/** @throws UnfitDatabaseError where a newer build has changed the schema */
export function requireKnown(applied: readonly AppliedMigration[]): void {
  const names = new Set(knownMigrations());
  const unknown = applied.filter(({ name }) => !names.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (unknown.length === 0) return;
  const build = unknown.findLast((migration) => migration.build != null)?.build;
  throw new UnfitDatabaseError(
    `the database has ${unknown.length === 1 ? 'a migration' : 'migrations'} that this build (${productVersion}) does not know: ` +
      `${unknown.map(({ name }) => name).join(', ')}. It needs build ${build == null ? `newer than ${productVersion}` : `${build} or newer`}.`,
  );
}

const appliedRows = `select coalesce(json_agg(to_json(m)), '[]') as applied from ${migrationsTable} m`;

/** What the database has; nothing where it is empty. @throws UnfitDatabaseError */
export async function appliedMigrations(client: Client): Promise<Set<string>> {
  const { rows } = await client.query<{ there: string | null }>('select to_regclass($1)::text as there', [
    migrationsTable,
  ]);
  if (rows[0]?.there == null) return new Set();
  const done = await client.query<{ applied: AppliedMigration[] }>(appliedRows);
  const applied = done.rows[0]?.applied ?? [];
  requireKnown(applied);
  return new Set(applied.map(({ name }) => name));
}

/** The last two statements that a session of the store begins with; the second sees what the lock waited for. */
export const sessionCheck = `select pg_try_advisory_lock_shared(${lockKey}) as free;
  select (${appliedRows}), current_setting('transaction_read_only') as read_only`;

interface CheckedSession {
  readonly free?: boolean;
  readonly applied?: readonly AppliedMigration[];
}

/** @throws UnfitDatabaseError, Error while a migration runs. `results`: of a query that ends in sessionCheck */
export function requireFitting(results: unknown): void {
  const rows = (Array.isArray(results) ? results.slice(-2) : []).flatMap(
    (result: { readonly rows?: readonly CheckedSession[] }) => result.rows ?? [],
  );
  if (!rows.some(({ free }) => free === true))
    throw new Error('the schema of the database is being migrated');
  requireKnown(rows.flatMap(({ applied }) => applied ?? []));
}

/** Ends the sessions that hold the lock in share mode: of older builds that run, which must not go on. */
const endSessions = `
  select pg_terminate_backend(pid) from pg_locks
  where locktype = 'advisory' and mode = 'ShareLock' and pid <> pg_backend_pid()
    and database = (select oid from pg_database where datname = current_database())
    and classid = ${lockClass} and objid = ${lockObject} and objsubid = 2`;

const lockTimeoutMs = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Holds the schema alone until the client ends, others that migrate wait. Null at once where `isNeeded` says
 * that somebody else has done it.
 */
export async function holdSchema<T>(
  client: Client,
  isNeeded: () => Promise<boolean>,
  work: () => Promise<T>,
): Promise<T | null> {
  await client.query(`set lock_timeout = ${lockTimeoutMs}`);
  for (;;) {
    if (!(await isNeeded())) return null;
    await client.query(endSessions);
    try {
      await client.query(`select pg_advisory_lock(${lockKey})`);
      break;
    } catch (error) {
      // Another migration may take its time.
      if ((error as { readonly code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
    }
  }
  await client.query('set lock_timeout = 0');
  return (await isNeeded()) ? work() : null;
}
