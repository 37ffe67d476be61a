/** What has to hold, line by line, each with its limit. */
import { cpuPerServedUs, type Phase, type SoakResult } from './result';
import type { Settings } from './settings';
import type { KindResult } from './tally';
import { trend } from './watch';

export interface Line {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly atLeast: boolean;
  readonly holds: boolean;
}

interface Limit {
  /** In a full run on a machine of its own. */
  readonly full: number;
  /** In a short one beside other work. */
  readonly short: number;
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (part / whole) * 100);
const total = (phase: Phase, of: (result: KindResult) => number): number =>
  Object.values(phase.results).reduce((sum, result) => sum + of(result), 0);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const othersOf = ({ others }: KindResult): number =>
  Object.values(others).reduce((sum, count) => sum + count, 0);
const worst = (phase: Phase, of: (result: KindResult) => number): number =>
  Math.max(...Object.values(phase.results).map(of));

export function lines(
  {
    peak,
    peakAfter,
    flood,
    peakPerSecond,
    samples,
    watchdogMs,
    watchdogChanges,
    disconnects,
    taking,
    afterwards,
    pairedShares,
  }: SoakResult,
  { short, maxQueueMs }: Settings,
): Line[] {
  const made: Line[] = [];
  const add = (name: string, value: number, unit: string, limit: Limit, atLeast: boolean): void => {
    const bound = short ? limit.short : limit.full;
    made.push({ name, value, unit, limit: bound, atLeast, holds: atLeast ? value >= bound : value <= bound });
  };
  const least = (name: string, value: number, unit: string, limit: Limit): void =>
    add(name, value, unit, limit, true);
  const most = (name: string, value: number, unit: string, limit: Limit): void =>
    add(name, value, unit, limit, false);
  const always = (limit: number): Limit => ({ full: limit, short: limit });

  const crowd = flood.results['crowd ordinary'];
  const urgent = flood.results['crowd urgent'];
  const few = flood.results['few ordinary'];
  if (crowd === undefined || urgent === undefined || few === undefined)
    throw new Error('nothing was offered');
  least(
    'offered, as a part of what was meant to be',
    percent(
      total(flood, ({ sent }) => sent),
      total(flood, ({ due }) => due),
    ),
    '%',
    { full: 98, short: 80 },
  );
  least('arrived, of what was offered', flood.arrivedShare * 100, '%', { full: 98, short: 95 });
  least('served, of the peaks right before and after, median', median(pairedShares) * 100, '%', {
    full: 90,
    short: 30,
  });
  least(
    'served in all the time, of the first and last peak',
    percent(flood.servedPerSecond, peakPerSecond),
    '%',
    { full: 70, short: 30 },
  );
  const servedUs = (cpuPerServedUs(peak) + cpuPerServedUs(peakAfter)) / 2;
  least(
    'served for the same CPU of the HSS, of the first and last peak',
    percent(servedUs, cpuPerServedUs(flood)),
    '%',
    { full: 75, short: 35 },
  );
  most('answered with anything but success or DIAMETER_TOO_BUSY', total(flood, othersOf), '', always(0));
  most(
    'not answered',
    total(flood, ({ unanswered }) => unanswered),
    '',
    always(0),
  );
  // Of a few seconds on a busy machine the slowest hundredth says how long the machine was away.
  const slow = short ? 'p50Ms' : 'p99Ms';
  const nameOf = (what: string): string => `${what}, ${slow.slice(0, 3)}`;
  most(nameOf('refused'), crowd.refusedLatency[slow], 'ms', { full: maxQueueMs, short: maxQueueMs * 0.6 });
  most(
    nameOf('accepted'),
    worst(flood, ({ servedLatency }) => servedLatency[slow]),
    'ms',
    { full: maxQueueMs, short: maxQueueMs * 1.2 },
  );
  most('urgent requests of the flooding peer that were refused', percent(urgent.refused, urgent.sent), '%', {
    full: 0.1,
    short: 2,
  });
  // What it asks for, or half of what both get where that is less: the machine may have become slower
  // meanwhile.
  const share = Math.min(few.sent, (crowd.served + few.served) / 2);
  least('served of the other peer, of its fair share', percent(few.served, share), '%', {
    full: 98,
    short: 75,
  });
  most(nameOf('accepted of the other peer'), few.servedLatency[slow], 'ms', {
    full: maxQueueMs,
    short: maxQueueMs,
  });
  most('DWR to DWA, at worst', Math.max(...Object.values(watchdogMs)), 'ms', { full: 1_000, short: 3_000 });
  most('peers in doubt, or lost', watchdogChanges + disconnects.length, '', always(0));
  const settled = samples.slice(Math.floor(samples.length / 3));
  most(
    'resident memory, rise over the last two thirds',
    trend(settled.map(({ seconds, residentMib }) => [seconds, residentMib])).rise * 100,
    '%',
    { full: 5, short: 50 },
  );
  most(
    'heap, rise over the last two thirds',
    trend(settled.map(({ seconds, heapMib }) => [seconds, heapMib])).rise * 100,
    '%',
    { full: 10, short: 100 },
  );
  least('reduction asked of a peer that takes part', taking.askedPercent, '%', { full: 40, short: 10 });
  most(
    'refused of what it still sends, when that has settled',
    percent(
      total(taking.settled, ({ refused }) => refused),
      total(taking.settled, ({ sent }) => sent),
    ),
    '%',
    { full: 15, short: 50 },
  );
  least(
    'served then, of the last peak',
    percent(taking.settled.servedPerSecond, peakAfter.servedPerSecond),
    '%',
    { full: 75, short: 25 },
  );
  least(
    'served at half of the last peak afterwards',
    percent(
      total(afterwards, ({ served }) => served),
      total(afterwards, ({ sent }) => sent),
    ),
    '%',
    { full: 99, short: 50 },
  );
  return made;
}

