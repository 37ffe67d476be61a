/** USIMs in the store: written, read back, found, unique, sealed, and counted by their K. */
import { Client } from 'pg';
import { createKeyRing } from '../../src/authentication/key-ring';
import { secretOwner, unseal } from '../../src/authentication/sealed-secret';
import { akaOf } from '../../src/subscriber/subscription';
import {
  subscriptionDocument,
  type SubscriptionDocument,
  type SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import { sealedSamples } from '../../src/store/sealed-sample';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../support/database';
import { aka, putSharedSets, simple, usimKey } from './documents';

type Usim = NonNullable<SubscriptionDocumentInput['usims']>[number];
type PrivateIdentity = SubscriptionDocumentInput['privateIdentities'][number];

let url: string;
let store: TestStore;
let sql: Client;
let keys = 0;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
  sql = new Client({ connectionString: url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await store.close();
});

/** A credential that no other test has. */
function newAka(): { k: string; opc: string } {
  keys += 1;
  return { k: `${keys}`.padStart(32, '0'), opc: aka.opc };
}

function document(
  id: string,
  number: number,
  usims: Usim[] | undefined,
  privateIdentities: PrivateIdentity[] = [{ identity: `${id}@ims.example` }],
): SubscriptionDocument {
  const { implicitRegistrationSets } = simple(id, number);
  return subscriptionDocument.parse({
    id,
    privateIdentities,
    implicitRegistrationSets,
    ...(usims === undefined ? {} : { usims }),
  });
}

const counters = async (id: string) => (await store.getStatus({ id }))?.sequenceNumbers;

test('it is found by IMSI and MSISDN, and comes out without its secrets', async () => {
  const usim = { imsi: '001010000000001', msisdns: ['49170100', '49170101'], aka: newAka() };
  expect(await store.putSubscription(document('found', 1, [usim]), {})).toMatchObject({ kind: 'created' });
  for (const name of [{ imsi: usim.imsi }, { msisdn: '49170100' }, { msisdn: '49170101' }]) {
    const found = await store.getSubscription(name);
    expect(found?.document.usims).toEqual([
      { ...usim, aka: { algorithm: 'milenage', amf: '8000', indBits: 5 } },
    ]);
    expect((await store.getStatus(name))?.id).toBe('found');
  }
  for (const name of [{ imsi: '49170100' }, { msisdn: usim.imsi }, { msisdn: '4917010' }])
    expect(await store.getSubscription(name)).toBeNull();
});

test('a private identity uses its credential, sealed for the IMSI, and its counter', async () => {
  const usim = { imsi: '001010000000002', aka: { ...usimKey, sqn: 640 } };
  const identity = { identity: 'uses@ims.example', authentication: { usim: usim.imsi } };
  await store.putSubscription(document('uses', 2, [usim], [identity]), {});
  const { snapshot } = await store.load({ impus: ['sip:uses@ims.example'] });
  const [entry] = snapshot?.subscription.privateIdentities ?? [];
  if (snapshot === null || entry === undefined) throw new Error('nobody');
  const credential = akaOf(snapshot.subscription, entry);
  expect(credential?.holder).toBe(usim.imsi);
  expect(unseal(credential?.aka.k ?? '', secretOwner(usim.imsi, 'k'), testKeyRing).toString('hex')).toBe(
    usimKey.k,
  );
  expect(await counters('uses')).toEqual([
    ['uses@ims.example', 640],
    [usim.imsi, 640],
  ]);
  expect(
    (await store.getSubscription({ id: 'uses' }))?.document.privateIdentities[0]?.authentication,
  ).toEqual({ usim: usim.imsi });
});

describe('nobody else may have', () => {
  const owner = { imsi: '001010000000010', msisdns: ['49170110'], aka: newAka() };
  beforeAll(() =>
    store.putSubscription(
      document('owner', 10, [owner], [{ identity: 'owner@ims.example', imsi: '001010000000011' }]),
      {},
    ),
  );

  test('the IMSI of a USIM or of a private identity, or an MSISDN: who has it is named', async () => {
    const thief = document(
      'thief',
      11,
      [
        { imsi: owner.imsi, aka: newAka() },
        { imsi: '001010000000011', aka: newAka() },
        { imsi: '001010000000012', msisdns: ['49170111', '49170110'], aka: newAka() },
      ],
      [{ identity: 'thief@ims.example', imsi: owner.imsi }],
    );
    const faults = [
      ['/privateIdentities/0/imsi', 'IMSI 001010000000010 belongs to subscription owner'],
      ['/usims/0/imsi', 'IMSI 001010000000010 belongs to subscription owner'],
      ['/usims/1/imsi', 'IMSI 001010000000011 belongs to subscription owner'],
      ['/usims/2/msisdns/1', 'MSISDN 49170110 belongs to subscription owner'],
    ].map(([pointer, detail]) => ({ pointer, detail }));
    expect(await store.putSubscription(thief, {})).toEqual({ kind: 'refused', conflict: true, faults });
    expect(await store.getSubscription({ msisdn: '49170111' })).toBeNull();
    // Also of a document that is refused for its shape.
    expect(
      await store.subscriptionFaultsBesides({
        ...thief,
        serviceProfiles: 7,
        usims: [...(thief.usims ?? []), 5],
      }),
    ).toEqual(expect.arrayContaining(faults));
  });

  test('of many that claim one MSISDN at once, one is written', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        store.putSubscription(
          document(`claim${i}`, 20 + i, [
            { imsi: `00101000000002${i}`, msisdns: ['49170120'], aka: newAka() },
          ]),
          {},
        ),
      ),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual([
      'created',
      ...Array.from({ length: 5 }, () => 'refused'),
    ]);
  });

  test('a SIM moves from one document of an import to another', async () => {
    const moved = { imsi: '001010000000030', msisdns: ['49170130'], aka: newAka() };
    await store.importSubscriptions([document('giver', 30, [moved]), document('taker', 31, undefined)]);
    const outcomes = await store.importSubscriptions([
      document('taker', 31, [moved]),
      document('giver', 30, undefined),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['replaced', 'replaced']);
    expect((await store.getSubscription({ imsi: moved.imsi }))?.document.id).toBe('taker');
    expect((await store.getSubscription({ id: 'giver' }))?.document).not.toHaveProperty('usims');
  });
});

