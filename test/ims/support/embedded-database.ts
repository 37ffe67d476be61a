/**
 * After a kill -9 of the HSS its embedded PostgreSQL may live on; here it is ended by the id in its own
 * postmaster.pid.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const deepest = 4;

/** Ends what still runs on a data folder below `folder`, by its process id. */
export function stopLeftDatabase(folder: string, depth = 0): void {
  if (!existsSync(folder)) return;
  const pidFile = join(folder, 'postmaster.pid');
  if (existsSync(pidFile)) {
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    const commandLine = `/proc/${pid}/cmdline`;
    // The id may by now belong to somebody else.
    if (pid > 1 && existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes('postgres'))
      process.kill(pid, 'SIGQUIT');
    return;
  }
  if (depth === deepest) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) stopLeftDatabase(join(folder, entry.name), depth + 1);
  }
}
