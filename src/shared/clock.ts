/** Time and randomness as ports, so that everything that decides can be run again with the same outcome. */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Monotonic time in milliseconds, for durations only. */
  monotonicMs(): number;
}

export interface RandomSource {
  /** `size` octets from the system's generator. */
  bytes(size: number): Buffer;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export const systemRandom: RandomSource = { bytes: (size) => randomBytes(size) };
