/**
 * The outbox worker with a simulated S-CSCF over TCP and a real database: every outcome, and what is left of
 * it [29.228-6.1.3] [29.228-6.2.2].
 */
import type { TestStore } from '../support/database';
import { registrationOf, statusUnit } from '../support/states';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import type { ProfilePayload, TerminationPayload } from '../../src/apps/cx/outgoing/push';
import type { CxClient } from '../support/cx-client';
import { simple } from '../store/documents';
import { wireAvps } from '../support/cx-messages';
import { setsOf } from '../support/status-records';
import {
  completed,
  endNodes,
  enqueue,
  policy,
  realm,
  register,
  registeredWith,
  scscf,
  scscfHost,
  seeded,
  server,
  startNode,
  status,
  type PushNode,
} from './support';

type Request = DecodedMessage<Record<string, unknown>>;

let store: TestStore;
let url: string;
let node: PushNode;
let client: CxClient;
const received: Request[] = [];
/** Whether the S-CSCF gets one RTR for several private identities. */
let combines = false;
afterEach(() => {
  combines = false;
});

const experimental = (code: number) => ({
  experimentalResult: { vendorId: 10_415, experimentalResultCode: code },
});
const success = { resultCode: 2001 };

/** Answers by what the function makes of the request. */
function answering(answer: (request: Request) => object | null): void {
  received.length = 0;
  client.serve = (request) => {
    received.push(request);
    return answer(request);
  };
}

const ppr = (change: Partial<ProfilePayload> = {}) => ({
  kind: 'cx.PPR' as const,
  payload: { cause: 'manual' as const, setName: 'default', parts: ['userData' as const], ...change },
});
const rtr = (name: string, change: Partial<TerminationPayload> = {}) => ({
  kind: 'cx.RTR' as const,
  payload: {
    cause: 'manual' as const,
    reasonCode: 'PERMANENT_TERMINATION' as const,
    userName: `${name}@ims.example`,
    associatedIdentities: [],
    sets: [{ name: 'default', publicIdentities: [`sip:${name}@ims.example`] }],
    ...change,
  },
});

const single = async (name: string) => {
  await register(store, name, registeredWith(`${name}@ims.example`));
};

async function pair(name: string): Promise<void> {
  await register(store, name, registeredWith(`${name}1@ims.example`, `${name}2@ims.example`), {
    privateIdentities: [{ identity: `${name}1@ims.example` }, { identity: `${name}2@ims.example` }],
  });
}

beforeAll(async () => {
  ({ store, url } = await seeded());
  node = await startNode(url, {
    settings: { policyOf: () => ({ ...policy, combinePrivateIdentities: combines }) },
  });
  client = await scscf(node);
}, 60_000);

afterAll(async () => {
  client.close();
  await endNodes();
  await store.close();
});

