/** Tables and documents say the same: what goes in comes out of the tables again, secrets aside. */
import { Client } from 'pg';
import { Milenage } from '../../src/authentication/milenage';
import { secretOwner, unseal } from '../../src/authentication/sealed-secret';
import { computeHa1 } from '../../src/authentication/digest';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../support/database';
import { aka, everything, putSharedSets, simple, usimKey } from './documents';

let url: string;
let store: TestStore;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
  expect(await store.putSubscription(everything(), {})).toMatchObject({ kind: 'created' });
  const plain = simple('plain', 1, {
    permittedVisitedNetworks: [],
    privateIdentities: [{ identity: 'plain@ims.example' }],
  });
  expect(await store.putSubscription(plain, {})).toMatchObject({ kind: 'created' });
});
afterAll(() => store.close());

test('every attribute comes back as it was provisioned, identities canonical, secrets left out', async () => {
  const expected = structuredClone(everything());
  const first = expected.privateIdentities[0];
  if (first === undefined) throw new Error('no private identity');
  first.authentication.aka = { algorithm: 'milenage', amf: 'b9b9', indBits: 4 };
  expected.usims = [
    {
      imsi: '262019876543210',
      msisdns: ['491701234567', '49170'],
      aka: { algorithm: 'milenage', amf: 'a1b2', indBits: 6 },
    },
    { imsi: '262010000000001', msisdns: [], aka: { algorithm: 'milenage', amf: '8000', indBits: 5 } },
  ];
  first.authentication.sipDigest = { realm: 'ims.example' };
  expected.implicitRegistrationSets[0]?.publicIdentities.forEach((entry) => {
    if (entry.barred) entry.identity = 'sip:Barred@ims.example';
    if (entry.identity === 'tel:+1-555-123') entry.identity = 'tel:+1555123';
  });
  for (const name of [
    { id: 'everything' },
    { impi: 'second@ims.example' },
    { impu: 'sip:Barred@IMS.example:5060;user=x' },
    { imsi: '262019876543210' },
    { imsi: '262010000000001' },
    { msisdn: '49170' },
    { impu: 'sip:all!.*!@ims.example' },
  ]) {
    expect((await store.getSubscription(name))?.document).toEqual(JSON.parse(JSON.stringify(expected)));
  }
});

test('what is served is the same, with sealed secrets that open to what was provisioned', async () => {
  const { snapshot } = await store.load({ impus: ['sip:all@ims.example'] });
  const authentication = snapshot?.subscription.privateIdentities[0]?.authentication;
  const open = (sealed: string | undefined, field: string) =>
    unseal(sealed ?? '', secretOwner('all@ims.example', field), testKeyRing);
  expect(open(authentication?.aka?.k, 'k').toString('hex')).toBe(aka.k);
  expect(open(authentication?.aka?.opc, 'opc').toString('hex')).toBe(aka.opc);
  expect(
    () => new Milenage(open(authentication?.aka?.k, 'k'), open(authentication?.aka?.opc, 'opc')),
  ).not.toThrow();
  const usim = snapshot?.subscription.usims?.[0];
  const ofUsim = (sealed: string | undefined, field: string) =>
    unseal(sealed ?? '', secretOwner('262019876543210', field), testKeyRing).toString('hex');
  expect(ofUsim(usim?.aka.k, 'k')).toBe(usimKey.k);
  expect(ofUsim(usim?.aka.opc, 'opc')).toBe(usimKey.opc);
  expect(open(authentication?.sipDigest?.ha1, 'ha1').toString('latin1')).toBe(
    computeHa1('MD5', 'all@ims.example', 'ims.example', 'correct horse'),
  );
  expect(open(authentication?.sipDigest?.ha1Sha256, 'ha1Sha256').toString('latin1')).toBe(
    computeHa1('SHA-256', 'all@ims.example', 'ims.example', 'correct horse'),
  );
  expect((await store.getStatus({ id: 'everything' }))?.sequenceNumbers).toEqual([
    ['all@ims.example', 640],
    ['second@ims.example', 4_096],
    ['262019876543210', 4_096],
    ['262010000000001', 4_096],
  ]);
});

test('the same document twice is no change', async () => {
  const before = await store.getSubscription({ id: 'everything' });
  expect(await store.putSubscription(everything(), {})).toEqual({ kind: 'unchanged', etag: before?.etag });
});

test('no secret can be read in any table', async () => {
  const client = new Client({ connectionString: url });
  await client.connect();
  const tables = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const secrets = [
    aka.k,
    aka.op,
    aka.opc,
    usimKey.k,
    usimKey.opc,
    'correct horse',
    computeHa1('MD5', 'all@ims.example', 'ims.example', 'correct horse'),
    computeHa1('SHA-256', 'all@ims.example', 'ims.example', 'correct horse'),
  ];
  const forms = secrets.flatMap((text) => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    ...(/^[0-9a-f]+$/.test(text) ? [Buffer.from(text, 'hex').toString('base64url')] : []),
  ]);
  expect(tables.rows.length).toBeGreaterThan(10);
  let seen = '';
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ text: string }>(
      `select t::text as text from ${client.escapeIdentifier(name)} t`,
    );
    seen += rows
      .map((row) => row.text)
      .join('\n')
      .toLowerCase();
  }
  await client.end();
  expect(seen).toContain('all@ims.example');
  for (const form of forms) expect(seen).not.toContain(form.toLowerCase());
});

test('the image that a change writes is the one that the tables give', async () => {
  const client = new Client({ connectionString: url });
  await client.connect();
  const read = async () =>
    (
      await client.query<{ image: string }>('select image from subscription_image order by subscription_key')
    ).rows.map(({ image }): unknown => JSON.parse(image));
  try {
    const before = await read();
    await client.query('update subscription_image set image = $1', ['{}']);
    await client.query(
      'select refresh_subscription_images(array(select subscription_key from ims_subscription))',
    );
    expect(await read()).toEqual(before);
  } finally {
    await client.end();
  }
});
