/** The equipment table over PostgreSQL: implements EquipmentProvisioning (src/apps/s13/equipment/ports.ts). */
import { isDeepStrictEqual } from 'node:util';
import type { Page } from '../../../shared/page';
import { Rollback, type Database, type Sql } from '../../../state/database';
import { etagOf, isAllowed } from '../../../subscriber/etag';
import type {
  DeleteOutcome,
  Precondition,
  ProvisioningOutcome,
  StoredDocument,
} from '../../../subscriber/provisioning';
import { spanOf, type EquipmentEntry, type EquipmentStatusName } from '../equipment/entry';
import type { EquipmentKey } from '../equipment/imei';
import type { EquipmentProvisioning } from '../equipment/ports';
import { entryOf, equipmentCheck } from './check';
import { cursorOf, textIn } from './cursor';

type StoredRow = [value: string, status: EquipmentStatusName, note: string | null, revision: number];
const columns = 'value, status, note, revision';

const upsert = `
  insert into shared_equipment (value, status, note, imeis, revision)
  select x.value, x.status, x.note, case when x.first is not null then int8range(x.first, x.last, '[]') end, nextval('revision_sequence')
  from json_to_recordset($1::json) as x (value text, status text, note text, first bigint, last bigint)
  on conflict (value) do update set status = excluded.status, note = excluded.note, revision = excluded.revision
  returning value, revision`;

export const createEquipmentStore = (database: Database): EquipmentProvisioning =>
  new EquipmentStore(database);

class EquipmentStore implements EquipmentProvisioning {
  constructor(private readonly database: Database) {}

  async find(key: EquipmentKey): Promise<EquipmentEntry | null> {
    const [entry] = await this.database.use((sql) =>
      equipmentCheck.find(({ name, text, values }) => sql<unknown[]>(text, values, name), [key]),
    );
    return entry ?? null;
  }

  async get(value: string): Promise<StoredDocument<EquipmentEntry> | null> {
    const [row] = await this.database.use((sql) =>
      sql<StoredRow>(`select ${columns} from shared_equipment where value = $1`, [value]),
    );
    return row === undefined ? null : { document: entryOf(row[0], row[1], row[2]), etag: etagOf(row[3]) };
  }

  async list(
    status: EquipmentStatusName | undefined,
    cursor: string | null,
    limit: number,
  ): Promise<Page<EquipmentEntry>> {
    const rows = await this.database.use((sql) =>
      sql<StoredRow>(
        `select ${columns} from shared_equipment
         where value > $1 and ($2::text is null or status = $2) order by value limit $3`,
        [textIn(cursor), status ?? null, limit + 1],
      ),
    );
    const page = rows.slice(0, limit);
    return {
      items: page.map(([value, its, note]) => entryOf(value, its, note)),
      nextCursor: rows.length > limit ? cursorOf(page.at(-1)?.[0] ?? '') : null,
    };
  }

  async put(entry: EquipmentEntry, precondition: Precondition): Promise<ProvisioningOutcome> {
    const [outcome] = await this.#write([entry], precondition);
    if (outcome === undefined) throw new Error('a write without an outcome');
    return outcome;
  }

  import(entries: readonly EquipmentEntry[]): Promise<readonly ProvisioningOutcome[]> {
    return entries.length === 0 ? Promise.resolve([]) : this.#write(entries, {});
  }

  delete(value: string, precondition: Precondition): Promise<DeleteOutcome> {
    return this.database.transaction(async (sql): Promise<DeleteOutcome> => {
      const [row] = await sql<[number]>('select revision from shared_equipment where value = $1 for update', [
        value,
      ]);
      if (row === undefined && precondition.ifMatch === undefined) return { kind: 'notFound' };
      if (row === undefined || !isAllowed(precondition, row[0]))
        return { kind: 'preconditionFailed', currentEtag: row === undefined ? null : etagOf(row[0]) };
      await sql('delete from shared_equipment where value = $1', [value]);
      return { kind: 'deleted' };
    });
  }

  #write(entries: readonly EquipmentEntry[], precondition: Precondition): Promise<ProvisioningOutcome[]> {
    const last = new Map(entries.map((entry) => [entry.value, entry]));
    const values = [...last.keys()].sort();
    return this.database.transaction(async (sql): Promise<ProvisioningOutcome[]> => {
      const before = await locked(sql, values);
      for (const value of values) {
        const present = before.get(value);
        if (!isAllowed(precondition, present?.revision ?? null))
          throw new Rollback([
            {
              kind: 'preconditionFailed',
              currentEtag: present === undefined ? null : etagOf(present.revision),
            },
          ]);
      }
      const changed = values.filter((value) => !isDeepStrictEqual(before.get(value)?.entry, last.get(value)));
      const written = await store(
        sql,
        changed.flatMap((value) => last.get(value) ?? []),
      );
      return entries.map(({ value }): ProvisioningOutcome => {
        const present = before.get(value);
        const etag = written.get(value);
        if (etag !== undefined) return { kind: present === undefined ? 'created' : 'replaced', etag };
        return { kind: 'unchanged', etag: etagOf(present?.revision ?? 0) };
      });
    });
  }
}

interface Present {
  readonly entry: EquipmentEntry;
  readonly revision: number;
}

async function locked(sql: Sql, values: readonly string[]): Promise<ReadonlyMap<string, Present>> {
  const rows = await sql<StoredRow>(
    `select ${columns} from shared_equipment where value = any($1::text[]) order by value for update`,
    [values],
    'hss_equipment_lock',
  );
  return new Map(
    rows.map(([value, status, note, revision]) => [value, { entry: entryOf(value, status, note), revision }]),
  );
}

/** The new tag of each value. */
async function store(sql: Sql, entries: readonly EquipmentEntry[]): Promise<ReadonlyMap<string, string>> {
  if (entries.length === 0) return new Map();
  const rows = entries.map((entry) => ({ ...entry, ...spanOf(entry.value) }));
  const written = await sql<[string, number]>(upsert, [JSON.stringify(rows)], 'hss_equipment_upsert');
  return new Map(written.map(([value, revision]) => [value, etagOf(revision)]));
}
