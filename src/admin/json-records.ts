/**
 * The records of an import: one JSON text per line as a rule, but a document that stands on several lines and an
 * array of documents are taken, too, without ever holding more than one record. Lines that begin no JSON text
 * come as one run, so that a file of another format is told once.
 */
import { sharedKindsInOrder } from '../subscriber/shared-kinds';
import { splitLines, type Line } from '../shared/line-splitter';

export interface JsonRecord extends Line {
  /** The last line of it; the first is `number`. */
  readonly last: number;
  /** Lines that begin no JSON text. */
  readonly isForeign?: boolean;
}

const [newline, quote, backslash, comma] = [0x0a, 0x22, 0x5c, 0x2c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
/** What a line of NDJSON begins with: an object, an array, a string, a number or a literal. */
const beginsJson = /^\s*(?:[{["]|-?\d+(?:[.eE]|\s*$)|(?:true|false|null)\s*$)/;
const byteOrderMark = /^\u00ef\u00bb\u00bf/;

/** Names of what a whole record has. */
const recordNames = [
  'id',
  'subscription',
  'subscriber',
  ...sharedKindsInOrder.map(({ record }) => record),
  'locator',
];

function isWholeRecord(octets: Buffer): boolean {
  if (octets[0] !== openBrace || octets.at(-1) !== closeBrace) return false;
  try {
    const value: unknown = JSON.parse(octets.toString('utf8'));
    return (
      typeof value === 'object' && value !== null && recordNames.some((name) => Object.hasOwn(value, name))
    );
  } catch {
    return false;
  }
}

/** Brackets and strings across lines; what stands between them is for the parser. */
class Nesting {
  depth = 0;
  inString = false;
  private escaped = false;

  /** Takes one octet; true where it stands outside of strings. */
  take(octet: number): boolean {
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (octet === backslash) this.escaped = true;
      else if (octet === quote) this.inString = false;
      return false;
    }
    if (octet === quote) this.inString = true;
    else if (octet === openBrace || octet === openBracket) this.depth += 1;
    else if (octet === closeBrace || octet === closeBracket) this.depth -= 1;
    return true;
  }
}

/** Octets held of one record, up to a bound; beyond it only their number counts. */
class Held {
  private parts: Buffer[] = [];
  private octets = 0;

  constructor(
    readonly number: number,
    private readonly maxOctets: number,
  ) {}

  add(part: Buffer): void {
    this.octets += part.length;
    if (this.octets > this.maxOctets) this.parts = [];
    else this.parts.push(part);
  }

  get isBlank(): boolean {
    return this.octets <= this.maxOctets && this.parts.every((part) => part.toString('latin1').trim() === '');
  }

  record(last: number): JsonRecord {
    const octets = this.octets > this.maxOctets ? null : Buffer.concat(this.parts);
    return { number: this.number, last, octets };
  }
}

/** What a record that begins on a line still waits for. */
interface Open {
  readonly nesting: Nesting;
  held: Held;
  /** An array of records: each of its elements is one. */
  readonly isArray: boolean;
}

export async function* jsonRecords(
  input: AsyncIterable<Uint8Array>,
  maxOctets: number,
): AsyncGenerator<JsonRecord, void, undefined> {
  let open: Open | null = null;
  let foreign: JsonRecord | null = null;
  let last = 0;
  for await (const line of splitLines(input, maxOctets)) {
    last = line.number;
    // A whole record ends whatever was left open before it: that was cut off.
    if (open !== null && line.octets !== null && !open.isArray && isWholeRecord(line.octets)) {
      yield open.held.record(line.number - 1);
      open = null;
    }
    if (open === null) {
      const text = line.octets?.subarray(0, 64).toString('latin1').replace(byteOrderMark, '') ?? '';
      const isForeign: boolean = line.octets !== null && text.trim() !== '' && !beginsJson.test(text);
      if (isForeign) {
        foreign = { ...(foreign ?? { ...line, isForeign }), last: line.number };
        continue;
      }
      if (foreign !== null && text.trim() !== '') {
        yield foreign;
        foreign = null;
      }
      const begun: Open | null = line.octets === null ? null : beginning(line.octets, line.number, maxOctets);
      if (begun === null) {
        yield { ...line, last: line.number };
        continue;
      }
      open = begun;
    }
    const records: JsonRecord[] = [];
    if (line.octets === null) open.held.add(Buffer.alloc(maxOctets + 1));
    else if (takeLine(open, line.octets, line.number, maxOctets, records)) open = null;
    yield* records;
  }
  if (foreign !== null) yield foreign;
  if (open !== null) yield open.held.record(last);
}

/** Null for a line that stands for itself, the usual case. */
function beginning(octets: Buffer, number: number, maxOctets: number): Open | null {
  const first = octets.findIndex((octet) => octet > 0x20 && octet < 0x80);
  const isArray = octets[first] === openBracket;
  if (octets[first] !== openBrace && !isArray) return null;
  if (!isArray && octets.at(-1) === closeBrace) return null;
  const nesting = new Nesting();
  for (const octet of octets) nesting.take(octet);
  // A string does not go on in the next line.
  if (!isArray && (nesting.inString || nesting.depth <= 0)) return null;
  return { nesting: new Nesting(), held: new Held(number, maxOctets), isArray };
}

/** @returns whether the text ends on this line */
function takeLine(
  open: Open,
  octets: Buffer,
  number: number,
  maxOctets: number,
  records: JsonRecord[],
): boolean {
  const { nesting, isArray } = open;
  let start = 0;
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    const before = nesting.depth;
    if (!nesting.take(octet)) continue;
    if (isArray && octet === openBracket && before === 0) start = at + 1;
    const ends = nesting.depth === 0 && (octet === closeBracket || octet === closeBrace);
    if (isArray && (ends || (octet === comma && nesting.depth === 1))) {
      open.held.add(octets.subarray(start, at));
      if (!(ends && open.held.isBlank)) records.push(open.held.record(number));
      open.held = new Held(number, maxOctets);
      start = at + 1;
    }
    if (!ends) continue;
    const rest = octets.subarray(isArray ? start : 0);
    if (!isArray) open.held.add(rest);
    if (!isArray) records.push(open.held.record(number));
    else if (rest.toString('latin1').trim() !== '') records.push({ number, last: number, octets: rest });
    return true;
  }
  open.held.add(octets.subarray(start));
  open.held.add(Buffer.from([newline]));
  if (open.held.isBlank) open.held = new Held(number + 1, maxOctets);
  return false;
}
