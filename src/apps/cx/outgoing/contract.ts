/** What the outgoing requests of Cx need of others: the content of a PPR, and the policy of each S-CSCF. */
import type { SubscriptionSnapshot } from '../../../state/ports';
import type { PushProfileRequest } from '../generated/cx';
import type { ProfilePayload } from './push';
import type { PushPolicy, PushSettings } from './push-outcome';

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

/** Makes the content of a PPR. */
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

export interface CxPushSettings extends PushSettings {
  policyOf(host: string): PeerPushPolicy;
  /** DRMP of RTR and PPR; none where absent [29.228-J.2.3]. */
  readonly priorities?: { readonly RTR?: number; readonly PPR?: number };
}
