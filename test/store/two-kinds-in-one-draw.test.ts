/**
 * One request for vectors of two kinds, as an MME that is an SGSN too sends it: up to five each, drawn by one
 * commit from one counter, beside MMEs, SGSNs and S-CSCFs that ask two instances at the same time.
 */
import { openCredential } from '../../src/authentication/opened-credential';
import { registration } from '../../src/apps/cx/state/registration';
import { credentials } from '../../src/authentication/credentials';
import { indSliceOf, type VectorRequester } from '../../src/authentication/ind-slices';
import type { SequenceNumberDraw } from '../../src/authentication/sequence-number';
import { eutranVectors, imsVectors, utranVectors } from '../../src/authentication/vectors';
import type { SubscriptionSnapshot } from '../../src/state/ports';
import type { PostgresStore } from '../../src/store/postgres-store';
import { systemRandom } from '../../src/shared/clock';
import { Usim } from '../ims/support/usim';
import { freshDatabase, openStore } from '../support/database';
import { ReferenceCounter } from '../support/reference-counter';
import { drawingUnit, registrationOf } from '../support/states';
import { putSharedSets, simple, usimKey } from './documents';

const indBits = 5;
const network = Buffer.from('00f110', 'hex');
const credential = openCredential(
  'one',
  { ...usimKey, amf: '0000' },
  { open: (text) => Buffer.from(text, 'hex') },
);

interface Vector {
  readonly rand: Buffer;
  readonly autn: Buffer;
  readonly xres: Buffer;
  readonly sqn: number;
}
type Batch = readonly Vector[];

let stores: readonly PostgresStore[];
let users = 0;

beforeAll(async () => {
  const url = await freshDatabase();
  stores = await Promise.all([openStore(url), openStore(url)]);
  const [first] = stores as [PostgresStore];
  await putSharedSets(first);
}, 60_000);
afterAll(() => Promise.all(stores.map((store) => store.close())));

/** A subscriber with a K that nobody else has. */
async function newUser(): Promise<string> {
  users += 1;
  const id = `two-kinds-${users}`;
  const aka = { k: users.toString(16).padStart(32, '0'), opc: usimKey.opc };
  const [first] = stores as [PostgresStore];
  await first.putSubscription(
    simple(id, users, { privateIdentities: [{ identity: `${id}@ims.example`, authentication: { aka } }] }),
    {},
  );
  return id;
}

type Wanted = Pick<SequenceNumberDraw, 'requester' | 'count' | 'secondBatchCount'>;

async function load(store: PostgresStore, id: string): Promise<SubscriptionSnapshot> {
  const { snapshot } = await store.load({ impus: [], impi: `${id}@ims.example`, modules: [credentials] });
  if (snapshot === null) throw new Error(`no ${id}`);
  return snapshot;
}

/** Numbers as a handler gets them: of the first batch and of the second. */
async function draw(
  store: PostgresStore,
  id: string,
  { requester, count, secondBatchCount }: Wanted,
  changesHead = false,
): Promise<readonly [number[], number[]]> {
  for (;;) {
    const snapshot = await load(store, id);
    const unit = drawingUnit(snapshot);
    const outcome = await store.commitDrawing({
      ...unit,
      draw: {
        ...unit.draw,
        requester,
        count,
        ...(secondBatchCount === undefined ? {} : { secondBatchCount }),
      },
      ...(changesHead ? { head: { module: registration, value: registrationOf(snapshot) } } : {}),
    });
    if (outcome !== 'conflict') return [outcome.slice(0, count), outcome.slice(count)];
  }
}

test.each([false, true])(
  '[33.102-C.1.2] two batches are those of the model, one after the other (head row changed: %s)',
  async (changesHead) => {
    const id = await newUser();
    const model = new ReferenceCounter();
    const [store] = stores as [PostgresStore];
    const kinds: Wanted[] = [
      { requester: 'mme', count: 5, secondBatchCount: 5 },
      { requester: 'ims', count: 1 },
      { requester: 'mme', count: 1, secondBatchCount: 1 },
      { requester: 'sgsn', count: 3 },
      { requester: 'mme', count: 0, secondBatchCount: 2 },
      { requester: 'mme', count: 2, secondBatchCount: 0 },
      { requester: 'mme', count: 4 },
    ];
    for (const wanted of kinds) {
      const { requester, count, secondBatchCount = 0 } = wanted;
      const expected = [count, secondBatchCount].map((n) => (n === 0 ? [] : model.draw(requester, n)));
      expect(await draw(store, id, wanted, changesHead)).toEqual(expected);
    }
  },
);

