/**
 * Media types of requests and answers, RFC 9110 clauses 8.3 and 12.5.1: 415 and 406 with what is possible.
 */
import { ProblemError } from './problem';

/** The type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** @throws ProblemError 415 where the body is not of an accepted type */
export function assertContentType(
  contentType: string | undefined,
  accepted: readonly string[],
  method: string,
): string {
  const given = mediaTypeOf(contentType);
  if (accepted.includes(given)) return given;
  const header = method === 'PATCH' ? 'accept-patch' : 'accept-post';
  throw new ProblemError(
    415,
    `The body has to be ${accepted.join(' or ')}.`,
    [{ header: 'Content-Type', detail: given === '' ? 'is missing' : 'is another type' }],
    method === 'PUT' ? {} : { [header]: accepted.join(', ') },
  );
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function parseAccept(value: string): Range[] {
  return value.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    return { type, quality: Number.isFinite(quality) ? quality : 0 };
  });
}

/** The most specific range that names `offer` decides. */
function qualityOf(offer: string, ranges: readonly Range[]): number {
  const group = `${offer.split('/', 1)[0] ?? ''}/*`;
  for (const name of [offer, group, '*/*']) {
    const range = ranges.find((entry) => entry.type === name);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

/** @throws ProblemError 406 where the client accepts nothing of what the route has */
export function assertAcceptable(accept: string | undefined, offer: string): void {
  if (accept === undefined || accept.trim() === '') return;
  if (qualityOf(offer, parseAccept(accept)) > 0) return;
  throw new ProblemError(406, `The answer can only be ${offer}.`, [
    { header: 'Accept', detail: `does not include ${offer}` },
  ]);
}
