/**
 * A database that is not for this build, and keys that are not of this database: refused before anything is
 * answered or written.
 */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { holdSchema } from '../../src/store/schema';
import { productVersion } from '../../src/shared/version';
import { cli } from '../cli/run-cli';
import { CxClient } from '../support/cx-client';
import { freshDatabase } from '../support/database';
import { mar, sequenceNumber } from '../system/support/cscf';
import {
  endAll,
  eventually,
  hssOrigin,
  HssProcess,
  temporaryFolder,
  writeConfiguration,
} from '../system/support/hss-process';
import { keys, provision, secretKey, user } from '../system/support/provisioning';

const realm = hssOrigin.originRealm;
const scscf = { originHost: `scscf1.${realm}`, originRealm: realm };
const newerMigration =
  "insert into schema_migration (name, run_on, build) values ('9999_of_tomorrow', now(), '7.8.9')";

afterAll(endAll);

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function endOf(hss: HssProcess): Promise<{ code: number | null; output: string }> {
  const { code } = await hss.ended;
  return { code, output: hss.output };
}

interface Readyz {
  readonly status: number;
  readonly report: { readonly checks: Readonly<Record<string, { readonly detail?: string }>> };
}

async function readyz(hss: HssProcess): Promise<Readyz> {
  const response = await fetch(`${hss.metricsUrl}/readyz`);
  return { status: response.status, report: (await response.json()) as Readyz['report'] };
}

test('a migration under a running instance of an older build: it stops, gives no SQN, and neither starts again', async () => {
  const url = await freshDatabase();
  const folder = temporaryFolder();
  const file = writeConfiguration(folder, { store: { url, secretKey } });
  const hss = await HssProcess.start(file);
  await provision(hss, ['alice']);
  const client = await CxClient.open(hss.diameterPort, scscf);
  const first = sequenceNumber(await mar(client, user('alice')), keys);
  expect(first).toBeGreaterThan(0);
  const numbers = () =>
    connected(url, async (sql) => {
      const { rows } = await sql.query<{ numbers: string }>(
        'select sequence_number::text as numbers from sequence_counter',
      );
      return rows[0]?.numbers;
    });
  const before = await numbers();

  // What a newer build does, with a migration of its own.
  const results: string[] = [];
  await connected(url, async (sql) => {
    await holdSchema(
      sql,
      () => Promise.resolve(true),
      async () => {
        results.push((await mar(client, user('alice'))).result);
        await sql.query(newerMigration);
      },
    );
  });
  results.push((await mar(client, user('alice'))).result);
  await new Promise((wake) => {
    setTimeout(wake, 1_500);
  });
  results.push((await mar(client, user('alice'))).result);
  expect(results).toEqual(['5012', '5012', '5012']);
  expect(await numbers()).toBe(before);
  await eventually(async () => (await readyz(hss)).status === 503, 'not ready');
  expect(JSON.stringify((await readyz(hss)).report.checks['database'])).toMatch(
    /9999_of_tomorrow.*7\.8\.9 or newer/,
  );
  expect((await fetch(`${hss.httpUrl}/v1/subscriptions/alice`)).status).toBe(503);
  await hss.interrupt();

  const { code, output } = await endOf(HssProcess.spawn(file));
  expect(code).toBe(78);
  expect(output).toMatch(/9999_of_tomorrow\. It needs build 7\.8\.9 or newer/);
  expect(output).not.toMatch(/\n\s+at /);

  const settings = { cwd: folder, env: { DATABASE_URL: url, HSS_SECRET_KEY: secretKey } };
  for (const command of [['migrate'], ['migrate', '--dry-run'], ['rotate-keys', '--step', 'reseal']]) {
    const run = await cli(command, settings);
    expect(run).toMatchObject({ status: 78, stdout: '' });
    expect(run.stderr).toContain('It needs build 7.8.9 or newer');
  }
}, 90_000);

