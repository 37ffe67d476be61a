/**
 * A buffer that grows, into which messages are written from left to right and whose lengths are filled in
 * afterwards.
 */
import {
  AVP_FLAG_MANDATORY,
  AVP_FLAG_VENDOR,
  AVP_HEADER_OCTETS,
  AVP_VENDOR_HEADER_OCTETS,
  MAX_LENGTH_OCTETS,
  padded,
} from './header';

const INITIAL_OCTETS = 64 * 1024;
/** A buffer grown beyond this is given back after its message. */
const KEPT_OCTETS = 1024 * 1024;
/** Up to here a loop over the characters is cheaper than a call into the runtime. */
const SHORT_STRING_CHARACTERS = 64;
const MAX_UTF8_OCTETS_PER_CHARACTER = 3;

/** What the caller asked to encode cannot be encoded; a fault of our own, never of the peer. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}

export class Writer {
  bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_OCTETS);
  length = 0;

  /** Starts a new message. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > KEPT_OCTETS) this.bytes = Buffer.allocUnsafeSlow(INITIAL_OCTETS);
  }

  /** Makes room for `octets` more. Throws an EncodeError beyond what a Diameter length can say. */
  ensure(octets: number): void {
    const needed = this.length + octets;
    if (needed <= this.bytes.length) return;
    if (needed > MAX_LENGTH_OCTETS + KEPT_OCTETS) throw new EncodeError(`a message of ${needed} octets`);
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  /** Writes an AVP header whose length `endAvp` fills in; returns where it starts. */
  beginAvp(code: number, vendorId: number, mandatory: boolean): number {
    this.ensure(AVP_VENDOR_HEADER_OCTETS);
    const start = this.length;
    const { bytes } = this;
    bytes[start] = code >>> 24;
    bytes[start + 1] = code >>> 16;
    bytes[start + 2] = code >>> 8;
    bytes[start + 3] = code;
    bytes[start + 4] = (vendorId === 0 ? 0 : AVP_FLAG_VENDOR) | (mandatory ? AVP_FLAG_MANDATORY : 0);
    if (vendorId === 0) {
      this.length = start + AVP_HEADER_OCTETS;
    } else {
      bytes[start + 8] = vendorId >>> 24;
      bytes[start + 9] = vendorId >>> 16;
      bytes[start + 10] = vendorId >>> 8;
      bytes[start + 11] = vendorId;
      this.length = start + AVP_VENDOR_HEADER_OCTETS;
    }
    return start;
  }

  /** Fills in the length of the AVP that starts at `start` and pads it with zeros [6733-4]. */
  endAvp(start: number): void {
    const octets = this.length - start;
    if (octets > MAX_LENGTH_OCTETS) throw new EncodeError(`an AVP of ${octets} octets`);
    const end = start + padded(octets);
    this.ensure(3);
    const { bytes } = this;
    bytes[start + 5] = octets >>> 16;
    bytes[start + 6] = octets >>> 8;
    bytes[start + 7] = octets;
    while (this.length < end) {
      bytes[this.length] = 0;
      this.length += 1;
    }
  }

  unsigned32(value: number): void {
    this.ensure(4);
    const { bytes, length } = this;
    bytes[length] = value >>> 24;
    bytes[length + 1] = value >>> 16;
    bytes[length + 2] = value >>> 8;
    bytes[length + 3] = value;
    this.length = length + 4;
  }

  text(value: string): void {
    this.ensure(value.length * MAX_UTF8_OCTETS_PER_CHARACTER);
    const { bytes, length } = this;
    if (value.length <= SHORT_STRING_CHARACTERS) {
      let at = 0;
      while (at < value.length) {
        const character = value.charCodeAt(at);
        if (character > 0x7f) break;
        bytes[length + at] = character;
        at += 1;
      }
      if (at === value.length) {
        this.length = length + at;
        return;
      }
    }
    this.length = length + bytes.write(value, length, 'utf8');
  }

  octets(value: Uint8Array): void {
    this.ensure(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A copy of what was written, of its own. */
  copy(): Buffer {
    const result = Buffer.allocUnsafe(this.length);
    this.bytes.copy(result, 0, 0, this.length);
    return result;
  }
}
