/**
 * RSR as the outbox sends it [29.272-5.2.4.1.3]: to a node, about all of its subscribers or about some. Nothing follows
 * from the answer, and DIAMETER_COMMAND_UNSUPPORTED is final: the node cannot.
 */
import type { OutgoingKind, Outlook } from '../../../outbox/contract';
import type { ClaimedPush } from '../../../outbox/ports';
import { readOutcome } from './answers';
import type { Content } from './messages';
import type { ResetPayload } from './payloads';
import { ended, type OutgoingPorts } from './subject';

export function resetKind({ messages }: Pick<OutgoingPorts, 'messages'>, priority: number): OutgoingKind {
  const look = (push: ClaimedPush): Promise<Outlook> => {
    const payload = push.payload as ResetPayload;
    return Promise.resolve({
      ending: null,
      build: () => ({
        octets: messages.request('RSR', push, resetContent(payload)),
        ifTooLong: { fields: {}, message: 'name fewer User-Ids at once' },
      }),
      read: readOutcome,
      decide: (sent) => ended(readOutcome(sent).result),
      again: () => look(push),
    });
  };
  return { priority, keepsSessionId: true, look };
}

export const resetContent = ({ userIds, resetIds }: ResetPayload): Content<'RSR'> => ({
  ...(userIds === undefined ? {} : { userId: userIds }),
  ...(resetIds === undefined ? {} : { resetId: resetIds.map((hex) => Buffer.from(hex, 'hex')) }),
});
