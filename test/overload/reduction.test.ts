/** How much less is asked for, and hysteresis: neither a moment of overload nor a moment of quiet changes it. */
import { nextReduction, noReduction, type Measured, type Reduction } from '../../src/overload/reduction';

const pressed: Measured = { pressure: 1.2, refusedShare: 0 };
const quiet: Measured = { pressure: 0.1, refusedShare: 0 };
const between: Measured = { pressure: 0.7, refusedShare: 0 };
const refusing = (refusedShare: number): Measured => ({ pressure: 1, refusedShare });

function percents(steps: readonly Measured[], maxPercent = 90): number[] {
  let reduction: Reduction = noReduction;
  return steps.map((measured) => (reduction = nextReduction(reduction, measured, maxPercent)).percent);
}

const times = (count: number, measured: Measured): Measured[] => Array.from({ length: count }, () => measured);

test('[29.228-H.2] begins when overload lasts, not with its first moment', () => {
  expect(percents([pressed, quiet, pressed, between, pressed, quiet])).toEqual([0, 0, 0, 0, 0, 0]);
  expect(percents([pressed, pressed])).toEqual([0, 10]);
});

test('rises while it lasts, up to the limit', () => {
  const rising = percents(times(40, pressed), 60);
  expect(rising.slice(0, 5)).toEqual([0, 10, 20, 30, 40]);
  expect(rising.at(-1)).toBe(60);
  expect(percents(times(400, pressed), 100).at(-1)).toBe(100);
});

test('asks for what had to be refused, half of the rest at most in one step', () => {
  expect(percents(times(2, refusing(0.3)))).toEqual([0, 30]);
  expect(percents(times(3, refusing(0.9)))).toEqual([0, 50, 75]);
  expect(percents(times(2, refusing(0.01)))).toEqual([0, 10]);
});

test('stays between pressure and quiet', () => {
  expect(percents([...times(3, pressed), ...times(20, between)]).slice(2)).toEqual(times(21, between).map(() => 20));
});

test('goes back by steps, after quiet has lasted, to nothing', () => {
  expect(percents([...times(4, pressed), ...times(6, quiet)])).toEqual([0, 10, 20, 30, 30, 30, 20, 10, 0, 0]);
});

test('a moment of pressure on the way back only makes it wait', () => {
  expect(percents([...times(4, pressed), ...times(3, quiet), pressed, ...times(3, quiet)]).slice(3)).toEqual([30, 30, 30, 20, 20, 20, 20, 10]);
});
