/**
 * Identities by number: a pattern with one number of fixed width (`sip:00101%010d@realm`), so that a template
 * can be patched in place.
 */

const NUMBER = /%0(\d{1,2})d/;
const MAX_DIGITS = 15;

export interface IdentityPattern {
  /** How the identity of that number is written. */
  readonly text: (n: number) => string;
  /** 0 where the pattern holds no number: the same identity always. */
  readonly digits: number;
}

/** @throws Error that says what is wrong with the pattern */
export function identityPattern(pattern: string): IdentityPattern {
  const [, width] = NUMBER.exec(pattern) ?? [];
  const rest = pattern.replace(NUMBER, '');
  if (rest.includes('%')) throw new Error(`"${pattern}": one number of fixed width at most, written %010d`);
  if (width === undefined) return { text: () => pattern, digits: 0 };
  const digits = Number(width);
  if (digits < 1 || digits > MAX_DIGITS)
    throw new Error(`"${pattern}": the number has 1 to ${MAX_DIGITS} digits`);
  return { digits, text: (n) => pattern.replace(NUMBER, String(n).padStart(digits, '0')) };
}

/** Writes `value` in decimal with leading zeros at `offset`. */
export function writeDigits(to: Buffer, offset: number, digits: number, value: number): void {
  let rest = value;
  for (let at = offset + digits - 1; at >= offset; at -= 1) {
    const next = Math.floor(rest / 10);
    to[at] = 48 + rest - next * 10;
    rest = next;
  }
}