describe('secrets', () => {
  const imsi = '001010000000040';
  const put = (usim: Usim) => store.putSubscription(document('secret', 40, [usim]), {});
  const stored = async () =>
    (await store.load({ impus: ['sip:secret@ims.example'] })).snapshot?.subscription.usims?.[0];

  test('that are left out stay as they are; another K needs its OPc; a new IMSI needs both', async () => {
    expect(await put({ imsi, aka: {} })).toEqual({
      kind: 'refused',
      conflict: false,
      faults: [
        { pointer: '/usims/0/aka/k', detail: 'is needed: no K is stored for this IMSI' },
        { pointer: '/usims/0/aka/opc', detail: 'opc or op is needed: none is stored for this IMSI' },
      ],
    });
    expect(await put({ imsi, aka: { k: aka.k, op: aka.op } })).toMatchObject({ kind: 'created' });
    const first = await stored();
    expect(unseal(first?.aka.opc ?? '', secretOwner(imsi, 'opc'), testKeyRing).toString('hex')).toBe(aka.opc);
    expect(await put({ imsi, msisdns: ['49170140'], aka: { amf: '9001' } })).toMatchObject({
      kind: 'replaced',
    });
    expect(await stored()).toEqual({ ...first, msisdns: ['49170140'], aka: { ...first?.aka, amf: '9001' } });
    expect(await put({ imsi, aka: { k: usimKey.k } })).toMatchObject({
      kind: 'refused',
      faults: [{ pointer: '/usims/0/aka/opc', detail: 'opc or op is needed with a new K' }],
    });
    expect(await put({ imsi: '001010000000041', aka: {} })).toMatchObject({
      faults: [{ pointer: '/usims/0/aka/k' }, { pointer: '/usims/0/aka/opc' }],
    });
  });

  test('what was exported is imported as no change, also when other things of it change', async () => {
    const { items } = await store.listSubscriptions(null, 1_000);
    const exported = items.map((item) => subscriptionDocument.parse(item.document));
    expect(exported.filter(({ usims }) => usims !== undefined).length).toBeGreaterThan(3);
    const outcomes = await store.importSubscriptions(exported);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['unchanged']));
    const before = await stored();
    const [document] = exported.filter(({ id }) => id === 'secret');
    if (document === undefined) throw new Error('not exported');
    expect(await store.putSubscription({ ...document, registrationAllowed: false }, {})).toMatchObject({
      kind: 'replaced',
    });
    expect(await stored()).toEqual(before);
  });
});

test('a section without any USIM is the same as none', async () => {
  const first = await store.putSubscription(document('none', 50, undefined), {});
  expect(await store.putSubscription(document('none', 50, []), {})).toEqual({ ...first, kind: 'unchanged' });
});

