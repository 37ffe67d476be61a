import { RE2JS } from 're2js';
import {
  checkExtendedRegularExpression,
  parseExtendedRegularExpression,
  type ExtendedRegularExpression,
} from '../../../src/subscriber/wildcards/extended-regular-expression';
import { subscriberLimits } from '../../../src/subscriber/limits';
import { Seeded } from '../../apps/cx/support/seeded';

function parsed(source: string): ExtendedRegularExpression {
  const outcome = parseExtendedRegularExpression(source);
  if (!outcome.ok) throw new Error(`${source} ${outcome.reason}`);
  return outcome.value;
}

const matches = (source: string, text: string): boolean =>
  RE2JS.compile(parsed(source).re2, RE2JS.DOTALL).testExact(text);

describe('[23.003-13.5] extended regular expressions of IEEE 1003.1 clause 9.4', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['.*', ['', 'a', 'a!b', 'x'.repeat(500)], []],
    ['abc', ['abc'], ['', 'ab', 'abcd', 'ABC']],
    ['a.c', ['abc', 'a.c', 'a!c'], ['ac', 'abbc']],
    ['a|bc|d', ['a', 'bc', 'd'], ['ab', 'abc', 'bd']],
    ['(a|b)*c', ['c', 'abbac'], ['abba', 'ca']],
    ['ab?c', ['ac', 'abc'], ['abbc']],
    ['ab+', ['ab', 'abbb'], ['a']],
    ['[0-9]{4}', ['0000', '1234'], ['123', '12345', '12a4']],
    ['a{2,}', ['aa', 'aaaa'], ['a']],
    ['a{0,2}', ['', 'a', 'aa'], ['aaa']],
    ['(ab){2}', ['abab'], ['ab', 'ababab']],
    ['[^0-9]+', ['abc', '.-'], ['a1', '']],
    ['[]a]+', [']a]'], ['b']],
    ['[^]a]', ['b'], [']', 'a']],
    ['[a-]+', ['a-'], ['b']],
    ['[-a]+', ['a-'], ['b']],
    ['[%--]', ['%', '&', '-'], ['.', '$']],
    ['[\\d]+', ['\\d', 'd'], ['1']],
    ['[a^]', ['a', '^'], ['b']],
    ['[.]', ['.'], ['a']],
    ['[[:digit:]]{2}', ['12'], ['1a']],
    ['[[:alpha:][:digit:]_]+', ['aZ9_'], ['-']],
    ['[^[:upper:]]', ['a', '1'], ['A']],
    ['[[:punct:]]', ['!', '~', '_', ']', '\\'], ['a', ' ']],
    ['[[:xdigit:]]+', ['09afAF'], ['g']],
    ['[[.-.]a]', ['-', 'a'], ['b']],
    ['[[=a=]]', ['a'], ['b']],
    ['[a-[.z.]]+', ['az'], ['A', '-']],
    ['\\+1\\.[0-9]\\*', ['+1.5*'], ['1.5*', '+1x5*']],
    ['\\\\\\^\\$\\[\\(\\)\\|\\?\\{', ['\\^$[()|?{'], ['x']],
    ['a}b]', ['a}b]'], ['ab']],
    ['^abc$', ['abc'], ['abcd']],
    ['(^a|b)c', ['ac', 'bc'], ['c']],
    ['a^b', [], ['ab', 'a^b']],
    ['((a))', ['a'], ['b']],
    ['a!b', ['a!b'], ['ab']],
  ])('%s', (source, inside, outside) => {
    for (const text of inside) expect([text, matches(source, text)]).toEqual([text, true]);
    for (const text of outside) expect([text, matches(source, text)]).toEqual([text, false]);
  });

  test.each([
    ['', 'is empty'],
    ['a b', 'visible ASCII'],
    ['é', 'visible ASCII'],
    ['a\n', 'visible ASCII'],
    ['a'.repeat(subscriberLimits.wildcardExpressionCharacters + 1), 'is longer than 256 characters'],
    // Perl's, and what clause 9.4 leaves undefined.
    ['\\d+', '"\\\\d"'],
    ['\\w', '"\\\\w"'],
    ['\\b', '"\\\\b"'],
    ['(a)\\1', '"\\\\1"'],
    ['\\x41', '"\\\\x"'],
    ['\\-', '"\\\\-"'],
    ['a\\', '"\\\\"'],
    ['(?:a)', '"\\?" with nothing to repeat'],
    ['(?i)a', 'nothing to repeat'],
    ['(?=a)', 'nothing to repeat'],
    ['(?<n>a)', 'nothing to repeat'],
    ['(?P<n>a)', 'nothing to repeat'],
    ['a*?', 'repetition of a repetition'],
    ['a+?', 'repetition of a repetition'],
    ['a*+', 'repetition of a repetition'],
    ['a{2}{3}', 'repetition of a repetition'],
    ['a**', 'repetition of a repetition'],
    ['*a', 'nothing to repeat'],
    ['a|*b', 'nothing to repeat'],
    ['(+a)', 'nothing to repeat'],
    ['{2}', 'nothing to repeat'],
    ['^*', 'cannot be repeated'],
    ['$+', 'cannot be repeated'],
    ['a|', 'empty alternative at character 3'],
    ['|a', 'empty alternative'],
    ['a||b', 'empty alternative'],
    ['()', 'empty group'],
    ['(a|)', 'empty group'],
    ['(a', '"\\(" without "\\)"'],
    ['a)', '"\\)" without "\\("'],
    ['[a', '"\\[" without "\\]"'],
    ['[]', '"\\[" without "\\]"'],
    ['[^]', '"\\[" without "\\]"'],
    ['a{', 'no interval'],
    ['a{x}', 'no interval'],
    ['a{,2}', 'no interval'],
    ['a{3,2}', 'no interval'],
    ['a{256}', 'no interval'],
    ['a{1,256}', 'no interval'],
    ['a{1,2', 'no interval'],
    ['a{1,2,3}', 'no interval'],
    ['[z-a]', 'does not go upwards'],
    ['[a-[:digit:]]', 'does not go upwards'],
    ['[a-m-z]', 'another ends'],
    ['[ab-c-e]', 'another ends'],
    ['[[:word:]]', 'unknown character class'],
    ['[[:constructor:]]', 'unknown character class'],
    ['[[:digit:', 'unknown character class'],
    ['[[.hyphen.]]', 'not exactly one'],
    ['[[=ab=]]', 'not exactly one'],
  ])('"%s" is none: %s', (source, reason) => {
    const outcome = parseExtendedRegularExpression(source);
    expect(outcome).toEqual({ ok: false, reason: expect.stringMatching(reason) as unknown });
  });

  test.each(['[0-9]{255}', '(a|b|c|d){60}', '[a-z]{1,255}', '.*', 'x'.repeat(256)])(
    '%s is within the bound of the program',
    (source) => {
      expect(parseExtendedRegularExpression(source).ok).toBe(true);
    },
  );

  test.each([
    '(a{100}){100}',
    '((((a{9}){9}){9}){9}){9}',
    '(a?){255}(b?){255}',
    '(((((((((a{255}){255}){255}){255}){255}){255}){255}){255}){255})',
  ])('%s expands too far', (source) => {
    expect(parseExtendedRegularExpression(source)).toEqual({
      ok: false,
      reason: expect.stringContaining('512 instructions') as unknown,
    });
  });

  /** Any text of the characters that mean something. */
  const anything = (random: Seeded): string =>
    Array.from({ length: 1 + random.below(14) }, () =>
      random.pick([...'abab01..**++??(())||[[]]^$-{}\\:=']),
    ).join('');

  test('whatever is accepted compiles, and every match begins with its head and ends with its tail', () => {
    let accepted = 0;
    for (let seed = 0; seed < 60_000; seed += 1) {
      const random = new Seeded(seed);
      const outcome = parseExtendedRegularExpression(anything(random));
      if (!outcome.ok) continue;
      accepted += 1;
      const { re2, head, tail, source } = outcome.value;
      const matcher = RE2JS.compile(re2, RE2JS.DOTALL);
      for (let i = 0; i < 12; i += 1) {
        const text = Array.from({ length: random.below(5) }, () => random.pick([...'ab01.^$-|'])).join('');
        if (matcher.testExact(text) && !(text.startsWith(head) && text.endsWith(tail)))
          throw new Error(`${source}: ${text}, head ${head}, tail ${tail}`);
      }
    }
    expect(accepted).toBeGreaterThan(3_000);
  });

  test.each([
    ['ab[0-9]', 'ab', ''],
    ['abc', 'abc', 'abc'],
    ['(ab|ac)d', 'a', 'd'],
    ['a+b', 'a', 'ab'],
    ['a*b', '', 'b'],
    ['(ab){2}c*', 'abab', ''],
    ['12{3}.', '1222', ''],
    ['.x{2}', '', 'xx'],
    ['ab|cb', '', 'b'],
  ])('%s begins with "%s" and ends with "%s"', (source, head, tail) => {
    expect(parsed(source)).toMatchObject({ head, tail });
  });

  test.each(['((((a*)*)*)*)*b', '(a|a)*b', '(a*a*a*a*)*b', '(.?){200}(.*a.*){20}c'])(
    '%s takes time in proportion to the text',
    (source) => {
      const matcher = RE2JS.compile(parsed(source).re2, RE2JS.DOTALL);
      const started = performance.now();
      expect(matcher.testExact('a'.repeat(subscriberLimits.impuOctets))).toBe(false);
      expect(performance.now() - started).toBeLessThan(1_000);
    },
  );
});

