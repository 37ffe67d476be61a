/** From the octets of a body to what a route takes: JSON parsed, NDJSON and CSV as a stream. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseJson } from './json-text';
import { ProblemError } from './problem';
import { csvMediaType, jsonMediaType, mergePatchMediaType, ndjsonMediaType } from './route';

export function addBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [jsonMediaType, mergePatchMediaType],
    { parseAs: 'buffer' },
    (_request, body, done) => {
      const parsed = parseJson(Buffer.from(body));
      if (parsed.ok) done(null, parsed.value);
      else
        done(
          new ProblemError(
            400,
            `The body is not JSON: line ${parsed.line}, column ${parsed.column}: ${parsed.detail}.`,
          ),
        );
    },
  );
  app.addContentTypeParser([ndjsonMediaType, csvMediaType], (_request, payload, done) => {
    done(null, payload);
  });
}

/**
 * Many clients name a content type with every request. Without content it says nothing, whatever it is, where no
 * body is expected (RFC 9110 8.3).
 */
export function forgetTypeOfNothing(request: FastifyRequest): void {
  const { headers } = request;
  const isEmpty = headers['content-length'] === undefined || headers['content-length'] === '0';
  if (isEmpty && headers['transfer-encoding'] === undefined) delete headers['content-type'];
}
