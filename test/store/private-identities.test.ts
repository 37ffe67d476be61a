/** Private identities whose realms differ only in case are one (RFC 7542 2.4): stored, looked up and unique. */
import { Client } from 'pg';
import { secretOwner, unseal } from '../../src/authentication/sealed-secret';
import {
  subscriptionDocument,
  type SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../support/database';
import { aka, putSharedSets, simple } from './documents';

let store: TestStore;
let sql: Client;

beforeAll(async () => {
  const url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
  sql = new Client({ connectionString: url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await store.close();
});

type Authentication = NonNullable<SubscriptionDocumentInput['privateIdentities'][number]['authentication']>;
const keys: Authentication = { aka: { k: aka.k, opc: aka.opc } };
const document = (
  id: string,
  number: number,
  identity: string,
  authentication: Authentication = keys,
  only?: string,
) => {
  const { implicitRegistrationSets } = simple(id, number);
  return simple(id, number, {
    privateIdentities: [{ identity, authentication }],
    implicitRegistrationSets: implicitRegistrationSets.map((set) => ({
      ...set,
      ...(only === undefined ? {} : { privateIdentities: [only] }),
    })),
  });
};

test('it is found in any case, by Diameter and by the API, with what was provisioned', async () => {
  await store.putSubscription(document('found', 1, 'Found@IMS.Example', keys, 'Found@ims.EXAMPLE'), {});
  for (const name of ['Found@IMS.Example', 'Found@ims.example', 'Found@IMS.EXAMPLE']) {
    for (const loaded of [
      await store.load({ impus: [], impi: name }),
      await store.load({ impus: ['sip:found@ims.example'], impi: name }),
    ]) {
      expect(loaded.snapshot?.subscription.privateIdentities[0]?.identity).toBe('Found@IMS.Example');
      expect(loaded.snapshot?.subscription.implicitRegistrationSets[0]?.privateIdentities).toEqual([
        'Found@IMS.Example',
      ]);
      expect(loaded.impiOwner).toBe(loaded.snapshot?.key);
    }
    expect((await store.getSubscription({ impi: name }))?.document.id).toBe('found');
    expect((await store.getStatus({ impi: name }))?.id).toBe('found');
  }
  for (const name of ['found@IMS.Example', 'FOUND@ims.example']) {
    expect((await store.load({ impus: [], impi: name })).snapshot).toBeNull();
    expect(await store.getSubscription({ impi: name })).toBeNull();
  }
});

test('another subscription cannot have it in another case, and is told whose it is', async () => {
  await store.putSubscription(document('owner', 2, 'own@ims.example'), {});
  expect(await store.putSubscription(document('thief', 3, 'own@IMS.example'), {})).toEqual({
    kind: 'refused',
    conflict: true,
    faults: [
      { pointer: '/privateIdentities/0/identity', detail: 'own@IMS.example belongs to subscription owner' },
    ],
  });
  const both = await store.importSubscriptions([
    document('one', 4, 'twin@ims.example'),
    document('two', 5, 'twin@ims.EXAMPLE'),
  ]);
  expect(both.map(({ kind }) => kind)).toEqual(['created', 'refused']);
});

test('one document cannot have it twice', () => {
  const { implicitRegistrationSets } = simple('double', 6);
  const parsed = subscriptionDocument.safeParse({
    id: 'double',
    privateIdentities: [{ identity: 'd@ims.example' }, { identity: 'd@IMS.example' }],
    implicitRegistrationSets: implicitRegistrationSets.map((set) => ({
      ...set,
      privateIdentities: ['d@ims.example', 'd@ims.EXAMPLE'],
    })),
  });
  expect(parsed.error?.issues.map(({ path }) => path.join('/'))).toEqual([
    'privateIdentities/1/identity',
    'implicitRegistrationSets/0/privateIdentities/1',
  ]);
});

test('written in another case it keeps its keys and its sequence number; what is made of the spelling is asked for', async () => {
  await store.putSubscription(document('respelled', 7, 'r@IMS.example'), {});
  await sql.query(
    "update sequence_counter set sequence_number = 4096 where counter_key = (select aka_k_hash from private_identity where identity = 'r@IMS.example')",
  );
  // No keys in the document: those that are stored stay.
  const respelled = await store.putSubscription(document('respelled', 7, 'r@ims.example', { aka: {} }), {});
  expect(respelled.kind).toBe('replaced');
  const { snapshot } = await store.load({ impus: [], impi: 'r@IMS.example' });
  const identity = snapshot?.subscription.privateIdentities[0];
  expect(identity?.identity).toBe('r@ims.example');
  const open = (sealed: string | undefined, field: string) =>
    unseal(sealed ?? '', secretOwner('r@ims.example', field), testKeyRing).toString('hex');
  expect(open(identity?.authentication.aka?.k, 'k')).toBe(aka.k);
  expect(open(identity?.authentication.aka?.opc, 'opc')).toBe(aka.opc);
  expect((await store.getStatus({ id: 'respelled' }))?.sequenceNumbers).toEqual([['r@ims.example', 4096]]);

  const digest = { sipDigest: { realm: 'ims.example', password: 'secret' } };
  await store.putSubscription(document('digested', 8, 'g@IMS.example', digest), {});
  expect(
    await store.putSubscription(
      document('digested', 8, 'g@ims.example', { sipDigest: { realm: 'ims.example' } }),
      {},
    ),
  ).toMatchObject({
    kind: 'refused',
    faults: [{ pointer: '/privateIdentities/0/authentication/sipDigest/password' }],
  });
});
