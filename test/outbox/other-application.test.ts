/**
 * The outbox of a toy application, whose one request is the base protocol's Re-Auth-Request: the worker knows
 * neither the application nor its command, and sends its entries beside those of Cx.
 */
import type { TestStore } from '../support/database';
import { Client } from 'pg';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import { encodeNamed } from '../../src/diameter/codec/encode';
import type { OutgoingKind } from '../../src/outbox/contract';
import type { ClaimedPush } from '../../src/outbox/ports';
import type { SendOutcome } from '../../src/diameter/peer/contract';
import type { CxClient } from '../support/cx-client';
import { dictionary } from '../support/cx-messages';
import {
  completed,
  endNodes,
  realm,
  register,
  registeredWith,
  scscf,
  scscfHost,
  seeded,
  startNode,
  type PushNode,
} from './support';

/** That of the base protocol, which every node knows. */
const TOY_APPLICATION_ID = 0;

let url: string;
let store: TestStore;

beforeAll(async () => {
  ({ url, store } = await seeded());
}, 60_000);

afterEach(endNodes);
afterAll(() => store.close());

const resultOf = (sent: SendOutcome | null): number | null =>
  sent?.kind === 'answer'
    ? ((sent.message.avps as { readonly resultCode?: number }).resultCode ?? null)
    : null;

const request = ({ sessionId, destinationHost, destinationRealm, mayDuplicate, payload }: ClaimedPush) =>
  encodeNamed(
    'RAR',
    { hopByHopId: 0, endToEndId: 7, applicationId: TOY_APPLICATION_ID, retransmitted: mayDuplicate },
    {
      sessionId,
      originHost: 'hss1.ims.example',
      originRealm: realm,
      destinationHost,
      destinationRealm,
      authApplicationId: TOY_APPLICATION_ID,
      reAuthRequestType: 0,
      userName: payload['user'],
    },
    dictionary,
  );

/** What the toy application sends; an answer that says "limited" causes a request of Cx. */
const toyKind: OutgoingKind = {
  priority: 10,
  keepsSessionId: true,
  look: (push) =>
    Promise.resolve({
      ending: push.payload['user'] === 'gone' ? { decision: ended('nobody'), detail: 'nobody' } : null,
      build: () => ({ octets: request(push), ifTooLong: { fields: {}, message: 'choose a shorter name' } }),
      read: (sent) => ({
        detail: `the answer is ${resultOf(sent) ?? 'missing'}`,
        isTransient: sent?.kind === 'timeout',
      }),
      decide: (sent) =>
        resultOf(sent) === 2002
          ? { ...ended('limited'), followUps: [{ ...to, kind: 'cx.PPR', payload: profile }] }
          : ended('reached'),
      again: () => toyKind.look(push, true),
    }),
};

const ended = (outcome: string) => ({ outcome, effect: 'noted', followUps: [] });
const to = { destinationHost: scscfHost, destinationRealm: realm };
const profile = { cause: 'manual', setName: 'default', parts: ['userData'] };
const toys = { kinds: [['toy.RAR', toyKind]] as const };

interface Got {
  readonly command: string;
  readonly sessionId: unknown;
  readonly retransmitted: boolean;
}

/** A destination that answers RAR with the result given, and PPR with success. */
async function destination(node: PushNode, results: (number | null)[], got: Got[]): Promise<CxClient> {
  const client = await scscf(node, scscfHost, (received: DecodedMessage<Record<string, unknown>>) => {
    const { abbreviation, header, avps } = received;
    got.push({
      command: abbreviation,
      sessionId: avps['sessionId'],
      retransmitted: header.retransmitted,
    });
    if (abbreviation !== 'RAR') return { resultCode: 2001 };
    const resultCode = results.shift() ?? null;
    if (resultCode !== null)
      client.write(
        encodeNamed(
          'RAA',
          { ...header, retransmitted: false },
          { sessionId: avps['sessionId'], resultCode, originHost: scscfHost, originRealm: realm },
          dictionary,
        ),
      );
    return null;
  });
  return client;
}

/** Writes entries of the subscription `name`, in order. */
async function write(name: string, ...entries: { kind: string; payload: Record<string, unknown> }[]) {
  const { snapshot } = await store.load({ impus: [`sip:${name}@ims.example`] });
  if (snapshot === null) throw new Error(`no ${name}`);
  const ids = await store.outbox.enqueue(
    snapshot.key,
    snapshot.version,
    entries.map((entry) => ({ ...entry, ...to })),
  );
  if (ids === 'conflict') throw new Error(ids);
  return ids;
}

