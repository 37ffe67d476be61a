/**
 * The locator's lookup without a database: canonical values, number ranges, and which entry is the most
 * specific one [29.228-6.4].
 */
import {
  canonicalEntry,
  canonicalIdentity,
  canonicalName,
  canonicalRedirectHost,
  canonicalValue,
  kindOfValue,
  locatorEntry,
  type LocatorEntry,
  type LocatorKind,
} from '../../../../src/apps/dx/locator/entry';
import { decimalPrefixes, numberOf, parseNumberRange } from '../../../../src/apps/dx/locator/number-range';
import { PatternIndex, resolveAmong } from '../../../../src/apps/dx/locator/pattern-index';

describe('number ranges', () => {
  test.each([
    ['100', '199', ['1']],
    ['100', '100', ['100']],
    ['098', '101', ['098', '099', '100', '101']],
    ['000', '999', ['']],
    ['129', '310', ['129', '13', '14', '15', '16', '17', '18', '19', '2', '30', '310']],
  ])('%s to %s is the prefixes %j', (first, last, prefixes) => {
    expect(decimalPrefixes(first, last)).toEqual(prefixes);
  });

  test('the prefixes of any range hold exactly its numbers', () => {
    let state = 7;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const [first, last] = [1_000 + random(9_000), 1_000 + random(9_000)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      const prefixes = decimalPrefixes(String(first), String(last));
      const held = Array.from({ length: 10_000 }, (_, n) => String(n).padStart(4, '0')).filter((number) =>
        prefixes.some((prefix) => number.startsWith(prefix)),
      );
      expect(held).toHaveLength(last - first + 1);
      expect([held[0], held.at(-1)]).toEqual([String(first), String(last)]);
    }
  });

  test.each([
    ['+49 (30) 1000 - +49 30 1999', '+49301000-+49301999'],
    ['+4930*', '+4930*'],
    ['+1-+1', '+1-+1'],
  ])('%s is stored as %s', (text, stored) => {
    const parsed = parseNumberRange(text);
    expect(parsed.ok && parsed.value.text).toBe(stored);
  });

  test.each([
    ['49301000-49301999', 'is no number range'],
    ['+49301-+493010', 'different lengths'],
    ['+4930199-+4930100', 'above the last one'],
    ['+1234567890123456-+1234567890123457', 'more than 15 digits'],
    ['+0123*', 'is no number range'],
    ['+*', 'is no number range'],
  ])('%s is refused: %s', (text, reason) => {
    expect(parseNumberRange(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) as string });
  });

  test.each([
    ['tel:+49301234', '49301234'],
    ['sip:+49301234@ims.example', '49301234'],
    ['sips:+1@x', '1'],
    ['sip:alice@ims.example', null],
    ['tel:123;phone-context=ims.example', null],
    ['+49301234@ims.example', null],
  ])('the number of %s is %s', (identity, number) => expect(numberOf(identity)).toBe(number));
});

describe('values and hosts', () => {
  test.each<[LocatorKind, string, string]>([
    ['identity', 'SIP:Alice@IMS.Example:5060;transport=tcp', 'sip:Alice@ims.example'],
    ['identity', 'tel:+49-30-1234', 'tel:+49301234'],
    ['identity', '001010000000001@IMS.Example', '001010000000001@ims.example'],
    ['wildcard', 'sip:Chat-!.*!@IMS.Example', 'sip:Chat-!.*!@ims.example'],
    ['domain', 'IMS.Example.', 'ims.example'],
    ['range', '+4930*', '+4930*'],
  ])('%s %s is %s, whose form says the same kind', (kind, value, stored) => {
    expect(canonicalValue(kind, value)).toEqual({ ok: true, value: stored });
    expect(kindOfValue(stored)).toBe(kind);
    expect(canonicalName(value)).toBe(stored);
  });

  test.each<[LocatorKind, string]>([
    ['identity', 'nobody'],
    ['identity', 'a b@x'],
    ['wildcard', 'sip:alice@x'],
    ['domain', '[::1]'],
    ['domain', 'a b'],
    ['range', 'tel:+1'],
  ])('%s %s is refused', (kind, value) => {
    expect(canonicalValue(kind, value).ok).toBe(false);
  });

  test('a private identity with a NUL or a space is none', () => {
    expect(canonicalIdentity('a\0@x').ok).toBe(false);
    expect(canonicalIdentity('@x').ok).toBe(false);
  });

  test.each([
    ['HSS1.ims.example', 'aaa://hss1.ims.example'],
    [
      'aaa://hss1.ims.example:3868;transport=SCTP;protocol=diameter',
      'aaa://hss1.ims.example:3868;transport=sctp;protocol=diameter',
    ],
    ['aaas://hss1.ims.example:05658', 'aaas://hss1.ims.example:5658'],
  ])('[6733-4.3.1] %s is %s', (text, uri) =>
    expect(canonicalRedirectHost(text)).toEqual({ ok: true, value: uri }),
  );

  test.each([
    '',
    'aaa://',
    'http://hss1',
    'hss1:0',
    'hss1:70000',
    'aaa://hss1;transport=udp',
    'aaa://hss1 x',
  ])('[6733-4.3.1] %j is no host', (text) => {
    expect(canonicalRedirectHost(text).ok).toBe(false);
  });

  test('every fault of an entry at once, with its place', () => {
    const result = locatorEntry.safeParse({
      kind: 'domain',
      value: 'sip:x@',
      hosts: ['hss1.example', 'http://x', 'AAA://HSS1.example:1'],
      usage: 'SOMETIMES',
      maxCacheSeconds: -1,
    });
    expect(result.error?.issues.map(({ path }) => path.join('/')).sort()).toEqual([
      'maxCacheSeconds',
      'usage',
    ]);
    const next = locatorEntry.safeParse({
      kind: 'identity',
      value: 'example.com',
      hosts: ['hss1.example', 'http://x', 'AAA://HSS1.example:1'],
    });
    expect(next.error?.issues.map(({ path }) => path.join('/'))).toEqual(['value', 'hosts/1', 'hosts/2']);
    expect(
      locatorEntry
        .safeParse({ kind: 'identity', value: 'sip:a!b!@x', hosts: ['hss1'] })
        .error?.issues.map(({ path, message }) => `${path.join('/')} ${message}`),
    ).toEqual(['kind is not what such a value is: wildcard']);
  });
});

