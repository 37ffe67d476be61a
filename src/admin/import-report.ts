/** What came of the records of an import: counted, and told as events. */
import type { ProvisioningOutcome } from '../subscriber/provisioning';
import type { ProvisioningWarning } from '../subscriber/provisioning-warnings';
import type { ImportCounts, ImportEvent, ImportFailure } from './openapi/views';
import { ProblemError } from './problem';
import { refused } from './resource';

/** A record: where it stands and what it is called. */
export interface RecordPlace {
  readonly line: number;
  readonly name: string | null;
  /** Pointer from the line to the document: empty, or /subscription, /ifcSet, ... */
  readonly at: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Pointed = { readonly pointer?: string };

const below = <T extends Pointed>(at: string, entries: readonly T[]): T[] =>
  entries.map((entry) => ({ ...entry, pointer: at + (entry.pointer ?? '') }));

export class ImportReport {
  readonly counts: Mutable<ImportCounts> = {
    lines: 0,
    records: 0,
    created: 0,
    replaced: 0,
    unchanged: 0,
    failed: 0,
    warnings: 0,
  };

  outcome(
    place: RecordPlace,
    outcome: ProvisioningOutcome | undefined,
    doubts: readonly ProvisioningWarning[],
  ): ImportEvent[] {
    if (outcome === undefined) throw new Error('the store gave fewer outcomes than documents');
    if (outcome.kind === 'refused')
      return [this.failure(place, refused(outcome.faults, outcome.conflict, doubts))];
    if (outcome.kind === 'preconditionFailed')
      return [
        this.failure(place, new ProblemError(412, 'It was changed at the same time by somebody else.')),
      ];
    this.counts[outcome.kind] += 1;
    const warnings = below(place.at, [...doubts, ...(outcome.warnings ?? [])]);
    if (warnings.length === 0) return [];
    this.counts.warnings += warnings.length;
    return [{ type: 'warning', line: place.line, name: place.name, warnings }];
  }

  /** What was made on the way. */
  madeSets({ line, name, at }: RecordPlace, made: readonly string[]): ImportEvent[] {
    if (made.length === 0) return [];
    this.counts.warnings += made.length;
    const warnings = made.map((noun) => ({ pointer: at, detail: `the ${noun} did not exist and was made` }));
    return [{ type: 'warning', line, name, warnings }];
  }

  failure({ line, name, at }: RecordPlace, problem: ProblemError): ImportFailure {
    this.counts.failed += 1;
    return {
      type: 'failure',
      line,
      name,
      status: problem.status,
      detail: problem.detail,
      errors: below(at, problem.faults),
      ...(problem.warnings.length === 0 ? {} : { warnings: below(at, problem.warnings) }),
    };
  }
}