describe('[33.102-C.1.1] one counter for each K', () => {
  test('an ISIM and a USIM with one K share it, and raise no doubt; another K is another counter', async () => {
    const key = newAka();
    const usims = [{ imsi: '001010000000060', aka: { ...key, sqn: 32 } }];
    const isim = (sqn: number) => [
      { identity: 'isim@ims.example', authentication: { aka: { ...key, sqn } } },
      { identity: 'usim@ims.example', authentication: { usim: '001010000000060' } },
    ];
    expect(await store.putSubscription(document('both', 60, usims, isim(64)), {})).toEqual({
      kind: 'created',
      etag: expect.any(String),
    });
    const all = (number: number) => [
      ['isim@ims.example', number],
      ['usim@ims.example', number],
      ['001010000000060', number],
    ];
    expect(await counters('both')).toEqual(all(64));
    expect(await store.putSubscription(document('both', 60, usims, isim(96)), {})).toMatchObject({
      kind: 'unchanged',
    });
    expect(await counters('both')).toEqual(all(96));
    const { rows } = await sql.query(
      'select count(distinct aka_k_hash)::int as n from private_identity where identity in ($1, $2)',
      ['isim@ims.example', 'usim@ims.example'],
    );
    expect(rows).toEqual([{ n: 1 }]);
    // The ISIM gets a K of its own.
    await store.putSubscription(
      document('both', 60, usims, [
        { identity: 'isim@ims.example', authentication: { aka: { ...newAka(), sqn: 5 } } },
        { identity: 'usim@ims.example', authentication: { usim: '001010000000060' } },
      ]),
      {},
    );
    expect(await counters('both')).toEqual([['isim@ims.example', 5], ...all(96).slice(1)]);
  });

  test('the number goes on when the SIM is deleted and comes back as an ISIM elsewhere, with a doubt where both have it', async () => {
    const key = newAka();
    const usims = [{ imsi: '001010000000061', aka: { ...key, sqn: 4_096 } }];
    await store.putSubscription(document('first', 61, usims), {});
    await store.deleteSubscription('first', {});
    const isim = [{ identity: 'later@ims.example', authentication: { aka: key } }];
    await store.putSubscription(document('later', 62, undefined, isim), {});
    expect(await counters('later')).toEqual([['later@ims.example', 4_096]]);
    expect(await store.putSubscription(document('first', 61, usims), {})).toMatchObject({
      warnings: [
        {
          pointer: '/usims/0/aka/k',
          detail: 'is the K of a private identity in subscription later, too',
        },
      ],
    });
    expect(
      await store.putSubscription(
        { ...document('later', 62, undefined, isim), registrationAllowed: false },
        {},
      ),
    ).toMatchObject({
      warnings: [
        {
          pointer: '/privateIdentities/0/authentication/aka/k',
          detail: 'is the K of a USIM in subscription first, too',
        },
      ],
    });
  });
});

test('rotation seals its secrets anew, and the look at the secrets sees them', async () => {
  const own = await freshDatabase();
  const [oldKey, newKey] = [
    { id: 'old', key: Buffer.alloc(32, 1) },
    { id: 'new', key: Buffer.alloc(32, 2) },
  ];
  const rotated = await openStore(own, { keyRing: () => createKeyRing([oldKey]) });
  await putSharedSets(rotated);
  const imsi = (i: number) => `0010100000001${String(i).padStart(2, '0')}`;
  await rotated.importSubscriptions(
    Array.from({ length: 30 }, (_, i) => document(`r${i}`, 100 + i, [{ imsi: imsi(i), aka: usimKey }])),
  );
  const keyIds = async () =>
    new Set(
      (await sealedSamples(own)).map(
        ({ sealed, owner }) =>
          `${owner.includes('0010100000001') ? 'usim' : 'other'} ${sealed.split('.')[1] ?? ''}`,
      ),
    );
  expect(await keyIds()).toEqual(new Set(['other old', 'usim old']));
  const before = await rotated.getSubscription({ imsi: imsi(7) });
  const ring = createKeyRing([newKey, oldKey]);
  expect(await rotated.rotateSecrets(ring, () => undefined)).toEqual({
    seenCount: 60,
    resealedCount: 30,
    totalCount: 60,
  });
  expect(await rotated.rotateSecrets(ring, () => undefined)).toMatchObject({ resealedCount: 0 });
  expect(await keyIds()).toEqual(new Set(['other new', 'usim new']));
  const { snapshot } = await rotated.load({ impus: ['sip:r7@ims.example'] });
  const alone = createKeyRing([newKey]);
  const { k = '', opc = '' } = snapshot?.subscription.usims?.[0]?.aka ?? {};
  expect(unseal(k, secretOwner(imsi(7), 'k'), alone).toString('hex')).toBe(usimKey.k);
  expect(unseal(opc, secretOwner(imsi(7), 'opc'), alone).toString('hex')).toBe(usimKey.opc);
  const after = await rotated.getSubscription({ imsi: imsi(7) });
  expect(after?.document).toEqual(before?.document);
  expect(after?.etag).not.toBe(before?.etag);
  await rotated.close();
});