describe('an expression that an S-CSCF compiles [29.228-F]', () => {
  test.each([
    '(a',
    '[a',
    '[z-a]',
    '*a',
    'a|*b',
    '(+a)',
    'a{',
    'a{2,1}',
    'a\\',
    '[[:nothing:]]',
    '[[.a',
    '(?i)a',
  ])('%s has a fault', (source) => {
    expect(checkExtendedRegularExpression(source).fault).toMatch(/at character \d+$/);
  });

  test.each(['\\d', 'a**', 'a|', '()', 'a)', 'a)b', '^*', 'sip\\:', 'a{,3}', 'a{1,300}', '[a-c-e]'])(
    '%s is left undefined by the standard: a doubt, no fault',
    (source) => {
      const { fault, doubts } = checkExtendedRegularExpression(source);
      expect(fault).toBeUndefined();
      expect(doubts).not.toHaveLength(0);
    },
  );

  test.each([
    '.*',
    'presence',
    'a b',
    'ü[ß]',
    '^"joe" <sip:[[:alnum:]]+@.*>$',
    '(a|b){2,3}',
    `(${'x'.repeat(900)}){200}`,
    '[]^-]',
  ])('%s has neither', (source) => {
    expect(checkExtendedRegularExpression(source)).toEqual({ doubts: [] });
  });

  test('any text ends in time, however deep or long', () => {
    for (const source of [
      '('.repeat(1_024),
      ')'.repeat(1_024),
      `${'(a'.repeat(300)}${'){255}'.repeat(100)}`,
      'a*'.repeat(512),
    ])
      expect(checkExtendedRegularExpression(source).doubts.length).toBeGreaterThanOrEqual(0);
  });
});
