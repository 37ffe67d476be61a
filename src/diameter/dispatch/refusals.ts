/**
 * Answers to requests that reach no handler, and the lines that say why a request was not served. The cause
 * of a fault in here goes to the log only.
 */
import { failureAnswer, isProtocolError, type AnsweringNode } from '../codec/error-answer';
import type { Dictionary } from '../codec/dictionary';
import type { DecodedMessage } from '../codec/types';
import { StoreUnavailableError } from '../../state/ports';
import { ResultCode, type ExperimentalResultCode } from '../generated/base';
import type { DispatchEvents } from '../../events/hss-events';
import type { IncomingRequest, UndecodableRequest } from '../peer/contract';
import type { Clock } from '../../shared/clock';
import type { Logger } from '../../shared/logger';
import type { AuthorityFault } from './authority';
import { AuthorityLog } from './authority-log';
import type { CommandHandler, Decision, Refusal } from './contract';
import { CommitConflictError } from './decisions';
import type { Addressed } from './open-request';
import { baseResultName } from './result-names';
import type { Routes } from './routes';

export interface RefusalPorts {
  readonly node: AnsweringNode;
  readonly dictionary: Dictionary;
  readonly logger: Logger;
  readonly events: Pick<DispatchEvents, 'requestAnswered' | 'requestUnauthorised'>;
  readonly clock: Clock;
}

/** DIAMETER_ERROR_FEATURE_UNSUPPORTED: of every application that negotiates by Supported-Features. */
const FEATURE_UNSUPPORTED = 5011 as ExperimentalResultCode;

/** The decision on a request that requires a feature which is not supported here [29.229-7.2.1]. */
export function unsupportedFeature(message: DecodedMessage, handler: CommandHandler): Decision<unknown> {
  return {
    result: { kind: 'experimental', code: FEATURE_UNSUPPORTED },
    avps: handler.errorAvps?.(message) ?? {},
    refusal: {
      check: 'a feature is required (M bit) that is not supported here',
      clause: 'TS 29.229 7.2.1',
      ...handler.identities?.(message),
    },
  };
}

export class Refusals {
  readonly #authorityLog: AuthorityLog;

  constructor(
    private readonly ports: RefusalPorts,
    private readonly routes: Routes,
  ) {
    this.#authorityLog = new AuthorityLog(ports.logger, ports.clock);
  }

  undecodable(request: UndecodableRequest): void {
    const { failure, peer } = request;
    const { node, dictionary, logger, events } = this.ports;
    logger.info(
      { peer: peer.originHost, sessionId: failure.sessionId, result: failure.resultCode, kind: failure.kind },
      `request refused: ${failure.message}`,
    );
    // The answer to a protocol error has a format of its own [6733-7.2].
    const extraAvps =
      failure.header === null || isProtocolError(failure.resultCode)
        ? undefined
        : this.routes.failureAvps(failure.header);
    const bytes = failureAnswer(failure, node, dictionary, extraAvps);
    if (bytes === null) return;
    request.answer(bytes);
    const result = baseResultName(failure.resultCode);
    events.requestAnswered('unknown', result, peer.originHost, 0, 0, 0);
  }

  /** A request that is not for us, or not one of ours. */
  refuse(request: IncomingRequest, resultCode: ResultCode, reason: string): void {
    this.ports.logger.info(
      { ...fieldsOf(request), result: resultCode },
      `${request.message.abbreviation} refused: ${reason}`,
    );
    this.#answer(request, resultCode, reason);
  }

  /** A request that its peer may not send. */
  unauthorised(request: IncomingRequest, fault: AuthorityFault): void {
    const { message, peer } = request;
    const { originHost, sessionId } = message.avps as Addressed;
    this.#authorityLog.refused({ peer, command: message.abbreviation, originHost, sessionId }, fault);
    this.ports.events.requestUnauthorised(fault.reason);
    this.#answer(request, fault.resultCode, fault.message);
  }

  /** The line for a request that was answered DIAMETER_UNABLE_TO_COMPLY. */
  notServed(request: IncomingRequest, error: unknown): void {
    this.#say(request, error, 'not served');
  }

  /** What went wrong once the answer had left changes nothing for the peer; an operator has to see it. */
  failedAfterAnswer(request: IncomingRequest, error: unknown): void {
    this.#say(request, error, 'failed after its answer had left');
  }

  /**
   * A fault of this program before there was a decision: a line, and an answer that needs nothing of the
   * command, because a request without one would hold its place with its peer. Never throws.
   */
  broken(request: IncomingRequest, error: unknown): void {
    this.notServed(request, error);
    try {
      this.#answer(request, ResultCode.DIAMETER_UNABLE_TO_COMPLY, 'internal error');
    } catch (second) {
      this.failedAfterAnswer(request, second);
    }
  }

  /** The one line that an operator reads. */
  logRefusal(request: IncomingRequest, result: string, refusal: Refusal): void {
    const { check, clause, subscription, level = 'info', ...identities } = refusal;
    const addressed = request.message.avps as Addressed;
    this.ports.logger[level](
      {
        ...(subscription === undefined ? {} : { subscription }),
        command: request.message.abbreviation,
        result,
        ...identities,
        peer: request.peer.originHost,
        originHost: addressed.originHost,
        sessionId: addressed.sessionId,
        clause,
      },
      `${request.message.abbreviation} refused with ${result}: ${check} (${clause})`,
    );
  }

  #say(request: IncomingRequest, error: unknown, what: string): void {
    const { abbreviation } = request.message;
    const fields = fieldsOf(request);
    if (error instanceof StoreUnavailableError || error instanceof CommitConflictError)
      this.ports.logger.warn(
        { ...fields, reason: error.message },
        `${abbreviation} ${what}: ${error.message}`,
      );
    else this.ports.logger.error({ ...fields, err: error }, `${abbreviation} ${what}: internal error`);
  }

  #answer(request: IncomingRequest, resultCode: ResultCode, reason: string): void {
    const { message, peer, receivedAtMs } = request;
    const writer = this.routes.writerFor(message.header.applicationId);
    request.answer(writer.plain(message, resultCode, reason));
    this.ports.events.requestAnswered(
      message.abbreviation,
      baseResultName(resultCode),
      peer.originHost,
      0,
      0,
      this.ports.clock.monotonicMs() - receivedAtMs,
    );
  }
}

function fieldsOf({ peer, message }: IncomingRequest): object {
  return {
    peer: peer.originHost,
    sessionId: (message.avps as Partial<Addressed>).sessionId,
    command: message.abbreviation,
  };
}
