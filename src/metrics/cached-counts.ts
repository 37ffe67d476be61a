/**
 * Numbers that the database has to count for a scrape. They are kept for a while; while they cannot be had their
 * samples are left out rather than shown old.
 */
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';

export class CachedCounts<Counts> {
  private value: Counts | null = null;
  private askedAtMs = -Infinity;
  private pending: Promise<Counts | null> | null = null;

  /** @param what is counted, for the log: "registrations". */
  constructor(
    private readonly counts: () => Promise<Counts>,
    private readonly maxAgeMs: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly what: string,
  ) {}

  /**
   * The last numbers, asked for again when they are too old; null while the database does not answer, or
   * takes long: the scrape must not wait for it.
   */
  get(): Promise<Counts | null> {
    if (this.pending === null) {
      if (this.clock.monotonicMs() - this.askedAtMs < this.maxAgeMs) return Promise.resolve(this.value);
      this.pending = this.ask();
    }
    return withinPatience(this.pending);
  }

  private async ask(): Promise<Counts | null> {
    this.askedAtMs = this.clock.monotonicMs();
    try {
      this.value = await this.counts();
    } catch (error) {
      this.value = null;
      this.logger.debug({ err: error }, `${this.what} cannot be counted`);
    } finally {
      this.pending = null;
    }
    return this.value;
  }
}

/**
 * A scrape is given up by Prometheus after 10 seconds, and everything else that was counted would be lost
 * with it.
 */
const PATIENCE_MS = 2_000;

async function withinPatience<T>(asked: Promise<T | null>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
