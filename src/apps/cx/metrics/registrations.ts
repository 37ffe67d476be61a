/**
 * How many subscriptions there are, and how many implicit registration sets and public identities are in
 * which state. The database has to count, so the numbers are kept for a while; while they cannot be had the
 * samples are left out rather than shown old.
 */
import { Gauge, type Registry } from 'prom-client';
import type { RegistrationCounts } from '../store/registrations';
import type { Clock } from '../../../shared/clock';
import type { Logger } from '../../../shared/logger';

export class CachedCounts {
  private value: RegistrationCounts | null = null;
  private askedAtMs = -Infinity;
  private pending: Promise<RegistrationCounts | null> | null = null;

  /** @param counts Registrations.counts. */
  constructor(
    private readonly counts: () => Promise<RegistrationCounts>,
    private readonly maxAgeMs: number,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * The last numbers, asked for again when they are too old; null while the database does not answer, or
   * takes long: the scrape must not wait for it.
   */
  get(): Promise<RegistrationCounts | null> {
    if (this.pending === null) {
      if (this.clock.monotonicMs() - this.askedAtMs < this.maxAgeMs) return Promise.resolve(this.value);
      this.pending = this.ask();
    }
    return withinPatience(this.pending);
  }

  private async ask(): Promise<RegistrationCounts | null> {
    this.askedAtMs = this.clock.monotonicMs();
    try {
      this.value = await this.counts();
    } catch (error) {
      this.value = null;
      this.logger.debug({ err: error }, 'registrations cannot be counted');
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

export function registerRegistrationMetrics(registry: Registry, counts: CachedCounts): void {
  new Gauge({
    name: 'hss_public_identities',
    help: 'Public identities that are registered or unregistered, by registration state (TS 29.228 3.1)',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset();
      const now = await counts.get();
      if (now === null) return;
      this.set({ state: 'registered' }, now.registeredIdentities);
      this.set({ state: 'unregistered' }, now.unregisteredIdentities);
    },
  });
  new Gauge({
    name: 'hss_registration_sets',
    help: 'Implicit registration sets, by registration state (TS 29.228 3.1)',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset();
      const now = await counts.get();
      if (now === null) return;
      this.set({ state: 'registered' }, now.registeredSets);
      this.set({ state: 'unregistered' }, now.unregisteredSets);
    },
  });
  new Gauge({
    name: 'hss_subscriptions',
    help: 'IMS subscriptions that are provisioned',
    registers: [registry],
    async collect() {
      const now = await counts.get();
      // A gauge without labels cannot be left out; NaN is what Prometheus knows for "no value".
      this.set(now?.subscriptions ?? NaN);
    },
  });
}
