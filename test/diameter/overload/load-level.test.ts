/** Signals to load, load to Load-Value. */
import { loadValueOf, nextLevel, type Level, type Signals } from '../../../src/diameter/overload/load-level';

const limits = { queueMs: 100, eventLoopDelayMs: 50, roundTripMs: 200 };
const calm: Signals = {
  queueMs: 0,
  eventLoopDelayMs: 0,
  roundTripMs: 0,
  occupancy: 0,
  utilization: 0,
  refusedShare: 0,
};

function after(looks: number, signals: Partial<Signals>, from: Level | null = null): Level {
  let level = from;
  for (let i = 0; i < looks; i += 1) level = nextLevel(level, { ...calm, ...signals }, limits);
  return level ?? { load: 0, pressure: 0 };
}

test.each([
  ['idle', {}, 0, 0],
  ['busy, nobody waits', { utilization: 1, occupancy: 0.7 }, 1, 0],
  ['half of the places taken', { occupancy: 0.5 }, 0.5, 0],
  ['half the queue time', { queueMs: 50 }, 0.5, 0.5],
  ['the queue time', { queueMs: 100 }, 1, 1],
  ['three times the event loop delay', { eventLoopDelayMs: 150 }, 1, 3],
  ['a slow database', { roundTripMs: 300 }, 1, 1.5],
  ['the worst signal counts', { queueMs: 10, eventLoopDelayMs: 40, roundTripMs: 20 }, 0.8, 0.8],
])('[29.228-K.2] %s', (_, signals, load, pressure) => {
  const level = after(40, signals);
  expect(level.load).toBeCloseTo(load, 5);
  expect(level.pressure).toBeCloseTo(pressure, 5);
});

test('one bad measurement is no overload, refused requests are one at once', () => {
  expect(after(1, { queueMs: 100, roundTripMs: 400 }).pressure).toBeLessThan(1);
  expect(after(1, { refusedShare: 0.01 })).toEqual({ load: 1, pressure: 1 });
});

test('it calms down with time', () => {
  const pressed = after(10, { queueMs: 200 });
  expect(after(1, {}, pressed).pressure).toBeGreaterThan(1);
  expect(after(10, {}, pressed).pressure).toBeLessThan(0.05);
});

test.each([
  [0, 65_535],
  [1, 0],
  [0.5, 32_768],
  [-1, 65_535],
  [7, 0],
  [0.25, 49_151],
])('[29.228-K.2] load %d is Load-Value %d', (load, value) => {
  expect(loadValueOf(load)).toBe(value);
});

test('Load-Value falls as load rises, in few steps', () => {
  const values = Array.from({ length: 1_001 }, (_, i) => loadValueOf(i / 1_000));
  expect(values).toEqual([...values].sort((a, b) => b - a));
  expect(new Set(values).size).toBe(65);
});
