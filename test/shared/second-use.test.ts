import { SecondUse } from '../../src/shared/second-use';

test('what is derived from an object is kept from the second time on, for that object alone', () => {
  const kept = new SecondUse<object, string>();
  const [one, other] = [{}, {}];
  expect(kept.get(one)).toBeUndefined();
  kept.derived(one, 'first');
  expect(kept.get(one)).toBeUndefined();
  kept.derived(one, 'second');
  expect(kept.get(one)).toBe('second');
  expect(kept.get(other)).toBeUndefined();
});

test('what is derived anew takes its place', () => {
  const kept = new SecondUse<object, string>();
  const one = {};
  for (const value of ['first', 'second', 'third']) kept.derived(one, value);
  expect(kept.get(one)).toBe('third');
});