describe('RTR', () => {
  test('[29.229-6.1.9] is complete, and success commits Not Registered with the outcome', async () => {
    await single('anna');
    answering(() => success);
    const [id = 0] = await enqueue(store, 'anna', rtr('anna', { reasonInfo: 'unpaid bills' }));
    expect(await completed(store, id)).toMatchObject({
      outcome: 'success',
      detail: 'DIAMETER_SUCCESS',
      subscription: 'anna',
      attemptCount: 1,
      kind: 'cx.RTR',
    });
    expect(await status(store, 'anna')).toMatchObject({ server: null, sets: {} });
    const [request] = received;
    expect(request?.header).toMatchObject({
      commandCode: 304,
      applicationId: 16_777_216,
      proxiable: true,
      retransmitted: false,
    });
    expect(request?.avps).toMatchObject({
      vendorSpecificApplicationId: { vendorId: 10_415, authApplicationId: 16_777_216 },
      authSessionState: 1,
      originHost: 'hss1.ims.example',
      originRealm: realm,
      destinationHost: scscfHost,
      destinationRealm: realm,
      userName: 'anna@ims.example',
      publicIdentity: ['sip:anna@ims.example'],
      deregistrationReason: { reasonCode: 0, reasonInfo: 'unpaid bills' },
    });
    expect(request?.avps['associatedIdentities']).toBeUndefined();
    expect(String(request?.avps['sessionId'])).toMatch(/^hss1\.ims\.example;\d+;\d+;\d+$/);
  });

  test('[29.228-6.1.3.1] limited success: who is emergency registered stays, unregistered', async () => {
    await single('bert');
    answering(() => ({
      resultCode: 2002,
      identityWithEmergencyRegistration: [
        { userName: 'bert@ims.example', publicIdentity: 'sip:bert@ims.example' },
      ],
    }));
    const [id = 0] = await enqueue(store, 'bert', rtr('bert'));
    expect(await completed(store, id)).toMatchObject({
      outcome: 'limitedSuccess',
      detail: 'DIAMETER_LIMITED_SUCCESS',
    });
    expect(await status(store, 'bert')).toMatchObject({
      server: { diameterHost: scscfHost },
      sets: { default: { state: 'unregistered' } },
    });
  });

  test('[29.228-6.1.3.1] UNABLE_TO_COMPLY with a list does the same, without one it does not', async () => {
    await single('cleo');
    await single('carl');
    answering((request) =>
      request.avps['userName'] === 'cleo@ims.example'
        ? {
            resultCode: 5012,
            identityWithEmergencyRegistration: [
              { userName: 'cleo@ims.example', publicIdentity: 'sip:cleo@ims.example' },
            ],
          }
        : { resultCode: 5012 },
    );
    const [[cleo = 0], [carl = 0]] = await Promise.all([
      enqueue(store, 'cleo', rtr('cleo')),
      enqueue(store, 'carl', rtr('carl')),
    ]);
    expect(await completed(store, cleo)).toMatchObject({ outcome: 'unableToComply' });
    expect(await completed(store, carl)).toMatchObject({ outcome: 'unableToComply' });
    expect((await status(store, 'cleo')).sets['default']?.state).toBe('unregistered');
    expect((await status(store, 'carl')).sets).toEqual({});
  });

  test('[29.228-6.1.3.1] SERVER_CHANGE whose answer leaves a private identity out is repeated for that one', async () => {
    await pair('dora');
    combines = true;
    answering(() => success);
    const [id = 0] = await enqueue(
      store,
      'dora',
      rtr('dora', {
        reasonCode: 'SERVER_CHANGE',
        userName: 'dora1@ims.example',
        associatedIdentities: ['dora2@ims.example'],
      }),
    );
    await completed(store, id);
    expect((await status(store, 'dora')).server).toBeNull();
    const { items } = await store.outbox.list({ subscription: 'dora' }, null, 10);
    const [follow] = items;
    expect(await completed(store, follow?.id ?? 0)).toMatchObject({
      outcome: 'success',
      payload: { cause: 'remaining', userName: 'dora2@ims.example' },
    });
    expect(received.map(({ avps }) => [avps['userName'], avps['associatedIdentities']])).toEqual([
      ['dora1@ims.example', expect.objectContaining({ userName: ['dora2@ims.example'] })],
      ['dora2@ims.example', undefined],
    ]);
  });

  test('[29.228-6.1.3.1] two private identities of two sets: one RTR for each with its own Public-Identity list, or none with both', async () => {
    const identity = (name: string) => ({ identity: `${name}@ims.example` });
    const set = (name: string, number: string) => ({
      name,
      privateIdentities: [`${number}@ims.example`],
      publicIdentities: [{ identity: `sip:${number}@ims.example`, serviceProfile: 'basic' }],
    });
    for (const [name, combined] of [
      ['split', false],
      ['joint', true],
    ] as const) {
      combines = combined;
      const [first, second] = [`${name}1`, `${name}2`];
      const registered = (number: string) => ({
        state: 'registered' as const,
        privateIdentities: { [`${number}@ims.example`]: { registered: true } },
      });
      await store.putSubscription(
        simple(name, 70_000 + name.length + Number(combined), {
          privateIdentities: [identity(first), identity(second)],
          implicitRegistrationSets: [set('one', first), set('two', second)],
        }),
        {},
      );
      const { snapshot } = await store.load({ impus: [`sip:${first}@ims.example`] });
      if (snapshot === null) throw new Error('not there');
      await store.commit(
        statusUnit(snapshot, {
          ...registrationOf(snapshot),
          server,
          sets: setsOf({ one: registered(first), two: registered(second) }),
        }),
      );
      answering(() => ({
        ...success,
        ...(combined ? { associatedIdentities: { userName: [`${second}@ims.example`] } } : {}),
      }));
      await store.deleteSubscription(name, {});
      const { items } = await store.outbox.list({ subscription: name }, null, 10);
      await completed(store, items[0]?.id ?? 0);
      const sent = combined ? 1 : 2;
      while (received.length < sent)
        await new Promise((wake) => {
          setTimeout(wake, 15);
        });
      expect(
        received.map(({ avps }) => [avps['userName'], avps['publicIdentity'], avps['associatedIdentities']]),
      ).toEqual(
        combined
          ? [
              [
                `${first}@ims.example`,
                undefined,
                expect.objectContaining({ userName: [`${second}@ims.example`] }),
              ],
            ]
          : [
              [`${first}@ims.example`, [`sip:${first}@ims.example`], undefined],
              [`${second}@ims.example`, [`sip:${second}@ims.example`], undefined],
            ],
      );
    }
  });

  test('[29.228-6.1.3.1] all private identities in the answer: no repetition', async () => {
    await pair('emma');
    combines = true;
    answering(() => ({ ...success, associatedIdentities: { userName: ['emma2@ims.example'] } }));
    const [id = 0] = await enqueue(
      store,
      'emma',
      rtr('emma', {
        reasonCode: 'SERVER_CHANGE',
        userName: 'emma1@ims.example',
        associatedIdentities: ['emma2@ims.example'],
      }),
    );
    await completed(store, id);
    expect((await store.outbox.list({ subscription: 'emma' }, null, 10)).items).toHaveLength(1);
  });

  test('[6733-5.5.4] no answer: again in the same session with the T bit, a bounded number of times, then visible', async () => {
    await single('finn');
    answering(() => null);
    const [id = 0] = await enqueue(store, 'finn', rtr('finn'));
    expect(await completed(store, id)).toMatchObject({
      outcome: 'noAnswer',
      detail: 'no answer in time',
      attemptCount: 2,
    });
    const [first, second, ...more] = received;
    expect(more).toEqual([]);
    expect([first?.header.retransmitted, second?.header.retransmitted]).toEqual([false, true]);
    expect(second?.avps['sessionId']).toBe(first?.avps['sessionId']);
    expect(second?.header.endToEndId).toBe(first?.header.endToEndId);
    expect((await status(store, 'finn')).sets).toEqual({});
  });

  test('[6733-7.1] too busy is tried again, and the next answer counts', async () => {
    await single('gina');
    let busy = true;
    answering(() => {
      const answer = busy ? { resultCode: 4002 } : success;
      busy = false;
      return answer;
    });
    const [id = 0] = await enqueue(store, 'gina', rtr('gina'));
    expect(await completed(store, id)).toMatchObject({ outcome: 'success', attemptCount: 2 });
  });

  test('of a deleted subscription still goes out, but not where the identity is registered anew', async () => {
    const other = await seeded();
    await register(other.store, 'hugo', registeredWith('hugo@ims.example'));
    const [gone = 0] = await enqueue(other.store, 'hugo', rtr('hugo'));
    await other.store.deleteSubscription('hugo', {});
    const late = await startNode(other.url);
    const scscf2 = await scscf(late, scscfHost, () => success);
    expect(await completed(other.store, gone)).toMatchObject({ outcome: 'success', subscription: 'hugo' });
    scscf2.close();
    await late.stop();

    await register(other.store, 'hugo', registeredWith('hugo@ims.example'));
    const [old = 0] = await enqueue(other.store, 'hugo', rtr('hugo'));
    await other.store.deleteSubscription('hugo', {});
    await register(other.store, 'hugo', registeredWith('hugo@ims.example'));
    const again = await startNode(other.url);
    const scscf3 = await scscf(again);
    expect(await completed(other.store, old)).toMatchObject({ outcome: 'superseded' });
    expect(scscf3.requests).toEqual([]);
    scscf3.close();
    await again.stop();
    await other.store.close();
  }, 30_000);
});

