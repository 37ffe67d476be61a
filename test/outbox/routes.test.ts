/**
 * By which peers S-CSCFs are reached, and what is remembered of them: learned from who may speak for them, the
 * latest way first, within bounds that made-up names cannot use against real ones [6733-6.1].
 */
import type { TestStore } from '../support/database';
import { unbounded } from '../diameter/dispatch/support';
import { Client } from 'pg';
import type { LearnedFeatures, PushRoute } from '../../src/outbox/ports';
import { cxFeatureTable } from '../../src/apps/cx/feature-table';
import type { IncomingRequest, PeerSnapshot } from '../../src/diameter/peer/contract';
import { RouteMemory, ROUTE_BOUNDS } from '../../src/outbox/routes';
import { applications, returnCommandsOf } from '../../src/wiring/applications';
import { FEATURE_BOUNDS, ServerFeatures } from '../../src/apps/cx/outgoing/server-features';
import { silentLogger } from '../../src/shared/logger';
import { cxRequest, decoded } from '../support/cx-messages';
import type { CxClient } from '../support/cx-client';
import { completed, enqueue, register, registeredWith, scscfHost, seeded, server, status } from './support';
import { connected, endServers, startWhole } from './whole-server';

const realm = 'ims.example';
const DAY_MS = 86_400_000;
let nowMs = 1_000;
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

let url: string;
let store: TestStore;
let client: Client;
beforeAll(async () => {
  ({ url, store } = await seeded());
  client = new Client({ connectionString: url });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await store.close();
});
afterEach(endServers);

function sar(originHost: string, by: string, featureList?: number): IncomingRequest {
  const bytes = cxRequest(
    'SAR',
    { originHost, originRealm: realm },
    {
      userName: 'anna@ims.example',
      publicIdentity: ['sip:anna@ims.example'],
      serverName: server.name,
      serverAssignmentType: 1,
      userDataAlreadyAvailable: 0,
      ...(featureList === undefined
        ? {}
        : { supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList }] }),
    },
  );
  const peer = { originHost: by, originRealm: realm };
  return { peer, receivedAtMs: nowMs, message: decoded(bytes), answer: () => true, ...unbounded };
}

const open = (...names: string[]): PeerSnapshot[] =>
  names.map((originHost) => ({ originHost, state: 'R-Open' }) as PeerSnapshot);
const ask = (client: CxClient, originHost: string, more: object = {}) =>
  client.request('SAR', {
    originHost,
    userName: 'anna@ims.example',
    publicIdentity: ['sip:anna@ims.example'],
    serverName: server.name,
    serverAssignmentType: 1,
    userDataAlreadyAvailable: 1,
    ...more,
  });

test('[29.228-6.1.3] a SAR in the name of an S-CSCF that has the user does not bring its RTR to who sent it', async () => {
  await register(store, 'anna', registeredWith('anna@ims.example'));
  const whole = await startWhole(url);
  const liar = await connected(whole, 'liar.ims.example');
  const got: string[] = [];
  liar.serve = ({ abbreviation }) => {
    got.push(abbreviation);
    return { resultCode: 2001 };
  };
  const before = await status(store, 'anna');
  for (const serverAssignmentType of [1, 5])
    expect((await ask(liar, scscfHost, { serverAssignmentType })).result).toBe('3002');
  expect(await status(store, 'anna')).toEqual(before);
  const [id = 0] = await enqueue(store, 'anna', {
    kind: 'cx.PPR',
    payload: { cause: 'manual', setName: 'default', parts: ['userData'] },
  });
  const real = await connected(whole);
  real.serve = () => ({ resultCode: 2001 });
  expect(await completed(store, id)).toMatchObject({ outcome: 'success' });
  expect(real.requests).toContain('PPR');
  expect(got).toEqual([]);
  expect(await store.outbox.routes()).toEqual([]);
  for (const client of [liar, real]) client.close();
}, 60_000);

