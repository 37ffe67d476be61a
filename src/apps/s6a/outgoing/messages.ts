/**
 * CLR, IDR, DSR and RSR as octets [29.272-7.2.7] [29.272-7.2.9] [29.272-7.2.11] [29.272-7.2.15].
 * Vendor-Specific-Application-Id is left out: it "shall not be included in any command" [29.272-7.2.2].
 *
 * A repeated request that keeps its Session-Id keeps its End-to-End Identifier and has the T bit, so that a node finds
 * the duplicate [6733-5.5.4]; the identifier is therefore derived from the Session-Id.
 */
import { createHash } from 'node:crypto';
import type { Dictionary } from '../../../diameter/codec/dictionary';
import { encodeNamed } from '../../../diameter/codec/encode';
import { AuthSessionState } from '../../../diameter/generated/base';
import type { ClaimedPush } from '../../../outbox/ports';
import {
  S6A_APPLICATION_ID,
  type CancelLocationRequest,
  type DeleteSubscriberDataRequest,
  type InsertSubscriberDataRequest,
  type ResetRequest,
} from '../generated/s6a';

interface Requests {
  readonly CLR: CancelLocationRequest;
  readonly IDR: InsertSubscriberDataRequest;
  readonly DSR: DeleteSubscriberDataRequest;
  readonly RSR: ResetRequest;
}
export type S6aCommand = keyof Requests;

type Enveloped =
  'sessionId' | 'authSessionState' | 'originHost' | 'originRealm' | 'destinationHost' | 'destinationRealm';

/** What a request has beside its addresses. */
export type Content<Command extends S6aCommand> = Omit<Requests[Command], Enveloped>;

export type Addressing = Pick<
  ClaimedPush,
  'sessionId' | 'destinationHost' | 'destinationRealm' | 'mayDuplicate'
>;

/** DRMP of each command, 0 first to 15 last; none where absent. */
export type RequestPriorities = Partial<Readonly<Record<S6aCommand, number>>>;

export interface OriginNode {
  readonly originHost: string;
  readonly originRealm: string;
}

export class S6aMessages {
  constructor(
    private readonly node: OriginNode,
    private readonly dictionary: Dictionary,
    private readonly priorities: RequestPriorities = {},
  ) {}

  /** The hop-by-hop identifier is the peer table's to set. */
  request<Command extends S6aCommand>(
    command: Command,
    { sessionId, destinationHost, destinationRealm, mayDuplicate }: Addressing,
    content: Content<Command>,
  ): Buffer {
    const drmp = this.priorities[command];
    const endToEndId = createHash('sha256').update(sessionId).digest().readUInt32BE(0);
    return encodeNamed(
      command,
      { hopByHopId: 0, endToEndId, retransmitted: mayDuplicate, applicationId: S6A_APPLICATION_ID },
      {
        sessionId,
        ...(drmp === undefined ? {} : { drmp }),
        authSessionState: AuthSessionState.NO_STATE_MAINTAINED,
        ...this.node,
        destinationHost,
        destinationRealm,
        ...content,
      },
      this.dictionary,
    );
  }
}
