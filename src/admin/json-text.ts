/**
 * JSON text in, value or the place of the first syntax error out (RFC 8259). JSON.parse does the work; only
 * where it fails is the text walked again to find line and column, because the runtime's own message quotes
 * the text, which may hold secrets.
 */
import { isUtf8 } from 'node:buffer';

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly detail: string; readonly line: number; readonly column: number };

const maxNestingDepth = 256;

class SyntaxFault extends Error {
  constructor(
    readonly at: number,
    readonly what: string,
  ) {
    super(what);
  }
}

/** Walks a JSON text and throws a SyntaxFault at the first offence. */
class Walker {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.value(0);
    this.space();
    if (this.at < this.text.length) throw new SyntaxFault(this.at, 'nothing may follow the document');
  }

  private space(): void {
    while (/[ \t\n\r]/.test(this.text.charAt(this.at))) this.at += 1;
  }

  private match(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    this.at += found[0].length;
    return true;
  }

  private value(depth: number): void {
    if (depth > maxNestingDepth) throw new SyntaxFault(this.at, `nested more than ${maxNestingDepth} deep`);
    this.space();
    const first = this.text.charAt(this.at);
    if (first === '{') this.members(depth, '}', true);
    else if (first === '[') this.members(depth, ']', false);
    else if (first === '"') this.string();
    else if (!this.match(/(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y)) {
      throw new SyntaxFault(
        this.at,
        first === '' ? 'the text ends where a value is expected' : 'a value is expected',
      );
    }
  }

  private members(depth: number, end: '}' | ']', named: boolean): void {
    this.at += 1;
    this.space();
    if (this.text.charAt(this.at) === end) {
      this.at += 1;
      return;
    }
    for (;;) {
      if (named) this.name();
      this.value(depth + 1);
      this.space();
      const next = this.text.charAt(this.at);
      if (next !== ',' && next !== end) throw new SyntaxFault(this.at, `"," or "${end}" is expected`);
      this.at += 1;
      if (next === end) return;
    }
  }

  private name(): void {
    this.space();
    if (this.text.charAt(this.at) !== '"')
      throw new SyntaxFault(this.at, 'a property name in double quotes is expected');
    this.string();
    this.space();
    if (this.text.charAt(this.at) !== ':') throw new SyntaxFault(this.at, '":" is expected');
    this.at += 1;
  }

  /** Everything in a string that needs no escape, RFC 8259 7. */
  private plainCharacters(): void {
    for (; this.at < this.text.length; this.at += 1) {
      const unit = this.text.charCodeAt(this.at);
      if (unit < 0x20 || unit === 0x22 || unit === 0x5c) return;
    }
  }

  private string(): void {
    this.at += 1;
    for (;;) {
      this.plainCharacters();
      const character = this.text.charAt(this.at);
      if (character === '"') {
        this.at += 1;
        return;
      }
      if (character === '') throw new SyntaxFault(this.at, 'a string is not closed');
      if (character !== '\\')
        throw new SyntaxFault(this.at, 'a control character in a string has to be escaped');
      if (!this.match(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y))
        throw new SyntaxFault(this.at, 'is not a valid escape sequence');
    }
  }
}

function firstFault(text: string): SyntaxFault {
  try {
    new Walker(text).document();
  } catch (error) {
    if (error instanceof SyntaxFault) return error;
    throw error;
  }
  return new SyntaxFault(0, 'is not JSON');
}

/** Parses UTF-8 JSON; a byte order mark is skipped. Columns count UTF-16 units from 1. */
export function parseJson(octets: Buffer): ParsedJson {
  if (!isUtf8(octets)) return { ok: false, detail: 'the text is not UTF-8', line: 1, column: 1 };
  const decoded = octets.toString('utf8');
  const text = decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded;
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const fault = firstFault(text);
    const before = text.slice(0, fault.at);
    return {
      ok: false,
      detail: fault.what,
      line: before.split('\n').length,
      column: fault.at - before.lastIndexOf('\n'),
    };
  }
}
