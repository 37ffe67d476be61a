/** `hss equipment import`: many entries from CSV or NDJSON, through the API's import stream. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { CommandContext } from '../../../cli/context';
import { CommandError } from '../../../cli/exit-status';
import { sendRecords } from '../../../cli/send-records';
import { fields } from '../../../cli/table';
import { errorText } from '../../../shared/error-text';
import { splitLines } from '../../../shared/line-splitter';
import { parseLine } from './csv';

const MAX_LINE_OCTETS = 65_536;
const MAX_FAILURES_SHOWN = 50;
/** Lines are sent together in pieces of about this size. */
const PIECE_CHARACTERS = 65_536;

interface LineFault {
  readonly line: number;
  readonly detail: string;
}

export function registerEquipmentImport(equipment: Command, context: CommandContext): void {
  equipment
    .command('import <file>')
    .description(
      'create or replace many entries; CSV lines value,status,note or NDJSON lines; - is standard input',
    )
    .action((file: string) => importFile(context, file));
}

async function opened(context: CommandContext, file: string): Promise<Readable> {
  if (file === '-') return context.stdin;
  const name = path.resolve(context.cwd, file);
  try {
    await stat(name);
    return createReadStream(name);
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${errorText(error)}`, 1, { cause: error });
  }
}

async function importFile(context: CommandContext, file: string): Promise<void> {
  const input = await opened(context, file);
  const sentLines: number[] = [];
  const faults: LineFault[] = [];
  try {
    const { counts, failures, aborted } = await sendRecords(
      context,
      {
        mediaType: 'application/x-ndjson',
        octets: recordsOf(input as AsyncIterable<Uint8Array>, sentLines, faults),
        fileLine: (line) => sentLines[line - 1] ?? line,
        failures: faults,
      },
      () => undefined,
      MAX_FAILURES_SHOWN,
    );
    context.print({ ...counts, aborted, failures }, () =>
      [
        ...failures.map(({ line, name, detail, errors }) => {
          const why =
            errors.length === 0
              ? detail
              : errors.map((error) => `${error.pointer ?? ''} ${error.detail}`).join('; ');
          return `line ${line}${name === null ? '' : ` (${name})`}: ${why}`;
        }),
        fields([
          ['records', counts.records],
          ['created', counts.created],
          ['replaced', counts.replaced],
          ['unchanged', counts.unchanged],
          ['failed', counts.failed],
        ]),
      ].join('\n'),
    );
    if (aborted !== null) throw new CommandError(`the import did not end: ${aborted}`);
    if (counts.failed > 0) throw new CommandError(`${counts.failed} of ${counts.records} records failed`);
  } finally {
    input.destroy();
  }
}

/** Import lines {"equipment": {...}}; the line of the file of each goes to `sentLines`. */
async function* recordsOf(
  input: AsyncIterable<Uint8Array>,
  sentLines: number[],
  faults: LineFault[],
): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = '';
  for await (const { number, octets } of splitLines(input, MAX_LINE_OCTETS)) {
    const parsed =
      octets === null
        ? { fault: `is longer than ${MAX_LINE_OCTETS} octets` }
        : parseLine(octets.toString('utf8'));
    if (parsed === 'nothing') continue;
    if ('fault' in parsed) {
      faults.push({ line: number, detail: parsed.fault });
      continue;
    }
    sentLines.push(number);
    piece += `${JSON.stringify({ equipment: parsed.entry })}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}
