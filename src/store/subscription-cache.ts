/**
 * Parsed subscriptions by key, bounded by number and approximate size. An entry is only ever used for the revision that the
 * database names in the same round trip, so nothing here can be stale; eviction costs a longer answer, never a wrong one.
 */
import { LRUCache } from 'lru-cache';
import type { RegistrationStatus } from '../domain/registration-status';
import type { Subscription } from '../domain/subscription';

export interface CachedSubscription {
  readonly key: number;
  readonly revision: number;
  readonly subscription: Subscription;
  /** The registration status that was loaded or committed last; as with the rest, used only where the database names its version. */
  status: RegistrationStatus | null;
}

export interface CacheLimits {
  readonly maxCount: number;
  readonly maxOctets: number;
}

/** Octets of memory per octet of JSON text, roughly: objects, strings and both maps. */
const memoryPerTextOctet = 4;

/** A subscription from its image. */
export function parseImage(image: string): Subscription {
  const parsed = JSON.parse(image) as Subscription;
  // Attributes that are null are absent in an image; this one is null in a document.
  return parsed.permittedVisitedNetworks === undefined ? { ...parsed, permittedVisitedNetworks: null } : parsed;
}

export class SubscriptionCache {
  private readonly byKey: LRUCache<number, CachedSubscription>;
  private readonly byPublicIdentity = new Map<string, CachedSubscription>();
  private readonly byPrivateIdentity = new Map<string, CachedSubscription>();

  constructor(limits: CacheLimits) {
    this.byKey = new LRUCache({
      max: limits.maxCount, maxSize: limits.maxOctets,
      dispose: (entry) => this.forget(entry),
    });
  }

  ofPublicIdentity(identity: string): CachedSubscription | undefined {
    const entry = this.byPublicIdentity.get(identity);
    if (entry !== undefined) this.byKey.get(entry.key);
    return entry;
  }

  ofPrivateIdentity(identity: string): CachedSubscription | undefined {
    const entry = this.byPrivateIdentity.get(identity);
    if (entry !== undefined) this.byKey.get(entry.key);
    return entry;
  }

  /** The entry for this key if it is of this revision. */
  held(key: number, revision: number): CachedSubscription | undefined {
    const entry = this.byKey.get(key);
    return entry?.revision === revision ? entry : undefined;
  }

  put(key: number, revision: number, image: string): CachedSubscription {
    const held = this.held(key, revision);
    if (held !== undefined) return held;
    const entry: CachedSubscription = { key, revision, subscription: parseImage(image), status: null };
    this.byKey.set(key, entry, { size: Math.max(1, image.length * memoryPerTextOctet) });
    // Too large to be kept at all: not indexed either.
    if (this.byKey.peek(key) !== entry) return entry;
    for (const { identity } of entry.subscription.privateIdentities) this.byPrivateIdentity.set(identity, entry);
    for (const set of entry.subscription.implicitRegistrationSets) {
      for (const { identity } of set.publicIdentities) this.byPublicIdentity.set(identity, entry);
    }
    return entry;
  }

  /** What this instance has committed; a later one may have been loaded already. */
  committed(key: number, status: RegistrationStatus): void {
    const entry = this.byKey.peek(key);
    if (entry !== undefined && (entry.status === null || entry.status.version < status.version)) entry.status = status;
  }

  /** A commit found that the status of this version is no longer the present one. */
  outdated(key: number, version: number): void {
    const entry = this.byKey.peek(key);
    if (entry?.status?.version === version) entry.status = null;
  }

  clear(): void {
    this.byKey.clear();
  }

  private forget(entry: CachedSubscription): void {
    for (const { identity } of entry.subscription.privateIdentities) {
      if (this.byPrivateIdentity.get(identity) === entry) this.byPrivateIdentity.delete(identity);
    }
    for (const set of entry.subscription.implicitRegistrationSets) {
      for (const { identity } of set.publicIdentities) if (this.byPublicIdentity.get(identity) === entry) this.byPublicIdentity.delete(identity);
    }
  }
}
