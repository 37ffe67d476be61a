/**
 * What the database does without us: one row read by its key, one row updated and committed, by pgbench with
 * prepared statements and through `pg`, one statement per round trip. On a table of its own in the same
 * database, with as many rows as there are subscriptions.
 */
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
const CLIENTS = 16;
const TABLE = 'hss_bench_row';

export interface Rates {
  readonly readsPerSecond: number;
  readonly updatesPerSecond: number;
}

export interface Baselines {
  /** Null where no pgbench is installed. */
  readonly pgbench: Rates | null;
  readonly pg: Rates;
  readonly clients: number;
}

const readStatement = `select version, name, state from ${TABLE} where id = $1`;
const updateStatement = `update ${TABLE} set version = version + 1 where id = $1`;

export async function measureBaselines(
  url: string,
  rowsCount: number,
  seconds: number,
  folder: string,
): Promise<Baselines> {
  const owner = new Client({ connectionString: url });
  await owner.connect();
  try {
    await owner.query(
      `create table ${TABLE} (id bigint primary key, version bigint not null, name text not null, state text not null) with (fillfactor = 80)`,
    );
    await owner.query(
      `insert into ${TABLE} select n, 0, 'sip:scscf.ims.example:6060', repeat('x', 100) from generate_series(1, $1::bigint) n`,
      [rowsCount],
    );
    await owner.query(`vacuum (analyze) ${TABLE}`);
    return {
      clients: CLIENTS,
      pgbench: await withPgbench(url, rowsCount, seconds, folder),
      pg: await withPg(url, rowsCount, seconds),
    };
  } finally {
    await owner.query(`drop table if exists ${TABLE}`);
    await owner.end();
  }
}

async function withPgbench(
  url: string,
  rowsCount: number,
  seconds: number,
  folder: string,
): Promise<Rates | null> {
  const file = path.join(folder, 'pgbench.sql');
  const args = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(CLIENTS),
    '-j',
    '1',
    '-T',
    String(Math.max(1, Math.round(seconds))),
    '-f',
    file,
  ];
  const env = { PATH: process.env['PATH'] ?? '', ...libpqVariables(url) };
  const rate = async (statement: string): Promise<number> => {
    writeFileSync(file, `\\set id random(1, ${rowsCount})\n${statement.replace('$1', ':id')};\n`);
    const { stdout } = await run('pgbench', args, { env });
    return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  };
  try {
    return { readsPerSecond: await rate(readStatement), updatesPerSecond: await rate(updateStatement) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`pgbench: ${(error as { stderr?: string }).stderr?.slice(0, 500) ?? String(error)}`, {
      cause: error,
    });
  } finally {
    rmSync(file, { force: true });
  }
}

/** The URL as libpq's environment, so that no password is in a command line. */
function libpqVariables(url: string): Record<string, string> {
  const { host, port, user, password, database } = new Client({ connectionString: url });
  return {
    PGHOST: host,
    PGPORT: String(port),
    ...(user === undefined ? {} : { PGUSER: user }),
    ...(typeof password === 'string' ? { PGPASSWORD: password } : {}),
    ...(database === undefined ? {} : { PGDATABASE: database }),
  };
}

async function withPg(url: string, rowsCount: number, seconds: number): Promise<Rates> {
  const clients = Array.from({ length: CLIENTS }, () => new Client({ connectionString: url }));
  try {
    await Promise.all(clients.map((client) => client.connect()));
    const rate = async (name: string, text: string): Promise<number> => {
      const startedMs = performance.now();
      const endMs = startedMs + seconds * 1_000;
      const counts = await Promise.all(
        clients.map(async (client) => {
          let count = 0;
          for (; performance.now() < endMs; count += 1)
            await client.query({ name, text, values: [1 + Math.floor(Math.random() * rowsCount)] });
          return count;
        }),
      );
      return (counts.reduce((sum, count) => sum + count, 0) * 1_000) / (performance.now() - startedMs);
    };
    return {
      readsPerSecond: await rate('bench_read', readStatement),
      updatesPerSecond: await rate('bench_update', updateStatement),
    };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
