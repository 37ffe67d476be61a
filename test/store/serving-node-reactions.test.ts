/**
 * Requests to serving nodes are committed with the change that causes them, and so is what is kept of the nodes:
 * documents, deletions, and EPS profiles that many share [29.272-5.2.2.1.3] [29.272-5.2.1.2.3].
 */
import { Client } from 'pg';
import {
  servingNodes,
  servingNodesChange,
  servingNodesOf,
  type ServingNodes,
} from '../../src/apps/s6a/state/serving-nodes';
import type { SubscriptionSnapshot } from '../../src/state/ports';
import { unitOfWork } from '../../src/state/unit-of-work';
import { epsProfile } from '../../src/subscriber/eps';
import { subscriptionDocument, type SubscriptionDocument } from '../../src/subscriber/subscription-document';
import { storedModules } from '../../src/wiring/applications';
import { node, shown, type Eps } from '../apps/s6a/support/reactions';
import { twoApns } from '../apps/s6a/support/subscribers';
import { freshDatabase, openStore, type TestStore } from '../support/database';

let url: string;
let store: TestStore;
let sql: Client;
let count = 0;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  sql = new Client({ connectionString: url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await store.close();
});

interface User {
  readonly id: string;
  readonly imsi: string;
  readonly document: (eps: Eps) => SubscriptionDocument;
}

async function load(imsi: string): Promise<SubscriptionSnapshot> {
  const { snapshot } = await store.load({ impus: [], imsi, modules: [servingNodes] });
  if (snapshot === null) throw new Error(`no ${imsi}`);
  return snapshot;
}

async function put(document: SubscriptionDocument): Promise<void> {
  const outcome = await store.putSubscription(document, {});
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.faults));
}

/** A subscriber with these EPS data whose UE is attached to mme1. */
async function attached(eps: Eps): Promise<User> {
  count += 1;
  const id = `eps${count}`;
  const imsi = `00101${String(count).padStart(10, '0')}`;
  const aka = { k: String(count).padStart(32, '0'), opc: 'f'.repeat(32) };
  const document = (data: Eps): SubscriptionDocument =>
    subscriptionDocument.parse({ id, usims: [{ imsi, aka, eps: data }] });
  await put(document(eps));
  const snapshot = await load(imsi);
  const changes = [servingNodesChange(snapshot, { imsi, mme: node('mme') })];
  expect(await store.commit(unitOfWork(snapshot, { changes }, [], storedModules.head, true))).toBe(
    'committed',
  );
  return { id, imsi, document };
}

async function written({ id }: User): Promise<unknown[]> {
  const { rows } = await sql.query<{ kind: string; host: string; payload: Record<string, unknown> }>(
    'select kind, destination_host as host, payload from outbox where subscription_id = $1 order by outbox_key',
    [id],
  );
  return rows.map(({ kind, host, payload }) =>
    shown({ kind, destinationHost: host, destinationRealm: 'epc.example', payload }),
  );
}
const nodesOf = async ({ imsi }: User): Promise<ServingNodes> => servingNodesOf(await load(imsi), imsi);

test('a PUT: what the node has to hear, with the document; nothing where nothing changes', async () => {
  const user = await attached(twoApns);
  await put(user.document({ ...twoApns, stnSr: '49171001' }));
  const idr = ['IDR', 'mme1', ['stnSr']];
  expect(await written(user)).toEqual([idr]);
  await put(user.document({ ...twoApns, stnSr: '49171001' }));
  await put(user.document({ ...twoApns, stnSr: '49171001', forbiddenVisitedNetworks: ['26202'] }));
  expect(await written(user)).toEqual([idr]);
  await put(user.document(twoApns));
  expect(await written(user)).toEqual([idr, ['DSR', 'mme1', ['stnSr']]]);
  expect(await nodesOf(user)).toEqual({ imsi: user.imsi, mme: node('mme') });
});

