/** server.log of a real embedded server: bounded while it runs, and without what statements hold. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbedded, type EmbeddedDatabase } from '../../src/store/embedded';
import { logKeptOctets } from '../../src/store/embedded/server-log';

const folder = mkdtempSync(join(tmpdir(), 'hss-server-log-'));
const log = join(folder, 'server.log');
let database: EmbeddedDatabase;
let client: Client;

beforeAll(async () => {
  database = await startEmbedded({ folder });
  client = new Client({ connectionString: database.url });
  await client.connect();
}, 90_000);
afterAll(async () => {
  await client.end();
  await database.stop();
  rmSync(folder, { recursive: true });
}, 30_000);

const warnings = (count: number): Promise<unknown> =>
  client.query(
    `do $$ begin for i in 1..${count} loop raise warning '% %', i, repeat('w', 900); end loop; end $$`,
  );

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not in time');
    await new Promise((wake) => {
      setTimeout(wake, 50);
    });
  }
}

test('an error repeats neither the statement nor the row', async () => {
  await client.query(
    'create table sealed (name text primary key, secret text not null check (length(secret) > 90))',
  );
  await expect(client.query("insert into sealed values ('alice', 'v1.key.c2VhbGVk')")).rejects.toThrow(
    'check',
  );
  await expect(client.query("select 'v1.key.c2VhbGVk' from nowhere")).rejects.toThrow('nowhere');
  await eventually(() => readFileSync(log, 'utf8').includes('nowhere'));
  expect(readFileSync(log, 'utf8')).not.toContain('c2VhbGVk');
});

test('what is too much is moved aside while the server runs, and the server goes on in the same file', async () => {
  await warnings(12_000);
  await eventually(() => statSync(log).size < logKeptOctets);
  expect(statSync(`${log}.1`).size).toBe(logKeptOctets);
  expect(readFileSync(`${log}.1`, 'utf8').trimEnd().endsWith('w')).toBe(true);
  await client.query("do $$ begin raise warning 'still here'; end $$");
  await eventually(() => readFileSync(log, 'utf8').includes('still here'));
  // No hole at the beginning.
  expect(readFileSync(log).includes(0)).toBe(false);
}, 60_000);
