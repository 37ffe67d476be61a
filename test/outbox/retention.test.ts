/**
 * Outcomes, and finished changes of shared sets, are kept as long and as many as is configured; what is on
 * its way always is.
 */
import type { TestStore } from '../support/database';
import { Client } from 'pg';
import { endNodes, enqueue, register, registeredWith, seeded, startNode } from './support';

let url: string;
let store: TestStore;
let sql: Client;

beforeEach(async () => {
  ({ url, store } = await seeded());
  sql = new Client({ connectionString: url });
  await sql.connect();
}, 60_000);
afterEach(async () => {
  await endNodes();
  await sql.end();
  await store.close();
});

/** As many entries as given that were completed so many hours ago, one an hour. */
const completedHoursAgo = (hours: number, count: number) =>
  sql.query(
    `insert into outbox (subscription_key, kind, destination_host, destination_realm, payload, completed_at, outcome)
  select 1, 'cx.PPR', 'scscf1.ims.example', 'ims.example', '{"cause":"manual","setName":"default","parts":["userData"]}', now() - ($1 + n) * interval '1 hour', 'success' from generate_series(0, $2 - 1) as n`,
    [hours, count],
  );
const campaign = (hours: number | null) =>
  sql.query(
    `insert into shared_push_campaign (kind, name, action, completed_at, next_batch_at)
  values ('ifcSets', 'gone', 'profile', now() - $1::integer * interval '1 hour', now() + interval '1 day')`,
    [hours],
  );
const counts = async (): Promise<number[]> => {
  const { rows } = await sql.query<{
    done: number;
    open: number;
    campaigns: number;
  }>(`select (select count(*)::int from outbox where completed_at is not null) as done,
    (select count(*)::int from outbox where completed_at is null) as open, (select count(*)::int from shared_push_campaign) as campaigns`);
  return [rows[0]?.done ?? -1, rows[0]?.open ?? -1, rows[0]?.campaigns ?? -1];
};

/** What is left as soon as it does not change any more. */
async function left(): Promise<number[]> {
  let last = await counts();
  for (let same = 0; same < 8;) {
    await new Promise((wake) => {
      setTimeout(wake, 50);
    });
    const now = await counts();
    same = String(now) === String(last) ? same + 1 : 0;
    last = now;
  }
  return last;
}

test('by their age, thousands at once', async () => {
  await register(store, 'anna', registeredWith('anna@ims.example'));
  await enqueue(store, 'anna', {
    kind: 'cx.PPR',
    payload: { cause: 'manual', setName: 'default', parts: ['userData'] },
  });
  await sql.query("update outbox set created_at = now() - interval '90 days'");
  await completedHoursAgo(0, 3_000);
  for (const hours of [0, 23, 25, 500]) await campaign(hours);
  await campaign(null);
  const node = await startNode(url, {
    settings: { keepCompletedMs: 24 * 3_600_000, giveUpMs: 365 * 86_400_000 },
  });
  expect(await left()).toEqual([24, 1, 3]);
  await node.stop();
}, 30_000);

test('by their number: the oldest go', async () => {
  await completedHoursAgo(0, 2_500);
  const node = await startNode(url, {
    settings: { keepCompletedMs: 365 * 86_400_000, keepCompletedCount: 1_000 },
  });
  expect(await left()).toEqual([1_000, 0, 0]);
  const { rows } = await sql.query<{ hours: number }>(
    'select max(extract(epoch from now() - completed_at) / 3600)::int as hours from outbox',
  );
  expect(rows[0]?.hours).toBe(999);
  await node.stop();
}, 30_000);
