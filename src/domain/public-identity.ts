/**
 * Public Identities in canonical form, TS 23.003 13.4: identities are compared and stored in this form only
 * [29.228-6 "canonical form"]. SIP URI: scheme and host in lower case, no port, no parameters, no headers, percent-encoding of
 * unreserved characters undone (RFC 3261 19.1.4). tel URI: visual separators removed (RFC 3966 5.1.1), global numbers without
 * parameters, local ones keep their phone-context. Wildcarded identities keep the regular expression between the delimiters.
 */
import type { PublicIdentityType } from './subscription-document';

export type Canonical = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };

const failed = (reason: string): Canonical => ({ ok: false, reason });

/** Already canonical, by far the most frequent case: nothing to rewrite. */
const plainSip = /^sip:(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\+[0-9]+)@[a-z0-9.-]*[a-z0-9]$/;
const plainTel = /^tel:\+[0-9]+$/;

function canonicalSip(uri: string): Canonical {
  const scheme = uri.slice(0, uri.indexOf(':')).toLowerCase();
  let rest = uri.slice(scheme.length + 1);
  const query = rest.indexOf('?');
  if (query >= 0) rest = rest.slice(0, query);
  // A userinfo may hold ";" and even an escaped "@", so the host starts after the last "@".
  const at = rest.lastIndexOf('@');
  const user = at >= 0 ? rest.slice(0, at) : '';
  let host = rest.slice(at + 1);
  const semicolon = host.indexOf(';');
  if (semicolon >= 0) host = host.slice(0, semicolon);
  host = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.replace(/:\d+$/, '');
  host = host.toLowerCase().replace(/\.$/, '');
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$/.test(host)) return failed('has no valid host part');
  if (at === 0) return failed('has an empty user part');
  const name = user.replace(/:.*$/, '').replace(/%[0-9a-fA-F]{2}/g, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9\-_.!~*'()]/.test(character) ? character : escape.toUpperCase();
  });
  if (/\s/.test(name)) return failed('has white space in its user part');
  // user=phone numbers carry separators like a tel URI does (RFC 3261 19.1.6).
  const phone = /;user=phone(;|$)/i.test(rest) || /^\+[0-9().-]+$/.test(name) ? name.replace(/[().-]/g, '') : name;
  const finalName = /^\+[0-9]+$/.test(phone) ? phone : name;
  return { ok: true, value: `${scheme}:${finalName === '' ? '' : `${finalName}@`}${host}` };
}

function canonicalTel(uri: string): Canonical {
  const [number = '', ...parameters] = uri.slice(4).split(';');
  const digits = number.replace(/[().-]/g, '').toUpperCase();
  if (/^\+[0-9]{1,31}$/.test(digits)) return { ok: true, value: `tel:${digits}` };
  if (!/^[0-9A-F*#]{1,31}$/.test(digits)) return failed('is no telephone-subscriber of RFC 3966');
  const context = parameters.find((parameter) => /^phone-context=/i.test(parameter));
  if (context === undefined) return failed('is a local number without phone-context (RFC 3966 5.1.5)');
  return { ok: true, value: `tel:${digits};phone-context=${context.slice('phone-context='.length).toLowerCase()}` };
}

/**
 * The canonical form of a SIP or tel URI, or why it is none. Wildcarded identities are returned as they are, checked only for
 * their "!...!" part (TS 23.003 13.5).
 */
export function canonicalPublicIdentity(uri: string, type: PublicIdentityType = 'distinctPublicUserIdentity'): Canonical {
  if (type === 'wildcardedPsi' || type === 'wildcardedPublicUserIdentity') {
    return /^(sips?|tel):[^!]*!.+![^!]*$/i.test(uri) ? { ok: true, value: uri } : failed('has no regular expression between "!" delimiters (TS 23.003)');
  }
  if (plainSip.test(uri) || plainTel.test(uri)) return { ok: true, value: uri };
  const scheme = uri.slice(0, uri.indexOf(':') + 1).toLowerCase();
  if (scheme === 'sip:' || scheme === 'sips:') return canonicalSip(uri);
  if (scheme === 'tel:') return canonicalTel(uri);
  return failed('is neither a SIP nor a tel URI');
}
