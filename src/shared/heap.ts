/** How the JavaScript heap is kept small, and its collections short. */
import { setFlagsFromString } from 'node:v8';

/**
 * The old generation may grow by so much, in percent of what was alive in it, before it is collected. V8 by
 * itself lets it grow to a multiple.
 */
const GROWTH_PERCENT = 100;

/**
 * To be called once, early. A runtime that does not know a setting ignores it. docs/performance.md, "Memory"
 * and "The third round", has what each brings.
 */
export function tuneHeap(): void {
  // A busy HSS has about 200 MB resident instead of 280; what it costs cannot be told from noise.
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  // Objects of a kind that lived long once are not made in the old generation from then on. The first
  // thousands of cached subscriptions stay, those that follow come and go: made there, each kept all that
  // hangs on it alive until the old generation was collected, which then had to be every other second.
  setFlagsFromString('--no-allocation-site-pretenuring');
}
