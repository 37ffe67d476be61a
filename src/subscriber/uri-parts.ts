/**
 * Parts of SIP and tel URIs in canonical form, for identities and for the literal parts of wildcarded ones:
 * RFC 3261 clauses 19.1.1, 19.1.4 and 19.1.6, RFC 3966 clauses 3 and 5.1.1. Each function gives null where
 * the text is no such part.
 */

const unreserved = /[A-Za-z0-9\-_.!~*'()]/;
/** What a user part may hold unescaped: unreserved and user-unreserved. */
const notInUser = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/%]/gu;
const brokenEscape = /%(?![0-9a-fA-F]{2})/;
const spaceOrControl = /[\s\p{Cc}]/u;
/** Labels of letters, digits and inner hyphens; internationalised names arrive as their "xn--" form. */
const hostName = /^(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)*[a-z0-9]+(?:-+[a-z0-9]+)*$/;

const escaped = (character: string): string =>
  [...Buffer.from(character, 'utf8')]
    .map((octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');

/**
 * A user part: escapes of unreserved characters undone, other escapes in capitals, and what may not stand
 * there unescaped escaped, which RFC 3261 19.1.4 calls equivalent.
 */
export function canonicalUser(text: string): string | null {
  if (brokenEscape.test(text) || spaceOrControl.test(text)) return null;
  return text.replace(notInUser, escaped).replace(/%[0-9a-fA-F]{2}/g, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return unreserved.test(character) ? character : escape.toUpperCase();
  });
}

/** A host without port, in lower case and without a final dot; IPv6 addresses as RFC 5952 writes them. */
export function canonicalHost(text: string): string | null {
  const host = text.toLowerCase();
  if (host.startsWith('[')) {
    const url = `http://${host}/`;
    return /^\[[0-9a-f:.]+\]$/.test(host) && URL.canParse(url) ? new URL(url).hostname : null;
  }
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return hostName.test(name) ? name : null;
}

export interface SipHostPart {
  readonly host: string;
  /** user=phone: the user part is a telephone-subscriber. */
  readonly isPhone: boolean;
}

/**
 * What follows the "@" of a SIP URI, or its scheme where there is no user part: port, parameters and headers
 * say nothing about an identity.
 */
export function canonicalHostPart(text: string): SipHostPart | null {
  const match = /^(\[[^\]]*\]|[^:;?]*)(?::\d{1,5})?(?:;([^?]*))?(?:\?.*)?$/s.exec(text);
  const host = canonicalHost(match?.[1] ?? '');
  return host === null ? null : { host, isPhone: /(?:^|;)user=phone(?:;|$)/i.test(match?.[2] ?? '') };
}

/** RFC 3966 5.1.1: they make no difference. */
export const withoutVisualSeparators = (number: string): string => number.replace(/[().-]/g, '');

/**
 * The digits of a telephone number: escapes undone, separators removed, hexadecimal digits in capitals. Not
 * checked.
 */
export function telephoneDigits(text: string): string {
  const plain = text.replace(/%(2[389ABDEabde]|3[0-9])/g, (_escape, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return withoutVisualSeparators(plain).toUpperCase();
}

/**
 * The phone-context among the parameters of a local number: a domain name or the digits of a global number
 * (RFC 3966 5.1.5).
 */
export function canonicalPhoneContext(parameters: readonly string[]): string | null {
  const name = 'phone-context=';
  const context = parameters
    .find((parameter) => parameter.slice(0, name.length).toLowerCase() === name)
    ?.slice(name.length);
  if (context === undefined) return null;
  const digits = telephoneDigits(context);
  return /^\+[0-9]{1,31}$/.test(digits) ? digits : canonicalHost(context);
}
