/**
 * AVPs for Failed-AVP that only a handler can name: conditional Information Elements, [29.228-6]. RFC 6733
 * clause 7.5.
 */
import type { RawAvp } from '../../diameter/codec/types';
import { VENDOR_3GPP } from '../../diameter/generated/base';

const empty = Buffer.alloc(0);

/** A missing AVP is shown with its code and empty data. */
export const missingUserName: RawAvp = { code: 1, vendorId: 0, mandatory: true, data: empty };
export const missingPublicIdentity: RawAvp = {
  code: 601,
  vendorId: VENDOR_3GPP,
  mandatory: true,
  data: empty,
};

/** An S-CSCF name that is no SIP URI, as it came [29.229-6.3.3]. */
export function wrongServerName(value: string): RawAvp {
  return { code: 602, vendorId: VENDOR_3GPP, mandatory: true, data: Buffer.from(value, 'utf8') };
}

/** A SIP-Auth-Data-Item around the AVP inside it that is missing or wrong. */
export function inAuthDataItem(code: number, data: Buffer): RawAvp {
  const length = 12 + data.length;
  const padded = Buffer.alloc(12 + Math.ceil(data.length / 4) * 4);
  padded.writeUInt32BE(code, 0);
  padded.writeUInt32BE(length, 4);
  padded[4] = 0xc0;
  padded.writeUInt32BE(VENDOR_3GPP, 8);
  data.copy(padded, 12);
  return { code: 612, vendorId: VENDOR_3GPP, mandatory: true, data: padded };
}

/** Further occurrences of an AVP that may be there once: the first one too many [6733-7.1.5]. */
export function surplusPublicIdentity(value: string): RawAvp {
  return { code: 601, vendorId: VENDOR_3GPP, mandatory: true, data: Buffer.from(value, 'utf8') };
}
