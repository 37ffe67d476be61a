/** Who may enter, who waits, who is refused and when. Time is the test's, but for the sweep. */
import type { QueueLimits } from '../../../src/diameter/overload/contract';
import type { OverloadEvents } from '../../../src/events/hss-events';
import type { RefusalReason } from '../../../src/events/names';
import { Gate, type GateOwner } from '../../../src/diameter/overload/gate';

class Owner implements GateOwner<string> {
  readonly started: string[] = [];
  readonly refused: string[] = [];
  onStart: (item: string) => void = () => undefined;
  start(item: string): void {
    this.started.push(item);
    this.onStart(item);
  }
  refuse(item: string, reason: RefusalReason): void {
    this.refused.push(`${item} ${reason}`);
  }
}

class Events implements OverloadEvents {
  readonly waits: [number, number][] = [];
  readonly refusals: string[] = [];
  requestWaited(priority: number, waitMs: number): void {
    this.waits.push([priority, waitMs]);
  }
  requestShed(reason: RefusalReason, priority: number): void {
    this.refusals.push(`${reason} ${priority}`);
  }
  overloadReported(): void {
    /* not the gate's */
  }
}

let now: number;
let owner: Owner;
let events: Events;

function gateWith(limits: Partial<QueueLimits> = {}): Gate<string> {
  now = 1_000;
  owner = new Owner();
  events = new Events();
  return new Gate(
    { maxInFlightCount: 2, maxQueuedCount: 4, maxQueueMs: 10_000, ...limits },
    owner,
    events,
    () => now,
  );
}

/** As the dispatcher does it. */
function arrive(gate: Gate<string>, item: string, priority = 10, peer = 'peer'): void {
  if (gate.enter(peer)) owner.start(item);
  else gate.wait(item, peer, priority, 100);
}

test('while there is room nobody waits', () => {
  const gate = gateWith();
  arrive(gate, 'a');
  arrive(gate, 'b');
  expect(owner.started).toEqual(['a', 'b']);
  expect(gate.inFlightCount).toBe(2);
  expect(events.waits).toEqual([]);
});

test('[29.228-J.2.3] the places go to the highest priority as they become free', () => {
  const gate = gateWith();
  for (const [item, priority] of [
    ['a', 10],
    ['b', 10],
    ['low', 12],
    ['high', 1],
    ['mid', 10],
  ] as const)
    arrive(gate, item, priority);
  now += 30;
  gate.leave('peer');
  gate.leave('peer');
  gate.leave('peer');
  expect(owner.started).toEqual(['a', 'b', 'high', 'mid', 'low']);
  expect(events.waits).toEqual([
    [1, 30],
    [10, 30],
    [12, 30],
  ]);
  expect(gate.inFlightCount).toBe(2);
  gate.leave('peer');
  gate.leave('peer');
  expect(gate.inFlightCount).toBe(0);
});

test('[29.228-H.1] a full queue: the lowest priority is refused, at once, be it the new one or one that waits', () => {
  const gate = gateWith({ maxInFlightCount: 1, maxQueuedCount: 2 });
  arrive(gate, 'working');
  arrive(gate, 'a', 10, 'one');
  arrive(gate, 'b', 12, 'two');
  arrive(gate, 'lower', 13);
  expect(owner.refused).toEqual(['lower queueFull']);
  arrive(gate, 'emergency', 0);
  expect(owner.refused).toEqual(['lower queueFull', 'b pushedOut']);
  arrive(gate, 'another', 0);
  arrive(gate, 'and another', 0, 'three');
  expect(owner.refused).toEqual(['lower queueFull', 'b pushedOut', 'a pushedOut', 'another pushedOut']);
  expect(events.refusals).toEqual(['queueFull 13', 'pushedOut 12', 'pushedOut 10', 'pushedOut 0']);
  expect(gate.queuedCount).toBe(2);
});

test('a peer that floods is refused, one that does not is served', () => {
  const gate = gateWith({ maxInFlightCount: 1, maxQueuedCount: 10 });
  arrive(gate, 'working');
  for (let i = 0; i < 100; i += 1) arrive(gate, `hog${i}`, 10, 'hog');
  for (let i = 0; i < 5; i += 1) arrive(gate, `other${i}`, 10, 'other');
  expect(owner.refused.filter((line) => line.startsWith('other'))).toEqual([]);
  for (let i = 0; i < 11; i += 1) gate.leave('peer');
  expect(owner.started.filter((item) => item.startsWith('other'))).toHaveLength(5);
  expect(owner.started.slice(1, 11).filter((item) => item.startsWith('hog'))).toHaveLength(5);
});

test('no queue: refused as soon as all places are taken', () => {
  const gate = gateWith({ maxQueuedCount: 0 });
  for (const item of ['a', 'b', 'c']) arrive(gate, item, 0);
  expect(owner).toMatchObject({ started: ['a', 'b'], refused: ['c queueFull'] });
});

test('who waited too long when the turn comes is refused, and the next one has it', () => {
  const gate = gateWith({ maxInFlightCount: 1, maxQueueMs: 100 });
  arrive(gate, 'working');
  arrive(gate, 'old');
  now += 60;
  arrive(gate, 'young');
  now += 60;
  gate.leave('peer');
  expect(owner).toMatchObject({ started: ['working', 'young'], refused: ['old queueTime'] });
});

