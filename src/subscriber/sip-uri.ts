/**
 * Whether two S-CSCF names are equal: SIP URI comparison, RFC 3261 clause 19.1.4, which TS 29.228 clause 6
 * prescribes for it [29.228-6]. Percent-encoding of unreserved characters makes no difference; neither does
 * the order of parameters and headers.
 */

interface SipUri {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Sorted: their order says nothing. */
  readonly headers: string;
}

/** Parameters that differ when only one URI has them; any other is compared only where both do. */
const significantAlone = ['user', 'ttl', 'method', 'maddr', 'transport'];

const unescape = (text: string): string =>
  text.replace(/%([0-9a-fA-F]{2})/g, (escape, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return /[A-Za-z0-9\-_.!~*'()]/.test(character) ? character : escape.toUpperCase();
  });

/** Header names are case-insensitive, values are kept as they stand. */
function header(text: string): string {
  const equals = text.indexOf('=');
  return equals < 0
    ? text.toLowerCase()
    : `${text.slice(0, equals).toLowerCase()}${unescape(text.slice(equals))}`;
}

function parse(uri: string): SipUri {
  const colon = uri.indexOf(':');
  const scheme = uri.slice(0, colon).toLowerCase();
  const [address = '', headers = ''] = uri.slice(colon + 1).split('?', 2);
  const sortedHeaders = headers.split('&').map(header).sort().join('&');
  const at = address.lastIndexOf('@');
  const [hostPort = '', ...rest] = address.slice(at + 1).split(';');
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(hostPort);
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    const name = equals < 0 ? parameter : parameter.slice(0, equals);
    parameters.set(name.toLowerCase(), equals < 0 ? '' : unescape(parameter.slice(equals + 1)).toLowerCase());
  }
  return {
    scheme,
    user: unescape(address.slice(0, Math.max(at, 0))),
    host: (match?.[1] ?? hostPort).toLowerCase(),
    port: match?.[2] ?? '',
    parameters,
    headers: sortedHeaders,
  };
}

/** True where both URIs name the same server [29.228-6]. */
export function sameSipUri(left: string, right: string): boolean {
  if (left === right) return true;
  const a = parse(left);
  const b = parse(right);
  if (
    a.scheme !== b.scheme ||
    a.user !== b.user ||
    a.host !== b.host ||
    a.port !== b.port ||
    a.headers !== b.headers
  )
    return false;
  for (const [name, value] of a.parameters) {
    const other = b.parameters.get(name);
    if (other === undefined ? significantAlone.includes(name) : other !== value) return false;
  }
  return significantAlone.every((name) => b.parameters.has(name) === a.parameters.has(name));
}
