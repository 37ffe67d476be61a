/**
 * The account that the embedded server runs under. PostgreSQL refuses to run as root, so as root an account
 * without privileges is taken: the owner of an existing cluster, else "hss", else "postgres", else "hss" is
 * made. initdb needs a name for its uid, so a bare number does not do; and never an account that other
 * services share ("nobody", "daemon"): each of them could read the subscribers. An ordinary user runs the
 * server himself.
 */
import { execFile } from 'node:child_process';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { silentLogger, type Logger } from '../../shared/logger';
import { sleep } from '../timing';

const run = promisify(execFile);
const commandTimeoutMs = 10_000;
/** Another process may be changing the accounts at the same time. */
const makeTries = 3;
const betweenTriesMs = 500;

export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

const ownName = 'hss';
const preferredNames = [ownName, 'postgres'];
const sharedNames = new Set(['nobody', 'daemon', 'bin', 'sys', 'www-data']);

interface NamedAccount extends ServerAccount {
  readonly name: string;
}

async function accounts(): Promise<NamedAccount[]> {
  const lines = (await fs.readFile('/etc/passwd', 'utf8')).split('\n');
  return lines.flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return Number(uid) > 0 && Number(gid) >= 0 ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** Of the shadow suite, and of BusyBox. */
const makers: readonly (readonly [string, readonly string[]])[] = [
  [
    'useradd',
    [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
    ],
  ],
  ['adduser', ['-S', '-D', '-H', '-h', '/nonexistent', '-s', '/sbin/nologin']],
];

async function make(): Promise<string> {
  const problems: string[] = [];
  for (const [command, options] of makers) {
    const problem = await run(command, [...options, ownName], {
      timeout: commandTimeoutMs,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    }).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (problem === null) return '';
    problems.push(problem.trim());
  }
  return problems.join('; ');
}

/** The cluster's owner, where it is one that we go on with. */
async function ownerOf(cluster: string, all: readonly NamedAccount[]): Promise<ServerAccount | null> {
  const stat = await fs.stat(cluster).catch(() => null);
  if (stat === null || stat.uid === 0) return null;
  const isShared = all.some(({ name, uid }) => uid === stat.uid && sharedNames.has(name));
  return isShared ? null : { uid: stat.uid, gid: stat.gid };
}

/**
 * The account to switch to, or null where we are no root. `cluster`: the data directory, which may not exist
 * yet. @throws Error that says what to do where there is none and none can be made
 */
export async function serverAccount(
  cluster: string,
  logger: Logger = silentLogger,
): Promise<ServerAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const all = await accounts();
  const owner = await ownerOf(cluster, all);
  if (owner !== null) return owner;
  let problem = '';
  for (let attempt = 1; ; attempt += 1) {
    const there = attempt === 1 ? all : await accounts();
    for (const wanted of preferredNames) {
      const found = there.find(({ name }) => name === wanted);
      if (found !== undefined) return { uid: found.uid, gid: found.gid };
    }
    if (attempt > makeTries) break;
    if (attempt > 1) await sleep(betweenTriesMs);
    problem = await make();
    if (problem === '')
      logger.info({ account: ownName }, 'made an account without privileges for the embedded PostgreSQL');
  }
  throw new Error(
    `The embedded PostgreSQL cannot run as root, there is no account ${preferredNames.join(' or ')} on this machine, and none could be made (${problem}). Start the HSS as an ordinary user, or make one: useradd --system ${ownName}`,
  );
}

/**
 * Gives the cluster to the account where it belongs to another one (a shared one, of an earlier release). No
 * server may run on it.
 */
export async function giveCluster(cluster: string, account: ServerAccount, logger: Logger): Promise<void> {
  logger.warn(
    { cluster, uid: account.uid },
    'the embedded database belonged to an account that others share; it gets one of its own',
  );
  const give = async (folder: string): Promise<void> => {
    for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name);
      if (entry.isDirectory()) await give(place);
      else await fs.lchown(place, account.uid, account.gid);
    }
    // After what is inside: whoever is interrupted begins again.
    await fs.lchown(folder, account.uid, account.gid);
  };
  await give(cluster);
}

/**
 * Whether every account may enter the folder: each directory on the way down gives "others" the execute
 * permission.
 */
export async function isReachable(folder: string): Promise<boolean> {
  let place = await fs.realpath(folder);
  for (;;) {
    if (((await fs.stat(place)).mode & 0o001) === 0) return false;
    const parent = path.dirname(place);
    if (parent === place) return true;
    place = parent;
  }
}
