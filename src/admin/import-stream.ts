/**
 * Bulk import: one record per line in, one event per line out (failures as they are found, progress after
 * each batch, a summary at the end). Records are stored in batches, each record atomic of its own; further
 * batches are read and checked while some are stored.
 */
import type { z } from 'zod';
import {
  StoreUnavailableError,
  type ProvisioningOutcome,
  type ProvisioningStore,
  type SharedKind,
  type SharedSets,
} from '../domain/ports';
import type { LocatorProvisioning } from '../domain/locator/ports';
import {
  sharedSetWarnings,
  subscriptionWarnings,
  type ProvisioningWarning,
} from '../domain/provisioning-warnings';
import { subscriptionDocument, type SubscriptionDocument } from '../domain/subscription-document';
import { limits } from '../shared/limits';
import type { Logger } from '../shared/logger';
import { parseJson } from './json-text';
import { isLocatorRecord, LocatorBatch, locatorNameOf } from './locator-import';
import { splitLines, type Line } from '../shared/line-splitter';
import type { ImportCounts, ImportEvent, ImportFailure } from './openapi/views';
import { faultyDocument, pointerOf, ProblemError, type Fault } from './problem';
import { refused, withoutWarnings } from './resource';
import { sharedSetsInOrder } from './routes/shared-sets';
import { validate } from './validation';

export interface ImportOptions {
  readonly store: ProvisioningStore;
  readonly locator?: LocatorProvisioning | undefined;
  /** Realms that this HSS serves. */
  readonly domains: readonly string[];
  readonly logger: Logger;
  readonly maxLineOctets: number;
}

/** One transaction each; so many at once that neither the database nor this process waits for the other. */
const batchDocumentsCount = 400;
const batchesInFlightCount = 3;

interface Entry {
  readonly line: number;
  readonly document: SubscriptionDocument;
}
type Batch = { readonly entries: readonly Entry[]; readonly settled: Promise<BatchResult> };
type BatchResult =
  | { readonly ok: true; readonly outcomes: readonly ProvisioningOutcome[] }
  | { readonly ok: false; readonly error: unknown };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string | null {
  const name = isObject(value) ? (value['id'] ?? value['name']) : undefined;
  return typeof name === 'string' ? name.slice(0, limits.nameCharacters) : null;
}

class Importer {
  readonly counts: Mutable<ImportCounts> = {
    lines: 0,
    records: 0,
    created: 0,
    replaced: 0,
    unchanged: 0,
    failed: 0,
    warnings: 0,
  };
  private collected: Entry[] = [];
  private readonly running: Batch[] = [];
  private readonly locator: LocatorBatch;

  constructor(private readonly options: ImportOptions) {
    this.locator = new LocatorBatch(options.locator);
  }

  async *line(line: Line): AsyncGenerator<ImportEvent, void, undefined> {
    this.counts.lines = line.number;
    if (line.octets === null) {
      this.counts.records += 1;
      yield this.failure(
        line.number,
        null,
        new ProblemError(413, `The line is longer than ${this.options.maxLineOctets} octets.`),
      );
      return;
    }
    if (/^\s*$/.test(line.octets.length > 32 ? 'x' : line.octets.toString('latin1'))) return;
    this.counts.records += 1;
    const parsed = parseJson(line.octets);
    if (!parsed.ok) {
      yield this.failure(
        line.number,
        null,
        new ProblemError(400, `The line is not JSON: column ${parsed.column}: ${parsed.detail}.`),
      );
      return;
    }
    if (isLocatorRecord(parsed.value)) return yield* this.located(line.number, parsed.value);
    const set = sharedSetsInOrder.find(
      (entry) =>
        isObject(parsed.value) &&
        !Object.hasOwn(parsed.value, 'id') &&
        Object.hasOwn(parsed.value, entry.record),
    );
    if (set !== undefined) yield* this.shared(line.number, set, parsed.value);
    else yield* this.subscription(line.number, parsed.value);
  }

  private async *subscription(line: number, value: unknown): AsyncGenerator<ImportEvent, void, undefined> {
    const result = validate(subscriptionDocument, withoutWarnings(value));
    if (!result.ok) {
      yield this.failure(line, nameOf(value), faultyDocument(result.faults));
      return;
    }
    this.collected.push({ line, document: result.value });
    if (this.collected.length < batchDocumentsCount) return;
    if (this.running.length === batchesInFlightCount) yield* this.settle();
    this.start();
  }

