/**
 * More comes than can be served: the requests of an application go by its own rule, and by DRMP, which is common
 * to all applications.
 */
import { Client } from 'pg';
import type { TestStore } from '../support/database';
import { CxClient } from '../support/cx-client';
import { startWhole, endServers, type WholeServer } from '../outbox/whole-server';
import { endAll, eventually } from '../system/support/hss-process';
import { ToyClient } from './client';
import { RELEASE } from './handlers';
import { applicationsWithToy } from './index';
import { asHost, provisionSim, scscfHost, seeded, settings } from './support';

let store: TestStore;
let sql: Client;
let url: string;
let server: WholeServer;

beforeAll(async () => {
  ({ url, store, sql } = await seeded());
  server = await startWhole(
    url,
    {
      ...settings(url),
      // One connection, so that answers keep the order in which they are made.
      peers: [{ identity: asHost, role: ['as', 'mme'] }, { identity: scscfHost }],
      overload: { maxInFlightRequests: 1, maxQueueMs: 20_000 },
    },
    applicationsWithToy,
  );
}, 90_000);

afterAll(async () => {
  await endServers();
  await endAll();
  await Promise.all([store.close(), sql.end()]);
});

/** How many requests are in work, and how many wait. */
async function counts(): Promise<readonly [inFlight: number, queued: number]> {
  const text = await (await fetch(`${server.metricsUrl}/metrics`)).text();
  const sumOf = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  return [sumOf('hss_requests_in_flight'), sumOf('hss_queued_requests')];
}

const reached = (inFlight: number, queued: number): Promise<void> =>
  eventually(
    async () => (await counts()).join() === `${inFlight},${queued}`,
    `${inFlight} in work, ${queued} wait`,
  );

test('the rule of the application and DRMP say who goes first, the requests of Cx included', async () => {
  const { imsi, name } = await provisionSim(store, 'ida');
  const toy = await ToyClient.open(server.diameterPort, asHost);
  const cx = await CxClient.open(server.diameterPort, { originHost: scscfHost, originRealm: 'ims.example' });
  const order: string[] = [];
  const noted = async (what: string, answer: Promise<{ readonly resultCode?: number }>): Promise<void> => {
    const { resultCode } = await answer;
    order.push(`${what} ${resultCode}`);
  };
  const watch = (what: string, avps: object = {}) =>
    noted(what, toy.request('TWR', { toyImsi: imsi, ...avps }));
  const vectors = (what: string, avps: object = {}) =>
    noted(what, toy.request('TVR', { toyImsi: imsi, toyVectorCount: 1, ...avps }));
  await sql.query('begin; lock table usim in access exclusive mode');
  const answers = [watch('the first')];
  await reached(1, 0);
  answers.push(
    noted(
      'Cx',
      cx
        .request('LIR', { publicIdentity: `sip:${name}@ims.example` })
        .then(({ avps }) => ({ resultCode: (avps['resultCode'] as number | undefined) ?? 0 })),
    ),
  );
  await reached(1, 1);
  answers.push(
    vectors('vectors'),
    watch('late by DRMP', { drmp: 11, toyFlags: RELEASE }),
    watch('ordinary'),
    watch('by DRMP', { drmp: 4 }),
    watch('release', { toyFlags: RELEASE }),
    vectors('vectors by DRMP', { drmp: 1 }),
  );
  await reached(1, 7);
  await sql.query('commit');
  await Promise.all(answers);
  toy.close();
  cx.close();
  expect(order.filter((what) => !what.startsWith('Cx'))).toEqual([
    'the first 2001',
    'vectors by DRMP 2001',
    'release 2001',
    'by DRMP 2001',
    'ordinary 2001',
    'late by DRMP 2001',
    'vectors 2001',
  ]);
  const place = order.findIndex((what) => what.startsWith('Cx'));
  expect(place).toBeGreaterThan(order.indexOf('release 2001'));
  expect(place).toBeLessThan(order.indexOf('vectors 2001'));
});
