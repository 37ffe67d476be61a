/** The states that reactions need, of subscriptions whose head rows the transaction has locked. */
import type { Sql } from '../state/database';
import { headFrom, type HeadColumns } from '../state/head-row';
import type { ModuleStates } from '../state/document-reactions';
import { isRowModule, type HeadModule, type LoadedModule, type RowChange } from '../state/module';
import { sqlTypes } from './commit-statement';

/** A locked subscription with the columns of its head row (selectHead). */
export interface LockedHead {
  readonly key: number;
  readonly columns: Readonly<HeadColumns>;
}

/** By key. Rows of subscriptions are locked too: they are as the reaction sees them until the transaction ends. */
export async function statesOf(
  sql: Sql,
  heads: readonly LockedHead[],
  head: HeadModule,
  needs: readonly LoadedModule[],
): Promise<Map<number, ModuleStates>> {
  const loaded = await loadedStates(
    sql,
    heads.map(({ key }) => key),
    needs,
  );
  return new Map(
    heads.map(({ key, columns }) => [key, { [head.name]: headFrom(head, columns), ...loaded.get(key) }]),
  );
}

/** By key; nothing of the head rows. */
export async function loadedStates(
  sql: Sql,
  keys: readonly number[],
  needs: readonly LoadedModule[],
): Promise<Map<number, ModuleStates>> {
  if (keys.length === 0 || needs.length === 0) return new Map();
  for (const { table } of needs.filter(isRowModule).filter((module) => module.isKeyedBySubscription === true))
    await sql(
      `select 1 from ${table} where subscription_key = any($1::bigint[]) order by subscription_key for update`,
      [keys],
    );
  const rows = await sql<[number, ...(string | null)[]]>(
    `select i.key, ${needs.map((module) => module.select('i.key')).join(', ')} from unnest($1::bigint[]) as i (key)`,
    [keys],
  );
  return new Map(
    rows.map(([key, ...values]) => [
      key,
      Object.fromEntries(needs.map((module, i) => [module.name, module.parse(values[i] ?? null)])),
    ]),
  );
}

/**
 * New content of rows that the transaction has locked and read. Their versions stay: who changes the document
 * raises those.
 * @throws Error where a row is not there
 */
export async function writeModuleRows(sql: Sql, changes: readonly RowChange[]): Promise<void> {
  for (const module of new Set(changes.map((change) => change.module))) {
    const { table, key, columns } = module;
    const rows = changes.filter((change) => change.module === module);
    const values = rows.map(({ row }) => module.format(row));
    const types = [key, ...columns].map(({ type }, i) => `$${i + 1}::${sqlTypes[type]}[]`);
    const written = await sql(
      `update ${table} r set ${columns.map(({ name }) => `${name} = i.${name}`).join(', ')}
      from unnest(${types.join(', ')}) as i (key, ${columns.map(({ name }) => name).join(', ')})
      where r.${key.name} = i.key returning 1`,
      [rows.map((change) => change.key), ...columns.map((_, c) => values.map((row) => row[c]))],
      `hss_write_${table}`,
    );
    if (written.length !== rows.length)
      throw new Error(`a reaction changes a row of ${table} that is not there`);
  }
}

/**
 * After a change of these documents: nobody decides on the old document and commits rows beside the new one.
 */
export async function raiseRowVersions(
  sql: Sql,
  keys: readonly number[],
  modules: readonly LoadedModule[],
): Promise<void> {
  for (const { table, isKeyedBySubscription } of modules.filter(isRowModule))
    if (isKeyedBySubscription === true)
      await sql(
        `update ${table} set version = version + 1 where subscription_key = any($1::bigint[])`,
        [keys],
        `hss_raise_${table}`,
      );
}
