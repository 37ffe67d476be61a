/** Types of clause-requirements.js for its test. */
export interface RequirementDocument {
  readonly file: string;
  readonly standard: string;
  readonly code?: Readonly<Record<string, string>>;
  readonly tests?: Readonly<Record<string, string>>;
  readonly clauses: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

export interface Requirement {
  readonly id: string;
  readonly standard: string;
  readonly clause: string;
  readonly number: number;
  readonly file: string;
  readonly binds: string;
  readonly says: string;
  readonly isOpen: boolean;
  readonly reason: string | undefined;
  readonly code: readonly string[];
  readonly tests: readonly { readonly file: string; readonly titles: readonly string[] }[];
  readonly faults: readonly string[];
}

/** Standard -> clause -> number of "shall"s. */
export type ShallCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function read(root: string): RequirementDocument[];
export function readCounts(root: string): ShallCounts;
export function requirements(documents: readonly RequirementDocument[]): Requirement[];
export function literals(source: string): string[];
export function countFaults(
  all: readonly Pick<Requirement, 'standard' | 'clause' | 'number'>[],
  counts: ShallCounts,
): string[];
export function checkRequirements(
  root: string,
  documents?: readonly RequirementDocument[],
  counts?: ShallCounts,
): { all: Requirement[]; counts: ShallCounts; faults: string[] };
