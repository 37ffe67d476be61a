/**
 * POSIX Extended Regular Expressions (IEEE 1003.1 clause 9.4), the notation of wildcarded identities
 * [23.003-13.5], checked and translated into RE2's notation, whose matchers take time in proportion to the
 * text, whatever the expression says.
 *
 * Only what clause 9.4 defines is taken: no back-references, no lazy or possessive repetition, no classes
 * such as "\d", no groups with "?". Where it leaves the meaning undefined (an empty alternative, "a**", "\"
 * before an ordinary character) the expression is refused. Collating elements are single characters, ranges
 * and classes those of the POSIX locale. Characters are visible ASCII: no canonical identity has others.
 */
import { subscriberLimits } from '../limits';
import {
  anchor,
  classes,
  either,
  inClass,
  literal,
  nothing,
  open,
  sequence,
  type Part,
} from './expression-part';

export interface ExtendedRegularExpression {
  readonly source: string;
  /** The same in RE2's notation, for matching a whole text, with "." for any character. */
  readonly re2: string;
  /** Literal text that every match begins and ends with; the two may overlap. */
  readonly head: string;
  readonly tail: string;
}

export type ExpressionOutcome =
  | { readonly ok: true; readonly value: ExtendedRegularExpression }
  | { readonly ok: false; readonly reason: string };

class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault';
}

const REPEAT_MAX = 255;
const special = '^.[$()|*+?{\\';
class Reader {
  private at = 0;

  /** @param doubts takes what clause 9.4 leaves undefined; null where that is refused, with bounds on the size */
  constructor(
    private readonly text: string,
    private readonly doubts: string[] | null,
  ) {}

  whole(): Part {
    let part = this.alternatives(false);
    while (this.at < this.text.length) {
      this.undefinedHere('")" without "("');
      this.at += 1;
      if (this.at < this.text.length) part = sequence(part, this.alternatives(false));
    }
    return part;
  }

  private fail(what: string): never {
    throw new SyntaxFault(`${what} at character ${this.at + 1}`);
  }

  /** Clause 9.4 gives it no meaning; implementations that take it do not agree on one. */
  private undefinedHere(what: string): void {
    if (this.doubts === null) this.fail(what);
    this.doubts.push(`${what} at character ${this.at + 1}`);
  }

  private bounded(part: Part): Part {
    if (this.doubts === null && part.size > subscriberLimits.wildcardProgramInstructionsCount) {
      throw new SyntaxFault(
        `its repetitions expand to more than ${subscriberLimits.wildcardProgramInstructionsCount} instructions`,
      );
    }
    return part;
  }

  private alternatives(inGroup: boolean): Part {
    let part = this.branch(inGroup);
    while (this.text[this.at] === '|') {
      this.at += 1;
      part = this.bounded(either(part, this.branch(inGroup)));
    }
    return part;
  }

  private branch(inGroup: boolean): Part {
    const start = this.at;
    let part = nothing;
    for (
      let next = this.text[this.at];
      next !== undefined && next !== '|' && next !== ')';
      next = this.text[this.at]
    )
      part = this.bounded(sequence(part, this.repeated()));
    if (this.at === start)
      this.undefinedHere(inGroup ? 'an empty group or alternative' : 'an empty alternative');
    return part;
  }

  /** One element with at most one duplication symbol. */
  private repeated(): Part {
    const first = this.text[this.at] ?? '';
    if ('*+?{'.includes(first)) this.fail(`"${first}" with nothing to repeat`);
    const part = this.element();
    const range = this.duplication();
    if (range === null) return part;
    if (first === '^' || first === '$') this.undefinedHere(`"${first}" cannot be repeated`);
    let whole = this.repetition(part, range);
    while (this.at < this.text.length && '*+?{'.includes(this.text[this.at] ?? '')) {
      this.undefinedHere('a repetition of a repetition');
      whole = this.repetition(whole, this.duplication() ?? [1, 1]);
    }
    return whole;
  }

  private repetition(part: Part, [min, max]: readonly [number, number]): Part {
    const optional = max === Infinity ? part.size + 1 : (max - min) * (part.size + 1);
    const size = Math.max(1, min * part.size + optional);
    const suffix =
      max === Infinity
        ? min === 0
          ? '*'
          : min === 1
            ? '+'
            : `{${min},}`
        : min === 0 && max === 1
          ? '?'
          : `{${min},${max}}`;
    const known = min > 0 && size <= subscriberLimits.wildcardProgramInstructionsCount;
    return this.bounded({
      re2: `(?:${part.re2})${suffix}`,
      size,
      exact: known && part.exact && min === max,
      head: !known ? '' : part.exact ? part.head.repeat(min) : part.head,
      tail: !known ? '' : part.exact ? part.tail.repeat(min) : part.tail,
    });
  }

