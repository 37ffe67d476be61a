/** Cx requests as octets, answers as what a CSCF reads of them, and AVPs as they stand on the wire. */
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../src/codec/decode';
import { Dictionary } from '../../src/codec/dictionary';
import { encodeNamed, type HeaderFields } from '../../src/codec/encode';
import type { DecodedMessage, DiameterHeader } from '../../src/codec/types';
import { baseTable } from '../../src/generated/base-tables';
import { cxTable } from '../../src/generated/cx-tables';

export const dictionary = new Dictionary([baseTable, cxTable]);

export interface Origin {
  readonly originHost: string;
  readonly originRealm: string;
}

export type CxCommand = 'UAR' | 'SAR' | 'LIR' | 'MAR' | 'RTR' | 'PPR';

let identifiers = 0;

/** What every Cx request carries, then `avps`. Fresh identifiers and Session-Id unless given. */
export function cxRequest(command: CxCommand, origin: Origin, avps: object, header: Partial<HeaderFields> = {}): Buffer {
  identifiers += 1;
  return encodeNamed(command, { hopByHopId: identifiers, endToEndId: identifiers, ...header }, {
    sessionId: `${origin.originHost};1;${identifiers}`,
    vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
    authSessionState: 1,
    ...origin,
    destinationRealm: origin.originRealm,
    ...avps,
  }, dictionary);
}

/** @throws Error where the octets are no message that follows its Command Code Format */
export function decoded(bytes: Buffer): DecodedMessage<Record<string, unknown>> {
  const result = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
  if (!result.ok) throw new Error(`not decodable: ${result.failure.message}\n${bytes.toString('hex')}`);
  return result.message as DecodedMessage<Record<string, unknown>>;
}

export interface CxAnswer {
  readonly header: DiameterHeader;
  readonly abbreviation: string;
  /** "2001", or "experimental 5001". */
  readonly result: string;
  readonly avps: Record<string, unknown>;
  readonly bytes: Buffer;
}

interface Results {
  readonly resultCode?: number;
  readonly experimentalResult?: { readonly experimentalResultCode: number };
}

export function cxAnswer(bytes: Buffer): CxAnswer {
  const { header, abbreviation, avps } = decoded(bytes);
  const { resultCode, experimentalResult } = avps as Results;
  const result = resultCode === undefined ? `experimental ${experimentalResult?.experimentalResultCode}` : String(resultCode);
  return { header, abbreviation, result, avps, bytes };
}

export interface WireAvp {
  readonly code: number;
  readonly flags: number;
  readonly data: Buffer;
}

/** The AVPs of a message, or of a Grouped AVP's data with `from` 0, read without the product's codec. */
export function wireAvps(bytes: Buffer, from = 20): WireAvp[] {
  const avps: WireAvp[] = [];
  for (let at = from; at < bytes.length;) {
    const flags = bytes.readUInt8(at + 4);
    const length = bytes.readUIntBE(at + 5, 3);
    avps.push({ code: bytes.readUInt32BE(at), flags, data: bytes.subarray(at + ((flags & 0x80) === 0 ? 8 : 12), at + length) });
    at += (length + 3) & ~3;
  }
  return avps;
}

export const wireCodes = (bytes: Buffer): number[] => wireAvps(bytes).map((avp) => avp.code);

/** AVP codes of RFC 6733 and TS 29.229 that tests look for on the wire. */
export const AVP = {
  sessionId: 263, originHost: 264, resultCode: 268, authSessionState: 277, originStateId: 278, failedAvp: 279, proxyInfo: 284, originRealm: 296,
  experimentalResult: 297, vendorSpecificApplicationId: 260, supportedFeatures: 628,
} as const;
