/** Processes of the machine by their numbers, for tests that kill and hold still what they started. */
import { readdirSync, readFileSync } from 'node:fs';
import { sleep } from '../../src/store/timing';

/**
 * Holds a server still (SIGSTOP), itself before its children: one that is held makes no child that nobody has
 * listed. Gives them all, to kill or to let go.
 */
export async function hold(postmaster: number): Promise<number[]> {
  signal(postmaster, 'SIGSTOP');
  // The signal is taken at the next return to user space, which may be that of a fork.
  while (alive(postmaster) && statOf(postmaster)[0] !== 'T') await sleep(1);
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === postmaster);
  for (const pid of children) signal(pid, 'SIGSTOP');
  return [postmaster, ...children];
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // A backend that ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

const parentOf = (pid: number): number => Number(statOf(pid)[1]);

/** Not counting those that nobody has waited for yet. */
export function alive(pid: number): boolean {
  const [state] = statOf(pid);
  return state !== undefined && state !== 'Z';
}
