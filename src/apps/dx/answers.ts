/**
 * Answers of the locator's own: where to ask, that nobody is known, or what was wrong [6733-6.1.8] [6733-7.2]
 * [29.229-5.3].
 */
import { encodeAvp, encodeFromParts, encodeRawAvps } from '../../diameter/codec/encode';
import type { Dictionary } from '../../diameter/codec/dictionary';
import { errorAnswer } from '../../diameter/codec/error-answer';
import { COMMAND_FLAG_PROXIABLE } from '../../diameter/codec/header';
import type { DiameterHeader, RawAvp } from '../../diameter/codec/types';
import type { LocatorEntry } from './locator/entry';
import { AuthSessionState, RedirectHostUsage, ResultCode, VENDOR_3GPP } from '../../diameter/generated/base';
import { CX_APPLICATION_ID, ExperimentalResultCode } from '../cx/generated/cx';
import type { LocatorNode, LocatorSettings } from './contract';
import type { Envelope } from './envelope';

type Carried = Pick<Envelope, 'sessionId' | 'proxyInfo'>;

export class DxAnswers {
  /** Vendor-Specific-Application-Id and Auth-Session-State, which every Cx answer has. */
  readonly applicationAvps: Buffer;
  private readonly origin: Buffer;

  constructor(
    private readonly node: LocatorNode,
    private readonly dictionary: Dictionary,
  ) {
    this.applicationAvps = Buffer.concat([
      encodeAvp(
        'Vendor-Specific-Application-Id',
        { vendorId: VENDOR_3GPP, authApplicationId: CX_APPLICATION_ID },
        dictionary,
      ),
      encodeAvp('Auth-Session-State', AuthSessionState.NO_STATE_MAINTAINED, dictionary),
    ]);
    this.origin = Buffer.concat([
      encodeAvp('Origin-Host', node.originHost, dictionary),
      encodeAvp('Origin-Realm', node.originRealm, dictionary),
    ]);
  }

  /**
   * [6733-6.1.8] E bit, DIAMETER_REDIRECT_INDICATION, the HSSs in order, how and how long that may be kept.
   */
  redirect(
    header: DiameterHeader,
    request: Carried,
    entry: LocatorEntry,
    settings: Pick<LocatorSettings, 'usage' | 'maxCacheSeconds'>,
  ): Buffer {
    const usage = entry.usage ?? settings.usage;
    const seconds = usage === 'DONT_CACHE' ? 0 : (entry.maxCacheSeconds ?? settings.maxCacheSeconds);
    return this.protocolError(header, request, ResultCode.DIAMETER_REDIRECT_INDICATION, undefined, [
      encodeAvp('Redirect-Host', entry.hosts, this.dictionary),
      encodeAvp('Redirect-Host-Usage', RedirectHostUsage[usage], this.dictionary),
      encodeAvp('Redirect-Max-Cache-Time', seconds, this.dictionary),
    ]);
  }

  /**
   * DIAMETER_ERROR_USER_UNKNOWN, which is no protocol error: an answer of the command itself [29.229-6.2.2].
   */
  userUnknown(header: DiameterHeader, { sessionId, proxyInfo }: Carried): Buffer {
    return encodeFromParts(
      header.proxiable ? COMMAND_FLAG_PROXIABLE : 0,
      header.commandCode,
      header.applicationId,
      header.hopByHopId,
      header.endToEndId,
      [
        ...(sessionId === undefined ? [] : [encodeAvp('Session-Id', sessionId, this.dictionary)]),
        this.applicationAvps,
        encodeAvp(
          'Experimental-Result',
          {
            vendorId: VENDOR_3GPP,
            experimentalResultCode: ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN,
          },
          this.dictionary,
        ),
        this.origin,
        encodeRawAvps(proxyInfo),
      ],
    );
  }

  /** Any Result-Code of the base protocol. */
  plain(
    header: DiameterHeader,
    request: Carried,
    resultCode: number,
    errorMessage: string,
    failedAvps: readonly RawAvp[] = [],
  ): Buffer {
    return this.protocolError(header, request, resultCode, errorMessage, [], failedAvps);
  }

  private protocolError(
    header: DiameterHeader,
    { sessionId, proxyInfo }: Carried,
    resultCode: number,
    errorMessage: string | undefined,
    more: readonly Buffer[],
    failedAvps: readonly RawAvp[] = [],
  ): Buffer {
    return errorAnswer(
      header,
      {
        resultCode,
        proxyInfo,
        failedAvps,
        extraAvps: Buffer.concat([this.applicationAvps, ...more]),
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(errorMessage === undefined ? {} : { errorMessage }),
      },
      this.node,
      this.dictionary,
    );
  }
}
