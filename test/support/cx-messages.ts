/** Cx requests as octets, answers as what a CSCF reads of them, and AVPs as they stand on the wire. */
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../src/diameter/codec/decode';
import { Dictionary } from '../../src/diameter/codec/dictionary';
import { encodeNamed, type HeaderFields } from '../../src/diameter/codec/encode';
import type { DecodedMessage, DiameterHeader } from '../../src/diameter/codec/types';
import { baseTable } from '../../src/diameter/generated/base-tables';
import { cxTable } from '../../src/apps/cx/generated/cx-tables';
import { cxLimits } from '../../src/apps/cx/limits';
import { noteUserData } from '../schema/produced-user-data';

export const dictionary = new Dictionary([baseTable, cxTable], cxLimits.receivedTextOctets);

export interface Origin {
  readonly originHost: string;
  readonly originRealm: string;
}

export type CxCommand = 'UAR' | 'SAR' | 'LIR' | 'MAR' | 'RTR' | 'PPR';

let identifiers = 0;

/** What every Cx request carries, then `avps`. Fresh identifiers and Session-Id unless given. */
export function cxRequest(
  command: CxCommand,
  origin: Origin,
  avps: object,
  header: Partial<HeaderFields> = {},
): Buffer {
  identifiers += 1;
  return encodeNamed(
    command,
    { hopByHopId: identifiers, endToEndId: identifiers, ...header },
    {
      sessionId: `${origin.originHost};1;${identifiers}`,
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      ...origin,
      destinationRealm: origin.originRealm,
      ...avps,
    },
    dictionary,
  );
}

/** An RTA or PPA. */
export function cxAnswerTo(
  request: DecodedMessage<Record<string, unknown>>,
  origin: Origin,
  avps: object,
): Buffer {
  return encodeNamed(
    request.abbreviation === 'RTR' ? 'RTA' : 'PPA',
    // The T bit is for requests only [6733-3].
    { ...request.header, retransmitted: false },
    {
      sessionId: request.avps['sessionId'],
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      ...origin,
      ...avps,
    },
    dictionary,
  );
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
  noteUserData(avps);
  const { resultCode, experimentalResult } = avps as Results;
  const result =
    resultCode === undefined
      ? `experimental ${experimentalResult?.experimentalResultCode}`
      : String(resultCode);
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
    avps.push({
      code: bytes.readUInt32BE(at),
      flags,
      data: bytes.subarray(at + ((flags & 0x80) === 0 ? 8 : 12), at + length),
    });
    at += (length + 3) & ~3;
  }
  return avps;
}

export const wireCodes = (bytes: Buffer): number[] => wireAvps(bytes).map((avp) => avp.code);

/** Where each AVP of a message starts. */
function starts(bytes: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = 20; at < bytes.length; at += (bytes.readUIntBE(at + 5, 3) + 3) & ~3) offsets.push(at);
  return offsets;
}

/** The message with the M bit of that AVP set. */
export function withMandatoryBit(bytes: Buffer, code: number): Buffer {
  for (const at of starts(bytes))
    if (bytes.readUInt32BE(at) === code) bytes.writeUInt8(bytes.readUInt8(at + 4) | 0x40, at + 4);
  return bytes;
}

/** The message without that AVP. */
export function withoutAvp(bytes: Buffer, code: number): Buffer {
  const offsets = starts(bytes);
  const kept = offsets.map((at, i) =>
    bytes.readUInt32BE(at) === code ? Buffer.alloc(0) : bytes.subarray(at, offsets[i + 1] ?? bytes.length),
  );
  const message = Buffer.concat([bytes.subarray(0, 20), ...kept]);
  message.writeUIntBE(message.length, 1, 3);
  return message;
}

/** AVP codes of RFC 6733 and TS 29.229 that tests look for on the wire. */
export const AVP = {
  sessionId: 263,
  originHost: 264,
  resultCode: 268,
  authSessionState: 277,
  originStateId: 278,
  failedAvp: 279,
  proxyInfo: 284,
  originRealm: 296,
  experimentalResult: 297,
  vendorSpecificApplicationId: 260,
  serverName: 602,
  publicIdentity: 601,
  supportedFeatures: 628,
} as const;
