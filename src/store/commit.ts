/**
 * Committing in batches: one statement, and so one transaction and one flush of the log, changes the rows of
 * every unit of work whose rows still have the versions that the decision was made on, and writes the requests
 * of ours that go with those changes. The others are told that there was a conflict.
 */
import { indSliceOf, type IndSlice } from '../authentication/ind-slices';
import {
  batchCount,
  numberCount,
  shareOut,
  type SequenceNumberDraw,
} from '../authentication/sequence-number';
import {
  isRowModule,
  type HeadModule,
  type ModuleColumn,
  type RowModule,
  type StoredModules,
} from '../state/module';
import type { UnitOfWork } from '../state/ports';
import { commitName, commitText, namesChangedHeads, type CommitShape } from './commit-statement';
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
export function shapeOf(units: readonly UnitOfWork[], { head, loaded }: StoredModules): CommitShape {
  for (const unit of units) {
    if (unit.head !== undefined) continue;
    if (unit.rows.length === 0 && unit.draw === undefined) throw new Error('a unit of work changes nothing');
    // Nobody else's change of the subscription would be noticed: there is no row yet that both change.
    if (unit.rows.some(({ expectedVersion }) => expectedVersion === 0))
      throw new Error('a unit of work that makes a row has to change the head row, too');
  }
  const draws = units.some(({ draw }) => draw !== undefined);
  return {
    head,
    changesHeads: units.some((unit) => unit.head !== undefined),
    changesWatchers: units.some(({ watchers }) => watchers !== undefined),
    rowModules: loaded
      .filter(isRowModule)
      .filter((module) => units.some(({ rows }) => rows.some((row) => row.module === module))),
    draws,
    leavesHeads: draws && units.some((unit) => unit.head === undefined),
    sharesCounters: draws && sharesCounters(units),
    changesSeveralRows: units.some((unit) => rowCount(unit) > 1),
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
  if (shape.rowModules.length > 0) parameters.push({ kind: 'smallints', values: units.map(rowCount) });
  if (namesChangedHeads(shape))
    parameters.push({ kind: 'booleans', values: units.map(({ head }) => head !== undefined) });
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
  // Nothing but head rows and counters: what a unit draws stands beside its other columns.
  if (shape.draws && shape.rowModules.length === 0) {
    parameters.push(...drawParameters(units.map(({ draw }) => draw)));
    if (shape.writesOutbox) parameters.push(...outboxParameters(outboxOf(units)));
    return parameters;
  }
  for (const module of shape.rowModules) parameters.push(...rowParameters(module, units));
  if (shape.draws) {
    const drawing = units.flatMap(({ draw }, i) => (draw === undefined ? [] : [{ n: i + 1, draw }]));
    parameters.push(
      { kind: 'bigints', values: drawing.map(({ n }) => n) },
      ...drawParameters(drawing.map(({ draw }) => draw)),
    );
  }
  if (shape.writesOutbox) parameters.push(...outboxParameters(outboxOf(units)));
  return parameters;
}

/** Rows of a unit beside its head row. */
const rowCount = ({ rows, draw }: UnitOfWork): number => rows.length + (draw === undefined ? 0 : 1);

function sharesCounters(units: readonly UnitOfWork[]): boolean {
  const counters = new Set<string>();
  let drawCount = 0;
  for (const { draw } of units) {
    if (draw === undefined) continue;
    drawCount += 1;
    counters.add(draw.counterKey);
  }
  return counters.size < drawCount;
}

/** Of a unit without a draw: none of its columns is looked at where the counter is null. */
const noSlice: IndSlice = { number: 0, first: 0, count: 1 };

/** The counter, its slice of IND, what is wanted. */
function drawParameters(draws: readonly (SequenceNumberDraw | undefined)[]): Parameter[] {
  const slices = draws.map((draw) =>
    draw === undefined ? noSlice : indSliceOf(draw.requester, draw.indBits),
  );
  return [
    { kind: 'uuids', values: draws.map((draw) => draw?.counterKey ?? null) },
    // PostgreSQL counts from 1.
    { kind: 'smallints', values: slices.map(({ number }) => number + 1) },
    { kind: 'integers', values: slices.map(({ first }) => first) },
    { kind: 'integers', values: slices.map(({ count }) => count) },
    { kind: 'integers', values: draws.map((draw) => draw?.indBits ?? 0) },
    { kind: 'smallints', values: draws.map((draw) => (draw === undefined ? 0 : numberCount(draw))) },
    { kind: 'smallints', values: draws.map((draw) => (draw === undefined ? 0 : batchCount(draw))) },
    { kind: 'bigints', values: draws.map((draw) => draw?.atLeast ?? null) },
  ];
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

const outboxOf = (units: readonly UnitOfWork[]): KeyedEntry[] =>
  units.flatMap(({ key, outbox }) => outbox.map((entry) => ({ key, entry })));

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

/** What became of a unit: the sequence numbers that it drew, where it is committed. */
export type BatchOutcome = readonly number[] | 'conflict';

/**
 * What units have to have in common to share a batch, by what they draw from: all draws of one counter are one
 * update of it.
 */
export function drawKind({ draw }: UnitOfWork): readonly [counter: string, kind: string] | null {
  return draw === undefined ? null : [draw.counterKey, `${draw.requester} ${draw.indBits}`];
}

/**
 * One round trip for all the units, of different subscriptions. @throws StoreUnavailableError, DatabaseError
 */
export async function commitBatch(
  connection: Connection,
  units: readonly UnitOfWork[],
  modules: StoredModules,
): Promise<BatchOutcome[]> {
  // In the order of keys, so that instances that change the same subscriptions do not wait for each other
  // crosswise.
  const order = units.map((_, i) => i).sort((a, b) => (units[a]?.key ?? 0) - (units[b]?.key ?? 0));
  const sorted = order.flatMap((i) => units[i] ?? []);
  const shape = shapeOf(sorted, modules);
  const statement = { ...statementFor(shape), parameters: commitParameters(sorted, shape) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rows = await connection.run(statement);
      const outcomes = new Array<BatchOutcome>(units.length).fill('conflict');
      const done = rows
        .map(([n, last]) => ({ i: Number(n) - 1, last }))
        .sort((a, b) => a.i - b.i)
        .map(({ i, last }) => ({ unit: sorted[i], at: order[i] ?? -1, last }));
      for (const { at } of done) outcomes[at] = noNumbers;
      if (shape.draws) shareOutDrawn(done, outcomes);
      return outcomes;
    } catch (error) {
      if (!isTransient(error)) throw error;
      // A unit alone that cannot be done whole is in conflict with what is there, such as a counter at its end.
      if (attempt >= maxTries && units.length === 1) return ['conflict'];
      if (attempt >= maxTries) throw error;
    }
  }
}

const noNumbers: readonly number[] = [];

interface DoneUnit {
  readonly unit: UnitOfWork | undefined;
  /** Its place among the outcomes. */
  readonly at: number;
  /** The last SQN that its counter has given; null where it drew nothing. */
  readonly last: string | null | undefined;
}

/** Each unit gets its part of what was drawn from its counter, in the order of the units. */
function shareOutDrawn(done: readonly DoneUnit[], outcomes: BatchOutcome[]): void {
  const byCounter = new Map<
    string,
    { readonly last: number; readonly of: { at: number; draw: SequenceNumberDraw }[] }
  >();
  for (const { unit, at, last } of done) {
    if (unit?.draw === undefined || last == null) continue;
    const { counterKey } = unit.draw;
    const drawn = byCounter.get(counterKey) ?? { last: Number(last), of: [] };
    byCounter.set(counterKey, drawn);
    drawn.of.push({ at, draw: unit.draw });
  }
  for (const { last, of } of byCounter.values())
    shareOut(
      of.map(({ draw }) => draw),
      last,
    ).forEach((values, i) => {
      outcomes[of[i]?.at ?? -1] = values;
    });
}
