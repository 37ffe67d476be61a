/**
 * What an application is to the dispatcher. An application is a folder below src/apps that exports one
 * Application; nothing else of it is known outside. Handlers are pure: same inputs, same decision, so that a
 * decision can be made again when the commit finds that somebody else changed the subscription in between.
 */
import type { DecodedMessage, RawAvp } from '../codec/types';
import type { RandomSource } from '../../shared/clock';
import type { LoadRequest, LoadOutcome, OutboxEntry, SequenceNumberDraw } from '../../state/ports';
import type { ModuleChange } from '../../state/module';
import type { FeatureOffer } from '../features/feature-lists';
import type { CommandPriority } from '../overload/contract';
import type { PeerRole } from '../../shared/peer-roles';
import type { PeerIdentity } from '../peer/contract';
import type { ExperimentalResultCode, ResultCode } from '../generated/base';

export type { CommandPriority, PriorityAvp } from '../overload/contract';

/** Exactly one of the two AVPs is ever sent; the types keep a 3GPP code out of Result-Code [29.229-6.2]. */
export type AnswerResult =
  | { readonly kind: 'base'; readonly code: ResultCode }
  | { readonly kind: 'experimental'; readonly code: ExperimentalResultCode };

/** Whom a line is about. The application chooses the names of the fields, such as privateIdentity. */
export type LogFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Why a request was refused, for the one line that an operator reads. Further properties are log fields that
 * say whom the request is about.
 */
export interface Refusal extends LogFields {
  /** The check that failed, in words. */
  readonly check: string;
  /** E.g. "TS 29.228 6.1.1.1 step 3". */
  readonly clause: string;
  /** The id of the subscription, where that is what somebody has to look at. */
  readonly subscription?: string;
  /** 'warn' where it is no fault of the request: the operator has something to do. */
  readonly level?: 'warn';
}

/** A change of state, for the one line that an operator reads. */
export interface StateChange {
  /** In a word or two, such as "registered". */
  readonly what: string;
  /** Asked only where the line is written. */
  describe(): {
    /** Whom it is about, in words. */
    readonly who: string;
    readonly fields: LogFields;
  };
}

export interface Decision<Answer> {
  readonly result: AnswerResult;
  /**
   * The command's own AVPs; the dispatcher adds Session-Id, origin, session state, features and Proxy-Info.
   */
  readonly avps: Partial<Answer>;
  /** AVPs that are kept encoded, whole with header and padding, by the property that they stand for. */
  readonly encodedAvps?: Readonly<Record<string, Buffer>>;
  readonly failedAvps?: readonly RawAvp[];
  /** What is committed before the answer leaves; absent where nothing changes. */
  readonly changes?: readonly ModuleChange[];
  /** Sequence numbers that come with the commit; `complete` makes the answer of them. */
  readonly draw?: SequenceNumberDraw;
  /** The decision once its numbers are drawn: with the answer that is sent. Goes with `draw`. */
  complete?(sequenceNumbers: readonly number[]): Decision<Answer>;
  /** Most octets that `complete` adds to the answer. */
  readonly laterOctets?: number;
  readonly outbox?: readonly OutboxEntry[];
  /** Who watches the subscription from now on, where `changes` change that too. */
  readonly watchers?: number;
  /** For the application's notifier, once the change is committed and the answer is on its way. */
  readonly notifications?: readonly unknown[];
  readonly refusal?: Refusal;
  /** What the answer in whose place this one is would have had; counted with the peer. */
  readonly tooLongOctets?: number;
  /** Counted, e.g. 'sqnResynchronised'. */
  readonly notable?: string;
}

/** Everything a decision may depend on besides the request. */
export interface DecisionContext {
  readonly nowMs: number;
  readonly random: RandomSource;
  readonly peer: PeerIdentity;
  readonly loaded: LoadOutcome;
  /** Features both sides support for this command, TS 29.229 7.2. */
  readonly features: ReadonlySet<string>;
}

export interface CommandHandler {
  /** E.g. UAR. */
  readonly request: string;
  /** E.g. UAA. */
  readonly answer: string;
  /** Nodes that send this command; a peer that is none of them is refused. */
  readonly senders: readonly PeerRole[];
  /** How urgent a request without DRMP is, when more come than can be served; ordinary where absent. */
  readonly priority?: CommandPriority;
  /** What must be loaded, or a decision that needs nothing loaded (a fault in the request). */
  prepare(message: DecodedMessage): LoadRequest | Decision<unknown>;
  decide(message: DecodedMessage, context: DecisionContext): Decision<unknown>;
  /**
   * Nearly every request of this command changes something, so that it pays to decide on what is held and
   * let the commit verify it.
   */
  readonly usuallyCommits?: boolean;
  /** What a committed decision changed; null where that is nothing to tell. Asked only where it is told. */
  change?(message: DecodedMessage, decision: Decision<unknown>): StateChange | null;
  /** Whom the request is about, where no decision says it. */
  identities?(message: DecodedMessage): LogFields;
  /** What an answer carries even where nothing could be decided. */
  errorAvps?(message: DecodedMessage): object;
}

/** Tells others in the application what its decisions say. The dispatcher only hands it on. */
export interface Notifier {
  /** Rejects where nobody could be told, which is logged: the peer has its answer. */
  notify(notification: unknown): Promise<void>;
  /** For that line: what went wrong, in words, and whom it is about. */
  failure(notification: unknown): { readonly what: string; readonly fields: LogFields };
}

export interface Application {
  readonly applicationId: number;
  readonly vendorId: number;
  readonly name: string;
  /** Values of Experimental-Result-Code by name, for logs and metrics. */
  readonly experimentalResults?: Readonly<Record<string, number>>;
  /** What Supported-Features may say for it, one for each vendor and Feature-List-ID [29.229-7.1.1]. */
  readonly offers: readonly FeatureOffer[];
  /** What a peer is, for this application, that is not configured. */
  readonly usualPeerRoles?: readonly PeerRole[];
  /** Answers leave out Vendor-Specific-Application-Id, as TS 29.272 7.2.2 asks. */
  readonly omitsVendorSpecificApplicationId?: boolean;
  /** By command code. */
  readonly handlers: ReadonlyMap<number, CommandHandler>;
  /** Goes with decisions that have notifications. */
  readonly notifier?: Notifier;
}