describe('the most specific entry [29.228-6.4]', () => {
  const entry = (value: string): LocatorEntry => ({
    kind: kindOfValue(value),
    value,
    hosts: ['aaa://hss1.ims.example'],
  });
  const index = (...values: string[]): PatternIndex => {
    const patterns = new PatternIndex();
    for (const value of values) patterns.put(entry(value));
    return patterns;
  };
  const found = (patterns: PatternIndex, ...identities: string[]): string | null =>
    resolveAmong(
      identities,
      identities.map(() => null),
      patterns,
    )?.value ?? null;

  const all = [
    'ims.example',
    'example',
    'sub.ims.example',
    'sip:chat-!.*!@ims.example',
    'tel:+4930!.*!',
    '+49300000-+49309999',
    '+49301000-+49301999',
    '+49301500-+49301500',
    '+4930*',
    '+49*',
  ];
  test.each([
    ['sip:alice@ims.example', 'ims.example'],
    ['sip:alice@a.b.ims.example', 'ims.example'],
    ['sip:alice@sub.ims.example', 'sub.ims.example'],
    ['sip:alice@other.example', 'example'],
    ['sip:alice@exampl', null],
    ['sip:chat-7@ims.example', 'sip:chat-!.*!@ims.example'],
    ['sip:chat-7@sub.ims.example', 'sub.ims.example'],
    ['tel:+49301234', '+49301000-+49301999'],
    ['tel:+49301500', '+49301500-+49301500'],
    ['tel:+49302000', 'tel:+4930!.*!'],
    ['tel:+493020001', 'tel:+4930!.*!'],
    ['tel:+49401', '+49*'],
    ['sip:+49301234@ims.example', '+49301000-+49301999'],
    ['sip:+491@elsewhere', '+49*'],
    ['tel:+331', null],
    ['001@ims.example', 'ims.example'],
    ['sip:ims.example', 'ims.example'],
    ['tel:7;phone-context=ims.example', null],
  ])('%s is found by %s, in whatever order they were put', (identity, expected) => {
    expect(found(index(...all), identity)).toBe(expected);
    expect(found(index(...[...all].reverse()), identity)).toBe(expected);
  });

  test('an entry of its own for any identity of the request before a pattern, a range of any before a domain', () => {
    const patterns = index('ims.example', '+4930*');
    const own = entry('001@ims.example');
    expect(resolveAmong(['sip:alice@ims.example', '001@ims.example'], [null, own], patterns)).toBe(own);
    expect(found(patterns, 'sip:alice@ims.example', 'tel:+49301')).toBe('+4930*');
    expect(found(patterns, 'sip:alice@elsewhere', '001@ims.example')).toBe('ims.example');
  });

  test('what is deleted is not found any more, and a replaced entry is the new one', () => {
    const patterns = index(...all);
    patterns.put({ ...entry('+49301000-+49301999'), hosts: ['aaa://hss2.ims.example'] });
    expect(patterns.size).toBe(all.length);
    expect(patterns.findRange('tel:+49301234')?.hosts).toEqual(['aaa://hss2.ims.example']);
    for (const value of all) patterns.delete(value);
    expect(patterns.size).toBe(0);
    for (const identity of ['tel:+49301234', 'sip:chat-7@ims.example', 'sip:alice@ims.example'])
      expect(found(patterns, identity)).toBeNull();
  });

  test('a hundred thousand ranges are looked through in no time', () => {
    const patterns = new PatternIndex();
    for (let i = 0; i < 100_000; i += 1)
      patterns.put(entry(`+4${String(i).padStart(6, '0')}000-+4${String(i).padStart(6, '0')}999`));
    const from = performance.now();
    for (let i = 0; i < 100_000; i += 1)
      if (patterns.findRange(`tel:+4${String(i).padStart(6, '0')}555`) === null) throw new Error('not found');
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

test('[6733-4.3.1] names of one label, which labs have, are domains and HSSs as well', () => {
  expect(
    canonicalEntry(
      locatorEntry.parse({ kind: 'domain', value: 'localdomain', hosts: ['hss01', 'homestead-1'] }),
    ),
  ).toEqual({ kind: 'domain', value: 'localdomain', hosts: ['aaa://hss01', 'aaa://homestead-1'] });
  expect(canonicalName('user@LocalDomain')).toBe('user@localdomain');
});
