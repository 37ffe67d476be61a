/**
 * The port between the outbox worker and the store: entries are taken with a lease, so that of several
 * instances exactly one sends each, and what a killed one left is taken over when its lease has run out.
 * Times are the database's.
 */
import type { ModuleChange } from '../state/module';
import type { OutboxEntry, SubscriptionSnapshot } from '../state/ports';
import type { Page } from '../shared/page';

/** The key of entries that are about no subscription, such as those about a whole node. Real keys begin at 1. */
export const NO_SUBSCRIPTION = 0;

/** Changes of the state of a subscription, on the snapshot that they were decided on. */
export interface SubscriptionChange {
  readonly snapshot: SubscriptionSnapshot;
  /** At least one. */
  readonly changes: readonly ModuleChange[];
}

/** Where a node is reached: directly, or by a peer that its requests came by. In lower case. */
export interface PushRoute {
  readonly destinationHost: string;
  readonly via: string | null;
}

/** Features that a node announced, by the command of an application that they were announced for. */
export interface LearnedFeatures {
  /** In lower case. */
  readonly originHost: string;
  readonly command: string;
  /** The bits of Feature-List. */
  readonly featureList: number;
}

/** What is kept of learned things; what was used least lately goes first. */
export interface LearnedBounds {
  readonly maxCount: number;
  readonly maxPerPeerCount: number;
  /** Since it was learned or renewed. */
  readonly maxAgeMs: number;
}

/** A kind as the store needs to know it when entries are taken. */
export interface ClaimedKind {
  readonly kind: string;
  /** DRMP level: entries of a kind with a lower level go first to a destination [29.228-J.2.3]. */
  readonly priority: number;
  /** A repeated request keeps its Session-Id, so that its receiver can find the duplicate [6733-8.8]. */
  readonly keepsSessionId: boolean;
}

export interface ClaimOptions {
  /** Unique for this process: who holds the lease. */
  readonly instance: string;
  /** Origin-Host of this node, for new Session-Ids. */
  readonly originHost: string;
  readonly leaseMs: number;
  /** Destinations in lower case, each with how many entries are wanted. */
  readonly hosts: readonly { readonly host: string; readonly limitCount: number }[];
  /** The kinds that this instance can send; entries of others wait for an instance that can. */
  readonly kinds: readonly ClaimedKind[];
}

/** Entries of every kind, also of those that this instance cannot send. */
export interface ClaimExpiredOptions extends Omit<ClaimOptions, 'hosts'> {
  /** Entries that were made this long ago. */
  readonly olderThanMs: number;
  readonly limitCount: number;
}

/** An entry that this instance may send until its lease ends. */
export interface ClaimedPush {
  readonly kind: string;
  readonly payload: OutboxEntry['payload'];
  /** NO_SUBSCRIPTION where it is about none. */
  readonly subscriptionKey: number;
  readonly outboxKey: number;
  readonly destinationHost: string;
  readonly destinationRealm: string;
  /** Session-Id of this attempt; some kinds keep that of the attempt before where the same node sent it. */
  readonly sessionId: string;
  /** Attempts, this one included. */
  readonly attemptCount: number;
  /** An attempt with this Session-Id may have arrived. */
  readonly mayDuplicate: boolean;
  /** The version of the subscription's state that it was caused in; null where it is not known. */
  readonly causeVersion: number | null;
  /** A private identity of the subscription, to load it by; null where it is gone or has none. */
  readonly privateIdentity: string | null;
}

export interface PushCompletion {
  /** A word of the application. */
  readonly outcome: string;
  /** The result by name, or why there was none. */
  readonly detail: string;
  /** What it did to the state that it is about, as a word of the application; null where it is about none. */
  readonly effect: string | null;
  /** What it changes of the subscription's state. */
  readonly change?: SubscriptionChange;
  readonly followUps: readonly OutboxEntry[];
}

/** `leaseLost`: another instance has it now, nothing was done. */
export type CompletionOutcome = 'done' | 'conflict' | 'leaseLost';

/** `sending`: an instance holds the entry; its answer decides. */
export type CancelOutcome = 'cancelled' | 'completed' | 'sending' | 'unknown';

