/** Order of waiting work: priority, turns between peers, and who has to go. */
import type { Pace } from '../../../src/diameter/overload/priority-level';
import { WorkQueue } from '../../../src/diameter/overload/work-queue';

function filled(
  ...entries: readonly (readonly [peer: string, priority: number, name: string])[]
): WorkQueue<string> {
  const queue = new WorkQueue<string>();
  entries.forEach(([peer, priority, item], sinceMs) =>
    queue.push({ item, peer, priority, octets: 1, sinceMs }),
  );
  return queue;
}

function drained(queue: WorkQueue<string>): string[] {
  const order: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) order.push(next.item);
  return order;
}

test('[29.228-J.2.3] the highest priority first, first come first served inside it', () => {
  const queue = filled(
    ['a', 10, '10/1'],
    ['a', 15, '15'],
    ['a', 0, '0'],
    ['a', 10, '10/2'],
    ['a', 4, '4'],
    ['a', 10, '10/3'],
  );
  expect(queue.countsByPriority()).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]);
  expect(drained(queue)).toEqual(['0', '4', '10/1', '10/2', '10/3', '15']);
  expect(queue.count).toBe(0);
});

test('peers take turns: ten times as many requests do not make the other wait', () => {
  const hog = Array.from({ length: 30 }, (_, i) => ['hog', 10, `hog${i}`] as const);
  const order = drained(
    filled(...hog, ['other', 10, 'other0'], ['other', 10, 'other1'], ['third', 10, 'third0']),
  );
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
  expect(
    queue
      .takeOlderThan(3)
      .map(({ item }) => item)
      .sort(),
  ).toEqual(['a1', 'a2', 'b1']);
  expect(queue.oldestSinceMs()).toBe(3);
  expect(drained(queue)).toEqual(['b2', 'c1']);
  expect(queue.oldestSinceMs()).toBe(Infinity);
});

