/**
 * SQL of an application on its own tables and columns, through the store's connections. Implemented by
 * src/store; all of it throws StoreUnavailableError, or the database's own error.
 */

/** Runs one statement: its rows as arrays, numbers and booleans parsed, the rest as text. */
export interface Sql {
  <Row extends unknown[]>(text: string, values: unknown[], name?: string): Promise<Row[]>;
  /** What is done here writes to the outbox, or begins a campaign: its worker is woken at the end. */
  wroteOutbox(): void;
}

export interface Database {
  /** Runs statements on one connection, each a transaction of its own. */
  use<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Runs statements in one transaction, again where it failed without effect. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** Thrown inside a transaction: nothing is kept, and this is its result. */
export class Rollback extends Error {
  constructor(readonly result: unknown) {
    super('rolled back');
  }
}

/** Runs a statement; its rows as arrays, numbers parsed. */
export type RunStatement = (statement: {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}) => Promise<unknown[][]>;

/** Look-ups of an application that share round trips, on connections of their own where there are any. */
export interface BatchedLookup<Item, Found> {
  /** One round trip for all the items; one result each, in order. */
  run(execute: RunStatement, items: readonly Item[]): Promise<Found[]>;
  /** What is held may be of a database that is no more. */
  distrust(): void;
}
