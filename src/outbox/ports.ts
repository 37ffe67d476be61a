/**
 * The port between the outbox worker and the store: entries are taken with a lease, so that of several
 * instances exactly one sends each, and what a killed one left is taken over when its lease has run out.
 * Times are the database's.
 */
import type { OutboxEntry, Page, SharedKind } from '../state/ports';
import type { PushOutcome, PushPayload, RegistrationEffect } from '../apps/cx/outgoing/push';
import type { RegistrationStatus } from '../apps/cx/state/registration-status';

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

/** What is kept of learned things; what was used least lately goes first. */
export interface LearnedBounds {
  readonly maxCount: number;
  readonly maxPerPeerCount: number;
  /** Since it was learned or renewed. */
  readonly maxAgeMs: number;
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
  /** What an RTR left of the registrations; null for a PPR. */
  readonly registrationEffect: RegistrationEffect | null;
  /** The change that goes with it, on the version that it was decided on. */
  readonly status?: RegistrationStatus;
  readonly expectedVersion?: number;
  readonly followUps: readonly OutboxEntry[];
}

/** `leaseLost`: another instance has it now, nothing was done. */
export type CompletionOutcome = 'done' | 'conflict' | 'leaseLost';

/** `sending`: an instance holds the entry; its answer decides. */
export type CancelOutcome = 'cancelled' | 'completed' | 'sending' | 'unknown';

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
  readonly registrationEffect: RegistrationEffect | null;
};

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

/**
 * What goes through many subscriptions in batches: a change of a shared set, or the order to forget an S-CSCF
 * (kind `scscf`, action `forget`).
 */
export const campaignKinds = [
  'serviceProfiles',
  'ifcSets',
  'capabilitySets',
  'chargingSets',
  'scscf',
] as const satisfies readonly (SharedKind | 'scscf')[];
export type CampaignKind = (typeof campaignKinds)[number];
export const campaignActions = ['profile', 'serverChange', 'forget'] as const;
export type CampaignAction = (typeof campaignActions)[number];

/** One of them with its progress. */
export interface CampaignView {
  readonly id: number;
  readonly kind: CampaignKind;
  /** Of the shared set, or the S-CSCF name. */
  readonly name: string;
  readonly action: CampaignAction;
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

/** An S-CSCF name with where its requests came from last, and how many subscriptions it is assigned to. */
export interface AssignedServerView {
  readonly name: string;
  readonly diameterHost: string;
  readonly diameterRealm: string;
  readonly subscriptionCount: number;
  /** Of them, those with a registered or unregistered set. */
  readonly activeCount: number;
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
  /**
   * Writes entries with a check that the status is still the one of that version, and the status that is given
   * in its place.
   */
  enqueue(
    key: number,
    expectedVersion: number,
    entries: readonly OutboxEntry[],
    status?: RegistrationStatus,
  ): Promise<readonly number[] | 'conflict'>;
  /** Ends an open entry that nobody is sending now, without a change of the registration state. */
  cancel(id: number): Promise<CancelOutcome>;
  list(filter: PushFilter, cursor: string | null, limit: number): Promise<Page<PushView>>;
  get(id: number): Promise<PushView | null>;
  /** One batch of a campaign. @returns whether there was one to do */
  fanOut(options: FanOutOptions): Promise<boolean>;
  /** Newest first. */
  campaigns(limit: number): Promise<readonly CampaignView[]>;
  campaign(id: number): Promise<CampaignView | null>;
  /** S-CSCFs that are assigned to subscriptions, the one with the most first. */
  assignedServers(limit: number): Promise<readonly AssignedServerView[]>;
  /**
   * Begins a campaign that clears the registrations of every subscription with that S-CSCF name, and tells the
   * S-CSCF. @returns its id; null where no subscription has the name
   */
  forgetServer(name: string): Promise<number | null>;
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
