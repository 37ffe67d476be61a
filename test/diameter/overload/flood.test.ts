/**
 * The gate before a server of a fixed pace, millisecond by millisecond: one peer that floods, one that asks
 * for less than its share, urgent requests between. Time is the test's, the sweep's included.
 */
import { silentEvents } from '../../../src/events/event-spine';
import type { RefusalReason } from '../../../src/events/names';
import { Gate } from '../../../src/diameter/overload/gate';

const MAX_QUEUE_MS = 250;
const LOOK_MS = 250;
/** Until the paces are known. */
const LEARNING_MS = 3_000;
const ORDINARY = 10;
const URGENT = 0;

interface Source {
  readonly peer: string;
  readonly priority: number;
  perSecond: number;
  /** They come so many milliseconds apart, all at once. */ readonly everyMs?: number;
}
interface Request {
  readonly source: Source;
  readonly sinceMs: number;
}
interface Seen {
  offered: number;
  served: number;
  readonly refused: Record<RefusalReason, number>;
  readonly waitsMs: number[];
  readonly answeredAfterMs: number[];
  readonly refusedAfterMs: number[];
}

const nothingSeen = (): Seen => ({
  offered: 0,
  served: 0,
  refused: { queueFull: 0, queueTime: 0, pushedOut: 0 },
  waitsMs: [],
  answeredAfterMs: [],
  refusedAfterMs: [],
});
const part = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const refusals = ({ refused }: Seen): number => refused.queueFull + refused.queueTime + refused.pushedOut;

class Simulation {
  #nowMs = 0;
  readonly #gate = new Gate<Request>(
    { maxInFlightCount: 256, maxQueuedCount: 8_192, maxQueueMs: MAX_QUEUE_MS },
    { start: (request) => this.#start(request), refuse: (request, reason) => this.#refused(request, reason) },
    silentEvents,
    () => this.#nowMs,
  );
  /** First come first served. */
  #inWork: Request[] = [];
  #due = 0;
  #seen = new Map<Source, Seen>();

  /** `batchMs`: how often work gets done. */
  constructor(
    public perSecond: number,
    private readonly sources: readonly Source[],
    private readonly batchMs = 1,
  ) {}

  of(source: Source): Seen {
    let seen = this.#seen.get(source);
    if (seen === undefined) this.#seen.set(source, (seen = nothingSeen()));
    return seen;
  }

