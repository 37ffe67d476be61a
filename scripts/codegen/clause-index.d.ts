/** Types of clause-index.js for its test. */
export interface ClausePlaces {
  readonly code: ReadonlySet<string>;
  readonly tests: ReadonlySet<string>;
}

/** Standard -> clause -> files. */
export type ClauseIndex = ReadonlyMap<string, ReadonlyMap<string, ClausePlaces>>;

export function clausesOf(inside: string, step: string | undefined, detail: string | undefined): string[];
export function collect(): ClauseIndex;
export function page(index: ClauseIndex, requirements?: readonly string[]): string;
export function untested(index: ClauseIndex): string[];
