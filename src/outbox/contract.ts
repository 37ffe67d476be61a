/**
 * What an application brings for each kind of its outgoing requests, and what the worker needs and reports.
 *
 * The worker takes an entry and asks its kind to `look`: the kind loads what it has to know, and gives an
 * `Outlook`. The outlook says whether the entry is still to be sent, builds the octets, reads the answer and
 * decides. The outbox stores the decision. Where somebody else changed the subscription meanwhile, the outbox
 * asks for a new outlook and for a new decision.
 */
import type { SendOutcome } from '../diameter/peer/contract';
import type { DecodedMessage } from '../diameter/codec/types';
import type { LoadedModule, ModuleChange } from '../state/module';
import type { SubscriptionSnapshot } from '../state/ports';
import type { ClaimedPush, PushCompletion } from './ports';

/** A kind of request that an application sends. The key of its map is the kind's name, e.g. `cx.RTR`. */
export interface OutgoingKind {
  /** DRMP level: a kind with a lower level goes first to a destination [29.228-J.2.3]. */
  readonly priority: number;
  /** A repeated request keeps its Session-Id, so that its receiver can find the duplicate [6733-8.8]. */
  readonly keepsSessionId: boolean;
  /**
   * Looks up what is true of the entry now. `isConnected` false: no instance had a connection, the entry is
   * given up. @throws StoreUnavailableError
   */
  look(push: ClaimedPush, isConnected: boolean): Promise<Outlook>;
  /** Learns from an answer, whatever is decided on it. */
  answered?(push: ClaimedPush, message: DecodedMessage): void;
}

/** Fields and text for the log. */
export interface LogWords {
  readonly fields: object;
  readonly message: string;
}

/** How an entry ends, stored in one transaction. */
export interface OutgoingDecision extends Omit<PushCompletion, 'detail' | 'change'> {
  /** Of the state of the outlook's subscription. */
  readonly changes?: readonly ModuleChange[];
  /** Logged once the decision is stored. */
  readonly report?: LogWords;
}

/** An entry that ends without being sent. */
export interface UnsentEnding {
  readonly decision: OutgoingDecision;
  /** Why, for operators. */
  readonly detail: string;
}

export interface OutgoingRequest {
  readonly octets: Buffer;
  /** A shorter form, for a way that does not take `octets`. */
  readonly shorter?: () => Buffer;
  /** What an operator can do where the request is too long. */
  readonly ifTooLong: LogWords;
}

/** What the outcome of sending means. */
export interface OutgoingReading {
  /** The result by name, or why there is none. */
  readonly detail: string;
  /** Worth another attempt, as long as there are any. */
  readonly isTransient: boolean;
}

/** An entry and what is true of it at one moment. Everything but `again` is pure. */
export interface Outlook {
  /** How the entry ends without being sent; null while it is still to be sent. */
  readonly ending: UnsentEnding | null;
  /** Called once, where there is no ending and a connection. */
  build(): OutgoingRequest | UnsentEnding;
  /** Null: there was no connection. */
  read(sent: SendOutcome | null): OutgoingReading;
  decide(sent: SendOutcome | null): OutgoingDecision;
  /** The subscription that the changes of a decision are about. */
  readonly snapshot?: SubscriptionSnapshot | null;
  /**
   * The same entry after somebody else changed the subscription; or with these modules loaded, which reactions
   * need. @throws StoreUnavailableError
   */
  again(modules?: readonly LoadedModule[]): Promise<Outlook>;
}

export interface PushWorkerSettings {
  /** Waited for each answer. */
  readonly answerTimeoutMs: number;
  /** Attempts that leave without a final answer. */
  readonly maxAttemptCount: number;
  /** Wait after the first such attempt; doubles up to `retryMaxMs`. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** An entry is given up after this where no instance can reach its destination. */
  readonly giveUpMs: number;
  /** How long an entry is held; longer than an answer may take. */
  readonly leaseMs: number;
  /** How often entries of other instances and earlier runs are looked for. */
  readonly pollMs: number;
  /** Requests to one destination, of this instance. */
  readonly maxPerSecondPerHost: number;
  readonly maxInFlightPerHost: number;
  /** How long outcomes and finished changes of shared data stay visible. */
  readonly keepCompletedMs: number;
  /** Outcomes kept, however young. */
  readonly keepCompletedCount: number;
  /** Subscriptions a second that a change of shared data goes through, over all instances. */
  readonly fanOutPerSecond: number;
}
