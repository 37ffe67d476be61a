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
import { limits } from '../../shared/limits';
import type { RequestPriority } from './priority';

const SESSION_ID = 263;
const PROXY_INFO = 284;
const DESTINATION_HOST = 293;
const DRMP = 301;
const OC_SUPPORTED_FEATURES = 621;
const OC_FEATURE_VECTOR = 622;
const HIGHEST_DRMP = 15;
const NUMBER_OCTETS = 4;
const VECTOR_OCTETS = 8;
/** Beyond every position among the AVPs of a CommandPriority. */
const NO_AVP = 0xffff;
const NONE: Buffer[] = [];
/** One for all scans: a scan does not wait for anything. */
const cursor = new AvpCursor();

/**
 * Its properties have the names that they have in a decoded request. One shape, whatever was found: it is
 * read on the fastest way there is.
 */
export class ScannedRequest {
  drmp: number | undefined = undefined;
  ocSupportedFeatures: { readonly ocFeatureVector?: bigint } | undefined = undefined;
  /** Whole AVPs, in order [6733-6.2]. */
  proxyInfo: Buffer[] = NONE;
  sessionAt = 0;
  sessionEnd = 0;
  destinationHostAt = 0;
  destinationHostEnd = 0;
  /** What an AVP of the application has said, and the position of that AVP among those that may. */
  level: number | undefined = undefined;
  levelFrom = NO_AVP;

  constructor(
    readonly bytes: Buffer,
    readonly commandCode: number,
    readonly applicationId: number,
  ) {}

  /**
   * Reads the AVPs. False: the request is to be decoded.
   * @param priority of its command
   */
  read(priority: RequestPriority): boolean {
    const size = this.bytes.length;
    const avp = cursor.reset(this.bytes, HEADER_OCTETS, size);
    while (avp.next()) if (!note(this, avp, priority)) return false;
    if (avp.cut !== AvpCut.None || avp.after !== size) return false;
    this.level ??= priority.level;
    return this.sessionAt !== 0 && (this.drmp ?? 0) <= HIGHEST_DRMP;
  }

  /** 0 to 15, once the AVPs are read. */
  get priority(): number {
    return this.drmp ?? this.level ?? limits.drmpLevel.default;
  }

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

/**
 * Reads the header. Null: to be decoded. That is so for retransmissions too, which may have been answered before
 * [6733-3].
 */
export function scanRequest(bytes: Buffer): ScannedRequest | null {
  const size = bytes.length;
  if (size < HEADER_OCTETS || bytes[0] !== DIAMETER_VERSION || readUnsigned24(bytes, 1) !== size) return null;
  const flags = bytes[4] ?? 0;
  if ((flags & COMMAND_FLAG_REQUEST) === 0 || (flags & COMMAND_FLAG_RETRANSMITTED) !== 0) return null;
  return new ScannedRequest(bytes, readUnsigned24(bytes, 5), readUnsigned32(bytes, 8));
}

/** False where an AVP that is needed here is not as it should be. */
function note(found: ScannedRequest, avp: AvpCursor, priority: RequestPriority): boolean {
  const { code, vendorId } = avp;
  if (code >= priority.lowestCode && code <= priority.highestCode && !noteLevel(found, avp, priority))
    return false;
  return vendorId !== 0 || code < SESSION_ID || code > OC_SUPPORTED_FEATURES || noteCommon(found, avp);
}

/** What the application of the command goes by. */
function noteLevel(
  found: ScannedRequest,
  { bytes, code, vendorId, dataStart: data, dataEnd: end }: AvpCursor,
  { avps }: RequestPriority,
): boolean {
  for (let i = 0; i < avps.length; i += 1) {
    const avp = avps[i];
    if (avp === undefined || avp.code !== code || avp.vendorId !== vendorId) continue;
    if (end - data !== NUMBER_OCTETS) return false;
    const level = i < found.levelFrom ? avp.levelOf(readUnsigned32(bytes, data)) : undefined;
    if (level === undefined) return true;
    found.level = level;
    found.levelFrom = i;
    return true;
  }
  return true;
}

/** What is common to all applications. */
function noteCommon(found: ScannedRequest, avp: AvpCursor): boolean {
  const { bytes, code, dataStart: data, dataEnd: end } = avp;
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
