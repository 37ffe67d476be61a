/**
 * The database of a run: the product's embedded PostgreSQL in a folder of its own, with the product's
 * settings (fsync and synchronous_commit on), or one named by URL. Each size gets a fresh database on it,
 * which goes when the run ends.
 */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { startEmbedded } from '../src/store/embedded';

export interface BenchDatabase {
  /** Process id of the server where it runs on this machine, else null. */
  readonly pid: number | null;
  readonly version: string;
  /** What decides what a commit costs. */
  readonly durability: Readonly<Record<string, string>>;
  /** A new database. Holds the password: for no output. */
  readonly create: (name: string) => Promise<string>;
  readonly drop: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const settingsShown = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'];

export async function openDatabase(url: string | null, folder: string): Promise<BenchDatabase> {
  const embedded = url === null ? await startEmbedded({ folder }) : null;
  const base = url ?? embedded?.url ?? '';
  const client = new Client({ connectionString: base });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const {
      rows: [row],
    } = await client.query<{ version: string; pid: number }>(
      "select current_setting('server_version') as version, pg_backend_pid() as pid",
    );
    const { rows: settings } = await client.query<{ name: string; setting: string }>(
      'select name, current_setting(name) as setting from pg_settings where name = any($1)',
      [settingsShown],
    );
    const made = new Set<string>();
    const drop = async (name: string): Promise<void> => {
      made.delete(name);
      await client.query(`drop database if exists ${name} with (force)`);
    };
    return {
      pid: embedded?.pid() ?? serverOf(row?.pid ?? 0),
      version: row?.version ?? 'unknown',
      durability: Object.fromEntries(settings.map(({ name, setting }) => [name, setting])),
      drop,
      create: async (name) => {
        await drop(name);
        await client.query(`create database ${name}`);
        made.add(name);
        return databaseUrl(base, name);
      },
      close: async () => {
        for (const name of made) await drop(name).catch(() => undefined);
        await client.end();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await client.end().catch(() => undefined);
    await embedded?.stop();
    throw error;
  }
}

/** The same server, another database; written so that libpq reads it as well. */
function databaseUrl(url: string, name: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/?]*)(\/[^?]*)?/, `$1/${name}`);
}

/** The parent of one of its backends, if that runs here. */
function serverOf(backend: number): number | null {
  try {
    const text = readFileSync(`/proc/${backend}/stat`, 'utf8');
    return text.includes('(postgres') ? Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) : null;
  } catch {
    // Another machine's.
    return null;
  }
}

/** What an import leaves undone, done now instead of in the middle of a measurement. */
export async function settle(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('vacuum (analyze)');
    // Whoever may not ask for one does without.
    await client.query('checkpoint').catch(() => undefined);
  } finally {
    await client.end();
  }
}
