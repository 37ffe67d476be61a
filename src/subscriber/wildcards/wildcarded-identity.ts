/**
 * Wildcarded Public Service Identities and wildcarded Public User Identities, [23.003-13.5] and
 * [23.003-13.4A]: a SIP or tel URI with an extended regular expression between "!" delimiters in its user
 * part or telephone-subscriber, as in sip:chatlist!.*!@example.com.
 *
 * Stored with its delimiters and with its literal parts in canonical form, so that they compare with
 * canonical identities; the expression stays as it is. The first "!" begins it and the last one ends it; a
 * literal "!" is written "%21". The domain is never part of the expression (the operator defines it, the
 * service the user part).
 */
import {
  canonicalHostPart,
  canonicalPhoneContext,
  canonicalUser,
  telephoneDigits,
  withoutVisualSeparators,
} from '../uri-parts';
import {
  parseExtendedRegularExpression,
  type ExtendedRegularExpression,
} from './extended-regular-expression';

export interface WildcardedIdentity {
  /** As stored and as sent, delimiters included [29.228-B.2.1]. */
  readonly text: string;
  /**
   * Scheme and domain, "sip:example.com"; "tel:" for telephone numbers: only identities of the same space can
   * match.
   */
  readonly space: string;
  /**
   * What canonical user parts (or telephone-subscribers) have before and after what the expression matches.
   */
  readonly prefix: string;
  readonly suffix: string;
  readonly expression: ExtendedRegularExpression;
}

export type WildcardOutcome =
  { readonly ok: true; readonly value: WildcardedIdentity } | { readonly ok: false; readonly reason: string };

const failed = (reason: string): WildcardOutcome => ({ ok: false, reason });
const literalText = (part: string): string => part.replaceAll('!', '%21');

/** Reads the delimited form. A refusal says why in words that follow the identity. */
export function parseWildcardedIdentity(text: string): WildcardOutcome {
  const scheme = /^(sips?|tel):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return failed('is neither a SIP nor a tel URI');
  const first = text.indexOf('!');
  const last = text.lastIndexOf('!');
  if (last - first < 2)
    return failed('has no regular expression between "!" delimiters (TS 23.003 clause 13.5)');
  const before = text.slice(scheme.length + 1, first);
  const after = text.slice(last + 1);
  if (before.includes('@'))
    return failed(
      'has its regular expression in the domain; only the user part may have one (TS 23.003 clause 13.5)',
    );
  const expression = parseExtendedRegularExpression(text.slice(first + 1, last));
  if (!expression.ok) return failed(`has a regular expression that ${expression.reason}`);
  return scheme === 'tel'
    ? wildcardedTel(before, after, expression.value)
    : wildcardedSip(scheme, before, after, expression.value);
}

function wildcardedSip(
  scheme: string,
  before: string,
  after: string,
  expression: ExtendedRegularExpression,
): WildcardOutcome {
  const at = after.indexOf('@');
  const host = at < 0 ? null : canonicalHostPart(after.slice(at + 1));
  if (host === null) return failed('has no valid host part after its regular expression');
  if (before.includes(':')) return failed('has its regular expression in the password');
  let prefix = canonicalUser(before);
  let suffix = canonicalUser(after.slice(0, at).split(':', 1)[0] ?? '');
  if (prefix === null || suffix === null)
    return failed('has white space, a control character or an incomplete escape in its user part');
  // As far as can be seen a global number: the canonical form of such a user part has no separators.
  if (/^\+[0-9().-]*$/.test(prefix) && /^[0-9().-]*$/.test(suffix)) {
    prefix = withoutVisualSeparators(prefix);
    suffix = withoutVisualSeparators(suffix);
  }
  return {
    ok: true,
    value: {
      text: `${scheme}:${literalText(prefix)}!${expression.source}!${literalText(suffix)}@${host.host}`,
      space: `${scheme}:${host.host}`,
      prefix,
      suffix,
      expression,
    },
  };
}

function wildcardedTel(
  before: string,
  after: string,
  expression: ExtendedRegularExpression,
): WildcardOutcome {
  const [lastDigits = '', ...parameters] = after.split(';');
  const prefix = telephoneDigits(before);
  const digits = telephoneDigits(lastDigits);
  const isGlobal = prefix.startsWith('+');
  if (
    !(isGlobal ? /^\+[0-9]*$/ : /^[0-9A-F*#]*$/).test(prefix) ||
    !(isGlobal ? /^[0-9]*$/ : /^[0-9A-F*#]*$/).test(digits)
  ) {
    return failed('is no telephone-subscriber of RFC 3966');
  }
  let suffix = digits;
  if (!isGlobal) {
    const context = canonicalPhoneContext(parameters);
    // With nothing before the expression it may be meant for global numbers.
    if (context === null && prefix !== '')
      return failed('is a range of local numbers without phone-context (RFC 3966 5.1.5)');
    if (context !== null) suffix += `;phone-context=${context}`;
  }
  return {
    ok: true,
    value: {
      text: `tel:${prefix}!${expression.source}!${suffix}`,
      space: 'tel:',
      prefix,
      suffix,
      expression,
    },
  };
}
