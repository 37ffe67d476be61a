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
import type { z } from 'zod';
import { importRecord } from '../../admin/openapi/import-record';
import type { ImportCounts } from '../../admin/openapi/views';
import { warningText } from '../api-client';
import { positiveInteger } from '../arguments';
import type { CommandContext, RegisterCommand } from '../context';
import type { CliPart } from '../contract';
import { CommandError } from '../exit-status';
import { begun, formatOf, formatOfName, type ImportFormat } from '../import-format';
import { csvSource, ndjsonSource, yamlSource, type RecordSource } from '../record-source';
import { sendRecords, type Failure, type ImportResult, type RecordWarnings } from '../send-records';
import { fields } from '../table';

interface ImportOptions {
  readonly format?: ImportFormat;
  readonly maxFailures: number;
}

const defaultFailuresShownCount = 50;

export const importCommand =
  (applications: readonly CliPart[]): RegisterCommand =>
  (program, context) => {
    const record = importRecord(
      Object.fromEntries(applications.flatMap(({ records }) => Object.entries(records))),
    );
    program
      .command('import <file>')
      .description('create or replace many subscriptions and shared sets; - is standard input')
      .addOption(
        new Option(
          '--format <format>',
          "ndjson: one JSON document per line; yaml: documents between --- lines; csv: a header line, then a whole subscriber per line; by the file's name, else by what it begins with, when absent",
        ).choices(['ndjson', 'yaml', 'csv']),
      )
      .option(
        '--max-failures <count>',
        'most failures that are listed',
        positiveInteger,
        defaultFailuresShownCount,
      )
      .action((file: string, options: ImportOptions) => importFile(context, file, options, record));
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

async function importFile(
  context: CommandContext,
  file: string,
  options: ImportOptions,
  record: z.ZodType,
): Promise<void> {
  const { input, octets } = await openInput(context, file);
  // The bar follows what is read of the file: YAML is longer than the NDJSON that is sent.
  const bar = progress(context, octets);
  const octetsRead = counted(input as AsyncIterable<Uint8Array>, bar.readOctets);
  const startedMs = Date.now();
  try {
    const source = await sourceOf(octetsRead, file, options.format, record);
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
  record: z.ZodType,
): Promise<RecordSource> {
  const { beginning, octets } = await begun(input);
  const format = asked ?? formatOfName(file) ?? formatOf(beginning, file === '-' ? 'standard input' : file);
  if (format === 'yaml') return yamlSource(octets, record);
  return format === 'csv' ? csvSource(octets) : ndjsonSource(octets);
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
