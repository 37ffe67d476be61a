/**
 * `hss import <file|->`: many records through the API's import stream, with progress and every failure by
 * line.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import { Option } from 'commander';
import type { ImportCounts, ImportEvent } from '../../admin/openapi/views';
import type { CommandContext, RegisterCommand } from '../context';
import { warningText, type Warning } from '../api-client';
import { CommandError } from '../exit-status';
import { begun, formatOf, type ImportFormat } from '../import-format';
import { ndjsonSource, yamlSource, type RecordSource } from '../record-source';
import { responseLines } from '../response-lines';
import { fields } from '../table';
import { positiveInteger } from './documents';

interface ImportOptions {
  readonly format?: ImportFormat;
  readonly maxFailures: number;
}

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

const defaultFailuresShownCount = 50;

export const registerImport: RegisterCommand = (program, context) => {
  program
    .command('import <file>')
    .description('create or replace many subscriptions and shared sets; - is standard input')
    .addOption(
      new Option(
        '--format <format>',
        "ndjson: one JSON document per line; yaml: documents between --- lines; by the file's name, else by what it begins with, when absent",
      ).choices(['ndjson', 'yaml']),
    )
    .option(
      '--max-failures <count>',
      'most failures that are listed',
      positiveInteger,
      defaultFailuresShownCount,
    )
    .action((file: string, options: ImportOptions) => importFile(context, file, options));
};

async function openInput(
  context: CommandContext,
  file: string,
): Promise<{ readonly input: Readable; readonly octets: number | null }> {
  if (file === '-') return { input: context.stdin, octets: null };
  const name = path.resolve(context.cwd, file);
  try {
    const { size } = await stat(name);
    return { input: createReadStream(name, { highWaterMark: 262_144 }), octets: size };
  } catch (error) {
    throw new CommandError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      1,
      { cause: error },
    );
  }
}

interface Progress {
  readonly readOctets: (count: number) => void;
  readonly stored: (counts: ImportCounts) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, nothing elsewhere. */
function progress(context: CommandContext, totalOctets: number | null): Progress {
  if (!context.stderr.isTerminal || context.globals().json === true)
    return { readOctets: () => undefined, stored: () => undefined, stop: () => undefined };
  const format =
    totalOctets === null
      ? '{records} records, {failed} failed, {duration_formatted}'
      : '[{bar}] {percentage}%  {records} records, {failed} failed, {eta_formatted} left';
  const bar = new SingleBar({
    format,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 100,
  });
  bar.start(totalOctets ?? 0, 0, { records: 0, failed: 0 });
  return {
    readOctets: (count) => {
      bar.increment(count);
    },
    stored: ({ records, failed }) => {
      bar.update({ records, failed });
    },
    stop: () => {
      bar.stop();
    },
  };
}

async function* counted(
  octets: AsyncIterable<Uint8Array>,
  count: (octets: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of octets) {
    count(piece.byteLength);
    yield piece;
  }
}

async function importFile(context: CommandContext, file: string, options: ImportOptions): Promise<void> {
  const { input, octets } = await openInput(context, file);
  // The bar follows what is read of the file: YAML is longer than the NDJSON that is sent.
  const bar = progress(context, octets);
  const octetsRead = counted(input as AsyncIterable<Uint8Array>, bar.readOctets);
  const startedMs = Date.now();
  try {
    const source = await sourceOf(octetsRead, file, options.format);
    const result = await sendRecords(context, source, bar.stored, options.maxFailures);
    bar.stop();
    report(context, result, Date.now() - startedMs);
  } finally {
    bar.stop();
    input.destroy();
  }
}

async function sourceOf(
  input: AsyncIterable<Uint8Array>,
  file: string,
  asked: ImportFormat | undefined,
): Promise<RecordSource> {
  const { beginning, octets } = await begun(input);
  const format =
    asked ?? (/\.ya?ml$/i.test(file) ? 'yaml' : formatOf(beginning, file === '-' ? 'standard input' : file));
  return format === 'yaml' ? yamlSource(octets) : ndjsonSource(octets);
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
    headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' },
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

const headOf = ({ line, name }: { readonly line: number; readonly name: string | null }): string =>
  `line ${line}${name === null ? '' : ` (${name})`}: `;

const warningLines = (record: RecordWarnings): string[] =>
  record.warnings.map((warning) => headOf(record) + warningText(warning));

function failureText(failure: Failure): string {
  const head = headOf(failure);
  if (failure.errors.length === 0) return head + failure.detail;
  return failure.errors.map((error) => `${head}${error.pointer ?? ''} ${error.detail}`).join('\n');
}

function report(
  context: CommandContext,
  { counts, failures, warnings, aborted }: ImportResult,
  durationMs: number,
): void {
  const shown = [
    ...warnings.flatMap(warningLines),
    ...failures.flatMap((failure) =>
      warningLines({ line: failure.line, name: failure.name, warnings: failure.warnings ?? [] }),
    ),
  ];
  const shownOfStored = warnings.reduce((sum, record) => sum + record.warnings.length, 0);
  if (counts.warnings > shownOfStored)
    shown.push(`... and ${counts.warnings - shownOfStored} more warnings (--max-failures)`);
  context.warn(shown);
  const perSecond = Math.round((counts.records * 1_000) / Math.max(durationMs, 1));
  context.print({ ...counts, durationMs, perSecond, aborted, failures, warned: warnings }, () =>
    [
      ...failures.map(failureText),
      ...(counts.failed > failures.length
        ? [`... and ${counts.failed - failures.length} more failures (--max-failures)`]
        : []),
      fields([
        ['records', counts.records],
        ['created', counts.created],
        ['replaced', counts.replaced],
        ['unchanged', counts.unchanged],
        ['failed', counts.failed],
        ['warnings', counts.warnings],
        ['seconds', (durationMs / 1_000).toFixed(1)],
        ['per second', perSecond],
      ]),
    ].join('\n'),
  );
  if (aborted !== null) throw new CommandError(`the import did not end: ${aborted}`);
  if (counts.failed > 0) throw new CommandError(`${counts.failed} of ${counts.records} records failed`);
}
