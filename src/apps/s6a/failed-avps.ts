/** AVPs for Failed-AVP that only a handler can name [6733-7.5]. */
import type { RawAvp } from '../../diameter/codec/types';
import { VENDOR_3GPP } from '../../diameter/generated/base';

const HEADER_OCTETS = 12;
const FLAGS_V_AND_M = 0xc0;

/** An AVP of 3GPP with these data; empty where it is missing. */
export const failedAvp = (code: number, data: Buffer = Buffer.alloc(0)): RawAvp => ({
  code,
  vendorId: VENDOR_3GPP,
  mandatory: true,
  data,
});

/** A group around the AVP inside it that is missing or wrong. */
export function failedMember(group: number, code: number, data: Buffer): RawAvp {
  const octets = Buffer.alloc(HEADER_OCTETS + Math.ceil(data.length / 4) * 4);
  octets.writeUInt32BE(code, 0);
  octets.writeUInt32BE(HEADER_OCTETS + data.length, 4);
  octets[4] = FLAGS_V_AND_M;
  octets.writeUInt32BE(VENDOR_3GPP, 8);
  data.copy(octets, HEADER_OCTETS);
  return failedAvp(group, octets);
}
