/** What an application brings to the metrics, which loop over the list and name no application. */
import type { Registry } from 'prom-client';
import type { HssEvents } from '../events/hss-events';

export interface MetricsPart {
  /** Labels of the requests that it starts. */
  readonly outgoing: OutgoingLabels;
  /** Hears the events that it counts. */
  readonly listener?: Partial<HssEvents>;
  /** Adds its metrics; it counts from then on. */
  register(registry: Registry): void;
}

export interface OutgoingLabels {
  /** Label `command` of each kind of request, such as RTR of cx.RTR. */
  readonly commands: Readonly<Record<string, string>>;
  /** Labels `outcome`. */
  readonly outcomes: readonly string[];
}

export const noOutgoing: OutgoingLabels = { commands: {}, outcomes: [] };
