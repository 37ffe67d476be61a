/** What the store reports as it happens; metrics listen. Synchronous, must not throw. */
export type BatchKind = 'load' | 'commit' | 'locator';

export interface StoreEvents {
  /** One round trip that carried `size` requests. */
  batch(kind: BatchKind, size: number, durationMs: number): void;
  /** Connections of the hot path that are up, of how many, after each change. */
  connections(kind: BatchKind, readyCount: number, totalCount: number): void;
  /** Requests refused because the database cannot be reached or is too slow. */
  unavailable(kind: BatchKind, count: number): void;
  /** Profiles that were answered from the cache, or had to come from the database. */
  profiles(cachedCount: number, loadedCount: number): void;
}

export const noStoreEvents: StoreEvents = {
  batch: () => undefined,
  connections: () => undefined,
  unavailable: () => undefined,
  profiles: () => undefined,
};