test('who waits too long is refused even if no place ever becomes free', async () => {
  const gate = gateWith({ maxInFlightCount: 1, maxQueueMs: 30 });
  arrive(gate, 'working');
  arrive(gate, 'old');
  now += 40;
  arrive(gate, 'young');
  await new Promise((resolve) => {
    setTimeout(resolve, 40);
  });
  expect(owner.refused).toEqual(['old queueTime']);
  now += 40;
  await new Promise((resolve) => {
    setTimeout(resolve, 40);
  });
  expect(owner.refused).toEqual(['old queueTime', 'young queueTime']);
  expect(gate.queuedCount).toBe(0);
});

/** Has served 20 a second with two in work, so 100 ms each; two are in work, and nobody waits. */
function gateAtTwentyASecond(maxQueueMs: number): Gate<string> {
  const gate = gateWith({ maxQueuedCount: 1_000, maxQueueMs });
  for (const item of ['a', 'b', 'c']) arrive(gate, item);
  gate.look();
  for (let i = 0; i < 20; i += 1) {
    arrive(gate, `first${i}`);
    now += 50;
    gate.leave('peer');
  }
  gate.look();
  while (gate.queuedCount > 0) gate.leave('peer');
  return gate;
}

test.each([
  ['three times the 100 ms that it is in work are kept free', 1_000, 700],
  ['but half of the time may be waited whatever work takes', 400, 200],
])('who could not be answered in time any more is refused: %s', (_, maxQueueMs, longestMs) => {
  for (const [waitMs, served] of [
    [longestMs - 1, true],
    [longestMs + 1, false],
  ] as const) {
    const gate = gateAtTwentyASecond(maxQueueMs);
    expect(gate.inFlightCount).toBe(2);
    arrive(gate, 'late');
    now += waitMs;
    gate.leave('peer');
    expect({
      waitMs,
      served: owner.started.includes('late'),
      refused: owner.refused.includes('late queueTime'),
    }).toEqual({ waitMs, served, refused: !served });
  }
});

test('no more wait than are worked off in the time that they may wait', () => {
  const gate = gateWith({ maxInFlightCount: 1, maxQueuedCount: 1_000, maxQueueMs: 200 });
  arrive(gate, 'working');
  for (let i = 0; i < 150; i += 1) arrive(gate, `first${i}`);
  gate.look();
  // 100 in a second, with always somebody waiting.
  for (let i = 0; i < 100; i += 1) {
    now += 1;
    gate.leave('peer');
  }
  now += 900;
  gate.look();
  const before = gate.queuedCount;
  for (let i = 0; i < 100; i += 1) arrive(gate, `second${i}`);
  expect(before).toBe(50);
  // 100 a second in 200 ms: 20, so none of them.
  expect(owner.refused).toHaveLength(100);
});

test('work that is done as soon as it is started does not nest: thousands of them', () => {
  const gate = gateWith({ maxInFlightCount: 1, maxQueuedCount: 50_000 });
  arrive(gate, 'working');
  owner.onStart = () => gate.leave('peer');
  for (let i = 0; i < 50_000; i += 1) arrive(gate, `i${i}`);
  expect(owner.started).toHaveLength(1);
  gate.leave('peer');
  expect(owner.started).toHaveLength(50_001);
  expect(gate.inFlightCount).toBe(0);
});

test('what a look says: waits, places taken, share refused', () => {
  const gate = gateWith({ maxInFlightCount: 2, maxQueuedCount: 1 });
  expect(gate.look()).toEqual({ queueMs: 0, occupancy: 0, refusedShare: 0, refusedCount: 0 });
  for (const item of ['a', 'b', 'c', 'd']) arrive(gate, item);
  now += 50;
  expect(gate.look()).toEqual({ queueMs: 50, occupancy: 1, refusedShare: 0.25, refusedCount: 1 });
  now += 50;
  gate.leave('peer');
  gate.leave('peer');
  expect(gate.look()).toEqual({ queueMs: 100, occupancy: 0.5, refusedShare: 0, refusedCount: 0 });
});

test('who came first with many does not keep the places: the turn is that of the peer with fewest in work, and its requests are not the ones that go', () => {
  const gate = gateWith({ maxInFlightCount: 4, maxQueuedCount: 4 });
  for (let i = 0; i < 8; i += 1) arrive(gate, `hog${i}`, 10, 'hog');
  expect(owner.started).toEqual(['hog0', 'hog1', 'hog2', 'hog3']);
  for (let i = 0; i < 5; i += 1) arrive(gate, `few${i}`, 10, 'few');
  // All of the hog's that waited gave way, since it has four in work besides; the fifth is one too many for
  // the other as well.
  expect(owner.refused).toEqual([
    'hog7 pushedOut',
    'hog6 pushedOut',
    'hog5 pushedOut',
    'hog4 pushedOut',
    'few4 queueFull',
  ]);
  for (let i = 0; i < 4; i += 1) gate.leave('hog');
  expect(owner.started.slice(4)).toEqual(['few0', 'few1', 'few2', 'few3']);
});