  private async *located(
    line: number,
    record: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<ImportEvent, void, undefined> {
    try {
      this.locator.add(line, record);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      yield this.failure(line, locatorNameOf(record), error);
    }
    if (this.locator.isFull) yield* this.flushLocator();
  }

  private async *flushLocator(): AsyncGenerator<ImportEvent, void, undefined> {
    const outcomes = await this.locator.flush();
    for (const { line, name, outcome } of outcomes) {
      yield* this.outcome(line, name, outcome, []);
    }
    if (outcomes.length > 0) yield { type: 'progress', ...this.counts };
  }

  /** Shared sets are few, and later lines may name them: stored at once, after all that came before. */
  private async *shared(
    line: number,
    set: (typeof sharedSetsInOrder)[number],
    value: unknown,
  ): AsyncGenerator<ImportEvent, void, undefined> {
    yield* this.drain();
    const { [set.record]: document, ...others } = isObject(value) ? value : {};
    const faults: Fault[] = Object.keys(others).map((name) => ({
      pointer: pointerOf([name]),
      detail: 'is not a known property here',
    }));
    const name = nameOf(document);
    try {
      const [outcome, warnings] = await this.putShared(set, document, faults);
      yield* this.outcome(line, name, outcome, warnings);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      yield this.failure(line, name, error);
    }
  }

  private async putShared(
    set: (typeof sharedSetsInOrder)[number],
    value: unknown,
    faults: readonly Fault[],
  ): Promise<[ProvisioningOutcome, readonly ProvisioningWarning[]]> {
    const put = async <K extends SharedKind>(
      kind: K,
      schema: z.ZodType<SharedSets[K]>,
    ): Promise<[ProvisioningOutcome, readonly ProvisioningWarning[]]> => {
      const document = checked(schema, withoutWarnings(value), set.record, faults);
      return [await this.options.store.putShared(kind, document, {}), sharedSetWarnings(document)];
    };
    switch (set.kind) {
      case 'ifcSets':
        return put(set.kind, set.schema);
      case 'capabilitySets':
        return put(set.kind, set.schema);
      case 'chargingSets':
        return put(set.kind, set.schema);
      case 'serviceProfiles':
        return put(set.kind, set.schema);
    }
  }

  private start(): void {
    const entries = this.collected;
    this.collected = [];
    const settled = this.options.store.importSubscriptions(entries.map((entry) => entry.document)).then(
      (outcomes): BatchResult => ({ ok: true, outcomes }),
      (error: unknown): BatchResult => ({ ok: false, error }),
    );
    this.running.push({ entries, settled });
  }

  /** Waits for the batch that has been on its way for longest, if any. */
  private async *settle(): AsyncGenerator<ImportEvent, void, undefined> {
    const batch = this.running.shift();
    if (batch === undefined) return;
    const result = await batch.settled;
    if (!result.ok) throw result.error;
    for (const [i, entry] of batch.entries.entries()) {
      yield* this.outcome(
        entry.line,
        entry.document.id,
        result.outcomes[i],
        subscriptionWarnings(entry.document, this.options),
      );
    }
    yield { type: 'progress', ...this.counts };
  }

  async *finish(): AsyncGenerator<ImportEvent, void, undefined> {
    yield* this.flushLocator();
    yield* this.drain();
  }

  private async *drain(): AsyncGenerator<ImportEvent, void, undefined> {
    if (this.collected.length > 0) this.start();
    while (this.running.length > 0) yield* this.settle();
  }

  /** Nobody waits for the rest any more; what is being stored still has to end before the store may close. */
  async abandon(): Promise<void> {
    await Promise.all(this.running.splice(0).map((batch) => batch.settled));
  }

  private outcome(
    line: number,
    name: string | null,
    outcome: ProvisioningOutcome | undefined,
    doubts: readonly ProvisioningWarning[],
  ): ImportEvent[] {
    if (outcome === undefined) throw new Error('the store gave fewer outcomes than documents');
    if (outcome.kind === 'refused')
      return [this.failure(line, name, refused(outcome.faults, outcome.conflict, doubts))];
    if (outcome.kind === 'preconditionFailed')
      return [
        this.failure(line, name, new ProblemError(412, 'It was changed at the same time by somebody else.')),
      ];
    this.counts[outcome.kind] += 1;
    const warnings = [...doubts, ...(outcome.warnings ?? [])];
    if (warnings.length === 0) return [];
    this.counts.warnings += warnings.length;
    return [{ type: 'warning', line, name, warnings }];
  }

  private failure(line: number, name: string | null, problem: ProblemError): ImportFailure {
    this.counts.failed += 1;
    return {
      type: 'failure',
      line,
      name,
      status: problem.status,
      detail: problem.detail,
      errors: problem.faults.map((fault) => ({ ...fault })),
      ...(problem.warnings.length === 0 ? {} : { warnings: [...problem.warnings] }),
    };
  }
}

function checked<S extends z.ZodType>(
  schema: S,
  value: unknown,
  record: string,
  faults: readonly Fault[],
): z.output<S> {
  const result = validate(schema, value);
  const all = result.ok
    ? faults
    : [
        ...faults,
        ...result.faults.map((fault) => ({ ...fault, pointer: `/${record}${fault.pointer ?? ''}` })),
      ];
  if (!result.ok || all.length > 0) throw faultyDocument(all);
  return result.value;
}

/** Stores what `input` brings and says what came of it, one JSON text with its newline per event. */
export async function* importStream(
  input: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): AsyncGenerator<string, void, undefined> {
  const importer = new Importer(options);
  const text = (event: ImportEvent): string => `${JSON.stringify(event)}\n`;
  try {
    for await (const line of splitLines(input, options.maxLineOctets)) {
      for await (const event of importer.line(line)) yield text(event);
    }
    for await (const event of importer.finish()) yield text(event);
    const { counts } = importer;
    options.logger.info({ ...counts }, 'import finished');
    yield text({ type: 'summary', ...counts });
  } catch (error) {
    const unavailable = error instanceof StoreUnavailableError;
    options.logger.error({ err: error, ...importer.counts }, 'import aborted');
    yield text({
      type: 'aborted',
      ...importer.counts,
      status: unavailable ? 503 : 500,
      detail: `${unavailable ? 'The database does not answer' : 'The HSS failed'}; what is counted here is stored, anything after it may not be.`,
    });
  } finally {
    await importer.abandon();
  }
}
