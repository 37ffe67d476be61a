/**
 * Runs initdb and the postgres process on a cluster folder. As root on Linux the server reaches the folder
 * through an open directory handle (/proc/self/fd/3) instead of its path: the account it runs under needs no
 * permission on the folders above, so the data stays where the configuration says even below /root.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, promises as fs } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import type { ServerAccount } from './account';
import type { Binaries } from './binaries';
import type { FileLock } from './folder-lock';
import { logTail, openLog } from './server-log';

export const userName = 'hss';
export const passwordFile = 'hss_password';

export interface Place {
  /** The configured folder; holds cluster, run, owner and server.log. */
  readonly folder: string;
  readonly socketFolder: string;
  readonly account: ServerAccount | null;
  readonly binaries: Binaries;
}

/** How the server itself names a path below the folder. */
function seenByServer(place: Place, name: string): string {
  const throughHandle = place.account !== null && process.platform === 'linux';
  if (throughHandle && (name === place.folder || name.startsWith(`${place.folder}${path.sep}`))) {
    return path.join('/proc/self/fd/3', path.relative(place.folder, name));
  }
  return name;
}

const environment = {
  LC_ALL: 'C',
  LANG: 'C',
  TZ: 'UTC',
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
};

/**
 * Starts one of the binaries with its output in `output` (a file descriptor), the folder's handle as
 * descriptor 3, and the lock as descriptor 4: it holds for as long as the process or a child of it lives.
 */
function launch(
  place: Place,
  binary: string,
  args: string[],
  output: number,
  lock: FileLock | null,
): ChildProcess {
  const handle = openSync(place.folder, 'r');
  try {
    return spawn(binary, args, {
      cwd: place.account === null ? place.folder : '/',
      env: environment,
      stdio: ['ignore', output, output, handle, ...(lock === null ? [] : [lock.fd])],
      // A session of its own: Ctrl-C is for the HSS, which stops the server when it is done.
      detached: true,
      ...(place.account === null ? {} : { uid: place.account.uid, gid: place.account.gid }),
    });
  } finally {
    closeSync(handle);
  }
}

function exited(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}

/** Gives a path to the server's account. */
export async function hand(place: Place, name: string): Promise<void> {
  if (place.account !== null) await fs.chown(name, place.account.uid, place.account.gid);
}

/**
 * Creates the cluster in `cluster` as a whole: made beside it and renamed, so that a half-made one is never
 * taken for one.
 */
export async function initialise(place: Place, cluster: string, lock: FileLock): Promise<void> {
  const fresh = `${cluster}.new`;
  await fs.rm(fresh, { recursive: true, force: true });
  await fs.mkdir(fresh, { mode: 0o700 });
  await hand(place, fresh);
  const password = randomBytes(24).toString('base64url');
  const secret = path.join(place.folder, 'initial-password');
  await fs.rm(secret, { force: true });
  await fs.writeFile(secret, `${password}\n`, { mode: 0o600, flag: 'wx' });
  await hand(place, secret);
  const log = await openLog(place.folder);
  try {
    const code = await exited(
      launch(
        place,
        place.binaries.initdb,
        [
          '--pgdata',
          seenByServer(place, fresh),
          '--username',
          userName,
          '--pwfile',
          seenByServer(place, secret),
          '--auth',
          'scram-sha-256',
          '--encoding',
          'UTF8',
          '--locale',
          'C',
          '--no-instructions',
        ],
        log,
        lock,
      ),
    );
    if (code !== 0) throw new Error(`initdb failed (status ${code}): ${await logTail(place.folder)}`);
  } finally {
    closeSync(log);
    await fs.rm(secret, { force: true });
  }
  await fs.writeFile(path.join(fresh, passwordFile), password, { mode: 0o600, flag: 'wx' });
  await hand(place, path.join(fresh, passwordFile));
  await fs.rename(fresh, cluster);
}

/**
 * Starts the server with the cluster's lock; resolves as soon as the process exists, long before it is ready.
 */
export async function startServer(
  place: Place,
  cluster: string,
  settings: Readonly<Record<string, string>>,
  lock: FileLock | null,
): Promise<ChildProcess> {
  const all = { ...settings, unix_socket_directories: seenByServer(place, place.socketFolder) };
  const log = await openLog(place.folder);
  try {
    const child = launch(
      place,
      place.binaries.postgres,
      [
        '-D',
        seenByServer(place, cluster),
        ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      log,
      lock,
    );
    if (child.pid !== undefined) lock?.note(`${child.pid}\n`);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child;
  } finally {
    closeSync(log);
  }
}

/**
 * Stops the server if this process dies without having done so (kill -9): a shell waits for the end of a pipe
 * that only we hold. Returns what ends the watch in order.
 */
export function watchOver(place: Place, pid: number): () => void {
  const watcher = spawn('/bin/sh', ['-c', 'read -r line || kill -INT "$0"', String(pid)], {
    cwd: '/',
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    ...(place.account === null ? {} : { uid: place.account.uid, gid: place.account.gid }),
  });
  // Without a shell the next start stops the orphan instead.
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  // The pipe is a socket of Node's; it must not keep this process alive.
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return () => {
    watcher.stdin.end('done\n');
  };
}
