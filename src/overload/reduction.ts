/**
 * How much less we ask for: OC-Reduction-Percentage of the loss algorithm (RFC 7683 clauses 6 and 7.7) [29.228-H.2]. Pure: a state, a measurement, the next state.
 *
 * Hysteresis: overload begins when it has lasted, and ends by steps when it has been quiet for as long; in between what is asked for stays. The way up follows
 * what had to be refused, the way down is slower, so that the traffic comes back in portions.
 */
export interface Reduction {
  /** 0 to 100; 0: nothing is asked for. */
  readonly percent: number;
  /** Steps in a row with pressure, and without. */
  readonly pressedSteps: number;
  readonly quietSteps: number;
}

export interface Measured {
  /** 1 and above: overloaded. */
  readonly pressure: number;
  /** Part of what arrived that was refused, 0 to 1. */
  readonly refusedShare: number;
}

export const noReduction: Reduction = { percent: 0, pressedSteps: 0, quietSteps: 0 };

const OVERLOADED = 1;
/** Below this it is quiet. */
const QUIET = 0.5;
/** This many steps of one kind in a row, before anything begins or is taken back. */
const STEPS_TO_BEGIN = 2;
const STEPS_TO_RELENT = 3;
/** Percentages move on this grid, so that a report does not change for nothing. */
const GRID_PERCENT = 5;
/** Part of the remaining traffic that is taken away where nothing says how much it has to be. */
const SMALLEST_CUT = 0.1;
/** Most that one step takes away of the remaining traffic. */
const LARGEST_CUT = 0.5;
/** What comes back with each quiet step, in percent of all traffic. */
const RELENT_PERCENT = 10;

/** To be called at even intervals of about a second. */
export function nextReduction(before: Reduction, { pressure, refusedShare }: Measured, maxPercent: number): Reduction {
  const pressedSteps = pressure >= OVERLOADED ? before.pressedSteps + 1 : 0;
  const quietSteps = pressure < QUIET ? before.quietSteps + 1 : 0;
  const counted = { pressedSteps, quietSteps };
  if (pressedSteps >= STEPS_TO_BEGIN) {
    const cut = Math.min(LARGEST_CUT, Math.max(SMALLEST_CUT, refusedShare));
    const passes = (1 - before.percent / 100) * (1 - cut);
    return { ...counted, percent: Math.min(maxPercent, onGrid((1 - passes) * 100)) };
  }
  if (quietSteps >= STEPS_TO_RELENT) return { ...counted, percent: Math.max(0, before.percent - RELENT_PERCENT) };
  return { ...counted, percent: before.percent };
}

/** Upwards, so that every cut changes something. */
function onGrid(percent: number): number {
  return Math.ceil(percent / GRID_PERCENT - 1e-9) * GRID_PERCENT;
}
