/**
 * Where the octets of the log go: standard output, in the way that its kind allows without ever waiting for
 * it on the main thread. A pipe or a terminal is opened a second time, because O_NONBLOCK belongs to the open
 * file that other processes share. libuv's own terminal streams block, and a thread that waits in a write
 * cannot be ended: both Node's worker threads and libuv's pool are joined at the exit.
 */
import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** How many octets were taken; 0 where there is no room now. */
export type OutletOutcome = number | Error;

export interface Outlet {
  /** Calls back when the outlet knows; perhaps before it returns. One call at a time. */
  write(octets: Buffer, done: (outcome: OutletOutcome) => void): void;
  /** True where a call that is under way keeps the process from its end. */
  readonly holdsExit: boolean;
}

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** The right outlet for a descriptor of this process. */
export function openOutlet(descriptor: number): Outlet {
  // Always open: Node opens /dev/null in the place of a standard stream that is missing.
  const kind = fstatSync(descriptor);
  const isTerminal = isatty(descriptor);
  if (kind.isFIFO() || isTerminal) {
    const own = openWithoutWaiting(descriptor, isTerminal);
    if (own !== null) return nonblockingOutlet(own);
  }
  return kind.isFIFO() || kind.isSocket() ? streamOutlet(process.stdout) : threadOutlet(descriptor);
}

/** An open file of our own in front of the same pipe or terminal; null where the system refuses it. */
function openWithoutWaiting(descriptor: number, isTerminal: boolean): number | null {
  const candidates = [
    // On other systems a descriptor's path is a copy of it, so that the flag would be everybody's.
    ...(process.platform === 'linux' ? [`/proc/self/fd/${descriptor}`] : []),
    // The terminal may belong to who called sudo; this name is open to everybody whose terminal it is.
    ...(isTerminal ? ['/dev/tty'] : []),
  ];
  for (const path of candidates) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      // E.g. a pipe that another account made, or that nobody reads any more.
    }
  }
  return null;
}

/** Pipes and terminals: a write that would wait takes nothing and says so. */
function nonblockingOutlet(descriptor: number): Outlet {
  return {
    holdsExit: false,
    write: (octets, done) => {
      let outcome: OutletOutcome;
      try {
        outcome = writeSync(descriptor, octets);
      } catch (error) {
        outcome = errorCode(error) === 'EAGAIN' ? 0 : asError(error);
      }
      done(outcome);
    },
  };
}

/** Sockets, and pipes that cannot be opened again: Node's stream does not wait for these. */
function streamOutlet(stream: NodeJS.WritableStream): Outlet {
  // What went wrong is told to the callback as well.
  stream.on('error', () => undefined);
  return {
    holdsExit: false,
    write: (octets, done) => {
      stream.write(octets, (error) => done(error ?? octets.length));
    },
  };
}

/** Files and devices, which take what they get or fail. One thread of libuv's pool, and never a second. */
function threadOutlet(descriptor: number): Outlet {
  return {
    holdsExit: true,
    write: (octets, done) => {
      write(descriptor, octets, (error, taken) => {
        if (error === null) done(taken);
        else done(errorCode(error) === 'EAGAIN' ? 0 : error);
      });
    },
  };
}
