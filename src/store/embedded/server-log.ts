/**
 * server.log of the embedded server: the server writes to it itself, so that it needs nobody to read, and
 * this keeps it bounded while it runs. The file is emptied in place, because the server keeps it open; it
 * appends, so that its next line stands at the new beginning.
 */
import { openSync, promises as fs } from 'node:fs';
import path from 'node:path';

/** server.log and server.log.1 each hold this much at most, but for what comes between two looks. */
export const logKeptOctets = 8 * 1024 * 1024;
const lookMs = 2_000;
const tailLines = 6;
/** More than six lines. */
const tailOctets = 65_536;

export const logFile = (folder: string): string => path.join(folder, 'server.log');

async function sizeOf(file: string): Promise<number> {
  return fs.stat(file).then(
    (stat) => stat.size,
    () => 0,
  );
}

/** The end of a file, up to `octets`. */
async function endOf(file: string, octets: number): Promise<Buffer> {
  const handle = await fs.open(file, 'r');
  try {
    const { size } = await handle.stat();
    const wanted = Math.min(size, octets);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, size - wanted);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * The last lines that the server wrote, for an error message; without the text of statements, whose lines are
 * indented.
 */
export async function logTail(folder: string): Promise<string> {
  const text = await endOf(logFile(folder), tailOctets).then(
    (octets) => octets.toString('utf8'),
    () => '',
  );
  return text
    .split('\n')
    .filter((line) => /^\S/.test(line))
    .slice(-tailLines)
    .join('\n')
    .trim();
}

/** For the server's standard output and standard error. */
export async function openLog(folder: string): Promise<number> {
  await boundLog(folder);
  return openSync(logFile(folder), 'a', 0o600);
}

/** Moves what is too much to server.log.1, whose content is lost. */
export async function boundLog(folder: string, keptOctets = logKeptOctets): Promise<void> {
  const file = logFile(folder);
  if ((await sizeOf(file)) <= keptOctets) return;
  try {
    await fs.writeFile(`${file}.1`, await endOf(file, keptOctets), { mode: 0o600 });
  } finally {
    // Also where the disk is full: this makes room.
    await fs.truncate(file, 0);
  }
}

/** Looks at the log while the server runs. @returns what ends that */
export function watchLog(folder: string, onFailure: (error: unknown) => void): () => void {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void boundLog(folder)
      .catch(onFailure)
      .finally(() => {
        looking = false;
      });
  }, lookMs).unref();
  return () => clearInterval(timer);
}
