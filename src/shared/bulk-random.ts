/**
 * Random octets drawn in bulk: one call of the system's generator for hundreds of IVs or RANDs. No octet is
 * given twice.
 */
import type { RandomSource } from './clock';

const drawnOctets = 8_192;

export function bulkRandom(source: RandomSource): RandomSource {
  let drawn: Buffer = Buffer.alloc(0);
  let used = 0;
  return {
    bytes: (size) => {
      if (size > drawnOctets) return source.bytes(size);
      if (used + size > drawn.length) {
        drawn = source.bytes(drawnOctets);
        used = 0;
      }
      const octets = drawn.subarray(used, used + size);
      used += size;
      return octets;
    },
  };
}
