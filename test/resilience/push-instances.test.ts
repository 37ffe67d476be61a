/**
 * Two HSS processes on one database and an S-CSCF connected to both: one is killed with its RTR unanswered,
 * the other finishes the job [29.228-6.1.3].
 */
import type { DecodedMessage } from '../../src/diameter/codec/types';
import { CxClient } from '../support/cx-client';
import { freshDatabase, openStore } from '../support/database';
import { mar, sar } from '../system/support/cscf';
import {
  endAll,
  eventually,
  HssProcess,
  temporaryFolder,
  writeConfiguration,
} from '../system/support/hss-process';
import { provision, secretKey, secretsOfUsers, user } from '../system/support/provisioning';

const realm = 'ims.example';
const origin = { originHost: 'scscf1.ims.example', originRealm: realm };
const alice = user('alice');

afterAll(endAll);

test('[29.228-6.1.3] kill -9 between send and answer: the S-CSCF gets the same again from the other instance, the state follows its answer', async () => {
  const url = await freshDatabase();
  const files = [1, 2].map((n) =>
    writeConfiguration(temporaryFolder(), {
      store: { url, secretKey, statementTimeoutMs: 10_000 },
      diameter: { originHost: `hss${n}.${realm}` },
      push: { answerTimeoutMs: 1_000, pollMs: 50 },
    }),
  );
  const instances = await Promise.all(files.map((file) => HssProcess.start(file)));
  await provision(instances[0] as HssProcess, ['alice']);
  const clients = await Promise.all(instances.map((hss) => CxClient.open(hss.diameterPort, origin)));
  await mar(clients[0] as CxClient, alice);
  expect((await sar(clients[0] as CxClient, alice)).result).toBe('2001');

  const received: { at: number; request: DecodedMessage<Record<string, unknown>> }[] = [];
  clients.forEach((client, at) => {
    client.serve = (request) => {
      received.push({ at, request });
      if (received.length > 1) return { resultCode: 2001 };
      instances[at]?.kill('SIGKILL');
      return null;
    };
  });
  // Whichever of the two is asked, whichever sends.
  const response = await fetch(`${(instances[1] as HssProcess).httpUrl}/v1/subscriptions/alice/deregister`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reasonInfo: 'end' }),
  });
  expect(response.status).toBe(202);
  const store = await openStore(url);
  try {
    await eventually(
      async () => (await store.getStatus({ id: 'alice' }))?.status.server === null,
      'alice is de-registered',
      20_000,
    );
    const { items } = await store.outbox.list({ subscription: 'alice' }, null, 10);
    expect(items).toEqual([expect.objectContaining({ kind: 'cx.RTR', outcome: 'success', attemptCount: 2 })]);
  } finally {
    await store.close();
  }
  expect(received).toHaveLength(2);
  expect(received[1]?.at).not.toBe(received[0]?.at);
  expect(
    new Set(
      received.map(({ request: { avps } }) =>
        JSON.stringify([avps['userName'], avps['publicIdentity'], avps['deregistrationReason']]),
      ),
    ).size,
  ).toBe(1);
  for (const client of clients) client.close();
  for (const hss of instances) hss.expectNoSecrets(secretsOfUsers);
}, 120_000);