test('both batches of a request rise, and have an IND each, of the slice of MMEs', async () => {
  const id = await newUser();
  const [store] = stores as [PostgresStore];
  const [eutran, utran] = await draw(store, id, { requester: 'mme', count: 5, secondBatchCount: 5 });
  const { first } = indSliceOf('mme', indBits);
  expect(eutran).toEqual([1, 2, 3, 4, 5].map((seq) => seq * 32 + first));
  expect(utran).toEqual([6, 7, 8, 9, 10].map((seq) => seq * 32 + first + 1));
});

/** What a fresh USIM says to the vectors in this order. */
function outcomes(order: readonly Batch[]): Record<string, number> {
  const usim = new Usim({ k: Buffer.from(usimKey.k, 'hex'), opc: Buffer.from(usimKey.opc, 'hex'), indBits });
  const counts: Record<string, number> = {};
  for (const { rand, autn, xres } of order.flat()) {
    const said = usim.challenge(rand, autn);
    const kind = said.kind === 'response' && !said.res.equals(xres) ? 'another RES' : said.kind;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

const byTurns = (left: Batch, right: Batch): Batch =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, i) => [left[i], right[i]])
    .flat()
    .filter((vector) => vector !== undefined);

test('[33.102-C.1.1] [33.102-C.2] 64 requests of every kind at once, two instances: no SQN twice, none refused', async () => {
  const id = await newUser();
  const given: Record<'ims' | 'mme' | 'sgsn' | 'eutran' | 'utran', Batch[]> = {
    ims: [],
    mme: [],
    sgsn: [],
    eutran: [],
    utran: [],
  };
  const withSqn = <V extends Omit<Vector, 'sqn'>>(vectors: readonly V[], sqns: readonly number[]): Batch =>
    vectors.map(({ rand, autn, xres }, i) => ({ rand, autn, xres, sqn: sqns[i] ?? -1 }));
  const eutranOf = (sqns: readonly number[]): Batch =>
    withSqn(eutranVectors(credential, sqns, network, systemRandom), sqns);
  const utranOf = (sqns: readonly number[]): Batch =>
    withSqn(utranVectors(credential, sqns, systemRandom), sqns);

  const ask = async (i: number): Promise<void> => {
    const store = stores[i % 2] as PostgresStore;
    const requester = (['ims', 'mme', 'sgsn', 'mme'] as const)[(i >> 1) % 4] as VectorRequester;
    const both = (i >> 1) % 4 === 3;
    const [first, second] = await draw(store, id, {
      requester,
      count: both ? 5 : 2,
      ...(both ? { secondBatchCount: 5 } : {}),
    });
    if (both) {
      given.eutran.push(eutranOf(first));
      given.utran.push(utranOf(second));
    } else if (requester === 'ims')
      given.ims.push(withSqn(imsVectors(credential, first, systemRandom), first));
    else if (requester === 'mme') given.mme.push(eutranOf(first));
    else given.sgsn.push(utranOf(first));
  };
  await Promise.all(Array.from({ length: 64 }, (_, i) => ask(i)));

  const all = Object.values(given).flat();
  const sqns = all.flat().map(({ sqn }) => sqn);
  expect(sqns).toHaveLength(48 * 2 + 16 * 10);
  expect(new Set(sqns).size).toBe(sqns.length);
  for (const batch of all) {
    const values = batch.map(({ sqn }) => sqn);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(new Set(values.map((sqn) => sqn % 32)).size).toBe(1);
  }

  // Each node uses what it holds in order; between nodes, and between the two kinds of one, any order is right.
  const bySqn = (batches: readonly Batch[]): Batch =>
    batches.flat().sort((left, right) => left.sqn - right.sqn);
  const [ims, mme, sgsn] = [bySqn(given.ims), bySqn([...given.mme, ...given.eutran]), bySqn(given.sgsn)];
  for (const order of [
    [ims, sgsn, mme],
    [mme, ims, sgsn],
    [sgsn, mme, ims],
    [byTurns(ims, mme), sgsn],
  ])
    expect(outcomes(order)).toEqual({ response: order.flat().length });
  given.eutran.forEach((eutran, i) => {
    const utran = given.utran[i] as Batch;
    for (const order of [
      [eutran, utran],
      [utran, eutran],
      [byTurns(utran, eutran)],
      [byTurns(eutran, utran)],
    ])
      expect(outcomes(order)).toEqual({ response: 10 });
  });
}, 60_000);
