/**
 * One entry of the outbox from its lease to its outcome. Its kind looks up what is still true, builds the
 * request and reads the answer; the request is sent, and the consequences are committed together with the
 * outcome. The kind decides again where somebody else changed the subscription meanwhile.
 */
import { StoreUnavailableError } from '../state/ports';
import type { LoadedModule, ModuleChange } from '../state/module';
import { commandOf } from '../state/outgoing-kind';
import type { ChangeReactions, ReactionOutcome } from '../state/reactions';
import type { ClaimedPush, OutboxStore } from './ports';
import type { PeerTable, SendOutcome } from '../diameter/peer/contract';
import { limits } from '../shared/limits';
import type { Logger } from '../shared/logger';
import type { OutboxEvents } from '../events/hss-events';
import type {
  LogWords,
  OutgoingDecision,
  OutgoingKind,
  OutgoingRequest,
  Outlook,
  PushWorkerSettings,
} from './contract';
import type { RouteMemory } from './routes';

export interface DeliveryOptions {
  readonly outbox: Pick<OutboxStore, 'complete' | 'postpone'>;
  readonly peers: Pick<PeerTable, 'send'>;
  readonly kinds: ReadonlyMap<string, OutgoingKind>;
  readonly routes: Pick<RouteMemory, 'answered'>;
  readonly logger: Logger;
  readonly events: OutboxEvents;
  readonly settings: Pick<
    PushWorkerSettings,
    'answerTimeoutMs' | 'maxAttemptCount' | 'retryFirstMs' | 'retryMaxMs'
  >;
  readonly instance: string;
  /** Of all applications; nothing follows without it. */
  readonly reactions?: ChangeReactions;
}

/** The retry wait stops doubling here, long after it has reached its bound. */
const MAX_DOUBLINGS = 16;

/** The outcome of an entry that this program cannot send. */
const refused: OutgoingDecision = { outcome: 'refused', effect: null, followUps: [] };
const nothing: ReactionOutcome = { kind: 'entries', entries: [] };

export class Delivery {
  constructor(private readonly options: DeliveryOptions) {}

  /**
   * Never rejects. An entry that fails for want of the database is taken over when its lease ends. `connected`
   * false gives the entry up.
   */
  async serve(push: ClaimedPush, via: string | null, connected: boolean): Promise<void> {
    const { logger, kinds } = this.options;
    const command = commandOf(push.kind);
    try {
      const kind = kinds.get(push.kind);
      if (kind === undefined) await this.#refuse(push, `no application here sends ${push.kind}`);
      else await this.#deliver(push, kind, via, connected);
    } catch (error) {
      if (error instanceof StoreUnavailableError)
        logger.warn(
          {
            command,
            outboxKey: push.outboxKey,
            destinationHost: push.destinationHost,
            sessionId: push.sessionId,
            reason: error.message,
          },
          `${command} is left to the end of its lease: ${error.message}`,
        );
      else await this.#abandon(push, error);
    }
  }