/** An entry as operators see it. */
export interface PushView {
  readonly kind: string;
  readonly payload: OutboxEntry['payload'];
  readonly id: number;
  readonly subscription: string | null;
  readonly destinationHost: string;
  readonly createdAtMs: number;
  readonly nextAttemptAtMs: number;
  readonly attemptCount: number;
  readonly completedAtMs: number | null;
  readonly outcome: string | null;
  readonly detail: string | null;
  readonly effect: string | null;
}

export interface PushFilter {
  readonly subscription?: string | undefined;
  readonly destinationHost?: string | undefined;
  readonly open?: boolean | undefined;
}

/**
 * How fast campaigns go through subscriptions: a second over all campaigns and instances, and in one
 * transaction.
 */
export interface FanOutOptions {
  readonly perSecond: number;
  readonly batchCount: number;
}

/** What goes through many subscriptions in batches, with its progress. Kind and action are the application's. */
export interface CampaignView {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly action: string;
  readonly createdAtMs: number;
  /** Subscriptions to go through; null until it began. */
  readonly totalCount: number | null;
  readonly doneCount: number;
  /** Entries written so far. */
  readonly writtenCount: number;
  readonly completedAtMs: number | null;
  /** Ended by a newer campaign for the same. */
  readonly superseded: boolean;
}

/** All throw StoreUnavailableError. */
export interface OutboxStore {
  claim(options: ClaimOptions): Promise<readonly ClaimedPush[]>;
  claimExpired(options: ClaimExpiredOptions): Promise<readonly ClaimedPush[]>;
  /** Completes the entry together with the change of the subscription's state and the entries that follow. */
  complete(push: ClaimedPush, instance: string, completion: PushCompletion): Promise<CompletionOutcome>;
  /** Gives the lease back; the next attempt is made by whoever can after `delayMs`. */
  postpone(
    push: ClaimedPush,
    instance: string,
    delayMs: number,
    mayDuplicate: boolean,
    detail: string,
  ): Promise<void>;
  /** The one that was renewed last first. */
  routes(): Promise<readonly PushRoute[]>;
  /** Adds or renews them, and forgets what is beyond the bounds. */
  learnRoutes(routes: readonly PushRoute[], bounds: LearnedBounds): Promise<void>;
  /** The newest ones, each with how long ago it was learned. */
  serverFeatures(limit: number): Promise<readonly (LearnedFeatures & { readonly ageMs: number })[]>;
  /** `bounds`: of each command. */
  learnServerFeatures(
    learned: readonly LearnedFeatures[],
    bounds: Pick<LearnedBounds, 'maxCount' | 'maxAgeMs'>,
  ): Promise<void>;
  /** Writes entries with a check that the state still has that version, and with the change that is given. */
  enqueue(
    key: number,
    expectedVersion: number,
    entries: readonly OutboxEntry[],
    change?: SubscriptionChange,
  ): Promise<readonly number[] | 'conflict'>;
  /** Writes entries that are about no subscription. @returns their ids, in order */
  enqueueWithoutSubscription(entries: readonly OutboxEntry[]): Promise<readonly number[]>;
  /** Ends an open entry that nobody is sending now, without a change of the subscription's state. */
  cancel(id: number): Promise<CancelOutcome>;
  list(filter: PushFilter, cursor: string | null, limit: number): Promise<Page<PushView>>;
  get(id: number): Promise<PushView | null>;
  /** One batch of a campaign. @returns whether there was one to do */
  fanOut(options: FanOutOptions): Promise<boolean>;
  /** Newest first. */
  campaigns(limit: number): Promise<readonly CampaignView[]>;
  campaign(id: number): Promise<CampaignView | null>;
  openCount(): Promise<number>;
  /**
   * How long ago the oldest of the `keepCount` entries that were completed last was; null where there are no
   * more than that.
   */
  overflowAgeMs(keepCount: number): Promise<number | null>;
  /**
   * Deletes entries and changes of shared data that were completed this long ago, at most so many of each.
   * @returns how many
   */
  forget(olderThanMs: number, limitCount: number): Promise<number>;
}
