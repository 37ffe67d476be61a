/**
 * Which authentication scheme a MAR gets [29.228-6.3.1 step 4]. "Unknown" stands for the stored scheme. By the
 * letter of the clause that is SIP Digest or NASS-Bundled; a scheme that the operator names as the default, in
 * the document or for the whole HSS, is used whatever it is. Names are compared without regard to case: CSCFs
 * write "unknown".
 */
import type { StoredPrivateIdentity } from '../../subscriber/subscription';
import { authenticationSchemes, type AuthenticationScheme } from '../../subscriber/subscription-document';

export type SchemeChoice =
  | { readonly ok: true; readonly scheme: AuthenticationScheme }
  /** `check`: what is missing, in words, for the log. */
  | { readonly ok: false; readonly check: string };

const sameName = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

export const isUnknownScheme = (requested: string): boolean => sameName(requested, 'Unknown');

export const isAkaScheme = (requested: string): boolean => sameName(requested, 'Digest-AKAv1-MD5');

function provisionedSchemes(identity: StoredPrivateIdentity): AuthenticationScheme[] {
  const { aka, usim, sipDigest, nassBundled, giba } = identity.authentication;
  const schemes: AuthenticationScheme[] = [];
  if (aka !== undefined || usim !== undefined) schemes.push('Digest-AKAv1-MD5');
  if (sipDigest !== undefined) schemes.push('SIP Digest');
  if (nassBundled !== undefined) schemes.push('NASS-Bundled');
  if (giba !== undefined) schemes.push('Early IMS Security');
  return schemes;
}

/** What "Unknown" stands for where nobody names a default. */
const mayBeUnknown = (scheme: AuthenticationScheme): boolean =>
  scheme === 'SIP Digest' || scheme === 'NASS-Bundled';

/** The scheme for `requested`; `hssDefault` is the one that the configuration names, if it does. */
export function chooseScheme(
  requested: string,
  identity: StoredPrivateIdentity,
  hssDefault: AuthenticationScheme | undefined,
): SchemeChoice {
  const schemes = provisionedSchemes(identity);
  const unknown = isUnknownScheme(requested);
  const scheme = unknown
    ? (identity.authentication.defaultScheme ??
      schemes.find((name) => name === hssDefault) ??
      schemes.find(mayBeUnknown))
    : schemes.find((name) => sameName(name, requested));
  if (scheme !== undefined) return { ok: true, scheme };
  return { ok: false, check: unknown ? noDefault(requested, schemes) : notProvisioned(requested, schemes) };
}

const listOf = (schemes: readonly AuthenticationScheme[]): string => schemes.join(', ') || 'none';

function noDefault(requested: string, schemes: readonly AuthenticationScheme[]): string {
  const [first] = schemes;
  const stands = `authentication scheme "${requested}" stands for a default scheme, and the Private User Identity has none`;
  if (first === undefined) return `${stands}: no authentication data is provisioned`;
  return `${stands}: neither SIP Digest nor NASS-Bundled is provisioned (provisioned: ${listOf(schemes)}), and neither its authentication.defaultScheme nor the setting cx.defaultScheme names "${first}"`;
}

function notProvisioned(requested: string, schemes: readonly AuthenticationScheme[]): string {
  const known = authenticationSchemes.some((name) => sameName(name, requested));
  return known
    ? `authentication scheme "${requested}" is not provisioned for the Private User Identity (provisioned: ${listOf(schemes)})`
    : `authentication scheme "${requested}" is none of this HSS (${listOf(authenticationSchemes)}, Unknown)`;
}
