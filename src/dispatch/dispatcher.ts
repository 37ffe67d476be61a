/**
 * Takes application requests from the peer layer to their handlers and their answers back: load, decide, commit, then answer.
 * A decision is made again when the commit finds the subscription changed (bounded). Nothing that a request can hold, and no
 * failure of the store, gets out of here other than as an answer.
 */
import { failureAnswer, isProtocolError, type AnsweringNode } from '../codec/error-answer';
import type { Dictionary } from '../codec/dictionary';
import type { DecodedMessage } from '../codec/types';
import { StoreUnavailableError, type LoadOutcome, type RegistrationStore, type ServingNodeNotification, type ServingNodeNotifier } from '../domain/ports';
import { offeredMask } from '../features/feature-lists';
import { createNegotiator, type AnnouncedFeatureList, type Negotiation, type ReceivedFeatureList } from '../features/negotiation';
import { ResultCode } from '../generated/base';
import { ExperimentalResultCode } from '../generated/cx';
import type { IncomingRequest, RequestSink, UndecodableRequest } from '../peer/contract';
import type { Clock, RandomSource } from '../shared/clock';
import type { Logger } from '../shared/logger';
import { AnswerWriter } from './answers';
import type { Application, CommandHandler, Decision, DispatchEvents, Refusal } from './contract';
import { Deadlines } from './deadlines';
import { DuplicateDetection, type DuplicateLimits, type Entry } from './duplicates';
import { receivedFeatures } from './received-features';
import { createRoutingCheck, type LocalNode, type RoutingFault } from './routing';
import { SubscriptionTurns } from './subscription-turns';
import { resultName } from './result-names';

export interface DispatcherOptions {
  readonly node: LocalNode & AnsweringNode;
  readonly applications: readonly Application[];
  readonly store: RegistrationStore;
  readonly servingNodes: ServingNodeNotifier;
  readonly dictionary: Dictionary;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly events: DispatchEvents;
  readonly duplicates: DuplicateLimits;
  /** Requests in progress in all; above it DIAMETER_TOO_BUSY. */
  readonly maxInProgressCount: number;
  /** How often a decision is made again after conflicts. */
  readonly maxCommitAttempts: number;
  /** What takes longer is answered DIAMETER_UNABLE_TO_COMPLY, whatever it waits for. */
  readonly maxServiceMs: number;
}

interface Route {
  readonly handler: CommandHandler;
  readonly writer: AnswerWriter;
  readonly negotiate: (received: readonly ReceivedFeatureList[]) => Negotiation;
  /** What an answer with DIAMETER_ERROR_FEATURE_UNSUPPORTED lists: every feature, also those of other commands [29.229-7.2.1]. */
  readonly allFeatures: readonly AnnouncedFeatureList[];
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
  /** Since when, in monotonic milliseconds. */
  readonly sinceMs: number;
  /** Where its time went, in milliseconds. */
  queueMs: number;
  storeMs: number;
  /** Also true when its time was up; what is decided then is dropped. */
  answered: boolean;
}

/** Waited between attempts that lost against another instance: up to this, at random. */
const RETRY_WAIT_MS = 5;

function unsupportedFeature(message: DecodedMessage, handler: CommandHandler): Decision<unknown> {
  const { userName, publicIdentity } = message.avps as { readonly userName?: string; readonly publicIdentity?: string | readonly string[] };
  const first = typeof publicIdentity === 'object' ? publicIdentity[0] : publicIdentity;
  return {
    result: { kind: 'experimental', code: ExperimentalResultCode.DIAMETER_ERROR_FEATURE_UNSUPPORTED },
    avps: handler.errorAvps?.(message) ?? {},
    refusal: {
      check: 'a feature is required (M bit) that is not supported here', clause: 'TS 29.229 7.2.1',
      ...(userName === undefined ? {} : { privateIdentity: userName }), ...(first === undefined ? {} : { publicIdentity: first }),
    },
  };
}

class CommitConflictError extends Error {
  override readonly name = 'CommitConflictError';
}

export class Dispatcher implements RequestSink {
  readonly #routes = new Map<string, Route>();
  readonly #writers = new Map<number, AnswerWriter>();
  readonly #duplicates: DuplicateDetection;
  readonly #turns = new SubscriptionTurns();
  readonly #deadlines: Deadlines<Open>;
  readonly #checkRoute: (realm: string | undefined, host: string | undefined) => RoutingFault | null;
  readonly #anyWriter: AnswerWriter;
  #inProgress = 0;
  #idle: (() => void)[] = [];

