/**
 * The messages that the peer layer itself sends: CER/CEA, DWR/DWA, DPR/DPA and error answers, encoded.
 * RFC 6733 clauses 5.3 to 5.5, 6.2 and 7.2. [6733-5.3] [6733-5.4] [6733-5.5] [6733-7.2]
 *
 * An answer keeps its request's identifiers and P bit.
 */
import type { Dictionary } from '../codec/dictionary';
import { encodeMessage } from '../codec/encode';
import { errorAnswer, failureAnswer, isProtocolError } from '../codec/error-answer';
import { decodeHeader } from '../codec/header';
import type { DecodeFailure, DiameterHeader, RawAvp } from '../codec/types';
import { DisconnectCause, ResultCode } from '../generated/base';
import { CEA, CER, DPA, DPR, DWA, DWR } from '../generated/base-tables';
import type { FramingFault } from '../../transport/port';
import { ourCapabilities, type LocalNode } from './capabilities';
import type { EndToEndIds } from './end-to-end-ids';

const BASE_APPLICATION = 0;
const NOT_REPORTED = 'no cause given';

export class BaseMessages {
  constructor(
    private readonly local: LocalNode,
    private readonly dictionary: Dictionary,
    private readonly endToEndIds: EndToEndIds,
  ) {}

  /** [6733-5.3.1] `addresses`: the local ones of the connection. */
  cer(hopByHopId: number, addresses: readonly string[]): Buffer {
    return encodeMessage(
      CER,
      this.request(hopByHopId),
      ourCapabilities(this.local, addresses),
      this.dictionary,
    );
  }

  /** [6733-5.3.2] The answer with success. */
  cea(request: DiameterHeader, addresses: readonly string[]): Buffer {
    return this.ceaWith(request, ResultCode.DIAMETER_SUCCESS, addresses, undefined, []);
  }

  /** [6733-5.3.2] A refusal: a whole CEA, or for protocol errors the answer of clause 7.2. */
  refusingCea(
    request: DiameterHeader,
    resultCode: number,
    addresses: readonly string[],
    errorMessage: string,
    failedAvps: readonly RawAvp[] = [],
  ): Buffer {
    return isProtocolError(resultCode)
      ? this.errorAnswer(request, resultCode, errorMessage, failedAvps)
      : this.ceaWith(request, resultCode as ResultCode, addresses, errorMessage, failedAvps);
  }

  /** [6733-5.5.1] */
  dwr(hopByHopId: number): Buffer {
    return encodeMessage(
      DWR,
      this.request(hopByHopId),
      { ...this.origin(), originStateId: this.local.originStateId },
      this.dictionary,
    );
  }

  /** [6733-5.5.2] */
  dwa(request: DiameterHeader): Buffer {
    return encodeMessage(
      DWA,
      answerTo(request),
      {
        resultCode: ResultCode.DIAMETER_SUCCESS,
        ...this.origin(),
        originStateId: this.local.originStateId,
      },
      this.dictionary,
    );
  }

  /** [6733-5.4.1] */
  dpr(hopByHopId: number, disconnectCause: DisconnectCause): Buffer {
    return encodeMessage(
      DPR,
      this.request(hopByHopId),
      { ...this.origin(), disconnectCause },
      this.dictionary,
    );
  }

  /** [6733-5.4.2] */
  dpa(request: DiameterHeader): Buffer {
    return encodeMessage(
      DPA,
      answerTo(request),
      { resultCode: ResultCode.DIAMETER_SUCCESS, ...this.origin() },
      this.dictionary,
    );
  }

  /** [6733-7.2] An error answer to any request; `message` goes into Error-Message. */
  errorAnswer(
    request: DiameterHeader,
    resultCode: number,
    message: string,
    failedAvps: readonly RawAvp[] = [],
  ): Buffer {
    return errorAnswer(
      request,
      { resultCode, errorMessage: message, failedAvps },
      this.local,
      this.dictionary,
    );
  }

  /** The answer that the decoder prescribes for a request it refused; null where there is none. */
  failureAnswer(failure: DecodeFailure): Buffer | null {
    return failureAnswer(failure, this.local, this.dictionary);
  }

  /**
   * An answer to a request whose framing is broken, as far as its header is there; null when there is nothing
   * to answer.
   */
  framingAnswer(fault: FramingFault): Buffer | null {
    const header = decodeHeader(fault.headerBytes);
    return header?.request === true ? this.errorAnswer(header, fault.resultCode, fault.detail) : null;
  }

  /** The abbreviation of an encoded message's command, for metrics. */
  abbreviation(bytes: Buffer): string {
    const header = decodeHeader(bytes);
    if (header === null) return 'unknown';
    return (
      this.dictionary.findCommand(header.commandCode, header.applicationId, header.request)?.definition
        .abbreviation ?? 'unknown'
    );
  }

  disconnectCauseName(cause: DisconnectCause | undefined): string {
    return Object.entries(DisconnectCause).find(([, value]) => value === cause)?.[0] ?? NOT_REPORTED;
  }

  private ceaWith(
    request: DiameterHeader,
    resultCode: ResultCode,
    addresses: readonly string[],
    errorMessage: string | undefined,
    failedAvps: readonly RawAvp[],
  ): Buffer {
    return encodeMessage(
      CEA,
      answerTo(request),
      {
        ...ourCapabilities(this.local, addresses),
        resultCode,
        errorMessage,
        failedAvp: failedAvps.length > 0 ? { additionalAvps: failedAvps } : undefined,
      },
      this.dictionary,
    );
  }

  private request(hopByHopId: number): { hopByHopId: number; endToEndId: number; applicationId: number } {
    return { hopByHopId, endToEndId: this.endToEndIds.next(), applicationId: BASE_APPLICATION };
  }

  private origin(): { originHost: string; originRealm: string } {
    return { originHost: this.local.originHost, originRealm: this.local.originRealm };
  }
}

/** What an answer takes over from its request; the T bit is not part of it. */
function answerTo(request: DiameterHeader): { hopByHopId: number; endToEndId: number; proxiable: boolean } {
  return { hopByHopId: request.hopByHopId, endToEndId: request.endToEndId, proxiable: request.proxiable };
}
