/** The load generator and the floor as processes of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { TransportName } from '../src/shared/transport-names';
import type { LoadResult } from './load/tally';
import type { TransportNeeds } from './load/transports';

const main = [
  '-r',
  path.join(__dirname, '..', 'test', 'cli', 'register-typescript.cjs'),
  path.join(__dirname, 'main.ts'),
];

/**
 * Runs `bench load` with those options. Answers other than 2xxx are in the result. @throws Error where the
 * load could not be run
 */
export async function load(args: Readonly<Record<string, string | number>>): Promise<LoadResult> {
  const child = spawn(process.execPath, [...main, 'load', '--json', ...optionList(args)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let out = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8');
  });
  await closed(child);
  process.off('exit', kill);
  try {
    return JSON.parse(out) as LoadResult;
  } catch (error) {
    throw new Error(`the load generator failed: ${complaint.trim() || out.slice(0, 500)}`, { cause: error });
  }
}

export interface FloorProcess {
  readonly pid: number;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** What `load` and `floor` want to know of a transport, as options of theirs. */
export function transportArgs(
  name: TransportName,
  { tls, udpPort }: TransportNeeds,
): Record<string, string | number> {
  return {
    transport: name,
    ...(name === 'tls' && tls !== null
      ? {
          'tls-certificate': tls.certificateFile,
          'tls-key': tls.keyFile,
          ...(tls.authoritiesFile === undefined ? {} : { 'tls-authorities': tls.authoritiesFile }),
        }
      : {}),
    ...(name === 'userland-sctp-udp' && udpPort !== undefined ? { 'udp-port': udpPort } : {}),
  };
}

const optionList = (args: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);

export async function startFloorProcess(
  args: Readonly<Record<string, string | number>> = {},
): Promise<FloorProcess> {
  const child = spawn(process.execPath, [...main, 'floor', '0', '--until-stdin-ends', ...optionList(args)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the floor ended with ${code}`)));
    child.stdout.once('data', (chunk: Buffer) =>
      resolve(Number(/(\d+)\s*$/.exec(chunk.toString('utf8'))?.[1])),
    );
  });
  return {
    pid: child.pid ?? 0,
    port,
    stop: async () => {
      const end = closed(child);
      child.kill('SIGTERM');
      await end;
    },
  };
}

const closed = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('close', () => resolve());
  });
