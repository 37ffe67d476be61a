/**
 * Changes of one subscription take turns within this process, first come first served, so that they do not
 * make each other's commits conflict. Between processes the store's version check decides.
 */
export class SubscriptionTurns {
  /** Who waits for the turn of each that somebody has; null where nobody does. */
  readonly #queues = new Map<number, (() => void)[] | null>();

  /** Subscriptions somebody has or waits for the turn of. */
  get heldCount(): number {
    return this.#queues.size;
  }

  /** Resolves with true where somebody else had the turn before: what was loaded is then out of date. */
  take(key: number): Promise<boolean> | false {
    const queue = this.#queues.get(key);
    if (queue === undefined) {
      this.#queues.set(key, null);
      return false;
    }
    return new Promise((resolve) => {
      const next = (): void => resolve(true);
      if (queue === null) this.#queues.set(key, [next]);
      else queue.push(next);
    });
  }

  /** Passes the turn on. */
  release(key: number): void {
    const queue = this.#queues.get(key);
    const next = queue?.shift();
    if (next !== undefined) next();
    else this.#queues.delete(key);
  }
}
