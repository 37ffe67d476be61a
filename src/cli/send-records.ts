/** Many records through the API's import stream: what came of them, each failure by its line. */
import type { ImportCounts, ImportEvent } from '../admin/openapi/views';
import type { Warning } from './api-client';
import type { CommandContext } from './context';
import type { RecordSource } from './record-source';
import { responseLines } from './response-lines';

export interface Failure {
  readonly line: number;
  readonly name: string | null;
  readonly detail: string;
  readonly errors: readonly { readonly pointer?: string | undefined; readonly detail: string }[];
  readonly warnings?: readonly Warning[];
}

/** Doubts about one record that is stored. */
export interface RecordWarnings {
  readonly line: number;
  readonly name: string | null;
  readonly warnings: readonly Warning[];
}

export interface ImportResult {
  readonly counts: ImportCounts;
  readonly failures: readonly Failure[];
  readonly warnings: readonly RecordWarnings[];
  readonly aborted: string | null;
}

/**
 * Streams the records to the API and gathers what came of them. @throws CommandError where the API cannot be
 * reached
 */
export async function sendRecords(
  context: CommandContext,
  source: RecordSource,
  onProgress: (counts: ImportCounts) => void,
  maxFailures: number,
): Promise<ImportResult> {
  const response = await context.api().open('POST', '/v1/import', {
    body: source.octets,
    headers: { 'content-type': source.mediaType, accept: 'application/x-ndjson' },
    timeoutMs: 0,
  });
  const failures: Failure[] = [];
  const warnings: RecordWarnings[] = [];
  let counts: ImportCounts | null = null;
  let aborted: string | null = 'the connection ended before the import did';
  for await (const line of responseLines(response)) {
    const event = JSON.parse(line) as ImportEvent;
    if (event.type === 'warning') {
      if (warnings.length < maxFailures)
        warnings.push({ line: source.fileLine(event.line), name: event.name, warnings: event.warnings });
      continue;
    }
    if (event.type === 'failure') {
      if (failures.length < maxFailures)
        failures.push({
          line: source.fileLine(event.line),
          name: event.name,
          detail: event.detail,
          errors: event.errors,
          ...(event.warnings === undefined ? {} : { warnings: event.warnings }),
        });
      continue;
    }
    counts = {
      lines: event.lines,
      records: event.records,
      created: event.created,
      replaced: event.replaced,
      unchanged: event.unchanged,
      failed: event.failed,
      warnings: event.warnings,
    };
    onProgress(counts);
    if (event.type === 'summary') aborted = null;
    if (event.type === 'aborted') aborted = event.detail;
  }
  const unsent = source.failures.length;
  const total = counts ?? {
    lines: 0,
    records: 0,
    created: 0,
    replaced: 0,
    unchanged: 0,
    failed: 0,
    warnings: 0,
  };
  const all = [...failures, ...source.failures.map((entry) => ({ ...entry, name: null, errors: [] }))].sort(
    (a, b) => a.line - b.line,
  );
  return {
    counts: { ...total, records: total.records + unsent, failed: total.failed + unsent },
    failures: all.slice(0, maxFailures),
    warnings,
    aborted,
  };
}
