/**
 * One entry of the outbox from its lease to its outcome: what is still true of it is looked up, the request
 * built and sent, the answer read, and its consequences committed together with the outcome; decided again
 * where somebody else changed the subscription meanwhile [29.228-6.1.3.1] [29.228-6.2.2.1].
 */
import { StoreUnavailableError, type RegistrationStore, type SubscriptionSnapshot } from '../state/ports';
import type { ClaimedPush, OutboxStore } from './ports';
import type { PushContext, PushDecision, PushPlan } from '../apps/cx/outgoing/push-outcome';
import { decideProfile, planProfile } from '../apps/cx/outgoing/push-profile';
import { decideTermination, planTermination, registrationEffect } from '../apps/cx/outgoing/push-termination';
import type { PushOutcome, RegistrationEffect, TerminationPayload } from '../apps/cx/outgoing/push';
import { setStatus, type RegistrationStatus } from '../apps/cx/state/registration-status';
import { findPublicIdentity } from '../subscriber/subscription';
import type { PushProfileAnswer } from '../apps/cx/generated/cx';
import type { PeerTable, SendOutcome } from '../diameter/peer/contract';
import type { Clock } from '../shared/clock';
import { limits } from '../shared/limits';
import type { Logger } from '../shared/logger';
import { neverConnected, readOutcome, type ReadAnswer } from '../apps/cx/outgoing/answers';
import type { OutboxEvents } from '../events/hss-events';
import type { ProfileSource, PushWorkerSettings } from './contract';
import type { PushMessages } from '../apps/cx/outgoing/messages';
import type { RouteMemory } from './routes';
import type { ServerFeatures } from '../apps/cx/outgoing/server-features';

export interface DeliveryOptions {
  readonly outbox: OutboxStore;
  readonly store: Pick<RegistrationStore, 'load'>;
  readonly peers: Pick<PeerTable, 'send'>;
  readonly profiles: ProfileSource;
  readonly messages: PushMessages;
  readonly features: Pick<ServerFeatures, 'answered'>;
  readonly routes: Pick<RouteMemory, 'answered'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: OutboxEvents;
  readonly settings: PushWorkerSettings;
  readonly instance: string;
}

interface Situation {
  readonly snapshot: SubscriptionSnapshot | null;
  readonly context: PushContext;
}

const nothingToPush: PushDecision = { outcome: 'superseded', followUps: [] };

export class Delivery {
  constructor(private readonly options: DeliveryOptions) {}

  /**
   * Never rejects: what fails for want of the database is taken over when its lease ends. `connected` false
   * gives it up.
   */
  async serve(push: ClaimedPush, via: string | null, connected: boolean): Promise<void> {
    const { logger } = this.options;
    const fields = {
      command: push.command,
      outboxKey: push.outboxKey,
      destinationHost: push.destinationHost,
      sessionId: push.sessionId,
    };
    try {
      await this.#deliver(push, via, connected);
    } catch (error) {
      if (error instanceof StoreUnavailableError)
        logger.warn(
          { ...fields, reason: error.message },
          `${push.command} is left to the end of its lease: ${error.message}`,
        );
      else await this.#abandon(push, error);
    }
  }

