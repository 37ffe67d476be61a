/** The bound of provisioned user information where no setting says one. Pure. */
import { cxLimits } from '../limits';

/** What decides how long a message may be. */
export interface MessageBounds {
  readonly peers: readonly { readonly maxMessageOctets: number }[];
  readonly diameter: {
    readonly unknownPeers: 'auto' | 'accept' | 'refuse';
    readonly limits: { readonly sentMessageOctets: number };
  };
}

/** What is left where a peer takes hardly more than the room for the rest: a profile without criteria. */
const LEAST_USER_DATA_OCTETS = 1_024;

/** The longest user information that every peer takes, with room for what is beside it in an answer. */
export function derivedUserDataOctets({ peers, diameter }: MessageBounds): number {
  const named = peers.map((peer) => peer.maxMessageOctets);
  // Where only peers of the list may connect, the bound for others is nobody's.
  const bounds =
    named.length > 0 && diameter.unknownPeers === 'refuse'
      ? named
      : [...named, diameter.limits.sentMessageOctets];
  return Math.max(LEAST_USER_DATA_OCTETS, Math.min(...bounds) - cxLimits.answerRoomOctets);
}
