/**
 * How much less is asked for, and hysteresis: neither a moment of overload nor a moment of quiet changes it.
 */
import {
  nextReduction,
  noReduction,
  type Measured,
  type Reduction,
} from '../../../src/diameter/overload/reduction';

const pressed: Measured = { pressure: 1.2, refusedShare: 0 };
const quiet: Measured = { pressure: 0.1, refusedShare: 0 };
const between: Measured = { pressure: 0.7, refusedShare: 0 };
const refusing = (refusedShare: number): Measured => ({ pressure: 1, refusedShare });

function percents(steps: readonly Measured[], maxPercent = 90): number[] {
  let reduction: Reduction = noReduction;
  return steps.map((measured) => (reduction = nextReduction(reduction, measured, maxPercent)).percent);
}

const times = (count: number, measured: Measured): Measured[] =>
  Array.from({ length: count }, () => measured);

test('[29.228-H.2] begins when overload lasts, not with its first moment', () => {
  expect(percents([pressed, quiet, pressed, between, pressed, quiet])).toEqual([0, 0, 0, 0, 0, 0]);
  expect(percents([pressed, pressed])).toEqual([0, 10]);
});

test('rises while it lasts, up to the limit, and waits each time until what was asked for shows', () => {
  const rising = percents(times(40, pressed), 60);
  expect(rising.slice(0, 8)).toEqual([0, 10, 10, 20, 20, 30, 30, 40]);
  expect(rising.at(-1)).toBe(60);
  expect(percents(times(400, pressed), 100).at(-1)).toBe(100);
});

test('asks for what had to be refused, half of the rest at most in one step', () => {
  expect(percents(times(2, refusing(0.3)))).toEqual([0, 30]);
  expect(percents(times(4, refusing(0.9)))).toEqual([0, 50, 50, 75]);
  expect(percents(times(2, refusing(0.01)))).toEqual([0, 5]);
});

test('stays between pressure and quiet', () => {
  expect(percents([...times(4, pressed), ...times(20, between)]).slice(3)).toEqual(
    times(21, between).map(() => 20),
  );
});

test('goes back by parts of what passes, after quiet has lasted, to nothing', () => {
  expect(percents([...times(4, pressed), ...times(6, quiet)])).toEqual([0, 10, 10, 20, 20, 20, 5, 0, 0, 0]);
  expect(percents([...times(14, pressed), ...times(15, quiet)]).slice(-15)).toEqual([
    60, 60, 50, 40, 30, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ]);
});

test('a moment of pressure on the way back only makes it wait', () => {
  expect(percents([...times(6, pressed), ...times(3, quiet), pressed, ...times(3, quiet)]).slice(5)).toEqual([
    30, 30, 30, 15, 15, 15, 15, 0,
  ]);
});

/** What such peers send settles near what can be served, whatever it was. */
test.each([1.5, 3, 10])('[29.228-H.2] peers that comply and want %s times what can be served', (wanted) => {
  let reduction = noReduction;
  const sent: number[] = [];
  let passed = 1;
  for (let step = 0; step < 120; step += 1) {
    // Half of a step is over before what was asked for arrives.
    const offered = (wanted * (passed + (1 - reduction.percent / 100))) / 2;
    passed = 1 - reduction.percent / 100;
    const refusedShare = Math.max(0, 1 - 1 / offered);
    reduction = nextReduction(reduction, { pressure: refusedShare > 0 ? 1 : 0.2, refusedShare }, 95);
    if (step >= 20) sent.push(wanted * passed);
  }
  expect(sent.reduce((sum, value) => sum + Math.min(1, value), 0) / sent.length).toBeGreaterThan(0.85);
  expect(sent.reduce((sum, value) => sum + value, 0) / sent.length).toBeLessThan(1.25);
});
