/**
 * RTR and PPR by hand: the API and the command line on it, with a simulated S-CSCF at the other end
 * [29.228-6.1.3] [29.228-6.2.2].
 */
import { subscriptionDocument } from '../../src/subscriber/subscription-document';
import type { TestStore } from '../support/database';
import { createAdminServer, type AdminServer } from '../../src/admin/server';
import { cxAdmin } from '../../src/apps/cx/admin';
import type { CxClient } from '../support/cx-client';
import { cli } from '../cli/run-cli';
import {
  completed,
  register,
  registeredWith,
  scscf,
  seeded,
  setStatusOf,
  startNode,
  status,
  type PushNode,
} from '../outbox/support';
import { peerTable } from './support/running-api';

let store: TestStore;
let node: PushNode;
let client: CxClient;
let server: AdminServer;
let api: string;

beforeAll(async () => {
  const fresh = await seeded();
  ({ store } = fresh);
  node = await startNode(fresh.url);
  client = await scscf(node);
  server = await createAdminServer({
    store,
    peers: peerTable,
    version: '0.0.0',
    applications: [
      cxAdmin({
        store,
        registrations: store,
        pushes: {
          outbox: store.outbox,
          assignedServers: store.assignedServers,
          store,
          combinesPrivateIdentities: () => false,
          wake: () => node.worker.wake(),
        },
      }),
    ],
  });
  [api = ''] = await server.listen({ addresses: ['127.0.0.1'], port: 0 });
}, 60_000);

afterAll(async () => {
  client.close();
  await server.close();
  await node.stop();
  await store.close();
});

