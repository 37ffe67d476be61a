/**
 * Latencies in buckets whose width grows with the value: every value from 1 microsecond to some minutes is
 * kept to better than 0.8 %, in a fixed 20 KiB, and two histograms can be added. (The idea is that of
 * HdrHistogram; nothing is sampled or averaged away.)
 */

/** Values below this many microseconds have a bucket each; above, each doubling has half as many. */
const SUB_BUCKETS = 256;
const HALF = SUB_BUCKETS / 2;
/** 2^8 * 2^24 microseconds are more than an hour. */
const DOUBLINGS = 24;
const BUCKETS = SUB_BUCKETS + DOUBLINGS * HALF;
/** Where correcting would add more values than this for one of them, the interval is no interval. */
const MAX_ADDED_PER_VALUE = 1_000_000;

export class Histogram {
  private readonly counts = new Float64Array(BUCKETS);
  private total = 0;
  private sumUs = 0;
  private largestUs = 0;

  get count(): number {
    return this.total;
  }

  get meanUs(): number {
    return this.total === 0 ? 0 : this.sumUs / this.total;
  }

  /** Exact, not the end of a bucket. */
  get maxUs(): number {
    return this.largestUs;
  }

  /** Adds `times` values; below 0 counts as 0, beyond the range as the last bucket. */
  record(valueUs: number, times = 1): void {
    const value = valueUs > 0 ? Math.round(valueUs) : 0;
    const at = indexOf(value);
    this.counts[at] = (this.counts[at] ?? 0) + times;
    this.total += times;
    this.sumUs += value * times;
    if (value > this.largestUs) this.largestUs = value;
  }

  /**
   * The value that `percent` of all values do not exceed, as the upper end of its bucket; 0 where there are
   * none.
   */
  percentileUs(percent: number): number {
    if (this.total === 0) return 0;
    const rank = Math.max(1, Math.ceil((Math.min(Math.max(percent, 0), 100) / 100) * this.total));
    let seen = 0;
    for (let at = 0; at < BUCKETS; at += 1) {
      seen += this.counts[at] ?? 0;
      if (seen >= rank) return Math.min(upperEnd(at), this.largestUs);
    }
    return this.largestUs;
  }

  add(other: Histogram): void {
    for (let at = 0; at < BUCKETS; at += 1)
      this.counts[at] = (this.counts[at] ?? 0) + (other.counts[at] ?? 0);
    this.total += other.total;
    this.sumUs += other.sumUs;
    if (other.largestUs > this.largestUs) this.largestUs = other.largestUs;
  }

  /**
   * A copy with what a closed loop did not send: whoever waited `v` for an answer although a request was due
   * every `expectedUs` would have seen v - expectedUs, v - 2 expectedUs and so on as well (coordinated
   * omission).
   */
  corrected(expectedUs: number): Histogram {
    const copy = new Histogram();
    copy.add(this);
    if (!(expectedUs >= 1)) return copy;
    for (let at = 0; at < BUCKETS; at += 1) {
      const times = this.counts[at] ?? 0;
      if (times === 0) continue;
      const value = Math.min(upperEnd(at), this.largestUs);
      if (value / expectedUs > MAX_ADDED_PER_VALUE) continue;
      for (let missing = value - expectedUs; missing >= expectedUs; missing -= expectedUs)
        copy.record(missing, times);
    }
    return copy;
  }

  /** What reports show, in milliseconds. */
  summary(): LatencySummary {
    const ms = (us: number): number => Math.round(us) / 1_000;
    return {
      count: this.total,
      meanMs: ms(this.meanUs),
      p50Ms: ms(this.percentileUs(50)),
      p90Ms: ms(this.percentileUs(90)),
      p99Ms: ms(this.percentileUs(99)),
      p999Ms: ms(this.percentileUs(99.9)),
      maxMs: ms(this.largestUs),
    };
  }
}

export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

function indexOf(value: number): number {
  if (value < SUB_BUCKETS) return value;
  // Above 2^31 bit operations no longer hold, and the last bucket was reached long before.
  if (value >= 2 ** 31) return BUCKETS - 1;
  const doubling = 31 - Math.clz32(value) - 7;
  return HALF * doubling + (value >>> doubling);
}

function upperEnd(index: number): number {
  if (index < SUB_BUCKETS) return index;
  const doubling = Math.floor(index / HALF) - 1;
  return (index - HALF * doubling + 1) * 2 ** doubling - 1;
}
