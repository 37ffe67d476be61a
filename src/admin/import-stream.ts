/**
 * Bulk import: one record per line in as a rule (see json-records.ts), one event per line out (failures as they are found, progress after
 * each batch, a summary at the end). Records are stored in batches, each record atomic of its own; further
 * batches are read and checked while some are stored.
 */
import { StoreUnavailableError } from '../state/ports';
import type { DefaultSet } from '../subscriber/default-sets';
import { type ProvisioningOutcome, type ProvisioningStore } from '../subscriber/provisioning';
import {
  sharedSetWarnings,
  subscriptionWarnings,
  type ProvisioningWarning,
} from '../subscriber/provisioning-warnings';
import { subscriptionDocument, type SubscriptionDocument } from '../subscriber/subscription-document';
import type { Logger } from '../shared/logger';
import type { RecordBatch, RecordKind } from './contract';
import { csvRecords, type CsvRecord } from './csv-records';
import { parseJson } from './json-text';
import { isBlank, isObject, lineNameOf, nameOf } from './import-values';
import { ImportReport, type RecordPlace } from './import-report';
import { jsonRecords, type JsonRecord } from './json-records';
import type { ImportCounts, ImportEvent } from './openapi/views';
import { ProblemError, type Fault } from './problem';
import { withoutWarnings } from './resource';
import { sharedSetsInOrder, type SetDescription } from './routes/shared-sets';
import { checkedLine, makeDefaultSets, setNoun, type CheckedLine } from './subscriber-lines';
import { checkedDocument, unknownProperty } from './validation';

export interface ImportOptions {
  readonly store: ProvisioningStore;
  /** Kinds of document that applications bring. */
  readonly records: readonly RecordKind[];
  /** Realms that this HSS serves. */
  readonly domains: readonly string[];
  readonly logger: Logger;
  readonly maxLineOctets: number;
}

/** One transaction each; so many at once that neither the database nor this process waits for the other. */
const batchDocumentsCount = 400;
const batchesInFlightCount = 3;

interface Entry {
  readonly place: RecordPlace;
  readonly document: SubscriptionDocument;
}
type Batch = { readonly entries: readonly Entry[]; readonly settled: Promise<BatchResult> };
type BatchResult =
  | { readonly ok: true; readonly outcomes: readonly ProvisioningOutcome[] }
  | { readonly ok: false; readonly error: unknown };

class Importer {
  readonly report = new ImportReport();
  private collected: Entry[] = [];
  private readonly running: Batch[] = [];
  private readonly batches: ReadonlyMap<string, RecordBatch>;
  /** Default sets that are there since a line of this import needed them. */
  private readonly existing = new Set<DefaultSet>();

  constructor(private readonly options: ImportOptions) {
    this.batches = new Map(options.records.map((kind) => [kind.name, kind.batch()]));
  }

  get counts(): ImportCounts {
    return this.report.counts;
  }

  async *record(record: JsonRecord): AsyncGenerator<ImportEvent, void, undefined> {
    const { counts } = this.report;
    counts.lines = record.last;
    if (record.octets !== null && isBlank(record.octets)) return;
    counts.records += 1;
    const parsed = this.parsed(record);
    if (parsed instanceof ProblemError)
      yield this.report.failure({ line: record.number, name: null, at: '' }, parsed);
    else yield* this.document(record.number, parsed.value);
  }

  async *csvRecord({ line, value }: CsvRecord): AsyncGenerator<ImportEvent, void, undefined> {
    const { counts } = this.report;
    counts.lines = line;
    if (value === undefined) return;
    counts.records += 1;
    if (value instanceof ProblemError) yield this.report.failure({ line, name: null, at: '' }, value);
    else yield* this.subscriber(line, value, '', []);
  }

  private parsed({ number, last, octets, isForeign }: JsonRecord): { value: unknown } | ProblemError {
    const place = number === last ? 'The line' : `What begins here and ends on line ${last}`;
    if (octets === null)
      return new ProblemError(413, `${place} is longer than ${this.options.maxLineOctets} octets.`);
    if (isForeign === true && number !== last)
      return new ProblemError(
        400,
        `Lines ${number} to ${last} are not JSON: an import takes one JSON document per line, and a line begins with "{".`,
      );
    const json = parseJson(octets);
    if (json.ok) return { value: json.value };
    const line = number === last ? '' : `line ${number + json.line - 1}, `;
    return new ProblemError(400, `${place} is not JSON: ${line}column ${json.column}: ${json.detail}.`);
  }

