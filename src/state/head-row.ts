/**
 * The head row away from the hot path: the columns that a statement selects of it, and the value that they make.
 */
import type { HeadModule } from './module';

/** The version, then the columns of the module; as `textTypes` of the store gives them. */
export type HeadColumns = [version: number, ...columns: (string | number | boolean | null)[]];

/** E.g. "r.version, r.scscf_name, ..." of the row that the statement calls `alias`. */
export const selectHead = ({ columns }: HeadModule, alias = 'r'): string =>
  ['version', ...columns.filter(({ isWrittenOnly }) => isWrittenOnly !== true).map(({ name }) => name)]
    .map((name) => `${alias}.${name}`)
    .join(', ');

/** As PostgreSQL writes it. */
function textOf(value: string | number | boolean | null): string | null {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return value === null ? null : String(value);
}

export const headFrom = <Value>(
  module: HeadModule<Value>,
  [version, ...columns]: Readonly<HeadColumns>,
): Value => module.parse(version, columns.map(textOf));
