/**
 * State modules: one kind of state of a subscription each, owned by one application. The store keeps them and
 * knows none of them by name: a module says which columns it has and how they are read and written.
 *
 * Every subscription has one *head row* (table subscription_state): its key, its version, the revision of its
 * document, its watchers, and the columns of the one module that nearly every request needs. Every other module
 * has rows of its own. A change of the document raises the version of the head row, so a commit that names this
 * version vouches for the whole subscription.
 */

/** Types of columns as the store writes them, each the name of an array parameter. */
export type ColumnType = 'bigints' | 'smallints' | 'booleans' | 'texts' | 'jsons' | 'uuids';

/** A column of a module with its value; both lists of a module have the same order. */
export interface ModuleColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** For look-ups by others: written, and not part of what `parse` gets. */
  readonly isWrittenOnly?: boolean;
}

export type ColumnValue = number | boolean | string | null;

interface ModuleBase<Value> {
  /** Unique among all applications; names the value in a snapshot, and parameters of statements. */
  readonly name: string;
  /** What a subscription has of which nothing is stored. */
  readonly initial: Value;
}

/** The module whose columns stand in the head row. It is loaded with every request. */
export interface HeadModule<Value = unknown> extends ModuleBase<Value> {
  readonly place: 'head';
  readonly columns: readonly ModuleColumn[];
  /** `texts`: the columns in their order as PostgreSQL writes them, null for NULL. */
  parse(version: number, texts: readonly (string | null)[]): Value;
  /** The columns of a new value. */
  format(value: Value): readonly ColumnValue[];
  /** The value as it is once its commit has given it this version. */
  withVersion(value: Value, version: number): Value;
}

/** A module that a decision can ask for: it is read where it is named, and only there. */
export interface LoadedModule<Value = unknown> extends ModuleBase<Value> {
  readonly place: 'rows' | 'readOnly';
  /**
   * An SQL expression for all that a subscription has of it, as JSON; `subscriptionKey` is an SQL expression.
   */
  select(subscriptionKey: string): string;
  /** What `select` gave; null where it gave nothing. */
  parse(json: string | null): Value;
  /**
   * Loaded along with the document of a subscription that this instance does not hold: what is asked for next
   * then needs no round trip of its own.
   */
  readonly isLoadedWithDocument?: boolean;
}

/** A module with rows of its own, in `table`, each with a key and a version. */
export interface RowModule<Value = unknown, Row = unknown> extends LoadedModule<Value> {
  readonly place: 'rows';
  readonly table: string;
  readonly key: ModuleColumn;
  readonly columns: readonly ModuleColumn[];
  /** The columns of one row. */
  format(row: Row): readonly ColumnValue[];
  /** The value once one row has the content of a change that was committed. */
  apply(value: Value, change: RowChange<Row>): Value;
  /** The row of a subscription is made by its first change, whose expected version is 0. */
  readonly isMadeOnDemand?: boolean;
  /**
   * The rows belong to one subscription each: a change of the document raises their versions, so that nobody
   * decides on both of them at once.
   */
  readonly isKeyedBySubscription?: boolean;
  /**
   * A change of a row changes the head row with it, so that whoever holds the head row's version holds the row.
   * Needed where a decision or a reaction reads rows that it does not change.
   */
  readonly isVouchedByHead?: boolean;
}

export type StateModule = HeadModule | LoadedModule;

/** The new value of the head row's module. */
export interface HeadChange<Value = unknown> {
  readonly module: HeadModule;
  readonly value: Value;
}

/** The new content of one row, on the version that the decision was made on. */
export interface RowChange<Row = unknown> {
  readonly module: RowModule<unknown, Row>;
  readonly key: number | string;
  /** 0 where the row is to be made. */
  readonly expectedVersion: number;
  readonly row: Row;
}

export type ModuleChange = HeadChange | RowChange;

export const isHeadChange = (change: ModuleChange): change is HeadChange => change.module.place === 'head';

/** The modules that a store keeps. */
export interface StoredModules {
  readonly head: HeadModule;
  /** Read where a decision names them. */
  readonly loaded: readonly LoadedModule[];
}

export const isRowModule = (module: LoadedModule): module is RowModule => module.place === 'rows';
