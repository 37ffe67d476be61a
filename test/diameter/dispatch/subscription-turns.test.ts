import { SubscriptionTurns } from '../../../src/diameter/dispatch/subscription-turns';

/** Takes the turn and notes when it has it. */
function runner(turns: SubscriptionTurns, key: number, name: string, order: string[]): Promise<boolean> {
  const taken = turns.take(key);
  if (taken === false) {
    order.push(name);
    return Promise.resolve(false);
  }
  return taken.then((waited) => {
    order.push(name);
    return waited;
  });
}

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('turns of one subscription', () => {
  test('the first has it at once and has nothing to load again', () => {
    expect(new SubscriptionTurns().take(1)).toBe(false);
  });

  test('the others follow one at a time in the order in which they came, and know that they waited', async () => {
    const turns = new SubscriptionTurns();
    const order: string[] = [];
    const waits = ['a', 'b', 'c', 'd'].map((name) => runner(turns, 1, name, order));
    for (const have of [1, 2, 3, 4]) {
      await settled();
      expect(order).toHaveLength(have);
      turns.release(1);
    }
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect(await Promise.all(waits)).toEqual([false, true, true, true]);
  });

  test('another subscription does not wait', () => {
    const turns = new SubscriptionTurns();
    expect(turns.take(1)).toBe(false);
    expect(turns.take(2)).toBe(false);
  });

  test('whoever comes after everybody has left waits for nobody', async () => {
    const turns = new SubscriptionTurns();
    for (let round = 0; round < 3; round += 1) {
      expect(turns.take(1)).toBe(false);
      const second = turns.take(1);
      turns.release(1);
      expect(await second).toBe(true);
      turns.release(1);
    }
  });

  test('who comes while the turn is being passed on stands behind those who waited', async () => {
    const turns = new SubscriptionTurns();
    const order: string[] = [];
    void runner(turns, 1, 'a', order);
    void runner(turns, 1, 'b', order);
    turns.release(1);
    void runner(turns, 1, 'c', order);
    await settled();
    expect(order).toEqual(['a', 'b']);
    turns.release(1);
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('nothing is kept of 100,000 subscriptions that had their turn', () => {
    const turns = new SubscriptionTurns();
    for (let key = 0; key < 100_000; key += 1) {
      void turns.take(key);
      void turns.take(key);
      turns.release(key);
      turns.release(key);
    }
    expect(turns.heldCount).toBe(0);
  });
});
