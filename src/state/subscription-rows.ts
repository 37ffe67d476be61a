/**
 * The usual row module: a table of its own with one row for each subscription that has this kind of state. The
 * row is made by the first change.
 *
 * The table of such a module begins with `subscription_key bigint primary key, version bigint not null`; a
 * trigger or a reference takes its rows with the subscription.
 */
import type { ColumnValue, ModuleColumn, RowChange, RowModule } from './module';

/** What a subscription has; `row` is null and `version` 0 where it has none. */
export interface SubscriptionRow<Row> {
  readonly version: number;
  readonly row: Row | null;
}

export interface SubscriptionRowsOptions<Row> {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly ModuleColumn[];
  /** The columns in their order, as JSON has them. */
  parse(columns: readonly unknown[]): Row;
  format(row: Row): readonly ColumnValue[];
  /** See RowModule. */
  readonly isVouchedByHead?: boolean;
}

export function subscriptionRows<Row>(
  options: SubscriptionRowsOptions<Row>,
): RowModule<SubscriptionRow<Row>, Row> {
  const { name, table, columns, isVouchedByHead = false } = options;
  const selected = ['version', ...columns.map((column) => column.name)]
    .map((column) => `x.${column}`)
    .join(', ');
  return {
    name,
    place: 'rows',
    table,
    columns,
    key: { name: 'subscription_key', type: 'bigints' },
    isMadeOnDemand: true,
    isKeyedBySubscription: true,
    isVouchedByHead,
    initial: { version: 0, row: null },
    select: (subscriptionKey) =>
      `(select json_build_array(${selected}) from ${table} x where x.subscription_key = ${subscriptionKey})`,
    parse: (json) => {
      if (json === null) return { version: 0, row: null };
      const [version, ...values] = JSON.parse(json) as [number, ...unknown[]];
      return { version, row: options.parse(values) };
    },
    format: (row) => options.format(row),
    apply: (_before, { expectedVersion, row }) => ({ version: expectedVersion + 1, row }),
  };
}

/** The change that gives a subscription this row, on the version that was loaded. */
export const rowChange = <Row>(
  module: RowModule<SubscriptionRow<Row>, Row>,
  subscriptionKey: number,
  before: SubscriptionRow<Row>,
  row: Row,
): RowChange<Row> => ({ module, key: subscriptionKey, expectedVersion: before.version, row });
