/**
 * Requests that arrive together share one round trip. Whatever was asked for in one turn of the event loop
 * goes out as one batch if a connection is free, else as soon as one is: a lone request never waits, and a
 * batch only grows because work arrived while the last one ran.
 */
import { performance } from 'node:perf_hooks';
import { StoreUnavailableError } from '../state/ports';
import type { Connection } from './connection';
import type { StoreEvents } from '../events/hss-events';
import type { BatchKind } from '../events/names';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatcherOptions<Item, Result> {
  readonly kind: BatchKind;
  readonly connections: readonly Connection[];
  /** Most requests in one round trip. */
  readonly maxBatchCount: number;
  /** Most requests that wait; more are refused at once. */
  readonly maxWaitingCount: number;
  readonly events: StoreEvents;
  /** One result per item, in order. The whole batch has no effect where it throws. */
  readonly run: (connection: Connection, items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items with the same conflict key never share a batch. */
  readonly conflictKey?: (item: Item) => number;
  /** Items with one subject share a batch only where they are of one kind; null: of no subject. */
  readonly subjectKind?: (item: Item) => readonly [subject: string, kind: string] | null;
  /** Called where a connection has become free, for other batchers that share the connections. */
  readonly freed?: () => void;
}

const noSubject = ['', ''] as const;

export class Batcher<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private scheduled = false;
  private inFlight = 0;
  private drained: (() => void)[] = [];

  constructor(private readonly options: BatcherOptions<Item, Result>) {}

  /** @throws StoreUnavailableError at once where no connection is up */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (!this.options.connections.some((connection) => connection.isReady)) {
        this.refuse([{ item, resolve, reject }]);
        return;
      }
      if (this.waiting.length >= this.options.maxWaitingCount) {
        this.options.events.storeUnavailable(this.options.kind, 1);
        reject(new StoreUnavailableError(`database: ${this.waiting.length} requests are waiting already`));
        return;
      }
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  /** Call after a connection came up or went down. */
  connectionsChanged(): void {
    const { connections, events, kind } = this.options;
    const ready = connections.filter((connection) => connection.isReady).length;
    events.storeConnectionsChanged(kind, ready, connections.length);
    if (ready > 0) this.schedule();
    else this.refuse(this.waiting.splice(0));
  }

  /** Call after another batcher on the same connections has freed one. */
  connectionFreed(): void {
    this.schedule();
  }

  /** Resolves when nothing waits or is in flight. */
  async drain(): Promise<void> {
    if (this.inFlight === 0 && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      this.drained.push(resolve);
    });
  }

  private refuse(list: Waiting<Item, Result>[]): void {
    if (list.length === 0) return;
    const problem = this.options.connections[0]?.problem ?? 'no connection';
    this.options.events.storeUnavailable(this.options.kind, list.length);
    for (const { reject } of list) reject(new StoreUnavailableError(`database: ${problem}`));
    this.settle();
  }

  private schedule(): void {
    if (this.scheduled || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    for (const connection of this.options.connections) {
      if (this.waiting.length === 0) break;
      if (connection.isReady && !connection.busy) void this.send(connection, this.take());
    }
  }

  private take(): Waiting<Item, Result>[] {
    const { maxBatchCount, conflictKey, subjectKind } = this.options;
    if (conflictKey === undefined) return this.waiting.splice(0, maxBatchCount);
    const batch: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    const keys = new Set<number>();
    const kinds = new Map<string, string>();
    for (const entry of this.waiting) {
      const key = conflictKey(entry.item);
      const [subject, kind] = subjectKind?.(entry.item) ?? noSubject;
      const other = kinds.get(subject);
      if (batch.length >= maxBatchCount || keys.has(key) || (other !== undefined && other !== kind))
        left.push(entry);
      else {
        keys.add(key);
        if (subject !== '') kinds.set(subject, kind);
        batch.push(entry);
      }
    }
    this.waiting = left;
    return batch;
  }

  private async send(connection: Connection, batch: Waiting<Item, Result>[]): Promise<void> {
    connection.busy = true;
    this.inFlight += 1;
    const started = performance.now();
    try {
      await this.runAndSettle(connection, batch);
    } finally {
      connection.busy = false;
      this.inFlight -= 1;
      this.options.events.storeRoundTrip(this.options.kind, batch.length, performance.now() - started);
      // The others first: each has its turn, however much the rest has to do.
      this.options.freed?.();
      this.schedule();
      this.settle();
    }
  }

  private async runAndSettle(connection: Connection, batch: Waiting<Item, Result>[]): Promise<void> {
    let results: readonly Result[];
    try {
      results = await this.options.run(
        connection,
        batch.map((entry) => entry.item),
      );
    } catch (error) {
      // A statement that the server refuses had no effect: one bad request must not take the others with it.
      if (!(error instanceof StoreUnavailableError) && batch.length > 1) {
        const half = batch.length >> 1;
        await this.runAndSettle(connection, batch.slice(0, half));
        await this.runAndSettle(connection, batch.slice(half));
        return;
      }
      this.options.events.storeUnavailable(this.options.kind, batch.length);
      const reason =
        error instanceof StoreUnavailableError
          ? error
          : new StoreUnavailableError(`database: ${error instanceof Error ? error.message : String(error)}`, {
              cause: error,
            });
      for (const { reject } of batch) reject(reason);
      return;
    }
    batch.forEach((entry, i) => entry.resolve(results[i] as Result));
  }

  private settle(): void {
    if (this.inFlight > 0 || this.waiting.length > 0) return;
    for (const resolve of this.drained.splice(0)) resolve();
  }
}
