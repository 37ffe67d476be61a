/**
 * The ports between decisions and the store: load and commit. Implemented by src/store; used by
 * src/diameter/dispatch and src/outbox. Provisioning is in src/subscriber/provisioning.ts.
 */
import type { SharedData, Subscription } from '../subscriber/subscription';
import type { SequenceNumberDraw } from '../authentication/sequence-number';
import type { KeyedLookup } from './keyed-module';
import type { HeadChange, LoadedModule, RowChange } from './module';

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
  /** What is looked up by another key than a subscription's; it may be all that is loaded. */
  readonly keyed?: readonly KeyedLookup[];
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
  /** What was looked up by other keys, by name of the module; see keyed-module.ts. */
  readonly keyed?: Readonly<Record<string, unknown>>;
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
