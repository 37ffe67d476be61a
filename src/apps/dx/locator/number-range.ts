/**
 * Number ranges of the subscription locator [29.228-6.4]: "+49301000-+49301999" holds the numbers of as many
 * digits between both, "+4930*" every number that begins so (numbers with extensions have no fixed length).
 *
 * A range is kept as the decimal prefixes that make it up, so that one number is found by a hash access for
 * each of its digits, however many ranges there are and however they overlap.
 */

export interface NumberRange {
  /** As stored: international numbers without separators. */
  readonly text: string;
  /**
   * Digits without the "+" that every number of it begins with, each with the number of digits of the whole
   * number; 0 for any number.
   */
  readonly prefixes: readonly string[];
  readonly digitsCount: number;
  /** Numbers in it; infinite where the length is open. The smaller range is the more specific one. */
  readonly size: number;
  /**
   * Leading digits that all its numbers share, "+" included: what it is compared by with wildcarded
   * identities.
   */
  readonly literalCount: number;
}

export type RangeOutcome =
  { readonly ok: true; readonly value: NumberRange } | { readonly ok: false; readonly reason: string };

/** E.164: at most fifteen digits; a double holds them exactly. */
const MAX_DIGITS = 15;

const failed = (reason: string): RangeOutcome => ({ ok: false, reason });
const plain = (text: string): string => text.replace(/[\s().]/g, '');

function commonLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

/** The fewest decimal prefixes that hold exactly `first` to `last`, both of the same length. */
export function decimalPrefixes(first: string, last: string): string[] {
  const prefixes: string[] = [];
  const digits = first.length;
  const end = Number(last);
  let from = Number(first);
  while (from <= end) {
    let zeros = 0;
    while (zeros < digits && from % 10 ** (zeros + 1) === 0 && from + 10 ** (zeros + 1) - 1 <= end)
      zeros += 1;
    prefixes.push(
      String(from)
        .padStart(digits, '0')
        .slice(0, digits - zeros),
    );
    from += 10 ** zeros;
  }
  return prefixes;
}

/** Reads either form. A refusal says why in words that follow the value. */
export function parseNumberRange(text: string): RangeOutcome {
  const given = plain(text);
  const open = /^\+([1-9]\d*)\*$/.exec(given);
  if (open !== null) {
    const digits = open[1] ?? '';
    if (digits.length > MAX_DIGITS) return failed(`has more than ${MAX_DIGITS} digits`);
    return {
      ok: true,
      value: {
        text: `+${digits}*`,
        prefixes: [digits],
        digitsCount: 0,
        size: Number.POSITIVE_INFINITY,
        literalCount: digits.length + 1,
      },
    };
  }
  const match = /^\+([1-9]\d*)-\+([1-9]\d*)$/.exec(given);
  if (match === null)
    return failed('is no number range: "+<first>-+<last>", or "+<digits>*" for all numbers that begin so');
  const [, first = '', last = ''] = match;
  if (first.length !== last.length) return failed('has a first and a last number of different lengths');
  if (first.length > MAX_DIGITS) return failed(`has numbers of more than ${MAX_DIGITS} digits`);
  if (first > last) return failed('has a first number above the last one');
  return {
    ok: true,
    value: {
      text: `+${first}-+${last}`,
      prefixes: decimalPrefixes(first, last),
      digitsCount: first.length,
      size: Number(last) - Number(first) + 1,
      literalCount: commonLength(first, last) + 1,
    },
  };
}

/**
 * The digits of the telephone number that a canonical public identity is about: tel:+..., or a user part that
 * is one.
 */
export function numberOf(identity: string): string | null {
  return /^(?:tel:|sips?:)\+(\d{1,31})(?:@|$)/.exec(identity)?.[1] ?? null;
}
