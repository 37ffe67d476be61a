/** Monotonic time that a test moves on, where it would wait for a look that comes by every few seconds. */
import { performance } from 'node:perf_hooks';

/** Everything in this process finds the time so much later, until the test restores its mocks. */
export function passTime(ms: number): void {
  const before = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => before() + ms);
}

/** The time stands still until the test restores its mocks; `pass` moves it on. */
export function holdTime(): { pass(ms: number): void } {
  let nowMs = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  return {
    pass: (ms) => {
      nowMs += ms;
    },
  };
}
