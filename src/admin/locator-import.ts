/**
 * Lines {"locator": {...}} of the import: collected and stored in batches, in their order among themselves
 * [29.228-6.4].
 */
import type { ProvisioningOutcome } from '../state/ports';
import { canonicalEntry, locatorEntry, type LocatorEntry } from '../apps/dx/locator/entry';
import type { LocatorProvisioning } from '../apps/dx/locator/ports';
import { limits } from '../shared/limits';
import { faultyDocument, ProblemError, type Fault } from './problem';
import { unknownProperty, validate } from './validation';

/** Beyond some hundred a round trip costs no less per entry. */
const batchEntriesCount = 1_000;

export interface LocatorLine {
  readonly line: number;
  readonly entry: LocatorEntry;
}

export interface LocatorOutcome {
  readonly line: number;
  readonly name: string;
  readonly outcome: ProvisioningOutcome;
}

export function isLocatorRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Object.hasOwn(value, 'id') &&
    Object.hasOwn(value, 'locator')
  );
}

export function locatorNameOf(record: Readonly<Record<string, unknown>>): string | null {
  const { locator } = record;
  const name: unknown =
    typeof locator === 'object' && locator !== null ? Reflect.get(locator, 'value') : undefined;
  return typeof name === 'string' ? name.slice(0, limits.publicIdentityOctets) : null;
}

export class LocatorBatch {
  #lines: LocatorLine[] = [];

  constructor(private readonly store: LocatorProvisioning | undefined) {}

  get isFull(): boolean {
    return this.#lines.length >= batchEntriesCount;
  }

  /** @throws ProblemError with every fault of the record */
  add(line: number, record: Readonly<Record<string, unknown>>): void {
    if (this.store === undefined) throw new ProblemError(422, 'There is no subscription locator here.');
    const { locator, ...others } = record;
    const faults: Fault[] = Object.keys(others).map((name) => unknownProperty([], name, ['locator']));
    const result = validate(locatorEntry, locator);
    if (!result.ok)
      faults.push(...result.faults.map((fault) => ({ ...fault, pointer: `/locator${fault.pointer ?? ''}` })));
    if (!result.ok || faults.length > 0) throw faultyDocument(faults);
    this.#lines.push({ line, entry: canonicalEntry(result.value) });
  }

  /** Stores what was collected. @throws StoreUnavailableError */
  async flush(): Promise<LocatorOutcome[]> {
    const lines = this.#lines.splice(0);
    if (lines.length === 0 || this.store === undefined) return [];
    const outcomes = await this.store.import(lines.map(({ entry }) => entry));
    return lines.map(({ line, entry }, i) => {
      const outcome = outcomes[i];
      if (outcome === undefined) throw new Error('the store gave fewer outcomes than entries');
      return { line, name: entry.value, outcome };
    });
  }
}