test('a PUT that withdraws: CLR, and the node is forgotten in the same transaction', async () => {
  const user = await attached(twoApns);
  const before = await load(user.imsi);
  await put(user.document({ ...twoApns, accessRestrictions: ['wbEutranNotAllowed'] }));
  expect(await written(user)).toEqual([['CLR', 'mme1', 'SUBSCRIPTION_WITHDRAWAL']]);
  expect(await nodesOf(user)).toEqual({ imsi: user.imsi });
  // Nobody who decided before it commits after it.
  const late = unitOfWork(
    before,
    { changes: [servingNodesChange(before, { imsi: user.imsi, mme: node('mme') })] },
    [],
    storedModules.head,
    true,
  );
  expect(await store.commit(late)).toBe('conflict');
  await put(user.document(twoApns));
  expect(await written(user)).toHaveLength(1);
});

test('a deletion, and an import', async () => {
  const [deleted, imported] = [await attached(twoApns), await attached(twoApns)];
  expect(await store.deleteSubscription(deleted.id, {})).toEqual({ kind: 'deleted' });
  expect(await written(deleted)).toEqual([['CLR', 'mme1', 'SUBSCRIPTION_WITHDRAWAL']]);
  await store.importSubscriptions([imported.document({ ...twoApns, ueUsageType: 3 })]);
  expect(await written(imported)).toEqual([['IDR', 'mme1', ['ueUsageType']]]);
});

describe('an EPS profile that several share', () => {
  const putProfile = (name: string, eps: object): Promise<unknown> =>
    store.putShared('epsProfiles', epsProfile.parse({ name, ...twoApns, ...eps }), {});
  async function everybody(): Promise<void> {
    while (await store.outbox.fanOut({ perSecond: 1_000_000, batchCount: 1 }));
  }

  test('its change reaches whoever names it and is attached; what a USIM has of its own counts', async () => {
    await putProfile('shared', {});
    await putProfile('other', {});
    const users = [await attached({ profile: 'shared' }), await attached({ profile: 'shared' })];
    const own = await attached({ profile: 'shared', stnSr: '49171009' });
    const other = await attached({ profile: 'other' });
    await putProfile('shared', { stnSr: '49171001', chargingCharacteristics: '0800' });
    expect(await written(own)).toEqual([]);
    await everybody();
    for (const user of users)
      expect(await written(user)).toEqual([['IDR', 'mme1', ['chargingCharacteristics', 'stnSr']]]);
    expect(await written(own)).toEqual([['IDR', 'mme1', ['chargingCharacteristics']]]);
    expect(await written(other)).toEqual([]);
  });

  test('two changes before anybody is reached: what either changed is sent, once', async () => {
    await putProfile('twice', { stnSr: '49171001' });
    const user = await attached({ profile: 'twice' });
    await putProfile('twice', { chargingCharacteristics: '0800' });
    await putProfile('twice', { chargingCharacteristics: '0800', ueUsageType: 1 });
    await everybody();
    expect(await written(user)).toEqual([
      ['DSR', 'mme1', ['stnSr']],
      ['IDR', 'mme1', ['chargingCharacteristics', 'ueUsageType']],
    ]);
    // The next one knows that all were reached.
    await putProfile('twice', { chargingCharacteristics: '0800' });
    await everybody();
    expect((await written(user)).slice(2)).toEqual([['DSR', 'mme1', ['ueUsageTypeWithdrawal']]]);
  });

  test('a change that withdraws: CLR, and the nodes are forgotten', async () => {
    await putProfile('barred', {});
    const user = await attached({ profile: 'barred' });
    await putProfile('barred', { forbiddenVisitedNetworks: ['00101'] });
    await everybody();
    expect(await written(user)).toEqual([['CLR', 'mme1', 'SUBSCRIPTION_WITHDRAWAL']]);
    expect(await nodesOf(user)).toEqual({ imsi: user.imsi });
  });

  test('a document that leaves its profile is compared with what the profile gave', async () => {
    await putProfile('left', { stnSr: '49171001' });
    const user = await attached({ profile: 'left' });
    await put(user.document(twoApns));
    expect(await written(user)).toEqual([['DSR', 'mme1', ['stnSr']]]);
  });
});
