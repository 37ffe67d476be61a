/**
 * Who may talk to the API. With a token: every data route needs `Authorization: Bearer` (RFC 6750). Without
 * one the API may only listen on the loopback, and then the Host and Origin headers are checked, so that no
 * web page in a browser on this machine can reach it by DNS rebinding or a cross-site request.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { ProblemError } from './problem';

/** Whether a host name or address stands for this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name === '::1') return true;
  const v4 = name.startsWith('::ffff:') ? name.slice('::ffff:'.length) : name;
  return isIPv4(v4) && v4.startsWith('127.');
}

/** The host part of a Host header or of a URL's authority, without its port. */
function hostOf(authority: string): string {
  return authority.startsWith('[')
    ? authority.slice(0, authority.indexOf(']') + 1)
    : authority.replace(/:\d*$/, '');
}

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
    if (headers.host === undefined || !isLoopback(hostOf(headers.host))) {
      throw new ProblemError(
        403,
        'The Host header does not name this machine; without a token the API answers to loopback names only.',
      );
    }
    if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) {
      throw new ProblemError(403, 'Requests from other web origins are refused while no token is set.');
    }
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
  if (token === undefined && !isLoopback(host)) {
    throw new Error(
      `the HTTP API may listen on ${host} only with a bearer token; set one, or listen on the loopback`,
    );
  }
}
