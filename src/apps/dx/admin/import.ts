/**
 * Lines {"locator": {...}} of imports and exports. An import collects entries and stores them in batches, in
 * their order among themselves [29.228-6.4].
 */
import type { RecordBatch, RecordKind, RecordOutcome } from '../../../admin/contract';
import { ProblemError, type Fault } from '../../../admin/problem';
import { checkedDocument } from '../../../admin/validation';
import { subscriberLimits } from '../../../subscriber/limits';
import type { Page } from '../../../shared/page';
import type { StoredDocument } from '../../../subscriber/provisioning';
import { canonicalEntry, locatorEntry, type LocatorEntry } from '../locator/entry';
import type { LocatorProvisioning } from '../locator/ports';

/** Beyond some hundred a round trip costs no less per entry. */
const batchEntriesCount = 1_000;
const pageEntriesCount = 500;

interface LocatorLine {
  readonly line: number;
  readonly entry: LocatorEntry;
}

class LocatorBatch implements RecordBatch {
  #lines: LocatorLine[] = [];

  constructor(private readonly store: LocatorProvisioning | undefined) {}

  get isFull(): boolean {
    return this.#lines.length >= batchEntriesCount;
  }

  nameOf(document: unknown): string | null {
    const name: unknown =
      typeof document === 'object' && document !== null ? Reflect.get(document, 'value') : undefined;
    return typeof name === 'string' ? name.slice(0, subscriberLimits.impuOctets) : null;
  }

  add(line: number, document: unknown, faults: readonly Fault[]): void {
    if (this.store === undefined) throw new ProblemError(422, 'There is no subscription locator here.');
    const entry = checkedDocument(locatorEntry, document, '/locator', faults);
    this.#lines.push({ line, entry: canonicalEntry(entry) });
  }

  async flush(): Promise<readonly RecordOutcome[]> {
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

async function* pages(
  store: LocatorProvisioning | undefined,
): AsyncGenerator<readonly LocatorEntry[], void, undefined> {
  if (store === undefined) return;
  let cursor: string | null = null;
  do {
    const page: Page<StoredDocument<LocatorEntry>> = await store.list({}, cursor, pageEntriesCount);
    yield page.items.map((item) => item.document);
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** `store`: none where this process has no locator; its lines are refused then. */
export const locatorRecords = (store: LocatorProvisioning | undefined): RecordKind => ({
  name: 'locator',
  schema: locatorEntry,
  about: 'the table of the subscription locator',
  pages: () => pages(store),
  batch: () => new LocatorBatch(store),
});
