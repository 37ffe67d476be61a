/**
 * Answers that say what was wrong with a request [6733-7.1] [6733-7.2]. The E bit is set for protocol errors
 * (3xxx) and clear for everything else; P bit and identifiers are the request's, R is clear.
 */
import { encodeAvp, encodeFromParts, encodeRawAvps } from './encode';
import type { Dictionary } from './dictionary';
import { COMMAND_FLAG_ERROR, COMMAND_FLAG_PROXIABLE } from './header';
import type { DecodeFailure, DiameterHeader, RawAvp } from './types';

/** Who answers. */
export interface AnsweringNode {
  readonly originHost: string;
  readonly originRealm: string;
  /** For answers to the base protocol's own commands; no Cx command lists it [6733-8.16]. */
  readonly originStateId?: number;
}

/** What the answer says, beyond the request's header. */
export interface ErrorAnswerContent {
  /** Base protocol Result-Code. */
  readonly resultCode: number;
  readonly errorMessage?: string;
  readonly sessionId?: string;
  readonly failedAvps?: readonly RawAvp[];
  /** In the order received [6733-6.2]. */
  readonly proxyInfo?: readonly RawAvp[];
  /**
   * AVPs already encoded that the command's own format asks for, e.g. Vendor-Specific-Application-Id and
   * Auth-Session-State; they follow Session-Id.
   */
  readonly extraAvps?: Buffer;
}

const BASE_APPLICATION = 0;
const PROTOCOL_ERROR_FIRST = 3000;
const PROTOCOL_ERROR_LAST = 3999;
const FAILED_AVP = 279;
const EMPTY = Buffer.alloc(0);
/** Room for Failed-AVP, so that no request can make its refusal larger than itself many times over. */
const MAX_FAILED_AVP_OCTETS = 16 * 1024;

/** Whether the code is of the class that sets the E bit [6733-7.1.3]. */
export function isProtocolError(resultCode: number): boolean {
  return resultCode >= PROTOCOL_ERROR_FIRST && resultCode <= PROTOCOL_ERROR_LAST;
}

/** Encodes the answer to a request with that header. */
export function errorAnswer(
  request: DiameterHeader,
  content: ErrorAnswerContent,
  node: AnsweringNode,
  dictionary: Dictionary,
): Buffer {
  const one = (name: string, value: unknown): Buffer =>
    value === undefined ? EMPTY : encodeAvp(name, value, dictionary);
  const failed = content.failedAvps ?? [];
  const inside = failed.length === 0 ? EMPTY : encodeRawAvps(failed);
  const carried =
    inside.length <= MAX_FAILED_AVP_OCTETS
      ? inside
      : encodeRawAvps(failed.map((avp) => ({ ...avp, data: EMPTY })));
  const flags =
    (isProtocolError(content.resultCode) ? COMMAND_FLAG_ERROR : 0) |
    (request.proxiable ? COMMAND_FLAG_PROXIABLE : 0);
  return encodeFromParts(
    flags,
    request.commandCode,
    request.applicationId,
    request.hopByHopId,
    request.endToEndId,
    [
      one('Session-Id', content.sessionId),
      content.extraAvps ?? EMPTY,
      one('Origin-Host', node.originHost),
      one('Origin-Realm', node.originRealm),
      one('Result-Code', content.resultCode),
      one('Origin-State-Id', request.applicationId === BASE_APPLICATION ? node.originStateId : undefined),
      one('Error-Message', content.errorMessage),
      carried.length === 0
        ? EMPTY
        : encodeRawAvps([{ code: FAILED_AVP, vendorId: 0, mandatory: true, data: carried }]),
      encodeRawAvps(content.proxyInfo ?? []),
    ],
  );
}

/**
 * The answer to a request that could not be decoded; null where none can be given: no header, or the message
 * is itself an answer [6733-7.2].
 */
export function failureAnswer(
  failure: DecodeFailure,
  node: AnsweringNode,
  dictionary: Dictionary,
  extraAvps?: Buffer,
): Buffer | null {
  if (failure.header === null || !failure.header.request) return null;
  const { resultCode, message, failedAvps, proxyInfo, sessionId } = failure;
  const content = { resultCode, errorMessage: message, failedAvps, proxyInfo };
  return errorAnswer(
    failure.header,
    {
      ...content,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(extraAvps === undefined ? {} : { extraAvps }),
    },
    node,
    dictionary,
  );
}
