/** Names of this machine, and the Host header that has to be one of them (DNS rebinding). */
import { isIPv4 } from 'node:net';

/** Whether a host name or address stands for this machine only. */
export function isLoopbackName(host: string): boolean {
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

/**
 * Why a request to a listener that only this machine reaches is not from this machine's own programs: its Host
 * is another name, which a web page's own name resolves to, or its Origin is another page. Null where it is.
 */
export function foreignRequest(headers: {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}): 'host' | 'origin' | null {
  if (headers.host === undefined || !isLoopbackName(hostOf(headers.host))) return 'host';
  return headers.origin !== undefined && headers.origin !== `http://${headers.host}` ? 'origin' : null;
}
