/** What shares round trips: whoever waits for its end is told, however many wait. */
import { Batcher } from '../../src/store/batcher';
import type { Connection } from '../../src/store/connection';
import { silentEvents } from '../../src/events/event-spine';

test('each of several that wait until nothing is in flight is told', async () => {
  let finish: () => void = () => undefined;
  const batcher = new Batcher<number, number>({
    kind: 'load',
    // Nothing else of a connection is looked at here.
    connections: [{ isReady: true, busy: false, problem: '' } as unknown as Connection],
    maxBatchCount: 4,
    maxWaitingCount: 4,
    events: silentEvents,
    run: (_, items) =>
      new Promise((resolve) => {
        finish = () => resolve(items);
      }),
  });
  const result = batcher.add(7);
  const drained: string[] = [];
  const both = [
    batcher.drain().then(() => drained.push('first')),
    batcher.drain().then(() => drained.push('second')),
  ];
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  expect(drained).toEqual([]);
  finish();
  expect(await result).toBe(7);
  await Promise.all(both);
  expect(drained).toEqual(['first', 'second']);
  await batcher.drain();
}, 5_000);
