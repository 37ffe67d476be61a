/**
 * From signals to one number, how loaded we are, and to Load-Value [29.228-K.2] (RFC 8583 clause 7.3: 65,535
 * for a node without load, 0 for one that is fully loaded, on the scale of weights in DNS SRV). Pure.
 */
import type { SignalLimits } from './contract';

/** What was measured since the last look. */
export interface Signals {
  readonly queueMs: number;
  readonly eventLoopDelayMs: number;
  readonly roundTripMs: number;
  /** Part of the places for requests in work that is taken, 0 to 1. */
  readonly occupancy: number;
  /** Part of the time that the event loop was busy, 0 to 1. */
  readonly utilization: number;
  /** Part of the requests that was refused for want of room, 0 to 1. */
  readonly refusedShare: number;
}

export interface Level {
  /** 0 idle to 1 fully loaded. */
  readonly load: number;
  /** 1 and above: overloaded; how far above says how many times too slow the worst signal is. */
  readonly pressure: number;
}

/** Weight of the newest measurement. */
const WEIGHT = 0.4;
const LOAD_VALUE_MAX = 65_535;
/** Load-Value moves in steps of this, so that it does not change with each measurement. */
const LOAD_VALUE_STEPS = 64;

const idle: Level = { load: 0, pressure: 0 };

/**
 * The level after one more measurement. Being busy makes load; only what makes requests wait, or be refused,
 * makes pressure: a process that uses all of its processor and lets nobody wait is at its best.
 */
export function nextLevel(before: Level | null, signals: Signals, limits: SignalLimits): Level {
  const shedding = signals.refusedShare > 0 ? 1 : 0;
  const waiting = Math.max(
    signals.queueMs / limits.queueMs,
    signals.eventLoopDelayMs / limits.eventLoopDelayMs,
    signals.roundTripMs / limits.roundTripMs,
  );
  const from = before ?? idle;
  const pressure = Math.max(shedding, smoothed(from.pressure, waiting));
  return {
    pressure,
    load: Math.min(
      1,
      Math.max(smoothed(from.load, Math.max(signals.occupancy, signals.utilization)), pressure),
    ),
  };
}

function smoothed(before: number, now: number): number {
  return before + WEIGHT * (now - before);
}

/** Load-Value for a load of 0 to 1. */
export function loadValueOf(load: number): number {
  const steps = Math.round(Math.min(1, Math.max(0, load)) * LOAD_VALUE_STEPS);
  return Math.round(LOAD_VALUE_MAX * (1 - steps / LOAD_VALUE_STEPS));
}
