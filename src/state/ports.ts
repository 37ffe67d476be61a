/**
 * The ports between decisions and the store. Implemented by src/store; used by src/diameter/dispatch, src/admin and
 * src/outbox.
 */
import type { SharedData, Subscription } from '../subscriber/subscription';
import type { ProvisioningFault } from '../subscriber/provisioning-fault';
import type { ProvisioningWarning } from '../subscriber/provisioning-warnings';
export type { ProvisioningFault } from '../subscriber/provisioning-fault';
import type { SequenceNumberDraw } from '../authentication/sequence-number';
import type { HeadChange, LoadedModule, RowChange } from './module';
import type { RegistrationStatus } from '../apps/cx/state/registration-status';
export type { ServingNodeNotification, ServingNodeNotifier } from '../apps/cx/serving-nodes';
import type {
  CapabilitySet,
  ChargingSet,
  ServiceProfile,
  SharedIfcSet,
  SubscriptionDocument,
} from '../subscriber/subscription-document';

/** The database cannot be reached or did not answer in time: DIAMETER_UNABLE_TO_COMPLY, HTTP 503. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

export type { SequenceNumberDraw };

export interface LoadRequest {
  /** Canonical IMPUs of the request, in its order; the first that exists chooses the subscription. */
  readonly impus: readonly string[];
  /** Looked up as well where given; chooses the subscription where there is no IMPU. */
  readonly impi?: string;
  /** Of a USIM; chooses the subscription where there is neither IMPU nor IMPI. */
  readonly imsi?: string;
  /** Of a USIM, E.164 without "+"; chooses the subscription where nothing else is given. */
  readonly msisdn?: string;
  /** What the decision needs beside the document and the head row; nothing else is read. */
  readonly modules?: readonly LoadedModule[];
}

export interface SubscriptionSnapshot {
  /** The store's own key of the subscription; every write names it. */
  readonly key: number;
  /** Of the head row: rises with every change of it and of the document. */
  readonly version: number;
  /** Applications that watch this subscription, a bit for each; 0 for most. */
  readonly watchers: number;
  readonly subscription: Subscription;
  readonly shared: SharedData;
  /** By name of the module: that of the head row, and those that were asked for. */
  readonly states: Readonly<Record<string, unknown>>;
}

export interface LoadOutcome {
  readonly snapshot: SubscriptionSnapshot | null;
  /** The subscription key of each IMPU that was asked for, null where it is unknown. */
  readonly impuOwners: readonly (number | null)[];
  /**
   * For each IMPU that was asked for the wildcarded identity, as stored, that it falls in the range of; null
   * where it is unknown or stored itself: distinct identities come first [29.228-6.1.4].
   */
  readonly impuWildcards: readonly (string | null)[];
  /** The subscription key of the IMPI; null where unknown or not asked for. */
  readonly impiOwner: number | null;
}

/** One request that an application sends, written with the change that causes it. */
export interface OutboxEntry {
  /** Application and command, e.g. `cx.RTR` (outgoing-kind.ts). */
  readonly kind: string;
  readonly destinationHost: string;
  readonly destinationRealm: string;
  /** Everything that is needed to build the request when it is sent. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * What one decision changes, of one subscription: all of it or nothing. It counts where the head row still has
 * the version that the decision was made on, and each row of `rows` too.
 */
export interface UnitOfWork {
  readonly key: number;
  /** Version of the head row that the decision was made on. */
  readonly version: number;
  /** The new value of the head row's module; its version is set by the store. */
  readonly head?: HeadChange | undefined;
  readonly rows: readonly RowChange[];
  /** Sequence numbers that come with the commit. */
  readonly draw?: SequenceNumberDraw | undefined;
  readonly outbox: readonly OutboxEntry[];
  /** Goes with `head`: who watches the subscription from now on. */
  readonly watchers?: number | undefined;
  /**
   * Given where the decision was made on what was `held`: the version of the shared data, which has to be the
   * present one too.
   */
  readonly sharedVersion?: number | undefined;
}

export type CommitOutcome = 'committed' | 'conflict';

/** A unit of work that gets sequence numbers. */
export type DrawingUnit = UnitOfWork & { readonly draw: SequenceNumberDraw };

/** What serving requests needs. Calls made together share one round trip. */
export interface StateStore {
  /** @throws StoreUnavailableError */
  load(request: LoadRequest): Promise<LoadOutcome>;
  /**
   * What this instance holds for the request, if it holds all of it: right at some time, perhaps no longer. A
   * decision on it counts only once `commit` has made its change, naming `sharedVersion` as well; one that
   * changes nothing has to be made on what `load` says.
   */
  held(request: LoadRequest): LoadOutcome | null;
  /**
   * Durable when it resolves with 'committed'. @throws StoreUnavailableError (the change may or may not have
   * been made)
   */
  commit(unit: UnitOfWork): Promise<CommitOutcome>;
  /** The same, and gives the numbers that the unit drew, ascending. */
  commitDrawing(unit: DrawingUnit): Promise<readonly number[] | 'conflict'>;
}

export interface SharedSets {
  serviceProfiles: ServiceProfile;
  ifcSets: SharedIfcSet;
  capabilitySets: CapabilitySet;
  chargingSets: ChargingSet;
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

/** Highest SQN given of a credential [33.102-C.1.1], by its holder: a private identity, or the IMSI of a USIM. */
export type ShownSequenceNumber = readonly [holder: string, sequenceNumber: number];

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null on the last page. */
  readonly nextCursor: string | null;
}

export interface Precondition {
  /** Only if the stored ETag is this one; '*' only if there is one at all. */
  readonly ifMatch?: string;
  /** Only if there is none yet ('*'). */
  readonly ifNoneMatch?: '*';
}

export interface RegistrationCounts {
  readonly registeredSets: number;
  readonly unregisteredSets: number;
  /** Public identities in those sets. */
  readonly registeredIdentities: number;
  readonly unregisteredIdentities: number;
  readonly subscriptions: number;
}

/** One that is registered or served unregistered, without its secrets. */
export interface RegisteredSubscription extends Pick<Subscription, 'id' | 'implicitRegistrationSets'> {
  readonly privateIdentities: readonly { readonly identity: string }[];
  readonly status: RegistrationStatus;
  /** Of those that have given any. */
  readonly sequenceNumbers: readonly ShownSequenceNumber[];
}

/** The state of one subscription as operators see it. */
export interface ShownStatus {
  readonly id: string;
  readonly status: RegistrationStatus;
  /** Of those that have given any. */
  readonly sequenceNumbers: readonly ShownSequenceNumber[];
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
  getStatus(name: SubscriptionKeyName): Promise<ShownStatus | null>;
  /** Subscriptions with a set in that state, in either where it is null; in the order of their creation. */
  listStatuses(
    state: 'registered' | 'unregistered' | null,
    cursor: string | null,
    limit: number,
  ): Promise<Page<RegisteredSubscription>>;
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
  counts(): Promise<RegistrationCounts>;
}
