/**
 * How much one destination gets at once: a token bucket and a number of requests in flight for each, of this
 * instance.
 */

/** Tokens that may be saved up, as time. */
const BURST_MS = 250;

interface Bucket {
  tokens: number;
  filledAtMs: number;
  inFlight: number;
}

export class HostLimits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #capacity: number;

  constructor(
    private readonly maxPerSecond: number,
    private readonly maxInFlight: number,
  ) {
    this.#capacity = Math.max(1, (maxPerSecond * BURST_MS) / 1_000);
  }

  get inFlightCount(): number {
    let count = 0;
    for (const { inFlight } of this.#buckets.values()) count += inFlight;
    return count;
  }

  /** How many requests may go there now. */
  free(host: string, nowMs: number): number {
    const bucket = this.#buckets.get(host);
    if (bucket === undefined) return Math.min(Math.floor(this.#capacity), this.maxInFlight);
    this.#fill(bucket, nowMs);
    return Math.max(0, Math.min(Math.floor(bucket.tokens), this.maxInFlight - bucket.inFlight));
  }

  begin(host: string, nowMs: number): void {
    let bucket = this.#buckets.get(host);
    if (bucket === undefined)
      this.#buckets.set(host, (bucket = { tokens: this.#capacity, filledAtMs: nowMs, inFlight: 0 }));
    this.#fill(bucket, nowMs);
    bucket.tokens -= 1;
    bucket.inFlight += 1;
  }

  end(host: string, nowMs: number): void {
    const bucket = this.#buckets.get(host);
    if (bucket === undefined) return;
    bucket.inFlight -= 1;
    this.#fill(bucket, nowMs);
    // What is full and idle says no more than what is absent.
    if (bucket.inFlight === 0 && bucket.tokens >= this.#capacity) this.#buckets.delete(host);
  }

  #fill(bucket: Bucket, nowMs: number): void {
    bucket.tokens = Math.min(
      this.#capacity,
      bucket.tokens + ((nowMs - bucket.filledAtMs) * this.maxPerSecond) / 1_000,
    );
    bucket.filledAtMs = nowMs;
  }
}
