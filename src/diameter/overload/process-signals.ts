/**
 * What is measured of this process and its database: how late the event loop is, how busy it is, and how long
 * round trips take.
 */
import {
  monitorEventLoopDelay,
  performance,
  type EventLoopUtilization,
  type IntervalHistogram,
} from 'node:perf_hooks';

/** How often the event loop is looked at; its delay is what it is later than this. */
const RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1_000_000;

export interface ProcessReading {
  /** Mean over the time since the last reading. */
  readonly eventLoopDelayMs: number;
  readonly roundTripMs: number;
  /** 0 to 1. */
  readonly utilization: number;
}

export class ProcessSignals {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #utilization: EventLoopUtilization = performance.eventLoopUtilization();
  #roundTripsMs = 0;
  #roundTrips = 0;

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** One round trip to the database is over, whatever its outcome. */
  roundTrip(durationMs: number): void {
    this.#roundTripsMs += durationMs;
    this.#roundTrips += 1;
  }

  read(): ProcessReading {
    const utilization = performance.eventLoopUtilization();
    const { mean } = this.#histogram;
    const since = performance.eventLoopUtilization(utilization, this.#utilization).utilization;
    const reading = {
      eventLoopDelayMs: Number.isFinite(mean) ? Math.max(0, mean / NANOSECONDS_PER_MS - RESOLUTION_MS) : 0,
      roundTripMs: this.#roundTrips === 0 ? 0 : this.#roundTripsMs / this.#roundTrips,
      // Not a number where no time has passed.
      utilization: Number.isFinite(since) ? since : 0,
    };
    this.#histogram.reset();
    this.#utilization = utilization;
    this.#roundTripsMs = this.#roundTrips = 0;
    return reading;
  }
}