test('the latest way to an S-CSCF replaces the one before, in this instance and for the others', async () => {
  const routes = new RouteMemory(store.outbox, clock, returnCommandsOf(applications));
  const peers = open('dra1.ims.example', 'dra2.ims.example');
  const way = async (memory = routes) => {
    nowMs += 6_000;
    return (await memory.reachable(peers)).get('far.ims.example');
  };
  for (const relay of ['dra1.ims.example', 'dra2.ims.example', 'DRA1.ims.example']) {
    routes.observe(sar('Far.ims.example', relay));
    expect(await way()).toBe(relay.toLowerCase());
    expect(await way(new RouteMemory(store.outbox, clock, returnCommandsOf(applications)))).toBe(
      relay.toLowerCase(),
    );
  }
});

test('what is learned just after a look is not kept waiting for the next one', async () => {
  const routes = new RouteMemory(store.outbox, clock, returnCommandsOf(applications));
  const peers = open('dra1.ims.example');
  await routes.reachable(peers);
  routes.observe(sar('new.ims.example', 'dra1.ims.example'));
  nowMs += 600;
  expect((await routes.reachable(peers)).get('new.ims.example')).toBe('dra1.ims.example');
});

describe('made-up names', () => {
  /** Keeps what the database would, without its time. */
  class Table {
    readonly routes = new Map<string, PushRoute>();
    written = 0;
    readonly outbox = {
      routes: () => Promise.resolve([...this.routes.values()].reverse()),
      learnRoutes: (learned: readonly PushRoute[]) => {
        for (const route of learned) {
          this.written += 1;
          this.routes.delete(route.destinationHost);
          this.routes.set(route.destinationHost, route);
        }
        for (const peer of new Set([...this.routes.values()].map(({ via }) => via))) {
          const ofPeer = [...this.routes].filter(([, { via }]) => via === peer);
          for (const [host] of ofPeer.slice(0, -ROUTE_BOUNDS.maxPerGroupCount)) this.routes.delete(host);
        }
        return Promise.resolve();
      },
    };
  }

  test('more of them than are remembered: the S-CSCFs of another relay stay, and so does one that goes on asking by the same', async () => {
    const table = new Table();
    const routes = new RouteMemory(table.outbox, clock, returnCommandsOf(applications));
    const peers = open('dra1.ims.example', 'dra2.ims.example');
    routes.observe(sar('real1.ims.example', 'dra1.ims.example'));
    routes.observe(sar('real2.ims.example', 'dra2.ims.example'));
    for (let i = 0; i < 3 * ROUTE_BOUNDS.maxCount; i += 1) {
      if (i % 500 === 0) {
        nowMs += 100;
        routes.observe(sar('real1.ims.example', 'dra1.ims.example'));
      }
      if (i % 2_000 === 0) await routes.reachable(peers);
      // The same request with another name costs less than another one.
      const request = sar('real2.ims.example', 'dra1.ims.example');
      (request.message.avps as { originHost: string }).originHost = `liar${i}.ims.example`;
      routes.observe(request);
    }
    nowMs += 6_000;
    await routes.reachable(peers);
    routes.observe(sar('late.ims.example', 'dra2.ims.example'));
    nowMs += 6_000;
    const reached = await routes.reachable(peers);
    expect(reached.get('real1.ims.example')).toBe('dra1.ims.example');
    expect(reached.get('real2.ims.example')).toBe('dra2.ims.example');
    expect(reached.get('late.ims.example')).toBe('dra2.ims.example');
  }, 120_000);

  test('a way in use that others have pushed out of the table is written again, one that nobody uses is not', async () => {
    const table = new Table();
    const routes = new RouteMemory(table.outbox, clock, returnCommandsOf(applications));
    const peers = open('dra1.ims.example');
    for (const name of ['used', 'unused']) routes.observe(sar(`${name}.ims.example`, 'dra1.ims.example'));
    await routes.reachable(peers);
    table.routes.clear();
    nowMs += 6_000;
    routes.observe(sar('used.ims.example', 'dra1.ims.example'));
    await routes.reachable(peers);
    nowMs += 6_000;
    expect([...(await routes.reachable(peers)).keys()]).toEqual(['dra1.ims.example', 'used.ims.example']);
  });

  test('the tables are bounded by count and age, what is renewed stays, and 10,000 rows of before keep nothing out', async () => {
    const sql = (text: string) => client.query(text);
    await sql(`insert into shared_diameter_route (origin_host, peer, seen_at)
      select 'junk' || n || '.ims.example', 'dra.ims.example', now() - interval '1 hour' from generate_series(1, 10000) n`);
    await sql(`insert into shared_diameter_route (origin_host, peer, seen_at) values
      ('old.ims.example', 'dra9.ims.example', now() - interval '31 days'), ('quiet.ims.example', 'dra9.ims.example', now() - interval '29 days')`);
    const bounds = { maxCount: 1_000, maxPerPeerCount: 100, maxAgeMs: 30 * DAY_MS };
    await store.outbox.learnRoutes(
      [
        { destinationHost: 'junk77.ims.example', via: 'dra.ims.example' },
        { destinationHost: 'new.ims.example', via: 'dra.ims.example' },
      ],
      bounds,
    );
    const hosts = (await store.outbox.routes()).map(({ destinationHost }) => destinationHost);
    expect(hosts).toEqual(
      expect.arrayContaining(['junk77.ims.example', 'new.ims.example', 'quiet.ims.example']),
    );
    expect(hosts).not.toContain('old.ims.example');
    expect(hosts.filter((host) => host.startsWith('junk')).length).toBe(99);
    await store.outbox.learnRoutes([], { maxCount: 10, maxPerPeerCount: 10, maxAgeMs: 30 * DAY_MS });
    expect(await store.outbox.routes()).toHaveLength(10);

    await sql(`insert into shared_server_features (origin_host, command, feature_list, learned_at)
      select 'junk' || n || '.ims.example', 'SAR', 1, now() - interval '1 hour' from generate_series(1, 10000) n`);
    const fresh: LearnedFeatures[] = [{ originHost: 'new.ims.example', command: 'SAR', featureList: 3 }];
    await store.outbox.learnServerFeatures(fresh, { maxCount: 50, maxAgeMs: DAY_MS });
    const known = await store.outbox.serverFeatures(20_000);
    expect(known).toHaveLength(50);
    expect(known[0]).toMatchObject(fresh[0] ?? {});
  }, 60_000);

  test('[29.229-7.2] features: a new S-CSCF is learned when all places are taken, and one in use keeps its own', async () => {
    const learned: LearnedFeatures[] = [];
    const features = new ServerFeatures(
      {
        serverFeatures: () => Promise.resolve([]),
        learnServerFeatures: (list) => {
          learned.push(...list);
          return Promise.resolve();
        },
      },
      cxFeatureTable,
      clock,
      silentLogger,
    );
    features.observe(sar('real.ims.example', 'real.ims.example', 1));
    for (let i = 0; i < 2 * FEATURE_BOUNDS.maxCount; i += 1) {
      if (i % 500 === 0) {
        nowMs += 1;
        features.observe(sar('real.ims.example', 'real.ims.example', 1));
      }
      const request = sar('real.ims.example', 'dra.ims.example', 1);
      (request.message.avps as { originHost: string }).originHost = `liar${i}.ims.example`;
      features.observe(request);
    }
    features.observe(sar('late.ims.example', 'late.ims.example', 1));
    expect(features.of('real.ims.example')).toBe(1);
    expect(features.of('late.ims.example')).toBe(1);
    expect(features.of('liar0.ims.example')).toBe(0);
    nowMs += 6_000;
    await features.refresh();
    expect(learned.length).toBeLessThanOrEqual(FEATURE_BOUNDS.maxPerGroupCount + 2);
  }, 120_000);
});
