/**
 * What an application keeps under a key of its own and of no subscription, such as an IMEI. A decision names the
 * key with what it loads, and gets what the database has at that time: nothing of it is held in memory.
 */
import type { RunStatement } from './database';
import type { LoadOutcome } from './ports';

/** `Key`: what a request names; `Value`: what is stored under it. */
export interface KeyedModule<Key = unknown, Value = unknown> {
  /** Unique among all applications; names the value in what was loaded. */
  readonly name: string;
  /** Finds the keys of many requests in one round trip: one value for each, in order. */
  find(execute: RunStatement, keys: readonly Key[]): Promise<readonly Value[]>;
}

/** One key that a decision needs; a decision has one of each module. */
export interface KeyedLookup {
  readonly module: KeyedModule;
  readonly key: unknown;
}

export const keyedLookup = <Key>(module: KeyedModule<Key>, key: Key): KeyedLookup => ({ module, key });

/** What was found. @throws Error where the decision did not ask for it */
export function foundBy<Value>(
  { name }: KeyedModule<never, Value>,
  { keyed }: Pick<LoadOutcome, 'keyed'>,
): Value {
  if (keyed === undefined || !Object.hasOwn(keyed, name)) throw new Error(`${name} is not loaded`);
  return keyed[name] as Value;
}