  async #deliver(
    push: ClaimedPush,
    kind: OutgoingKind,
    via: string | null,
    connected: boolean,
  ): Promise<void> {
    const { settings, events, outbox, instance, routes } = this.options;
    const outlook = await kind.look(push, connected);
    const { ending } = outlook;
    if (ending !== null)
      return this.#commit(push, outlook, (now) => (now.ending ?? ending).decision, ending.detail);
    let sent: SendOutcome | null = null;
    if (connected) {
      const request = outlook.build();
      if (!('octets' in request)) return this.#commit(push, outlook, () => request.decision, request.detail);
      events.outgoingSent(push.kind);
      sent = await this.#send(request, push, via);
      if (sent.kind === 'tooLong') this.#logTooLong(push, sent, request.ifTooLong);
      if (sent.kind === 'answer') {
        if (via !== null) routes.answered(push.destinationHost, via);
        kind.answered?.(push, sent.message);
      }
    }
    const { detail, isTransient } = outlook.read(sent);
    if (isTransient && push.attemptCount < settings.maxAttemptCount) {
      const delayMs = Math.min(
        settings.retryMaxMs,
        settings.retryFirstMs * 2 ** Math.min(push.attemptCount - 1, MAX_DOUBLINGS),
      );
      await outbox.postpone(push, instance, delayMs, sent?.kind !== 'answer', detail);
      return events.outgoingPostponed(push.kind);
    }
    // Others may have changed the subscription while the answer was awaited; the commit finds out.
    await this.#commit(push, outlook, (now) => now.decide(sent), detail);
  }

  /** A request that is too long for the way there goes in its shorter form, if it has one. */
  async #send(
    { octets, shorter }: OutgoingRequest,
    push: ClaimedPush,
    via: string | null,
  ): Promise<SendOutcome> {
    const { peers, settings } = this.options;
    const send = (request: Buffer): Promise<SendOutcome> =>
      peers.send(request, push.destinationHost, via, settings.answerTimeoutMs);
    const sent = await send(octets);
    if (sent.kind !== 'tooLong' || shorter === undefined) return sent;
    const short = shorter();
    return short.length < octets.length ? send(short) : sent;
  }

  #logTooLong(
    { kind, destinationHost, outboxKey, sessionId }: ClaimedPush,
    { octets, maxOctets }: Extract<SendOutcome, { kind: 'tooLong' }>,
    { fields, message }: LogWords,
  ): void {
    const command = commandOf(kind);
    this.options.logger.warn(
      { command, outboxKey, sessionId, destinationHost, ...fields, octets, maxOctets },
      `${command} of ${octets} octets is not sent, the way to ${destinationHost} takes ${maxOctets}: ${message}, or raise peers[].maxMessageOctets where the peer takes longer messages`,
    );
  }

  async #commit(
    push: ClaimedPush,
    from: Outlook,
    decide: (outlook: Outlook) => OutgoingDecision,
    detail: string,
  ): Promise<void> {
    const { outbox, instance, events, logger } = this.options;
    const { outboxKey, destinationHost, sessionId } = push;
    const command = commandOf(push.kind);
    let outlook = from;
    let modules: readonly LoadedModule[] = [];
    for (let attempt = 1; attempt <= limits.commitAttemptsCount; attempt += 1) {
      const { report, changes = [], ...decision } = decide(outlook);
      const reaction = this.#reactionTo(outlook, changes);
      if (reaction.kind === 'needs') {
        modules = [...modules, ...reaction.modules];
        outlook = await outlook.again(modules);
        continue;
      }
      const followUps = [...decision.followUps, ...reaction.entries];
      const { snapshot } = outlook;
      const change = changes.length === 0 || snapshot == null ? {} : { change: { snapshot, changes } };
      const done = await outbox.complete(push, instance, { ...decision, ...change, followUps, detail });
      if (done === 'done') {
        const { outcome } = decision;
        events.outgoingFinished(push.kind, outcome);
        logger.info(
          { command, outboxKey, destinationHost, sessionId, outcome, result: detail },
          `${command} to ${destinationHost}: ${outcome} (${detail})`,
        );
        if (report !== undefined) logger.info(report.fields, report.message);
        return;
      }
      if (done === 'leaseLost')
        return logger.warn({ outboxKey, sessionId }, `${command} was taken over by another instance`);
      outlook = await outlook.again(modules);
    }
    throw new StoreUnavailableError(
      `the subscription was changed by others ${limits.commitAttemptsCount} times in a row`,
    );
  }

  /** What other applications do where the decision changes the subscription. */
  #reactionTo({ snapshot }: Outlook, changes: readonly ModuleChange[]): ReactionOutcome {
    if (changes.length === 0 || snapshot == null) return nothing;
    return this.options.reactions?.(snapshot, changes) ?? nothing;
  }

  /** A fault of this program must not come back for ever. */
  async #abandon(push: ClaimedPush, error: unknown): Promise<void> {
    const { logger } = this.options;
    const command = commandOf(push.kind);
    logger.error({ err: error, command, outboxKey: push.outboxKey }, `${command} not sent: internal error`);
    try {
      await this.#refuse(push, 'internal error, see the log');
    } catch (failure) {
      logger.error({ err: failure, outboxKey: push.outboxKey }, 'nor is that stored');
    }
  }

  async #refuse(push: ClaimedPush, detail: string): Promise<void> {
    const { outbox, instance, events, logger } = this.options;
    const { kind, outboxKey } = push;
    await outbox.complete(push, instance, { ...refused, detail });
    events.outgoingFinished(kind, refused.outcome);
    logger.warn(
      { command: commandOf(kind), outboxKey },
      `${commandOf(kind)}: ${refused.outcome} (${detail})`,
    );
  }
}
