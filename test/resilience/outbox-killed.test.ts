/**
 * Two processes with the toy application on one database. One is killed with -9 after its answer left and before
 * its outbox has sent what the commit caused; the other one sends it. Nothing is lost, and nothing is sent twice.
 */
import { CxClient } from '../support/cx-client';
import type { TestStore } from '../support/database';
import { sleep } from '../../src/store/timing';
import {
  endAll,
  eventually,
  HssProcess,
  leave,
  temporaryFolder,
  writeConfiguration,
} from '../system/support/hss-process';
import { ToyClient } from '../toy/client';
import { ToyState } from '../toy/generated/toy';
import { RELEASE } from '../toy/handlers';
import { asHost, entriesOf, provisionSim, sar, scscfHost, seeded, settings } from '../toy/support';

let url: string;
let store: TestStore;
let end: () => Promise<void>;
let files: readonly string[];

const start = (n: number): Promise<HssProcess> => HssProcess.start(files[n] as string, 'test/toy/main.ts');
const scscfOf = (hss: HssProcess): Promise<CxClient> =>
  CxClient.open(hss.diameterPort, { originHost: scscfHost, originRealm: 'ims.example' });

beforeAll(async () => {
  const database = await seeded();
  ({ url, store } = database);
  end = async () => {
    await Promise.all([store.close(), database.sql.end()]);
  };
  files = [1, 2].map((n) => {
    const base = settings(url);
    return writeConfiguration(temporaryFolder(), {
      ...base,
      diameter: { ...base.diameter, originHost: `hss${n}.ims.example` },
    });
  });
}, 60_000);

afterAll(async () => {
  await endAll();
  await end();
});

/** Longer than a lease and a poll of the outbox in the tests' configuration take. */
const twiceMs = 1_000;

test('the SAA of the killed one has left: the other one tells the application server, once', async () => {
  const sim = await provisionSim(store, 'anna');
  const [dying, living] = await Promise.all([start(0), start(1)]);
  const first = await ToyClient.open(dying.diameterPort, asHost);
  expect(await first.request('TWR', { toyImsi: sim.imsi })).toMatchObject({ resultCode: 2001 });
  await leave(dying, first);
  const scscf = await scscfOf(dying);
  expect((await sar(scscf, sim)).result).toBe('2001');
  await dying.crash();
  expect(first.told).toEqual([]);
  expect(await entriesOf(store, sim)).toEqual([{ kind: 'toy.TNR', outcome: null, attemptCount: 0 }]);

  const second = await ToyClient.open(living.diameterPort, asHost);
  await eventually(() => second.told.length > 0, 'the application server is told');
  await sleep(twiceMs);
  expect(second.told).toEqual([
    { publicIdentity: 'sip:anna@ims.example', state: ToyState.REGISTERED, retransmitted: false },
  ]);
  expect(await entriesOf(store, sim)).toEqual([{ kind: 'toy.TNR', outcome: 'told', attemptCount: 1 }]);
  second.close();
  await living.interrupt();
}, 120_000);

test('the TWA of the killed one has left: the other one sends the RTR of Cx, once', async () => {
  const sim = await provisionSim(store, 'bert');
  const [dying, living] = await Promise.all([start(0), start(1)]);
  const as = await ToyClient.open(dying.diameterPort, asHost);
  await as.request('TWR', { toyImsi: sim.imsi });
  const gone = await scscfOf(living);
  expect((await sar(gone, sim)).result).toBe('2001');
  await eventually(() => as.told.length > 0, 'the registration is told');
  await leave(living, gone);
  expect(await as.request('TWR', { toyImsi: sim.imsi, toyFlags: RELEASE })).toMatchObject({
    resultCode: 2001,
    toyState: ToyState.REGISTERED,
  });
  await dying.crash();
  expect((await entriesOf(store, sim)).at(-1)).toEqual({ kind: 'cx.RTR', outcome: null, attemptCount: 0 });

  const scscf = await CxClient.connect(living.diameterPort, {
    originHost: scscfHost,
    originRealm: 'ims.example',
  });
  const got: string[] = [];
  scscf.serve = ({ abbreviation }) => {
    got.push(abbreviation);
    return { resultCode: 2001 };
  };
  await scscf.exchangeCapabilities();
  await eventually(
    async () => (await store.getStatus({ id: 'bert' }))?.status.server === null,
    'bert is released',
  );
  await sleep(twiceMs);
  expect(got).toEqual(['RTR']);
  expect((await entriesOf(store, sim)).at(-1)).toEqual({
    kind: 'cx.RTR',
    outcome: 'success',
    attemptCount: 1,
  });
  scscf.close();
}, 120_000);
