/** Lines are the same wherever the octets are cut. */
import { splitLines } from '../../src/shared/line-splitter';

async function lines(pieces: readonly Buffer[], maxLineOctets = 100): Promise<(string | null)[]> {
  const found: (string | null)[] = [];
  for await (const { number, octets } of splitLines(
    (async function* each() {
      yield* pieces;
      await Promise.resolve();
    })(),
    maxLineOctets,
  )) {
    expect(number).toBe(found.length + 1);
    found.push(octets === null ? null : octets.toString());
  }
  return found;
}

describe('splitLines', () => {
  const text = Buffer.from('one\r\n\nzwölf\nlast');
  const expected = ['one', '', 'zwölf', 'last'];

  test('cut at every offset', async () => {
    for (let at = 0; at <= text.length; at += 1)
      expect(await lines([text.subarray(0, at), text.subarray(at)])).toEqual(expected);
    expect(await lines([...text].map((octet) => Buffer.from([octet])))).toEqual(expected);
  });

  test('a newline at the end makes no further line', async () => {
    expect(await lines([Buffer.from('a\nb\n')])).toEqual(['a', 'b']);
    expect(await lines([])).toEqual([]);
  });

  test('a line that is too long is dropped, the next one is whole', async () => {
    const long = 'x'.repeat(60);
    expect(await lines([Buffer.from(long), Buffer.from(`${long}\nok\n${long}`), Buffer.from(long)])).toEqual([
      null,
      'ok',
      null,
    ]);
  });
});
