/**
 * From a zod schema and any value to the parsed value or every fault, each with its RFC 6901 pointer. The wording says what was
 * expected and never repeats a value that was given, because the value may be a secret.
 */
import { z } from 'zod';
import { pointerOf, type Fault } from './problem';

export type Validated<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

const maxNameCharacters = 64;

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const expectedNames: Readonly<Record<string, string>> = {
  object: 'an object', array: 'an array', int: 'a whole number', number: 'a number', string: 'a string', boolean: 'true or false',
};

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
      if (issue.input === undefined) return `is missing; ${expected} is needed`;
      return `must be ${expected}, not ${typeName(issue.input)}`;
    }
    case 'too_small': return bound(issue.origin, issue.minimum, 'at least');
    case 'too_big': return bound(issue.origin, issue.maximum, 'at most');
    case 'invalid_value': return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format': return issue.format === 'regex' ? undefined : `must be a valid ${issue.format} text`;
    default: return undefined;
  }
}

function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key.slice(0, maxNameCharacters)]), detail: 'is not a known property here' }));
    }
    return [{ pointer: pointerOf(issue.path), detail: issue.message }];
  });
}

export function validate<S extends z.ZodType>(schema: S, value: unknown): Validated<z.output<S>> {
  const parsed = schema.safeParse(value, { error: wording });
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, faults: faultsOf(parsed.error) };
}

/** The same for query parameters: the fault names the parameter. */
export function validateQuery<S extends z.ZodType>(schema: S, query: unknown): Validated<z.output<S>> {
  const result = validate(schema, query);
  if (result.ok) return result;
  return {
    ok: false,
    faults: result.faults.map((fault) => ({ parameter: (fault.pointer ?? '').slice(1), detail: fault.detail.replace('property', 'query parameter') })),
  };
}