  constructor(private readonly options: DispatcherOptions) {
    this.#duplicates = new DuplicateDetection(options.duplicates);
    const { clock, maxServiceMs } = options;
    const late = new StoreUnavailableError(`not done within ${maxServiceMs} ms`);
    this.#deadlines = new Deadlines(maxServiceMs, () => clock.monotonicMs(), (open) => this.#fail(open, late));
    this.#checkRoute = createRoutingCheck(options.node);
    for (const application of options.applications) {
      const writer = new AnswerWriter(options.node, application, options.dictionary);
      this.#writers.set(application.applicationId, writer);
      const { table: { vendorId, featureListId } } = application.offer;
      const featureList = offeredMask(application.offer);
      const allFeatures = featureList === 0 ? [] : [{ vendorId, featureListId, featureList }];
      for (const [code, handler] of application.handlers) {
        this.#routes.set(`${application.applicationId}/${code}`, { handler, writer, allFeatures, negotiate: createNegotiator(application.offer, handler.request) });
      }
    }
    const [first] = this.#writers.values();
    if (first === undefined) throw new Error('a dispatcher needs at least one application');
    this.#anyWriter = first;
  }

  get inProgressCount(): number {
    return this.#inProgress;
  }

  /** Resolves when nothing is in progress any more. */
  whenIdle(): Promise<void> {
    if (this.#inProgress === 0) return Promise.resolve();
    return new Promise((resolve) => { this.#idle.push(resolve); });
  }

  onUndecodable(request: UndecodableRequest): void {
    const { failure, peer } = request;
    const { node, dictionary, logger, events } = this.options;
    logger.info({ peer: peer.originHost, sessionId: failure.sessionId, result: failure.resultCode, kind: failure.kind }, `request refused: ${failure.message}`);
    const writer = failure.header === null ? undefined : this.#writers.get(failure.header.applicationId);
    const bytes = failureAnswer(failure, node, dictionary, isProtocolError(failure.resultCode) ? undefined : writer?.applicationAvps);
    if (bytes === null) return;
    request.answer(bytes);
    events.answered('unknown', resultName({ kind: 'base', code: failure.resultCode as ResultCode }), peer.originHost, 0, 0, 0);
  }

  onRequest(request: IncomingRequest): void {
    const { message } = request;
    const { header } = message;
    const addressed = message.avps as Addressed;
    const route = this.#routes.get(`${header.applicationId}/${header.commandCode}`);
    if (route === undefined) return this.#refuse(request, ResultCode.DIAMETER_COMMAND_UNSUPPORTED, `${message.abbreviation} is not served here`);
    const fault = this.#checkRoute(addressed.destinationRealm, addressed.destinationHost);
    if (fault !== null) return this.#refuse(request, fault.resultCode, fault.message);

    const admission = this.#duplicates.admit(request, addressed.originHost, addressed.sessionId, request.receivedAtMs);
    if (admission === 'duplicate') return this.options.events.duplicate(message.abbreviation, request.peer.originHost);
    // Refused, not dropped: a request without an answer would hold its place with its peer for ever.
    if (admission === 'tooMany') return this.#refuse(request, ResultCode.DIAMETER_TOO_BUSY, 'too many copies of one request wait for its answer');
    if (this.#inProgress >= this.options.maxInProgressCount) {
      this.#duplicates.forget(admission);
      return this.#refuse(request, ResultCode.DIAMETER_TOO_BUSY, `${this.#inProgress} requests are in progress`);
    }
    const open: Open = { request, route, entry: admission, sinceMs: this.options.clock.monotonicMs(), queueMs: 0, storeMs: 0, answered: false };
    this.#inProgress += 1;
    this.#deadlines.add(open);
    void this.#serve(open);
  }

  async #serve(open: Open): Promise<void> {
    const { request, route } = open;
    try {
      const negotiation = route.negotiate(receivedFeatures(request.message));
      const decision = negotiation.unsupported ? unsupportedFeature(request.message, route.handler) : await this.#decide(open, negotiation);
      if (!open.answered) {
        const bytes = route.writer.decision(request.message, route.handler.answer, decision, negotiation.unsupported ? route.allFeatures : negotiation.announced);
        const result = resultName(decision.result);
        if (decision.refusal !== undefined) this.#logRefusal(request, result, decision.refusal);
        if (decision.notable !== undefined) this.options.events.notable(decision.notable);
        this.#answer(open, bytes, result);
        // Together with the answer: who got none asks again.
        if (decision.notifications !== undefined) for (const notification of decision.notifications) void this.#notify(notification);
      }
    } catch (error) {
      if (!open.answered) this.#fail(open, error);
    }
    this.#inProgress -= 1;
    if (this.#inProgress === 0 && this.#idle.length > 0) {
      for (const wake of this.#idle.splice(0)) wake();
    }
  }

  async #notify(notification: ServingNodeNotification): Promise<void> {
    try {
      await this.options.servingNodes.notify(notification);
    } catch (error) {
      this.options.logger.warn({ kind: notification.kind, imsi: notification.imsi, err: error }, `${notification.kind} did not reach the serving nodes`);
    }
  }

  #answer(open: Open, bytes: Buffer, result: string): void {
    const { request, route, entry, queueMs, storeMs } = open;
    open.answered = true;
    this.#deadlines.delete(open);
    request.answer(bytes);
    this.#duplicates.done(entry, bytes);
    this.options.events.answered(route.handler.request, result, request.peer.originHost, queueMs, storeMs, this.options.clock.monotonicMs() - request.receivedAtMs);
  }

  /** Load, decide, commit; again when somebody else was faster. Nothing is committed any more for a request that was answered meanwhile. */
  async #decide(open: Open, negotiation: Negotiation): Promise<Decision<unknown>> {
    const { store, clock, maxCommitAttempts } = this.options;
    const { request, route: { handler } } = open;
    const prepared = handler.prepare(request.message);
    if ('result' in prepared) return prepared;
    const started = clock.monotonicMs();
    open.queueMs = started - request.receivedAtMs;
    let loaded = await store.load(prepared);
    open.storeMs = clock.monotonicMs() - started;
    let decision = this.#run(request, handler, negotiation, loaded);
    const key = loaded.snapshot?.key;
    if (decision.status === undefined || key === undefined) return decision;

    const waited = this.#turns.take(key);
    try {
      let stale = waited !== false && await waited;
      open.queueMs = clock.monotonicMs() - request.receivedAtMs - open.storeMs;
      for (let attempt = 1; ; attempt += 1) {
        const from = clock.monotonicMs();
        if (stale && !open.answered) {
          loaded = await store.load(prepared);
          decision = this.#run(request, handler, negotiation, loaded);
        }
        const { snapshot } = loaded;
        if (decision.status === undefined || snapshot === null || open.answered) return decision;
        const outcome = await store.commit({ key: snapshot.key, expectedVersion: snapshot.status.version, status: decision.status, outbox: decision.outbox ?? [] });
        open.storeMs += clock.monotonicMs() - from;
        if (outcome === 'committed') return decision;
        if (attempt >= maxCommitAttempts) throw new CommitConflictError(`the subscription was changed by others ${attempt} times in a row`);
        this.options.events.retried(handler.request);
        stale = true;
        await new Promise((resolve) => { setTimeout(resolve, Math.random() * RETRY_WAIT_MS); });
      }
    } finally {
      this.#turns.release(key);
    }
  }

