/**
 * From a decision to the octets of an answer: what every answer of an application has in common. Session-Id
 * first, P bit and identifiers of the request, Proxy-Info in order [6733-6.2], Auth-Session-State
 * NO_STATE_MAINTAINED [29.229-5.3], Vendor-Specific-Application-Id [29.229-6.1] but for applications that leave
 * it out [29.272-7.2.2]. What never changes is encoded once. No Origin-State-Id: no Cx command lists it, and
 * peers that are strict about AVPs with the M bit refuse the answer; the base protocol's messages carry it
 * [6733-8.16].
 */
import { encodeAvp, encodeNamed } from '../codec/encode';
import { errorAnswer, type AnsweringNode } from '../codec/error-answer';
import { COMMAND_FLAG_ERROR, COMMAND_FLAG_PROXIABLE, HEADER_OCTETS } from '../codec/header';
import type { Dictionary } from '../codec/dictionary';
import type { DecodedMessage, RawAvp } from '../codec/types';
import type { AnnouncedFeatureList } from '../features/negotiation';
import { AuthSessionState, ResultCode, type ProxyInfo } from '../generated/base';
import type { ReportedAvps } from '../overload/reports';
import type { Application, Decision } from './contract';

interface Routed {
  readonly sessionId: string;
  readonly proxyInfo?: readonly ProxyInfo[];
}

export class AnswerWriter {
  readonly #fixed: Readonly<Record<string, Buffer>>;
  readonly #applicationAvps: Buffer;
  /** What never changes together with what seldom does, made once for each that comes. */
  readonly #merged = new WeakMap<ReportedAvps, Readonly<Record<string, Buffer>>>();

  /** The unchanging part of `tooBusy`, for each of its few texts. */
  readonly #refusals = new WeakMap<ReportedAvps, Map<string, Buffer>>();

