/**
 * Committing in batches: one statement, and so one transaction and one flush of the log, changes the rows of
 * every unit of work whose rows still have the versions that the decision was made on, and writes the requests
 * of ours that go with those changes. The others are told that there was a conflict.
 */
import type { HeadModule, ModuleColumn, RowModule, StoredModules } from '../state/module';
import type { CommitOutcome, UnitOfWork } from '../state/ports';
import { commitName, commitText, type CommitShape } from './commit-statement';
import type { Connection } from './connection';
import { outboxValues, type KeyedEntry } from './outbox-rows';
import type { Parameter } from './wire/parameters';

/** A deadlock or serialisation failure left nothing behind; the same batch is tried again. */
const transientCodes = new Set(['40001', '40P01']);
const maxTries = 4;

function isTransient(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && transientCodes.has(String(error.code))
  );
}

/** Prepared once for each shape: a few, as many as combinations occur. */
const texts = new Map<string, string>();

function statementFor(shape: CommitShape): { readonly name: string; readonly text: string } {
  const name = commitName(shape);
  let text = texts.get(name);
  if (text === undefined) {
    text = commitText(shape);
    texts.set(name, text);
  }
  return { name, text };
}

/** What these units change. @throws Error for a unit that changes nothing, or makes a row beside no head row */
export function shapeOf(units: readonly UnitOfWork[], { head, rows }: StoredModules): CommitShape {
  for (const unit of units) {
    if (unit.head !== undefined) continue;
    if (unit.rows.length === 0) throw new Error('a unit of work changes nothing');
    // Nobody else's change of the subscription would be noticed: there is no row yet that both change.
    if (unit.rows.some(({ expectedVersion }) => expectedVersion === 0))
      throw new Error('a unit of work that makes a row has to change the head row, too');
  }
  return {
    head,
    changesHeads: units.some((unit) => unit.head !== undefined),
    changesWatchers: units.some(({ watchers }) => watchers !== undefined),
    rowModules: rows.filter((module) => units.some((unit) => unit.rows.some((row) => row.module === module))),
    changesSeveralRows: units.some((unit) => unit.rows.length > 1),
    writesOutbox: units.some(({ outbox }) => outbox.length > 0),
  };
}

const parameter = (type: ModuleColumn['type'], values: readonly unknown[]): Parameter =>
  ({ kind: type, values }) as Parameter;

/** Columns of values that were formatted row by row. */
function columnParameters(
  columns: readonly ModuleColumn[],
  rows: readonly (readonly unknown[])[],
): Parameter[] {
  return columns.map(({ type }, c) =>
    parameter(
      type,
      rows.map((row) => row[c]),
    ),
  );
}

/** What a unit that leaves its head row gives for its columns: no row is changed by it. */
const unchangedHead = (head: HeadModule): readonly unknown[] => head.format(head.initial);

/** In the order of commitText. */
function commitParameters(units: readonly UnitOfWork[], shape: CommitShape): Parameter[] {
  const parameters: Parameter[] = [
    { kind: 'bigints', values: units.map(({ key }) => key) },
    { kind: 'bigints', values: units.map(({ version }) => version) },
    { kind: 'bigints', values: units.map(({ sharedVersion }) => sharedVersion ?? null) },
  ];
  if (shape.rowModules.length > 0)
    parameters.push(
      { kind: 'smallints', values: units.map(({ rows }) => rows.length) },
      { kind: 'booleans', values: units.map(({ head }) => head !== undefined) },
    );
  if (shape.changesHeads)
    parameters.push(
      ...columnParameters(
        shape.head.columns,
        units.map(({ head }) =>
          head === undefined ? unchangedHead(shape.head) : shape.head.format(head.value),
        ),
      ),
    );
  if (shape.changesWatchers)
    parameters.push({ kind: 'integers', values: units.map(({ watchers }) => watchers ?? null) });
  for (const module of shape.rowModules) parameters.push(...rowParameters(module, units));
  if (shape.writesOutbox)
    parameters.push(
      ...outboxParameters(units.flatMap(({ key, outbox }) => outbox.map((entry) => ({ key, entry })))),
    );
  return parameters;
}

function rowParameters(module: RowModule, units: readonly UnitOfWork[]): Parameter[] {
  const rows = units.flatMap((unit, i) =>
    unit.rows.filter((row) => row.module === module).map((row) => ({ n: i + 1, row })),
  );
  return [
    { kind: 'bigints', values: rows.map(({ n }) => n) },
    parameter(
      module.key.type,
      rows.map(({ row }) => row.key),
    ),
    { kind: 'bigints', values: rows.map(({ row }) => row.expectedVersion) },
    ...columnParameters(
      module.columns,
      rows.map(({ row }) => module.format(row.row)),
    ),
  ];
}

function outboxParameters(entries: readonly KeyedEntry[]): Parameter[] {
  const [keys, kinds, hosts, realms, payloads] = outboxValues(entries) as [
    number[],
    string[],
    string[],
    string[],
    string[],
  ];
  return [
    { kind: 'bigints', values: keys },
    { kind: 'texts', values: kinds },
    { kind: 'texts', values: hosts },
    { kind: 'texts', values: realms },
    { kind: 'jsonbs', values: payloads },
  ];
}

/** The same statement for a transaction of `pg`, with its values. */
export function commitStatement(
  units: readonly UnitOfWork[],
  modules: StoredModules,
): { readonly name: string; readonly text: string; readonly values: unknown[] } {
  const shape = shapeOf(units, modules);
  const values = commitParameters(units, shape).map((one) => ('values' in one ? one.values : one.value));
  return { ...statementFor(shape), values };
}

/**
 * One round trip for all the units, of different subscriptions. @throws StoreUnavailableError, DatabaseError
 */
export async function commitBatch(
  connection: Connection,
  units: readonly UnitOfWork[],
  modules: StoredModules,
): Promise<CommitOutcome[]> {
  // In the order of keys, so that instances that change the same subscriptions do not wait for each other
  // crosswise.
  const order = units.map((_, i) => i).sort((a, b) => (units[a]?.key ?? 0) - (units[b]?.key ?? 0));
  const sorted = order.flatMap((i) => units[i] ?? []);
  const shape = shapeOf(sorted, modules);
  const statement = { ...statementFor(shape), parameters: commitParameters(sorted, shape) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows = await connection.run(statement);
      const outcomes = new Array<CommitOutcome>(units.length).fill('conflict');
      for (const [n] of rows) outcomes[order[Number(n) - 1] ?? -1] = 'committed';
      return outcomes;
    } catch (error) {
      if (!isTransient(error) || attempt >= maxTries) throw error;
    }
  }
}
