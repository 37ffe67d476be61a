/**
 * Bulk import: each document atomic of its own, faults and duplicates told one by one; its speed is printed,
 * not asserted.
 */
import type { PostgresStore } from '../../src/store/postgres-store';
import { freshDatabase, openStore } from '../support/database';
import { putSharedSets, simple } from './documents';

const speedCount = 6_000;
const requestCount = 2_000;

let store: PostgresStore;
beforeAll(async () => {
  store = await openStore(await freshDatabase());
  await putSharedSets(store);
});
afterAll(() => store.close());

const identities = (...list: string[]) => ({
  implicitRegistrationSets: [
    { name: 'default', publicIdentities: list.map((identity) => ({ identity, serviceProfile: 'basic' })) },
  ],
});

test('good documents are stored, bad ones are refused with their faults, in order', async () => {
  const outcomes = await store.importSubscriptions([
    simple('one', 1),
    simple('two', 2, { chargingSet: 'none' }),
    simple('three', 3),
    simple('four', 4, identities('sip:four@ims.example', 'sip:one@ims.example')),
    simple('one', 1),
    simple('three', 3, { registrationAllowed: false }),
  ]);
  expect(outcomes.map((outcome) => outcome.kind)).toEqual([
    'created',
    'refused',
    'created',
    'refused',
    'unchanged',
    'replaced',
  ]);
  expect(outcomes[1]).toMatchObject({ conflict: false, faults: [{ pointer: '/chargingSet' }] });
  expect(outcomes[3]).toMatchObject({
    conflict: true,
    faults: [
      {
        pointer: '/implicitRegistrationSets/0/publicIdentities/1/identity',
        detail: 'sip:one@ims.example belongs to subscription one',
      },
    ],
  });
  for (const id of ['two', 'four']) expect(await store.getSubscription({ id })).toBeNull();
  expect((await store.getSubscription({ id: 'three' }))?.document.registrationAllowed).toBe(false);
});

test('an identity may move from one document of an import to another', async () => {
  await store.importSubscriptions([simple('giver', 10), simple('taker', 11)]);
  const outcomes = await store.importSubscriptions([
    simple('taker', 11, identities('sip:taker@ims.example', 'tel:+15550000010')),
    simple('giver', 10, identities('sip:giver@ims.example')),
  ]);
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(['replaced', 'replaced']);
  expect((await store.getSubscription({ impu: 'tel:+15550000010' }))?.document.id).toBe('taker');
});

test('what is imported side by side ends as if it had come one after the other', async () => {
  const many = (round: number) =>
    Array.from({ length: 200 }, (_, i) =>
      simple(`order${i}`, 3_000 + i, identities(`sip:order${i}-${round}@ims.example`)),
    );
  const swapped = Array.from({ length: 200 }, (_, i) =>
    simple(`swap${i}`, 4_000 + i, identities(`sip:order${i}-1@ims.example`)),
  );
  // The identities of the first round are given up by the second, and taken by others in the third.
  const rounds = await Promise.all(
    [many(1), many(2), swapped, many(3)].map((documents) => store.importSubscriptions(documents)),
  );
  expect(rounds.map((outcomes) => [...new Set(outcomes.map((outcome) => outcome.kind))])).toEqual([
    ['created'],
    ['replaced'],
    ['created'],
    ['replaced'],
  ]);
  expect((await store.getSubscription({ impu: 'sip:order7-3@ims.example' }))?.document.id).toBe('order7');
  expect((await store.getSubscription({ impu: 'sip:order7-1@ims.example' }))?.document.id).toBe('swap7');
  expect(await store.getSubscription({ impu: 'sip:order7-2@ims.example' })).toBeNull();
});

test('two imports of the same documents at once both end, every document stored once', async () => {
  const documents = Array.from({ length: 300 }, (_, i) => simple(`twice${i}`, 1_000 + i));
  const [first, second] = await Promise.all([
    store.importSubscriptions(documents),
    store.importSubscriptions([...documents].reverse()),
  ]);
  const kinds = documents.map((_, i) =>
    [first[i]?.kind, second[documents.length - 1 - i]?.kind].sort().join(),
  );
  expect(new Set(kinds)).toEqual(new Set(['created,unchanged']));
});

test('speed', async () => {
  const documents = Array.from({ length: speedCount }, (_, i) => simple(`speed${i}`, 10_000 + i));
  const started = performance.now();
  let created = 0;
  for (let i = 0; i < speedCount; i += requestCount) {
    created += (await store.importSubscriptions(documents.slice(i, i + requestCount))).filter(
      (outcome) => outcome.kind === 'created',
    ).length;
  }
  const seconds = (performance.now() - started) / 1_000;
  process.stdout.write(
    `import: ${speedCount} simple subscriptions in ${seconds.toFixed(1)} s, ${Math.round(speedCount / seconds)} a second\n`,
  );
  expect(created).toBe(speedCount);
}, 120_000);
