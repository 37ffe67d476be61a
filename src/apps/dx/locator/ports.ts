/**
 * The ports between the locator's table and who uses it: the Dx application, the API. Implemented by
 * src/apps/dx/store/locator.ts.
 */
import type { Page } from '../../../shared/page';
import type {
  DeleteOutcome,
  Precondition,
  ProvisioningOutcome,
  StoredDocument,
} from '../../../subscriber/provisioning';
import type { LocatorEntry, LocatorKind } from './entry';

export interface LocatorLookup {
  /**
   * The entry for the first of these canonical identities that has one, most specific first; null where none
   * has. @throws StoreUnavailableError
   */
  resolve(identities: readonly string[]): Promise<LocatorEntry | null>;
}

export interface LocatorFilter {
  readonly kind?: LocatorKind | undefined;
  /** Only entries that name this HSS, by its Diameter identity in lower case. */
  readonly host?: string | undefined;
}

/** Every write is one transaction. All throw StoreUnavailableError. Values and entries are canonical. */
export interface LocatorProvisioning extends LocatorLookup {
  get(value: string): Promise<StoredDocument<LocatorEntry> | null>;
  list(
    filter: LocatorFilter,
    cursor: string | null,
    limit: number,
  ): Promise<Page<StoredDocument<LocatorEntry>>>;
  put(entry: LocatorEntry, precondition: Precondition): Promise<ProvisioningOutcome>;
  delete(value: string, precondition: Precondition): Promise<DeleteOutcome>;
  /**
   * Many at once, in one transaction: one outcome per entry, in order; of several with one value the last
   * counts.
   */
  import(entries: readonly LocatorEntry[]): Promise<readonly ProvisioningOutcome[]>;
}
