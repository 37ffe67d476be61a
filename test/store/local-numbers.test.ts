/** identities.localNumbers: tel URIs without phone-context, from the configuration to the store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load';
import { profileRulesOf } from '../../src/wiring/database';
import { freshDatabase, openStore } from '../support/database';
import { putSharedSets, simple } from './documents';

test.each([
  ['', 'created'],
  ['identities: { localNumbers: accept }', 'created'],
  ['identities: { localNumbers: refuse }', 'refused'],
])('with "%s" tel:0711 is %s', async (yaml, kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'hss-local-'));
  writeFileSync(join(folder, 'hss.yaml'), yaml);
  const { config } = loadConfig({ env: {}, cwd: folder });
  rmSync(folder, { recursive: true });
  const store = await openStore(await freshDatabase(), { profileRules: () => profileRulesOf(config) });
  await putSharedSets(store);
  const document = simple('local', 1);
  const [set] = document.implicitRegistrationSets;
  set?.publicIdentities.forEach((entry) => {
    if (entry.identity.startsWith('tel:')) entry.identity = 'tel:0711';
  });
  const outcome = await store.putSubscription(document, {});
  expect(outcome).toMatchObject(
    kind === 'refused'
      ? { kind, faults: [{ pointer: '/implicitRegistrationSets/0/publicIdentities/1/identity' }] }
      : { kind },
  );
  await store.close();
});
