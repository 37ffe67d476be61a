/**
 * What came of a load: answers by command and result, latencies, what was lost, and what processes used
 * meanwhile.
 */
import type { TransportName } from '../../src/shared/transport-names';
import { isSuccess, resultText } from './answers';
import { Histogram, type LatencySummary } from './histogram';
import type { Usage } from './processes';
import type { Command } from './templates';

export interface LoadResult {
  readonly scenario: string;
  readonly transport: TransportName;
  readonly loop: 'closed' | 'open';
  readonly connections: number;
  readonly window: number;
  readonly ratePerSecond: number | null;
  readonly seconds: number;
  /** Answered within the time measured. */
  readonly transactions: number;
  readonly transactionsPerSecond: number;
  /** Answers other than 2xxx. */
  readonly refused: number;
  readonly timeouts: number;
  readonly disconnects: readonly string[];
  /** Answers by command and result. */
  readonly results: Readonly<Record<string, number>>;
  /** All commands; corrected for coordinated omission. */
  readonly latency: LatencySummary;
  /** As the requests that were sent saw it, by command. */
  readonly commands: Readonly<
    Partial<Record<Command, { readonly asSeen: LatencySummary; readonly corrected: LatencySummary }>>
  >;
  /** Of the generator and of what was watched. */
  readonly usage: Readonly<Record<string, Usage>>;
}

/** What of the options is in the result. */
export interface TallyOptions {
  readonly transport: TransportName;
  readonly connectionsCount: number;
  readonly windowCount: number;
  readonly ratePerSecond?: number;
  readonly scenario: { readonly name: string };
}

export class Tally {
  /** Requests that got no answer in time. */
  timeouts = 0;
  /** Why connections ended. */
  readonly disconnects: string[] = [];
  private readonly latencies = new Map<Command, Histogram>();
  private readonly results = new Map<string, number>();
  private transactions = 0;
  private refused = 0;

  /** `result` as `resultOf` gives it. */
  answered(command: Command, result: number, latencyMs: number): void {
    this.transactions += 1;
    if (!isSuccess(result)) this.refused += 1;
    const key = `${command} ${resultText(result)}`;
    this.results.set(key, (this.results.get(key) ?? 0) + 1);
    let histogram = this.latencies.get(command);
    if (histogram === undefined) this.latencies.set(command, (histogram = new Histogram()));
    histogram.record(latencyMs * 1_000);
  }

  result(
    { transport, connectionsCount, windowCount, ratePerSecond, scenario }: TallyOptions,
    seconds: number,
    usage: Readonly<Record<string, Usage>>,
  ): LoadResult {
    const perSecond = this.transactions / seconds;
    const isOpen = ratePerSecond !== undefined;
    // In a closed loop each slot would have sent at the mean interval; in an open one latency counts from the
    // time due already.
    const expectedUs = isOpen ? 0 : (connectionsCount * windowCount * 1e6) / perSecond;
    const all = new Histogram();
    const commands = Object.fromEntries(
      [...this.latencies].map(([command, histogram]) => {
        const corrected = histogram.corrected(expectedUs);
        all.add(corrected);
        return [command, { asSeen: histogram.summary(), corrected: corrected.summary() }];
      }),
    );
    return {
      scenario: scenario.name,
      transport,
      loop: isOpen ? 'open' : 'closed',
      connections: connectionsCount,
      window: windowCount,
      ratePerSecond: ratePerSecond ?? null,
      seconds,
      transactions: this.transactions,
      transactionsPerSecond: perSecond,
      refused: this.refused,
      timeouts: this.timeouts,
      disconnects: this.disconnects,
      results: Object.fromEntries([...this.results].sort(([a], [b]) => a.localeCompare(b))),
      latency: all.summary(),
      commands,
      usage,
    };
  }
}