test('[6733-8.8] a kind of another application is sent, repeated with its Session-Id, and in order with those of Cx', async () => {
  await register(store, 'anna', registeredWith('anna@ims.example'));
  const [first = 0, second = 0] = await write(
    'anna',
    { kind: 'toy.RAR', payload: { user: 'anna' } },
    { kind: 'cx.PPR', payload: profile },
  );
  const node = await startNode(url, toys);
  const got: Got[] = [];
  const client = await destination(node, [null, 2001], got);
  expect(await completed(store, first)).toMatchObject({
    kind: 'toy.RAR',
    outcome: 'reached',
    detail: 'the answer is 2001',
    effect: 'noted',
    attemptCount: 2,
  });
  expect(await completed(store, second)).toMatchObject({ kind: 'cx.PPR', outcome: 'success' });
  expect(got.map(({ command, retransmitted }) => [command, retransmitted])).toEqual([
    ['RAR', false],
    ['RAR', true],
    ['PPR', false],
  ]);
  expect(got[1]?.sessionId).toBe(got[0]?.sessionId);
  client.close();
}, 30_000);

test('an answer to one application causes a request of another; what has become pointless is not sent', async () => {
  await register(store, 'bert', registeredWith('bert@ims.example'));
  const [pointless = 0, limited = 0] = await write(
    'bert',
    { kind: 'toy.RAR', payload: { user: 'gone' } },
    { kind: 'toy.RAR', payload: { user: 'bert' } },
  );
  const node = await startNode(url, toys);
  const got: Got[] = [];
  const client = await destination(node, [2002], got);
  expect(await completed(store, pointless)).toMatchObject({ outcome: 'nobody', detail: 'nobody' });
  expect(await completed(store, limited)).toMatchObject({ outcome: 'limited' });
  const [followUp] = (await store.outbox.list({ subscription: 'bert' }, null, 1)).items;
  expect(await completed(store, followUp?.id ?? 0)).toMatchObject({ kind: 'cx.PPR', outcome: 'success' });
  expect(got.map(({ command }) => command)).toEqual(['RAR', 'PPR']);
  client.close();
}, 30_000);

test('[29.228-J.2.3] a kind with a lower level goes first', async () => {
  for (const name of ['cleo', 'dora']) await register(store, name, registeredWith(`${name}@ims.example`));
  await write('cleo', { kind: 'cx.PPR', payload: profile });
  await write('dora', { kind: 'toy.RAR', payload: { user: 'dora' } });
  const claim = (priority: number) =>
    store.outbox.claim({
      instance: 'one',
      originHost: 'hss1.ims.example',
      leaseMs: 1,
      hosts: [{ host: scscfHost, limitCount: 1 }],
      kinds: [
        { kind: 'cx.PPR', priority: 10, keepsSessionId: false },
        { kind: 'toy.RAR', priority, keepsSessionId: true },
      ],
    });
  const kindsOf = (pushes: readonly ClaimedPush[]) => pushes.map(({ kind }) => kind);
  expect(kindsOf(await claim(0))).toEqual(['toy.RAR']);
  await new Promise((wake) => {
    setTimeout(wake, 20);
  });
  expect(kindsOf(await claim(15))).toEqual(['cx.PPR']);
}, 30_000);

test('an instance without the application leaves its entries to others, until their time is over', async () => {
  await register(store, 'emil', registeredWith('emil@ims.example'));
  const [id = 0] = await write('emil', { kind: 'other.XYZ', payload: {} });
  const node = await startNode(url);
  const client = await destination(node, [], []);
  await new Promise((wake) => {
    setTimeout(wake, 200);
  });
  expect(await store.outbox.get(id)).toMatchObject({ attemptCount: 0, completedAtMs: null });
  await node.stop();
  const sql = new Client({ connectionString: url });
  await sql.connect();
  await sql.query("update outbox set created_at = now() - interval '1 hour' where outbox_key = $1", [id]);
  await sql.end();
  await startNode(url);
  expect(await completed(store, id)).toMatchObject({
    outcome: 'refused',
    detail: 'no application here sends other.XYZ',
    effect: null,
  });
  client.close();
}, 30_000);
