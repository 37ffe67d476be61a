/**
 * Look-ups of applications by keys of their own, in batches apart from those of subscriptions: who loads a
 * subscription waits for no other statement. They share the connections, and take turns where none is free.
 */
import type { KeyedLookup, KeyedModule } from '../state/keyed-module';
import { Batcher, type BatcherOptions } from './batcher';
import type { Connection } from './connection';

type Options = Omit<BatcherOptions<KeyedLookup, unknown>, 'run' | 'conflictKey' | 'subjectKind'>;

export class KeyedLookups {
  readonly #batcher: Batcher<KeyedLookup, unknown>;

  constructor(options: Options) {
    this.#batcher = new Batcher({ ...options, run: findAll });
  }

  /** By name of the module. @throws StoreUnavailableError */
  async find(lookups: readonly KeyedLookup[]): Promise<Record<string, unknown>> {
    const values = await Promise.all(lookups.map((lookup) => this.#batcher.add(lookup)));
    return Object.fromEntries(lookups.map(({ module }, i) => [module.name, values[i]]));
  }

  connectionsChanged(): void {
    this.#batcher.connectionsChanged();
  }

  connectionFreed(): void {
    this.#batcher.connectionFreed();
  }

  drain(): Promise<void> {
    return this.#batcher.drain();
  }
}

/** One round trip for each module of the batch. */
async function findAll(connection: Connection, lookups: readonly KeyedLookup[]): Promise<unknown[]> {
  const values: unknown[] = [];
  const places = new Map<KeyedModule, number[]>();
  lookups.forEach(({ module }, i) => {
    const known = places.get(module);
    if (known === undefined) places.set(module, [i]);
    else known.push(i);
  });
  for (const [module, its] of places) {
    const keys = its.map((i) => lookups[i]?.key);
    const found = await module.find((statement) => connection.query(statement), keys);
    if (found.length !== keys.length)
      throw new Error(`${module.name} found ${found.length} of ${keys.length}`);
    its.forEach((i, n) => {
      values[i] = found[n];
    });
  }
  return values;
}
