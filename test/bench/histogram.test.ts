/** The latency histogram of the benchmark against exact arithmetic on the same values. */
import { Histogram } from '../../bench/load/histogram';

/** The value that `percent` of the sorted values do not exceed. */
const exact = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? 0;

const within = (found: number, wanted: number): void => {
  expect(found).toBeGreaterThanOrEqual(wanted);
  // A bucket's upper end, at most 1/128 above.
  expect(found).toBeLessThanOrEqual(wanted * (1 + 1 / 128) + 1);
};

test('percentiles are those of the values, to a bucket, over six decades', () => {
  const histogram = new Histogram();
  const values: number[] = [];
  let state = 12_345;
  for (let n = 0; n < 50_000; n += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const value = Math.floor(10 ** ((state / 2 ** 32) * 7));
    values.push(value);
    histogram.record(value);
  }
  values.sort((a, b) => a - b);
  for (const percent of [0, 1, 25, 50, 90, 99, 99.9, 99.99, 100])
    within(histogram.percentileUs(percent), exact(values, percent));
  expect(histogram.count).toBe(50_000);
  expect(histogram.maxUs).toBe(values[values.length - 1]);
  expect(histogram.meanUs).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3);
});

test('small values are exact; every power of two and its neighbours are in the bucket that ends at or just above them', () => {
  for (let power = 0; power < 31; power += 1) {
    for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
      const histogram = new Histogram();
      histogram.record(value);
      // Keeps the maximum from cutting the bucket's end off.
      histogram.record(2 ** 31 - 1);
      if (value < 256) expect(histogram.percentileUs(50)).toBe(value);
      else within(histogram.percentileUs(50), value);
    }
  }
});

test('nothing, negative and huge values do no harm', () => {
  const histogram = new Histogram();
  expect(histogram.summary()).toMatchObject({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0, meanMs: 0 });
  histogram.record(-5);
  histogram.record(1e12);
  expect(histogram.percentileUs(50)).toBe(0);
  expect(histogram.maxUs).toBe(1e12);
  expect(histogram.count).toBe(2);
});

test('two histograms added are one of all values', () => {
  const [a, b, both] = [new Histogram(), new Histogram(), new Histogram()];
  for (let value = 1; value <= 3_000; value += 1) {
    (value % 3 === 0 ? a : b).record(value * 7);
    both.record(value * 7);
  }
  a.add(b);
  expect(a.summary()).toEqual(both.summary());
});

test('coordinated omission: a wait of one second among requests every 10 ms counts as the hundred that were not sent', () => {
  const seen = new Histogram();
  for (let n = 0; n < 9_900; n += 1) seen.record(1_000);
  seen.record(1_000_000);
  const corrected = seen.corrected(10_000);
  // 990 ms, 980 ms ... 10 ms were owed: 99 requests.
  expect(corrected.count).toBe(seen.count + 99);
  expect(seen.percentileUs(99.9)).toBeLessThanOrEqual(1_008);
  // 100 of 10,000 waited, evenly from 10 ms to 1 s: the upper half of that percent is above 500 ms.
  within(corrected.percentileUs(99.5), 500_000);
  expect(corrected.maxUs).toBe(1_000_000);
  // The histogram itself stays as it was, and without an interval nothing is owed.
  expect(seen.count).toBe(9_901);
  expect(seen.corrected(0).count).toBe(9_901);
});