const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0);

function rowsOf(name: string, phase: Phase): string[] {
  return Object.entries(phase.results).map(([kind, result]) => {
    const { due, sent, heldBack, served, refused, servedLatency, refusedLatency } = result;
    const perSecond = (count: number): string => whole(count / phase.seconds).padStart(9);
    const latency = ({ p50Ms, p99Ms, maxMs }: KindResult['servedLatency']): string =>
      `${ms(p50Ms)} / ${ms(p99Ms)} / ${ms(maxMs)}`.padStart(20);
    const rest =
      othersOf(result) + result.unanswered === 0
        ? ''
        : `   ${JSON.stringify(result.others)} ${result.unanswered} unanswered`;
    return `${name.padEnd(12)}${kind.padEnd(18)}${perSecond(due)}${perSecond(sent)}${perSecond(heldBack)}${perSecond(served)}${perSecond(refused)}${latency(servedLatency)}${latency(refusedLatency)}${rest}`;
  });
}

export function text(
  judged: readonly Line[],
  result: SoakResult,
  settings: Settings,
  machine: string,
): string {
  const { peak, flood, taking, afterwards, samples } = result;
  const memory = trend(samples.map(({ seconds, residentMib }) => [seconds, residentMib]));
  const heap = trend(samples.map(({ seconds, heapMib }) => [seconds, heapMib]));
  const loop = samples.map(({ loopMeanMs }) => loopMeanMs).sort((a, b) => a - b);
  const cpu = ({ seconds, hssCpuSeconds, ownCpuSeconds }: Phase): string =>
    `HSS ${hssCpuSeconds === null ? '?' : percent(hssCpuSeconds, seconds).toFixed(0)} %, generator ${percent(ownCpuSeconds, seconds).toFixed(0)} % of a core`;
  return [
    `${machine}; ${settings.commands.join(',')} in turn about ${whole(settings.subscribers)} subscriptions; ${settings.factor} times the peak for ${settings.seconds} s`,
    '',
    `${'a second'.padEnd(30)}      due     sent held back   served  refused${'served p50/p99/max'.padStart(20)}${'refused p50/p99/max'.padStart(20)} ms`,
    ...rowsOf('peak', peak),
    ...rowsOf('overload', flood),
    ...rowsOf('peak again', result.peakAfter),
    ...rowsOf('taking part', taking),
    ...rowsOf('  settled', taking.settled),
    ...rowsOf('afterwards', afterwards),
    '',
    `CPU at the peak: ${cpu(peak)}; in overload: ${cpu(flood)}; this process was ${ms(flood.ownDelayMs)} ms late at worst`,
    `memory of the HSS in overload: resident ${whole(memory.mean)} MiB (at most ${whole(memory.max)}), heap ${whole(heap.mean)} (${whole(heap.max)}); its event loop late by ${ms(loop[loop.length >> 1] ?? 0)} ms in a median second`,
    `CPU of the HSS for each request served: ${cpuPerServedUs(peak).toFixed(0)} us at the peak, ${cpuPerServedUs(flood).toFixed(0)} us in overload, refusals included; event loop ${ms(Math.max(...samples.map(({ loopMaxMs }) => loopMaxMs)))} ms late at worst`,
    `refused by reason and priority: ${JSON.stringify(result.refusals)}`,
    `DWA after ms, at worst: ${Object.entries(result.watchdogMs)
      .map(([name, value]) => `${name} ${ms(value)}`)
      .join(', ')}`,
    `the excess was reckoned from ${whole(result.raisedTo)}/s in the end`,
    `reduction asked for: ${taking.askedPercent} %, in ${taking.reports} reports`,
    ...result.disconnects,
    '',
    ...judged.map(({ name, value, unit, limit, atLeast, holds }) => {
      const shown = unit === '' ? String(value) : `${value.toFixed(1)} ${unit}`;
      return `${holds ? 'ok  ' : 'FAIL'} ${name.padEnd(62)} ${shown.padStart(12)}   ${atLeast ? 'at least' : 'at most'} ${limit}${unit === '' ? '' : ` ${unit}`}`;
    }),
  ].join('\n');
}
