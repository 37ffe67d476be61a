/**
 * The one reader of AVP headers on the wire [6733-4.1]: a cursor that steps from AVP to AVP of a message or of
 * the data of a Grouped AVP. It judges lengths only, because without them nothing after the AVP can be found.
 * The codec, the agents, the overload check and `hss decode` all step with it, so they agree on every boundary.
 */
import {
  AVP_FLAG_MANDATORY,
  AVP_FLAG_VENDOR,
  AVP_HEADER_OCTETS,
  AVP_VENDOR_HEADER_OCTETS,
  HEADER_OCTETS,
  padded,
  readUnsigned24,
  readUnsigned32,
} from './header';
import type { RawAvp } from './types';

/** Why a cursor stands still. */
export const AvpCut = {
  /** It does not: the AVP is whole, or the end is reached. */
  None: 0,
  /** Fewer octets are left than an AVP header has. */
  Header: 1,
  /** The V bit is set, and the Vendor-Id is cut off. */
  VendorId: 2,
  /** AVP Length is below the header's or beyond what is left. */
  Length: 3,
} as const;
export type AvpCut = (typeof AvpCut)[keyof typeof AvpCut];

const NO_BYTES = Buffer.alloc(0);

/** Its properties describe the AVP of the last `next()`; all offsets count from the first octet of `bytes`. */
export class AvpCursor {
  code = 0;
  flags = 0;
  /** 0 where the V bit is clear. */
  vendorId = 0;
  /** AVP Length as it stands in the header, without padding. */
  length = 0;
  start = 0;
  dataStart = 0;
  /** Without padding. */
  dataEnd = 0;
  /** Where the next AVP begins; beyond `end` where the padding of the last one is missing. */
  after = 0;
  end = 0;
  cut: AvpCut = AvpCut.None;
  bytes: Buffer = NO_BYTES;

  /** A cursor before the first AVP of a message. */
  static ofMessage(bytes: Buffer): AvpCursor {
    return new AvpCursor().reset(bytes, HEADER_OCTETS, bytes.length);
  }

  /** Puts the cursor before the AVP at `start`; `end` bounds what it may read. */
  reset(bytes: Buffer, start: number, end: number): this {
    this.bytes = bytes;
    this.after = start;
    this.end = end;
    this.cut = AvpCut.None;
    return this;
  }

  /** Steps to the next AVP. False at the end, and where the AVP cannot be told apart: `cut` says which. */
  next(): boolean {
    const { bytes, end } = this;
    const start = this.after;
    if (start >= end) return false;
    this.start = start;
    const remaining = end - start;
    if (remaining < AVP_HEADER_OCTETS) {
      this.cut = AvpCut.Header;
      return false;
    }
    this.code = readUnsigned32(bytes, start);
    const flags = bytes[start + 4] ?? 0;
    const length = readUnsigned24(bytes, start + 5);
    this.flags = flags;
    this.length = length;
    let headerOctets = AVP_HEADER_OCTETS;
    if ((flags & AVP_FLAG_VENDOR) === 0) this.vendorId = 0;
    else {
      headerOctets = AVP_VENDOR_HEADER_OCTETS;
      if (remaining < AVP_VENDOR_HEADER_OCTETS) {
        this.vendorId = 0;
        this.cut = AvpCut.VendorId;
        return false;
      }
      this.vendorId = readUnsigned32(bytes, start + AVP_HEADER_OCTETS);
    }
    if (length < headerOctets || length > remaining) {
      this.cut = AvpCut.Length;
      return false;
    }
    this.dataStart = start + headerOctets;
    this.dataEnd = start + length;
    this.after = start + padded(length);
    return true;
  }

  /** Whether the AVP is the one with that code and Vendor-Id; 0 is the IETF. */
  is(code: number, vendorId: number): boolean {
    return (
      this.code === code &&
      this.vendorId === vendorId &&
      ((this.flags & AVP_FLAG_VENDOR) !== 0) === (vendorId !== 0)
    );
  }

  get mandatory(): boolean {
    return (this.flags & AVP_FLAG_MANDATORY) !== 0;
  }

  /** The data, sharing the memory of `bytes`. */
  data(): Buffer {
    return this.bytes.subarray(this.dataStart, this.dataEnd);
  }

  /** Header, data and padding, sharing the memory of `bytes`. */
  whole(): Buffer {
    return this.bytes.subarray(this.start, this.after);
  }

  /** The AVP as the encoder and Failed-AVP take it, sharing the memory of `bytes`. */
  raw(): RawAvp {
    return { code: this.code, vendorId: this.vendorId, mandatory: this.mandatory, data: this.data() };
  }
}