  private async *document(line: number, value: unknown): AsyncGenerator<ImportEvent, void, undefined> {
    const isWrapped = (name: string): boolean =>
      isObject(value) && !Object.hasOwn(value, 'id') && Object.hasOwn(value, name);
    for (const [name, batch] of this.batches)
      if (isWrapped(name) && isObject(value)) return yield* this.batched(line, name, batch, value);
    const set = sharedSetsInOrder.find((entry) => isWrapped(entry.record));
    if (set !== undefined) return yield* this.shared(line, set, value);
    if (isWrapped('subscriber') && isObject(value)) {
      const { subscriber, ...others } = value;
      const faults = Object.keys(others).map((name) => unknownProperty([], name, ['subscriber']));
      return yield* this.subscriber(line, subscriber, '/subscriber', faults);
    }
    if (!isWrapped('subscription') || !isObject(value)) return yield* this.subscription(line, value, '', []);
    const { subscription, ...others } = value;
    const faults = Object.keys(others).map((name) => unknownProperty([], name, ['subscription']));
    yield* this.subscription(line, subscription, '/subscription', faults);
  }

  private async *subscription(
    line: number,
    value: unknown,
    at: string,
    faults: readonly Fault[],
  ): AsyncGenerator<ImportEvent, void, undefined> {
    let document: SubscriptionDocument;
    try {
      document = checkedDocument(subscriptionDocument, withoutWarnings(value), at, faults);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      yield this.report.failure({ line, name: nameOf(value), at: '' }, error);
      return;
    }
    yield* this.collect({ place: { line, name: document.id, at }, document });
  }

  /** A whole subscriber from a line; the shared sets that it needs are made before it is stored. */
  private async *subscriber(
    line: number,
    value: unknown,
    at: string,
    faults: readonly Fault[],
  ): AsyncGenerator<ImportEvent, void, undefined> {
    let checked: CheckedLine;
    try {
      checked = checkedLine(value, this.options.domains, at, faults);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      yield this.report.failure({ line, name: lineNameOf(value), at: '' }, error);
      return;
    }
    const { document, defaultSets } = checked;
    const unknown = defaultSets.filter((set) => !this.existing.has(set));
    if (unknown.length > 0) {
      // Records before this one may make sets of these names.
      yield* this.drain();
      const made = await makeDefaultSets(this.options.store, unknown);
      for (const set of unknown) this.existing.add(set);
      yield* this.report.madeSets({ line, name: document.id, at }, made.map(setNoun));
    }
    yield* this.collect({ place: { line, name: document.id, at: '' }, document });
  }

  private async *collect(entry: Entry): AsyncGenerator<ImportEvent, void, undefined> {
    this.collected.push(entry);
    if (this.collected.length < batchDocumentsCount) return;
    if (this.running.length === batchesInFlightCount) yield* this.settle();
    this.start();
  }

  private async *batched(
    line: number,
    kind: string,
    batch: RecordBatch,
    record: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<ImportEvent, void, undefined> {
    const { [kind]: document, ...others } = record;
    try {
      batch.add(
        line,
        document,
        Object.keys(others).map((name) => unknownProperty([], name, [kind])),
      );
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      yield this.report.failure({ line, name: batch.nameOf(document), at: '' }, error);
    }
    if (batch.isFull) yield* this.flush(kind, batch);
  }

  private async *flush(kind: string, batch: RecordBatch): AsyncGenerator<ImportEvent, void, undefined> {
    const outcomes = await batch.flush();
    for (const { line, name, outcome } of outcomes)
      yield* this.report.outcome({ line, name, at: `/${kind}` }, outcome, []);
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
    const faults: Fault[] = Object.keys(others).map((name) => unknownProperty([], name, [set.record]));
    const name = nameOf(document);
    try {
      const [outcome, warnings] = await this.putShared(set, document, faults);
      yield* this.report.outcome({ line, name, at: `/${set.record}` }, outcome, warnings);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      yield this.report.failure({ line, name, at: '' }, error);
    }
  }

  private async putShared(
    set: SetDescription,
    value: unknown,
    faults: readonly Fault[],
  ): Promise<[ProvisioningOutcome, readonly ProvisioningWarning[]]> {
    const document = checkedDocument(set.schema, withoutWarnings(value), `/${set.record}`, faults);
    return [await this.options.store.putShared(set.kind, document, {}), sharedSetWarnings(document)];
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
      yield* this.report.outcome(
        entry.place,
        result.outcomes[i],
        subscriptionWarnings(entry.document, this.options),
      );
    }
    yield { type: 'progress', ...this.counts };
  }

  async *finish(): AsyncGenerator<ImportEvent, void, undefined> {
    for (const [kind, batch] of this.batches) yield* this.flush(kind, batch);
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
}

/** Stores what `input` brings and says what came of it, one JSON text with its newline per event. */
export async function* importStream(
  input: AsyncIterable<Uint8Array>,
  options: ImportOptions,
  format: 'ndjson' | 'csv' = 'ndjson',
): AsyncGenerator<string, void, undefined> {
  const importer = new Importer(options);
  const text = (event: ImportEvent): string => `${JSON.stringify(event)}\n`;
  try {
    if (format === 'csv')
      for await (const record of csvRecords(input, options.maxLineOctets))
        for await (const event of importer.csvRecord(record)) yield text(event);
    else
      for await (const record of jsonRecords(input, options.maxLineOctets))
        for await (const event of importer.record(record)) yield text(event);
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
