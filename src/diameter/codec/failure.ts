/**
 * What a refused message leaves behind: the fault with its Failed-AVP [6733-7.5], and what the answer carries
 * over from the request, picked out of it as far as its AVPs can be followed.
 */
import { AvpCursor } from './avp-cursor';
import { readUtf8 } from './data-formats';
import type { LinkedAvp } from './dictionary';
import type { DecodeFailure, DiameterHeader, RawAvp } from './types';

/** Why a message is refused, before the answer's other parts are known. */
export interface Fault {
  readonly resultCode: number;
  readonly kind: string;
  readonly message: string;
  readonly failedAvp: RawAvp | null;
  readonly fatal: boolean;
}

/** How faults are counted and named: DecodeFailure.kind and the Result-Code that clause 7.1 prescribes. */
export const FAULTS = {
  truncatedHeader: { kind: 'truncated_header', resultCode: 5015 },
  version: { kind: 'unsupported_version', resultCode: 5011 },
  messageLength: { kind: 'invalid_message_length', resultCode: 5015 },
  headerBits: { kind: 'invalid_header_bits', resultCode: 3008 },
  application: { kind: 'unknown_application', resultCode: 3007 },
  command: { kind: 'unknown_command', resultCode: 3001 },
  avpBits: { kind: 'invalid_avp_bits', resultCode: 3009 },
  avpLength: { kind: 'invalid_avp_length', resultCode: 5014 },
  avpValue: { kind: 'invalid_avp_value', resultCode: 5004 },
  unknownAvp: { kind: 'unknown_avp', resultCode: 5001 },
  missingAvp: { kind: 'missing_avp', resultCode: 5005 },
  notAllowed: { kind: 'avp_not_allowed', resultCode: 5008 },
  tooMany: { kind: 'too_many_occurrences', resultCode: 5009 },
  /** Our own bounds have no code of their own in the RFC: DIAMETER_UNABLE_TO_COMPLY. */
  avpCount: { kind: 'too_many_avps', resultCode: 5012 },
  nesting: { kind: 'nesting_too_deep', resultCode: 5012 },
} as const;

export type FaultName = (typeof FAULTS)[keyof typeof FAULTS];

/** How an AVP is called in Error-Message and log. */
export function describeAvp(avp: LinkedAvp | undefined, code: number, vendorId: number): string {
  const number = vendorId === 0 ? String(code) : `${code}, vendor ${vendorId}`;
  return avp === undefined ? `AVP ${number}` : `${avp.name} (${number})`;
}

/** The AVP with zero-filled data of the least length that its type allows [6733-7.5]. */
export function zeroFilled(avp: LinkedAvp): RawAvp {
  return {
    code: avp.code,
    vendorId: avp.vendorId,
    mandatory: avp.mandatory,
    data: Buffer.alloc(avp.minDataOctets),
  };
}

const SESSION_ID = 263;
const PROXY_INFO = 284;

/** Session-Id and Proxy-Info of a message that was refused, as far as its AVPs can be followed. */
export function salvage(bytes: Buffer): {
  readonly sessionId?: string;
  readonly proxyInfo: readonly RawAvp[];
} {
  const proxyInfo: RawAvp[] = [];
  let sessionId: string | undefined;
  const avp = AvpCursor.ofMessage(bytes);
  while (avp.next()) {
    if (sessionId === undefined && avp.is(SESSION_ID, 0)) {
      sessionId = readUtf8(bytes, avp.dataStart, avp.dataEnd) ?? undefined;
    } else if (avp.is(PROXY_INFO, 0)) proxyInfo.push(avp.raw());
  }
  return sessionId === undefined ? { proxyInfo } : { sessionId, proxyInfo };
}

/** The failure as the rest of the house sees it. `bytes` is null where the AVPs cannot be looked at. */
export function toFailure(header: DiameterHeader | null, fault: Fault, bytes: Buffer | null): DecodeFailure {
  const kept = bytes === null ? { proxyInfo: [] } : salvage(bytes);
  return {
    header,
    resultCode: fault.resultCode,
    kind: fault.kind,
    message: fault.message,
    failedAvps: fault.failedAvp === null ? [] : [fault.failedAvp],
    ...kept,
    bytes,
    fatal: fault.fatal,
  };
}