  #run(request: IncomingRequest, handler: CommandHandler, negotiation: Negotiation, loaded: LoadOutcome): Decision<unknown> {
    const { clock, random } = this.options;
    return handler.decide(request.message, { nowMs: clock.nowMs(), random, peer: request.peer, loaded, features: negotiation.common });
  }

  /** DIAMETER_UNABLE_TO_COMPLY "e.g. due to database error" [29.228-6.1.1.1]; the cause goes to the log only. */
  #fail(open: Open, error: unknown): void {
    const { request: { message, peer }, route } = open;
    const expected = error instanceof StoreUnavailableError || error instanceof CommitConflictError;
    const fields = { peer: peer.originHost, sessionId: (message.avps as Addressed).sessionId, command: message.abbreviation };
    if (expected) this.options.logger.warn({ ...fields, reason: error.message }, `${message.abbreviation} not served: ${error.message}`);
    else this.options.logger.error({ ...fields, err: error }, `${message.abbreviation} not served: internal error`);
    const decision: Decision<unknown> = { result: { kind: 'base', code: ResultCode.DIAMETER_UNABLE_TO_COMPLY }, avps: route.handler.errorAvps?.(message) ?? {} };
    // Not kept for retransmissions: a copy may find the store back.
    this.#duplicates.forget(open.entry);
    this.#answer(open, route.writer.decision(message, route.handler.answer, decision, []), 'DIAMETER_UNABLE_TO_COMPLY');
  }

  #refuse(request: IncomingRequest, resultCode: ResultCode, reason: string): void {
    const { message, peer } = request;
    const writer = this.#writers.get(message.header.applicationId) ?? this.#anyWriter;
    this.options.logger.info({ peer: peer.originHost, sessionId: (message.avps as Partial<Addressed>).sessionId, command: message.abbreviation, result: resultCode },
      `${message.abbreviation} refused: ${reason}`);
    request.answer(writer.plain(message, resultCode, reason));
    this.options.events.answered(message.abbreviation, resultName({ kind: 'base', code: resultCode }), peer.originHost, 0, 0, this.options.clock.monotonicMs() - request.receivedAtMs);
  }

  /** The one line that an operator reads. */
  #logRefusal(request: IncomingRequest, result: string, refusal: Refusal): void {
    const { check, clause, privateIdentity, publicIdentity } = refusal;
    const addressed = request.message.avps as Addressed;
    this.options.logger.info(
      { command: request.message.abbreviation, result, privateIdentity, publicIdentity, peer: request.peer.originHost, originHost: addressed.originHost, sessionId: addressed.sessionId, clause },
      `${request.message.abbreviation} refused with ${result}: ${check} (${clause})`,
    );
  }
}
