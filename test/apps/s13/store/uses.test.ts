/** Who used which equipment when, on PostgreSQL with two instances. */
import { Client } from 'pg';
import { createEquipmentUses } from '../../../../src/apps/s13/store/uses';
import type { EquipmentUse } from '../../../../src/apps/s13/equipment/ports';
import { StoreUnavailableError } from '../../../../src/state/ports';
import { freshDatabase, openStore, type TestStore } from '../../../support/database';

let store: TestStore;
let other: TestStore;
let sql: Client;

beforeEach(async () => {
  const url = await freshDatabase();
  [store, other] = await Promise.all([openStore(url), openStore(url)]);
  sql = new Client({ connectionString: url });
  await sql.connect();
});
afterEach(async () => {
  await Promise.all([store.close(), other.close(), sql.end()]);
});

const imsi = '001010000000001';
const imei = '35693803564380';
const use = (more: Partial<EquipmentUse> = {}): EquipmentUse => ({
  imsi,
  imei,
  softwareVersion: '01',
  peer: 'mme1.epc.example',
  ...more,
});
const listed = async (from: TestStore, filter: object = { imsi }) =>
  (await from.equipmentUses.list(filter, 90, null, 100)).items;
const aged = (days: number, where = 'true'): Promise<unknown> =>
  sql.query(`update equipment_use set last_at = last_at - make_interval(days => ${days}) where ${where}`);

test('the first time stays, the last time and the peer move on, by whichever instance', async () => {
  await store.equipmentUses.record(use());
  const [first] = await listed(other);
  await other.equipmentUses.record(use({ peer: 'mme2.epc.example' }));
  const [again, ...rest] = await listed(store);
  expect(rest).toEqual([]);
  expect(again).toMatchObject(use({ peer: 'mme2.epc.example' }));
  expect(again?.firstAt).toEqual(first?.firstAt);
  expect(again?.lastAt.getTime()).toBeGreaterThanOrEqual(first?.lastAt.getTime() ?? Infinity);
  expect(Math.abs((first?.firstAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
});

test('by user and by equipment, with and without a software version, the last used first', async () => {
  await store.equipmentUses.record(use());
  await store.equipmentUses.record(use({ softwareVersion: undefined }));
  await store.equipmentUses.record(use({ imsi: '001010000000002' }));
  expect((await listed(other)).map(({ softwareVersion }) => softwareVersion)).toEqual([undefined, '01']);
  expect((await listed(other, { imei })).map((one) => one.imsi)).toEqual(['001010000000002', imsi, imsi]);
  expect(await listed(other, { imsi: '001010000000002', imei })).toHaveLength(1);
  expect(await listed(other, { imsi: '001010000000003' })).toEqual([]);
});

test('pages have everything once, also of uses at the same time', async () => {
  await Promise.all(
    Array.from({ length: 25 }, (_, i) =>
      store.equipmentUses.record(use({ imsi: `00101000000${1_000 + i}` })),
    ),
  );
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.equipmentUses.list>> = await other.equipmentUses.list(
      { imei },
      90,
      cursor,
      4,
    );
    seen.push(...page.items.map((one) => one.imsi));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toHaveLength(25);
  expect(new Set(seen).size).toBe(25);
});

test('a thousand at once from two instances, the same ones in opposite order, are all stored', async () => {
  const uses = Array.from({ length: 500 }, (_, i) => use({ imsi: `00101000000${1_000 + i}` }));
  await Promise.all([
    ...uses.map((one) => store.equipmentUses.record(one)),
    ...[...uses].reverse().map((one) => other.equipmentUses.record(one)),
  ]);
  const { rows } = await sql.query<{ count: string }>('select count(*) from equipment_use');
  expect(rows[0]?.count).toBe('500');
});

test('what is too old is not shown, and deleted once an hour', async () => {
  let nowMs = 0;
  const uses = createEquipmentUses(store.database, () => nowMs);
  const count = async (): Promise<number> =>
    Number((await sql.query<{ count: string }>('select count(*) from equipment_use')).rows[0]?.count);
  await store.equipmentUses.record(use());
  await store.equipmentUses.record(use({ softwareVersion: '02' }));
  await aged(91, "software_version = '01'");
  expect(await listed(store)).toHaveLength(1);
  await uses.forget(90);
  expect(await count()).toBe(1);
  await aged(91);
  await uses.forget(90);
  expect(await count()).toBe(1);
  nowMs += 3_600_001;
  await uses.forget(90);
  expect(await count()).toBe(0);
});

test('without a database a use is refused, and the next one is taken when it is back', async () => {
  const gone = await openStore(await freshDatabase());
  await gone.close();
  await expect(gone.equipmentUses.record(use())).rejects.toThrow(StoreUnavailableError);
  await expect(gone.equipmentUses.record(use())).rejects.toThrow(StoreUnavailableError);
});
