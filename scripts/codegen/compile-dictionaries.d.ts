/** What the tests use of the compiler. */
export interface DictionaryRule {
  readonly avp: string;
  readonly min: number;
  /** -1: any number. */
  readonly max: number;
  readonly absenceTolerated: boolean;
}

export interface DictionarySource {
  readonly groups: readonly { readonly name: string; readonly rules: readonly DictionaryRule[] }[];
}

/** File below the root -> content. */
export function compileAll(): Map<string, string>;
/** One sentence for each difference between the files and `output`. */
export function findDrift(output: ReadonlyMap<string, string>): string[];
export function parseDictionary(file: string, text: string): DictionarySource;
/** The AVPs that the formats of a dictionary may name. */
export interface CheckedAvps {
  readonly size: number;
}

/** Throws where the dictionary contradicts itself. */
export function checkDictionary(source: DictionarySource, used: readonly DictionarySource[]): CheckedAvps;
/** TypeScript: the types. */
export function emitTypes(
  source: DictionarySource,
  used: readonly DictionarySource[],
  avps: CheckedAvps,
): string;
/** TypeScript: the tables. */
export function emitTables(
  source: DictionarySource,
  used: readonly DictionarySource[],
  avps: CheckedAvps,
): string;
export function propertyName(name: string): string;
