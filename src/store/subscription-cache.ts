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
import type { UnitOfWork } from '../state/ports';
import { forEachPublicIdentity, parseImage } from '../subscriber/image';
import { privateIdentityKey } from '../subscriber/private-identity';
import type { Subscription } from '../subscriber/subscription';
import { KeyMemory } from './key-memory';

export interface CachedSubscription {
  readonly key: number;
  readonly revision: number;
  readonly subscription: Subscription;
  /**
   * What was loaded or committed last; as with the rest, used only where the database names its version or
   * verifies it. Replaced as a whole.
   */
  head: LoadedHead | null;
}

/** The head row of a subscription, with the states of modules that were read with it. */
export interface LoadedHead {
  readonly version: number;
  readonly watchers: number;
  readonly states: Readonly<Record<string, unknown>>;
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

/** What is there after a unit of work on `before`. */
function headAfter(before: LoadedHead, { head, rows, version, watchers }: UnitOfWork): LoadedHead {
  const states: Record<string, unknown> = { ...before.states };
  if (head !== undefined) states[head.module.name] = head.module.withVersion(head.value, version + 1);
  for (const change of rows) {
    const { name } = change.module;
    if (states[name] !== undefined) states[name] = change.module.apply(states[name], change);
  }
  return {
    version: head === undefined ? version : version + 1,
    watchers: watchers ?? before.watchers,
    states,
  };
}

export class SubscriptionCache {
  private readonly settled: LRUCache<number, CachedSubscription>;
  private readonly newcomers: LRUCache<number, CachedSubscription>;
  /** Newcomers that left lately. */
  private readonly left: KeyMemory;
  private readonly byImpu = new Map<string, CachedSubscription>();
  private readonly byImpi = new Map<string, CachedSubscription>();
  private readonly byImsi = new Map<string, CachedSubscription>();
  private readonly byMsisdn = new Map<string, CachedSubscription>();

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

  ofImpu(impu: string): CachedSubscription | undefined {
    return this.used(this.byImpu.get(impu));
  }

  ofImpi(impi: string): CachedSubscription | undefined {
    return this.used(this.byImpi.get(privateIdentityKey(impi)));
  }

  ofImsi(imsi: string): CachedSubscription | undefined {
    return this.used(this.byImsi.get(imsi));
  }

  ofMsisdn(msisdn: string | undefined): CachedSubscription | undefined {
    return msisdn === undefined ? undefined : this.used(this.byMsisdn.get(msisdn));
  }

  /** The entry for this key if it is of this revision. */
  held(key: number, revision: number): CachedSubscription | undefined {
    const entry = this.ofKey(key);
    return entry?.revision === revision ? entry : undefined;
  }

  put(key: number, revision: number, image: string): CachedSubscription {
    const held = this.held(key, revision);
    if (held !== undefined) return held;
    const entry: CachedSubscription = { key, revision, subscription: parseImage(image), head: null };
    const queue = this.queueFor(key, image.length * memoryPerTextOctet);
    (queue === this.settled ? this.newcomers : this.settled).delete(key);
    queue.set(key, entry, { size: Math.max(1, image.length * memoryPerTextOctet) });
    // Too large to be kept at all: not indexed either.
    if (queue.peek(key) !== entry) return entry;
    for (const { identity } of entry.subscription.privateIdentities)
      this.byImpi.set(privateIdentityKey(identity), entry);
    forEachPublicIdentity(entry.subscription, (identity) => this.byImpu.set(identity, entry));
    for (const { imsi, msisdns } of entry.subscription.usims ?? []) {
      this.byImsi.set(imsi, entry);
      for (const msisdn of msisdns) this.byMsisdn.set(msisdn, entry);
    }
    return entry;
  }

  /** What this instance has committed; a later one may have been loaded already. */
  committed(unit: UnitOfWork): void {
    const entry = this.ofKey(unit.key);
    if (entry === undefined || entry.head === null || entry.head.version > unit.version) return;
    entry.head = entry.head.version === unit.version ? headAfter(entry.head, unit) : null;
  }

  /** A commit found that what was read with this version is no longer the present. */
  outdated({ key, version }: UnitOfWork): void {
    const entry = this.ofKey(key);
    if (entry?.head?.version === version) entry.head = null;
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
      if (this.byImpi.get(name) === entry) this.byImpi.delete(name);
    }
    forEachPublicIdentity(entry.subscription, (identity) => {
      if (this.byImpu.get(identity) === entry) this.byImpu.delete(identity);
    });
    for (const { imsi, msisdns } of entry.subscription.usims ?? []) {
      if (this.byImsi.get(imsi) === entry) this.byImsi.delete(imsi);
      for (const msisdn of msisdns) if (this.byMsisdn.get(msisdn) === entry) this.byMsisdn.delete(msisdn);
    }
  }
}