  constructor(
    private readonly node: AnsweringNode,
    private readonly application: Application,
    private readonly dictionary: Dictionary,
  ) {
    const named: Readonly<Record<string, Buffer>> =
      application.omitsVendorSpecificApplicationId === true
        ? {}
        : {
            vendorSpecificApplicationId: encodeAvp(
              'Vendor-Specific-Application-Id',
              { vendorId: application.vendorId, authApplicationId: application.applicationId },
              dictionary,
            ),
          };
    const authSessionState = encodeAvp(
      'Auth-Session-State',
      AuthSessionState.NO_STATE_MAINTAINED,
      dictionary,
    );
    this.#fixed = {
      ...named,
      authSessionState,
      originHost: encodeAvp('Origin-Host', node.originHost, dictionary),
      originRealm: encodeAvp('Origin-Realm', node.originRealm, dictionary),
    };
    this.#applicationAvps = Buffer.concat([...Object.values(named), authSessionState]);
  }

  /** The command's own answer; `reported`: what every answer says at the moment, such as OC-OLR and Load. */
  decision(
    message: DecodedMessage,
    abbreviation: string,
    decision: Decision<unknown>,
    announced: readonly AnnouncedFeatureList[],
    reported?: ReportedAvps,
  ): Buffer {
    const { header } = message;
    const fixed = this.#with(reported);
    const { sessionId, proxyInfo } = message.avps as Routed;
    const { result, failedAvps, encodedAvps } = decision;
    const envelope = {
      sessionId,
      // Never both [29.229-6.2].
      resultCode: result.kind === 'base' ? result.code : undefined,
      experimentalResult:
        result.kind === 'base'
          ? undefined
          : { vendorId: this.application.vendorId, experimentalResultCode: result.code },
      supportedFeatures: announced.length > 0 ? announced : undefined,
      failedAvp: failedAvps === undefined ? undefined : { additionalAvps: failedAvps },
      proxyInfo,
    };
    return encodeNamed(
      abbreviation,
      {
        hopByHopId: header.hopByHopId,
        endToEndId: header.endToEndId,
        proxiable: header.proxiable,
        applicationId: this.application.applicationId,
      },
      decision.avps,
      this.dictionary,
      encodedAvps === undefined ? fixed : { ...fixed, ...encodedAvps },
      envelope,
    );
  }

  /** An answer that needs nothing of the command: protocol errors and what went wrong in here. */
  plain(message: DecodedMessage, resultCode: number, errorMessage: string, reported?: ReportedAvps): Buffer {
    const { sessionId, proxyInfo } = message.avps as Partial<Routed>;
    return errorAnswer(
      message.header,
      {
        resultCode,
        errorMessage,
        extraAvps:
          reported === undefined
            ? this.#applicationAvps
            : Buffer.concat([this.#applicationAvps, ...Object.values(reported)]),
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(proxyInfo === undefined ? {} : { proxyInfo: rawProxyInfo(proxyInfo, this.dictionary) }),
      },
      this.node,
      this.dictionary,
    );
  }

  /**
   * DIAMETER_TOO_BUSY as `plain` gives it, made of the octets that have to come back: the request's header,
   * Session-Id and Proxy-Info.
   */
  tooBusy(
    request: Buffer,
    sessionId: Buffer,
    proxyInfo: readonly Buffer[],
    errorMessage: string,
    reported: ReportedAvps,
  ): Buffer {
    let middles = this.#refusals.get(reported);
    if (middles === undefined) {
      middles = new Map<string, Buffer>();
      this.#refusals.set(reported, middles);
    }
    let middle = middles.get(errorMessage);
    if (middle === undefined) {
      const empty = {
        version: 1,
        length: 0,
        request: false,
        proxiable: false,
        error: false,
        retransmitted: false,
        commandCode: 0,
        applicationId: this.application.applicationId,
        hopByHopId: 0,
        endToEndId: 0,
      };
      const extraAvps = Buffer.concat([this.#applicationAvps, ...Object.values(reported)]);
      middle = errorAnswer(
        empty,
        { resultCode: ResultCode.DIAMETER_TOO_BUSY, errorMessage, extraAvps },
        this.node,
        this.dictionary,
      ).subarray(HEADER_OCTETS);
      middles.set(errorMessage, middle);
    }
    let octets = HEADER_OCTETS + sessionId.length + middle.length;
    for (const proxy of proxyInfo) octets += proxy.length;
    const answer = Buffer.allocUnsafe(octets);
    request.copy(answer, 0, 0, HEADER_OCTETS);
    answer.set(sessionId, HEADER_OCTETS);
    let at = HEADER_OCTETS + sessionId.length;
    for (const part of [middle, ...proxyInfo]) {
      answer.set(part, at);
      at += part.length;
    }
    answer.writeUIntBE(octets, 1, 3);
    answer[4] = ((request[4] ?? 0) & COMMAND_FLAG_PROXIABLE) | COMMAND_FLAG_ERROR;
    return answer;
  }

  #with(reported: ReportedAvps | undefined): Readonly<Record<string, Buffer>> {
    if (reported === undefined) return this.#fixed;
    let merged = this.#merged.get(reported);
    if (merged === undefined) {
      merged = { ...this.#fixed, ...reported };
      this.#merged.set(reported, merged);
    }
    return merged;
  }

  /** For refusals of the codec: Vendor-Specific-Application-Id and Auth-Session-State. */
  get applicationAvps(): Buffer {
    return this.#applicationAvps;
  }
}

const AVP_HEADER_OCTETS = 8;

/** Proxy-Info back into raw AVPs [6733-6.7.2]. */
export function rawProxyInfo(list: readonly ProxyInfo[], dictionary: Dictionary): RawAvp[] {
  return list.map((entry) => {
    const encoded = encodeAvp('Proxy-Info', entry, dictionary);
    return { code: 284, vendorId: 0, mandatory: true, data: encoded.subarray(AVP_HEADER_OCTETS) };
  });
}