const post = (path: string, body: unknown) =>
  fetch(api + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
/** Leaves the subscriber at an S-CSCF that nobody is connected to. */
const gone = (name: string, host = 'away') =>
  setStatusOf(store, name, {
    server: {
      name: `sip:${host}.ims.example`,
      diameterHost: `${host}.ims.example`,
      diameterRealm: 'ims.example',
    },
  });
interface List {
  items: { id: number; outcome: string | null; [name: string]: unknown }[];
}

test('[29.228-6.1.3] POST deregister writes the RTR, GET /v1/pushes shows its outcome', async () => {
  await register(store, 'anna', registeredWith('anna@ims.example'));
  client.serve = () => ({ resultCode: 2001 });
  const response = await post('/v1/subscriptions/anna/deregister', {
    reasonCode: 'SERVER_CHANGE',
    reasonInfo: 'moved',
  });
  expect(response.status).toBe(202);
  const {
    items: [entry],
  } = (await response.json()) as List;
  expect(entry).toMatchObject({
    command: 'RTR',
    subscription: 'anna',
    cause: 'manual',
    reasonCode: 'SERVER_CHANGE',
    reasonInfo: 'moved',
    privateIdentities: ['anna@ims.example'],
    sets: ['default'],
  });
  await completed(store, entry?.id ?? 0);
  const { items } = (await (await fetch(`${api}/v1/pushes?subscription=anna&open=false`)).json()) as List;
  expect(items).toEqual([
    expect.objectContaining({ id: entry?.id, outcome: 'success', detail: 'DIAMETER_SUCCESS', attempts: 1 }),
  ]);
  expect((await status(store, 'anna')).server).toBeNull();
});

test('[29.228-6.1.3] without a reason: PERMANENT_TERMINATION, or REMOVE_S-CSCF for who is only served unregistered', async () => {
  await register(store, 'bert', { default: { state: 'unregistered', privateIdentities: {} } });
  const { items } = (await (await post('/v1/subscriptions/bert/deregister', {})).json()) as List;
  expect(items).toEqual([expect.objectContaining({ reasonCode: 'REMOVE_S-CSCF' })]);
  await completed(store, items[0]?.id ?? 0);
});

test('[29.228-6.2.2] POST push writes a PPR for each set', async () => {
  await register(store, 'cleo', registeredWith('cleo@ims.example'));
  const { items } = (await (await post('/v1/subscriptions/cleo/push', {})).json()) as List;
  expect(items).toEqual([
    expect.objectContaining({
      command: 'PPR',
      sets: ['default'],
      parts: ['userData', 'charging', 'wafWwsf'],
    }),
  ]);
  expect(await completed(store, items[0]?.id ?? 0)).toMatchObject({ outcome: 'success' });
});

test('[29.228-6.1.3.1] "now": only what is asked for is cleared, and a name alone needs no RTR', async () => {
  const two = ['lea1@ims.example', 'lea2@ims.example'];
  await register(store, 'lea', registeredWith(...two), {
    privateIdentities: two.map((identity) => ({ identity })),
  });
  await gone('lea');
  const one = await post('/v1/subscriptions/lea/deregister', {
    now: true,
    privateIdentities: two.slice(0, 1),
  });
  expect(one.status).toBe(202);
  expect(await one.json()).toMatchObject({
    items: [{ command: 'RTR', privateIdentities: ['lea1@ims.example'], outcome: null }],
    cleared: {
      server: null,
      sets: [{ name: 'default', state: 'registered', privateIdentities: two.slice(0, 1) }],
    },
  });
  expect(await status(store, 'lea')).toMatchObject({
    server: { name: 'sip:away.ims.example' },
    sets: {
      default: { state: 'registered', privateIdentities: { 'lea2@ims.example': { registered: true } } },
    },
  });
  // Both without "now": one RTR for each.
  const rest = (await (await post('/v1/subscriptions/lea/deregister', { now: true })).json()) as List;
  expect(rest).toMatchObject({
    items: [{ privateIdentities: ['lea2@ims.example'] }],
    cleared: { server: 'sip:away.ims.example' },
  });

  await register(store, 'max', {});
  const { items, cleared } = (await (
    await post('/v1/subscriptions/max/deregister', { now: true })
  ).json()) as List & { cleared: unknown };
  expect([items, cleared]).toEqual([[], { server: 'sip:scscf1.ims.example:6060', sets: [] }]);
  expect((await status(store, 'max')).server).toBeNull();
  expect((await post('/v1/subscriptions/max/deregister', { now: true })).status).toBe(409);
});

test('[29.228-6.1.3.1] two private identities: one RTR for each', async () => {
  const two = ['nia1@ims.example', 'nia2@ims.example'];
  await register(store, 'nia', registeredWith(...two), {
    privateIdentities: two.map((identity) => ({ identity })),
  });
  client.serve = () => ({ resultCode: 2001 });
  const { items } = (await (await post('/v1/subscriptions/nia/deregister', {})).json()) as List;
  expect(items.map((item) => item['privateIdentities'])).toEqual([two.slice(0, 1), two.slice(1)]);
  for (const { id } of items)
    expect(await completed(store, id)).toMatchObject({ outcome: 'success', effect: 'cleared' });
  expect((await status(store, 'nia')).server).toBeNull();
});

test('what cannot be sent is refused with a reason', async () => {
  await register(store, 'dora', {});
  expect((await post('/v1/subscriptions/dora/deregister', {})).status).toBe(409);
  expect((await post('/v1/subscriptions/dora/push', {})).status).toBe(409);
  expect((await post('/v1/subscriptions/nobody/deregister', {})).status).toBe(404);
  expect((await post('/v1/subscriptions/dora/deregister', { reasonCode: 'BECAUSE' })).status).toBe(422);
  expect(
    (await post('/v1/subscriptions/dora/deregister', { privateIdentities: ['x@ims.example'] })).status,
  ).toBe(409);
  expect((await fetch(`${api}/v1/pushes/0`)).status).toBe(404);
});

describe('the command line', () => {
  test('hss deregister by IMPI waits for the outcome and prints it', async () => {
    await register(store, 'emma', registeredWith('emma@ims.example'));
    client.serve = () => ({ resultCode: 2001 });
    const run = await cli([
      '--api',
      api,
      'deregister',
      'emma@ims.example',
      '--reason-code',
      'PERMANENT_TERMINATION',
      '--reason-info',
      'bye',
    ]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(
      /RTR +scscf1\.ims\.example +PERMANENT_TERMINATION +1 +success +DIAMETER_SUCCESS/,
    );
  });

  test('hss push by IMPU; an outcome that is none ends with status 1', async () => {
    await register(store, 'finn', registeredWith('finn@ims.example'));
    client.serve = () => ({ resultCode: 5012 });
    const run = await cli(['--api', api, '--json', 'push', 'sip:finn@ims.example', '--part', 'userData']);
    expect(run.status).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({
      items: [{ command: 'PPR', outcome: 'unableToComply', parts: ['userData'] }],
    });
  });

  test('says so where no outcome came in time', async () => {
    await register(store, 'gina', registeredWith('gina@ims.example'));
    await gone('gina');
    const run = await cli(['--api', api, 'deregister', 'gina', '--wait', '1']);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('waits for a connection to the S-CSCF');
    expect(run.stderr).toContain('no outcome within 1 s');
  });

  test('no answer, but the state is cleared: it says so and ends with status 0', async () => {
    await register(store, 'hans', registeredWith('hans@ims.example'));
    client.serve = () => null;
    const run = await cli(['--api', api, 'deregister', 'hans']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/noAnswer +no answer in time +cleared/);
    expect(run.stdout).toContain('did not confirm it, but the registration state is cleared');
    expect((await status(store, 'hans')).server).toBeNull();
  });

  test('hss deregister --now clears the state at once and says what', async () => {
    await register(store, 'ines', registeredWith('ines@ims.example'));
    await gone('ines');
    const run = await cli(['--api', api, 'deregister', 'ines', '--now']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toContain('cleared: set default, registered (ines@ims.example)');
    expect(run.stdout).toContain('cleared: S-CSCF name sip:away.ims.example');
    const [, id = ''] =
      /RTR to away\.ims\.example is written; "hss pushes show (\d+)"/.exec(run.stdout) ?? [];
    expect(await status(store, 'ines')).toMatchObject({ server: null, sets: {} });

    const list = await cli(['--api', api, 'pushes', 'list', '--host', 'AWAY.ims.example', '--open']);
    expect(list.stdout).toMatch(new RegExp(`${id} +RTR +ines +away.ims.example +PERMANENT_TERMINATION`));
    expect((await cli(['--api', api, 'pushes', 'show', id])).stdout).toMatch(/outcome +open/);
    expect(await cli(['--api', api, 'pushes', 'cancel', id])).toMatchObject({
      status: 0,
      stdout: `push ${id} is cancelled\n`,
    });
    expect((await cli(['--api', api, 'pushes', 'show', id])).stdout).toMatch(/outcome +cancelled/);
    expect(await cli(['--api', api, 'pushes', 'cancel', id])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has its outcome already'),
    });
    expect((await cli(['--api', api, 'pushes', 'show', 'x'])).status).toBe(2);
  });

  test('hss scscf list and forget', async () => {
    for (const name of ['jan', 'kim']) {
      await register(store, name, registeredWith(`${name}@ims.example`));
      await gone(name, 'old');
    }
    const list = await cli(['--api', api, 'scscf', 'list']);
    expect(list.stdout).toMatch(/sip:old\.ims\.example +old\.ims\.example +ims\.example +2 +2/);
    const run = await cli(['--api', api, 'scscf', 'forget', 'sip:old.ims.example']);
    expect(run).toMatchObject({
      status: 0,
      stdout: 'sip:old.ims.example is forgotten: 2 subscriptions cleared, 2 RTRs written\n',
    });
    expect((await status(store, 'kim')).server).toBeNull();
    expect(await cli(['--api', api, 'scscf', 'forget', 'sip:old.ims.example'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No subscription has the S-CSCF name'),
    });
  });

  test('nobody of that name', async () => {
    expect(await cli(['--api', api, 'deregister', 'nobody'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no subscription has the identity or id "nobody"'),
    });
  });
});

test('a subscription with EPS only has nobody to be told of: 409', async () => {
  const document = subscriptionDocument.parse({
    id: 'meter',
    usims: [{ imsi: '262010000000001', aka: { k: '0'.repeat(32), opc: '1'.repeat(32) }, eps: {} }],
  });
  expect(await store.putSubscription(document, {})).toMatchObject({ kind: 'created' });
  const answer = await post('/v1/subscriptions/meter/push', {});
  expect([answer.status, await answer.json()]).toMatchObject([
    409,
    { detail: 'Nothing is sent: the subscription has no private identity.' },
  ]);
  await store.deleteSubscription('meter', {});
});
