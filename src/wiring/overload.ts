/** Configuration to overload control, and what it has to hear of the database. */
import type { Dictionary } from '../diameter/codec/dictionary';
import type { HssConfig } from '../config/schema';
import type { OverloadSettings } from '../diameter/overload/contract';
import { OverloadControl } from '../diameter/overload/overload-control';
import type { PriorityTrust } from '../diameter/overload/trust';
import type { ProcessSignals } from '../diameter/overload/process-signals';
import type { HssEvents, OverloadEvents } from '../events/hss-events';
import { systemClock } from '../shared/clock';
import type { Logger } from '../shared/logger';

/**
 * The part of the longest wait at which peers are asked for less, well before anything has to be refused for
 * it.
 */
const OVERLOAD_SHARE_OF_QUEUE_TIME = 0.5;

export interface OverloadPorts {
  readonly signals: ProcessSignals;
  readonly events: OverloadEvents;
  readonly logger: Logger;
}

export const priorityTrust = ({ overload, peers }: HssConfig): PriorityTrust => ({
  peers,
  trustUnknownPeers: overload.trustUnknownPeers,
});

export function overloadSettings(config: HssConfig): OverloadSettings {
  const { overload } = config;
  return {
    queue: {
      maxInFlightCount: overload.maxInFlightRequests,
      maxQueuedCount: overload.maxQueuedRequests,
      maxQueueMs: overload.maxQueueMs,
    },
    signals: {
      queueMs: overload.maxQueueMs * OVERLOAD_SHARE_OF_QUEUE_TIME,
      eventLoopDelayMs: overload.maxEventLoopDelayMs,
      roundTripMs: overload.maxRoundTripMs,
    },
    reports: {
      overload: overload.overloadReports,
      validitySeconds: overload.reportValiditySeconds,
      maxReductionPercent: overload.maxReductionPercent,
      load: overload.loadReports,
    },
    trust: priorityTrust(config),
  };
}

export function createOverloadControl(
  config: HssConfig,
  dictionary: Dictionary,
  { signals, events, logger }: OverloadPorts,
): OverloadControl {
  return new OverloadControl(overloadSettings(config), {
    originHost: config.diameter.originHost,
    dictionary,
    clock: systemClock,
    logger,
    events,
    signals,
  });
}

/** What the signals have to hear of the database. */
export const roundTripsFor = (signals: ProcessSignals): Pick<HssEvents, 'storeRoundTrip'> => ({
  storeRoundTrip: (_kind, _requestCount, durationMs) => signals.roundTrip(durationMs),
});