describe('how many may wait in a line', () => {
  const pace: Pace = {
    seconds: 1,
    capacityPerSecond: 100,
    burstSeconds: 0.1,
    standingSeconds: 0.1,
    minQueuedCount: 1,
  };
  const fill = (queue: WorkQueue<string>, peer: string, count: number): void => {
    for (let i = 0; i < count; i += 1)
      queue.push({ item: `${peer}${i}`, peer, priority: 10, octets: 1, sinceMs: 0 });
  };
  const roomFor = (queue: WorkQueue<string>, peer: string, priority = 10): number => {
    let count = 0;
    for (; count < 1_000 && queue.hasRoomFor(peer, priority); count += 1)
      queue.push({ item: 'one more', peer, priority, octets: 1, sinceMs: 0 });
    return count;
  };

  /** Looks, with so many turns before each, and always somebody waiting in these lines. */
  const lookAfterTurns = (queue: WorkQueue<string>, turnCount: number, ...peers: readonly string[]): void => {
    for (let look = 0; look < 20; look += 1) {
      for (const peer of peers) fill(queue, peer, turnCount + 1);
      for (let turn = 0; turn < turnCount; turn += 1) queue.shift();
      queue.learn(pace);
    }
  };

  test('as many as one likes until the pace is known, then a fair share', () => {
    const queue = new WorkQueue<string>();
    queue.learn({ ...pace, capacityPerSecond: Infinity });
    expect(roomFor(queue, 'a')).toBe(1_000);
    fill(queue, 'b', 100);
    queue.learn(pace);
    // Half of 100 a second in a tenth of a second.
    expect(roomFor(queue, 'new')).toBe(5);
    expect(queue.hasRoomFor('b', 10)).toBe(false);
  });

  test('what is always full is as long as it is worked off itself: 19 a second, 1.9 in a tenth', () => {
    const queue = new WorkQueue<string>();
    lookAfterTurns(queue, 19, 'a');
    while (queue.count > 0) queue.shift();
    expect(roomFor(queue, 'a')).toBe(2);
  });

  test('what does not get empty, look after look, is kept shorter than a burst may be', () => {
    const queue = new WorkQueue<string>();
    const longestAfterLook = (): number => {
      fill(queue, 'a', 200);
      for (let turn = 0; turn < 100; turn += 1) queue.shift();
      queue.learn({ ...pace, standingSeconds: 0.05 });
      // Those that give way have no turn.
      while (queue.count > 1) queue.makeRoomFor('urgent', 0);
      return 1 + roomFor(queue, 'a');
    };
    expect([longestAfterLook(), longestAfterLook(), longestAfterLook(), longestAfterLook()]).toEqual([
      10, 10, 5, 5,
    ]);
    while (queue.count > 0) queue.shift();
    expect(longestAfterLook()).toBeGreaterThan(5);
  });

  test('a turn that came too late for its request is none', () => {
    const queue = new WorkQueue<string>();
    for (let look = 0; look < 20; look += 1) {
      fill(queue, 'a', 100);
      for (let turn = 0; turn < 40; turn += 1) {
        const late = queue.shift();
        if (late !== undefined && turn >= 19) queue.turnUnused(late);
      }
      queue.learn(pace);
    }
    while (queue.count > 0) queue.shift();
    expect(roomFor(queue, 'a')).toBe(2);
  });

  test('what it learned survives that it is empty for a moment; a peer that stays away is forgotten', () => {
    // The other is busy, so all turns are those of `a`.
    const queue = new WorkQueue<string>((peer) => (peer === 'b' ? 1 : 0));
    lookAfterTurns(queue, 80, 'a', 'b');
    while (queue.count > 0) queue.shift();
    queue.learn(pace);
    fill(queue, 'b', 1);
    queue.learn(pace);
    // A share would be 10 where one has waited and 5 where two have; it had more.
    fill(queue, 'a', 1);
    queue.learn(pace);
    expect(roomFor(queue, 'a')).toBeGreaterThan(5);
    while (queue.count > 0) queue.shift();
    for (let look = 0; look < 15; look += 1) queue.learn(pace);
    expect(queue.lineCount).toBe(2);
    for (let look = 0; look < 15; look += 1) queue.learn(pace);
    expect(queue.lineCount).toBe(0);
  });

  test('a peer that asks for less than its share may have its share, however little it asked for', () => {
    const queue = new WorkQueue<string>();
    for (let look = 0; look < 20; look += 1) {
      fill(queue, 'a', 2);
      while (queue.count > 0) queue.shift();
      queue.learn(pace);
    }
    expect(roomFor(queue, 'a')).toBe(10);
  });

  test('[29.228-J.2.3] a lower priority shares what the higher ones leave: 39 of 100', () => {
    const queue = new WorkQueue<string>();
    for (let look = 0; look < 20; look += 1) {
      for (let turn = 0; turn < 61; turn += 1)
        queue.push({ item: 'high', peer: 'a', priority: 3, octets: 1, sinceMs: 0 });
      while (queue.count > 0) queue.shift();
      queue.learn(pace);
    }
    expect(roomFor(queue, 'b', 3)).toBe(10);
    expect(roomFor(queue, 'b', 10)).toBe(4);
  });

  test('[29.228-H.1] a line that is full: nobody of its own priority goes for it, somebody of a lower one does', () => {
    const queue = new WorkQueue<string>();
    fill(queue, 'hog', 100);
    queue.learn(pace);
    roomFor(queue, 'a');
    expect(queue.makeRoomFor('a', 10)).toBeUndefined();
    expect(queue.makeRoomFor('new', 10)?.peer).toBe('hog');
    expect(queue.hasRoomFor('a', 10)).toBe(false);
    queue.push({ item: 'low', peer: 'b', priority: 12, octets: 1, sinceMs: 0 });
    expect(queue.hasRoomFor('a', 10)).toBe(true);
    expect(queue.makeRoomFor('a', 10)?.item).toBe('low');
  });
});

test('against a plain model: thousands of steps at random', () => {
  interface Model {
    readonly peer: string;
    readonly priority: number;
    readonly item: string;
  }
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
      expect(next?.priority).toBe(
        model.length === 0 ? undefined : Math.min(...model.map(({ priority }) => priority)),
      );
      const chosen = model.find(({ item }) => item === next?.item);
      // Inside one peer and priority nobody is overtaken.
      expect(chosen).toBe(
        model.find(({ peer, priority }) => peer === chosen?.peer && priority === chosen?.priority),
      );
      model = model.filter((entry) => entry !== chosen);
    }
    expect(queue.count).toBe(model.length);
  }
  expect(queue.countsByPriority()).toEqual(
    Array.from({ length: 16 }, (_, priority) => model.filter((entry) => entry.priority === priority).length),
  );
});
