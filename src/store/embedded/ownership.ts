/**
 * One HSS per data folder, and nothing left over from one that was killed. The file "owner" names the HSS
 * that holds the folder by process id and start time; a dead owner's file is replaced. A server that outlived
 * its HSS is recognised by its working directory (PostgreSQL's is its data directory), stopped in order, and
 * its stale postmaster.pid removed.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Logger } from '../../shared/logger';
import { sleep } from '../timing';

const fastShutdownMs = 30_000;
const immediateShutdownMs = 5_000;
const pollMs = 20;
const dyingMs = 1_000;

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

async function readOwner(file: string): Promise<Owner | null> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const [pid, started] = text.trim().split(' ');
  return pid !== undefined && /^\d+$/.test(pid) ? { pid: Number(pid), startTime: started ?? '' } : null;
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

/** Folders held within this process: the owner file cannot tell two holders of one process apart. */
const held = new Set<string>();

/** Takes the folder; the returned function gives it back. @throws Error where a running HSS holds it */
export async function takeFolder(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'owner');
  const busy = (pid: number) =>
    new Error(
      `The data folder ${folder} is in use by another HSS (process ${pid}). Stop that one, or configure another folder.`,
    );
  if (held.has(file)) throw busy(process.pid);
  const mine = `${file}.${process.pid}`;
  await fs.writeFile(mine, `${process.pid} ${await startTime(process.pid)}\n`, { mode: 0o644 });
  try {
    for (;;) {
      try {
        await fs.link(mine, file);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = await readOwner(file);
      if (owner !== null && owner.pid !== process.pid && (await ownerStays(owner))) throw busy(owner.pid);
      // Moved away first, so that only one of several that find it stale removes it.
      await fs.rename(file, `${mine}.stale`).catch(() => undefined);
      const moved = await readOwner(`${mine}.stale`);
      if (moved !== null && moved.pid !== owner?.pid) await fs.rename(`${mine}.stale`, file);
      else await fs.rm(`${mine}.stale`, { force: true });
    }
  } finally {
    await fs.rm(mine, { force: true });
  }
  held.add(file);
  return async () => {
    held.delete(file);
    await fs.rm(file, { force: true });
  };
}

/**
 * Processes whose working directory is the cluster: its postmaster and backends. Empty where the system has
 * no /proc.
 */
async function processesIn(cluster: string): Promise<number[]> {
  const real = await fs.realpath(cluster);
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

/**
 * Stops what a killed HSS left running on the cluster and removes a stale postmaster.pid. Call only with the
 * folder taken.
 */
export async function clearOrphans(cluster: string, logger: Logger): Promise<void> {
  const file = path.join(cluster, 'postmaster.pid');
  const text = await fs.readFile(file, 'utf8').catch(() => null);
  const inCluster = await processesIn(cluster);
  const recorded = text === null ? NaN : Number(text.split('\n')[0]);
  if (inCluster.includes(recorded)) {
    logger.warn(
      { pid: recorded },
      'a PostgreSQL of an HSS that was killed still runs on the data folder; stopping it in order',
    );
    await stopServer(recorded);
  }
  // Backends of a postmaster that was killed end by themselves, sooner or later.
  for (const pid of inCluster) if (!(await gone(pid, immediateShutdownMs))) await stopServer(pid);
  // PostgreSQL would take another process that has the id now, or one that ended and was not waited for, for
  // a running server. Without /proc it is not known whether one runs; then PostgreSQL decides.
  if (process.platform === 'linux') await fs.rm(file, { force: true });
}
