/**
 * Takes application requests from the peer layer to their handlers and their answers back: load, decide,
 * commit, then answer. A decision is made again when the commit finds the subscription changed (bounded).
 * Nothing that a request can hold, and no failure of the store, gets out of here other than as an answer.
 */
import { failureAnswer, isProtocolError, type AnsweringNode } from '../codec/error-answer';
import type { Dictionary } from '../codec/dictionary';
import type { DecodedMessage } from '../codec/types';
import {
  StoreUnavailableError,
  type ServingNodeNotification,
  type ServingNodeNotifier,
} from '../domain/ports';
import type { AnnouncedFeatureList } from '../features/negotiation';
import { ResultCode } from '../generated/base';
import { ExperimentalResultCode } from '../generated/cx';
import type { OverloadControl } from '../overload/overload-control';
import type { Admission, IncomingRequest, RequestSink, UndecodableRequest } from '../peer/contract';
import type { Logger } from '../shared/logger';
import { AnswerLines } from './answer-lines';
import type { Application, CommandHandler, Decision, DispatchEvents, Refusal } from './contract';
import { Deadlines } from './deadlines';
import { CommitConflictError, Decisions, type DecisionOptions } from './decisions';
import { DuplicateDetection, type DuplicateLimits, type Entry } from './duplicates';
import { Entrance, refusalTexts } from './entrance';
import { receivedFeatures } from './received-features';
import { createRoutingCheck, type LocalNode, type RoutingFault } from './routing';
import { Routes, type Route } from './routes';
import { resultName } from './result-names';

export interface DispatcherOptions extends DecisionOptions {
  readonly node: LocalNode & AnsweringNode;
  readonly applications: readonly Application[];
  readonly servingNodes: ServingNodeNotifier;
  readonly dictionary: Dictionary;
  readonly logger: Logger;
  readonly events: DispatchEvents;
  readonly duplicates: DuplicateLimits;
  /** Requests in progress in all, those that wait included; above it DIAMETER_TOO_BUSY. */
  readonly maxInProgressCount: number;
  /**
   * Where requests wait, and what answers say of overload and load; without it nothing waits and nothing is
   * said.
   */
  readonly overload?: OverloadControl;
  /** What takes longer is answered DIAMETER_UNABLE_TO_COMPLY, whatever it waits for. */
  readonly maxServiceMs: number;
}

/** What every request of an application carries, as far as it is needed here. */
interface Addressed {
  readonly sessionId: string;
  readonly originHost: string;
  readonly destinationRealm?: string;
  readonly destinationHost?: string;
}

/** A request that is being served. */
interface Open {
  readonly request: IncomingRequest;
  readonly route: Route;
  readonly entry: Entry;
  /** Since when it is worked on, in monotonic milliseconds. */
  sinceMs: number;
  /** Of its deadline. */
  place: number;
  /** Where its time went, in milliseconds. */
  queueMs: number;
  storeMs: number;
  /** Also true when its time was up; what is decided then is dropped. */
  answered: boolean;
}

function unsupportedFeature(message: DecodedMessage, handler: CommandHandler): Decision<unknown> {
  const { userName, publicIdentity } = message.avps as {
    readonly userName?: string;
    readonly publicIdentity?: string | readonly string[];
  };
  const first = typeof publicIdentity === 'object' ? publicIdentity[0] : publicIdentity;
  return {
    result: { kind: 'experimental', code: ExperimentalResultCode.DIAMETER_ERROR_FEATURE_UNSUPPORTED },
    avps: handler.errorAvps?.(message) ?? {},
    refusal: {
      check: 'a feature is required (M bit) that is not supported here',
      clause: 'TS 29.229 7.2.1',
      ...(userName === undefined ? {} : { privateIdentity: userName }),
      ...(first === undefined ? {} : { publicIdentity: first }),
    },
  };
}

export class Dispatcher implements RequestSink {
  readonly #routes: Routes;
  readonly #decisions: Decisions;
  readonly #duplicates: DuplicateDetection;
  readonly #lines: AnswerLines;
  readonly #deadlines: Deadlines<Open>;
  readonly #checkRoute: (realm: string | undefined, host: string | undefined) => RoutingFault | null;
  readonly #entrance: Entrance<Open> | null;
  #inProgress = 0;
  #idle: (() => void)[] = [];

