/**
 * The user is back before the HSS has accounted for the answer to its RTR: the S-CSCF sends the SAR of the
 * new registration right after the RTA, and its commit comes first. What is registered then is not what the
 * RTR was about [29.228-6.1.3.1].
 */
import type { TestStore } from '../support/database';
import { PostgresOutbox } from '../../src/store/outbox';
import { completed, enqueue, register, registeredWith, seeded, server, status } from './support';
import { connected, endServers, startWhole } from './whole-server';

let url: string;
let store: TestStore;

beforeEach(async () => {
  ({ url, store } = await seeded());
}, 60_000);
afterEach(async () => {
  jest.restoreAllMocks();
  await endServers();
  await store.close();
});

const REGISTRATION = 1;
const RE_REGISTRATION = 2;
const UNREGISTERED_USER = 3;

const asked = (name: string, serverAssignmentType: number, number = '') => ({
  userName: `${name}${number}@ims.example`,
  publicIdentity: [`sip:${name}@ims.example`],
  serverName: server.name,
  serverAssignmentType,
  userDataAlreadyAvailable: 1,
});

/**
 * Lets `between` happen after the answer came and before its outcome is committed. The real commit follows.
 */
function beforeTheOutcome(between: () => Promise<void>): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own object below
  const complete = PostgresOutbox.prototype.complete;
  let first = true;
  jest.spyOn(PostgresOutbox.prototype, 'complete').mockImplementation(async function late(
    this: PostgresOutbox,
    ...args
  ) {
    if (first) {
      first = false;
      await between();
    }
    return complete.apply(this, args);
  });
}

const rtr = (
  name: string,
  reasonCode: 'PERMANENT_TERMINATION' | 'SERVER_CHANGE' | 'REMOVE_S-CSCF',
  change: object = {},
) => ({
  kind: 'cx.RTR' as const,
  payload: {
    cause: 'manual' as const,
    reasonCode,
    userName: `${name}@ims.example`,
    associatedIdentities: [],
    sets: [{ name: 'default', publicIdentities: [`sip:${name}@ims.example`] }],
    ...change,
  },
});

test.each(['PERMANENT_TERMINATION', 'SERVER_CHANGE'] as const)(
  '%s: the registration that came right after the answer stays',
  async (reasonCode) => {
    await register(store, 'anna', registeredWith('anna@ims.example'));
    const client = await connected(await startWhole(url));
    client.serve = () => ({ resultCode: 2001 });
    beforeTheOutcome(async () => {
      expect((await client.request('SAR', asked('anna', REGISTRATION))).result).toBe('2001');
    });
    const [id = 0] = await enqueue(store, 'anna', rtr('anna', reasonCode));
    expect(await completed(store, id)).toMatchObject({ outcome: 'success' });
    expect(await status(store, 'anna')).toMatchObject({
      server,
      sets: {
        default: { state: 'registered', privateIdentities: { 'anna@ims.example': { registered: true } } },
      },
    });
    client.close();
  },
  30_000,
);

test('the same for the unregistered state', async () => {
  await register(store, 'bert', { default: { state: 'unregistered', privateIdentities: {} } });
  const client = await connected(await startWhole(url));
  client.serve = () => ({ resultCode: 2001 });
  beforeTheOutcome(async () => {
    expect((await client.request('SAR', asked('bert', UNREGISTERED_USER))).result).toBe('2001');
  });
  const [id = 0] = await enqueue(store, 'bert', rtr('bert', 'REMOVE_S-CSCF'));
  expect(await completed(store, id)).toMatchObject({ outcome: 'success' });
  expect(await status(store, 'bert')).toMatchObject({ server, sets: { default: { state: 'unregistered' } } });
  client.close();
}, 30_000);

test('a de-registration and a new registration in between: it stays as well', async () => {
  await register(store, 'cleo', registeredWith('cleo@ims.example'));
  const client = await connected(await startWhole(url));
  client.serve = () => ({ resultCode: 2001 });
  beforeTheOutcome(async () => {
    for (const type of [5, REGISTRATION])
      expect((await client.request('SAR', asked('cleo', type))).result).toBe('2001');
  });
  const [id = 0] = await enqueue(store, 'cleo', rtr('cleo', 'PERMANENT_TERMINATION'));
  expect(await completed(store, id)).toMatchObject({ outcome: 'success' });
  expect((await status(store, 'cleo')).sets['default']?.state).toBe('registered');
  client.close();
}, 30_000);

test('a re-registration that crossed the RTR is no new registration: it ends, and so does what another private identity did not renew', async () => {
  await register(store, 'dora', registeredWith('dora1@ims.example', 'dora2@ims.example'), {
    privateIdentities: [{ identity: 'dora1@ims.example' }, { identity: 'dora2@ims.example' }],
  });
  const client = await connected(await startWhole(url, { push: { combinePrivateIdentities: true } }));
  client.serve = () => ({ resultCode: 2001, associatedIdentities: { userName: ['dora2@ims.example'] } });
  beforeTheOutcome(async () => {
    expect((await client.request('SAR', asked('dora', RE_REGISTRATION, '1'))).result).toBe('2001');
    expect((await client.request('SAR', asked('dora', REGISTRATION, '2'))).result).toBe('2001');
  });
  const [id = 0] = await enqueue(
    store,
    'dora',
    rtr('dora', 'PERMANENT_TERMINATION', {
      userName: 'dora1@ims.example',
      associatedIdentities: ['dora2@ims.example'],
    }),
  );
  expect(await completed(store, id)).toMatchObject({ outcome: 'success' });
  expect(Object.keys((await status(store, 'dora')).sets['default']?.privateIdentities ?? {})).toEqual([
    'dora2@ims.example',
  ]);
  client.close();
}, 30_000);

test('registered anew before the RTR could be sent: it is not sent', async () => {
  await register(store, 'emma', registeredWith('emma@ims.example'));
  const [id = 0] = await enqueue(store, 'emma', rtr('emma', 'PERMANENT_TERMINATION'));
  // Its way to the HSS is another one.
  const whole = await startWhole(url, {
    // Longer than a busy machine takes from the connection to the SAR.
    push: { pollMs: 6_000 },
    peers: [{ identity: 'relay.ims.example', role: 'relay' }],
  });
  const other = await connected(whole, 'relay.ims.example');
  expect(
    (await other.request('SAR', { ...asked('emma', REGISTRATION), originHost: 'scscf1.ims.example' })).result,
  ).toBe('2001');
  expect(await completed(store, id)).toMatchObject({ outcome: 'superseded', detail: 'not sent' });
  expect(other.requests).not.toContain('RTR');
  other.close();
}, 30_000);
