/** What a run found: medians of several measurements, as rows of one table and as JSON. */
import type { Baselines } from './baselines';
import type { LoadResult } from './load/tally';

export type Point = 'floor' | 'saturation' | 'half' | 'single';

export interface Measurement {
  readonly scenario: string;
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
  const [low = 0, high = 0] = sorted.length % 2 === 0 ? [sorted[middle - 1], sorted[middle]] : [sorted[middle], sorted[middle]];
  return (low + high) / 2;
}

/** Scenarios that commit something in most transactions are held against pgbench's updates, the others against its reads. */
const updates: ReadonlySet<string> = new Set(['MAR', 'SAR', 'mix', 'busy']);
const processNames = ['hss', 'postgres', 'generator'];

const middle = (runs: readonly LoadResult[], of: (run: LoadResult) => number | null | undefined): number | null => {
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

const header = [
  '', 'subscribers', 'load', 'tx/s', 'spread', '/floor', '/pgbench', 'p50 ms', 'p99 ms', 'max ms',
  'CPU us/tx: HSS', 'PostgreSQL', 'generator', 'other cores', 'HSS MiB', 'PostgreSQL MiB', 'not 2xxx', 'lost',
];

export function table(report: Report): string {
  const floor = report.measurements.find(({ point }) => point === 'floor');
  const floorRate = floor === undefined ? null : middle(floor.runs, (run) => run.transactionsPerSecond);
  const rows = report.measurements.map((measurement) => row(measurement, report, floorRate));
  const baselineRows = report.sizes.flatMap(({ subscribers, baselines }) => {
    if (baselines === null) return [];
    const blanks = new Array<string>(header.length - 4).fill('');
    const line = (name: string, rate: number): string[] => [name, count(subscribers), `${baselines.clients} clients`, count(rate), ...blanks];
    return [
      ...(baselines.pgbench === null ? [] : [
        line('pgbench, one-row read', baselines.pgbench.readsPerSecond), line('pgbench, one-row update', baselines.pgbench.updatesPerSecond),
      ]),
      line('pg, one-row read', baselines.pg.readsPerSecond), line('pg, one-row update', baselines.pg.updatesPerSecond),
    ];
  });
  const floorRows = rows.filter((_, i) => report.measurements[i]?.point === 'floor');
  const others = rows.filter((_, i) => report.measurements[i]?.point !== 'floor');
  const machine = Object.entries({ ...report.machine, ...report.product, ...report.database }).map(([name, value]) => `${name} ${value}`).join(', ');
  const sizes = report.sizes.map((size) => `${count(size.subscribers)} subscriptions (${size.profile}): `
    + `imported in ${size.importSeconds.toFixed(1)} s (${count(size.importPerSecond)}/s), all registered at ${count(size.registerPerSecond)}/s`);
  return [machine, ...sizes, '', markdown([header, ...floorRows, ...baselineRows, ...others])].join('\n');
}

function row({ scenario, subscribers, point, runs }: Measurement, report: Report, floorRate: number | null): string[] {
  const rate = middle(runs, (run) => run.transactionsPerSecond) ?? 0;
  const rates = runs.map((run) => run.transactionsPerSecond);
  const pgbench = report.sizes.find((size) => size.subscribers === subscribers)?.baselines?.pgbench;
  const against = pgbench == null ? null : updates.has(scenario) ? pgbench.updatesPerSecond : pgbench.readsPerSecond;
  const compared = point === 'saturation' ? [ratio(rate, floorRate), ratio(rate, against)] : ['', ''];
  const memory = (name: string): string => mebibytes(middle(runs, (run) => run.usage[name]?.maxMemoryOctets));
  return [
    point === 'floor' ? 'floor: constant UAA' : scenario, point === 'floor' ? '' : count(subscribers), loadText(point, runs), count(rate),
    runs.length < 2 ? '' : `±${(((Math.max(...rates) - Math.min(...rates)) / 2 / rate) * 100).toFixed(0)} %`, ...compared,
    ...(['p50Ms', 'p99Ms', 'maxMs'] as const).map((name) => fixed(middle(runs, (run) => run.latency[name]), 2)),
    ...processNames.map((name) => fixed(middle(runs, (run) => cpuUs(run, point === 'floor' && name === 'hss' ? 'floor' : name)), 1)),
    fixed(middle(runs, (run) => perSecond(run, 'others')), 2),
    memory(point === 'floor' ? 'floor' : 'hss'), memory('postgres'),
    count(runs.reduce((sum, run) => sum + run.refused, 0)), count(runs.reduce((sum, run) => sum + run.timeouts + run.disconnects.length, 0)),
  ];
}

function loadText(point: Point, runs: readonly LoadResult[]): string {
  const [run] = runs;
  if (point === 'single') return 'one at a time';
  if (point === 'half') return 'half';
  return `${run?.connections ?? 0} x ${run?.window ?? 0}`;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const fixed = (value: number | null, digits: number): string => (value === null ? '' : value.toFixed(digits));
const ratio = (value: number, against: number | null): string => (against === null || against === 0 ? '' : (value / against).toFixed(2));
const mebibytes = (octets: number | null): string => (octets === null ? '' : (octets / 2 ** 20).toFixed(0));

/** A table that reads as text and as Markdown. */
function markdown(rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) => Math.max(3, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const aligned = (cell: string, column: number): string => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0));
  const line = (cells: readonly string[]): string => `| ${cells.map(aligned).join(' | ')} |`;
  const [first = [], ...rest] = rows;
  return [line(first), `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`, ...rest.map(line)].join('\n');
}
