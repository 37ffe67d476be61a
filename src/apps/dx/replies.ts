/**
 * What the locator says itself to a request: where to go, that nobody is known, or why not; each is logged and
 * counted. The octets are made in answers.ts.
 */
import { failureAnswer, isProtocolError } from '../../diameter/codec/error-answer';
import type { DecodeFailure, DiameterHeader } from '../../diameter/codec/types';
import type { LocatorEntry } from './locator/entry';
import { StoreUnavailableError } from '../../state/ports';
import { ResultCode, VENDOR_3GPP } from '../../diameter/generated/base';
import type { UndecodableRequest } from '../../diameter/peer/contract';
import { DxAnswers } from './answers';
import type { LocatorAgentOptions } from './contract';
import type { Envelope } from './envelope';
import type { Arrived } from './forwarder';

/** Failed-AVP where nothing says who a request is about: the AVP with no data [6733-7.5]. */
const missingPublicIdentity = { code: 601, vendorId: VENDOR_3GPP, mandatory: true, data: Buffer.alloc(0) };

/** A request that is to be located or passed on. */
export interface Asked extends Arrived {
  readonly header: DiameterHeader;
  readonly envelope: Envelope;
  /** Why the codec would refuse it. */
  readonly failure: DecodeFailure | null;
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(ResultCode).map(([name, code]) => [code, name]),
);

export class LocatorReplies {
  readonly #answers: DxAnswers;

  constructor(private readonly options: LocatorAgentOptions) {
    this.#answers = new DxAnswers(options.node, options.dictionary);
  }

  /** [6733-6.1.8] */
  redirect(asked: Asked, entry: LocatorEntry): void {
    const { logger, settings } = this.options;
    logger.debug(
      { peer: asked.peer.originHost, command: asked.command, kind: entry.kind, hosts: entry.hosts },
      `${asked.command} redirected to ${entry.hosts.join(', ')}`,
    );
    this.send(
      asked,
      this.#answers.redirect(asked.header, asked.envelope, entry, settings),
      'DIAMETER_REDIRECT_INDICATION',
    );
  }

  /** No entry is about these identities. */
  unknown(asked: Asked, given: readonly string[]): void {
    const { settings, logger } = this.options;
    const [identity] = given;
    if (settings.unknownIdentity === 'unableToDeliver')
      return this.refuse(
        asked,
        ResultCode.DIAMETER_UNABLE_TO_DELIVER,
        'no HSS is known for this identity',
        identity,
      );
    logger.info(
      {
        peer: asked.peer.originHost,
        command: asked.command,
        sessionId: asked.envelope.sessionId,
        publicIdentity: identity,
      },
      `${asked.command} refused with DIAMETER_ERROR_USER_UNKNOWN: no HSS is known for this identity (TS 29.228 6.4)`,
    );
    this.send(asked, this.#answers.userUnknown(asked.header, asked.envelope), 'DIAMETER_ERROR_USER_UNKNOWN');
  }

  /** The codec's own answer where it found that, too. */
  refuseNameless(asked: Asked): void {
    const { node, dictionary } = this.options;
    const bytes =
      asked.failure === null
        ? null
        : failureAnswer(asked.failure, node, dictionary, this.#answers.applicationAvps);
    if (bytes === null)
      return this.refuse(
        asked,
        ResultCode.DIAMETER_MISSING_AVP,
        'neither Public-Identity nor User-Name says who it is about',
      );
    this.send(asked, bytes, names.get(asked.failure?.resultCode ?? 0) ?? 'other');
  }

  /** A Result-Code of the base protocol, and why in words. */
  refuse(asked: Asked, resultCode: ResultCode, reason: string, publicIdentity?: string): void {
    const { header, envelope, peer, command } = asked;
    const result = names.get(resultCode) ?? String(resultCode);
    this.options.logger.info(
      { peer: peer.originHost, command, sessionId: envelope.sessionId, result, publicIdentity },
      `${command} refused with ${result}: ${reason}`,
    );
    const failed = resultCode === ResultCode.DIAMETER_MISSING_AVP ? [missingPublicIdentity] : [];
    this.send(asked, this.#answers.plain(header, envelope, resultCode, reason, failed), result);
  }

  /** To a request that its peer may not send; the agent logs it. */
  unauthorised(asked: Asked, resultCode: ResultCode, reason: string): void {
    const bytes = this.#answers.plain(asked.header, asked.envelope, resultCode, reason, []);
    this.send(asked, bytes, names.get(resultCode) ?? String(resultCode));
  }

  /** What can be neither located nor passed on. */
  refuseUndecodable(request: UndecodableRequest): void {
    const { failure, peer } = request;
    const { node, dictionary, logger, events } = this.options;
    logger.info(
      { peer: peer.originHost, sessionId: failure.sessionId, result: failure.resultCode, kind: failure.kind },
      `request refused: ${failure.message}`,
    );
    const bytes = failureAnswer(
      failure,
      node,
      dictionary,
      isProtocolError(failure.resultCode) ? undefined : this.#answers.applicationAvps,
    );
    if (bytes === null) return;
    request.answer(bytes);
    events.requestAnswered(
      'unknown',
      names.get(failure.resultCode) ?? String(failure.resultCode),
      peer.originHost,
      0,
      0,
      0,
    );
  }

  /** [29.228-6.1.1.1] "e.g. due to database error"; the cause goes to the log only. */
  fail(asked: Asked, error: unknown): void {
    const { logger } = this.options;
    const fields = {
      peer: asked.peer.originHost,
      command: asked.command,
      sessionId: asked.envelope.sessionId,
    };
    if (error instanceof StoreUnavailableError)
      logger.warn({ ...fields, reason: error.message }, `${asked.command} not located: ${error.message}`);
    else logger.error({ ...fields, err: error }, `${asked.command} not located: internal error`);
    this.send(
      asked,
      this.#answers.plain(
        asked.header,
        asked.envelope,
        ResultCode.DIAMETER_UNABLE_TO_COMPLY,
        'the locator cannot be asked now',
      ),
      'DIAMETER_UNABLE_TO_COMPLY',
    );
  }

  /** @returns whether the requester is still there */
  send(asked: Asked, bytes: Buffer, result: string): boolean {
    const sent = asked.asker.answer(bytes);
    const { clock, events } = this.options;
    events.requestAnswered(
      asked.command,
      result,
      asked.peer.originHost,
      0,
      0,
      clock.monotonicMs() - asked.receivedAtMs,
    );
    return sent;
  }
}
