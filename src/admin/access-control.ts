/**
 * Who may talk to the API. With a token: every data route needs `Authorization: Bearer` (RFC 6750). Without
 * one the API may only listen on the loopback, and then the Host and Origin headers are checked, so that no
 * web page in a browser on this machine can reach it by DNS rebinding or a cross-site request.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { foreignRequest, isLoopbackName } from '../shared/loopback';
import { ProblemError } from './problem';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export interface AccessHeaders {
  readonly authorization?: string | undefined;
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/** @returns what checks one request; `open` routes are those that carry no data (the API's description). */
export function accessControl(token: string | undefined): (headers: AccessHeaders, open: boolean) => void {
  const expected = token === undefined ? null : digest(token);
  return (headers, open) => {
    if (expected !== null) {
      if (!open) checkToken(headers.authorization, expected);
      return;
    }
    const foreign = foreignRequest(headers);
    if (foreign === 'host') {
      throw new ProblemError(
        403,
        'The Host header does not name this machine; without a token the API answers to loopback names only.',
      );
    }
    if (foreign === 'origin')
      throw new ProblemError(403, 'Requests from other web origins are refused while no token is set.');
  };
}

/** Both sides are hashed first: equal lengths for the comparison, whose time then tells nothing. */
function checkToken(authorization: string | undefined, expected: Buffer): void {
  const given = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
  if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
  const challenge = given === undefined ? 'Bearer realm="hss"' : 'Bearer realm="hss", error="invalid_token"';
  throw new ProblemError(
    401,
    given === undefined ? 'A bearer token is needed.' : 'The bearer token is not the right one.',
    [],
    { 'www-authenticate': challenge },
  );
}

/** @throws Error where listening on `host` without a token would let others than this machine in */
export function assertMayListen(host: string, token: string | undefined): void {
  if (token === undefined && !isLoopbackName(host)) {
    throw new Error(
      `the HTTP API may listen on ${host} only with a bearer token; set one, or listen on the loopback`,
    );
  }
}
