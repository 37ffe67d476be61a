/** What the HSS says of itself while it is under load, read from its metrics, and how its memory develops. */

const LOOK_MS = 1_000;
const OCTETS_PER_MIB = 1 << 20;

export interface Sample {
  /** Since the first one. */
  readonly seconds: number;
  readonly residentMib: number;
  readonly heapMib: number;
  /** Of the event loop's delay since the sample before, in ms. */
  readonly loopMeanMs: number;
  readonly loopMaxMs: number;
}

export interface Counters {
  /** Requests that were read. */
  readonly requests: number;
  /** Changes of a watchdog's state: to SUSPECT, DOWN and so on. */
  readonly watchdogChanges: number;
  readonly openPeers: number;
  /** Requests refused, by reason and priority. */
  readonly refusals: Readonly<Record<string, number>>;
}

export class Watch {
  readonly samples: Sample[] = [];
  private timer: NodeJS.Timeout | null = null;
  private readonly startedMs = performance.now();
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly url: string) {}

  start(): void {
    this.timer ??= setInterval(() => {
      this.looking = this.look();
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    await this.looking;
  }

  async counters(): Promise<Counters> {
    const text = await this.text();
    return {
      requests: sum(text, 'hss_diameter_requests_total'),
      watchdogChanges: sum(text, 'hss_diameter_watchdog_state_changes_total'),
      openPeers: sum(text, 'hss_diameter_peer_up'),
      refusals: Object.fromEntries(
        [
          ...text.matchAll(
            /^hss_overload_refused_requests_total\{reason="(\w+)",priority="(\d+)"\} (\d+)$/gm,
          ),
        ].map(([, reason = '', priority = '', count]) => [`${reason} ${priority}`, Number(count)]),
      ),
    };
  }

  private async look(): Promise<void> {
    const text = await this.text();
    this.samples.push({
      seconds: (performance.now() - this.startedMs) / 1_000,
      residentMib: sum(text, 'process_resident_memory_bytes') / OCTETS_PER_MIB,
      heapMib: sum(text, 'nodejs_heap_size_used_bytes') / OCTETS_PER_MIB,
      loopMeanMs: sum(text, 'nodejs_eventloop_lag_mean_seconds') * 1_000,
      loopMaxMs: sum(text, 'nodejs_eventloop_lag_max_seconds') * 1_000,
    });
  }

  private async text(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }
}

/** All samples of a name added up. */
function sum(text: string, name: string): number {
  let total = 0;
  for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm')))
    total += Number(value);
  return total;
}

export interface Trend {
  readonly mean: number;
  readonly max: number;
  /** By how much the line of best fit rises from one end of the time to the other, as a part of the mean. */
  readonly rise: number;
}

export function trend(points: readonly (readonly [number, number])[]): Trend {
  const count = points.length;
  const meanX = points.reduce((total, [x]) => total + x, 0) / count;
  const mean = points.reduce((total, [, y]) => total + y, 0) / count;
  let above = 0;
  let below = 0;
  for (const [x, y] of points) {
    above += (x - meanX) * (y - mean);
    below += (x - meanX) ** 2;
  }
  const [first, last] = [points[0]?.[0] ?? 0, points[count - 1]?.[0] ?? 0];
  return {
    mean,
    max: Math.max(...points.map(([, y]) => y)),
    rise: count < 2 || mean === 0 ? 0 : ((above / below) * (last - first)) / mean,
  };
}
