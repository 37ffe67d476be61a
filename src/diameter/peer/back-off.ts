/**
 * How long to wait before connecting again: exponential with jitter, in the place of RFC 6733 2.1's fixed Tc.
 * Pure.
 */
import type { RandomSource } from '../../shared/clock';

export interface BackOffBounds {
  readonly reconnectInitialMs: number;
  readonly reconnectMaxMs: number;
  readonly reconnectJitterRatio: number;
}

/** A random number from 0 to less than 1 with 32 bits of it. */
export function randomFraction(random: RandomSource): number {
  return random.bytes(4).readUInt32BE(0) / 0x1_0000_0000;
}

/** Milliseconds to wait after `failures` attempts in a row have failed. */
export function backOffMs(failures: number, bounds: BackOffBounds, random: RandomSource): number {
  const doubled = bounds.reconnectInitialMs * 2 ** Math.min(failures, 30);
  const pauseMs = Math.min(doubled, bounds.reconnectMaxMs);
  return Math.round(pauseMs * (1 + bounds.reconnectJitterRatio * randomFraction(random)));
}
