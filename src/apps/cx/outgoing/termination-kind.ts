/**
 * RTR as the outbox sends it [29.228-6.1.3]: about the registrations of the moment when it was caused, because
 * an earlier attempt may have arrived. A repeated RTR keeps its Session-Id. The rules are in
 * push-termination.ts.
 */
import type { LoadedModule } from '../../../state/module';
import type { ClaimedPush } from '../../../outbox/ports';
import type { OutgoingDecision, OutgoingKind, Outlook } from '../../../outbox/contract';
import { findPublicIdentity } from '../../../subscriber/subscription';
import { registrationOf } from '../state/registration';
import { setStatus } from '../state/registration-status';
import { readOutcome } from './answers';
import type { PushMessages } from './messages';
import type { TerminationPayload } from './push';
import type { PushContext, PushDecision } from './push-outcome';
import { decideTermination, planTermination, registrationEffect } from './push-termination';
import {
  profileTooLong,
  situationOf,
  storedDecision,
  subscriptionOf,
  type Situation,
  type SituationPorts,
} from './situation';

export interface TerminationPorts extends SituationPorts {
  readonly messages: PushMessages;
}

export function terminationKind(ports: TerminationPorts, priority: number): OutgoingKind {
  return {
    priority,
    keepsSessionId: true,
    look: async (push, connected) => look(ports, push, push.payload as TerminationPayload, connected),
  };
}

async function look(
  ports: TerminationPorts,
  push: ClaimedPush,
  payload: TerminationPayload,
  connected: boolean,
  modules: readonly LoadedModule[] = [],
): Promise<Outlook> {
  const snapshot = await subscriptionOf(ports, push, modules);
  const takenOver = snapshot === null && (await isTakenOver(ports, push, payload));
  const situation = situationOf(ports, push, snapshot, {
    takenOver,
    connected,
    asOfVersion: push.causeVersion,
  });
  return outlookOf(ports, push, payload, situation);
}

function outlookOf(
  ports: TerminationPorts,
  push: ClaimedPush,
  payload: TerminationPayload,
  situation: Situation,
): Outlook {
  const { messages, settings } = ports;
  const { context } = situation;
  const plan = planTermination(payload, context);
  return {
    ending:
      plan.kind === 'send'
        ? null
        : {
            decision: stored(push, payload, plan.decision, context),
            detail:
              plan.decision.outcome === 'split'
                ? 'sent as one request for each private identity'
                : 'not sent',
          },
    build: () => ({
      octets: messages.termination(
        payload,
        push,
        settings.policyOf(push.destinationHost).listPublicIdentities,
      ),
      // Without the Public-Identity AVPs that it need not have [29.228-6.1.3.1].
      shorter: () => messages.termination(payload, push, false),
      ifTooLong: profileTooLong(situation),
    }),
    read: readOutcome,
    decide: (sent) =>
      stored(push, payload, decideTermination(payload, readOutcome(sent).answer, context), context),
    snapshot: situation.snapshot,
    again: (modules) => look(ports, push, payload, context.connected, modules),
  };
}

function stored(
  push: ClaimedPush,
  payload: TerminationPayload,
  decision: PushDecision,
  context: PushContext,
): OutgoingDecision {
  const { outcome, status } = decision;
  const before = context.current?.status ?? null;
  // The requests in the place of one that is split have effects of their own.
  const effect = outcome === 'split' ? null : registrationEffect(payload, before, status ?? before);
  return {
    ...storedDecision(decision, effect),
    ...(status === undefined ? {} : { report: deRegistered(push, payload) }),
  };
}

function deRegistered(
  { destinationHost, sessionId }: ClaimedPush,
  { userName, sets }: TerminationPayload,
): OutgoingDecision['report'] {
  const publicIdentity = sets.flatMap((set) => set.publicIdentities);
  return {
    fields: { command: 'RTR', privateIdentity: userName, publicIdentity, destinationHost, sessionId },
    message: `de-registered: ${publicIdentity[0] ?? 'every identity'} of ${userName} by RTR to ${destinationHost}`,
  };
}

/** Whether an identity of a deleted subscription is registered at that S-CSCF again, in another one. */
async function isTakenOver(
  { store }: TerminationPorts,
  { destinationHost }: ClaimedPush,
  { sets, userName }: TerminationPayload,
): Promise<boolean> {
  const publicIdentities = sets.flatMap((set) => set.publicIdentities);
  const { snapshot } = await store.load({ impus: publicIdentities, impi: userName });
  if (snapshot === null) return false;
  const status = registrationOf(snapshot);
  if (status.server?.diameterHost.toLowerCase() !== destinationHost.toLowerCase()) return false;
  return publicIdentities.some((identity) => {
    const place = findPublicIdentity(snapshot.subscription, identity);
    return place !== undefined && setStatus(status, place.set.name).state !== 'notRegistered';
  });
}
