/**
 * The port between the outbox worker and the store: entries are taken with a lease, so that of several
 * instances exactly one sends each, and what a killed one left is taken over when its lease has run out.
 * Times are the database's.
 */
import type { OutboxEntry, Page, SharedKind } from './ports';
import type { PushOutcome, PushPayload } from './push';
import type { RegistrationStatus } from './registration-status';
import type { CampaignAction } from './shared-triggers';

/** Where an S-CSCF is reached: directly, or by a peer that its requests came by. In lower case. */
export interface PushRoute {
  readonly destinationHost: string;
  readonly via: string | null;
}

/** Features that an S-CSCF announced in its SARs or in its answers to PPRs [29.229-7.2]. */
export interface LearnedFeatures {
  /** In lower case. */
  readonly originHost: string;
  readonly command: 'SAR' | 'PPR';
  /** The bits of Feature-List. */
  readonly featureList: number;
}

export interface ClaimOptions {
  /** Unique for this process: who holds the lease. */
  readonly instance: string;
  /** Origin-Host of this node, for new Session-Ids. */
  readonly originHost: string;
  readonly leaseMs: number;
  /** S-CSCFs in lower case, each with how many entries are wanted. */
  readonly hosts: readonly { readonly host: string; readonly limitCount: number }[];
  /**
   * The command whose entries go first where the others have a lower priority; null: in the order in which
   * they are due [29.228-J.2.3].
   */
  readonly first: 'RTR' | 'PPR' | null;
}

export interface ClaimExpiredOptions extends Omit<ClaimOptions, 'hosts' | 'first'> {
  /** Entries that were made this long ago. */
  readonly olderThanMs: number;
  readonly limitCount: number;
}

/** An entry that this instance may send until its lease ends. */
export type ClaimedPush = PushPayload & {
  readonly subscriptionKey: number;
  readonly outboxKey: number;
  readonly destinationHost: string;
  readonly destinationRealm: string;
  /** Session-Id of this attempt; an RTR keeps that of the attempt before where the same node sent it. */
  readonly sessionId: string;
  /** Attempts, this one included. */
  readonly attemptCount: number;
  /** An attempt with this Session-Id may have arrived. */
  readonly mayDuplicate: boolean;
  /** The version of the registration state that it was caused in; null where it is not known. */
  readonly registrationVersion: number | null;
  /** A private identity of the subscription, to load it by; null where it is gone. */
  readonly privateIdentity: string | null;
};

export interface PushCompletion {
  readonly outcome: PushOutcome;
  /** The result by name, or why there was none. */
  readonly detail: string;
  /** The change that goes with it, on the version that it was decided on. */
  readonly status?: RegistrationStatus;
  readonly expectedVersion?: number;
  readonly followUps: readonly OutboxEntry[];
}

/** `leaseLost`: another instance has it now, nothing was done. */
export type CompletionOutcome = 'done' | 'conflict' | 'leaseLost';

/** An entry as operators see it. */
export type PushView = PushPayload & {
  readonly id: number;
  readonly subscription: string | null;
  readonly destinationHost: string;
  readonly createdAtMs: number;
  readonly nextAttemptAtMs: number;
  readonly attemptCount: number;
  readonly completedAtMs: number | null;
  readonly outcome: PushOutcome | null;
  readonly detail: string | null;
};

export interface PushFilter {
  readonly subscription?: string | undefined;
  readonly open?: boolean | undefined;
}

/**
 * How fast changes of shared data become entries: subscriptions a second over all instances, and in one
 * transaction.
 */
export interface FanOutOptions {
  readonly perSecond: number;
  readonly batchCount: number;
}

/** A change of shared data on its way to the sets that it touches. */
export interface CampaignView {
  readonly id: number;
  readonly kind: SharedKind;
  readonly name: string;
  readonly action: CampaignAction;
  readonly createdAtMs: number;
  /** Registered subscriptions that use the set; null until it began. */
  readonly totalCount: number | null;
  readonly doneCount: number;
  /** Entries written so far. */
  readonly writtenCount: number;
  readonly completedAtMs: number | null;
  /** Ended by a newer change of the same set. */
  readonly superseded: boolean;
}

/** All throw StoreUnavailableError. */
export interface OutboxStore {
  claim(options: ClaimOptions): Promise<readonly ClaimedPush[]>;
  claimExpired(options: ClaimExpiredOptions): Promise<readonly ClaimedPush[]>;
  /** Completes the entry together with the change of the registration state and the entries that follow. */
  complete(push: ClaimedPush, instance: string, completion: PushCompletion): Promise<CompletionOutcome>;
  /** Gives the lease back; the next attempt is made by whoever can after `delayMs`. */
  postpone(
    push: ClaimedPush,
    instance: string,
    delayMs: number,
    mayDuplicate: boolean,
    detail: string,
  ): Promise<void>;
  routes(): Promise<readonly PushRoute[]>;
  addRoute(route: PushRoute): Promise<void>;
  /** The newest ones, each with how long ago it was learned. */
  serverFeatures(limit: number): Promise<readonly (LearnedFeatures & { readonly ageMs: number })[]>;
  learnServerFeatures(learned: readonly LearnedFeatures[]): Promise<void>;
  /** Writes entries with a check that the status is still the one of that version. */
  enqueue(
    key: number,
    expectedVersion: number,
    entries: readonly OutboxEntry[],
  ): Promise<readonly number[] | 'conflict'>;
  list(filter: PushFilter, cursor: string | null, limit: number): Promise<Page<PushView>>;
  get(id: number): Promise<PushView | null>;
  /** One batch of a change of shared data. @returns whether there was one to do */
  fanOut(options: FanOutOptions): Promise<boolean>;
  /** Newest first. */
  campaigns(limit: number): Promise<readonly CampaignView[]>;
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