  private duplication(): readonly [number, number] | null {
    const symbol = this.text[this.at];
    if (symbol === '*' || symbol === '+' || symbol === '?') {
      this.at += 1;
      return symbol === '*' ? [0, Infinity] : symbol === '+' ? [1, Infinity] : [0, 1];
    }
    if (symbol !== '{') return null;
    const match = /^\{(\d{0,5})(?:(,)(\d{1,5})?)?\}/.exec(this.text.slice(this.at));
    const min = Number(match?.[1]);
    const max = match?.[2] === undefined ? min : match[3] === undefined ? Infinity : Number(match[3]);
    const what = `"{" that begins no interval {m}, {m,} or {m,n} with m <= n <= ${REPEAT_MAX}`;
    if (match === null || min > max || (match[1] === '' && match[3] === undefined)) this.fail(what);
    if (match[1] === '' || min > REPEAT_MAX || (max !== Infinity && max > REPEAT_MAX))
      this.undefinedHere(what);
    this.at += match[0].length;
    return [min, max];
  }

  private element(): Part {
    const character = this.text[this.at] ?? '';
    this.at += 1;
    switch (character) {
      case '^':
        return anchor('^');
      case '$':
        return anchor('$');
      case '.':
        return open('.');
      case '[':
        return this.bracket();
      case '(': {
        const part = this.alternatives(true);
        if (this.text[this.at] !== ')') this.fail('"(" without ")"');
        this.at += 1;
        return { ...part, re2: `(?:${part.re2})` };
      }
      case '\\': {
        const next = this.text[this.at] ?? '';
        const what = `"\\${next}": a backslash stands before one of ${special} only (no back-references, no classes such as \\d)`;
        if (next === '') this.fail(what);
        if (!special.includes(next)) this.undefinedHere(what);
        this.at += 1;
        return literal(next);
      }
      default:
        return literal(character);
    }
  }

  /** After "[". */
  private bracket(): Part {
    const negated = this.text[this.at] === '^';
    if (negated) this.at += 1;
    let members = '';
    /** The only member so far; null before the first and after the second one. */
    let only: string | null = null;
    let first = true;
    for (; ; first = false) {
      const character = this.text[this.at];
      if (character === undefined) this.fail('"[" without "]"');
      if (character === ']' && !first) break;
      const start = this.member(first);
      if (start.length > 1) {
        members += start.slice(1);
        only = null;
        continue;
      }
      if (this.text[this.at] === '-' && this.text[this.at + 1] !== ']') {
        this.at += 1;
        const end = this.member(true);
        if (end.length > 1 || end < start) this.fail(`a range that does not go upwards from "${start}"`);
        if (this.text[this.at] === '-' && this.text[this.at + 1] !== ']')
          this.undefinedHere('a range that begins where another ends');
        members += `${inClass(start)}-${inClass(end)}`;
      } else {
        only = members === '' ? start : null;
        members += inClass(start);
        continue;
      }
      only = null;
    }
    this.at += 1;
    // "[.]" is how many write a literal dot.
    if (!negated && only !== null) return literal(only);
    return open(`[${negated ? '^' : ''}${members}]`);
  }

  /** One character of a bracket expression, or ":" and what stands for a class. */
  private member(hyphenAllowed: boolean): string {
    const opening = this.text.slice(this.at, this.at + 2);
    if (opening === '[.' || opening === '[=' || opening === '[:') {
      const kind = opening[1] ?? '';
      const end = this.text.indexOf(`${kind}]`, this.at + 2);
      const name = end < 0 ? '' : this.text.slice(this.at + 2, end);
      if (kind === ':') {
        if (!Object.hasOwn(classes, name)) this.fail('an unknown character class');
        this.at = end + 2;
        return `:${classes[name] ?? ''}`;
      }
      if (end < 0 || name === '') this.fail('a collating element without its end');
      if (name.length !== 1) this.undefinedHere('a collating element of not exactly one character');
      this.at = end + 2;
      return name.slice(0, 1);
    }
    const character = this.text[this.at] ?? '';
    if (character === '-' && !hyphenAllowed && this.text[this.at + 1] !== ']')
      this.undefinedHere('"-" that is neither the first, the last nor a range');
    this.at += 1;
    return character;
  }
}

/** Reads an expression; a refusal says what is wrong and where. */
export function parseExtendedRegularExpression(source: string): ExpressionOutcome {
  if (source.length > subscriberLimits.wildcardExpressionCharacters)
    return {
      ok: false,
      reason: `is longer than ${subscriberLimits.wildcardExpressionCharacters} characters`,
    };
  if (!/^[\x21-\x7e]+$/.test(source))
    return { ok: false, reason: source === '' ? 'is empty' : 'has a character that is not visible ASCII' };
  try {
    const { re2, head, tail } = new Reader(source, null).whole();
    return { ok: true, value: { source, re2, head, tail } };
  } catch (error) {
    if (error instanceof SyntaxFault)
      return { ok: false, reason: `is no extended regular expression: ${error.message}` };
    throw error;
  }
}

export interface ExpressionCheck {
  /** Why no implementation can compile it. */
  readonly fault?: string;
  /** What the standard leaves undefined, so that implementations differ. */
  readonly doubts: readonly string[];
}

/**
 * Looks at an expression that somebody else compiles: an S-CSCF that of a service point trigger [29.228-F]. Any
 * character may stand in it, and its size has no bound of ours.
 */
export function checkExtendedRegularExpression(source: string): ExpressionCheck {
  const doubts: string[] = [];
  try {
    new Reader(source, doubts).whole();
    return { doubts };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { fault: `is no extended regular expression: ${error.message}`, doubts };
  }
}
