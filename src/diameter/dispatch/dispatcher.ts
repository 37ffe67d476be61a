/**
 * Takes application requests from the peer layer to their handlers and their answers back: load, decide,
 * commit, then answer. A decision is made again when the commit finds the subscription changed (bounded).
 * Nothing that a request can hold, and no failure of the store, gets out of here other than as an answer.
 */
import { StoreUnavailableError, type LoadOutcome } from '../../state/ports';
import type { AnnouncedFeatureList } from '../features/negotiation';
import { ResultCode } from '../generated/base';
import type { Admission, IncomingRequest, RequestSink, UndecodableRequest } from '../peer/contract';
import { isSurelyShort, tooLongAnswer } from './answer-bound';
import { AnswerLines } from './answer-lines';
import { createAuthorityCheck, type AuthorityCheck } from './authority';
import type { Decision, Notifier } from './contract';
import { Deadlines } from './deadlines';
import { Decisions } from './decisions';
import { DuplicateDetection } from './duplicates';
import { Entrance, refusalTexts } from './entrance';
import type { Addressed, OpenRequest } from './open-request';
import { receivedFeatures } from './received-features';
import type { DispatcherOptions, RequestObserver } from './options';
import { Refusals, unsupportedFeature } from './refusals';
import { createRoutingCheck, type RoutingFault } from './routing';
import { Routes } from './routes';
import { resultName } from './result-names';

export type { DispatcherOptions } from './options';

export class Dispatcher implements RequestSink {
  readonly #routes: Routes;
  readonly #decisions: Decisions;
  readonly #duplicates: DuplicateDetection;
  readonly #refusals: Refusals;
  readonly #lines: AnswerLines;
  readonly #deadlines: Deadlines<OpenRequest>;
  readonly #checkRoute: (realm: string | undefined, host: string | undefined) => RoutingFault | null;
  readonly #checkAuthority: AuthorityCheck;
  readonly #observers: readonly RequestObserver[];
  readonly #entrance: Entrance<OpenRequest> | null;
  #inProgress = 0;
  /** Notifications that are under way: their requests are answered already. */
  #notifying = 0;
  #idle: (() => void)[] = [];

