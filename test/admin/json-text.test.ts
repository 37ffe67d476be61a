/** The place of the first syntax error, and that no part of the text is in the message. */
import { parseJson } from '../../src/admin/json-text';

const parse = (text: string) => parseJson(Buffer.from(text));

describe('parseJson', () => {
  test.each([
    ['{"a": [1, 2.5e3, -0, "\\u00e9\\n", true, false, null, {}, []]}'],
    ['"x"'],
    ['  12 '],
    ['\ufeff{}'],
  ])('takes %j', (text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text.replace('\ufeff', '')) });
  });

  test.each<[string, number, number, RegExp]>([
    ['', 1, 1, /ends where a value/],
    ['{\n  "a": 1,\n}', 3, 1, /property name/],
    ['{"a" 1}', 1, 6, /":"/],
    ['{"a": 1 "b": 2}', 1, 9, /"," or "}"/],
    ['[1, 2', 1, 6, /"," or "]"/],
    ['{"a": 01}', 1, 7, /a value/],
    ['{"a": tru}', 1, 7, /a value/],
    ['{"a": "b\nc"}', 1, 9, /control character/],
    ['{"a": "\\x"}', 1, 8, /escape/],
    ['{"a": "b', 1, 9, /not closed/],
    ['{} {}', 1, 4, /nothing may follow/],
    ["{'a': 1}", 1, 2, /property name/],
  ])('says where %j is wrong', (text, line, column, detail) => {
    const result = parse(text);
    expect(result).toMatchObject({ ok: false, line, column });
    expect(result.ok ? '' : result.detail).toMatch(detail);
  });

  test('never repeats the text, which may hold a secret', () => {
    const result = parse('{"k": "465b5ce8b199b49faa5f0a2ee238a6bc" "opc"}');
    expect(JSON.stringify(result)).not.toContain('465b');
  });

  test('refuses what is not UTF-8', () => {
    expect(parseJson(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({
      ok: false,
      detail: 'the text is not UTF-8',
    });
  });

  test('a faulty text nested very deeply is refused, not a stack overflow', () => {
    expect(parse('['.repeat(500_000))).toMatchObject({
      ok: false,
      column: 258,
      detail: expect.stringContaining('nested') as string,
    });
  });
});