  async #deliver(push: ClaimedPush, via: string | null, connected: boolean): Promise<void> {
    const { settings, events, outbox, instance } = this.options;
    const situation = await this.#look(push, null, connected);
    const plan = planOf(push, situation.context);
    if (plan.kind === 'done') {
      const again = (context: PushContext): PushDecision => {
        const now = planOf(push, context);
        return now.kind === 'done' ? now.decision : plan.decision;
      };
      const detail =
        plan.decision.outcome === 'split' ? 'sent as one request for each private identity' : 'not sent';
      return this.#commit(push, again, detail, situation);
    }
    let read: ReadAnswer = neverConnected;
    if (connected) {
      const bytes = this.#request(push, plan.userName, situation);
      if (bytes === null)
        return this.#commit(push, () => nothingToPush, 'nothing of it is provisioned any more', situation);
      events.outgoingSent(push.command);
      const sent = await this.#send(bytes, push, via);
      if (sent.kind === 'tooLong') this.#logTooLong(push, sent, situation);
      if (sent.kind === 'answer' && via !== null) this.options.routes.answered(push.destinationHost, via);
      if (push.command === 'PPR' && sent.kind === 'answer')
        this.options.features.answered(push.destinationHost, sent.message.avps as Partial<PushProfileAnswer>);
      read = readOutcome(sent);
      if (read.isTransient && push.attemptCount < settings.maxAttemptCount) {
        const delayMs = Math.min(
          settings.retryMaxMs,
          settings.retryFirstMs * 2 ** Math.min(push.attemptCount - 1, 16),
        );
        await outbox.postpone(push, instance, delayMs, read.answer.result === 'noAnswer', read.detail);
        return events.outgoingPostponed(push.command);
      }
    }
    const { answer, detail } = read;
    const decide = (context: PushContext): PushDecision =>
      push.command === 'RTR'
        ? decideTermination(push.payload, answer, context)
        : decideProfile(push.payload, plan.userName, answer, context);
    // What the answer took long for may have changed the subscription; the commit finds out.
    await this.#commit(push, decide, detail, situation);
  }

  /**
   * An RTR that is too long for the way there goes without the Public-Identity AVPs that it need not have
   * [29.228-6.1.3.1].
   */
  async #send(bytes: Buffer, push: ClaimedPush, via: string | null): Promise<SendOutcome> {
    const { peers, messages, settings } = this.options;
    const send = (request: Buffer): Promise<SendOutcome> =>
      peers.send(request, push.destinationHost, via, settings.answerTimeoutMs);
    const sent = await send(bytes);
    if (sent.kind !== 'tooLong' || push.command !== 'RTR') return sent;
    const shorter = messages.termination(push.payload, push, false);
    return shorter.length < bytes.length ? send(shorter) : sent;
  }

  #logTooLong(
    { command, destinationHost, outboxKey, sessionId }: ClaimedPush,
    { octets, maxOctets }: Extract<SendOutcome, { kind: 'tooLong' }>,
    { snapshot }: Situation,
  ): void {
    const subscription = snapshot?.subscription.id;
    this.options.logger.warn(
      { command, outboxKey, sessionId, destinationHost, subscription, octets, maxOctets },
      `${command} of ${octets} octets is not sent, the way to ${destinationHost} takes ${maxOctets}: let the profile of subscription ${subscription ?? '(deleted)'} hold less, or raise peers[].maxMessageOctets where the peer takes longer messages`,
    );
  }

  #request(push: ClaimedPush, userName: string, { snapshot }: Situation): Buffer | null {
    const { messages, profiles, settings } = this.options;
    if (push.command === 'RTR')
      return messages.termination(
        push.payload,
        push,
        settings.policyOf(push.destinationHost).listPublicIdentities,
      );
    const content =
      snapshot === null ? null : profiles.content(snapshot, push.payload, userName, push.destinationHost);
    return content === null ? null : messages.profile(userName, content, push);
  }

  async #commit(
    push: ClaimedPush,
    decide: (context: PushContext) => PushDecision,
    detail: string,
    from: Situation,
  ): Promise<void> {
    const { outbox, instance, events, logger } = this.options;
    let situation = from;
    for (let attempt = 1; attempt <= limits.commitAttemptsCount; attempt += 1) {
      const { outcome, status, followUps } = decide(situation.context);
      const done = await outbox.complete(push, instance, {
        outcome,
        detail,
        registrationEffect: effectOf(push, outcome, situation.context, status),
        followUps,
        ...(status === undefined
          ? {}
          : { status, expectedVersion: situation.context.current?.status.version ?? 0 }),
      });
      if (done === 'done') {
        events.outgoingFinished(push.command, outcome);
        logger.info(
          {
            command: push.command,
            outboxKey: push.outboxKey,
            destinationHost: push.destinationHost,
            sessionId: push.sessionId,
            outcome,
            result: detail,
          },
          `${push.command} to ${push.destinationHost}: ${outcome} (${detail})`,
        );
        if (push.command === 'RTR' && status !== undefined) this.#tellDeRegistered(push, push.payload);
        return;
      }
      if (done === 'leaseLost')
        return logger.warn(
          { outboxKey: push.outboxKey, sessionId: push.sessionId },
          `${push.command} was taken over by another instance`,
        );
      situation = await this.#look(push, from.context.asOfVersion, from.context.connected);
    }
    throw new StoreUnavailableError(
      `the subscription was changed by others ${limits.commitAttemptsCount} times in a row`,
    );
  }

  #tellDeRegistered(push: ClaimedPush, { userName, sets }: TerminationPayload): void {
    const publicIdentity = sets.flatMap((set) => set.publicIdentities);
    this.options.logger.info(
      {
        command: push.command,
        privateIdentity: userName,
        publicIdentity,
        destinationHost: push.destinationHost,
        sessionId: push.sessionId,
      },
      `de-registered: ${publicIdentity[0] ?? 'every identity'} of ${userName} by RTR to ${push.destinationHost}`,
    );
  }

  /** A fault of this program must not come back for ever. */
  async #abandon(push: ClaimedPush, error: unknown): Promise<void> {
    const { logger, outbox, instance, events } = this.options;
    logger.error(
      { err: error, command: push.command, outboxKey: push.outboxKey },
      `${push.command} not sent: internal error`,
    );
    try {
      await outbox.complete(push, instance, {
        outcome: 'refused',
        detail: 'internal error, see the log',
        registrationEffect: null,
        followUps: [],
      });
      events.outgoingFinished(push.command, 'refused');
    } catch (failure) {
      logger.error({ err: failure, outboxKey: push.outboxKey }, 'nor is that stored');
    }
  }

  /**
   * `asOfVersion` is null before the request is sent. A PPR is about what there is at that moment, an RTR
   * about what there was when it was caused, because it may have been sent before.
   */
  async #look(push: ClaimedPush, asOfVersion: number | null, connected: boolean): Promise<Situation> {
    const { store, clock, settings } = this.options;
    const loaded =
      push.privateIdentity === null
        ? null
        : (await store.load({ publicIdentities: [], privateIdentity: push.privateIdentity })).snapshot;
    const snapshot = loaded?.key === push.subscriptionKey ? loaded : null;
    return {
      snapshot,
      context: {
        current: snapshot,
        takenOver: snapshot === null && (await this.#isTakenOver(push)),
        destinationHost: push.destinationHost,
        destinationRealm: push.destinationRealm,
        nowMs: clock.nowMs(),
        connected,
        asOfVersion:
          asOfVersion ??
          (push.command === 'RTR' ? push.registrationVersion : snapshot?.status.version) ??
          Number.MAX_SAFE_INTEGER,
        settings,
        policy: settings.policyOf(push.destinationHost),
      },
    };
  }

  /** Whether an identity of a deleted subscription is registered at that S-CSCF again, in another one. */
  async #isTakenOver(push: ClaimedPush): Promise<boolean> {
    if (push.command !== 'RTR') return false;
    const publicIdentities = push.payload.sets.flatMap((set) => set.publicIdentities);
    const { snapshot } = await this.options.store.load({
      publicIdentities,
      privateIdentity: push.payload.userName,
    });
    if (
      snapshot === null ||
      snapshot.status.server?.diameterHost.toLowerCase() !== push.destinationHost.toLowerCase()
    )
      return false;
    return publicIdentities.some((identity) => {
      const place = findPublicIdentity(snapshot.subscription, identity);
      return place !== undefined && setStatus(snapshot.status, place.set.name).state !== 'notRegistered';
    });
  }
}

function planOf(push: ClaimedPush, context: PushContext): PushPlan {
  return push.command === 'RTR' ? planTermination(push.payload, context) : planProfile(push.payload, context);
}

/** Null where the request is not about the state, or others in its place are. */
function effectOf(
  push: ClaimedPush,
  outcome: PushOutcome,
  { current }: PushContext,
  status: RegistrationStatus | undefined,
): RegistrationEffect | null {
  if (push.command !== 'RTR' || outcome === 'split') return null;
  const before = current?.status ?? null;
  return registrationEffect(push.payload, before, status ?? before);
}
