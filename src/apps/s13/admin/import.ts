/** Lines {"equipment": {...}} of imports and exports, stored in batches. */
import type { RecordBatch, RecordKind, RecordOutcome } from '../../../admin/contract';
import type { Fault } from '../../../admin/problem';
import { checkedDocument } from '../../../admin/validation';
import { limits } from '../../../shared/limits';
import type { Page } from '../../../shared/page';
import { canonicalEntry, equipmentEntry, type EquipmentEntry } from '../equipment/entry';
import type { EquipmentProvisioning } from '../equipment/ports';

/** Beyond some hundred a round trip costs no less per entry. */
const batchEntriesCount = 1_000;
const pageEntriesCount = 500;

interface EquipmentLine {
  readonly line: number;
  readonly entry: EquipmentEntry;
}

class EquipmentBatch implements RecordBatch {
  #lines: EquipmentLine[] = [];

  constructor(private readonly store: EquipmentProvisioning) {}

  get isFull(): boolean {
    return this.#lines.length >= batchEntriesCount;
  }

  nameOf(document: unknown): string | null {
    const name: unknown =
      typeof document === 'object' && document !== null ? Reflect.get(document, 'value') : undefined;
    return typeof name === 'string' ? name.slice(0, limits.nameCharacters) : null;
  }

  add(line: number, document: unknown, faults: readonly Fault[]): void {
    const entry = checkedDocument(equipmentEntry, document, '/equipment', faults);
    this.#lines.push({ line, entry: canonicalEntry(entry) });
  }

  async flush(): Promise<readonly RecordOutcome[]> {
    const lines = this.#lines.splice(0);
    if (lines.length === 0) return [];
    const outcomes = await this.store.import(lines.map(({ entry }) => entry));
    return lines.map(({ line, entry }, i) => {
      const outcome = outcomes[i];
      if (outcome === undefined) throw new Error('the store gave fewer outcomes than entries');
      return { line, name: entry.value, outcome };
    });
  }
}

async function* pages(
  store: EquipmentProvisioning,
): AsyncGenerator<readonly EquipmentEntry[], void, undefined> {
  let cursor: string | null = null;
  do {
    const page: Page<EquipmentEntry> = await store.list(undefined, cursor, pageEntriesCount);
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

export const equipmentRecords = (store: EquipmentProvisioning): RecordKind => ({
  name: 'equipment',
  schema: equipmentEntry,
  about: 'the equipment table of the EIR',
  pages: () => pages(store),
  batch: () => new EquipmentBatch(store),
});
