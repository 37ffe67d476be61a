/** What a run found: medians of several measurements, as rows of one table and as JSON. */
import type { TransportName } from '../src/shared/transport-names';
import type { Baselines } from './baselines';
import type { LoadResult } from './load/tally';

export type Point = 'floor' | 'saturation' | 'half' | 'single';

export interface Measurement {
  readonly scenario: string;
  readonly transport: TransportName;
  readonly subscribers: number;
  readonly point: Point;
  readonly runs: readonly LoadResult[];
}

export interface SizeReport {
  readonly subscribers: number;
  readonly profile: string;
  readonly baselines: Baselines | null;
  readonly importSeconds: number;
  readonly importPerSecond: number;
  /** Registering every subscriber, before anything is measured. */
  readonly registerPerSecond: number;
}

export interface Report {
  readonly startedAt: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly product: Readonly<Record<string, string>>;
  readonly database: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly sizes: readonly SizeReport[];
  readonly measurements: readonly Measurement[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] =
    sorted.length % 2 === 0 ? [sorted[middle - 1], sorted[middle]] : [sorted[middle], sorted[middle]];
  return (low + high) / 2;
}

/**
 * Scenarios that commit something in most transactions are held against pgbench's updates, the others against
 * its reads.
 */
const updates: ReadonlySet<string> = new Set(['MAR', 'SAR', 'mix', 'busy', 'AIR', 'ULR', 'attach']);

const middle = (
  runs: readonly LoadResult[],
  of: (run: LoadResult) => number | null | undefined,
): number | null => {
  const values = runs.map(of).filter((value) => value != null);
  return values.length === 0 ? null : median(values);
};

const cpuUs = (run: LoadResult, name: string): number | null => {
  const seconds = run.usage[name]?.cpuSeconds;
  return seconds == null || run.transactions === 0 ? null : (seconds * 1e6) / run.transactions;
};

/** Cores' worth: what the machine did besides. */
const perSecond = (run: LoadResult, name: string): number | null => {
  const seconds = run.usage[name]?.cpuSeconds;
  return seconds == null ? null : seconds / run.seconds;
};

const columns = [
  '',
  'subscribers',
  'transport',
  'load',
  'tx/s',
  'spread',
  '/tcp',
  '/floor',
  '/pgbench',
  'p50 ms',
  'p99 ms',
  'max ms',
  'CPU us/tx: HSS',
  'HSS /tcp',
  'PostgreSQL',
  'generator',
  'other cores',
  'HSS MiB',
  'PostgreSQL MiB',
  'not 2xxx',
  'lost',
] as const;
/** Cells by the names of their columns; the others stay empty. */
type Row = Partial<Record<(typeof columns)[number], string>>;

/** Said below the table: there a system call costs many times what it does on a machine. */
export const UML_NOTE =
  'Measured in user-mode Linux, where every system call is a detour over another process and a commit costs nothing: only the ratios between ' +
  'transports mean something, and those are against what does more system calls.';

export function table(report: Report): string {
  const severalTransports = new Set(report.measurements.map(({ transport }) => transport)).size > 1;
  const shown = columns.filter((column) => severalTransports || (column !== '/tcp' && column !== 'HSS /tcp'));
  const rows = report.measurements.map((measurement) => ({
    isFloor: measurement.point === 'floor',
    cells: row(measurement, report),
  }));
  const baselineRows = report.sizes.flatMap(({ subscribers, baselines }): Row[] => {
    if (baselines === null) return [];
    const line = (name: string, rate: number): Row => ({
      '': name,
      subscribers: count(subscribers),
      load: `${baselines.clients} clients`,
      'tx/s': count(rate),
    });
    return [
      ...(baselines.pgbench === null
        ? []
        : [
            line('pgbench, one-row read', baselines.pgbench.readsPerSecond),
            line('pgbench, one-row update', baselines.pgbench.updatesPerSecond),
          ]),
      line('pg, one-row read', baselines.pg.readsPerSecond),
      line('pg, one-row update', baselines.pg.updatesPerSecond),
    ];
  });
  const ordered = [
    ...rows.filter(({ isFloor }) => isFloor).map(({ cells }) => cells),
    ...baselineRows,
    ...rows.filter(({ isFloor }) => !isFloor).map(({ cells }) => cells),
  ];
  const machine = Object.entries({ ...report.machine, ...report.product, ...report.database })
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const sizes = report.sizes.map(
    (size) =>
      `${count(size.subscribers)} subscriptions (${size.profile}): ` +
      `imported in ${size.importSeconds.toFixed(1)} s (${count(size.importPerSecond)}/s), all registered at ${count(size.registerPerSecond)}/s`,
  );
  const cells = ordered.map((line) => shown.map((column) => line[column] ?? ''));
  return [
    machine,
    ...sizes,
    '',
    markdown([shown, ...cells]),
    ...(report.machine['user-mode Linux'] === undefined ? [] : ['', UML_NOTE]),
  ].join('\n');
}

