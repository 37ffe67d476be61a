/** The command line of `npm run soak`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { integer, number } from '../load/options';
import { commands, type Command } from '../load/templates';

export interface Settings {
  /** How long it is offered too much. */
  readonly seconds: number;
  /** Of the peak, what is offered. */
  readonly factor: number;
  readonly commands: readonly Command[];
  readonly subscribers: number;
  readonly maxQueueMs: number;
  /** overload.maxInFlightRequests; null for the default. */
  readonly inFlightCount: number | null;
  /** A short run on a machine that others use: limits that only a regression crosses. */
  readonly short: boolean;
  readonly databaseUrl: string | null;
  readonly folder: string;
  readonly program: readonly string[];
  readonly build: boolean;
  readonly json: boolean;
}

export const help = `npm run soak [-- options]     offers an HSS far more than it can serve, and says whether it bears it

  --seconds S        of overload (600; 4 with --short)
  --factor F         of what is offered to what it can carry at most (3)
  --commands C,...   in turn (UAR,MAR,UAR,SAR)
  --subscribers N    (10000; 2000 with --short)
  --queue-ms MS      overload.maxQueueMs of the HSS (250)
  --in-flight N      overload.maxInFlightRequests (as configured by default)
  --short            some 20 seconds in all, limits that a busy machine keeps as well
  --database URL     a PostgreSQL where databases may be made and dropped, instead of the embedded one
  --data FOLDER      where the embedded one lives during the run, and what the HSS needs (bench/data/soak)
  --program FILE     another build of the HSS, its dist/main.js, or main.ts
  --node=FLAGS       flags of node for the HSS, such as "--node=--cpu-prof --cpu-prof-dir=/tmp"
  --no-build         dist/ as it is
  --json             the results as JSON

Exit status: 0 where every line holds, 1 where one does not, 2 for a wrong option.
`;

const root = path.join(__dirname, '..', '..');

/** Null where help is wanted. @throws Error that names the option and what is wrong with it */
export function settingsFrom(args: readonly string[]): Settings | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: text,
      factor: text,
      commands: text,
      subscribers: text,
      'queue-ms': text,
      'in-flight': text,
      short: flag,
      database: text,
      data: text,
      program: text,
      'no-build': flag,
      node: text,
      json: flag,
      help: { ...flag, short: 'h' },
    },
  });
  if (values.help === true) return null;
  const short = values.short === true;
  const asked = (values.commands ?? 'UAR,MAR,UAR,SAR').split(',').map((name) => {
    const command = commands.find((known) => known === name.trim().toUpperCase());
    if (command === undefined) throw new Error(`--commands: "${name}" is none of ${commands.join(', ')}`);
    return command;
  });
  const program = path.resolve(values.program ?? path.join(root, 'dist', 'main.js'));
  return {
    seconds: number('seconds', values.seconds ?? (short ? '4' : '600'), 2, 86_400),
    factor: number('factor', values.factor ?? '3', 1.2, 100),
    commands: asked,
    subscribers: integer('subscribers', values.subscribers ?? (short ? '2000' : '10000'), 100, 10_000_000),
    maxQueueMs: integer('queue-ms', values['queue-ms'] ?? '250', 20, 60_000),
    inFlightCount:
      values['in-flight'] === undefined ? null : integer('in-flight', values['in-flight'], 1, 100_000),
    short,
    databaseUrl: values.database ?? null,
    folder: path.resolve(values.data ?? path.join(root, 'bench', 'data', 'soak')),
    program: [
      ...(values.node ?? '').split(' ').filter((entry) => entry !== ''),
      ...(program.endsWith('.ts') ? ['-r', path.join(root, 'test', 'cli', 'register-typescript.cjs')] : []),
      program,
    ],
    build: values['no-build'] !== true && values.program === undefined,
    json: values.json === true,
  };
}
