/**
 * From whatever a route or the HTTP framework throws to the problem that the client sees. Nothing unexpected
 * is ever shown.
 */
import { StoreUnavailableError } from '../state/ports';
import { ProblemError } from './problem';

const retryAfterSeconds = 1;

/** What this server takes at most, for what it says of more. */
export interface Bounds {
  readonly maxDocumentOctets: number;
}

/** Codes of the HTTP framework that are the client's doing. */
const frameworkProblems: Readonly<Record<string, (bounds: Bounds) => ProblemError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ maxDocumentOctets }) =>
    new ProblemError(
      413,
      `The body is longer than ${maxDocumentOctets} octets; POST /v1/import takes many documents.`,
    ),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ProblemError(415, 'The body is of a type that this route does not take.', [
      { header: 'Content-Type', detail: 'is another type or missing' },
    ]),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new ProblemError(400, 'The body is not as long as Content-Length says.', [
      { header: 'Content-Length', detail: 'does not match the body' },
    ]),
  FST_ERR_BAD_URL: () => new ProblemError(400, 'The path is not a valid URL path.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new ProblemError(414, 'The path is too long.'),
};

export const noSuchPath = (): ProblemError =>
  new ProblemError(404, 'There is no such path; /openapi.json lists all.');

/** @returns the problem, and whether it is a fault of ours that has to be logged */
export function problemOf(
  error: unknown,
  bounds: Bounds,
): { readonly problem: ProblemError; readonly unexpected: boolean } {
  if (error instanceof ProblemError) return { problem: error, unexpected: false };
  if (error instanceof StoreUnavailableError) {
    return {
      problem: new ProblemError(503, 'The database does not answer.', [], {
        'retry-after': String(retryAfterSeconds),
      }),
      unexpected: false,
    };
  }
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const known = typeof code === 'string' ? frameworkProblems[code] : undefined;
  if (known !== undefined) return { problem: known(bounds), unexpected: false };
  // The plugin that serves /docs refuses a path with a status of its own.
  const status: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined;
  if (status === 403 || status === 404) return { problem: noSuchPath(), unexpected: false };
  if (status === 400)
    return { problem: new ProblemError(400, 'The request is malformed.'), unexpected: false };
  return { problem: new ProblemError(500, 'The HSS failed; its log says more.'), unexpected: true };
}
