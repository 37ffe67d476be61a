/**
 * Failed-AVP for what is missing or wrong inside Terminal-Information: the group around the AVP at fault
 * [6733-7.5] [29.272-7.3.3].
 */
import { encodeRawAvps } from '../../diameter/codec/encode';
import type { RawAvp } from '../../diameter/codec/types';
import { VENDOR_3GPP } from '../../diameter/generated/base';

const TERMINAL_INFORMATION = 1401;
const IMEI = 1402;
const SOFTWARE_VERSION = 1403;

const of3gpp = (code: number, data: Buffer): RawAvp => ({
  code,
  vendorId: VENDOR_3GPP,
  mandatory: true,
  data,
});

const inTerminalInformation = (code: number, text: string): RawAvp =>
  of3gpp(TERMINAL_INFORMATION, encodeRawAvps([of3gpp(code, Buffer.from(text, 'utf8'))]));

/** A missing AVP is shown with its code and empty data. */
export const missingImei: RawAvp = inTerminalInformation(IMEI, '');
export const wrongImei = (value: string): RawAvp => inTerminalInformation(IMEI, value);
export const wrongSoftwareVersion = (value: string): RawAvp => inTerminalInformation(SOFTWARE_VERSION, value);
