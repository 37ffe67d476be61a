/**
 * The ports between the equipment tables and who uses them: procedures of S13 and S6a, the API. Implemented by
 * src/apps/s13/store.
 */
import type { Page } from '../../../shared/page';
import type {
  DeleteOutcome,
  Precondition,
  ProvisioningOutcome,
  StoredDocument,
} from '../../../subscriber/provisioning';
import type { EquipmentEntry, EquipmentStatusName } from './entry';
import type { EquipmentKey } from './imei';

/** Every write is one transaction. All throw StoreUnavailableError. Values and entries are canonical. */
export interface EquipmentProvisioning {
  /** The entry that counts for this equipment; null where none is about it. */
  find(key: EquipmentKey): Promise<EquipmentEntry | null>;
  get(value: string): Promise<StoredDocument<EquipmentEntry> | null>;
  list(
    status: EquipmentStatusName | undefined,
    cursor: string | null,
    limit: number,
  ): Promise<Page<EquipmentEntry>>;
  put(entry: EquipmentEntry, precondition: Precondition): Promise<ProvisioningOutcome>;
  delete(value: string, precondition: Precondition): Promise<DeleteOutcome>;
  /** Many in one transaction: one outcome per entry, in order; of several with one value the last counts. */
  import(entries: readonly EquipmentEntry[]): Promise<readonly ProvisioningOutcome[]>;
}

/** Somebody uses a piece of equipment now. */
export interface EquipmentUse extends EquipmentKey {
  readonly imsi: string;
  /** Origin-Host of the node that says so. */
  readonly peer: string;
}

/** The same, with the times of the database. */
export interface RecordedUse extends EquipmentUse {
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface UseFilter {
  readonly imsi?: string | undefined;
  /** 14 digits. */
  readonly imei?: string | undefined;
}

/**
 * Who used which equipment when: one row for each IMSI, IMEI and software version. It is for whoever learns of
 * a use, such as S13's ECR; `s13.recordUse` says whether anybody records.
 */
export interface EquipmentUses {
  /** Resolves when it is stored; uses that come together share a statement. @throws StoreUnavailableError */
  record(use: EquipmentUse): Promise<void>;
  /** Those of the last so many days, the last used first. @throws StoreUnavailableError */
  list(
    filter: UseFilter,
    maxAgeDays: number,
    cursor: string | null,
    limit: number,
  ): Promise<Page<RecordedUse>>;
  /**
   * Deletes what was last seen more than so many days ago: a bounded part of it, and at most once an hour where
   * that was all.
   * @throws StoreUnavailableError
   */
  forget(maxAgeDays: number): Promise<void>;
}