test('each migration says which build brought it, and one that has nothing to do disturbs nobody', async () => {
  const url = await freshDatabase();
  const rows = await connected(url, async (sql) => {
    const found = await sql.query<{ name: string; build: string | null }>(
      "select name, build from schema_migration where name >= '0011' order by name",
    );
    return found.rows;
  });
  expect(rows.length).toBeGreaterThan(0);
  for (const { build } of rows) expect(build).toBe(productVersion);
  const first = await HssProcess.start(writeConfiguration(temporaryFolder(), { store: { url, secretKey } }));
  const second = await HssProcess.start(writeConfiguration(temporaryFolder(), { store: { url, secretKey } }));
  expect((await readyz(first)).status).toBe(200);
  expect(first.log.filter(({ msg }) => msg === 'database connection lost')).toEqual([]);
  await Promise.all([first.interrupt(), second.interrupt()]);
}, 90_000);

test('the id of the right key with another key: status 78 before anything listens', async () => {
  const url = await freshDatabase();
  const start = (key: string) =>
    writeConfiguration(temporaryFolder(), { store: { url, secretKey: `main:${key}` } });
  const right = await HssProcess.start(start('11'.repeat(32)));
  await provision(right, ['alice']);
  await right.interrupt();
  const { code, output } = await endOf(HssProcess.spawn(start('22'.repeat(32))));
  expect(code).toBe(78);
  expect(output).toMatch(
    /store\.secretKey[^]*another key main than the one that the stored secrets are sealed/,
  );
  expect(output).not.toMatch(/1111|2222|Ctrl-C stops it|\n\s+at /);
}, 60_000);

describe('the key file of an embedded database', () => {
  let configFile: string;
  let keyFile: string;
  let hss: HssProcess;

  beforeAll(async () => {
    const folder = temporaryFolder();
    configFile = writeConfiguration(folder, { store: { dataFolder: './data' } });
    keyFile = join(folder, 'data', 'secret.key');
    hss = await HssProcess.start(configFile);
  }, 90_000);

  const warned = () => hss.log.some(({ msg }) => /other accounts may read .* key file/.test(String(msg)));
  const alice = { userName: `001010000000001@${realm}`, publicIdentity: `sip:alice@${realm}` };

  async function reread(line: RegExp): Promise<string> {
    const before = hss.output.length;
    hss.kill('SIGHUP');
    await hss.until(() => line.test(hss.output.slice(before)), String(line));
    return hss.output.slice(before);
  }

  test('SIGHUP with another key under the same id, or without the file: refused, the old keys stay, no file is made', async () => {
    const client = await CxClient.open(hss.diameterPort, scscf);
    expect((await mar(client, alice)).result).toBe('2001');
    const right = readFileSync(keyFile, 'utf8');
    writeFileSync(keyFile, right.replace(/:.*/, `:${'22'.repeat(32)}`));
    expect(await reread(/the configuration is not taken over/)).toMatch(/another key \w+ than the one/);
    expect((await mar(client, alice)).result).toBe('2001');
    renameSync(keyFile, `${keyFile}.away`);
    expect(await reread(/the configuration is not taken over/)).toMatch(/which does not exist/);
    expect(existsSync(keyFile)).toBe(false);
    expect((await mar(client, alice)).result).toBe('2001');
    writeFileSync(keyFile, right, { mode: 0o600 });
    await reread(/configuration read again/);
    expect((await mar(client, alice)).result).toBe('2001');
    expect(warned()).toBe(false);
    client.close();
  });

  test('gone beside a database with secrets: status 78, and none is made', async () => {
    await hss.interrupt();
    renameSync(keyFile, `${keyFile}.away`);
    const { code, output } = await endOf(HssProcess.spawn(configFile));
    expect(code).toBe(78);
    expect(output).toMatch(/store\.secretKeyFile[^]*which does not exist, beside a database whose secrets/);
    expect(existsSync(keyFile)).toBe(false);
    const run = await cli(['-c', configFile, 'rotate-keys']);
    expect(run.status).toBe(78);
    expect(run.stderr).toContain('there is no key file');
    expect(existsSync(keyFile)).toBe(false);
    renameSync(`${keyFile}.away`, keyFile);
  }, 60_000);

  test('that other accounts can read: a warning', async () => {
    chmodSync(keyFile, 0o604);
    hss = await HssProcess.start(configFile);
    expect(warned()).toBe(true);
  }, 60_000);
});
