import { Deadlines } from '../../../src/diameter/dispatch/deadlines';

interface Item {
  readonly sinceMs: number;
  place: number;
  readonly name: string;
}

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

function deadlines(limitMs: number): {
  readonly all: Deadlines<Item>;
  readonly expired: string[];
  readonly add: (name: string) => Item;
} {
  const expired: string[] = [];
  const all = new Deadlines<Item>(
    limitMs,
    () => Date.now(),
    ({ name }) => expired.push(`${name} at ${Date.now()}`),
  );
  return {
    all,
    expired,
    add: (name) => {
      const item = { name, sinceMs: Date.now(), place: 0 };
      all.add(item);
      return item;
    },
  };
}

test('each item expires once, when its own time is up', () => {
  const { add, expired, all } = deadlines(100);
  add('a');
  jest.advanceTimersByTime(30);
  add('b');
  jest.advanceTimersByTime(30);
  add('c');
  jest.advanceTimersByTime(1_000);
  expect(expired).toEqual(['a at 100', 'b at 130', 'c at 160']);
  expect(all.size).toBe(0);
});

test('what is done in time does not expire, and what follows still does', () => {
  const { add, expired, all } = deadlines(100);
  const first = add('first');
  jest.advanceTimersByTime(50);
  all.delete(first);
  add('second');
  jest.advanceTimersByTime(99);
  expect(expired).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(expired).toEqual(['second at 150']);
});

test('one timer at a time, and none when nothing is open', () => {
  const { add, all } = deadlines(100);
  for (let i = 0; i < 50; i += 1) all.delete(add(String(i)));
  add('last');
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(100);
  expect(jest.getTimerCount()).toBe(0);
});
