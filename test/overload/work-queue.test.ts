/** Order of waiting work: priority, turns between peers, and who has to go. */
import { WorkQueue } from '../../src/overload/work-queue';

function filled(...entries: readonly (readonly [peer: string, priority: number, name: string])[]): WorkQueue<string> {
  const queue = new WorkQueue<string>();
  entries.forEach(([peer, priority, item], sinceMs) => queue.push({ item, peer, priority, octets: 1, sinceMs }));
  return queue;
}

function drained(queue: WorkQueue<string>): string[] {
  const order: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) order.push(next.item);
  return order;
}

test('[29.228-J.2.3] the highest priority first, first come first served inside it', () => {
  const queue = filled(['a', 10, '10/1'], ['a', 15, '15'], ['a', 0, '0'], ['a', 10, '10/2'], ['a', 4, '4'], ['a', 10, '10/3']);
  expect(queue.countsByPriority()).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]);
  expect(drained(queue)).toEqual(['0', '4', '10/1', '10/2', '10/3', '15']);
  expect(queue.count).toBe(0);
});

test('peers take turns: ten times as many requests do not make the other wait', () => {
  const hog = Array.from({ length: 30 }, (_, i) => ['hog', 10, `hog${i}`] as const);
  const order = drained(filled(...hog, ['other', 10, 'other0'], ['other', 10, 'other1'], ['third', 10, 'third0']));
  expect(order.slice(0, 6)).toEqual(['hog0', 'other0', 'third0', 'hog1', 'other1', 'hog2']);
  expect(order).toHaveLength(33);
});

test('turns go on in their order when a peer comes, goes and comes back', () => {
  const queue = filled(['a', 10, 'a1'], ['b', 10, 'b1'], ['b', 10, 'b2'], ['c', 10, 'c1'], ['c', 10, 'c2']);
  expect(queue.shift()?.item).toBe('a1');
  queue.push({ peer: 'a', item: 'a2', priority: 10, octets: 1, sinceMs: 9 });
  expect(drained(queue)).toEqual(['b1', 'c1', 'a2', 'b2', 'c2']);
});

describe('who has to go for a new one', () => {
  test('[29.228-H.1] the lowest priority, of the peer with most of it, newest first', () => {
    const queue = filled(['a', 15, 'a1'], ['b', 15, 'b1'], ['b', 15, 'b2'], ['a', 0, 'a0'], ['a', 10, 'a10']);
    expect(queue.makeRoomFor('c', 10)?.item).toBe('b2');
    expect(queue.makeRoomFor('c', 10)?.item).toBe('a1');
    expect(queue.makeRoomFor('c', 10)?.item).toBe('b1');
    expect(queue.count).toBe(2);
    expect(drained(queue)).toEqual(['a0', 'a10']);
  });

  test('[29.228-H.1] never one of higher priority, nor one of a peer with as few', () => {
    const queue = filled(['a', 5, 'a1'], ['a', 5, 'a2'], ['b', 5, 'b1']);
    expect(queue.makeRoomFor('b', 6)).toBeUndefined();
    expect(queue.makeRoomFor('a', 5)).toBeUndefined();
    expect(queue.makeRoomFor('b', 5)).toBeUndefined();
    expect(queue.makeRoomFor('c', 5)?.item).toBe('a2');
    expect(queue.makeRoomFor('c', 5)).toBeUndefined();
    expect(queue.makeRoomFor('c', 4)?.item).toBeDefined();
  });

  test('an empty queue has nobody', () => {
    expect(new WorkQueue<string>().makeRoomFor('a', 0)).toBeUndefined();
  });
});

test('what waits too long goes, of every priority and peer', () => {
  const queue = filled(['a', 10, 'a1'], ['b', 0, 'b1'], ['a', 10, 'a2'], ['b', 0, 'b2'], ['c', 3, 'c1']);
  expect(queue.oldestSinceMs()).toBe(0);
  expect(queue.takeOlderThan(3).map(({ item }) => item).sort()).toEqual(['a1', 'a2', 'b1']);
  expect(queue.oldestSinceMs()).toBe(3);
  expect(drained(queue)).toEqual(['b2', 'c1']);
  expect(queue.oldestSinceMs()).toBe(Infinity);
});

test('against a plain model: thousands of steps at random', () => {
  interface Model { readonly peer: string; readonly priority: number; readonly item: string }
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const queue = new WorkQueue<string>();
  let model: Model[] = [];
  for (let step = 0; step < 20_000; step += 1) {
    const action = random(5);
    if (action <= 1) {
      const entry = { peer: `p${random(4)}`, priority: random(16), item: `i${step}` };
      queue.push({ peer: entry.peer, item: entry.item, priority: entry.priority, octets: 1, sinceMs: step });
      model.push(entry);
    } else if (action === 2) {
      const gone = queue.makeRoomFor('p0', random(16));
      if (gone !== undefined) {
        expect(gone.priority).toBe(Math.max(...model.map(({ priority }) => priority)));
        model = model.filter(({ item }) => item !== gone.item);
      }
    } else {
      const next = queue.shift();
      expect(next?.priority).toBe(model.length === 0 ? undefined : Math.min(...model.map(({ priority }) => priority)));
      const chosen = model.find(({ item }) => item === next?.item);
      // Inside one peer and priority nobody is overtaken.
      expect(chosen).toBe(model.find(({ peer, priority }) => peer === chosen?.peer && priority === chosen?.priority));
      model = model.filter((entry) => entry !== chosen);
    }
    expect(queue.count).toBe(model.length);
  }
  expect(queue.countsByPriority()).toEqual(Array.from({ length: 16 }, (_, priority) => model.filter((entry) => entry.priority === priority).length));
});
