/** What one instance holds of the toy's state is no longer right after another one has changed it. */
import type { Client } from 'pg';
import type { TestStore } from '../support/database';
import { CxClient } from '../support/cx-client';
import { endServers, startWhole } from '../outbox/whole-server';
import { lir } from '../system/support/cscf';
import { endAll, eventually } from '../system/support/hss-process';
import { ToyClient } from './client';
import { ToyState } from './generated/toy';
import { applicationsWithToy } from './index';
import { asHost, provisionSim, sar, scscfHost, seeded, settings, USER_DEREGISTRATION } from './support';

const otherHost = 'other-as.ims.example';
let url: string;
let store: TestStore;
let sql: Client;

beforeAll(async () => {
  ({ url, store, sql } = await seeded());
}, 60_000);

afterAll(async () => {
  await endServers();
  await endAll();
  await Promise.all([store.close(), sql.end()]);
});

test('another node watches by way of the other instance: it is told, and the first one no more', async () => {
  const base = settings(url);
  const [one, two] = await Promise.all(
    ['hss1', 'hss2'].map((name) =>
      startWhole(
        url,
        {
          ...base,
          diameter: { ...base.diameter, originHost: `${name}.ims.example` },
          peers: [...(base.peers ?? []), { identity: otherHost, role: 'as' }],
        },
        applicationsWithToy,
      ),
    ),
  );
  if (one === undefined || two === undefined) throw new Error('two instances');
  const first = await ToyClient.open(one.diameterPort, asHost);
  const second = await ToyClient.open(two.diameterPort, otherHost);
  const scscf = await CxClient.open(one.diameterPort, { originHost: scscfHost, originRealm: 'ims.example' });
  const sim = await provisionSim(store, 'anna');
  await first.request('TWR', { toyImsi: sim.imsi });
  await sar(scscf, sim);
  await eventually(() => first.told.length === 1, 'the first one is told');

  await second.request('TWR', { toyImsi: sim.imsi });
  // This instance learns of the new version, and of nothing else.
  expect((await lir(scscf, 'sip:anna@ims.example')).result).toBe('2001');
  expect((await sar(scscf, sim, USER_DEREGISTRATION)).result).toBe('2001');
  await eventually(() => second.told.length + first.told.length > 1, 'somebody is told');
  expect(second.told).toMatchObject([{ state: ToyState.NOT_REGISTERED }]);
  expect(first.told).toHaveLength(1);
  for (const client of [first, second, scscf]) client.close();
}, 60_000);
