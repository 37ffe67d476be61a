/** Migrations: once, whoever starts them and however often; and what the schema promises about itself. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { silentLogger } from '../../src/shared/logger';
import { migrate, pendingMigrations } from '../../src/store/migrate';
import { freshDatabase } from '../support/database';
import { withDatabase } from '../support/database-url';

const folder = path.join(__dirname, '..', '..', 'migrations');
const files = readdirSync(folder).filter((name) => name.endsWith('.sql')).sort();
const names = files.map((name) => name.replace('.sql', ''));

async function emptyDatabase(): Promise<string> {
  const url = await freshDatabase();
  const name = `empty_${process.pid}_${Date.now()}`;
  const client = new Client({ connectionString: withDatabase(url, 'postgres') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return withDatabase(url, name);
}

test('several instances that start at once migrate once; then nothing is pending', async () => {
  const url = await emptyDatabase();
  expect(await pendingMigrations(url)).toEqual(names);
  const done = await Promise.all([migrate(url, silentLogger), migrate(url, silentLogger), migrate(url, silentLogger)]);
  expect(done.flat()).toEqual(names);
  expect(await pendingMigrations(url)).toEqual([]);
  expect(await migrate(url, silentLogger)).toEqual([]);
});

test('a database that cannot be reached is an error, no hang', async () => {
  await expect(migrate('postgresql://nobody@127.0.0.1:1/x', silentLogger)).rejects.toThrow();
  await expect(pendingMigrations('postgresql://nobody@127.0.0.1:1/x')).rejects.toThrow();
});

const sql = files.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n');
const tables = [...sql.matchAll(/^create table (\w+) \(\n([\s\S]*?)^\)/gm)].map(([, name = '', body = '']) => ({
  name, columns: body.split('\n').filter((line) => /^ {2}[a-z_]+ /.test(line) && !/^ {2}(primary key|unique|check|foreign key)\b/.test(line)),
}));

test('each column names the clause that asks for it', () => {
  expect(tables.length).toBeGreaterThan(12);
  for (const { columns } of tables) for (const column of columns) expect(column).toMatch(/-- \[(store|[0-9.]+-[A-Z0-9.]+[a-z]?)\]/);
});

test('each table that concerns a subscription starts with the distribution column, which leads its primary key', async () => {
  const client = new Client({ connectionString: await freshDatabase() });
  await client.connect();
  const { rows } = await client.query<{ table: string; first: string; leading: string }>(`
    select c.relname as table, (select attname from pg_attribute where attrelid = c.oid and attnum = 1) as first,
      (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisprimary) as leading
    from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`);
  await client.end();
  const shared = rows.filter((row) => /^(shared_|schema_migration)/.test(row.table));
  const sharedTables = tables.filter(({ name }) => name.startsWith('shared_'));
  expect(shared).toHaveLength(sharedTables.length + 1);
  const others = rows.filter((row) => !shared.includes(row));
  expect(others).toHaveLength(tables.length - sharedTables.length);
  for (const row of others) expect(row).toMatchObject({ first: 'subscription_key', leading: 'subscription_key' });
});

test('registration updates stay on their page: no index but the primary key', async () => {
  const client = new Client({ connectionString: await freshDatabase() });
  await client.connect();
  const { rows } = await client.query("select indexname from pg_indexes where tablename = 'registration_state'");
  await client.end();
  expect(rows).toEqual([{ indexname: 'registration_state_pkey' }]);
});
