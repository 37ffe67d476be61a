/** What an application brings to the HTTP API. The API loops over the list and names no application. */
import type { z } from 'zod';
import type { ProvisioningOutcome } from '../subscriber/provisioning';
import type { Fault } from './problem';
import type { Route } from './route';

export interface AdminPart {
  /** Tags of its routes, in the order in which the documentation shows them. */
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** Its component schemas, by the names that its routes use. */
  readonly schemas: Readonly<Record<string, z.ZodType>>;
  readonly routes: readonly Route[];
  /** Kinds of document that import and export take beside subscriptions and shared sets. */
  readonly records: readonly RecordKind[];
}

/** A kind of document that is one line {"<name>": {...}} of an import or export. */
export interface RecordKind {
  readonly name: string;
  readonly schema: z.ZodType;
  /** Ends the sentence "only ..." about `what` of an export. */
  readonly about: string;
  /** Every stored document, in pieces. */
  pages(): AsyncIterable<readonly unknown[]>;
  /** A fresh batch for one import. */
  batch(): RecordBatch;
}

/** The records of one kind in one import, stored together. */
export interface RecordBatch {
  readonly isFull: boolean;
  /** What the record is called, where that can be read. */
  nameOf(document: unknown): string | null;
  /**
   * Takes the document of a line. `faults` are those of the line beside the document.
   * @throws ProblemError with these and every fault of the document
   */
  add(line: number, document: unknown, faults: readonly Fault[]): void;
  /** Stores what was collected, in its order. @throws StoreUnavailableError */
  flush(): Promise<readonly RecordOutcome[]>;
}

export interface RecordOutcome {
  readonly line: number;
  readonly name: string;
  readonly outcome: ProvisioningOutcome;
}
