/**
 * A decision as one unit of work on the subscription that it was made for. Pure.
 */
import type { SequenceNumberDraw } from '../authentication/sequence-number';
import { isHeadChange, type HeadModule, type ModuleChange, type RowChange } from './module';
import type { OutboxEntry, SubscriptionSnapshot, UnitOfWork } from './ports';

export interface DecidedChanges {
  readonly changes?: readonly ModuleChange[];
  readonly draw?: SequenceNumberDraw;
  readonly outbox?: readonly OutboxEntry[];
  /** Who watches the subscription from now on, where that changes. */
  readonly watchers?: number;
}

/**
 * `verified`: the decision was made on what was loaded for it, not on what was held. The head row is changed as
 * well where the unit makes a row, so that a change of the document at the same time is noticed; and where it
 * changes a row that the head row vouches for.
 */
export function unitOfWork(
  snapshot: SubscriptionSnapshot,
  { changes = [], draw, outbox = [], watchers }: DecidedChanges,
  headModule: HeadModule,
  verified: boolean,
): UnitOfWork {
  const rows = changes.filter((change): change is RowChange => !isHeadChange(change));
  const mustTouchHead =
    watchers !== undefined ||
    rows.some(({ module, expectedVersion }) => expectedVersion === 0 || module.isVouchedByHead === true);
  const head =
    changes.find(isHeadChange) ??
    (mustTouchHead ? { module: headModule, value: snapshot.states[headModule.name] } : undefined);
  return {
    key: snapshot.key,
    version: snapshot.version,
    ...(head === undefined ? {} : { head }),
    rows,
    ...(draw === undefined ? {} : { draw }),
    outbox,
    ...(watchers === undefined ? {} : { watchers }),
    ...(verified ? {} : { sharedVersion: snapshot.shared.version }),
  };
}
