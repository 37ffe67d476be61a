/**
 * The port of provisioning: documents of subscriptions and shared sets in and out. Implemented by src/store; used
 * by src/admin and by applications.
 */
import type { Page } from '../shared/page';
import type { ProvisioningFault } from './provisioning-fault';
import type { ProvisioningWarning } from './provisioning-warnings';
import type {
  CapabilitySet,
  ChargingSet,
  EpsProfile,
  ServiceProfile,
  SharedIfcSet,
  SubscriptionDocument,
} from './subscription-document';

export type { ProvisioningFault };

export interface SharedSets {
  serviceProfiles: ServiceProfile;
  ifcSets: SharedIfcSet;
  capabilitySets: CapabilitySet;
  chargingSets: ChargingSet;
  epsProfiles: EpsProfile;
}
export type SharedKind = keyof SharedSets;

export type ProvisioningOutcome =
  | {
      readonly kind: 'created' | 'replaced' | 'unchanged';
      readonly etag: string;
      /** Doubts that only the store can have; see provisioning-warnings.ts for those about the document alone. */
      readonly warnings?: readonly ProvisioningWarning[];
    }
  /** The ETag given is not that of what is stored (HTTP 412). */
  | { readonly kind: 'preconditionFailed'; readonly currentEtag: string | null }
  /**
   * An identity belongs to another subscription, a named set does not exist, a secret is missing (HTTP 409 or
   * 422).
   */
  | { readonly kind: 'refused'; readonly conflict: boolean; readonly faults: readonly ProvisioningFault[] };

export type DeleteOutcome =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'preconditionFailed'; readonly currentEtag: string | null }
  | { readonly kind: 'refused'; readonly conflict: boolean; readonly faults: readonly ProvisioningFault[] };

export interface StoredDocument<T> {
  readonly document: T;
  readonly etag: string;
}

/**
 * The provisioned document as it comes out: the secrets (k, op, opc, password, ha1, ha1Sha256) are left out.
 */
export type PublicSubscription = SubscriptionDocument;

export type SubscriptionKeyName =
  | { readonly id: string }
  | { readonly impi: string }
  | { readonly impu: string }
  | { readonly imsi: string }
  | { readonly msisdn: string };

export interface Precondition {
  /** Only if the stored ETag is this one; '*' only if there is one at all. */
  readonly ifMatch?: string;
  /** Only if there is none yet ('*'). */
  readonly ifNoneMatch?: '*';
}

/** What provisioning and operations need. Every write is one transaction. All throw StoreUnavailableError. */
export interface ProvisioningStore {
  getSubscription(name: SubscriptionKeyName): Promise<StoredDocument<PublicSubscription> | null>;
  listSubscriptions(cursor: string | null, limit: number): Promise<Page<StoredDocument<PublicSubscription>>>;
  putSubscription(document: SubscriptionDocument, precondition: Precondition): Promise<ProvisioningOutcome>;
  deleteSubscription(id: string, precondition: Precondition): Promise<DeleteOutcome>;
  /**
   * Of a document that is refused for its shape: what the store would have against it, too. Changes nothing.
   */
  subscriptionFaultsBesides(document: unknown): Promise<readonly ProvisioningFault[]>;
  /** Many documents at once, each atomic of its own: one outcome per document, in order. */
  importSubscriptions(documents: readonly SubscriptionDocument[]): Promise<readonly ProvisioningOutcome[]>;
  getShared<K extends SharedKind>(kind: K, name: string): Promise<StoredDocument<SharedSets[K]> | null>;
  listShared<K extends SharedKind>(
    kind: K,
    cursor: string | null,
    limit: number,
  ): Promise<Page<StoredDocument<SharedSets[K]>>>;
  putShared<K extends SharedKind>(
    kind: K,
    document: SharedSets[K],
    precondition: Precondition,
  ): Promise<ProvisioningOutcome>;
  deleteShared(kind: SharedKind, name: string, precondition: Precondition): Promise<DeleteOutcome>;
}
