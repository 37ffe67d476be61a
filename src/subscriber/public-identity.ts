/**
 * Public Identities in canonical form, [23.003-13.4]: identities are compared and stored in this form only
 * [29.228-6 "canonical form"]. SIP URI: scheme and host in lower case, no port, no parameters, no headers,
 * percent-encoding of unreserved characters undone (RFC 3261 10.3 and 19.1.4). tel URI: visual separators
 * removed (RFC 3966 5.1.1), global numbers without parameters, local ones keep their phone-context. Of
 * wildcarded identities the literal parts are canonical [23.003-13.5].
 *
 * Readings: escapes of reserved characters stay (19.1.4 tells "%3B" from ";"); a user part that is a global
 * number is compared without visual separators, with or without user=phone.
 */
import type { PublicIdentityType } from './public-identity-type';
import {
  canonicalHostPart,
  canonicalPhoneContext,
  canonicalUser,
  telephoneDigits,
  withoutVisualSeparators,
} from './uri-parts';
import { parseWildcardedIdentity } from './wildcards/wildcarded-identity';

export type Canonical =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };

const failed = (reason: string): Canonical => ({ ok: false, reason });

/** Already canonical, by far the most frequent case: nothing to rewrite. */
const plainSip =
  /^sip:(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\+[0-9]+)@(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)*[a-z0-9]+(?:-+[a-z0-9]+)*$/;
const plainTel = /^tel:\+[0-9]{1,31}$/;

function canonicalSip(uri: string): Canonical {
  const scheme = uri.slice(0, uri.indexOf(':')).toLowerCase();
  const rest = uri.slice(scheme.length + 1);
  // Nowhere else may an "@" stand unescaped; before it a "?" or ";" is part of the user.
  const at = rest.indexOf('@');
  const host = canonicalHostPart(rest.slice(at + 1));
  if (host === null) return failed('has no valid host part');
  if (at < 0) return { ok: true, value: `${scheme}:${host.host}` };
  const [userPart = ''] = rest.slice(0, at).split(':', 1);
  if (userPart === '') return failed('has an empty user part');
  const user = canonicalUser(userPart);
  if (user === null)
    return failed('has white space, a control character or an incomplete escape in its user part');
  return { ok: true, value: `${scheme}:${phoneUser(user, host.isPhone)}@${host.host}` };
}

/** RFC 3261 19.1.6: a telephone-subscriber is compared as a tel URI is. */
function phoneUser(user: string, isPhone: boolean): string {
  if (!user.startsWith('+') && !(isPhone && user.startsWith('%2B'))) return user;
  const number = isPhone ? telephoneDigits(user.split(';', 1)[0] ?? '') : withoutVisualSeparators(user);
  return /^\+[0-9]+$/.test(number) ? number : user;
}

function canonicalTel(uri: string): Canonical {
  const [number = '', ...parameters] = uri.slice(4).split(';');
  const digits = telephoneDigits(number);
  if (/^\+[0-9]{1,31}$/.test(digits)) return { ok: true, value: `tel:${digits}` };
  if (!/^[0-9A-F*#]{1,31}$/.test(digits)) return failed('is no telephone-subscriber of RFC 3966');
  const context = canonicalPhoneContext(parameters);
  if (context === null) {
    // Whether it may be provisioned is a setting: local-numbers.ts.
    return parameters.some((parameter) => /^phone-context=/i.test(parameter))
      ? failed('has a phone-context that is neither a domain nor a global number (RFC 3966 5.1.5)')
      : { ok: true, value: `tel:${digits}` };
  }
  return { ok: true, value: `tel:${digits};phone-context=${context}` };
}

export const isWildcardedType = (type: PublicIdentityType): boolean =>
  type === 'wildcardedPsi' || type === 'wildcardedPublicUserIdentity';

/**
 * The canonical form of a SIP or tel URI, or of a wildcarded identity where `type` says that it is one, or
 * why it is none.
 */
export function canonicalPublicIdentity(
  uri: string,
  type: PublicIdentityType = 'distinctPublicUserIdentity',
): Canonical {
  if (isWildcardedType(type)) {
    const parsed = parseWildcardedIdentity(uri);
    return parsed.ok ? { ok: true, value: parsed.value.text } : parsed;
  }
  if (plainSip.test(uri) || plainTel.test(uri)) return { ok: true, value: uri };
  const scheme = uri.slice(0, uri.indexOf(':') + 1).toLowerCase();
  if (scheme === 'sip:' || scheme === 'sips:') return canonicalSip(uri);
  if (scheme === 'tel:') return canonicalTel(uri);
  return failed('is neither a SIP nor a tel URI');
}
