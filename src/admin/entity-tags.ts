/**
 * Entity tags and conditional requests, RFC 9110 clauses 8.8.3 and 13: If-Match and If-None-Match on the way
 * in, ETag on the way out. The store's tags are entity tags as they stand in a header, quotes included, and
 * strong; a weak one never matches where a change is at stake.
 */
import type { Precondition } from '../subscriber/provisioning';
import { ProblemError } from './problem';

const listPattern =
  /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")*\s*$/;

interface TagList {
  readonly any: boolean;
  readonly strong: readonly string[];
  readonly weak: readonly string[];
}

function parseTags(header: string, value: string): TagList {
  if (value.trim() === '*') return { any: true, strong: [], weak: [] };
  if (!listPattern.test(value)) {
    throw new ProblemError(400, `${header} is not a list of entity tags.`, [
      { header, detail: 'must be * or entity tags in double quotes' },
    ]);
  }
  const strong: string[] = [];
  const weak: string[] = [];
  for (const found of value.matchAll(/(W\/)?("[^"]*")/g))
    (found[1] === undefined ? strong : weak).push(found[2] ?? '');
  return { any: false, strong, weak };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function headerText(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * The precondition of a change. `currentEtag` is asked only where If-Match names several tags.
 * @throws ProblemError 400 for a malformed header, 412 where none of several tags is the stored one
 */
export async function changePrecondition(
  headers: Headers,
  currentEtag: () => Promise<string | null>,
): Promise<Precondition> {
  const ifMatch = headerText(headers, 'if-match');
  const ifNoneMatch = headerText(headers, 'if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw new ProblemError(400, 'If-None-Match of a change can only be *.', [
      { header: 'If-None-Match', detail: 'must be *: "only if there is none yet"' },
    ]);
  }
  if (ifMatch === undefined) return ifNoneMatch === undefined ? {} : { ifNoneMatch: '*' };
  if (ifNoneMatch !== undefined) {
    throw new ProblemError(400, 'If-Match and If-None-Match exclude each other.', [
      { header: 'If-None-Match', detail: 'give it or If-Match, not both' },
    ]);
  }
  const tags = parseTags('If-Match', ifMatch);
  if (tags.any) return { ifMatch: '*' };
  if (tags.strong.length === 1) return { ifMatch: tags.strong[0] };
  const current = await currentEtag();
  if (current === null || !tags.strong.includes(current)) throw preconditionFailed(current);
  return { ifMatch: current };
}

/** Whether a GET is answered 304: the client has what is stored (weak comparison, RFC 9110 13.1.2). */
export function notModified(headers: Headers, etag: string): boolean {
  const value = headerText(headers, 'if-none-match');
  if (value === undefined) return false;
  const tags = parseTags('If-None-Match', value);
  return tags.any || tags.strong.includes(etag) || tags.weak.includes(etag);
}

export function preconditionFailed(currentEtag: string | null): ProblemError {
  return currentEtag === null
    ? new ProblemError(412, 'There is nothing stored under this name.')
    : new ProblemError(
        412,
        'What is stored is not what the precondition names; it was changed in between, or exists already.',
        [],
        { etag: currentEtag },
      );
}
