/**
 * Several instances on one database: exactly one sends, and the other finishes what a killed one left behind
 * [29.228-6.1.3].
 */
import type { SendOutcome } from '../../src/diameter/peer/contract';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import {
  completed,
  endNodes,
  enqueue,
  forever,
  register,
  registeredWith,
  scscf,
  scscfHost,
  seeded,
  startNode,
  status,
} from './support';

const rtr = (name: string) => ({
  kind: 'cx.RTR' as const,
  payload: {
    cause: 'manual' as const,
    reasonCode: 'PERMANENT_TERMINATION' as const,
    userName: `${name}@ims.example`,
    associatedIdentities: [],
    sets: [{ name: 'default', publicIdentities: [`sip:${name}@ims.example`] }],
  },
});

afterEach(endNodes);

test('two instances, both with a way: each entry is sent exactly once', async () => {
  const { url, store } = await seeded();
  const names = Array.from({ length: 40 }, (_, i) => `u${i}`);
  for (const name of names) await register(store, name, registeredWith(`${name}@ims.example`));
  const nodes = await Promise.all([
    startNode(url, { originHost: 'hss1.ims.example' }),
    startNode(url, { originHost: 'hss2.ims.example' }),
  ]);
  const clients = await Promise.all(nodes.map((node) => scscf(node)));
  const received: string[] = [];
  for (const client of clients) {
    client.serve = ({ avps }) => {
      received.push(String(avps['userName']));
      return { resultCode: 2001 };
    };
  }
  const ids = (await Promise.all(names.map((name) => enqueue(store, name, rtr(name))))).flat();
  for (const id of ids)
    expect(await completed(store, id)).toMatchObject({ outcome: 'success', attemptCount: 1 });
  expect([...received].sort()).toEqual(names.map((name) => `${name}@ims.example`).sort());
  for (const client of clients) client.close();
  await Promise.all(nodes.map((node) => node.stop()));
  await store.close();
}, 30_000);

test.each([
  ['between commit and send', false],
  ['between send and answer', true],
])(
  'an instance that dies %s: the other one sends when the lease ends, and the state is that of the answer',
  async (_when, sends) => {
    const { url, store } = await seeded();
    await register(store, 'anna', registeredWith('anna@ims.example'));
    const received: DecodedMessage<Record<string, unknown>>[] = [];
    let died: () => void = () => undefined;
    const death = new Promise<void>((resolve) => {
      died = resolve;
    });
    // The dying one is as good as killed: what it waits for never comes back.
    const dying = await startNode(url, {
      originHost: 'hss1.ims.example',
      send:
        (send) =>
        (...args): Promise<SendOutcome> => {
          if (sends) void send(...args).then(() => died());
          else died();
          return forever();
        },
    });
    const first = await scscf(dying);
    first.serve = (request) => {
      received.push(request);
      return { resultCode: 2001 };
    };
    const [id = 0] = await enqueue(store, 'anna', rtr('anna'));
    await death;
    void dying.worker.stop();
    expect(received).toHaveLength(sends ? 1 : 0);
    expect((await status(store, 'anna')).sets['default']?.state).toBe('registered');
    const surviving = await startNode(url, { originHost: 'hss2.ims.example' });
    const second = await scscf(surviving, scscfHost, first.serve);
    expect(await completed(store, id)).toMatchObject({ outcome: 'success', attemptCount: 2 });
    expect(received).toHaveLength(sends ? 2 : 1);
    // The same identities and the same reason: no contradiction.
    expect(
      new Set(
        received.map(({ avps }) =>
          JSON.stringify([avps['userName'], avps['publicIdentity'], avps['deregistrationReason']]),
        ),
      ).size,
    ).toBe(1);
    expect((await status(store, 'anna')).server).toBeNull();
    first.close();
    second.close();
    await surviving.stop();
    await store.close();
  },
  30_000,
);

test('one that was too slow finds its lease gone: the outcome of the other one stands', async () => {
  const { url, store } = await seeded();
  await register(store, 'bert', registeredWith('bert@ims.example'));
  const late: ((outcome: SendOutcome) => void)[] = [];
  const slow = await startNode(url, {
    originHost: 'hss1.ims.example',
    send: () => () =>
      new Promise((resolve) => {
        late.push(resolve);
      }),
  });
  const first = await scscf(slow);
  const [id = 0] = await enqueue(store, 'bert', rtr('bert'));
  await new Promise((wake) => {
    setTimeout(wake, 300);
  });
  const other = await startNode(url, { originHost: 'hss2.ims.example' });
  const second = await scscf(other, scscfHost, () => ({
    resultCode: 2002,
    identityWithEmergencyRegistration: [
      { userName: 'bert@ims.example', publicIdentity: 'sip:bert@ims.example' },
    ],
  }));
  expect(await completed(store, id)).toMatchObject({ outcome: 'limitedSuccess' });
  first.close();
  for (const release of late) release({ kind: 'unroutable', detail: 'too late' });
  await new Promise((wake) => {
    setTimeout(wake, 200);
  });
  expect(await store.outbox.get(id)).toMatchObject({
    outcome: 'limitedSuccess',
    detail: 'DIAMETER_LIMITED_SUCCESS',
  });
  expect((await status(store, 'bert')).sets['default']?.state).toBe('unregistered');
  second.close();
  await Promise.all([slow.stop(), other.stop()]);
  await store.close();
}, 30_000);
