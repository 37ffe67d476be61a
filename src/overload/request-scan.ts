/**
 * What has to be known of a request to refuse it, read off its octets: a tenth of what decoding costs, so that an overloaded HSS keeps its time for what it serves. What is
 * not plainly a well-formed new request is left to the decoder, which finds the words for it.
 */
import {
  AVP_FLAG_VENDOR, AVP_HEADER_OCTETS, AVP_VENDOR_HEADER_OCTETS, COMMAND_FLAG_REQUEST, COMMAND_FLAG_RETRANSMITTED, DIAMETER_VERSION, HEADER_OCTETS, padded,
  readUnsigned24, readUnsigned32,
} from '../codec/header';

/** The properties have the names that they have in a decoded request. */
export interface ScannedRequest {
  readonly commandCode: number;
  readonly applicationId: number;
  /** The whole AVP. */
  readonly sessionId: Buffer;
  /** Whole AVPs, in order [6733-6.2]. */
  readonly proxyInfo: readonly Buffer[];
  readonly drmp?: number;
  readonly sessionPriority?: number;
  readonly uarFlags?: number;
  readonly ocSupportedFeatures?: { readonly ocFeatureVector?: bigint };
  readonly destinationHost?: string;
}

const VENDOR_3GPP = 10_415;
const SESSION_ID = 263;
const PROXY_INFO = 284;
const DESTINATION_HOST = 293;
const DRMP = 301;
const OC_SUPPORTED_FEATURES = 621;
const OC_FEATURE_VECTOR = 622;
const UAR_FLAGS = 637;
const SESSION_PRIORITY = 650;
const HIGHEST_DRMP = 15;

type Found = { -readonly [Name in keyof ScannedRequest]?: ScannedRequest[Name] };

/** Null: to be decoded. That is so for retransmissions too, which may have been answered before [6733-3]. */
export function scanRequest(bytes: Buffer): ScannedRequest | null {
  const flags = bytes[4] ?? 0;
  if (bytes.length < HEADER_OCTETS || bytes[0] !== DIAMETER_VERSION || readUnsigned24(bytes, 1) !== bytes.length) return null;
  if ((flags & COMMAND_FLAG_REQUEST) === 0 || (flags & COMMAND_FLAG_RETRANSMITTED) !== 0) return null;
  const proxyInfo: Buffer[] = [];
  const found: Found = {};
  for (let at = HEADER_OCTETS; at < bytes.length;) {
    if (at + AVP_HEADER_OCTETS > bytes.length) return null;
    const length = readUnsigned24(bytes, at + 5);
    const hasVendor = ((bytes[at + 4] ?? 0) & AVP_FLAG_VENDOR) !== 0;
    const headerOctets = hasVendor ? AVP_VENDOR_HEADER_OCTETS : AVP_HEADER_OCTETS;
    const end = at + padded(length);
    if (length < headerOctets || end > bytes.length) return null;
    const vendorId = hasVendor ? readUnsigned32(bytes, at + AVP_HEADER_OCTETS) : 0;
    const code = readUnsigned32(bytes, at);
    if (vendorId === 0 && code === PROXY_INFO) proxyInfo.push(bytes.subarray(at, end));
    else if (!note(found, bytes, vendorId, code, at, headerOctets, length)) return null;
    at = end;
  }
  const { sessionId, ...others } = found;
  if (sessionId === undefined || (others.drmp ?? 0) > HIGHEST_DRMP) return null;
  return { ...others, sessionId, proxyInfo, commandCode: readUnsigned24(bytes, 5), applicationId: readUnsigned32(bytes, 8) };
}

/** False where an AVP that is needed here is not as it should be. */
function note(found: Found, bytes: Buffer, vendorId: number, code: number, at: number, headerOctets: number, length: number): boolean {
  const data = at + headerOctets;
  const isNumber = length - headerOctets === 4;
  if (vendorId === VENDOR_3GPP) {
    if (code === UAR_FLAGS) found.uarFlags = readUnsigned32(bytes, data);
    else if (code === SESSION_PRIORITY) found.sessionPriority = readUnsigned32(bytes, data);
    else return true;
    return isNumber;
  }
  if (vendorId !== 0) return true;
  switch (code) {
    case SESSION_ID:
      found.sessionId = bytes.subarray(at, at + padded(length));
      return length > headerOctets;
    case DRMP:
      found.drmp = readUnsigned32(bytes, data);
      return isNumber;
    case DESTINATION_HOST:
      found.destinationHost = bytes.toString('latin1', data, at + length);
      return true;
    case OC_SUPPORTED_FEATURES:
      found.ocSupportedFeatures = featuresOf(bytes.subarray(data, at + length));
      return true;
    default:
      return true;
  }
}

const VECTOR_OCTETS = 8;

function featuresOf(data: Buffer): { readonly ocFeatureVector?: bigint } {
  const isVector = data.length >= AVP_HEADER_OCTETS + VECTOR_OCTETS && readUnsigned32(data, 0) === OC_FEATURE_VECTOR && ((data[4] ?? 0) & AVP_FLAG_VENDOR) === 0;
  return isVector ? { ocFeatureVector: data.readBigUInt64BE(AVP_HEADER_OCTETS) } : {};
}
