/**
 * How many subscriptions there are, and how many implicit registration sets and public identities are in
 * which state; left out while the database does not say it.
 */
import { Gauge, type Registry } from 'prom-client';
import type { CachedCounts } from '../../../metrics/cached-counts';
import type { RegistrationCounts } from '../store/registrations';

export function registerRegistrationMetrics(
  registry: Registry,
  counts: CachedCounts<RegistrationCounts>,
): void {
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
