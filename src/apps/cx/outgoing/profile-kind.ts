/**
 * PPR as the outbox sends it [29.228-6.2.2]: about the subscription of the moment of sending. A repeated PPR is a
 * new request, because its content may be newer. The rules are in push-profile.ts.
 */
import type { LoadedModule } from '../../../state/module';
import type { ClaimedPush } from '../../../outbox/ports';
import type { OutgoingKind, Outlook } from '../../../outbox/contract';
import type { PushProfileAnswer } from '../generated/cx';
import { readOutcome } from './answers';
import type { ProfileSource } from './contract';
import type { PushMessages } from './messages';
import type { ProfilePayload } from './push';
import type { PushDecision } from './push-outcome';
import { decideProfile, planProfile } from './push-profile';
import type { ServerFeatures } from './server-features';
import {
  profileTooLong,
  situationOf,
  storedDecision,
  subscriptionOf,
  type Situation,
  type SituationPorts,
} from './situation';

export interface ProfilePorts extends SituationPorts {
  readonly messages: PushMessages;
  readonly profiles: ProfileSource;
  readonly features: Pick<ServerFeatures, 'answered'>;
}

const nothingToPush: PushDecision = { outcome: 'superseded', followUps: [] };

export function profileKind(ports: ProfilePorts, priority: number): OutgoingKind {
  return {
    priority,
    keepsSessionId: false,
    look: (push, connected) => look(ports, push, connected, null),
    answered: ({ destinationHost }, { avps }) =>
      ports.features.answered(destinationHost, avps as Partial<PushProfileAnswer>),
  };
}

/** What was sent already, where somebody changed the subscription after it. */
interface Sent {
  readonly asOfVersion: number;
  readonly userName: string;
}

async function look(
  ports: ProfilePorts,
  push: ClaimedPush,
  connected: boolean,
  before: Sent | null,
  modules: readonly LoadedModule[] = [],
): Promise<Outlook> {
  const snapshot = await subscriptionOf(ports, push, modules);
  const situation = situationOf(ports, push, snapshot, {
    takenOver: false,
    connected,
    asOfVersion: before?.asOfVersion ?? snapshot?.version,
  });
  return outlookOf(ports, push, situation, before);
}

function outlookOf(
  ports: ProfilePorts,
  push: ClaimedPush,
  situation: Situation,
  before: Sent | null,
): Outlook {
  const { messages, profiles } = ports;
  const { context, snapshot } = situation;
  const payload = push.payload as ProfilePayload;
  const plan = planProfile(payload, context);
  // The answer is about the private identity that the request named.
  const userName = before?.userName ?? (plan.kind === 'send' ? plan.userName : '');
  return {
    ending:
      plan.kind === 'send' ? null : { decision: storedDecision(plan.decision, null), detail: 'not sent' },
    build: () => {
      const content =
        snapshot === null ? null : profiles.content(snapshot, payload, userName, push.destinationHost);
      return content === null
        ? {
            decision: storedDecision(nothingToPush, null),
            detail: 'nothing of it is provisioned any more',
          }
        : { octets: messages.profile(userName, content, push), ifTooLong: profileTooLong(situation) };
    },
    read: readOutcome,
    decide: (sent) =>
      storedDecision(decideProfile(payload, userName, readOutcome(sent).answer, context), null),
    snapshot,
    again: (modules) =>
      look(ports, push, context.connected, { asOfVersion: context.asOfVersion, userName }, modules),
  };
}
