/** Parts of an extended regular expression and how they are put together, see extended-regular-expression.ts. */

/** Part of an expression while it is being read. */
export interface Part {
  readonly re2: string;
  /** Instructions of the compiled program, at least. */
  readonly size: number;
  readonly head: string;
  readonly tail: string;
  /** Matches `head` and nothing else. */
  readonly exact: boolean;
}

/** Members of each class in the POSIX locale, as inside an RE2 bracket. */
export const classes: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  xdigit: 'A-Fa-f0-9',
  space: '\\t-\\r ',
  blank: ' \\t',
  punct: '!-/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
};

export const inClass = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
const quoted = (character: string): string =>
  /[A-Za-z0-9]/.test(character) ? character : inClass(character);
export const literal = (character: string): Part => ({
  re2: quoted(character),
  size: 1,
  head: character,
  tail: character,
  exact: true,
});
export const open = (re2: string): Part => ({ re2, size: 1, head: '', tail: '', exact: false });
export const anchor = (re2: string): Part => ({ re2, size: 1, head: '', tail: '', exact: true });
export const nothing: Part = { re2: '', size: 0, head: '', tail: '', exact: true };

function common(left: string, right: string, at: (text: string, n: number) => string | undefined): number {
  let length = 0;
  while (length < left.length && length < right.length && at(left, length) === at(right, length)) length += 1;
  return length;
}

export function sequence(left: Part, right: Part): Part {
  return {
    re2: left.re2 + right.re2,
    size: left.size + right.size,
    exact: left.exact && right.exact,
    head: left.exact ? left.head + right.head : left.head,
    tail: right.exact ? left.tail + right.tail : right.tail,
  };
}

export function either(left: Part, right: Part): Part {
  const same = left.exact && right.exact && left.head === right.head;
  const tail = common(left.tail, right.tail, (text, n) => text.at(-1 - n));
  return {
    re2: `${left.re2}|${right.re2}`,
    size: left.size + right.size + 1,
    exact: same,
    head: left.head.slice(
      0,
      common(left.head, right.head, (text, n) => text[n]),
    ),
    tail: tail === 0 ? '' : left.tail.slice(-tail),
  };
}
