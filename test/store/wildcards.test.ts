/**
 * Wildcarded identities through the store [29.228-6.1.4] [23.003-13.5]: found, current, and at what price.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import type { LoadOutcome } from '../../src/state/ports';
import { subscriptionDocument, type SubscriptionDocument } from '../../src/subscriber/subscription-document';
import type { StoreEvents } from '../../src/events/hss-events';
import type { PostgresStore } from '../../src/store/postgres-store';
import { WildcardHolder } from '../../src/store/wildcards';
import { freshDatabase, openStore } from '../support/database';
import { withDatabase } from '../support/database-url';
import { putSharedSets, simple } from './documents';

let url: string;
let store: PostgresStore;
let other: PostgresStore;
let roundTripCount = 0;
const events: StoreEvents = {
  storeRoundTrip: (kind) => {
    roundTripCount += kind === 'load' ? 1 : 0;
  },
  storeConnectionsChanged: () => undefined,
  storeUnavailable: () => undefined,
  subscriptionsRead: () => undefined,
};

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url, { events, loadConnections: 1 });
  other = await openStore(url);
  await putSharedSets(store);
});

afterAll(async () => {
  await Promise.all([store.close(), other.close()]);
});

/** A Public Service Identity for each text, each in a set of its own. */
function services(id: string, ...identities: readonly string[]): SubscriptionDocument {
  return subscriptionDocument.parse({
    id,
    privateIdentities: [{ identity: `${id}@ims.example`, type: 'privateServiceIdentity' }],
    implicitRegistrationSets: identities.map((identity, i) => ({
      name: `set${i}`,
      publicIdentities: [
        { identity, type: identity.includes('!') ? 'wildcardedPsi' : 'distinctPsi', serviceProfile: 'basic' },
      ],
    })),
  });
}

const load = (...publicIdentities: readonly string[]): Promise<LoadOutcome> =>
  store.load({ impus: publicIdentities });
const brief = ({ snapshot, impuWildcards }: LoadOutcome) => [
  snapshot?.subscription.id ?? null,
  ...impuWildcards,
];

async function counted<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = roundTripCount;
  const result = await work();
  return [result, roundTripCount - before];
}

async function sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

test('an identity in the range of a wildcarded one belongs to it, a distinct one of its own comes first', async () => {
  await store.putSubscription(services('chat', 'SIP:chat-!.*!@IMS.example:5060', 'tel:+1-555-70!..!'), {});
  await store.putSubscription(services('own', 'sip:chat-7@ims.example'), {});
  expect(brief(await load('sip:chat-1@ims.example'))).toEqual(['chat', 'sip:chat-!.*!@ims.example']);
  expect(brief(await load('tel:+15557042'))).toEqual(['chat', 'tel:+155570!..!']);
  expect(brief(await load('sip:chat-7@ims.example'))).toEqual(['own', null]);
  expect(brief(await load('sip:chat-!.*!@ims.example'))).toEqual(['chat', null]);
  expect(brief(await load('sip:chatter@ims.example'))).toEqual([null, null]);
  expect(brief(await load('sip:chat-1\0@ims.example'))).toEqual([null, null]);
  const { snapshot, impuOwners } = await load(
    'sip:nobody@ims.example',
    'sip:chat-2@ims.example',
    'sip:chat-7@ims.example',
    'sip:chat-3@ims.example',
    'tel:+15557043',
  );
  expect(snapshot?.subscription.id).toBe('chat');
  expect(impuOwners.map((key) => (key === null ? null : key === snapshot?.key))).toEqual([
    null,
    true,
    false,
    true,
    true,
  ]);
});

test('what it costs: no round trip of its own, cached or not; one more where it has just come or gone', async () => {
  await load('sip:chat-1@ims.example');
  expect((await counted(() => load('sip:chat-555@ims.example')))[1]).toBe(1);
  expect((await counted(() => load('sip:chat-555@ims.example', 'sip:chat-556@ims.example')))[1]).toBe(1);
  const cold = await openStore(url, { events, cacheMaxCount: 0, loadConnections: 1 });
  await cold.load({ impus: ['sip:chat-1@ims.example'] });
  expect((await counted(() => cold.load({ impus: ['sip:chat-2@ims.example'] })))[1]).toBe(1);
  await cold.close();
  await other.putSubscription(services('late', 'sip:late-!.*!@ims.example'), {});
  const [first, firstCount] = await counted(() => load('sip:late-1@ims.example'));
  expect([brief(first), firstCount]).toEqual([['late', 'sip:late-!.*!@ims.example'], 2]);
  expect((await counted(() => load('sip:late-2@ims.example')))[1]).toBe(1);
  await other.deleteSubscription('late', {});
  const [gone, goneCount] = await counted(() => load('sip:late-1@ims.example'));
  expect([brief(gone), goneCount]).toEqual([[null, null], 1]);
});

