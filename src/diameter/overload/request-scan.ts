/**
 * What has to be known of a request to refuse it, read off its octets: a tenth of what decoding costs, so
 * that an overloaded HSS keeps its time for what it serves. What is not plainly a well-formed new request is
 * left to the decoder, which finds the words for it.
 */
import { AvpCursor, AvpCut } from '../codec/avp-cursor';
import {
  AVP_FLAG_VENDOR,
  AVP_HEADER_OCTETS,
  COMMAND_FLAG_REQUEST,
  COMMAND_FLAG_RETRANSMITTED,
  DIAMETER_VERSION,
  HEADER_OCTETS,
  readUnsigned24,
  readUnsigned32,
} from '../codec/header';
import { VENDOR_3GPP } from '../generated/base';

const SESSION_ID = 263;
const PROXY_INFO = 284;
const DESTINATION_HOST = 293;
const DRMP = 301;
const OC_SUPPORTED_FEATURES = 621;
const OC_FEATURE_VECTOR = 622;
const UAR_FLAGS = 637;
const SESSION_PRIORITY = 650;
const HIGHEST_DRMP = 15;
const NUMBER_OCTETS = 4;
const VECTOR_OCTETS = 8;
const NONE: Buffer[] = [];
/** One for all scans: a scan does not wait for anything. */
const cursor = new AvpCursor();

/**
 * Its properties have the names that they have in a decoded request. One shape, whatever was found: it is
 * read on the fastest way there is.
 */
export class ScannedRequest {
  drmp: number | undefined = undefined;
  sessionPriority: number | undefined = undefined;
  uarFlags: number | undefined = undefined;
  ocSupportedFeatures: { readonly ocFeatureVector?: bigint } | undefined = undefined;
  /** Whole AVPs, in order [6733-6.2]. */
  proxyInfo: Buffer[] = NONE;
  sessionAt = 0;
  sessionEnd = 0;
  destinationHostAt = 0;
  destinationHostEnd = 0;

  constructor(
    private readonly bytes: Buffer,
    readonly commandCode: number,
    readonly applicationId: number,
  ) {}

  /** The whole AVP. */
  get sessionId(): Buffer {
    return this.bytes.subarray(this.sessionAt, this.sessionEnd);
  }

  get destinationHost(): string | undefined {
    return this.destinationHostAt === 0
      ? undefined
      : this.bytes.toString('latin1', this.destinationHostAt, this.destinationHostEnd);
  }
}

/** Null: to be decoded. That is so for retransmissions too, which may have been answered before [6733-3]. */
export function scanRequest(bytes: Buffer): ScannedRequest | null {
  const size = bytes.length;
  if (size < HEADER_OCTETS || bytes[0] !== DIAMETER_VERSION || readUnsigned24(bytes, 1) !== size) return null;
  const flags = bytes[4] ?? 0;
  if ((flags & COMMAND_FLAG_REQUEST) === 0 || (flags & COMMAND_FLAG_RETRANSMITTED) !== 0) return null;
  const found = new ScannedRequest(bytes, readUnsigned24(bytes, 5), readUnsigned32(bytes, 8));
  const avp = cursor.reset(bytes, HEADER_OCTETS, size);
  while (avp.next())
    if (avp.code >= SESSION_ID && avp.code <= SESSION_PRIORITY && !note(found, avp)) return null;
  if (avp.cut !== AvpCut.None || avp.after !== size) return null;
  return found.sessionAt === 0 || (found.drmp ?? 0) > HIGHEST_DRMP ? null : found;
}

/** False where an AVP that is needed here is not as it should be. */
function note(found: ScannedRequest, avp: AvpCursor): boolean {
  const { bytes, vendorId, code, dataStart: data, dataEnd: end } = avp;
  if (vendorId === VENDOR_3GPP) {
    if (code === UAR_FLAGS) found.uarFlags = readUnsigned32(bytes, data);
    else if (code === SESSION_PRIORITY) found.sessionPriority = readUnsigned32(bytes, data);
    else return true;
    return end - data === NUMBER_OCTETS;
  }
  if (vendorId !== 0) return true;
  switch (code) {
    case SESSION_ID:
      found.sessionAt = avp.start;
      found.sessionEnd = avp.after;
      return end > data;
    case DRMP:
      found.drmp = readUnsigned32(bytes, data);
      return end - data === NUMBER_OCTETS;
    case DESTINATION_HOST:
      found.destinationHostAt = data;
      found.destinationHostEnd = end;
      return true;
    case PROXY_INFO:
      if (found.proxyInfo === NONE) found.proxyInfo = [];
      found.proxyInfo.push(avp.whole());
      return true;
    case OC_SUPPORTED_FEATURES:
      found.ocSupportedFeatures = featuresOf(bytes.subarray(data, end));
      return true;
    default:
      return true;
  }
}

function featuresOf(data: Buffer): { readonly ocFeatureVector?: bigint } {
  const isVector =
    data.length >= AVP_HEADER_OCTETS + VECTOR_OCTETS &&
    readUnsigned32(data, 0) === OC_FEATURE_VECTOR &&
    ((data[4] ?? 0) & AVP_FLAG_VENDOR) === 0;
  return isVector ? { ocFeatureVector: data.readBigUInt64BE(AVP_HEADER_OCTETS) } : {};
}
