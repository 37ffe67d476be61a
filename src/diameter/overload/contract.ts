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

/**
 * How urgent requests of one command are that carry no DRMP. The application of the command brings it; pure, so
 * that octets and decoded requests give the same.
 */
export interface CommandPriority {
  /** Of a request that says nothing, 0 first to 15 last; 10 where absent. */
  readonly level?: number;
  /** AVPs that say another level; the first one with a level counts. */
  readonly avps?: readonly PriorityAvp[];
}

/** An AVP of type Unsigned32 or Enumerated that a request has once, outside Grouped AVPs. */
export interface PriorityAvp {
  /** Its property in the decoded request. */
  readonly property: string;
  /** 0 to 15; undefined where the value says nothing about it. Runs for each request that has to wait. */
  readonly levelOf: (value: number) => number | undefined;
}

export interface OverloadSettings {
  readonly queue: QueueLimits;
  readonly signals: SignalLimits;
  readonly reports: ReportSettings;
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
