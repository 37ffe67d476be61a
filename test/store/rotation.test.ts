/**
 * Rotation of the key that seals the secrets: resumable, seen by caches, needs the old key until it is done.
 */
import { registrationOf, statusUnit } from '../support/states';
import { createKeyRing } from '../../src/authentication/key-ring';
import { secretOwner, unseal } from '../../src/authentication/sealed-secret';
import { sealedSamples } from '../../src/store/sealed-sample';
import { freshDatabase, openStore } from '../support/database';
import { aka, putSharedSets, simple } from './documents';

const keyIds = async (url: string) => [
  ...new Set((await sealedSamples(url)).map(({ sealed }) => sealed.split('.')[1])),
];
const oldKey = { id: 'old', key: Buffer.alloc(32, 1) };
const newKey = { id: 'new_1', key: Buffer.alloc(32, 2) };

test('every secret is sealed anew, nothing else changes, and the old key is not needed any more', async () => {
  const url = await freshDatabase();
  const store = await openStore(url, { keyRing: () => createKeyRing([oldKey]) });
  await putSharedSets(store);
  expect(await keyIds(url)).toEqual([]);
  const digest = simple('digest', 1, {
    privateIdentities: [
      { identity: 'digest@ims.example', authentication: { sipDigest: { realm: 'r', password: 'p' } } },
    ],
  });
  await store.importSubscriptions([
    ...Array.from({ length: 450 }, (_, i) => simple(`u${i}`, 10 + i)),
    digest,
  ]);
  const before = await store.load({ impus: ['sip:u7@ims.example'] });
  const documentBefore = await store.getSubscription({ id: 'u7' });

  expect(await keyIds(url)).toEqual(['old']);
  const ring = createKeyRing([newKey, oldKey]);
  await expect(store.rotateSecrets(createKeyRing([newKey]), () => undefined)).rejects.toThrow(
    /key 'old', which is not in the key ring/,
  );
  const steps: number[] = [];
  expect(await store.rotateSecrets(ring, (progress) => steps.push(progress.seenCount))).toEqual({
    seenCount: 451,
    resealedCount: 451,
    totalCount: 451,
  });
  expect(steps).toEqual([200, 400, 451]);
  expect(await store.rotateSecrets(ring, () => undefined)).toMatchObject({
    seenCount: 451,
    resealedCount: 0,
  });
  expect(await keyIds(url)).toEqual(['new_1']);

  const after = await store.load({ impus: ['sip:u7@ims.example'] });
  const alone = createKeyRing([newKey]);
  const { aka: stored } = after.snapshot?.subscription.privateIdentities[0]?.authentication ?? {};
  expect(stored?.k).toMatch(/^v1\.new_1\./);
  expect(unseal(stored?.k ?? '', secretOwner('u7@ims.example', 'k'), alone).toString('hex')).toBe(aka.k);
  expect(unseal(stored?.opc ?? '', secretOwner('u7@ims.example', 'opc'), alone).toString('hex')).toBe(
    aka.opc,
  );
  const { snapshot } = await store.load({ impus: ['sip:digest@ims.example'] });
  const { sipDigest } = snapshot?.subscription.privateIdentities[0]?.authentication ?? {};
  for (const field of ['ha1', 'ha1Sha256'] as const)
    expect(() =>
      unseal(sipDigest?.[field] ?? '', secretOwner('digest@ims.example', field), alone),
    ).not.toThrow();

  expect((await store.getSubscription({ id: 'u7' }))?.document).toEqual(documentBefore?.document);
  // A decision that opened secrets under the old key is made again.
  if (before.snapshot === null) throw new Error('not there');
  expect(await store.commit(statusUnit(before.snapshot, registrationOf(before.snapshot)))).toBe('conflict');
  await store.close();
});