  /** What is seen then is of these milliseconds. */
  run(ms: number, standstill = { everyMs: Infinity, forMs: 0 }): void {
    this.#seen = new Map();
    for (let i = 0; i < ms; i += 1) {
      this.#nowMs += 1;
      jest.advanceTimersByTime(1);
      if (this.#nowMs % standstill.everyMs >= standstill.forMs) this.#work();
      for (const source of this.sources) this.#arrive(source);
      if (this.#nowMs % LOOK_MS === 0) this.#gate.look();
    }
  }

  #work(): void {
    if (this.#nowMs % this.batchMs !== 0) return;
    this.#due = Math.min(this.#inWork.length, this.#due + (this.perSecond * this.batchMs) / 1_000);
    const done = this.#inWork.splice(0, Math.floor(this.#due));
    this.#due -= done.length;
    for (const { source, sinceMs } of done) {
      const seen = this.of(source);
      seen.served += 1;
      seen.answeredAfterMs.push(this.#nowMs - sinceMs);
      this.#gate.leave(source.peer);
    }
  }

  #arrive(source: Source): void {
    const { peer, priority, perSecond, everyMs = 1 } = source;
    if (this.#nowMs % everyMs !== 0) return;
    const count =
      Math.floor((this.#nowMs * perSecond) / 1_000) -
      Math.floor(((this.#nowMs - everyMs) * perSecond) / 1_000);
    const seen = this.of(source);
    for (let i = 0; i < count; i += 1) {
      const request = { source, sinceMs: this.#nowMs };
      seen.offered += 1;
      if (this.#gate.refuses(peer, priority, 300)) this.#refused(request, 'queueFull');
      else if (this.#gate.enter(peer)) this.#start(request);
      else this.#gate.wait(request, peer, priority, 300);
    }
  }

  #start(request: Request): void {
    this.of(request.source).waitsMs.push(this.#nowMs - request.sinceMs);
    this.#inWork.push(request);
  }

  #refused({ source, sinceMs }: Request, reason: RefusalReason): void {
    const seen = this.of(source);
    seen.refused[reason] += 1;
    seen.refusedAfterMs.push(this.#nowMs - sinceMs);
  }
}

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

const crowd = (perSecond = 31_000): Source => ({ peer: 'crowd', priority: ORDINARY, perSecond });
const urgent = (perSecond = 1_600): Source => ({ peer: 'crowd', priority: URGENT, perSecond });
const few = (perSecond = 3_200): Source => ({ peer: 'few', priority: ORDINARY, perSecond });
const SECONDS = 6;

/** Who was let in had its turn, and in time. */
function expectInTime(seen: Seen): void {
  expect(part(seen.waitsMs, 1)).toBeLessThanOrEqual(MAX_QUEUE_MS);
  expect(part(seen.waitsMs, 0.99)).toBeLessThan(0.7 * MAX_QUEUE_MS);
  expect(seen.refused.queueTime).toBe(0);
}

/** Had all that it asked for, but for what is under way. */
function expectAllServed(seen: Seen): void {
  expect(refusals(seen)).toBe(0);
  expect(seen.served).toBeGreaterThan(0.99 * seen.offered);
}

test('a peer that floods: what is let in of it is answered within half of what it may wait, urgent requests and the other peer as if it were not there, nothing of the pace is lost', () => {
  const sources = [crowd(), urgent(), few()] as const;
  const simulation = new Simulation(9_600, sources);
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000);
  const [crowded, urgents, fews] = sources.map((source) => simulation.of(source)) as [Seen, Seen, Seen];
  expectInTime(crowded);
  expect(part(crowded.answeredAfterMs, 0.5)).toBeGreaterThan(0.2 * MAX_QUEUE_MS);
  expect(part(crowded.answeredAfterMs, 0.99)).toBeLessThan(0.5 * MAX_QUEUE_MS);
  expect(part(crowded.refusedAfterMs, 0.99)).toBe(0);
  expectAllServed(urgents);
  expectAllServed(fews);
  expect(part([...urgents.waitsMs, ...fews.waitsMs], 0.99)).toBeLessThan(20);
  expect(crowded.served + urgents.served + fews.served).toBeGreaterThan(0.995 * SECONDS * 9_600);
});

test('the beginning of a flood, when nobody knows yet how fast we are: for a second it is longer than it should be, but few wait in vain', () => {
  const sources = [crowd(), urgent(), few()] as const;
  const simulation = new Simulation(9_600, sources);
  simulation.run(1_000);
  const [crowded, urgents, fews] = sources.map((source) => simulation.of(source)) as [Seen, Seen, Seen];
  expect(crowded.refused.queueTime).toBeLessThan(0.08 * crowded.served);
  expect(refusals(urgents) + refusals(fews)).toBe(0);
  simulation.run(1_000);
  expectInTime(simulation.of(sources[0]));
});

test('a server that stands still for a tenth of a second, again and again', () => {
  const sources = [crowd(), urgent(), few()] as const;
  const simulation = new Simulation(9_600, sources, 12);
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000, { everyMs: 700, forMs: 100 });
  const [crowded, urgents, fews] = sources.map((source) => simulation.of(source)) as [Seen, Seen, Seen];
  // Whoever could not be answered in time any more is refused: in work it takes up to 130 ms here.
  expect(part(crowded.answeredAfterMs, 0.99)).toBeLessThan(MAX_QUEUE_MS);
  expect(part(crowded.refusedAfterMs, 1)).toBeLessThan(0.9 * MAX_QUEUE_MS);
  expect(part(crowded.answeredAfterMs, 0.5)).toBeLessThan(MAX_QUEUE_MS / 2);
  expect(crowded.refused.queueTime).toBeLessThan(0.06 * crowded.served);
  expectAllServed(urgents);
  // What came meanwhile makes it ask for more than its share for a moment.
  expect(refusals(fews)).toBeLessThan(0.001 * fews.offered);
});

test('the same where work is done in batches, and the others come in bursts', () => {
  const sources = [crowd(), { ...urgent(), everyMs: 40 }, { ...few(), everyMs: 100 }] as const;
  const simulation = new Simulation(9_600, sources, 12);
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000);
  const [crowded, urgents, fews] = sources.map((source) => simulation.of(source)) as [Seen, Seen, Seen];
  expectInTime(crowded);
  expect(part(crowded.refusedAfterMs, 0.99)).toBe(0);
  expectAllServed(urgents);
  expectAllServed(fews);
  expect(crowded.served + urgents.served + fews.served).toBeGreaterThan(0.99 * SECONDS * 9_600);
});

test('a flood that gets a tenth of the turns waits no longer than one that gets half', () => {
  const sources = [crowd(), urgent(4_600), few(4_000)] as const;
  const simulation = new Simulation(9_600, sources);
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000);
  const [crowded, urgents, fews] = sources.map((source) => simulation.of(source)) as [Seen, Seen, Seen];
  expectInTime(crowded);
  expect(crowded.served).toBeGreaterThan(0.98 * SECONDS * 1_000);
  expectAllServed(urgents);
  expectAllServed(fews);
});

test('two that flood share what there is; when one asks for less again it is served, and the other has the rest', () => {
  const [one, other] = [crowd(), few(31_000)];
  const simulation = new Simulation(9_600, [one, other]);
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000);
  for (const seen of [simulation.of(one), simulation.of(other)]) {
    expectInTime(seen);
    expect(seen.served).toBeGreaterThan(0.49 * SECONDS * 9_600);
  }
  other.perSecond = 2_000;
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000);
  expectInTime(simulation.of(one));
  expectAllServed(simulation.of(other));
  expect(simulation.of(one).served).toBeGreaterThan(0.99 * SECONDS * 7_600);
});

test('a server that becomes half as fast: the waits are what they were within three seconds', () => {
  const sources = [crowd(), urgent(), few(2_000)] as const;
  const simulation = new Simulation(9_600, sources);
  simulation.run(LEARNING_MS);
  simulation.perSecond = 5_000;
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000);
  expectInTime(simulation.of(sources[0]));
  expectAllServed(simulation.of(sources[1]));
  expectAllServed(simulation.of(sources[2]));
  expect(simulation.of(sources[0]).served).toBeGreaterThan(0.98 * SECONDS * 1_400);
});

test('[29.228-H.1] a burst of higher priority that is longer than its line may be is let in as long as something lower waits', () => {
  const bursts: Source = { peer: 'bursts', priority: 5, perSecond: 3_000, everyMs: 300 };
  const sources = [
    crowd(),
    bursts,
    { ...few(100), priority: 5 },
    { peer: 'third', priority: 5, perSecond: 100 },
  ] as const;
  const simulation = new Simulation(9_600, sources);
  simulation.run(LEARNING_MS);
  simulation.run(SECONDS * 1_000);
  // What it has of the pace are 450 in half of 250 ms; 900 come at once.
  expectAllServed(simulation.of(bursts));
  expect(simulation.of(bursts).refused).toEqual({ queueFull: 0, queueTime: 0, pushedOut: 0 });
  expect(part(simulation.of(bursts).waitsMs, 1)).toBeLessThan(MAX_QUEUE_MS / 2);
});

describe('[29.228-J.2.3] a peer that calls everything urgent', () => {
  const shouting = (perSecond = 31_000): Source => ({ peer: 'crowd', priority: URGENT, perSecond });

  test('has half of the pace at most while another asks, and the other one is served as if it were not there', () => {
    const sources = [shouting(), few(4_000)] as const;
    const simulation = new Simulation(9_600, sources);
    simulation.run(LEARNING_MS);
    simulation.run(SECONDS * 1_000);
    const [crowded, fews] = sources.map((source) => simulation.of(source)) as [Seen, Seen];
    expectAllServed(fews);
    expect(crowded.served + fews.served).toBeGreaterThan(0.99 * SECONDS * 9_600);
  });

  test('shares the rest fairly with one that asks for more than it can have', () => {
    const sources = [shouting(), few(31_000)] as const;
    const simulation = new Simulation(9_600, sources);
    simulation.run(LEARNING_MS);
    simulation.run(SECONDS * 1_000);
    expect(simulation.of(sources[1]).served).toBeGreaterThan(0.45 * SECONDS * 9_600);
  });

  test('does not take the priority of what others send urgently', () => {
    const others: Source = { peer: 'few', priority: URGENT, perSecond: 3_000 };
    const sources = [shouting(), others] as const;
    const simulation = new Simulation(9_600, sources);
    simulation.run(LEARNING_MS);
    simulation.run(SECONDS * 1_000);
    expectAllServed(simulation.of(others));
    expect(part(simulation.of(others).waitsMs, 0.99)).toBeLessThan(60);
  });

  test('has all of it while nobody else asks', () => {
    const all = shouting(9_000);
    const ordinary = crowd(9_000);
    const simulation = new Simulation(9_600, [all, ordinary]);
    simulation.run(LEARNING_MS);
    simulation.run(SECONDS * 1_000);
    expectAllServed(simulation.of(all));
  });
});
