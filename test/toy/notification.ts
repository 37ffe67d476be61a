/** Toy-Notify-Request as the outbox sends it: everything is in the entry, so nothing has to be looked up. */
import { createHash } from 'node:crypto';
import { ToyState, TOY_APPLICATION_ID, VENDOR_EXAMPLE } from './generated/toy';
import type { Dictionary } from '../../src/diameter/codec/dictionary';
import { encodeNamed } from '../../src/diameter/codec/encode';
import type { SendOutcome } from '../../src/diameter/peer/contract';
import type { OutgoingKind } from '../../src/outbox/contract';
import type { ClaimedPush } from '../../src/outbox/ports';

export const toyOutcomes = ['told', 'refused', 'noAnswer'] as const;

interface Node {
  readonly originHost: string;
  readonly originRealm: string;
}

export function notificationKind(dictionary: Dictionary, node: Node): OutgoingKind {
  const kind: OutgoingKind = {
    priority: 10,
    keepsSessionId: true,
    look: (push) =>
      Promise.resolve({
        ending: null,
        build: () => ({
          octets: notification(push, dictionary, node),
          ifTooLong: { fields: {}, message: 'choose shorter names' },
        }),
        read: (sent) => ({
          detail: `the answer is ${resultOf(sent) ?? 'missing'}`,
          isTransient: resultOf(sent) === null,
        }),
        decide: (sent) => ({ outcome: outcomeOf(resultOf(sent)), effect: null, followUps: [] }),
        again: () => kind.look(push, true),
      }),
  };
  return kind;
}

const resultOf = (sent: SendOutcome | null): number | null =>
  sent?.kind === 'answer'
    ? ((sent.message.avps as { readonly resultCode?: number }).resultCode ?? null)
    : null;

function outcomeOf(result: number | null): (typeof toyOutcomes)[number] {
  if (result === null) return 'noAnswer';
  return result === 2001 ? 'told' : 'refused';
}

const notification = (push: ClaimedPush, dictionary: Dictionary, node: Node): Buffer =>
  encodeNamed(
    'TNR',
    {
      hopByHopId: 0,
      endToEndId: createHash('sha256').update(push.sessionId).digest().readUInt32BE(0),
      retransmitted: push.mayDuplicate,
    },
    {
      sessionId: push.sessionId,
      vendorSpecificApplicationId: { vendorId: VENDOR_EXAMPLE, authApplicationId: TOY_APPLICATION_ID },
      authSessionState: 1,
      ...node,
      destinationHost: push.destinationHost,
      destinationRealm: push.destinationRealm,
      publicIdentity: push.payload['publicIdentity'],
      toyState: push.payload['isRegistered'] === true ? ToyState.REGISTERED : ToyState.NOT_REGISTERED,
    },
    dictionary,
  );