  constructor(private readonly options: DispatcherOptions) {
    this.#routes = new Routes(options.applications, options.node, options.dictionary);
    this.#decisions = new Decisions(options);
    this.#lines = new AnswerLines(options.logger);
    this.#duplicates = new DuplicateDetection(options.duplicates);
    const { clock, maxServiceMs, overload, events } = options;
    const late = new StoreUnavailableError(`not done within ${maxServiceMs} ms`);
    this.#deadlines = new Deadlines(
      maxServiceMs,
      () => clock.monotonicMs(),
      (open) => this.#fail(open, late),
    );
    this.#checkRoute = createRoutingCheck(options.node);
    this.#entrance =
      overload === undefined
        ? null
        : new Entrance<Open>(
            { overload, routes: this.#routes, events, clock },
            {
              start: (open) => this.#start(open),
              refuse: (open, reason) => this.#tooBusy(open, refusalTexts[reason]),
            },
          );
  }

  get admission(): Admission | null {
    return this.#entrance;
  }

  get inProgressCount(): number {
    return this.#inProgress;
  }

  /** Resolves when nothing is in progress any more. */
  whenIdle(): Promise<void> {
    if (this.#inProgress === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  onUndecodable(request: UndecodableRequest): void {
    const { failure, peer } = request;
    const { node, dictionary, logger, events } = this.options;
    logger.info(
      { peer: peer.originHost, sessionId: failure.sessionId, result: failure.resultCode, kind: failure.kind },
      `request refused: ${failure.message}`,
    );
    // The answer to a protocol error has a format of its own [6733-7.2].
    const extraAvps =
      failure.header === null || isProtocolError(failure.resultCode)
        ? undefined
        : this.#routes.failureAvps(failure.header);
    const bytes = failureAnswer(failure, node, dictionary, extraAvps);
    if (bytes === null) return;
    request.answer(bytes);
    events.answered(
      'unknown',
      resultName({ kind: 'base', code: failure.resultCode as ResultCode }),
      peer.originHost,
      0,
      0,
      0,
    );
  }

  onRequest(request: IncomingRequest): void {
    const { message } = request;
    const { header } = message;
    const addressed = message.avps as Addressed;
    const route = this.#routes.find(header);
    if (route === undefined)
      return this.#refuse(
        request,
        ResultCode.DIAMETER_COMMAND_UNSUPPORTED,
        `${message.abbreviation} is not served here`,
      );
    const fault = this.#checkRoute(addressed.destinationRealm, addressed.destinationHost);
    if (fault !== null) return this.#refuse(request, fault.resultCode, fault.message);

    const admission = this.#duplicates.admit(
      request,
      addressed.originHost,
      addressed.sessionId,
      request.receivedAtMs,
    );
    if (admission === 'duplicate')
      return this.options.events.duplicate(message.abbreviation, request.peer.originHost);
    // Refused, not dropped: a request without an answer would hold its place with its peer for ever.
    if (admission === 'tooMany')
      return this.#refuse(
        request,
        ResultCode.DIAMETER_TOO_BUSY,
        'too many copies of one request wait for its answer',
      );
    const open: Open = {
      request,
      route,
      entry: admission,
      sinceMs: 0,
      place: 0,
      queueMs: 0,
      storeMs: 0,
      answered: false,
    };
    this.#inProgress += 1;
    if (this.#inProgress > this.options.maxInProgressCount)
      return this.#tooBusy(open, `${this.#inProgress - 1} requests are in progress`);
    if (
      this.#entrance === null ||
      this.#entrance.enter(open, request.peer.originHost, message.avps, header.length)
    )
      this.#start(open);
  }

  #start(open: Open): void {
    open.sinceMs = this.options.clock.monotonicMs();
    this.#deadlines.add(open);
    void this.#serve(open);
  }

  #finished(): void {
    this.#inProgress -= 1;
    if (this.#inProgress === 0 && this.#idle.length > 0) {
      for (const wake of this.#idle.splice(0)) wake();
    }
  }

  /**
   * At once, with the E bit [6733-7.1.3]; copies that wait for the same answer get it too, and a later one
   * may be served.
   */
  #tooBusy({ request, route, entry }: Open, reason: string): void {
    const { message, peer } = request;
    this.#duplicates.forget(entry);
    const bytes = route.writer.plain(
      message,
      ResultCode.DIAMETER_TOO_BUSY,
      reason,
      this.options.overload?.answerAvps(message.avps, peer.originHost),
    );
    request.answer(bytes);
    this.#duplicates.done(entry, bytes);
    // One line for each would make an overload worse; src/overload tells how many there were.
    this.options.logger.debug(
      {
        peer: peer.originHost,
        sessionId: (message.avps as Addressed).sessionId,
        command: message.abbreviation,
      },
      `${message.abbreviation} refused: ${reason}`,
    );
    this.options.events.answered(
      message.abbreviation,
      'DIAMETER_TOO_BUSY',
      peer.originHost,
      0,
      0,
      this.options.clock.monotonicMs() - request.receivedAtMs,
    );
    this.#finished();
  }

  async #serve(open: Open): Promise<void> {
    const { request, route } = open;
    try {
      const negotiation = route.negotiate(receivedFeatures(request.message));
      const decision = negotiation.unsupported
        ? unsupportedFeature(request.message, route.handler)
        : await this.#decisions.make(open, negotiation);
      if (!open.answered) {
        const bytes = this.#encode(
          open,
          decision,
          negotiation.unsupported ? route.allFeatures : negotiation.announced,
        );
        const result = resultName(decision.result);
        if (decision.refusal !== undefined) this.#logRefusal(request, result, decision.refusal);
        if (decision.notable !== undefined) this.options.events.notable(decision.notable);
        this.#answer(open, bytes, result);
        this.#lines.changed(request, route.handler, decision);
        // Together with the answer: who got none asks again.
        if (decision.notifications !== undefined)
          for (const notification of decision.notifications) void this.#notify(notification);
      }
    } catch (error) {
      if (!open.answered) this.#fail(open, error);
    }
    // Not with the answer: what was given up still keeps the store busy.
    this.#entrance?.leave(request.peer.originHost);
    this.#finished();
  }

  async #notify(notification: ServingNodeNotification): Promise<void> {
    try {
      await this.options.servingNodes.notify(notification);
    } catch (error) {
      this.options.logger.warn(
        { kind: notification.kind, imsi: notification.imsi, err: error },
        `${notification.kind} did not reach the serving nodes`,
      );
    }
  }

  #encode(
    { request: { message, peer }, route }: Open,
    decision: Decision<unknown>,
    announced: readonly AnnouncedFeatureList[],
  ): Buffer {
    return route.writer.decision(
      message,
      route.handler.answer,
      decision,
      announced,
      this.options.overload?.answerAvps(message.avps, peer.originHost),
    );
  }

  #answer(open: Open, bytes: Buffer, result: string): void {
    const { request, route, entry, queueMs, storeMs } = open;
    open.answered = true;
    this.#deadlines.delete(open);
    request.answer(bytes);
    this.#duplicates.done(entry, bytes);
    const totalMs = this.options.clock.monotonicMs() - request.receivedAtMs;
    this.options.events.answered(
      route.handler.request,
      result,
      request.peer.originHost,
      queueMs,
      storeMs,
      totalMs,
    );
    this.#lines.answered(request, result, totalMs);
  }

  /**
   * DIAMETER_UNABLE_TO_COMPLY "e.g. due to database error" [29.228-6.1.1.1]; the cause goes to the log only.
   */
  #fail(open: Open, error: unknown): void {
    const {
      request: { message, peer },
      route,
    } = open;
    const expected = error instanceof StoreUnavailableError || error instanceof CommitConflictError;
    const fields = {
      peer: peer.originHost,
      sessionId: (message.avps as Addressed).sessionId,
      command: message.abbreviation,
    };
    if (expected)
      this.options.logger.warn(
        { ...fields, reason: error.message },
        `${message.abbreviation} not served: ${error.message}`,
      );
    else
      this.options.logger.error(
        { ...fields, err: error },
        `${message.abbreviation} not served: internal error`,
      );
    const decision: Decision<unknown> = {
      result: { kind: 'base', code: ResultCode.DIAMETER_UNABLE_TO_COMPLY },
      avps: route.handler.errorAvps?.(message) ?? {},
    };
    // Not kept for retransmissions: a copy may find the store back.
    this.#duplicates.forget(open.entry);
    this.#answer(open, this.#encode(open, decision, route.announced), 'DIAMETER_UNABLE_TO_COMPLY');
  }

  #refuse(request: IncomingRequest, resultCode: ResultCode, reason: string): void {
    const { message, peer } = request;
    const writer = this.#routes.writerFor(message.header.applicationId);
    this.options.logger.info(
      {
        peer: peer.originHost,
        sessionId: (message.avps as Partial<Addressed>).sessionId,
        command: message.abbreviation,
        result: resultCode,
      },
      `${message.abbreviation} refused: ${reason}`,
    );
    request.answer(writer.plain(message, resultCode, reason));
    this.options.events.answered(
      message.abbreviation,
      resultName({ kind: 'base', code: resultCode }),
      peer.originHost,
      0,
      0,
      this.options.clock.monotonicMs() - request.receivedAtMs,
    );
  }

  /** The one line that an operator reads. */
  #logRefusal(request: IncomingRequest, result: string, refusal: Refusal): void {
    const { check, clause, privateIdentity, publicIdentity } = refusal;
    const addressed = request.message.avps as Addressed;
    this.options.logger.info(
      {
        command: request.message.abbreviation,
        result,
        privateIdentity,
        publicIdentity,
        peer: request.peer.originHost,
        originHost: addressed.originHost,
        sessionId: addressed.sessionId,
        clause,
      },
      `${request.message.abbreviation} refused with ${result}: ${check} (${clause})`,
    );
  }
}