/** Rate and CPU of a transaction, for comparing. */
const rateOf = (runs: readonly LoadResult[]): number => middle(runs, (run) => run.transactionsPerSecond) ?? 0;
const serverCpuUs = ({ point, runs }: Measurement): number | null =>
  middle(runs, (run) => cpuUs(run, point === 'floor' ? 'floor' : 'hss'));

function row(measurement: Measurement, report: Report): Row {
  const { scenario, transport, subscribers, point, runs } = measurement;
  const isFloor = point === 'floor';
  const rate = rateOf(runs);
  const rates = runs.map((run) => run.transactionsPerSecond);
  const like = (wanted: Partial<Measurement>): Measurement | undefined =>
    report.measurements.find((other) =>
      Object.entries({ scenario, transport, subscribers, point, ...wanted }).every(
        ([name, value]) => other[name as keyof Measurement] === value,
      ),
    );
  const overTcp = transport === 'tcp' ? undefined : like({ transport: 'tcp' });
  const floor = like({ point: 'floor', scenario: 'UAR', subscribers: 0 });
  const pgbench = report.sizes.find((size) => size.subscribers === subscribers)?.baselines?.pgbench;
  const against =
    pgbench == null ? null : updates.has(scenario) ? pgbench.updatesPerSecond : pgbench.readsPerSecond;
  const memory = (name: string): string => mebibytes(middle(runs, (run) => run.usage[name]?.maxMemoryOctets));
  const [cpu, cpuOverTcp] = [serverCpuUs(measurement), overTcp === undefined ? null : serverCpuUs(overTcp)];
  const cpuOf = (name: string): string =>
    fixed(
      middle(runs, (run) => cpuUs(run, name)),
      1,
    );
  return {
    '': isFloor ? 'floor: constant UAA' : scenario,
    subscribers: isFloor ? '' : count(subscribers),
    transport,
    load: loadText(point, runs),
    'tx/s': count(rate),
    spread:
      runs.length < 2
        ? ''
        : `±${(((Math.max(...rates) - Math.min(...rates)) / 2 / rate) * 100).toFixed(0)} %`,
    // At half of saturation the rate is what was asked for.
    '/tcp': overTcp === undefined || point === 'half' ? '' : ratio(rate, rateOf(overTcp.runs)),
    '/floor': point === 'saturation' && floor !== undefined ? ratio(rate, rateOf(floor.runs)) : '',
    '/pgbench': point === 'saturation' ? ratio(rate, against) : '',
    'p50 ms': fixed(
      middle(runs, (run) => run.latency.p50Ms),
      2,
    ),
    'p99 ms': fixed(
      middle(runs, (run) => run.latency.p99Ms),
      2,
    ),
    'max ms': fixed(
      middle(runs, (run) => run.latency.maxMs),
      2,
    ),
    'CPU us/tx: HSS': fixed(cpu, 1),
    'HSS /tcp': cpu === null ? '' : ratio(cpu, cpuOverTcp),
    PostgreSQL: cpuOf('postgres'),
    generator: cpuOf('generator'),
    'other cores': fixed(
      middle(runs, (run) => perSecond(run, 'others')),
      2,
    ),
    'HSS MiB': memory(isFloor ? 'floor' : 'hss'),
    'PostgreSQL MiB': memory('postgres'),
    'not 2xxx': count(runs.reduce((sum, run) => sum + run.refused, 0)),
    lost: count(runs.reduce((sum, run) => sum + run.timeouts + run.disconnects.length, 0)),
  };
}

function loadText(point: Point, runs: readonly LoadResult[]): string {
  const [run] = runs;
  if (point === 'single') return 'one at a time';
  if (point === 'half') return 'half';
  return `${run?.connections ?? 0} x ${run?.window ?? 0}`;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const fixed = (value: number | null, digits: number): string => (value === null ? '' : value.toFixed(digits));
const ratio = (value: number, against: number | null): string =>
  against === null || against === 0 ? '' : (value / against).toFixed(2);
const mebibytes = (octets: number | null): string => (octets === null ? '' : (octets / 2 ** 20).toFixed(0));

/** A table that reads as text and as Markdown. */
function markdown(rows: readonly (readonly string[])[]): string {
  const [first = [], ...rest] = rows;
  const widths = first.map((_, column) => Math.max(3, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const aligned = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]): string => `| ${cells.map(aligned).join(' | ')} |`;
  return [
    line(first),
    `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
    ...rest.map(line),
  ].join('\n');
}
