/**
 * CLR as the outbox sends it [29.272-5.2.1.2.3]: made of its entry alone, because the subscription may be gone. Its
 * answer changes nothing: whoever wrote the entry has already forgotten the node.
 *
 * The race MME1 -> MME2 -> MME1: the CLR of the first change waits while the UE comes back to MME1. A CLR after the
 * second registration would detach a UE that is served there. So a CLR because of a change of the node is superseded
 * once that node serves the IMSI again: its later registration replaces the record that the CLR is about. A
 * SUBSCRIPTION_WITHDRAWAL is always sent, and INITIAL_ATTACH_PROCEDURE leaves the registration where it is.
 */
import type { OutgoingKind, Outlook } from '../../../outbox/contract';
import type { ClaimedPush } from '../../../outbox/ports';
import type { LoadedModule } from '../../../state/module';
import { CLR_FLAGS } from '../flags';
import { CancellationType } from '../generated/s6a';
import { readOutcome } from './answers';
import type { Content } from './messages';
import type { CancelLocationPayload } from './payloads';
import { ended, subjectOf, superseded, tooLongFor, type OutgoingPorts, type Subject } from './subject';

export function cancelLocationKind(ports: OutgoingPorts, priority: number): OutgoingKind {
  return { priority, keepsSessionId: true, look: (push) => look(ports, push) };
}

async function look(
  ports: OutgoingPorts,
  push: ClaimedPush,
  modules: readonly LoadedModule[] = [],
): Promise<Outlook> {
  const payload = push.payload as unknown as CancelLocationPayload;
  const subject = await subjectOf(ports, push, payload, modules);
  return {
    ending: isServedAgain(payload, subject)
      ? superseded(`${push.destinationHost} serves the IMSI again`)
      : null,
    build: () => ({
      octets: ports.messages.request('CLR', push, cancelLocationContent(payload)),
      ifTooLong: tooLongFor(payload, 'a CLR cannot be shorter'),
    }),
    read: readOutcome,
    decide: (sent) => {
      const { result } = readOutcome(sent);
      // [29.272-5.2.1.2.2] A node that does not know the IMSI should say success; there is nothing to cancel.
      return ended(result === 'userUnknown' ? 'success' : result);
    },
    snapshot: null,
    again: (needed) => look(ports, push, needed),
  };
}

/** A change of the node, and that node is the present one again. */
export const isServedAgain = (
  { cancellationType }: CancelLocationPayload,
  { node }: Pick<Subject, 'node'>,
): boolean =>
  node !== null &&
  (cancellationType === 'MME_UPDATE_PROCEDURE' || cancellationType === 'SGSN_UPDATE_PROCEDURE');

/**
 * The S6a/S6d-Indicator "may also be sent to a standalone node" [29.272-7.3.152]: the flags are there where it or
 * another is set, so that a combined node knows which of its parts is meant.
 */
export function cancelLocationContent({
  imsi,
  kind,
  cancellationType,
  isReattachRequired = false,
}: CancelLocationPayload): Content<'CLR'> {
  return {
    userName: imsi,
    cancellationType: CancellationType[cancellationType],
    clrFlags:
      (kind === 'mme' ? CLR_FLAGS.s6aS6dIndicator : 0) |
      (isReattachRequired ? CLR_FLAGS.reattachRequired : 0),
  };
}