test('every committed change is seen by the next request on every instance', async () => {
  const a = 'sip:move-!.*!@ims.example';
  const b = 'sip:move-x!.*!@ims.example';
  const asked = async (): Promise<unknown[][]> =>
    Promise.all(
      [store, other].map(async (one) => brief(await one.load({ impus: ['sip:move-x1@ims.example'] }))),
    );
  await store.putSubscription(services('first', a), {});
  expect(await asked()).toEqual([
    ['first', a],
    ['first', a],
  ]);
  await other.putSubscription(services('second', b), {});
  expect(await asked()).toEqual([
    ['second', b],
    ['second', b],
  ]);
  await store.putSubscription(services('second', 'sip:elsewhere-!.*!@ims.example'), {});
  expect(await asked()).toEqual([
    ['first', a],
    ['first', a],
  ]);
  await store.putSubscription(services('distinct', 'sip:move-x1@ims.example'), {});
  expect(await asked()).toEqual([
    ['distinct', null],
    ['distinct', null],
  ]);
  await other.deleteSubscription('distinct', {});
  expect(await asked()).toEqual([
    ['first', a],
    ['first', a],
  ]);
  await store.deleteSubscription('first', {});
  expect(await asked()).toEqual([
    [null, null],
    [null, null],
  ]);
});

test('a change of anything else of the subscription leaves its range alone', async () => {
  await store.putSubscription(services('stays', 'sip:stays-!.*!@ims.example'), {});
  await store.putSubscription(
    { ...services('stays', 'sip:stays-!.*!@ims.example'), registrationAllowed: false },
    {},
  );
  const outcome = await load('sip:stays-1@ims.example');
  expect(brief(outcome)).toEqual(['stays', 'sip:stays-!.*!@ims.example']);
  expect(outcome.snapshot?.subscription.registrationAllowed).toBe(false);
});

test('an identity of a list that was taken out of the cached subscription is answered anew', async () => {
  const [one, two, three] = [
    'sip:list-1@ims.example',
    'sip:list-2@ims.example',
    'sip:list-!.*!@ims.example',
  ] as const;
  await store.putSubscription(services('list', one, two, three), {});
  expect(brief(await load(one, two))).toEqual(['list', null, null]);
  await other.putSubscription(services('list', two, three), {});
  expect(brief(await load(one, two))).toEqual(['list', three, null]);
  await other.putSubscription(services('list', two), {});
  expect(brief(await load(one, two))).toEqual(['list', null, null]);
  expect((await load(one, two)).impuOwners[0]).toBeNull();
});

test('the same wildcarded identity twice is a conflict, in whatever writing; overlapping ones are none', async () => {
  expect(await store.putSubscription(services('taken', 'sip:taken-!.*!@ims.example'), {})).toMatchObject({
    kind: 'created',
  });
  expect(await store.putSubscription(services('again', 'sip:%74aken-!.*!@IMS.EXAMPLE'), {})).toMatchObject({
    kind: 'refused',
    conflict: true,
    faults: [
      {
        pointer: '/implicitRegistrationSets/0/publicIdentities/0/identity',
        detail: 'sip:taken-!.*!@ims.example belongs to subscription taken',
      },
    ],
  });
  expect(
    await store.putSubscription(
      services('overlap', 'sip:taken-![0-9]+!@ims.example', 'sip:taken-5@ims.example'),
      {},
    ),
  ).toMatchObject({ kind: 'created' });
  expect(await store.getSubscription({ impu: 'SIP:taken-!.*!@ims.example' })).toMatchObject({
    document: { id: 'taken' },
  });
});

test('an import of many, and whoever starts later knows them all', async () => {
  const outcomes = await store.importSubscriptions(
    Array.from({ length: 600 }, (_, i) =>
      services(`bulk${i}`, `sip:bulk${i}-!.*!@ims.example`, `tel:+1777${i}!x*!`),
    ),
  );
  expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['created']));
  const fresh = await openStore(url);
  for (const one of [fresh, store])
    expect(brief(await one.load({ impus: ['sip:bulk417-room@ims.example'] }))).toEqual([
      'bulk417',
      'sip:bulk417-!.*!@ims.example',
    ]);
  await fresh.close();
});

test('subscriptions without wildcarded identities leave the version alone; a transaction takes one', async () => {
  const version = async () => Number((await sql('select version from shared_wildcard_state'))[0]?.version);
  const before = await version();
  await store.importSubscriptions(Array.from({ length: 20 }, (_, i) => simple(`plain${i}`, 5_000 + i)));
  await store.deleteSubscription('plain0', {});
  expect(await version()).toBe(before);
  await store.putSubscription(
    services(
      'several',
      'sip:sev1-!.*!@ims.example',
      'sip:sev2-!.*!@ims.example',
      'sip:sev3-!.*!@ims.example',
    ),
    {},
  );
  expect(await version()).toBe(before + 1);
});