describe('PPR', () => {
  test('[29.229-6.1.11] carries the profile of the moment, and success changes nothing', async () => {
    await single('ines');
    answering(() => success);
    const before = await status(store, 'ines');
    const [id = 0] = await enqueue(store, 'ines', ppr());
    expect(await completed(store, id)).toMatchObject({ outcome: 'success', kind: 'cx.PPR' });
    // But that something was asked of the S-CSCF: the version rises with the entry.
    expect(await status(store, 'ines')).toEqual({ ...before, version: before.version + 1 });
    const [request] = received;
    expect(request?.avps).toMatchObject({ userName: 'ines@ims.example', destinationHost: scscfHost });
    expect(String(request?.avps['userData'])).toContain('<Identity>sip:ines@ims.example</Identity>');
    expect(String(request?.avps['userData'])).toContain('<ServerName>sip:as.ims.example</ServerName>');
    expect(request?.avps['supportedFeatures']).toBeUndefined();
  });

  test('[29.229-7.2] made with features that the S-CSCF supports it says so, with the M bit; refused, it goes again without', async () => {
    const featured = await startNode(url, {
      originHost: 'hss2.ims.example',
      knownFeatures: new Set(['SiFC', 'AliasInd']),
    });
    const knowing = await scscf(featured, 'scscf7.ims.example');
    const wire: Buffer[] = [];
    knowing.socket.prependListener('data', (chunk: Buffer) => wire.push(chunk));
    const bodies: string[] = [];
    knowing.serve = ({ avps }) => {
      bodies.push(String(avps['userData']));
      return avps['supportedFeatures'] === undefined ? success : experimental(5011);
    };
    await single('jana');
    const { snapshot } = await store.load({ impus: ['sip:jana@ims.example'] });
    if (snapshot === null) throw new Error('no jana');
    const entry = { ...ppr(), destinationHost: 'scscf7.ims.example', destinationRealm: realm };
    await store.commit(
      statusUnit(
        snapshot,
        {
          ...registrationOf(snapshot),
          server: {
            name: 'sip:scscf7.ims.example',
            diameterHost: 'scscf7.ims.example',
            diameterRealm: realm,
          },
        },
        [entry],
      ),
    );
    const [first] = (await store.outbox.list({ subscription: 'jana' }, null, 10)).items;
    expect(await completed(store, first?.id ?? 0)).toMatchObject({
      outcome: 'refused',
      detail: 'DIAMETER_ERROR_FEATURE_UNSUPPORTED',
    });
    const [second] = (await store.outbox.list({ subscription: 'jana' }, null, 10)).items;
    expect(await completed(store, second?.id ?? 0)).toMatchObject({
      outcome: 'success',
      payload: { withoutFeatures: true },
    });
    expect(
      bodies.map((body) => [body.includes('SharedIFCSetID'), body.includes('sip:as.ims.example')]),
    ).toEqual([
      [true, false],
      [false, true],
    ]);
    const features = wireAvps(
      wire.find((octets) => octets.readUIntBE(5, 3) === 305) ?? Buffer.alloc(20),
    ).find(({ code }) => code === 628);
    expect((features?.flags ?? 0) & 0xc0).toBe(0xc0);
    knowing.close();
    await featured.stop();
  }, 20_000);

  test.each([
    [5008, 'tooMuchData'],
    [5009, 'notSupportedUserData'],
  ])('[29.228-6.2.2.1] %d: an RTR with SERVER_CHANGE follows', async (code, outcome) => {
    const name = `kim${code}`;
    await single(name);
    answering(({ abbreviation }) => (abbreviation === 'PPR' ? experimental(code) : success));
    const [id = 0] = await enqueue(store, name, ppr());
    expect(await completed(store, id)).toMatchObject({ outcome });
    const [follow] = (await store.outbox.list({ subscription: name }, null, 10)).items;
    expect(await completed(store, follow?.id ?? 0)).toMatchObject({
      kind: 'cx.RTR',
      outcome: 'success',
      payload: { reasonCode: 'SERVER_CHANGE', cause: 'pushFailed' },
    });
    expect(received.map(({ abbreviation }) => abbreviation)).toEqual(['PPR', 'RTR']);
    expect(received[1]?.avps['deregistrationReason']).toMatchObject({ reasonCode: 2 });
    expect(await status(store, name)).toMatchObject({ server: null, sets: {} });
  });

  test('[29.228-6.2.2.1] 5001: the same with the other registered private identity', async () => {
    await pair('lena');
    answering(({ avps }) => (avps['userName'] === 'lena1@ims.example' ? experimental(5001) : success));
    const [id = 0] = await enqueue(store, 'lena', ppr());
    expect(await completed(store, id)).toMatchObject({ outcome: 'userUnknown' });
    const [follow] = (await store.outbox.list({ subscription: 'lena' }, null, 10)).items;
    expect(await completed(store, follow?.id ?? 0)).toMatchObject({ outcome: 'success' });
    expect(received.map(({ avps }) => avps['userName'])).toEqual(['lena1@ims.example', 'lena2@ims.example']);
  });

  test('[29.228-6.2.2.1] 5012 is final', async () => {
    await single('mona');
    answering(() => ({ resultCode: 5012 }));
    const [id = 0] = await enqueue(store, 'mona', ppr());
    expect(await completed(store, id)).toMatchObject({
      outcome: 'unableToComply',
      detail: 'DIAMETER_UNABLE_TO_COMPLY',
      attemptCount: 1,
    });
    expect((await status(store, 'mona')).sets['default']?.state).toBe('registered');
  });

  test('no answer is visible, and each attempt is a new request', async () => {
    await single('nora');
    answering(() => null);
    const [id = 0] = await enqueue(store, 'nora', ppr());
    expect(await completed(store, id)).toMatchObject({ outcome: 'noAnswer', attemptCount: 2 });
    expect(new Set(received.map(({ avps }) => avps['sessionId'])).size).toBe(2);
    expect(received.some(({ header }) => header.retransmitted)).toBe(false);
    expect((await status(store, 'nora')).sets['default']?.state).toBe('registered');
  });

  test('[29.228-6.5.2.4] the digest credential, and nothing in the log of the outbox', async () => {
    await register(store, 'olaf', registeredWith('olaf@ims.example'), {
      privateIdentities: [
        { identity: 'olaf@ims.example', authentication: { sipDigest: { realm, password: 'a secret' } } },
      ],
    });
    answering(() => success);
    const [id = 0] = await enqueue(
      store,
      'olaf',
      ppr({ parts: ['sipDigest'], privateIdentity: 'olaf@ims.example' }),
    );
    expect(JSON.stringify(await completed(store, id))).not.toMatch(/ha1|[0-9a-f]{32}/i);
    expect(received[0]?.avps['sipAuthDataItem']).toMatchObject({
      sipAuthenticationScheme: 'SIP Digest',
      sipDigestAuthenticate: { digestRealm: realm, digestHa1: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
    expect(received[0]?.avps['userData']).toBeUndefined();
  });
});

describe('order, rate and ways', () => {
  test('entries of one subscription go one after the other, in the order of their causes', async () => {
    await single('paul');
    let open = 0;
    let most = 0;
    client.serve = (request) => {
      open += 1;
      most = Math.max(most, open);
      received.push(request);
      setTimeout(() => {
        open -= 1;
      }, 0);
      return success;
    };
    received.length = 0;
    const ids = await enqueue(
      store,
      'paul',
      ppr(),
      ppr({ parts: ['charging', 'userData'] }),
      rtr('paul'),
      ppr(),
    );
    await Promise.all(ids.map((id) => completed(store, id)));
    expect(received.map(({ abbreviation }) => abbreviation)).toEqual(['PPR', 'PPR', 'RTR']);
    expect(most).toBe(1);
    // What came after the RTR had nobody to go to any more.
    expect(await store.outbox.get(ids[3] ?? 0)).toMatchObject({ outcome: 'superseded' });
  });

  test('one S-CSCF gets no more than its rate', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `rate${i}`);
    const slow = await seeded();
    for (const name of names) await register(slow.store, name, registeredWith(`${name}@ims.example`));
    const ids = (await Promise.all(names.map((name) => enqueue(slow.store, name, ppr())))).flat();
    const limited = await startNode(slow.url, { settings: { maxPerSecondPerHost: 20 } });
    const times: number[] = [];
    const there = await scscf(limited, scscfHost, () => {
      times.push(performance.now());
      return success;
    });
    await Promise.all(ids.map((id) => completed(slow.store, id)));
    // 30 at 20 a second, five of them saved up.
    expect((times[29] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000);
    there.close();
    await limited.stop();
    await slow.store.close();
  }, 30_000);

  test('[29.228-J.2.3] where an S-CSCF makes both wait, the command of higher priority goes first', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `prior${i}`);
    const slow = await seeded();
    for (const name of names) await register(slow.store, name, registeredWith(`${name}@ims.example`));
    const ids: number[] = [];
    for (const name of names.slice(0, 8)) ids.push(...(await enqueue(slow.store, name, ppr())));
    for (const name of names.slice(8)) ids.push(...(await enqueue(slow.store, name, rtr(name))));
    // DRMP: 0 is the highest, 10 what is not configured.
    const limited = await startNode(slow.url, {
      settings: { maxPerSecondPerHost: 20, maxInFlightPerHost: 1, priorities: { RTR: 2 } },
    });
    const commands: number[] = [];
    const there = await scscf(limited, scscfHost, ({ header }) => {
      commands.push(header.commandCode);
      return success;
    });
    await Promise.all(ids.map((id) => completed(slow.store, id)));
    expect(commands).toEqual([304, 304, 304, 304, 305, 305, 305, 305, 305, 305, 305, 305]);
    there.close();
    await limited.stop();
    await slow.store.close();
  }, 30_000);

  test('an S-CSCF that is not connected gets it when it is; one behind an agent by the way its requests came', async () => {
    const apart = await seeded();
    await register(apart.store, 'rosa', registeredWith('rosa@ims.example'));
    const [id = 0] = await enqueue(apart.store, 'rosa', ppr());
    const lonely = await startNode(apart.url);
    await new Promise((wake) => {
      setTimeout(wake, 300);
    });
    expect(await apart.store.outbox.get(id)).toMatchObject({ completedAtMs: null, attemptCount: 0 });
    const agent = await scscf(lonely, 'dra.ims.example');
    agent.serve = () => success;
    await new Promise((wake) => {
      setTimeout(wake, 200);
    });
    expect(await apart.store.outbox.get(id)).toMatchObject({ completedAtMs: null, attemptCount: 0 });
    // A request of the S-CSCF, through the agent.
    agent
      .request('SAR', {
        originHost: scscfHost,
        publicIdentity: ['sip:rosa@ims.example'],
        serverName: 'sip:scscf1.ims.example',
        serverAssignmentType: 1,
        userDataAlreadyAvailable: 0,
      })
      .catch(() => undefined);
    expect(await completed(apart.store, id)).toMatchObject({ outcome: 'success' });
    agent.close();
    await lonely.stop();

    const [next = 0] = await enqueue(apart.store, 'rosa', ppr());
    const direct = await startNode(apart.url);
    const itself = await scscf(direct, scscfHost, () => success);
    expect(await completed(apart.store, next)).toMatchObject({ outcome: 'success' });
    itself.close();
    await direct.stop();
    await apart.store.close();
  }, 30_000);

  test('given up after its time, an RTR de-registers all the same, and its outcome is forgotten in the end', async () => {
    const apart = await seeded();
    await register(apart.store, 'sara', registeredWith('sara@ims.example'));
    const [id = 0] = await enqueue(apart.store, 'sara', rtr('sara'));
    await new Promise((wake) => {
      setTimeout(wake, 50);
    });
    const giving = await startNode(apart.url, { settings: { giveUpMs: 10 } });
    expect(await completed(apart.store, id)).toMatchObject({
      outcome: 'notConnected',
      detail: 'no connection led to the S-CSCF',
    });
    expect((await status(apart.store, 'sara')).server).toBeNull();
    await giving.stop();
    const forgetting = await startNode(apart.url, { settings: { keepCompletedMs: 1 } });
    const deadline = performance.now() + 5_000;
    while ((await apart.store.outbox.get(id)) !== null && performance.now() < deadline)
      await new Promise((wake) => {
        setTimeout(wake, 20);
      });
    expect(await apart.store.outbox.get(id)).toBeNull();
    await forgetting.stop();
    await apart.store.close();
  }, 30_000);

  test('an S-CSCF known not to implement PPR gets an RTR instead; without a list of identities where it is configured so', async () => {
    const apart = await seeded();
    await register(apart.store, 'tina', registeredWith('tina@ims.example'));
    const strange = await startNode(apart.url, {
      settings: { policyOf: () => ({ ...policy, profileUpdates: 'rtr', listPublicIdentities: false }) },
    });
    const old = await scscf(strange);
    const got: Request[] = [];
    old.serve = (request) => {
      got.push(request);
      return success;
    };
    const [id = 0] = await enqueue(apart.store, 'tina', ppr());
    expect(await completed(apart.store, id)).toMatchObject({
      outcome: 'replacedByTermination',
      detail: 'not sent',
    });
    const [follow] = (await apart.store.outbox.list({ subscription: 'tina' }, null, 10)).items;
    await completed(apart.store, follow?.id ?? 0);
    expect(got.map(({ abbreviation, avps }) => [abbreviation, avps['publicIdentity']])).toEqual([
      ['RTR', undefined],
    ]);
    old.close();
    await strange.stop();
    await apart.store.close();
  }, 30_000);
});
