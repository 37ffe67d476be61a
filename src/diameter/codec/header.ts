/**
 * The Diameter header and the AVP header on the wire. RFC 6733 clauses 3 and 4.1 [6733-3] [6733-4.1].
 * Nothing is judged here; decode.ts does that.
 */
import type { DiameterHeader } from './types';

export const DIAMETER_VERSION = 1;
export const HEADER_OCTETS = 20;
/** The largest length that three octets can say and that is a multiple of four. */
export const MAX_LENGTH_OCTETS = 0xfffffc;

/** Command flags. */
export const COMMAND_FLAG_REQUEST = 0x80;
export const COMMAND_FLAG_PROXIABLE = 0x40;
export const COMMAND_FLAG_ERROR = 0x20;
export const COMMAND_FLAG_RETRANSMITTED = 0x10;
export const COMMAND_FLAGS_RESERVED = 0x0f;

/** AVP flags. */
export const AVP_FLAG_VENDOR = 0x80;
export const AVP_FLAG_MANDATORY = 0x40;
export const AVP_FLAGS_RESERVED = 0x1f;

export const AVP_HEADER_OCTETS = 8;
export const AVP_VENDOR_HEADER_OCTETS = 12;

/** Reads four octets as an unsigned number. */
export function readUnsigned32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] ?? 0) << 24) |
      ((bytes[offset + 1] ?? 0) << 16) |
      ((bytes[offset + 2] ?? 0) << 8) |
      (bytes[offset + 3] ?? 0)) >>>
    0
  );
}

/** Reads three octets as an unsigned number. */
export function readUnsigned24(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 16) | ((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0);
}

/** `octets` rounded up to the 32-bit boundary on which the next AVP starts. */
export function padded(octets: number): number {
  return (octets + 3) & ~3;
}

/** The header's fields as they stand, valid or not; null when there are fewer than 20 octets. */
export function decodeHeader(bytes: Buffer): DiameterHeader | null {
  if (bytes.length < HEADER_OCTETS) return null;
  const flags = bytes[4] ?? 0;
  return {
    version: bytes[0] ?? 0,
    length: readUnsigned24(bytes, 1),
    request: (flags & COMMAND_FLAG_REQUEST) !== 0,
    proxiable: (flags & COMMAND_FLAG_PROXIABLE) !== 0,
    error: (flags & COMMAND_FLAG_ERROR) !== 0,
    retransmitted: (flags & COMMAND_FLAG_RETRANSMITTED) !== 0,
    commandCode: readUnsigned24(bytes, 5),
    applicationId: readUnsigned32(bytes, 8),
    hopByHopId: readUnsigned32(bytes, 12),
    endToEndId: readUnsigned32(bytes, 16),
  };
}

/** Puts another hop-by-hop identifier into an encoded message, in place. */
export function setHopByHopId(message: Buffer, hopByHopId: number): void {
  message.writeUInt32BE(hopByHopId >>> 0, 12);
}

/** Sets the T bit of an encoded request, in place [6733-5.5.4]. */
export function setRetransmitted(message: Buffer): void {
  message[4] = (message[4] ?? 0) | COMMAND_FLAG_RETRANSMITTED;
}
