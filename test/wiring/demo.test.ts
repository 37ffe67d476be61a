import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProvisioningStore } from '../../src/subscriber/provisioning';
import { silentLogger } from '../../src/shared/logger';
import type { PostgresStore } from '../../src/store/postgres-store';
import { loadConfig } from '../../src/config/load';
import { demoUsers, loadDemo, warnOfDemoUsers } from '../../src/wiring/demo';
import { simple } from '../store/documents';
import { freshDatabase, openStore } from '../support/database';

const realm = 'ims.example';
const everybody = ['001010000000001', 'bob', '001010000000003', 'carol-tablet', 'conference-as'].map(
  (name) => `${name}@${realm}`,
);

let store: PostgresStore;
let folder: string;

beforeEach(async () => {
  store = await openStore(await freshDatabase());
  folder = mkdtempSync(join(tmpdir(), 'hss-demo-'));
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const load = (into: ProvisioningStore = store): Promise<void> => loadDemo(into, folder, realm, silentLogger);
const present = async (): Promise<string[]> =>
  (await demoUsers(store, realm)).map(({ privateIdentity }) => privateIdentity);

test('a first start loads the demo subscribers; who is deleted does not come back with the next', async () => {
  await load();
  expect(await present()).toEqual(everybody);
  await store.deleteSubscription('bob', {});
  await load();
  expect(await present()).toEqual(everybody.filter((name) => !name.startsWith('bob')));
});

test('a start that was killed in the middle is finished by the next', async () => {
  let left = 2;
  const dying: ProvisioningStore = {
    ...store,
    putSubscription: (document, precondition) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : store.putSubscription(document, precondition);
    },
  };
  await expect(load(dying)).rejects.toThrow('killed');
  expect((await present()).length).toBeLessThan(everybody.length);
  await load();
  expect(await present()).toEqual(everybody);
});

test('a database that holds somebody already gets nobody', async () => {
  await store.putShared(
    'serviceProfiles',
    { name: 'basic', initialFilterCriteria: [], sharedIfcSets: [] },
    {},
  );
  await store.putSubscription(simple('somebody', 1), {});
  await load();
  expect(await present()).toEqual([]);
});

test('they are shown as they are stored, also when the realm of the HSS is another now', async () => {
  await load();
  const names = (await demoUsers(store, 'renamed.example')).map(({ privateIdentity }) => privateIdentity);
  expect(names).toEqual(everybody);
});

test('their keys are public: said at every start where others can reach a listener, however they came there', async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => void warnings.push(message) };
  const config = (yaml: string) => {
    writeFileSync(join(folder, 'hss.yaml'), `diameter: { originRealm: ${realm} }\n${yaml}`);
    return loadConfig({ env: {}, cwd: folder }).config;
  };
  const open = config('metrics: { addresses: [0.0.0.0] }\ndemo: { load: false }\n');
  await warnOfDemoUsers(store, open, logger);
  expect(warnings).toEqual([]);
  await load();
  await warnOfDemoUsers(store, config(''), logger);
  expect(warnings).toEqual([]);
  await warnOfDemoUsers(store, open, logger);
  await warnOfDemoUsers(store, open, logger);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain('0.0.0.0 can be reached from outside');
});
