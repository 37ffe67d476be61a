/**
 * Documents from files, standard input or the command line, in JSON or YAML (JSON is YAML, so one parser
 * reads both).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LineCounter, parseDocument, stringify } from 'yaml';
import type { z } from 'zod';
import type { CommandContext } from './context';
import { CommandError, exitStatus } from './exit-status';
import { unquotedText, unquotedTexts } from './unquoted-texts';

/** What a document is read for. */
export interface Expected {
  readonly schema: z.ZodType;
  /** A merge patch, where null removes. */
  readonly isPatch?: boolean;
}

const maxDocumentOctets = 16_777_216;

async function readAll(context: CommandContext): Promise<string> {
  const pieces: Buffer[] = [];
  let octets = 0;
  for await (const piece of context.stdin) {
    const chunk = Buffer.from(piece as Uint8Array | string);
    octets += chunk.length;
    if (octets > maxDocumentOctets)
      throw new CommandError(
        `standard input holds more than ${maxDocumentOctets} octets; use \`hss import\` for many documents`,
      );
    pieces.push(chunk);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * One document. @param name a file's name, or - for standard input. @throws CommandError with line and column
 */
export async function readDocument(
  context: CommandContext,
  name: string,
  expected: Expected,
): Promise<unknown> {
  const text =
    name === '-'
      ? await readAll(context)
      : await readFile(path.resolve(context.cwd, name), 'utf8').catch((error: unknown) => {
          throw new CommandError(
            `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
            exitStatus.failure,
            { cause: error },
          );
        });
  return parseText(text, name === '-' ? 'standard input' : name, expected);
}

/** @throws CommandError with line and column; the text itself, which may hold secrets, is not quoted */
export function parseText(text: string, origin: string, { schema, isPatch }: Expected): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, lineCounter });
  const [error] = document.errors;
  if (error !== undefined) {
    const place = error.linePos?.[0];
    throw new CommandError(
      `${origin}${place === undefined ? '' : `:${place.line}:${place.col}`}: ${firstSentence(error.message)}`,
      exitStatus.failure,
    );
  }
  const unquoted = unquotedTexts(document, schema, isPatch === true);
  if (unquoted.length > 0) {
    const lines = unquoted.map((found) => {
      const { line, col } = lineCounter.linePos(found.offset);
      return `${origin}:${line}:${col}: ${unquotedText(found)}`;
    });
    throw new CommandError(lines.join('\n'), exitStatus.failure);
  }
  const value: unknown = document.toJS();
  return value;
}

/** The parser's message without the excerpt of the text and the position that it appends. */
export function firstSentence(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

/** A document for a reader; quotes whatever would not come back as it was. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
