/** Configuration to overload control, and what it has to hear of the database. */
import type { Dictionary } from '../diameter/codec/dictionary';
import type { HssConfig } from '../config/schema';
import type { OverloadEvents, OverloadSettings } from '../diameter/overload/contract';
import { OverloadControl } from '../diameter/overload/overload-control';
import type { PriorityTrust } from '../diameter/overload/trust';
import type { ProcessSignals } from '../diameter/overload/process-signals';
import { systemClock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { StoreEvents } from '../store/events';

/**
 * The part of the longest wait at which peers are asked for less, well before anything has to be refused for
 * it.
 */
const OVERLOAD_SHARE_OF_QUEUE_TIME = 0.5;

export interface OverloadPorts {
  readonly signals: ProcessSignals;
  readonly overloadEvents: OverloadEvents;
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
    priorities: {
      sessionPriorities: overload.sessionPriorities,
      emergencyPriority: overload.emergencyPriority,
    },
    trust: priorityTrust(config),
  };
}

export function createOverloadControl(
  config: HssConfig,
  dictionary: Dictionary,
  { signals, overloadEvents, logger }: OverloadPorts,
): OverloadControl {
  return new OverloadControl(overloadSettings(config), {
    originHost: config.diameter.originHost,
    dictionary,
    clock: systemClock,
    logger,
    events: overloadEvents,
    signals,
  });
}

/** Store events that go to `events`, and whose round trips are heard by `signals`. */
export function heardBy(signals: ProcessSignals, events: StoreEvents): StoreEvents {
  return {
    batch: (kind, size, durationMs) => {
      signals.roundTrip(durationMs);
      events.batch(kind, size, durationMs);
    },
    connections: (kind, readyCount, totalCount) => events.connections(kind, readyCount, totalCount),
    unavailable: (kind, count) => events.unavailable(kind, count),
    profiles: (cachedCount, loadedCount) => events.profiles(cachedCount, loadedCount),
  };
}
