/**
 * What the outbox worker needs of others: the content of a PPR, the policy of each S-CSCF, and bounds.
 */
import type { SubscriptionSnapshot } from '../state/ports';
import type { ProfilePayload } from '../apps/cx/outgoing/push';
import type { PushPolicy } from '../apps/cx/outgoing/push-outcome';
import type { PushProfileRequest } from '../apps/cx/generated/cx';

/** Supported-Features of a request of ours: the features that it is made with [29.229-7.2]. */
export interface UsedFeatures {
  readonly vendorId: number;
  readonly featureListId: number;
  readonly featureList: number;
}

export interface ProfileContent {
  readonly avps: Partial<
    Pick<
      PushProfileRequest,
      'userData' | 'chargingInformation' | 'sipAuthDataItem' | 'allowedWafWwsfIdentities'
    >
  >;
  /** Null where no feature is used. */
  readonly features: UsedFeatures | null;
}

/** Makes the content of a PPR; the application's part. */
export interface ProfileSource {
  /** Null where nothing of what was to be pushed is there any more. */
  content(
    snapshot: SubscriptionSnapshot,
    payload: ProfilePayload,
    userName: string,
    destinationHost: string,
  ): ProfileContent | null;
}

/** What is configured for one S-CSCF. */
export interface PeerPushPolicy extends PushPolicy {
  /**
   * List the Public-Identity AVPs also where a request for private identities needs none [29.228-6.1.3.1].
   */
  readonly listPublicIdentities: boolean;
}

export interface PushWorkerSettings {
  /** Waited for each answer. */
  readonly answerTimeoutMs: number;
  /** Attempts that leave without a final answer. */
  readonly maxAttemptCount: number;
  /** Wait after the first such attempt; doubles up to `retryMaxMs`. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** An entry that no instance can reach the S-CSCF of is given up after this. */
  readonly giveUpMs: number;
  /** How long an entry is held; longer than an answer may take. */
  readonly leaseMs: number;
  /** How often entries of other instances and earlier runs are looked for. */
  readonly pollMs: number;
  /** Requests to one S-CSCF, of this instance. */
  readonly maxPerSecondPerHost: number;
  readonly maxInFlightPerHost: number;
  /** How long outcomes and finished changes of shared data stay visible. */
  readonly keepCompletedMs: number;
  /** Outcomes kept, however young. */
  readonly keepCompletedCount: number;
  /** Subscriptions a second that a change of shared data goes through, over all instances. */
  readonly fanOutPerSecond: number;
  readonly imsRestoration: boolean;
  readonly authenticationPendingMaxAgeMs: number;
  /** DRMP of RTR and PPR; none where absent [29.228-J.2.3]. */
  readonly priorities?: { readonly RTR?: number; readonly PPR?: number };
  policyOf(host: string): PeerPushPolicy;
}
