/** Two instances on one database: no sequence number is ever given twice [33.102-C.1.1]. */
import { counterUnit, onlyCounter, registrationOf, statusUnit } from '../support/states';
import { credentials } from '../../src/authentication/credentials';
import type { PostgresStore } from '../../src/store/postgres-store';
import { freshDatabase, openStore } from '../support/database';
import { putSharedSets, simple } from './documents';

const impi = 'contended@ims.example';

/** Reserves the next number the way a handler does: load, decide, commit, again after a conflict. */
async function reserve(store: PostgresStore): Promise<number> {
  for (;;) {
    const { snapshot } = await store.load({
      impus: ['sip:contended@ims.example'],
      impi,
      modules: [credentials],
    });
    if (snapshot === null) throw new Error('not there');
    const next = onlyCounter(snapshot).sequenceNumber + 32;
    const outcome = await store.commit(counterUnit(snapshot, next));
    if (outcome === 'committed') return next;
  }
}

test('[33.102-C.1.1] 64 concurrent reservations from two instances are 64 different numbers without a gap', async () => {
  const url = await freshDatabase();
  const [first, second] = await Promise.all([openStore(url), openStore(url)]);
  await putSharedSets(first);
  await first.putSubscription(simple('contended', 1), {});
  const numbers = await Promise.all(
    Array.from({ length: 64 }, (_, i) => reserve(i % 2 === 0 ? first : second)),
  );
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => (i + 1) * 32));
  await Promise.all([first.close(), second.close()]);
});

test('instances that change the same subscriptions in opposite orders all get an answer', async () => {
  const url = await freshDatabase();
  const [first, second] = await Promise.all([openStore(url), openStore(url)]);
  await putSharedSets(first);
  await first.importSubscriptions(Array.from({ length: 50 }, (_, i) => simple(`u${i}`, i)));
  const users = Array.from({ length: 50 }, (_, i) => `sip:u${i}@ims.example`);
  const loads = await Promise.all(users.map((identity) => first.load({ impus: [identity] })));
  const changes = loads.map(({ snapshot }) => {
    if (snapshot === null) throw new Error('not there');
    return statusUnit(snapshot, { ...registrationOf(snapshot), reassignmentPending: true });
  });
  const outcomes = await Promise.all([
    ...changes.map((change) => first.commit(change)),
    ...[...changes].reverse().map((change) => second.commit(change)),
  ]);
  expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(50);
  expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(50);
  await Promise.all([first.close(), second.close()]);
});
