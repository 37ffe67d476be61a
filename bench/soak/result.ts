/** What a soak has measured. */
import type { KindResult } from './tally';
import type { Sample } from './watch';

export interface Phase {
  readonly seconds: number;
  /** By peer and kind. */
  readonly results: Readonly<Record<string, KindResult>>;
  readonly servedPerSecond: number;
  /** Of the requests sent, what the HSS says that it read; 1 is all. */
  readonly arrivedShare: number;
  readonly hssCpuSeconds: number | null;
  readonly ownCpuSeconds: number;
  /** How late this process itself was at worst, in ms. */
  readonly ownDelayMs: number;
}

export interface SoakResult {
  /** Mean of before and after the overload. */
  readonly peakPerSecond: number;
  readonly peak: Phase;
  /** Right after the overload; the same one in a short run. */
  readonly peakAfter: Phase;
  /** What the excess was reckoned from in the end: the peak, or what was served since where that was more. */
  readonly raisedTo: number;
  readonly flood: Phase;
  readonly samples: readonly Sample[];
  /** DWR to DWA, in ms, of each peer at worst. */
  readonly watchdogMs: Readonly<Record<string, number>>;
  readonly watchdogChanges: number;
  readonly disconnects: readonly string[];
  /** During the overload, by reason and priority. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly taking: Phase & {
    readonly askedPercent: number;
    readonly reports: number;
    /** What follows, when the reports have taken effect. */ readonly settled: Phase;
  };
  readonly afterwards: Phase;
  /**
   * Served under the excess, as a part of the peaks right before and after it: the machine is the same for
   * both.
   */
  readonly pairedShares: readonly number[];
}

/**
 * CPU of the HSS for each request that was served, refusals and all. Unlike rates it hardly changes with what
 * else the machine does.
 */
export const cpuPerServedUs = ({ hssCpuSeconds, servedPerSecond, seconds }: Phase): number =>
  ((hssCpuSeconds ?? NaN) * 1e6) / Math.max(1, servedPerSecond * seconds);
