/**
 * Locks that the kernel keeps for a file (flock(2)): they hold across containers that see one folder, whatever
 * process ids mean there, and the kernel gives them back when the last process that has the file open is gone,
 * however it ended. Node.js opens files close-on-exec, so a lock goes to a child only where it is handed on.
 */
import { closeSync, constants as modes, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

const LOCK_EX = 2;
const LOCK_NB = 4;
const OWNER_ONLY = 0o600;

/** What is used of koffi. */
interface Koffi {
  load(path: null): { func(declaration: string): unknown };
  errno(): number;
}

type Flock = (fd: number, operation: number) => number;

let loaded: { readonly flock: Flock; readonly errno: () => number } | null = null;

function system() {
  if (loaded !== null) return loaded;
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it is needed, and only then
    const koffi = require('koffi') as Koffi;
    // The C library that Node.js itself is linked against: glibc, musl, or macOS's libSystem.
    const flock = koffi.load(null).func('int flock(int fd, int operation)') as Flock;
    loaded = { flock, errno: () => koffi.errno() };
    return loaded;
  } catch (error) {
    throw new Error(
      'The embedded PostgreSQL needs file locks, and the npm package koffi with its part for this machine is not installed (npm ci). Set store.url or DATABASE_URL to a PostgreSQL 14 or newer instead.',
      { cause: error },
    );
  }
}

export interface FileLock {
  /** To hand the lock on to a child; never close it but by `release`. */
  readonly fd: number;
  /** Text for whoever finds the file locked. */
  note(text: string): void;
  /** Closes our part; the lock stays where a child has it. */
  release(): void;
}

/** Locks the file, which is made where it is missing; null where somebody has it. @throws Error */
export function tryLock(file: string): FileLock | null {
  const { flock, errno } = system();
  const fd = openSync(file, modes.O_RDWR | modes.O_CREAT, OWNER_ONLY);
  if (flock(fd, LOCK_EX | LOCK_NB) !== 0) {
    const code = errno();
    closeSync(fd);
    if (code === constants.errno.EWOULDBLOCK) return null;
    throw new Error(`flock ${file}: error ${code} of the system`);
  }
  let open = true;
  return {
    fd,
    note: (text) => {
      ftruncateSync(fd);
      writeSync(fd, text, 0);
    },
    release: () => {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/** What stands in a lock's file; empty where there is none. */
export function noteIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // Not there yet.
    return '';
  }
}
