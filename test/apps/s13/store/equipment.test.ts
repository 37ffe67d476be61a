/** The equipment table on PostgreSQL: which entry counts, changes, pages, and what another instance sees. */
import { equipmentCheck } from '../../../../src/apps/s13/store/check';
import type { EquipmentEntry, EquipmentStatusName } from '../../../../src/apps/s13/equipment/entry';
import { foundBy, keyedLookup } from '../../../../src/state/keyed-module';
import { freshDatabase, openStore, type TestStore } from '../../../support/database';

let url: string;
let store: TestStore;
/** Another instance. */
let other: TestStore;

beforeEach(async () => {
  url = await freshDatabase();
  [store, other] = await Promise.all([openStore(url), openStore(url)]);
});
afterEach(async () => {
  await Promise.all([store.close(), other.close()]);
});

const entry = (value: string, status: EquipmentStatusName = 'prohibited', note?: string): EquipmentEntry => ({
  value,
  status,
  ...(note === undefined ? {} : { note }),
});
const imei = '35693803564380';

/** As a decision finds it. */
async function counting(from: TestStore, of: string, softwareVersion?: string): Promise<string | null> {
  const loaded = await from.load({
    impus: [],
    keyed: [keyedLookup(equipmentCheck, { imei: of, softwareVersion })],
  });
  const found = foundBy(equipmentCheck, loaded);
  expect(await from.equipment.find({ imei: of, softwareVersion })).toEqual(found);
  return found?.value ?? null;
}

test('[29.272-6.2.1.3] the most specific entry counts, and each gives way to the next when it is deleted', async () => {
  const bySpecificity = [
    `${imei}01`,
    imei,
    `${imei}-${imei}`,
    '35693803564000-35693803564999',
    '35693803000000-35693803999999',
    '35693803',
    '35693800000000-35693809999999',
  ];
  await store.equipment.import([...bySpecificity].reverse().map((value) => entry(value)));
  for (const value of bySpecificity) {
    expect(await counting(store, imei, '01')).toBe(value);
    expect(await counting(other, imei, '01')).toBe(value);
    await store.equipment.delete(value, {});
  }
  expect(await counting(other, imei, '01')).toBeNull();
});

test('[29.272-6.2.1.3] another software version, or none, is not that of the entry', async () => {
  await store.equipment.import([entry(`${imei}01`, 'prohibited'), entry('35693803', 'permitted')]);
  expect(await counting(store, imei, '01')).toBe(`${imei}01`);
  expect(await counting(store, imei, '02')).toBe('35693803');
  expect(await counting(store, imei)).toBe('35693803');
});

test.each([
  ['35693802999999', null],
  ['35693803000000', '35693803'],
  ['35693803999999', '35693803'],
  ['35693804000000', null],
  ['00000000000000', '00000000000000-00000000000001'],
  ['00000000000001', '00000000000000-00000000000001'],
  ['00000000000002', null],
  ['99999999999999', '99999999'],
])('the ends of a span belong to it: %s', async (of, value) => {
  await store.equipment.import([
    entry('35693803'),
    entry('00000000000000-00000000000001'),
    entry('99999999'),
  ]);
  expect(await counting(store, of)).toBe(value);
});

test('look-ups of one batch get their own answers, known and unknown, in their order', async () => {
  const imeis = Array.from({ length: 50 }, (_, i) => `3569380356${String(i).padStart(4, '0')}`);
  await store.equipment.import(imeis.filter((_, i) => i % 3 !== 0).map((value) => entry(value)));
  const found = await Promise.all(imeis.map((of) => counting(other, of)));
  expect(found).toEqual(imeis.map((of, i) => (i % 3 === 0 ? null : of)));
});

test('put, get, replace, delete with their tags; the same again changes nothing', async () => {
  const { equipment } = store;
  const first = entry(imei, 'prohibited', 'stolen');
  const created = await equipment.put(first, { ifNoneMatch: '*' });
  expect(created.kind).toBe('created');
  const stored = await other.equipment.get(imei);
  expect(stored).toEqual({ document: first, etag: (created as { etag: string }).etag });
  const etag = stored?.etag ?? '';
  expect(await equipment.put(first, { ifMatch: etag })).toEqual({ kind: 'unchanged', etag });
  expect(await equipment.put(entry(imei), { ifNoneMatch: '*' })).toEqual({
    kind: 'preconditionFailed',
    currentEtag: etag,
  });
  expect((await other.equipment.put(entry(imei, 'tracking'), { ifMatch: etag })).kind).toBe('replaced');
  expect((await equipment.get(imei))?.document).toEqual(entry(imei, 'tracking'));
  expect((await equipment.put(first, { ifMatch: etag })).kind).toBe('preconditionFailed');
  expect((await equipment.delete(imei, { ifMatch: etag })).kind).toBe('preconditionFailed');
  expect(await equipment.delete(imei, {})).toEqual({ kind: 'deleted' });
  expect(await equipment.delete(imei, {})).toEqual({ kind: 'notFound' });
  expect(await equipment.delete(imei, { ifMatch: etag })).toEqual({
    kind: 'preconditionFailed',
    currentEtag: null,
  });
  expect(await equipment.get(imei)).toBeNull();
});

test('of several entries with one value in an import the last counts; pages in order, by status', async () => {
  const { equipment } = store;
  const outcomes = await equipment.import([
    entry('35693803', 'permitted'),
    entry(imei, 'tracking'),
    entry('35693803', 'prohibited'),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'created', 'created']);
  const first = await equipment.list(undefined, null, 1);
  const second = await equipment.list(undefined, first.nextCursor, 1);
  expect([first.items, second.items, second.nextCursor]).toEqual([
    [entry('35693803', 'prohibited')],
    [entry(imei, 'tracking')],
    null,
  ]);
  expect((await equipment.list('tracking', null, 10)).items).toEqual([entry(imei, 'tracking')]);
});

test('two instances that write the same values at once both end, with one of the two', async () => {
  const values = Array.from({ length: 200 }, (_, i) => `3569380356${String(i).padStart(4, '0')}`);
  await Promise.all([
    store.equipment.import(values.map((value) => entry(value, 'permitted'))),
    other.equipment.import([...values].reverse().map((value) => entry(value, 'prohibited'))),
  ]);
  const { items } = await store.equipment.list(undefined, null, 1_000);
  expect(items).toHaveLength(200);
  expect(new Set(items.map(({ status }) => status)).size).toBe(1);
});
