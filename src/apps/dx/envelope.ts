/**
 * What an agent reads of a request and changes in it, on the octets: everything else passes as it is, also
 * what this node would not take [6733-6.1.7] [6733-6.1.9]. Only AVPs at the top level are looked at.
 */
import { AvpCursor, AvpCut } from '../../diameter/codec/avp-cursor';
import { encodeRawAvps } from '../../diameter/codec/encode';
import { HEADER_OCTETS, MAX_LENGTH_OCTETS } from '../../diameter/codec/header';
import type { RawAvp } from '../../diameter/codec/types';
import { VENDOR_3GPP } from '../../diameter/generated/base';

const CODE = {
  userName: 1,
  sessionId: 263,
  originHost: 264,
  routeRecord: 282,
  destinationRealm: 283,
  proxyInfo: 284,
  destinationHost: 293,
  originRealm: 296,
  publicIdentity: 601,
} as const;

export interface Envelope {
  readonly sessionId: string | undefined;
  readonly originHost: string | undefined;
  readonly originRealm: string | undefined;
  readonly destinationHost: string | undefined;
  readonly destinationRealm: string | undefined;
  readonly publicIdentities: readonly string[];
  readonly userName: string | undefined;
  /** In their order, the last one added last [6733-6.7.1]. */
  readonly routeRecords: readonly string[];
  /** In their order, for answers of our own [6733-6.2]. */
  readonly proxyInfo: readonly RawAvp[];
}

/** Null where the lengths of the AVPs do not add up to the message. */
export function readEnvelope(bytes: Buffer): Envelope | null {
  const avp = AvpCursor.ofMessage(bytes);
  const text = (): string => bytes.toString('utf8', avp.dataStart, avp.dataEnd);
  const found: {
    -readonly [
      Name in keyof Omit<Envelope, 'publicIdentities' | 'routeRecords' | 'proxyInfo'>
    ]: Envelope[Name];
  } = {
    sessionId: undefined,
    originHost: undefined,
    originRealm: undefined,
    destinationHost: undefined,
    destinationRealm: undefined,
    userName: undefined,
  };
  const publicIdentities: string[] = [];
  const routeRecords: string[] = [];
  const proxyInfo: RawAvp[] = [];
  while (avp.next()) {
    if (avp.is(CODE.sessionId, 0)) found.sessionId ??= text();
    else if (avp.is(CODE.originHost, 0)) found.originHost ??= text();
    else if (avp.is(CODE.originRealm, 0)) found.originRealm ??= text();
    else if (avp.is(CODE.destinationHost, 0)) found.destinationHost ??= text();
    else if (avp.is(CODE.destinationRealm, 0)) found.destinationRealm ??= text();
    else if (avp.is(CODE.userName, 0)) found.userName ??= text();
    else if (avp.is(CODE.publicIdentity, VENDOR_3GPP)) publicIdentities.push(text());
    else if (avp.is(CODE.routeRecord, 0)) routeRecords.push(text());
    else if (avp.is(CODE.proxyInfo, 0)) proxyInfo.push(avp.raw());
  }
  return isWhole(avp) ? { ...found, publicIdentities, routeRecords, proxyInfo } : null;
}

/** The cursor went through every AVP, and the last one has its padding. */
const isWhole = (avp: AvpCursor): boolean => avp.cut === AvpCut.None && avp.after === avp.end;

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
  const avp = AvpCursor.ofMessage(bytes);
  const parts: Buffer[] = [Buffer.from(bytes.subarray(0, HEADER_OCTETS))];
  let replaced = false;
  while (avp.next()) {
    const addressing = avp.is(CODE.destinationHost, 0) || avp.is(CODE.destinationRealm, 0);
    if (destination === undefined || !addressing) parts.push(avp.whole());
    else if (!replaced) {
      parts.push(
        textAvp(CODE.destinationRealm, destination.realm),
        textAvp(CODE.destinationHost, destination.host),
      );
      replaced = true;
    }
  }
  if (!isWhole(avp)) return null;
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
