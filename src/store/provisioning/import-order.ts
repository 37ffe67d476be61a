/**
 * Keeps imports that run side by side in the order in which they were begun, where they touch the same
 * subscription: the later line of a file wins, also when it stands in the next batch. Of one instance;
 * between instances the database decides.
 */

/** What one batch of an import knows of those begun before it. */
export interface Earlier {
  /**
   * Subscriptions that earlier batches were still writing when this one began: what is read of them may be
   * out of date.
   */
  readonly ids: ReadonlySet<string>;
  /** Ends when all of them have. */
  readonly settled: Promise<unknown>;
}

export class ImportOrder {
  private readonly writing = new Map<string, symbol>();
  private begun: Promise<unknown> = Promise.resolve();

  /** Runs `work`, after every earlier batch where that writes one of the same ids. */
  async run<T>(ids: readonly string[], work: (earlier: Earlier) => Promise<T>): Promise<T> {
    const before = this.begun;
    const mine = Symbol('batch');
    const result = ids.some((id) => this.writing.has(id))
      ? before.then(() => work({ ids: new Set(), settled: Promise.resolve() }))
      : work({ ids: new Set(this.writing.keys()), settled: before });
    for (const id of ids) this.writing.set(id, mine);
    this.begun = Promise.allSettled([before, result]);
    try {
      return await result;
    } finally {
      for (const id of ids) if (this.writing.get(id) === mine) this.writing.delete(id);
    }
  }
}
