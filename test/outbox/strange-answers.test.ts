/**
 * Answers to RTR and PPR that are no good: the outcome says what was wrong, nothing is asked again [6733-7]
 * [29.229-6.2]. The connection stays, unless the octets of the message do not fit each other: what comes next
 * cannot be trusted then, as for requests.
 */
import type { TestStore } from '../support/database';
import { encodeAvp } from '../../src/diameter/codec/encode';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import type { CxClient } from '../support/cx-client';
import { cxAnswerTo, dictionary } from '../support/cx-messages';
import {
  completed,
  endNodes,
  enqueue,
  register,
  registeredWith,
  scscf,
  seeded,
  startNode,
  status,
  type PushNode,
} from './support';

type Request = DecodedMessage<Record<string, unknown>>;

let store: TestStore;
let node: PushNode;
let client: CxClient;
const received: Request[] = [];

beforeAll(async () => {
  let url: string;
  ({ store, url } = await seeded());
  node = await startNode(url);
  client = await scscf(node);
}, 60_000);

afterAll(async () => {
  client.close();
  await endNodes();
  await store.close();
});

const HEADER_OCTETS = 20;
const origin = { originHost: 'scscf1.ims.example', originRealm: 'ims.example' };

/** The answer's header with these AVPs behind it, whatever they are. */
function withAvps(request: Request, ...avps: Buffer[]): Buffer {
  const good = cxAnswerTo(request, origin, { resultCode: 2001 });
  const octets = Buffer.concat([good.subarray(0, HEADER_OCTETS), ...avps]);
  octets.writeUIntBE(octets.length, 1, 3);
  return octets;
}

const avp = (name: string, value: unknown): Buffer => encodeAvp(name, value, dictionary);
const raw = (code: number, data: Buffer, length = 8 + data.length): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(code, 0);
  head.writeUInt8(0x40, 4);
  head.writeUIntBE(length, 5, 3);
  return Buffer.concat([head, data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
};
const common = (request: Request): Buffer[] => [
  avp('Session-Id', request.avps['sessionId']),
  avp('Auth-Session-State', 1),
  avp('Origin-Host', origin.originHost),
  avp('Origin-Realm', origin.originRealm),
];

const strange: readonly [string, (request: Request) => Buffer, string | RegExp, 'closed'?][] = [
  ['no result at all', (request) => withAvps(request, ...common(request)), 'an answer without a result'],
  [
    'a Result-Code of 3 octets',
    (request) => withAvps(request, ...common(request), raw(268, Buffer.from([0, 7, 0xd1]))),
    /malformed: .*Result-Code/,
  ],
  [
    'two Result-Codes',
    (request) =>
      withAvps(
        request,
        ...common(request),
        raw(268, Buffer.from([0, 0, 7, 0xd1])),
        raw(268, Buffer.from([0, 0, 7, 0xd1])),
      ),
    /malformed: .*Result-Code/,
  ],
  [
    'a Result-Code that nobody knows',
    (request) => withAvps(request, ...common(request), raw(268, Buffer.from([0, 0, 0x27, 0x0f]))),
    'base 9999',
  ],
  [
    'a result of another vendor',
    (request) =>
      cxAnswerTo(request, origin, { experimentalResult: { vendorId: 9, experimentalResultCode: 5001 } }),
    'an answer with result 5001 of vendor 9',
  ],
  [
    'an AVP longer than the message',
    (request) => withAvps(request, ...common(request), raw(268, Buffer.from([0, 0, 7, 0xd1]), 400)),
    /malformed: /,
    'closed',
  ],
  [
    'garbage instead of AVPs',
    (request) => withAvps(request, Buffer.alloc(64, 0xa5)),
    /malformed: /,
    'closed',
  ],
  ['nothing behind the header', (request) => withAvps(request), /malformed: .*Session-Id/],
  [
    'an unknown AVP with the M bit',
    (request) =>
      withAvps(
        request,
        ...common(request),
        raw(268, Buffer.from([0, 0, 7, 0xd1])),
        raw(65_000, Buffer.from('what')),
      ),
    /malformed: /,
  ],
];

const ppr = {
  kind: 'cx.PPR' as const,
  payload: { cause: 'manual' as const, setName: 'default', parts: ['userData' as const] },
};
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

describe.each(strange)('%s', (what, answer, detail, connection) => {
  const name = `u${strange.findIndex(([one]) => one === what)}`;

  beforeAll(async () => {
    await register(store, name, registeredWith(`${name}@ims.example`));
  });
  beforeEach(async () => {
    received.length = 0;
    if (client.isClosed) client = await scscf(node);
    client.serve = (request) => {
      received.push(request);
      client.write(answer(request));
      return null;
    };
  });

  async function expectConnection(): Promise<void> {
    if (connection === 'closed') await client.closed;
    else expect(client.isClosed).toBe(false);
  }

  test('PPA: refused, said why, not repeated; the state stays', async () => {
    const [id = 0] = await enqueue(store, name, ppr);
    expect(await completed(store, id)).toMatchObject({
      outcome: 'refused',
      attemptCount: 1,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
    expect(received).toHaveLength(1);
    expect((await status(store, name)).sets['default']?.state).toBe('registered');
    await expectConnection();
  });

  test('[29.228-6.1.3.1] RTA: the same, and what was to be de-registered is', async () => {
    const [id = 0] = await enqueue(store, name, rtr(name));
    expect(await completed(store, id)).toMatchObject({
      outcome: 'refused',
      attemptCount: 1,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
    expect(received).toHaveLength(1);
    expect((await status(store, name)).server).toBeNull();
    await expectConnection();
  });
});

test('after all of them a good answer is a good one', async () => {
  await register(store, 'last', registeredWith('last@ims.example'));
  client.serve = () => ({ resultCode: 2001 });
  const [id = 0] = await enqueue(store, 'last', ppr);
  expect(await completed(store, id)).toMatchObject({ outcome: 'success' });
  expect(node.peers.snapshot()).toEqual([
    expect.objectContaining({ originHost: 'scscf1.ims.example', state: 'R-Open' }),
  ]);
});

test('a second answer, and one with another hop-by-hop identifier, belong to nobody and are dropped', async () => {
  await register(store, 'twice', registeredWith('twice@ims.example'));
  client.serve = (request) => {
    const good = cxAnswerTo(request, origin, { resultCode: 2001 });
    const foreign = Buffer.from(cxAnswerTo(request, origin, { resultCode: 5012 }));
    foreign.writeUInt32BE((foreign.readUInt32BE(12) ^ 0x5555) >>> 0, 12);
    for (const octets of [foreign, good, good]) client.write(octets);
    return null;
  };
  const [id = 0] = await enqueue(store, 'twice', ppr);
  expect(await completed(store, id)).toMatchObject({
    outcome: 'success',
    detail: 'DIAMETER_SUCCESS',
    attemptCount: 1,
  });
  expect(client.isClosed).toBe(false);
});
