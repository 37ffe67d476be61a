import { NumberIndex } from '../../../src/diameter/codec/number-index';

describe('values by number', () => {
  test.each([0, 1, 2, 5, 40, 700])('%d of them are found, and nothing else', (count) => {
    const entries = Array.from({ length: count }, (_, i) => [i * i * 31 - 5, `value ${i}`] as const);
    const index = new NumberIndex(entries);
    const map = new Map(entries);
    for (let key = -10; key < 3_000; key += 1) expect(index.get(key)).toBe(map.get(key));
    for (const [key, value] of map) expect(index.get(key)).toBe(value);
  });

  test('of equal numbers the last counts', () => {
    expect(
      new NumberIndex([
        [7, 'a'],
        [7, 'b'],
      ]).get(7),
    ).toBe('b');
  });
});
