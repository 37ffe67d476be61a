/**
 * How much less we ask for: OC-Reduction-Percentage of the loss algorithm (RFC 7683 clauses 6 and 7.7)
 * [29.228-H.2]. Pure: a state, a measurement, the next state.
 *
 * Hysteresis: overload begins when it has lasted, and ends by steps when it has been quiet for as long; in
 * between what is asked for stays. The way up follows what had to be refused, and waits until it shows; the
 * way down is slower, so that the traffic comes back in portions.
 */
export interface Reduction {
  /** 0 to 100; 0: nothing is asked for. */
  readonly percent: number;
  /** Steps in a row with pressure, and without. */
  readonly pressedSteps: number;
  readonly quietSteps: number;
  /** Steps until what was asked for last can be seen in what arrives. */
  readonly settlingSteps: number;
}

export interface Measured {
  /** 1 and above: overloaded. */
  readonly pressure: number;
  /** Part of what arrived that was refused, 0 to 1. */
  readonly refusedShare: number;
}

export const noReduction: Reduction = { percent: 0, pressedSteps: 0, quietSteps: 0, settlingSteps: 0 };

const OVERLOADED = 1;
/** Below this it is quiet. */
const QUIET = 0.5;
/** This many steps of one kind in a row, before anything begins or is taken back. */
const STEPS_TO_BEGIN = 2;
const STEPS_TO_RELENT = 3;
/**
 * After a cut, what is measured next was still sent in part before it: another cut for the same overload
 * would be one too many.
 */
const STEPS_TO_SETTLE = 1;
/** Percentages move on this grid, so that a report does not change for nothing. */
const GRID_PERCENT = 5;
/** Part of the remaining traffic that is taken away where nothing says how much it has to be. */
const BLIND_CUT = 0.1;
/** Most that one step takes away of the remaining traffic. */
const LARGEST_CUT = 0.5;
/**
 * How much more passes with each quiet step: a part of what passes, since of little a few more percent are
 * much.
 */
const RELENT_FACTOR = 1.2;

/** To be called at even intervals of about a second. */
export function nextReduction(
  before: Reduction,
  { pressure, refusedShare }: Measured,
  maxPercent: number,
): Reduction {
  const pressedSteps = pressure >= OVERLOADED ? before.pressedSteps + 1 : 0;
  const quietSteps = pressure < QUIET ? before.quietSteps + 1 : 0;
  const counted = { pressedSteps, quietSteps, settlingSteps: Math.max(0, before.settlingSteps - 1) };
  const passes = 1 - before.percent / 100;
  if (pressedSteps >= STEPS_TO_BEGIN && before.settlingSteps === 0) {
    const cut = refusedShare > 0 ? Math.min(LARGEST_CUT, refusedShare) : BLIND_CUT;
    return {
      ...counted,
      settlingSteps: STEPS_TO_SETTLE,
      percent: Math.min(maxPercent, onGrid((1 - passes * (1 - cut)) * 100)),
    };
  }
  if (quietSteps >= STEPS_TO_RELENT) {
    const relented = Math.round(((1 - passes * RELENT_FACTOR) * 100) / GRID_PERCENT) * GRID_PERCENT;
    return { ...counted, percent: Math.max(0, Math.min(before.percent - GRID_PERCENT, relented)) };
  }
  return { ...counted, percent: before.percent };
}

/** Upwards, so that every cut changes something. */
function onGrid(percent: number): number {
  return Math.ceil(percent / GRID_PERCENT - 1e-9) * GRID_PERCENT;
}
