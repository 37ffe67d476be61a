/**
 * End-to-End Identifiers: the low 12 bits of the time in seconds, then 20 random bits counted upwards, so
 * that none comes again within four minutes even over a restart. RFC 6733 clause 3.
 */
import type { Clock, RandomSource } from '../../shared/clock';

const COUNTER_MASK = 0xfffff;

export class EndToEndIds {
  private readonly high: number;
  private counter: number;

  constructor(clock: Clock, random: RandomSource) {
    this.high = Math.floor(clock.nowMs() / 1000) & 0xfff;
    this.counter = random.bytes(4).readUInt32BE(0) & COUNTER_MASK;
  }

  next(): number {
    this.counter = (this.counter + 1) & COUNTER_MASK;
    return ((this.high << 20) | this.counter) >>> 0;
  }
}
