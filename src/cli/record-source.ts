/**
 * Import files as octets for the API, streaming: NDJSON and CSV pass as they are, a YAML stream (documents between "---"
 * lines, YAML 1.2 9.2) is turned into one line per document, and the line of the file where each document
 * starts is remembered for the failures.
 */
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { splitLines } from '../shared/line-splitter';
import { firstSentence } from './document-input';
import { unquotedText, unquotedTexts } from './unquoted-texts';

export interface SourceFailure {
  readonly line: number;
  readonly detail: string;
}

export interface RecordSource {
  readonly mediaType: 'application/x-ndjson' | 'text/csv';
  readonly octets: AsyncIterable<Uint8Array>;
  /** Line of the file for a line of what was sent. */
  fileLine(sentLine: number): number;
  /** What never was sent because it could not be parsed. */
  readonly failures: readonly SourceFailure[];
}

const maxDocumentLinesCount = 100_000;
const maxLineOctets = 1_048_576;
/** Lines are sent together in pieces of about this size. */
const pieceCharacters = 65_536;

export function ndjsonSource(input: AsyncIterable<Uint8Array>): RecordSource {
  return { mediaType: 'application/x-ndjson', octets: input, fileLine: (line) => line, failures: [] };
}

/** The API reads it. */
export const csvSource = (input: AsyncIterable<Uint8Array>): RecordSource => ({
  ...ndjsonSource(input),
  mediaType: 'text/csv',
});

/** @param record the schema of one document, which says where a text belongs */
export function yamlSource(input: AsyncIterable<Uint8Array>, record: z.ZodType): RecordSource {
  const starts: number[] = [];
  const failures: SourceFailure[] = [];
  return {
    mediaType: 'application/x-ndjson',
    octets: yamlToNdjson(input, record, starts, failures),
    fileLine: (line) => starts[line - 1] ?? line,
    failures,
  };
}

async function* yamlToNdjson(
  input: AsyncIterable<Uint8Array>,
  record: z.ZodType,
  starts: number[],
  failures: SourceFailure[],
): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = '';
  for await (const { line, text } of yamlDocuments(input)) {
    const document = text === null ? null : parseDocument(text, { prettyErrors: true });
    if (document === null) {
      failures.push({
        line,
        detail: `the document is longer than ${maxDocumentLinesCount} lines, or a line than ${maxLineOctets} octets`,
      });
      continue;
    }
    const [error] = document.errors;
    if (error !== undefined) {
      failures.push({
        line: line + (error.linePos?.[0].line ?? 1) - 1,
        detail: firstSentence(error.message),
      });
      continue;
    }
    const [unquoted] = unquotedTexts(document, record);
    if (unquoted !== undefined) {
      const linesBefore = (text ?? '').slice(0, unquoted.offset).split('\n').length - 1;
      failures.push({ line: line + linesBefore, detail: unquotedText(unquoted) });
      continue;
    }
    const value: unknown = document.toJS();
    if (value === null) continue;
    starts.push(line);
    piece += `${JSON.stringify(value)}\n`;
    if (piece.length < pieceCharacters) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}

/** The documents of a YAML stream with the line they start at; null where one is too long. */
async function* yamlDocuments(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ line: number; text: string | null }, void, undefined> {
  let start = 1;
  let lines: string[] = [];
  let tooLong = false;
  const take = () => ({ line: start, text: tooLong ? null : lines.join('\n') });
  for await (const { number, octets } of splitLines(input, maxLineOctets)) {
    const line = octets?.toString('utf8') ?? '';
    const opens = /^---(\s|$)/.test(line);
    if (opens || /^\.\.\.(\s|$)/.test(line)) {
      if (lines.length > 0) yield take();
      // What follows "---" on its line belongs to the document.
      lines = opens ? [line.slice(3)] : [];
      start = opens ? number : number + 1;
      tooLong = false;
    } else if (octets === null || lines.length >= maxDocumentLinesCount) tooLong = true;
    else lines.push(line);
  }
  if (lines.length > 0) yield take();
}
