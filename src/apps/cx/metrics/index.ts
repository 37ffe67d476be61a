/** What Cx brings to the metrics: registrations, and the labels of RTR and PPR. */
import { CachedCounts } from '../../../metrics/cached-counts';
import type { MetricsPart } from '../../../metrics/contract';
import { systemClock, type Clock } from '../../../shared/clock';
import { silentLogger, type Logger } from '../../../shared/logger';
import type { RegistrationCounts } from '../store/registrations';
import { cxKinds, pushOutcomes } from '../outgoing/push';
import { registerRegistrationMetrics } from './registrations';

export interface CxMetricSources {
  /** Registrations.counts, asked when scraped. */
  readonly counts: () => Promise<RegistrationCounts>;
  /** At least 10: counting costs the database something. */
  readonly countsMaxAgeSeconds: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export const cxMetrics = ({
  counts,
  countsMaxAgeSeconds,
  clock = systemClock,
  logger = silentLogger,
}: CxMetricSources): MetricsPart => ({
  outgoing: { commands: { [cxKinds.RTR]: 'RTR', [cxKinds.PPR]: 'PPR' }, outcomes: pushOutcomes },
  register: (registry) =>
    registerRegistrationMetrics(
      registry,
      new CachedCounts(counts, countsMaxAgeSeconds * 1_000, clock, logger, 'registrations'),
    ),
});
