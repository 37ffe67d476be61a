/** AVPs that are kept as they came, so that nothing in them gets lost: whole, with header and padding. */
import { AvpCursor } from '../../diameter/codec/avp-cursor';
import { VENDOR_3GPP } from '../../diameter/generated/base';
import { s6aLimits } from './limits';

/** EPS-Location-Information [29.272-7.3.111] */
export const EPS_LOCATION_INFORMATION = 1496;

/**
 * An AVP of 3GPP in base64; null where the message, which was decoded before, has none or too long a one.
 */
export function keptAvp(message: Buffer, code: number): string | null {
  const cursor = AvpCursor.ofMessage(message);
  while (cursor.next()) {
    if (!cursor.is(code, VENDOR_3GPP)) continue;
    const avp = cursor.whole();
    return avp.length > s6aLimits.keptAvpOctets ? null : avp.toString('base64');
  }
  return null;
}
