/**
 * A decision as one unit of work on the subscription that it was made for. Pure.
 */
import type { SequenceNumberDraw } from '../authentication/sequence-number';
import { isHeadChange, type HeadModule, type ModuleChange, type RowChange } from './module';
import type { OutboxEntry, SubscriptionSnapshot, UnitOfWork } from './ports';

export interface DecidedChanges {
  readonly changes?: readonly ModuleChange[] | undefined;
  readonly draw?: SequenceNumberDraw | undefined;
  /** Who watches the subscription from now on, where that changes. */
  readonly watchers?: number | undefined;
}

const noRows: readonly RowChange[] = [];

const touchesHead = ({ module, expectedVersion }: RowChange): boolean =>
  expectedVersion === 0 || module.isVouchedByHead === true;

/**
 * `verified`: the decision was made on what was loaded for it, not on what was held. The head row is changed as
 * well where the unit makes a row, so that a change of the document at the same time is noticed; where it
 * changes a row that the head row vouches for; and where it has requests of ours only.
 */
export function unitOfWork(
  snapshot: SubscriptionSnapshot,
  { changes = noRows, draw, watchers }: DecidedChanges,
  outbox: readonly OutboxEntry[],
  headModule: HeadModule,
  verified: boolean,
): UnitOfWork {
  let head = changes.find(isHeadChange);
  const rows =
    changes.length === 0 || (changes.length === 1 && head !== undefined)
      ? noRows
      : changes.filter((change): change is RowChange => !isHeadChange(change));
  const isOutboxOnly = outbox.length > 0 && rows.length === 0 && draw === undefined;
  if (head === undefined && (watchers !== undefined || isOutboxOnly || rows.some(touchesHead)))
    head = { module: headModule, value: snapshot.states[headModule.name] };
  return {
    key: snapshot.key,
    version: snapshot.version,
    head,
    rows,
    draw,
    outbox,
    watchers,
    sharedVersion: verified ? undefined : snapshot.shared.version,
  };
}
