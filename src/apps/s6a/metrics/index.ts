/** What S6a and S6d bring to the metrics: how many IMSIs are registered at MMEs and SGSNs. */
import { Gauge } from 'prom-client';
import { CachedCounts } from '../../../metrics/cached-counts';
import { noOutgoing, type MetricsPart } from '../../../metrics/contract';
import { systemClock, type Clock } from '../../../shared/clock';
import { silentLogger, type Logger } from '../../../shared/logger';
import type { AttachmentCounts } from '../store/attachments';

export interface S6aMetricSources {
  /** AttachmentStore.counts, asked when scraped. */
  readonly counts: () => Promise<AttachmentCounts>;
  /** At least 10: counting costs the database something. */
  readonly countsMaxAgeSeconds: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const kinds = ['mme', 'sgsn'] as const;
const states = ['attached', 'purged'] as const;

export const s6aMetrics = ({
  counts,
  countsMaxAgeSeconds,
  clock = systemClock,
  logger = silentLogger,
}: S6aMetricSources): MetricsPart => ({
  outgoing: noOutgoing,
  register: (registry) => {
    const cached = new CachedCounts(counts, countsMaxAgeSeconds * 1_000, clock, logger, 'attached IMSIs');
    new Gauge({
      name: 'hss_serving_node_imsis',
      help: 'IMSIs that are registered at an MME or an SGSN, attached or purged (TS 29.272 5.2.1)',
      labelNames: ['node', 'state'],
      registers: [registry],
      async collect() {
        this.reset();
        const now = await cached.get();
        if (now === null) return;
        for (const node of kinds) for (const state of states) this.set({ node, state }, now[state][node]);
      },
    });
  },
});
