/**
 * Parsed subscriptions by key, bounded by number and approximate size. An entry is only ever used for the
 * revision that the database names in the same round trip or the commit that follows verifies, so nothing
 * here can be stale; eviction costs a longer answer, never a wrong one.
 *
 * Two queues (2Q, Johnson and Shasha 1994). Once the cache is full a newcomer stays for a moment only, as
 * long as the requests of one registration take; what is asked for again soon after it left stays for long.
 * So a crowd of subscribers who each come once in an hour neither pushes out those who come often (PSIs,
 * whoever is called a lot) nor makes the collector copy their profiles into the old generation, which costs
 * more than parsing them.
 */
import { LRUCache } from 'lru-cache';
import type { RegistrationStatus } from '../apps/cx/state/registration-status';
import { privateIdentityKey } from '../subscriber/private-identity';
import type { Subscription } from '../subscriber/subscription';
import { KeyMemory } from './key-memory';

export interface CachedSubscription {
  readonly key: number;
  readonly revision: number;
  readonly subscription: Subscription;
  /**
   * The registration status that was loaded or committed last; as with the rest, used only where the database
   * names its version.
   */
  status: RegistrationStatus | null;
}

export interface CacheLimits {
  readonly maxCount: number;
  readonly maxOctets: number;
}

/** Octets of memory per octet of JSON text, roughly: objects, strings and both maps. */
const memoryPerTextOctet = 4;
/**
 * Newcomers to a full cache, of its places. Enough for what is under way at one time, and few enough that
 * most never get old in the collector's sense.
 */
const newcomersShare = 1 / 16;
const maxNewcomers = 512;

/** A subscription from its image. */
export function parseImage(image: string): Subscription {
  const parsed = JSON.parse(image) as Subscription;
  // Attributes that are null are absent in an image; this one is null in a document.
  return parsed.permittedVisitedNetworks === undefined
    ? { ...parsed, permittedVisitedNetworks: null }
    : parsed;
}

export class SubscriptionCache {
  private readonly settled: LRUCache<number, CachedSubscription>;
  private readonly newcomers: LRUCache<number, CachedSubscription>;
  /** Newcomers that left lately. */
  private readonly left: KeyMemory;
  private readonly byPublicIdentity = new Map<string, CachedSubscription>();
  private readonly byPrivateIdentity = new Map<string, CachedSubscription>();

  constructor(limits: CacheLimits) {
    const newcomersCount = Math.max(1, Math.min(maxNewcomers, Math.floor(limits.maxCount * newcomersShare)));
    const settledCount = Math.max(1, limits.maxCount - newcomersCount);
    const newcomersOctets = Math.max(1, Math.floor(limits.maxOctets * newcomersShare));
    this.settled = new LRUCache({
      max: settledCount,
      maxSize: Math.max(1, limits.maxOctets - newcomersOctets),
      dispose: (entry) => this.forget(entry),
    });
    this.newcomers = new LRUCache({
      max: newcomersCount,
      maxSize: newcomersOctets,
      dispose: (entry, key, reason) => {
        this.forget(entry);
        if (reason === 'evict') this.left.add(key);
      },
    });
    this.left = new KeyMemory(settledCount);
  }

  ofPublicIdentity(identity: string): CachedSubscription | undefined {
    return this.used(this.byPublicIdentity.get(identity));
  }

  ofPrivateIdentity(identity: string): CachedSubscription | undefined {
    return this.used(this.byPrivateIdentity.get(privateIdentityKey(identity)));
  }

  /** The entry for this key if it is of this revision. */
  held(key: number, revision: number): CachedSubscription | undefined {
    const entry = this.ofKey(key);
    return entry?.revision === revision ? entry : undefined;
  }

  put(key: number, revision: number, image: string): CachedSubscription {
    const held = this.held(key, revision);
    if (held !== undefined) return held;
    const entry: CachedSubscription = { key, revision, subscription: parseImage(image), status: null };
    const queue = this.queueFor(key, image.length * memoryPerTextOctet);
    (queue === this.settled ? this.newcomers : this.settled).delete(key);
    queue.set(key, entry, { size: Math.max(1, image.length * memoryPerTextOctet) });
    // Too large to be kept at all: not indexed either.
    if (queue.peek(key) !== entry) return entry;
    for (const { identity } of entry.subscription.privateIdentities)
      this.byPrivateIdentity.set(privateIdentityKey(identity), entry);
    for (const set of entry.subscription.implicitRegistrationSets) {
      for (const { identity } of set.publicIdentities) this.byPublicIdentity.set(identity, entry);
    }
    return entry;
  }

  /** What this instance has committed; a later one may have been loaded already. */
  committed(key: number, status: RegistrationStatus): void {
    const entry = this.ofKey(key);
    if (entry !== undefined && (entry.status === null || entry.status.version < status.version))
      entry.status = status;
  }

  /** A commit found that the status of this version is no longer the present one. */
  outdated(key: number, version: number): void {
    const entry = this.ofKey(key);
    if (entry?.status?.version === version) entry.status = null;
  }

  clear(): void {
    this.settled.clear();
    this.newcomers.clear();
  }

  private ofKey(key: number): CachedSubscription | undefined {
    return this.settled.peek(key) ?? this.newcomers.peek(key);
  }

  private used(entry: CachedSubscription | undefined): CachedSubscription | undefined {
    // Newcomers leave in the order in which they came.
    if (entry !== undefined) this.settled.get(entry.key);
    return entry;
  }

  private queueFor(key: number, octets: number): LRUCache<number, CachedSubscription> {
    const { settled, newcomers } = this;
    const hasRoom = settled.size < settled.max && settled.calculatedSize + octets <= settled.maxSize;
    return hasRoom || settled.has(key) || octets > newcomers.maxSize || this.left.take(key)
      ? settled
      : newcomers;
  }

  private forget(entry: CachedSubscription): void {
    for (const { identity } of entry.subscription.privateIdentities) {
      const name = privateIdentityKey(identity);
      if (this.byPrivateIdentity.get(name) === entry) this.byPrivateIdentity.delete(name);
    }
    for (const set of entry.subscription.implicitRegistrationSets) {
      for (const { identity } of set.publicIdentities)
        if (this.byPublicIdentity.get(identity) === entry) this.byPublicIdentity.delete(identity);
    }
  }
}
