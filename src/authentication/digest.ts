/**
 * H(A1) for SIP Digest: RFC 7616 clause 3.4.2, A1 = user name ":" realm ":" password, for MD5 and SHA-256, as
 * the lower-case hexadecimal digits that Digest-HA1 [29.229-6.3.41] and Alternate-Digest-HA1 [29.229-6.3.73]
 * carry. The "-sess" variants are not offered: their A1 has nonces in it that the HSS does not know. Pure.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Algorithm tokens of RFC 7616 clause 6.1 that we make HA1s for; MD5 is for Digest-HA1, SHA-256 for the
 * alternate one.
 */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

const hashNames = { MD5: 'md5', 'SHA-256': 'sha256' } as const;
const ha1Digits = { MD5: 32, 'SHA-256': 64 } as const;

/** A ready-made HA1 that cannot be one. The message never holds the value. */
export class InvalidHa1Error extends Error {
  override readonly name = 'InvalidHa1Error';
}

/**
 * H(A1) as 32 (MD5) or 64 (SHA-256) lower-case hexadecimal digits. All three texts are hashed as UTF-8 (RFC
 * 7616 clause 4). For IMS the user name is the Private User Identity [29.228-6.3].
 * @throws RangeError when the user name or the realm is empty, has a quotation mark or a control character,
 * or the user name has a colon (RFC 7616 clause 3.4.4): the phone could not have computed the same value.
 */
export function computeHa1(
  algorithm: DigestAlgorithm,
  username: string,
  realm: string,
  password: string,
): string {
  if (!isQuotable(username) || username.includes(':')) {
    throw new RangeError(
      'the digest user name must not be empty nor have a colon, quotation mark or control character',
    );
  }
  if (!isQuotable(realm))
    throw new RangeError('the digest realm must not be empty nor have a quotation mark or control character');
  return createHash(hashNames[algorithm]).update(`${username}:${realm}:${password}`, 'utf8').digest('hex');
}

/** Whether the text is a HA1 of that algorithm: exactly 32 or 64 hexadecimal digits of either case. */
export function isHa1(algorithm: DigestAlgorithm, text: string): boolean {
  return text.length === ha1Digits[algorithm] && /^[0-9a-fA-F]+$/.test(text);
}

/**
 * A ready-made HA1 in the form that is stored and sent, lower case (RFC 7616 clause 3.1.3: LHEX).
 * @throws InvalidHa1Error when isHa1 says no.
 */
export function normaliseHa1(algorithm: DigestAlgorithm, text: string): string {
  if (!isHa1(algorithm, text)) {
    throw new InvalidHa1Error(
      `a HA1 for ${algorithm} has ${ha1Digits[algorithm]} hexadecimal digits; this text of ${text.length} characters does not fit`,
    );
  }
  return text.toLowerCase();
}

/** Compares two HA1s, without regard to case, in a time that depends on their lengths only. */
export function ha1Equal(left: string, right: string): boolean {
  const a = Buffer.from(left.toLowerCase(), 'latin1');
  const b = Buffer.from(right.toLowerCase(), 'latin1');
  return a.length === b.length && timingSafeEqual(a, b);
}

function isQuotable(text: string): boolean {
  if (text.length === 0) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f || unit === 0x22) return false;
  }
  return true;
}
