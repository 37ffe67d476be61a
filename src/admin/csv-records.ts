/**
 * CSV (RFC 4180) with one subscriber per line: the header names properties of a subscriber line
 * (src/subscriber/subscriber-line.ts) as they are or in snake case. An empty cell says nothing.
 *
 * A record is one line. So a quotation mark that is never closed spoils its own line only, and a line has a number.
 * Lines without quotation marks go to the parser many at once, which is eight times as fast as one by one.
 */
import { parse } from 'csv-parse/sync';
import { splitLines } from '../shared/line-splitter';
import { didYouMean } from '../shared/nearest-name';
import { subscriberLine } from '../subscriber/subscriber-line';
import { ProblemError } from './problem';

export interface CsvRecord {
  readonly line: number;
  /** Undefined for an empty line. */
  readonly value: Readonly<Record<string, unknown>> | ProblemError | undefined;
}

interface Header {
  readonly delimiter: string;
  readonly properties: readonly string[];
}

interface Unparsed {
  readonly line: number;
  readonly text: string;
}

const properties = Object.keys(subscriberLine.shape);
const numbers: ReadonlySet<string> = new Set(['sqn', 'mncDigits']);
const maxLinesAtOnceCount = 256;
const shownCharacters = 64;

/** eps_profile, EPS-Profile and epsProfile are one. */
const plain = (name: string): string => name.replaceAll(/[_\s-]/g, '').toLowerCase();
const propertyByPlain = new Map(properties.map((name) => [plain(name), name]));
/** In the order of the schema, as a header has them. */
export const csvColumns: readonly string[] = properties.map((name) =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);

/** @throws Error of the parser, which may quote the text: it is not shown */
function rowsOf(text: string, delimiter: string): string[][] {
  return parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true, trim: true });
}

/** Comma, or what spreadsheets of some countries take. */
const delimiterOf = (text: string): string =>
  [',', ';', '\t'].find((delimiter) => text.includes(delimiter)) ?? ',';

function headerOf(text: string): Header | ProblemError {
  const delimiter = delimiterOf(text);
  let names: string[];
  try {
    names = rowsOf(text.replace(/^\ufeff/, ''), delimiter)[0] ?? [];
  } catch {
    return new ProblemError(400, 'The header line is not CSV: a quotation mark is at a wrong place.');
  }
  const found = names.map((name) => propertyByPlain.get(plain(name)));
  const faults = names.flatMap((name, i) => {
    const shown = name.slice(0, shownCharacters);
    if (found[i] === undefined)
      return [{ pointer: `/${shown}`, detail: `is no column here${didYouMean(shown, csvColumns)}` }];
    return found.indexOf(found[i]) === i ? [] : [{ pointer: `/${shown}`, detail: 'is there twice' }];
  });
  if (!found.includes('imsi')) faults.push({ pointer: '/imsi', detail: 'is missing among the columns' });
  if (faults.length > 0)
    return new ProblemError(
      422,
      `The first line has to name columns of ${csvColumns.join(', ')}; nothing was imported.`,
      faults,
    );
  return { delimiter, properties: found.filter((name) => name !== undefined) };
}

function valueOf(cells: readonly string[], header: Header): CsvRecord['value'] {
  const [first] = cells;
  if (cells.length === 0 || (cells.length === 1 && first === '')) return undefined;
  if (cells.length !== header.properties.length)
    return new ProblemError(
      400,
      `The line has ${cells.length} cells, and the header has ${header.properties.length}.`,
    );
  const value: Record<string, unknown> = {};
  header.properties.forEach((name, i) => {
    const cell = cells[i] ?? '';
    if (cell !== '') value[name] = numbers.has(name) && /^\d{1,15}$/.test(cell) ? Number(cell) : cell;
  });
  return value;
}

/** Lines without quotation marks: each is a row. */
function parsedAtOnce(lines: readonly Unparsed[], header: Header): CsvRecord[] {
  if (lines.length === 0) return [];
  const rows = rowsOf(lines.map(({ text }) => `${text}\n`).join(''), header.delimiter);
  return lines.map(({ line }, i) => ({ line, value: valueOf(rows[i] ?? [], header) }));
}

function parsedAlone({ line, text }: Unparsed, header: Header): CsvRecord {
  try {
    return { line, value: valueOf(rowsOf(text, header.delimiter)[0] ?? [], header) };
  } catch {
    return {
      line,
      value: new ProblemError(400, 'The line is not CSV: a quotation mark is at a wrong place.'),
    };
  }
}

/** Ends after a header that says nothing: its fault is the only record then. */
export async function* csvRecords(
  input: AsyncIterable<Uint8Array>,
  maxLineOctets: number,
): AsyncGenerator<CsvRecord, void, undefined> {
  let header: Header | null = null;
  let waiting: Unparsed[] = [];
  for await (const { number: line, octets } of splitLines(input, maxLineOctets)) {
    const text = octets?.toString('utf8') ?? null;
    if (header === null) {
      if (text?.trim() === '') continue;
      const named = text === null ? new ProblemError(413, 'The header line is too long.') : headerOf(text);
      if (named instanceof ProblemError) return yield { line, value: named };
      header = named;
      continue;
    }
    if (text !== null && !text.includes('"')) {
      waiting.push({ line, text });
      if (waiting.length < maxLinesAtOnceCount) continue;
    }
    yield* parsedAtOnce(waiting, header);
    waiting = [];
    if (text === null)
      yield { line, value: new ProblemError(413, `The line is longer than ${maxLineOctets} octets.`) };
    else if (text.includes('"')) yield parsedAlone({ line, text }, header);
  }
  if (header !== null) yield* parsedAtOnce(waiting, header);
}
