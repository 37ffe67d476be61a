/**
 * One HSS per data folder, and one PostgreSQL. The HSS holds a lock on the file "lock", and PostgreSQL with
 * all its processes one on "server.lock", so each is known to be gone when its lock is free, also where its
 * process ids mean nothing (another container). A server that outlived its HSS on this machine is recognised
 * by its working directory (PostgreSQL's is its data directory) and stopped in order. The file "owner" names
 * the HSS for releases before the locks, which are told by it, and are looked for in it.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Logger } from '../../shared/logger';
import { sleep } from '../timing';
import { noteIn, tryLock, type FileLock } from './folder-lock';

const fastShutdownMs = 30_000;
const immediateShutdownMs = 5_000;
const pollMs = 20;
const dyingMs = 1_000;
/** Says in "owner" that the lock decides, and not whether this process lives. */
const lockedMark = 'locked';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tells a process from a later one with the same id; empty where the system has no /proc. */
async function startTime(pid: number): Promise<string> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, the name, may hold blanks and parentheses; the start time is the 22nd.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function isZombie(pid: number): Promise<boolean> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

/** Whether the process runs; one that ended and was not waited for does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return isAlive(pid) && !(await isZombie(pid));
}

interface Owner {
  readonly pid: number;
  readonly startTime: string;
}

/** The owner of a release before the locks. */
async function readOwner(file: string): Promise<Owner | null> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const [pid, started, mark] = text.trim().split(' ');
  if (pid === undefined || !/^\d+$/.test(pid) || mark === lockedMark) return null;
  return { pid: Number(pid), startTime: started ?? '' };
}

async function ownerLives(owner: Owner): Promise<boolean> {
  if (!(await isRunning(owner.pid))) return false;
  const started = await startTime(owner.pid);
  return started === '' || owner.startTime === '' || started === owner.startTime;
}

/** A process that was killed a moment ago may still be going. */
async function ownerStays(owner: Owner): Promise<boolean> {
  for (let waited = 0; waited < dyingMs; waited += pollMs) {
    if (!(await ownerLives(owner))) return false;
    await sleep(pollMs);
  }
  return ownerLives(owner);
}

/** Tries until the lock is there or the time is over. */
async function lockWithin(file: string, withinMs: number): Promise<FileLock | null> {
  for (let waited = 0; ; waited += pollMs) {
    const lock = tryLock(file);
    if (lock !== null || waited >= withinMs) return lock;
    await sleep(pollMs);
  }
}

/** Takes the folder; the returned function gives it back. @throws Error where a running HSS holds it */
export async function takeFolder(folder: string): Promise<() => Promise<void>> {
  const lockFile = path.join(folder, 'lock');
  const ownerFile = path.join(folder, 'owner');
  const busy = (pid: string) =>
    new Error(
      `The data folder ${folder} is in use by another HSS (process ${pid} where it runs, which may be another container). Stop that one, or configure another folder.`,
    );
  // The kernel is still closing the files of one that was killed a moment ago.
  const lock = await lockWithin(lockFile, dyingMs);
  if (lock === null) throw busy(noteIn(lockFile));
  try {
    const older = await readOwner(ownerFile);
    if (older !== null && older.pid !== process.pid && (await ownerStays(older)))
      throw busy(String(older.pid));
    lock.note(`${process.pid}\n`);
    await fs.writeFile(`${ownerFile}.new`, `${process.pid} ${await startTime(process.pid)} ${lockedMark}\n`);
    await fs.rename(`${ownerFile}.new`, ownerFile);
  } catch (error) {
    lock.release();
    throw error;
  }
  return async () => {
    await fs.rm(ownerFile, { force: true });
    lock.release();
  };
}

/**
 * Processes whose working directory is the cluster: its postmaster and backends. Empty where the system has
 * no /proc.
 */
async function processesIn(cluster: string): Promise<number[]> {
  const real = await fs.realpath(cluster).catch(() => null);
  if (real === null) return [];
  const entries = await fs.readdir('/proc').catch(() => []);
  const found: number[] = [];
  for (const entry of entries) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const cwd = await fs.readlink(`/proc/${entry}/cwd`).catch(() => '');
    if (cwd === real) found.push(Number(entry));
  }
  return found;
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  for (let waited = 0; waited <= withinMs; waited += pollMs) {
    if (!(await isRunning(pid))) return true;
    await sleep(pollMs);
  }
  return false;
}

/** Fast shutdown, then immediate, then the hard way; crash recovery makes the last two safe. */
export async function stopServer(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', fastShutdownMs],
    ['SIGQUIT', immediateShutdownMs],
    ['SIGKILL', immediateShutdownMs],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw error;
    }
    if (await gone(pid, waitMs)) return;
  }
  throw new Error(`PostgreSQL process ${pid} does not stop`);
}

/** The lock that a PostgreSQL on the folder holds, and what says which one it was. */
const serverLockFile = (folder: string): string => path.join(folder, 'server.lock');

/**
 * Makes sure that no PostgreSQL runs on the cluster, and takes its lock, which is to be handed to the one that
 * is started now. What a killed HSS left running on this machine is stopped. Call only with the folder taken.
 * @throws Error where one runs that cannot be seen from here
 */
export async function takeCluster(
  folder: string,
  cluster: string,
  logger: Logger,
  foreignServerWaitMs = fastShutdownMs + immediateShutdownMs,
): Promise<FileLock> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  const recorded = await recordedPid(pidFile);
  const inCluster = await processesIn(cluster);
  if (recorded !== null && inCluster.includes(recorded)) {
    logger.warn(
      { pid: recorded },
      'a PostgreSQL of an HSS that was killed still runs on the data folder; stopping it in order',
    );
    await stopServer(recorded);
  }
  // Backends of a postmaster that was killed end by themselves, sooner or later.
  for (const pid of inCluster) if (!(await gone(pid, immediateShutdownMs))) await stopServer(pid);
  const file = serverLockFile(folder);
  // One that its watcher stops elsewhere needs as long as a shutdown may take.
  const lock = tryLock(file) ?? (await patiently(file, logger, foreignServerWaitMs));
  if (lock === null)
    throw new Error(
      `A PostgreSQL (process ${noteIn(file)} where it runs) still works on ${cluster} and cannot be seen from here: perhaps in another container, whose HSS was killed. Stop it there.`,
    );
  // The lock says that the server which was started with it is gone, whoever has its process id now. Another
  // one's file is left to PostgreSQL to judge.
  const left = await recordedPid(pidFile);
  if (left !== null && noteIn(file) === String(left)) await fs.rm(pidFile, { force: true });
  return lock;
}

async function patiently(file: string, logger: Logger, waitMs: number): Promise<FileLock | null> {
  logger.warn({ pid: noteIn(file) }, 'waiting for the end of a PostgreSQL on the data folder');
  return lockWithin(file, waitMs);
}

async function recordedPid(pidFile: string): Promise<number | null> {
  const text = await fs.readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}
