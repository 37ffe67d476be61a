/**
 * What the overload layer is to the rest: its bounds, and how things stand. Clauses: TS 29.228 Annex H
 * (overload, RFC 7683), Annex J (priority, RFC 7944) and Annex K (load, RFC 8583). Choices:
 * docs/decisions/0007-overload-and-priority.md.
 */

import type { PriorityTrust } from './trust';

/** Levels of RFC 7944: 0 goes first, 15 last. */
export const PRIORITY_LEVELS = 16;

export interface QueueLimits {
  /** Requests that are being served at once; what comes beyond waits. At least 1. */
  readonly maxInFlightCount: number;
  /** Requests that wait; 0 for none. */
  readonly maxQueuedCount: number;
  /** Who is let in is to be answered within this, waiting and being in work; nobody waits longer. */
  readonly maxQueueMs: number;
}

/** What counts as fully loaded, for each signal. */
export interface SignalLimits {
  /** Waiting in the queue. */
  readonly queueMs: number;
  /** How late the event loop is. */
  readonly eventLoopDelayMs: number;
  /** One round trip to the database. */
  readonly roundTripMs: number;
}

export interface ReportSettings {
  /**
   * Whether OC-OLR is sent, and whether requests without Destination-Host are answered with a report for the
   * realm.
   */
  readonly overload: 'none' | 'host' | 'hostAndRealm';
  /** OC-Validity-Duration. */
  readonly validitySeconds: number;
  /** Most that is asked for in OC-Reduction-Percentage. */
  readonly maxReductionPercent: number;
  /** Whether answers carry a Load AVP of type HOST. */
  readonly load: boolean;
}

export interface PrioritySettings {
  /** The level of each Session-Priority, PRIORITY-0 to PRIORITY-4 [29.229-6.3.56]. */
  readonly sessionPriorities: readonly number[];
  /** The level of a UAR for an emergency registration. */
  readonly emergencyPriority: number;
}

export interface OverloadSettings {
  readonly queue: QueueLimits;
  readonly signals: SignalLimits;
  readonly reports: ReportSettings;
  readonly priorities: PrioritySettings;
  readonly trust: PriorityTrust;
}

/** How things stand, for metrics. */
export interface OverloadSnapshot {
  /** Waiting requests, by priority level. */
  readonly queuedByPriority: readonly number[];
  /** Of all that waits. */
  readonly queuedOctets: number;
  readonly inFlightCount: number;
  /** 0 idle to 1 fully loaded, what Load-Value says the other way round. */
  readonly load: number;
  /** 0 where no reduction is asked for. */
  readonly reductionPercent: number;
}
