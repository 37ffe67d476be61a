/**
 * From a zod schema and any value to the parsed value or every fault, each with its RFC 6901 pointer. The
 * wording says what was expected and never repeats a value that was given, because the value may be a secret.
 */
import { z } from 'zod';
import { didYouMean } from '../shared/nearest-name';
import { faultyDocument, pointerOf, type Fault } from './problem';
import type { ApiRequest } from './route';

export type Validated<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

const maxNameCharacters = 64;

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const expectedNames: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'an array',
  int: 'a whole number',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
};

const isNumeric = (expected: string): boolean => expected === 'int' || expected === 'number';

function bound(origin: string, amount: number | bigint, word: 'at least' | 'at most'): string {
  if (origin === 'string') return `must have ${word} ${amount} characters`;
  if (origin === 'array') return `must have ${word} ${amount} entries`;
  return `must be ${word} ${amount}`;
}

/** The sentence for an issue whose schema brings no message of its own. */
function wording(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = expectedNames[issue.expected] ?? issue.expected;
      // What is no number at all comes as NaN from a query, and 1.5 is a number, too.
      if (typeof issue.input === 'number')
        return `must be ${isNumeric(issue.expected) ? 'a whole number' : `${expected}, not a number`}`;
      if (issue.input === undefined) return `is missing; ${expected} is needed`;
      return `must be ${expected}, not ${typeName(issue.input)}`;
    }
    case 'too_small':
      return bound(issue.origin, issue.minimum, 'at least');
    case 'too_big':
      return bound(issue.origin, issue.maximum, 'at most');
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'unrecognized_keys':
      // Not for a reader: faultsOf makes a fault of each, with the names that are known there.
      return JSON.stringify(knownNames(issue.inst));
    case 'invalid_format':
      return issue.format === 'regex' ? undefined : `must be a valid ${issue.format} text`;
    default:
      return undefined;
  }
}

/** The properties of an object schema. */
function knownNames(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** What is said of a property that nothing takes. */
export function unknownProperty(path: readonly PropertyKey[], name: string, known: readonly string[]): Fault {
  const shown = name.slice(0, maxNameCharacters);
  return {
    pointer: pointerOf([...path, shown]),
    detail: `is not a known property here${didYouMean(shown, known)}`,
  };
}

function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      const known = JSON.parse(issue.message) as readonly string[];
      return issue.keys.map((key) => unknownProperty(issue.path, key, known));
    }
    return [{ pointer: pointerOf(issue.path), detail: issue.message }];
  });
}

/**
 * What neither XML 1.0 (User-Data) nor the database can hold: control characters and halves of surrogate
 * pairs.
 */
const unstorable = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** The quick question that nearly every document answers with no. */
function hasUnstorableText(value: unknown): boolean {
  if (typeof value === 'string') return unstorable.test(value);
  if (typeof value !== 'object' || value === null) return false;
  for (const name in value)
    if (hasUnstorableText((value as Readonly<Record<string, unknown>>)[name])) return true;
  return false;
}

function unstorableTexts(value: unknown, path: readonly PropertyKey[], faults: Fault[]): void {
  if (typeof value === 'string') {
    if (unstorable.test(value))
      faults.push({ pointer: pointerOf(path), detail: 'has a character that XML 1.0 does not allow' });
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) unstorableTexts(value[i], [...path, i], faults);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, entry] of Object.entries(value)) unstorableTexts(entry, [...path, name], faults);
  }
}

export function validate<S extends z.ZodType>(schema: S, value: unknown): Validated<z.output<S>> {
  const parsed = schema.safeParse(value, { error: wording });
  const faults = parsed.success ? [] : faultsOf(parsed.error);
  // What is of an unknown shape may be nested without bound, so only what the schema has seen is walked.
  if (parsed.success && hasUnstorableText(parsed.data)) unstorableTexts(parsed.data, [], faults);
  return parsed.success && faults.length === 0 ? { ok: true, value: parsed.data } : { ok: false, faults };
}

/** The same for query parameters: the fault names the parameter. */
export function validateQuery<S extends z.ZodType>(schema: S, query: unknown): Validated<z.output<S>> {
  const result = validate(schema, query);
  if (result.ok) return result;
  const faults = new Map<string, Fault>();
  for (const fault of result.faults) {
    const parameter = (fault.pointer ?? '').slice(1);
    const detail = fault.detail
      .replace('property', 'query parameter')
      .replace(/, not an array$/, ', given once');
    // The first fault of a parameter says it; further ones only follow.
    if (!faults.has(parameter)) faults.set(parameter, { parameter, detail });
  }
  return { ok: false, faults: [...faults.values()] };
}

/**
 * A document at the pointer `at` of a line, as the schema has it. `faults` are those of the line beside it.
 * @throws ProblemError with these and every fault of the document
 */
export function checkedDocument<S extends z.ZodType>(
  schema: S,
  value: unknown,
  at: string,
  faults: readonly Fault[],
): z.output<S> {
  const result = validate(schema, value);
  const all = result.ok
    ? faults
    : [...faults, ...result.faults.map((fault) => ({ ...fault, pointer: at + (fault.pointer ?? '') }))];
  if (!result.ok || all.length > 0) throw faultyDocument(all);
  return result.value;
}

/** The body of a request as the schema has it. @throws ProblemError with every fault */
export function bodyOf<S extends z.ZodType>(schema: S, { body }: Pick<ApiRequest, 'body'>): z.output<S> {
  const result = validate(schema, body);
  if (!result.ok) throw faultyDocument(result.faults);
  return result.value;
}
