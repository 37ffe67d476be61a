/** Subscribers of the process tests, put in through the product's own API. */
import type { AkaKeys, User } from './cscf';
import type { HssProcess } from './hss-process';

/** Seals what the tests provision into an outside database. */
export const secretKey = '5a'.repeat(32);

/** TS 35.208 test set 1. */
export const keys: AkaKeys = {
  k: '465b5ce8b199b49faa5f0a2ee238a6bc',
  opc: 'cd63cb71954a9f4e48a5994e37a02baf',
};

export const digestPassword = 'a password that no log may hold';

export const secretsOfUsers: ReadonlyMap<string, string> = new Map([
  ['K', keys.k],
  ['OPc', keys.opc],
  ['password', digestPassword],
  ['the sealing key', secretKey],
]);

export const user = (name: string): User => ({
  userName: `${name}@ims.example`,
  publicIdentity: `sip:${name}@ims.example`,
});

/** One subscription for each name, with IMS-AKA and SIP Digest. @throws Error where one is refused */
export async function provision(hss: Pick<HssProcess, 'httpUrl'>, names: readonly string[]): Promise<void> {
  const profile = await fetch(`${hss.httpUrl}/v1/service-profiles/standard`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'standard' }),
  });
  if (!profile.ok) throw new Error(`service profile: ${profile.status} ${await profile.text()}`);
  await Promise.all(
    names.map(async (name) => {
      const { userName, publicIdentity } = user(name);
      const response = await fetch(`${hss.httpUrl}/v1/subscriptions/${name}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          id: name,
          privateIdentities: [
            {
              identity: userName,
              authentication: { aka: keys, sipDigest: { realm: 'ims.example', password: digestPassword } },
            },
          ],
          implicitRegistrationSets: [
            { name: 'default', publicIdentities: [{ identity: publicIdentity, serviceProfile: 'standard' }] },
          ],
        }),
      });
      if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    }),
  );
}