test('deletions are forgotten after a while; who missed them is told everything', async () => {
  await store.putSubscription(services('forgotten', 'sip:forgotten-!.*!@ims.example'), {});
  expect(brief(await load('sip:forgotten-1@ims.example'))).toEqual([
    'forgotten',
    'sip:forgotten-!.*!@ims.example',
  ]);
  await other.deleteSubscription('forgotten', {});
  // As after a thousand more changes while this instance had no request.
  await sql('update shared_wildcard_state set version = (version / 1024 + 2) * 1024 - 1');
  await other.putSubscription(services('thousandth', 'sip:thousandth-!.*!@ims.example'), {});
  expect(await sql("select 1 from shared_wildcard where identity like 'sip:forgotten%'")).toEqual([]);
  expect(
    Number((await sql('select complete_since from shared_wildcard_state'))[0]?.complete_since),
  ).toBeGreaterThan(0);
  expect(brief(await load('sip:forgotten-1@ims.example'))).toEqual([null, null]);
  expect(brief(await load('sip:thousandth-1@ims.example'))).toEqual([
    'thousandth',
    'sip:thousandth-!.*!@ims.example',
  ]);
  expect(brief(await load('sip:chat-1@ims.example'))).toEqual(['chat', 'sip:chat-!.*!@ims.example']);
});

test('the migration takes over what is there already', async () => {
  const name = `before_wildcards_${process.pid}`;
  await sql(`create database ${name}`);
  const client = new Client({ connectionString: withDatabase(url, name) });
  await client.connect();
  try {
    const folder = path.join(__dirname, '..', '..', 'migrations');
    const [first = '', second = '', third = ''] = readdirSync(folder)
      .sort()
      .slice(0, 3)
      .map((file) => readFileSync(path.join(folder, file), 'utf8'));
    await client.query(first + second);
    await client.query(`with s as (insert into ims_subscription (id, revision, registration_allowed) values ('old', 1, true) returning subscription_key)
      insert into public_identity (subscription_key, set_position, position, identity, type, barred, service_profile, service_profile_is_shared)
      select subscription_key, 0, n, identity, type::public_identity_type, false, 'basic', true from s,
        (values (0, 'sip:old@ims.example', 'distinctPsi'), (1, 'sip:old-!.*!@ims.example', 'wildcardedPsi')) as i (n, identity, type)`);
    await client.query(third);
    const { rows } = await client.query<{ changes: string }>('select shared_wildcard_changes(-1) as changes');
    expect(JSON.parse(rows[0]?.changes ?? '')).toEqual({
      whole: true,
      present: ['sip:old-!.*!@ims.example'],
      gone: [],
    });
    await client.query('delete from ims_subscription');
    const after = await client.query<{ changes: string }>('select shared_wildcard_changes(1) as changes');
    expect(JSON.parse(after.rows[0]?.changes ?? '')).toEqual({
      whole: false,
      present: [],
      gone: ['sip:old-!.*!@ims.example'],
    });
  } finally {
    await client.end();
  }
});

test('changes by hand are noticed as well', async () => {
  await store.putSubscription(services('hand', 'sip:hand-!.*!@ims.example'), {});
  await sql("update public_identity set type = 'distinctPsi' where identity = 'sip:hand-!.*!@ims.example'");
  expect(brief(await load('sip:hand-1@ims.example'))).toEqual([null, null]);
});

describe('what an instance holds', () => {
  const changes = (present: readonly string[], gone: readonly string[] = [], whole = false): string =>
    JSON.stringify({ whole, present, gone });
  const [a, b, c] = ['sip:a!.*!@x.example', 'sip:b!.*!@x.example', 'sip:c!.*!@x.example'] as const;
  const held = (holder: WildcardHolder) => [...holder.index.texts()].sort();

  test('answers that overtake each other leave the newest', () => {
    const holder = new WildcardHolder();
    expect(holder.knownVersion).toBe(-1);
    holder.receive(-1, 5, changes([a], [], true));
    holder.receive(5, 8, changes([b], [a]));
    holder.receive(5, 6, changes([c]));
    holder.receive(-1, 5, changes([a], [], true));
    holder.receive(8, 8, null);
    expect([held(holder), holder.knownVersion]).toEqual([[b], 8]);
  });

  test('a database that went back, and one that is not trusted any more, are asked for everything', () => {
    const holder = new WildcardHolder();
    holder.receive(-1, 5, changes([a, b], [], true));
    holder.receive(5, 3, changes([c]));
    expect([held(holder), holder.knownVersion]).toEqual([[c], 3]);
    holder.distrust();
    expect(holder.knownVersion).toBe(-1);
    holder.receive(3, 4, changes([a]));
    expect(holder.knownVersion).toBe(-1);
    holder.receive(-1, 2, changes([b], [], true));
    expect([held(holder), holder.knownVersion]).toEqual([[b], 2]);
  });

  test('a text that is no wildcarded identity (an older release took more) is left out', () => {
    const holder = new WildcardHolder();
    holder.receive(-1, 1, changes([a, 'sip:x!\\d!@x.example'], [], true));
    expect(held(holder)).toEqual([a]);
  });
});
