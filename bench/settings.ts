/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import path from 'node:path';
import type { TransportName } from '../src/shared/transport-names';
import { integer, number } from './load/options';
import { scenario } from './load/scenarios';
import { transportList, transportsHelp } from './load/transports';
import { profileKinds, type ProfileKind } from './subscriptions';

export interface Settings {
  /** In the order of the table; `all` takes those that the machine has. */
  readonly transports: readonly TransportName[] | 'all';
  readonly subscribers: readonly number[];
  readonly profile: ProfileKind;
  readonly scenarios: readonly string[];
  readonly runsCount: number;
  readonly durationSeconds: number;
  readonly warmupSeconds: number;
  readonly connectionsCount: number;
  readonly windowCount: number;
  readonly half: boolean;
  readonly single: boolean;
  /** The same answer from a process with nothing behind the transport. */
  readonly floor: boolean;
  /** pgbench and pg. */
  readonly baselines: boolean;
  /** Outside database instead of the embedded one. */
  readonly databaseUrl: string | null;
  readonly folder: string;
  readonly program: string | null;
  readonly build: boolean;
  /** File for the JSON; results/<date>.json where null. */
  readonly output: string | null;
}

export const help = `Measures the floor, the database and the HSS on this machine: one table of medians, and JSON in bench/results.

  npm run bench                    everything, with 1,000 and 1,000,000 subscriptions: about half an hour
  npm run bench -- --quick         1,000 subscriptions, one run of each: under two minutes
  npm run bench:sctp               kernel SCTP beside TCP, in user-mode Linux where this kernel has none
  npm run bench -- load --help     the load generator alone, against any HSS

  --subscribers N,...   sizes (1000,1000000)
  --profile KIND        small: one identity; realistic: three identities, five filter criteria (small)
  --scenarios NAME,...  (UAR,LIR,MAR,SAR,mix,busy,AIR,ULR,attach)
  --transport NAME,...  ${transportsHelp}; all: those that this machine has (tcp)
  --runs N              medians of N (3)
  --seconds S           each measurement (5), after --warmup S (1)
  --connections N       (4), with --window N requests under way on each (16)
  --no-half             not at half of saturation
  --no-single           not one request at a time
  --no-baselines        no floor, pgbench and pg; --no-pgbench: the floor only
  --database URL        a PostgreSQL where databases may be made and dropped, instead of the embedded one
  --data FOLDER         where the embedded one lives during the run; on the disk that is to be measured (bench/data)
  --program FILE        another build of the HSS, its dist/main.js; for before and after
  --no-build            dist/ as it is
  --output FILE         (bench/results/<date>.json)
`;

/** Null where help is wanted. @throws Error that names the option and what is wrong with it */
export function settingsFrom(args: readonly string[]): Settings | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: flag,
      subscribers: text,
      profile: text,
      scenarios: text,
      transport: text,
      runs: text,
      seconds: text,
      warmup: text,
      connections: text,
      window: text,
      'no-half': flag,
      'no-single': flag,
      'no-baselines': flag,
      'no-pgbench': flag,
      database: text,
      data: text,
      program: text,
      'no-build': flag,
      output: text,
      help: { ...flag, short: 'h' },
    },
  });
  if (values.help === true) return null;
  const quick = values.quick === true;
  const profile = profileKinds.find((kind) => kind === (values.profile ?? 'small'));
  if (profile === undefined)
    throw new Error(`--profile: "${values.profile}" is none of ${profileKinds.join(', ')}`);
  const scenarios = (
    values.scenarios ??
    (quick ? 'UAR,LIR,SAR,MAR,mix,AIR,ULR,attach' : 'UAR,LIR,MAR,SAR,mix,busy,AIR,ULR,attach')
  )
    .split(',')
    .map((name) => scenario(name).name);
  return {
    transports: transportList(values.transport ?? 'tcp'),
    subscribers: (values.subscribers ?? (quick ? '1000' : '1000,1000000'))
      .split(',')
      .map((entry) => integer('subscribers', entry, 1, 100_000_000)),
    profile,
    scenarios,
    runsCount: integer('runs', values.runs ?? (quick ? '1' : '3'), 1, 100),
    durationSeconds: number('seconds', values.seconds ?? '5', 0.5, 3_600),
    warmupSeconds: number('warmup', values.warmup ?? '1', 0, 600),
    connectionsCount: integer('connections', values.connections ?? '4', 1, 99),
    windowCount: integer('window', values.window ?? '16', 1, 65_535),
    half: !quick && values['no-half'] !== true,
    single: !quick && values['no-single'] !== true,
    floor: values['no-baselines'] !== true,
    baselines: values['no-baselines'] !== true && values['no-pgbench'] !== true,
    databaseUrl: values.database ?? null,
    folder: path.resolve(values.data ?? path.join(__dirname, 'data')),
    program: values.program === undefined ? null : path.resolve(values.program),
    build: values['no-build'] !== true && values.program === undefined,
    output: values.output === undefined ? null : path.resolve(values.output),
  };
}
