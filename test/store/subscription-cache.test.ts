/** The cache of parsed subscriptions: bounds, newcomers, and what leaves with an entry. */
import { counterChange } from '../../src/authentication/credentials';
import { registration } from '../../src/apps/cx/state/registration';
import { initialStatus, type RegistrationStatus } from '../../src/apps/cx/state/registration-status';
import type { UnitOfWork } from '../../src/state/ports';
import { KeyMemory } from '../../src/store/key-memory';
import { SubscriptionCache } from '../../src/store/subscription-cache';

const image = (n: number, padding = 0): string =>
  JSON.stringify({
    id: `s${n}`,
    privateIdentities: [{ identity: `u${n}@ims.example`, authentication: {} }],
    serviceProfiles: [],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [{ identity: `sip:u${n}@ims.example`, displayName: 'x'.repeat(padding) }],
      },
    ],
  });

const heldOf = (cache: SubscriptionCache, count: number): number =>
  Array.from({ length: count }, (_, n) => cache.held(n, 1)).filter((entry) => entry !== undefined).length;

test('one that is asked for now and then stays, however many come once', () => {
  const cache = new SubscriptionCache({ maxCount: 160, maxOctets: 10_000_000 });
  for (let n = 0; n < 150; n += 1) cache.put(n, 1, image(n));
  expect(heldOf(cache, 150)).toBe(150);
  for (let n = 1_000; n < 20_000; n += 1) cache.put(n, 1, image(n));
  expect(heldOf(cache, 150)).toBe(150);
  expect(cache.ofImpu('sip:u149@ims.example')?.key).toBe(149);
  // A newcomer is there for the rest of its registration, and then no more, nor are its identities.
  expect(cache.ofImpi('u19999@ims.example')?.key).toBe(19_999);
  expect(cache.ofImpi('u19000@ims.example')).toBeUndefined();
  expect(cache.ofImpu('sip:u19000@ims.example')).toBeUndefined();
});

test('a newcomer that comes again soon after it left is kept', () => {
  const cache = new SubscriptionCache({ maxCount: 160, maxOctets: 10_000_000 });
  for (let n = 0; n < 150; n += 1) cache.put(n, 1, image(n));
  cache.put(500, 1, image(500));
  for (let n = 1_000; n < 1_020; n += 1) cache.put(n, 1, image(n));
  expect(cache.held(500, 1)).toBeUndefined();
  cache.put(500, 1, image(500));
  for (let n = 2_000; n < 2_100; n += 1) cache.put(n, 1, image(n));
  expect(cache.held(500, 1)?.key).toBe(500);
});

test('a new revision takes the place of the old one, wherever that is, with its identities', () => {
  const cache = new SubscriptionCache({ maxCount: 160, maxOctets: 10_000_000 });
  for (let n = 0; n < 160; n += 1) cache.put(n, 1, image(n));
  for (const key of [3, 159]) {
    cache.put(key, 2, image(key + 10_000));
    expect(cache.held(key, 1)).toBeUndefined();
    expect(cache.held(key, 2)?.subscription.id).toBe(`s${key + 10_000}`);
    expect(cache.ofImpu(`sip:u${key}@ims.example`)).toBeUndefined();
    expect(cache.ofImpu(`sip:u${key + 10_000}@ims.example`)?.key).toBe(key);
  }
});

test('bounded by size; one that is too large for the place of newcomers may stay where there is room for it at all', () => {
  const cache = new SubscriptionCache({ maxCount: 1_000, maxOctets: 400_000 });
  for (let n = 0; n < 100; n += 1) cache.put(n, 1, image(n, 1_000));
  expect(heldOf(cache, 100)).toBeLessThan(90);
  cache.put(200, 1, image(200, 20_000));
  expect(cache.held(200, 1)?.key).toBe(200);
  cache.put(201, 1, image(201, 200_000));
  expect(cache.held(201, 1)).toBeUndefined();
  expect(cache.ofImpu('sip:u201@ims.example')).toBeUndefined();
});

describe('what was loaded or committed last', () => {
  const unit = (version: number, value?: unknown): UnitOfWork => ({
    key: 1,
    version,
    rows: [],
    outbox: [],
    ...(value === undefined ? {} : { head: { module: registration, value } }),
  });
  const status = (name: string): RegistrationStatus => ({
    ...initialStatus,
    server: { name, diameterHost: 'h', diameterRealm: 'r' },
  });
  const entryAt = (version: number) => {
    const cache = new SubscriptionCache({ maxCount: 10, maxOctets: 1_000_000 });
    const entry = cache.put(1, 1, image(1));
    entry.head = { version, watchers: 4, states: { registration: initialStatus, other: 'kept' } };
    return { cache, entry };
  };

  test('a commit on the version that is held gives the next one', () => {
    const { cache, entry } = entryAt(5);
    cache.committed(unit(5, status('sip:s')));
    expect(entry.head).toEqual({
      version: 6,
      watchers: 4,
      states: { registration: { ...status('sip:s'), version: 6 }, other: 'kept' },
    });
    cache.committed({ ...unit(6, status('sip:s')), watchers: 0 });
    expect(entry.head?.watchers).toBe(0);
  });

  test('an older commit changes nothing, and one on a version that was not seen ends what is held', () => {
    const { cache, entry } = entryAt(5);
    const before = entry.head;
    cache.committed(unit(4, status('sip:s')));
    expect(entry.head).toBe(before);
    cache.committed(unit(7, status('sip:s')));
    expect(entry.head).toBeNull();
  });

  test('a change of rows alone leaves the version', () => {
    const { cache, entry } = entryAt(5);
    const counter = { holder: 'a', key: 'k', version: 3, sequenceNumber: 32, lastInds: [] };
    entry.head = { version: 5, watchers: 0, states: { registration: initialStatus, credentials: [counter] } };
    cache.committed({ ...unit(5), rows: [counterChange(counter, { sequenceNumber: 65, lastInds: [1] })] });
    expect(entry.head).toEqual({
      version: 5,
      watchers: 0,
      states: {
        registration: initialStatus,
        credentials: [{ holder: 'a', key: 'k', version: 4, sequenceNumber: 65, lastInds: [1] }],
      },
    });
  });

  test('it is dropped where a commit found it out of date', () => {
    const { cache, entry } = entryAt(5);
    cache.outdated(unit(4));
    expect(entry.head?.version).toBe(5);
    cache.outdated(unit(5));
    expect(entry.head).toBeNull();
    cache.clear();
    expect(cache.ofImpu('sip:u1@ims.example')).toBeUndefined();
  });
});

test('the memory of keys never claims one that was not added, and forgets what was taken', () => {
  const memory = new KeyMemory(64);
  for (let key = 1; key <= 40; key += 1) memory.add(key);
  expect(Array.from({ length: 1_000 }, (_, i) => 1_000 + i).some((key) => memory.take(key))).toBe(false);
  const remembered = Array.from({ length: 40 }, (_, i) => i + 1).filter((key) => memory.take(key));
  expect(remembered.length).toBeGreaterThan(20);
  expect(remembered.some((key) => memory.take(key))).toBe(false);
  const large = 2 ** 52 + 3;
  memory.add(large);
  expect([memory.take(large - 1), memory.take(large)]).toEqual([false, true]);
});