  constructor(private readonly options: DispatcherOptions) {
    this.#routes = new Routes(options.applications, options.node, options.dictionary);
    this.#decisions = new Decisions(options);
    this.#lines = new AnswerLines(options.logger);
    this.#duplicates = new DuplicateDetection(options.duplicates);
    this.#refusals = new Refusals(options, this.#routes);
    this.#observers = options.observers ?? [];
    const { clock, maxServiceMs, overload, events } = options;
    const late = new StoreUnavailableError(`not done within ${maxServiceMs} ms`);
    this.#deadlines = new Deadlines(
      maxServiceMs,
      () => clock.monotonicMs(),
      (open) => this.#failed(open, late),
    );
    this.#checkRoute = createRoutingCheck(options.node);
    this.#checkAuthority = createAuthorityCheck(
      [options.node.originHost, ...(options.alsoOurHosts ?? [])],
      options.applications.flatMap(({ usualPeerRoles = [] }) => usualPeerRoles),
    );
    this.#entrance =
      overload === undefined
        ? null
        : new Entrance<OpenRequest>(
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

  /** Resolves when nothing is in progress any more, and nobody has to be told of anything. */
  whenIdle(): Promise<void> {
    if (this.#inProgress + this.#notifying === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  onUndecodable(request: UndecodableRequest): void {
    this.#refusals.undecodable(request);
  }

  onRequest(request: IncomingRequest): void {
    try {
      this.#take(request);
    } catch (error) {
      this.#refusals.broken(request, error);
    }
  }

  #take(request: IncomingRequest): void {
    const { message, peer } = request;
    const { header } = message;
    const addressed = message.avps as Addressed;
    const route = this.#routes.find(header);
    if (route === undefined)
      return this.#refusals.refuse(
        request,
        this.#routes.serves(header.applicationId)
          ? ResultCode.DIAMETER_COMMAND_UNSUPPORTED
          : ResultCode.DIAMETER_APPLICATION_UNSUPPORTED,
        `${message.abbreviation} is not served here`,
      );
    const fault = this.#checkRoute(addressed.destinationRealm, addressed.destinationHost);
    if (fault !== null) return this.#refusals.refuse(request, fault.resultCode, fault.message);
    const { originHost, originRealm } = addressed;
    const presumption = this.#checkAuthority(
      peer,
      originHost,
      originRealm,
      message.abbreviation,
      route.senders,
    );
    if (presumption !== null) return this.#refusals.unauthorised(request, presumption);
    // Copies too: one that comes by another peer shows the way that is left.
    for (const observe of this.#observers) observe(request);

    const admission = this.#duplicates.admit(request, originHost, addressed.sessionId, request.receivedAtMs);
    if (admission === 'duplicate')
      return this.options.events.duplicateAnswered(message.abbreviation, peer.originHost);
    // Refused, not dropped: a request without an answer would hold its place with its peer for ever.
    if (admission === 'tooMany')
      return this.#refusals.refuse(
        request,
        ResultCode.DIAMETER_TOO_BUSY,
        'too many copies of one request wait for its answer',
      );
    const open: OpenRequest = {
      request,
      route,
      entry: admission,
      sinceMs: 0,
      place: 0,
      queueMs: 0,
      storeMs: 0,
      encoded: null,
      encodedFor: null,
      answered: false,
    };
    this.#inProgress += 1;
    if (this.#inProgress > this.options.maxInProgressCount)
      return this.#tooBusy(open, `${this.#inProgress - 1} requests are in progress`);
    if (this.#entrance === null || this.#entrance.enter(open, peer.originHost, message.avps, header.length))
      this.#start(open);
  }

  #start(open: OpenRequest): void {
    open.sinceMs = this.options.clock.monotonicMs();
    this.#deadlines.add(open);
    void this.#serve(open);
  }

  #finished(): void {
    this.#inProgress -= 1;
    this.#wakeIdle();
  }

  #wakeIdle(): void {
    if (this.#idle.length === 0 || this.#inProgress + this.#notifying > 0) return;
    for (const wake of this.#idle.splice(0)) wake();
  }

  /**
   * At once, with the E bit [6733-7.1.3]; copies that wait for the same answer get it too, and a later one
   * may be served.
   */
  #tooBusy({ request, route, entry }: OpenRequest, reason: string): void {
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
    // One line for each would make an overload worse; src/diameter/overload tells how many there were.
    this.options.logger.debug(
      {
        peer: peer.originHost,
        sessionId: (message.avps as Addressed).sessionId,
        command: message.abbreviation,
      },
      `${message.abbreviation} refused: ${reason}`,
    );
    this.options.events.requestAnswered(
      message.abbreviation,
      'DIAMETER_TOO_BUSY',
      peer.originHost,
      0,
      0,
      this.options.clock.monotonicMs() - request.receivedAtMs,
    );
    this.#finished();
  }

  /** Never rejects: nobody waits for it. */
  async #serve(open: OpenRequest): Promise<void> {
    try {
      await this.#decide(open);
    } catch (error) {
      this.#failed(open, error);
    }
    // Not with the answer: what was given up still keeps the store busy.
    try {
      this.#entrance?.leave(open.request.peer.originHost);
    } catch (error) {
      this.#refusals.failedAfterAnswer(open.request, error);
    }
    this.#finished();
  }

  async #decide(open: OpenRequest): Promise<void> {
    const { request, route } = open;
    const negotiation = route.negotiate(receivedFeatures(request.message));
    const announced = negotiation.unsupported ? route.allFeatures : negotiation.announced;
    // Nothing is decided on features that we do not have [29.229-7.2.1].
    const decided = negotiation.unsupported
      ? unsupportedFeature(request.message, route.handler)
      : await this.#decisions.make(open, negotiation, (made, loaded) =>
          this.#fitting(open, made, loaded, announced),
        );
    if (open.answered) return;
    const decision = open.encodedFor === decided ? decided : this.#fitting(open, decided, null, announced);
    const bytes =
      open.encodedFor === decision && open.encoded !== null
        ? open.encoded
        : this.#encode(open, decision, announced);
    if (decision.tooLongOctets !== undefined) request.answerTooLong(decision.tooLongOctets);
    const result = resultName(decision.result, route.resultNames);
    if (decision.refusal !== undefined) this.#refusals.logRefusal(request, result, decision.refusal);
    if (decision.notable !== undefined) this.options.events.decisionNotable(decision.notable);
    this.#answer(open, bytes, result);
    this.#lines.changed(request, route.handler, decision);
    // Together with the answer: who got none asks again.
    if (decision.notifications !== undefined)
      for (const notification of decision.notifications) void this.#notify(route.notifier, notification);
  }

  /** An answer where none has left, and a line in any case. Never throws. */
  #failed(open: OpenRequest, error: unknown): void {
    if (open.answered) return this.#refusals.failedAfterAnswer(open.request, error);
    try {
      this.#fail(open, error);
    } catch (second) {
      if (open.answered) return this.#refusals.failedAfterAnswer(open.request, second);
      open.answered = true;
      this.#deadlines.delete(open);
      this.#refusals.broken(open.request, second);
    }
  }

  async #notify(notifier: Notifier | undefined, notification: unknown): Promise<void> {
    this.#notifying += 1;
    try {
      await notifier?.notify(notification);
    } catch (error) {
      const { what, fields } = notifier?.failure(notification) ?? {
        what: 'a notification failed',
        fields: {},
      };
      this.options.logger.warn({ ...fields, err: error }, what);
    } finally {
      this.#notifying -= 1;
      this.#wakeIdle();
    }
  }

  /**
   * Encodes the answer before anything is committed: the decision, or where its answer is longer than the
   * peer takes the refusal that is made in its place.
   */
  #fitting(
    open: OpenRequest,
    decision: Decision<unknown>,
    loaded: LoadOutcome | null,
    announced: readonly AnnouncedFeatureList[],
  ): Decision<unknown> {
    const { request, route } = open;
    const { laterOctets = 0 } = decision;
    // An answer that is completed by its commit is encoded then; here only where it may be too long.
    if (decision.draw !== undefined && isSurelyShort(request, laterOctets)) return decision;
    const bytes = this.#encode(open, decision, announced);
    const octets = bytes.length + laterOctets;
    if (octets > request.maxAnswerOctets && decision.tooLongOctets === undefined)
      return tooLongAnswer(request, route.handler, octets, loaded);
    open.encoded = bytes;
    open.encodedFor = decision;
    return decision;
  }

  #encode(
    { request: { message, peer }, route }: OpenRequest,
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

  #answer(open: OpenRequest, bytes: Buffer, result: string): void {
    const { request, route, entry, queueMs, storeMs } = open;
    open.answered = true;
    this.#deadlines.delete(open);
    request.answer(bytes);
    this.#duplicates.done(entry, bytes);
    const totalMs = this.options.clock.monotonicMs() - request.receivedAtMs;
    this.options.events.requestAnswered(
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
  #fail(open: OpenRequest, error: unknown): void {
    const {
      request: { message },
      route,
    } = open;
    this.#refusals.notServed(open.request, error);
    const decision: Decision<unknown> = {
      result: { kind: 'base', code: ResultCode.DIAMETER_UNABLE_TO_COMPLY },
      avps: route.handler.errorAvps?.(message) ?? {},
    };
    // Not kept for retransmissions: a copy may find the store back.
    this.#duplicates.forget(open.entry);
    this.#answer(open, this.#encode(open, decision, route.announced), 'DIAMETER_UNABLE_TO_COMPLY');
  }
}
