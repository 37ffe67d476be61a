/**
 * What an agent reads of a request and changes in it, on the octets: everything else passes as it is, also
 * what this node would not take [6733-6.1.7] [6733-6.1.9]. Only AVPs at the top level are looked at.
 */
import { encodeRawAvps } from '../../codec/encode';
import {
  AVP_FLAG_MANDATORY,
  AVP_FLAG_VENDOR,
  AVP_HEADER_OCTETS,
  AVP_VENDOR_HEADER_OCTETS,
  HEADER_OCTETS,
  MAX_LENGTH_OCTETS,
  padded,
  readUnsigned24,
  readUnsigned32,
} from '../../codec/header';
import type { RawAvp } from '../../codec/types';

const VENDOR_3GPP = 10_415;
const CODE = {
  userName: 1,
  sessionId: 263,
  routeRecord: 282,
  destinationRealm: 283,
  proxyInfo: 284,
  destinationHost: 293,
  publicIdentity: 601,
} as const;

export interface Envelope {
  readonly sessionId: string | undefined;
  readonly destinationHost: string | undefined;
  readonly destinationRealm: string | undefined;
  readonly publicIdentities: readonly string[];
  readonly userName: string | undefined;
  /** In their order, the last one added last [6733-6.7.1]. */
  readonly routeRecords: readonly string[];
  /** In their order, for answers of our own [6733-6.2]. */
  readonly proxyInfo: readonly RawAvp[];
}

interface Place {
  readonly code: number;
  readonly vendorId: number;
  readonly flags: number;
  readonly start: number;
  readonly dataStart: number;
  readonly dataEnd: number;
  /** Padding included. */
  readonly end: number;
}

/** The AVPs at the top level; null where their lengths do not add up to the message. */
function places(bytes: Buffer): Place[] | null {
  const found: Place[] = [];
  let start = HEADER_OCTETS;
  while (start < bytes.length) {
    if (bytes.length - start < AVP_HEADER_OCTETS) return null;
    const flags = bytes[start + 4] ?? 0;
    const length = readUnsigned24(bytes, start + 5);
    const vendorSpecific = (flags & AVP_FLAG_VENDOR) !== 0;
    const dataStart = start + (vendorSpecific ? AVP_VENDOR_HEADER_OCTETS : AVP_HEADER_OCTETS);
    const end = start + padded(length);
    if (start + length < dataStart || end > bytes.length) return null;
    found.push({
      code: readUnsigned32(bytes, start),
      vendorId: vendorSpecific ? readUnsigned32(bytes, start + 8) : 0,
      flags,
      start,
      dataStart,
      dataEnd: start + length,
      end,
    });
    start = end;
  }
  return found;
}

/** Null where the AVPs cannot be followed. */
export function readEnvelope(bytes: Buffer): Envelope | null {
  const avps = places(bytes);
  if (avps === null) return null;
  const texts = (code: number, vendorId = 0): string[] =>
    avps
      .filter((avp) => avp.code === code && avp.vendorId === vendorId)
      .map(({ dataStart, dataEnd }) => bytes.toString('utf8', dataStart, dataEnd));
  return {
    sessionId: texts(CODE.sessionId)[0],
    destinationHost: texts(CODE.destinationHost)[0],
    destinationRealm: texts(CODE.destinationRealm)[0],
    publicIdentities: texts(CODE.publicIdentity, VENDOR_3GPP),
    userName: texts(CODE.userName)[0],
    routeRecords: texts(CODE.routeRecord),
    proxyInfo: avps
      .filter(({ code, vendorId }) => code === CODE.proxyInfo && vendorId === 0)
      .map(({ flags, dataStart, dataEnd }) => ({
        code: CODE.proxyInfo,
        vendorId: 0,
        mandatory: (flags & AVP_FLAG_MANDATORY) !== 0,
        data: bytes.subarray(dataStart, dataEnd),
      })),
  };
}

export interface Forwarding {
  /** Where the request came from [6733-6.1.9]. */
  readonly routeRecord: string;
  /** The HSS that it goes to [29.229-5.5]; absent where the request names its destination itself. */
  readonly destination?: { readonly host: string; readonly realm: string };
}

const textAvp = (code: number, text: string): Buffer =>
  encodeRawAvps([{ code, vendorId: 0, mandatory: true, data: Buffer.from(text, 'utf8') }]);

/**
 * The request as it is sent on: Destination-Host and Destination-Realm of the HSS in their places,
 * Route-Record appended, everything else and the identifiers untouched. Null where it would be longer than a
 * message can be.
 */
export function forwardedRequest(bytes: Buffer, { routeRecord, destination }: Forwarding): Buffer | null {
  const avps = places(bytes);
  if (avps === null) return null;
  const parts: Buffer[] = [Buffer.from(bytes.subarray(0, HEADER_OCTETS))];
  let replaced = false;
  for (const { code, vendorId, start, end } of avps) {
    const addressing = vendorId === 0 && (code === CODE.destinationHost || code === CODE.destinationRealm);
    if (destination === undefined || !addressing) parts.push(bytes.subarray(start, end));
    else if (!replaced) {
      parts.push(
        textAvp(CODE.destinationRealm, destination.realm),
        textAvp(CODE.destinationHost, destination.host),
      );
      replaced = true;
    }
  }
  if (destination !== undefined && !replaced)
    parts.push(
      textAvp(CODE.destinationRealm, destination.realm),
      textAvp(CODE.destinationHost, destination.host),
    );
  parts.push(textAvp(CODE.routeRecord, routeRecord));
  const message = Buffer.concat(parts);
  if (message.length > MAX_LENGTH_OCTETS) return null;
  message.writeUIntBE(message.length, 1, 3);
  return message;
}
