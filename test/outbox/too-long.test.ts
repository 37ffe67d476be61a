/**
 * RTR and PPR that are longer than their S-CSCF takes: never sent, and the outcome says why [29.228-6.2.2]
 * [29.228-6.1.3].
 */
import type { TestStore } from '../support/database';
import type { CxClient } from '../support/cx-client';
import { manyAliasGroups } from '../support/large-profile';
import {
  completed,
  endNodes,
  enqueue,
  registeredWith,
  scscf,
  seeded,
  server,
  setStatusOf,
  startNode,
  status,
} from './support';

let store: TestStore;
let client: CxClient;
const received: string[] = [];

beforeAll(async () => {
  let url: string;
  ({ store, url } = await seeded());
  const node = await startNode(url);
  client = await scscf(node);
  client.serve = (request) => {
    received.push(
      `${request.abbreviation} ${(request.avps['publicIdentity'] as unknown[] | undefined)?.length ?? 0}`,
    );
    return { resultCode: 2001 };
  };
}, 60_000);

afterAll(async () => {
  client.close();
  await endNodes();
  await store.close();
});

test('[29.228-6.2.2] a PPR with 97 KB of User-Data is never sent; the S-CSCF counts as out of date', async () => {
  expect((await store.putSubscription(manyAliasGroups('ten'), {})).kind).toBe('created');
  await setStatusOf(store, 'ten', { server, sets: registeredWith('ten@ims.example') });
  const [id = 0] = await enqueue(store, 'ten', {
    kind: 'cx.PPR',
    payload: { cause: 'manual', setName: 'default', parts: ['userData'] },
  });
  const outcome = await completed(store, id);
  expect(outcome).toMatchObject({ outcome: 'tooLong', attemptCount: 1 });
  expect(outcome.detail).toMatch(/^not sent: \d{5,6} octets, the way there takes 65535 /);
  expect(received).toEqual([]);
  expect(await status(store, 'ten')).toMatchObject({
    server: { name: server.name },
    sets: { default: { state: 'registered', profileOutdated: true } },
  });
  // The connection lives on.
  expect(client.isClosed).toBe(false);
});

test('[29.228-6.1.3.1] an RTR leaves out the Public-Identity AVPs where they make it too long and need not be there', async () => {
  await store.putSubscription(manyAliasGroups('list', 2, { number: 501 }), {});
  await setStatusOf(store, 'list', { server, sets: registeredWith('list@ims.example') });
  const publicIdentities = Array.from({ length: 256 }, (_, i) => `sip:${'x'.repeat(400)}${i}@ims.example`);
  const rtr = (reasonCode: 'PERMANENT_TERMINATION' | 'NEW_SERVER_ASSIGNED') => ({
    kind: 'cx.RTR' as const,
    payload: {
      cause: 'manual' as const,
      reasonCode,
      userName: 'list@ims.example',
      associatedIdentities: [],
      sets: [{ name: 'default', publicIdentities }],
    },
  });
  const [needed = 0] = await enqueue(store, 'list', rtr('NEW_SERVER_ASSIGNED'));
  expect(await completed(store, needed)).toMatchObject({ outcome: 'tooLong' });
  expect(received).toEqual([]);
  await setStatusOf(store, 'list', { server, sets: registeredWith('list@ims.example') });
  const [id = 0] = await enqueue(store, 'list', rtr('PERMANENT_TERMINATION'));
  expect(await completed(store, id)).toMatchObject({ outcome: 'success' });
  expect(received).toEqual(['RTR 0']);
});
