/** The dispatcher with the Cx application over the real store on a real database. */
import { numberOf, statusUnit } from '../../support/states';
import { storedModules } from '../../../src/wiring/applications';
import net from 'node:net';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import type { Application, CommandHandler } from '../../../src/diameter/dispatch/contract';
import { Dispatcher, type DispatcherOptions } from '../../../src/diameter/dispatch/dispatcher';
import {
  StoreUnavailableError,
  type CommitOutcome,
  type StateStore,
  type UnitOfWork,
} from '../../../src/state/ports';
import type { RegistrationStatus } from '../../../src/apps/cx/state/registration-status';
import { systemClock, systemRandom } from '../../../src/shared/clock';
import { decodeMessage, DEFAULT_DECODE_LIMITS } from '../../../src/diameter/codec/decode';
import { Usim } from '../../ims/support/usim';
import { aka, putSharedSets, simple } from '../../store/documents';
import {
  AVP,
  cxAnswer,
  cxRequest,
  dictionary,
  wireCodes,
  withMandatoryBit,
  withoutAvp,
} from '../../support/cx-messages';
import { freshDatabase, openStore, testKeyRing, type TestStore } from '../../support/database';
import {
  cxSettings,
  delivered,
  Delivered,
  hss,
  icscf,
  RecordingEvents,
  RecordingLogger,
  scscf,
  unbounded,
} from './support';

const REFUSED = 'sip:alice@ims.example';
const SERVER = 'sip:scscf1.ims.example:6060';
const userCount = 20;

let store: TestStore;
let url: string;
let logger: RecordingLogger;
let events: RecordingEvents;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
  for (let number = 1; number <= userCount; number += 1)
    await store.putSubscription(simple(`user${number}`, number), {});
});

afterAll(async () => {
  await store.close();
});

beforeEach(() => {
  logger = new RecordingLogger();
  events = new RecordingEvents();
});

function cxApplication(): Application {
  return createCxApplication(cxSettings, new Set(['SiFC', 'AliasInd', 'IMSRestorationInd']), {
    open: (sealed, owner) => unseal(sealed, owner, testKeyRing),
  });
}

function dispatcher(change: Partial<DispatcherOptions> = {}): Dispatcher {
  return new Dispatcher({
    head: storedModules.head,
    node: hss,
    applications: [cxApplication()],
    store,
    dictionary,
    clock: systemClock,
    random: systemRandom,
    logger,
    events,
    duplicates: { windowMs: 30_000, maxAnswers: 1_000, maxOctets: 1_000_000 },
    maxInProgressCount: 1_000,
    maxCommitAttempts: 4,
    maxServiceMs: 10_000,
    ...change,
  });
}

let users = 0;

/** A subscriber that no other test has touched. */
function nextUser(): { userName: string; publicIdentity: string } {
  users += 1;
  if (users > userCount) throw new Error('provision more users');
  return { userName: `user${users}@ims.example`, publicIdentity: `sip:user${users}@ims.example` };
}

type User = ReturnType<typeof nextUser>;

function mar(user: User, avps: object = {}, header = {}): Delivered {
  return delivered(
    'MAR',
    {
      ...user,
      serverName: SERVER,
      sipNumberAuthItems: 1,
      sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
      ...avps,
    },
    header,
    scscf,
  );
}

const uar = (user: User, avps: object = {}, header = {}): Delivered =>
  delivered('UAR', { ...user, visitedNetworkIdentifier: Buffer.from('ims.example'), ...avps }, header, icscf);

async function serve(to: Dispatcher, request: Delivered) {
  to.onRequest(request);
  return request.result();
}

interface AuthItem {
  readonly sipAuthenticate: Buffer;
}

/** The SQN in the first vector of an MAA. @throws Error where AUTN is not genuine */
function sqnOf(answer: Awaited<ReturnType<typeof serve>>): number {
  const [item] = answer.avps['sipAuthDataItem'] as AuthItem[];
  const card = new Usim({ k: Buffer.from(aka.k, 'hex'), opc: Buffer.from(aka.opc, 'hex'), indBits: 5 });
  const challenge = item?.sipAuthenticate ?? Buffer.alloc(0);
  const outcome = card.challenge(challenge.subarray(0, 16), challenge.subarray(16));
  if (outcome.kind !== 'response') throw new Error(outcome.kind);
  return card.sqn;
}

/** The real store, with something done before each commit. */
function meddled(before: (change: UnitOfWork) => Promise<void>): StateStore {
  return {
    load: (request) => store.load(request),
    held: (request) => store.held(request),
    commit: async (change): Promise<CommitOutcome> => {
      await before(change);
      return store.commit(change);
    },
    commitDrawing: async (unit) => {
      await before(unit);
      return store.commitDrawing(unit);
    },
  };
}

/** What another instance does: it gives out one SQN of that subscriber. */
async function otherInstanceGivesOne(other: TestStore, user: User): Promise<number> {
  const quiet = dispatcher({ store: other, logger: new RecordingLogger(), events: new RecordingEvents() });
  return sqnOf(await serve(quiet, mar(user)));
}

describe('load, decide, commit, then answer', () => {
  test('[29.228-6.3.1] the answer leaves after the commit, and what it says is what was committed', async () => {
    const user = nextUser();
    const answer = await serve(dispatcher(), mar(user));
    expect(answer).toMatchObject({ abbreviation: 'MAA', result: '2001' });
    const stored = await store.getStatus({ impi: user.userName });
    expect(numberOf(stored, user.userName)).toBe(sqnOf(answer));
    expect(events.lines).toEqual([`MAR DIAMETER_SUCCESS ${scscf.originHost}`]);
  });

  test('a conflict with another instance: loaded and decided again, no SQN twice', async () => {
    const user = nextUser();
    const other = await openStore(url);
    const given: number[] = [];
    try {
      const meddling = meddled(async () => {
        if (given.length === 0) given.push(await otherInstanceGivesOne(other, user));
      });
      given.push(sqnOf(await serve(dispatcher({ store: meddling }), mar(user))));
    } finally {
      await other.close();
    }
    expect(given[1]).toBeGreaterThan(given[0] ?? Infinity);
    expect(events.count('retried MAR')).toBe(1);
    expect(numberOf(await store.getStatus({ impi: user.userName }), user.userName)).toBe(given[1]);
  });

  test('a decision that turns out otherwise after a conflict is the one that is answered', async () => {
    const user = nextUser();
    let done = false;
    const meddling = meddled(async ({ key, version, head }) => {
      if (done) return;
      done = true;
      // The other instance registers it with another S-CSCF.
      const set = {
        name: 'default',
        state: 'registered' as const,
        privateIdentities: [{ identity: user.userName, registered: true }],
      };
      const server = {
        name: 'sip:scscf2.ims.example',
        diameterHost: 'scscf2.ims.example',
        diameterRealm: 'ims.example',
      };
      await store.commit(
        statusUnit({ key, version }, { ...(head?.value as RegistrationStatus), server, sets: [set] }),
      );
    });
    const request = delivered(
      'SAR',
      {
        ...user,
        publicIdentity: [user.publicIdentity],
        serverName: SERVER,
        serverAssignmentType: 1,
        userDataAlreadyAvailable: 0,
      },
      {},
      scscf,
    );
    const answer = await serve(dispatcher({ store: meddling }), request);
    expect(answer.result).toBe('experimental 5005');
    expect(answer.avps['serverName']).toBe('sip:scscf2.ims.example');
  });

  test('conflicts without end: bounded attempts, then DIAMETER_UNABLE_TO_COMPLY and nothing given out', async () => {
    const user = nextUser();
    const other = await openStore(url);
    let attempts = 0;
    let last = 0;
    try {
      const meddling = meddled(async () => {
        attempts += 1;
        last = await otherInstanceGivesOne(other, user);
      });
      const answer = await serve(dispatcher({ store: meddling, maxCommitAttempts: 3 }), mar(user));
      expect(answer).toMatchObject({
        result: '5012',
        avps: { userName: user.userName, publicIdentity: user.publicIdentity },
      });
    } finally {
      await other.close();
    }
    expect(attempts).toBe(3);
    expect(events.count('retried MAR')).toBe(2);
    expect(numberOf(await store.getStatus({ impi: user.userName }), user.userName)).toBe(last);
    expect(logger.lines.map((line) => line.level)).toEqual(['warn']);
  });

  test('64 MARs at once for one subscriber take turns: every SQN once, no conflict with oneself', async () => {
    const user = nextUser();
    const node = dispatcher();
    const answers = await Promise.all(Array.from({ length: 64 }, () => serve(node, mar(user))));
    expect(new Set(answers.map(sqnOf)).size).toBe(64);
    expect(events.count('retried MAR')).toBe(0);
    expect(node.inProgressCount).toBe(0);
  });

  test('whenIdle resolves when the last one is answered, for everybody who asked', async () => {
    const node = dispatcher();
    const request = mar(nextUser());
    node.onRequest(request);
    expect(node.inProgressCount).toBe(1);
    await Promise.all([node.whenIdle(), node.whenIdle()]);
    expect(request.answers).toHaveLength(1);
  });
});

describe('the store is away', () => {
  let away: TestStore;

  beforeAll(async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    away = await openStore(`postgresql://hss:hidden-password@127.0.0.1:${port}/hss`);
  });

  afterAll(async () => {
    await away.close();
  });

  test('[29.228-6.3.1] MAA with DIAMETER_UNABLE_TO_COMPLY, User-Name and Public-Identity, at once', async () => {
    const user = { userName: 'user1@ims.example', publicIdentity: 'sip:user1@ims.example' };
    const started = performance.now();
    const answer = await serve(dispatcher({ store: away }), mar(user));
    expect(answer).toMatchObject({ abbreviation: 'MAA', result: '5012', avps: user });
    expect(answer.header.error).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('[29.228-6.1.1.1] [29.228-6.1.4.1] UAA, LIA and SAA say DIAMETER_UNABLE_TO_COMPLY too; the log says why, without the password', async () => {
    const user = { userName: 'user1@ims.example', publicIdentity: 'sip:user1@ims.example' };
    const node = dispatcher({ store: away });
    expect((await serve(node, uar(user))).result).toBe('5012');
    expect((await serve(node, delivered('LIR', { publicIdentity: user.publicIdentity }))).result).toBe(
      '5012',
    );
    const sar = {
      ...user,
      publicIdentity: [user.publicIdentity],
      serverName: SERVER,
      serverAssignmentType: 1,
      userDataAlreadyAvailable: 0,
    };
    expect((await serve(node, delivered('SAR', sar, {}, scscf))).result).toBe('5012');
    expect(logger.lines).toHaveLength(3);
    for (const line of logger.lines) {
      expect(line.level).toBe('warn');
      expect(line.fields['peer']).toBeDefined();
      expect(line.message).toMatch(/not served: database: /);
    }
    expect(JSON.stringify(logger.lines)).not.toContain('hidden-password');
  });

  test('what could not be served is not kept: the retransmission finds the store back', async () => {
    const user = nextUser();
    let isAway = true;
    const node = dispatcher({
      store: {
        load: (request) => (isAway ? away : store).load(request),
        held: () => null,
        commit: (change) => store.commit(change),
        commitDrawing: (unit) => store.commitDrawing(unit),
      },
    });
    const ids = { endToEndId: 900 };
    const session = { sessionId: 'scscf1.ims.example;9;9' };
    expect((await serve(node, mar(user, session, ids))).result).toBe('5012');
    isAway = false;
    expect((await serve(node, mar(user, session, { ...ids, retransmitted: true }))).result).toBe('2001');
    expect(events.count('duplicate MAR')).toBe(0);
  });
});

describe('the store hangs', () => {
  /** The real store behind a gate. */
  function gated(): {
    readonly store: StateStore;
    readonly open: () => void;
    readonly commits: () => number;
  } {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let commits = 0;
    return {
      store: {
        held: () => null,
        load: async (request) => {
          await gate;
          return store.load(request);
        },
        commit: (change) => {
          commits += 1;
          return store.commit(change);
        },
        commitDrawing: (unit) => {
          commits += 1;
          return store.commitDrawing(unit);
        },
      },
      open: () => open(),
      commits: () => commits,
    };
  }

  test('[29.228-6.3.1] DIAMETER_UNABLE_TO_COMPLY when the time is up, once, to every copy; nothing is committed for it afterwards', async () => {
    const user = nextUser();
    const gate = gated();
    const node = dispatcher({ store: gate.store, maxServiceMs: 100 });
    const session = { sessionId: 'scscf1.ims.example;7;7' };
    const requests = [
      mar(user, session, { endToEndId: 700, hopByHopId: 1 }),
      mar(user, session, { endToEndId: 700, hopByHopId: 2 }),
      mar(user),
    ];
    const started = performance.now();
    for (const request of requests) node.onRequest(request);
    const answers = await Promise.all(requests.map((request) => request.result()));
    expect(performance.now() - started).toBeGreaterThan(95);
    expect(answers.map(({ result }) => result)).toEqual(['5012', '5012', '5012']);
    expect(node.inProgressCount).toBe(2);
    gate.open();
    await node.whenIdle();
    expect(gate.commits()).toBe(0);
    expect(requests.map((request) => request.answers.length)).toEqual([1, 1, 1]);
    expect(events.lines.filter((line) => line.startsWith('MAR'))).toHaveLength(2);
    expect((await serve(node, mar(user, session, { endToEndId: 700 }))).result).toBe('2001');
  });

  test('a request that is done in time is answered once and is not waited for any more', async () => {
    const node = dispatcher({ maxServiceMs: 500 });
    const request = mar(nextUser());
    expect((await serve(node, request)).result).toBe('2001');
    await new Promise((resolve) => {
      setTimeout(resolve, 550);
    });
    expect(request.answers).toHaveLength(1);
  });
});

describe('retransmissions through the dispatcher', () => {
  test('[6733-5.5.4] a copy is done once: the same vector, the same octets but for the Hop-by-Hop Identifier', async () => {
    const user = nextUser();
    const node = dispatcher();
    const session = { sessionId: 'scscf1.ims.example;8;8' };
    const first = mar(user, session, { hopByHopId: 1, endToEndId: 800 });
    const early = mar(user, session, { hopByHopId: 2, endToEndId: 800 });
    const late = mar(user, session, { hopByHopId: 3, endToEndId: 800, retransmitted: true });
    node.onRequest(first);
    node.onRequest(early);
    await Promise.all([first.answered, early.answered]);
    node.onRequest(late);
    await late.answered;
    const withoutHop = [first, early, late].map(
      ({ octets }) => `${octets.toString('hex', 0, 12)}${octets.toString('hex', 16)}`,
    );
    expect(new Set(withoutHop).size).toBe(1);
    expect([first, early, late].map(({ octets }) => octets.readUInt32BE(12))).toEqual([1, 2, 3]);
    expect(events.lines.sort()).toEqual([
      `MAR DIAMETER_SUCCESS ${scscf.originHost}`,
      'duplicate MAR',
      'duplicate MAR',
    ]);
    const stored = await store.getStatus({ impi: user.userName });
    expect(numberOf(stored, user.userName)).toBe(sqnOf(cxAnswer(first.octets)));
  });

  test('every one of many copies of one unanswered request is answered', async () => {
    const user = nextUser();
    const node = dispatcher();
    const session = { sessionId: 'scscf1.ims.example;8;9' };
    const copies = Array.from({ length: 40 }, (_, i) =>
      mar(user, session, { hopByHopId: i, endToEndId: 801 }),
    );
    for (const copy of copies) node.onRequest(copy);
    const results = await Promise.all(copies.map((copy) => copy.result()));
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['2001', '3004']));
    expect(results[0]?.result).toBe('2001');
  });
});

describe('refusals', () => {
  test('[6733-7.1.3] DIAMETER_TOO_BUSY above the bound, with the E bit; the request may come again', async () => {
    const node = dispatcher({ maxInProgressCount: 1 });
    const first = mar(nextUser());
    const session = { sessionId: 'icscf.ims.example;5;5' };
    const user = nextUser();
    const second = uar(user, session, { endToEndId: 555 });
    node.onRequest(first);
    node.onRequest(second);
    const busy = await second.result();
    expect(busy).toMatchObject({ result: '3004', header: { error: true } });
    expect((await first.result()).result).toBe('2001');
    expect((await serve(node, uar(user, session, { endToEndId: 555, retransmitted: true }))).result).toBe(
      'experimental 2001',
    );
  });

  test.each([
    ['another realm', { destinationRealm: 'other.example' }, '3003'],
    ['another host', { destinationHost: 'hss2.ims.example' }, '3002'],
  ])('[6733-6.1.4] for %s', async (_name, avps, result) => {
    const answer = await serve(dispatcher(), delivered('LIR', { publicIdentity: REFUSED, ...avps }));
    expect(answer).toMatchObject({ result, header: { error: true } });
    expect(answer.avps['errorMessage']).toContain(Object.values(avps)[0]);
  });

  test('[6733-6.1.4] a served realm and our host in another case are served', async () => {
    const answer = await serve(
      dispatcher(),
      delivered('LIR', {
        publicIdentity: REFUSED,
        destinationRealm: 'ROAMING.example',
        destinationHost: 'HSS.IMS.EXAMPLE',
      }),
    );
    expect(answer.result).toBe('experimental 5001');
  });

  test('[6733-7.1.3] a command that an HSS does not serve: DIAMETER_COMMAND_UNSUPPORTED', async () => {
    const answer = await serve(
      dispatcher(),
      delivered('RTR', {
        userName: 'a@ims.example',
        destinationHost: hss.originHost,
        deregistrationReason: { reasonCode: 0 },
      }),
    );
    expect(answer).toMatchObject({ result: '3001', header: { error: true, commandCode: 304 } });
  });

  test('the one line for the operator: check, clause, both identities, peer, Session-Id; no secret', async () => {
    const user = nextUser();
    const node = dispatcher();
    await serve(
      node,
      mar(user, {
        sipAuthDataItem: { sipAuthenticationScheme: 'SIP Digest' },
        sessionId: 'scscf1.ims.example;3;3',
      }),
    );
    expect(logger.lines).toHaveLength(1);
    const [line] = logger.lines;
    expect(line?.level).toBe('info');
    expect(line?.fields).toEqual({
      command: 'MAR',
      result: 'DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED',
      privateIdentity: user.userName,
      publicIdentity: user.publicIdentity,
      peer: scscf.originHost,
      originHost: scscf.originHost,
      sessionId: 'scscf1.ims.example;3;3',
      clause: 'TS 29.228 6.3.1 step 4',
    });
    expect(line?.message).toMatch(
      /^MAR refused with DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED: .*"SIP Digest" is not provisioned.*\(TS 29\.228 6\.3\.1 step 4\)$/,
    );
  });

  test.each([
    [
      'unknown public identity',
      () => uar({ userName: 'user1@ims.example', publicIdentity: 'sip:nobody@ims.example' }),
      '6.1.1.1 step 1',
    ],
    [
      'identities that do not belong together',
      () => uar({ userName: 'user1@ims.example', publicIdentity: 'sip:user2@ims.example' }),
      '6.1.1.1 step 3',
    ],
    [
      'unknown private identity in MAR',
      () => mar({ userName: 'nobody@ims.example', publicIdentity: 'sip:user1@ims.example' }),
      '6.3.1 step 1',
    ],
  ])(
    '[29.228-6.1.1.1] [29.228-6.3.1] %s: both identities and the clause are in the line, and nothing of K or OPc',
    async (_name, make, clause) => {
      const request = make();
      await serve(dispatcher(), request);
      const { userName, publicIdentity } = request.message.avps as User;
      expect(logger.lines.map((line) => line.fields)).toEqual([
        expect.objectContaining({ privateIdentity: userName, publicIdentity, clause: `TS 29.228 ${clause}` }),
      ]);
      expect(JSON.stringify(logger.lines)).not.toMatch(new RegExp([aka.k, aka.opc, aka.op].join('|'), 'i'));
    },
  );

  test('a fault in here is answered, logged as an error and leaves nothing in progress', async () => {
    const faulty: CommandHandler = {
      request: 'LIR',
      senders: ['icscf'],
      answer: 'LIA',
      prepare: () => {
        throw new TypeError('a bug');
      },
      decide: () => {
        throw new TypeError('a bug');
      },
    };
    const application = { ...cxApplication(), handlers: new Map([[302, faulty]]) };
    const node = dispatcher({ applications: [application] });
    expect((await serve(node, delivered('LIR', { publicIdentity: REFUSED }))).result).toBe('5012');
    expect(logger.lines.map((line) => line.level)).toEqual(['error']);
    expect(node.inProgressCount).toBe(0);
  });

  describe('a fault that shows when the answer has left', () => {
    const late = async (change: Partial<DispatcherOptions>): Promise<void> => {
      const rejections: unknown[] = [];
      const note = (reason: unknown): void => void rejections.push(reason);
      process.on('unhandledRejection', note);
      try {
        const node = dispatcher(change);
        const request = mar(nextUser(), { sessionId: 'scscf1.ims.example;8;8' });
        node.onRequest(request);
        await request.answered;
        await node.whenIdle();
        await new Promise((wake) => {
          setTimeout(wake, 20);
        });
        expect(request.answers).toHaveLength(1);
        expect(node.inProgressCount).toBe(0);
      } finally {
        process.off('unhandledRejection', note);
      }
      expect(rejections).toEqual([]);
    };

    test('the store gives up after the deadline did: a warning that says so', async () => {
      await late({
        maxServiceMs: 50,
        store: {
          held: () => null,
          load: () =>
            new Promise((_resolve, reject) => {
              setTimeout(() => reject(new StoreUnavailableError('gone at last')), 150);
            }),
          commit: (change) => store.commit(change),
          commitDrawing: (unit) => store.commitDrawing(unit),
        },
      });
      expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
        'warn MAR not served: not done within 50 ms',
        'warn MAR failed after its answer had left: gone at last',
      ]);
      expect(logger.lines[1]?.fields).toMatchObject({
        peer: scscf.originHost,
        sessionId: 'scscf1.ims.example;8;8',
        command: 'MAR',
      });
    });

    test('an error in here: an error with its cause', async () => {
      const failing = Object.assign(new RecordingEvents(), {
        requestAnswered: () => {
          throw new TypeError('a bug in who listens');
        },
      });
      await late({ events: failing });
      expect(logger.lines).toEqual([
        expect.objectContaining({
          level: 'error',
          message: 'MAR failed after its answer had left: internal error',
          fields: expect.objectContaining({ err: expect.any(TypeError) }),
        }),
      ]);
    });

    test('where not even the refusal can be made: still one answer, and a line for each', async () => {
      const broken: CommandHandler = {
        request: 'MAR',
        answer: 'MAA',
        senders: ['scscf'],
        prepare: () => {
          throw new TypeError('first');
        },
        decide: () => {
          throw new TypeError('never');
        },
        errorAvps: () => {
          throw new TypeError('second');
        },
      };
      await late({ applications: [{ ...cxApplication(), handlers: new Map([[303, broken]]) }] });
      expect(logger.lines.map(({ level, fields }) => [level, (fields['err'] as Error).message])).toEqual([
        ['error', 'first'],
        ['error', 'second'],
      ]);
    });
  });

  test("[6733-7.1.5] a request that misses an AVP: 5005 with Failed-AVP, Session-Id and the application's AVPs", () => {
    const whole = mar(
      { userName: 'a@ims.example', publicIdentity: REFUSED },
      { sessionId: 'scscf1.ims.example;2;2' },
    ).message.bytes;
    const decoding = decodeMessage(withoutAvp(whole, AVP.serverName), dictionary, DEFAULT_DECODE_LIMITS);
    if (decoding.ok) throw new Error('Server-Name is not required in MAR');
    const answers: Buffer[] = [];
    dispatcher().onUndecodable({
      ...unbounded,
      peer: scscf,
      failure: decoding.failure,
      answer: (answer) => answers.push(answer) > 0,
    });
    expect(answers.map((answer) => wireCodes(answer)[0])).toEqual([AVP.sessionId]);
    const [answer = Buffer.alloc(0)] = answers;
    expect(cxAnswer(answer)).toMatchObject({
      result: '5005',
      avps: { sessionId: 'scscf1.ims.example;2;2' },
      header: { error: false },
    });
    expect(wireCodes(answer)).toEqual(
      expect.arrayContaining([AVP.failedAvp, AVP.vendorSpecificApplicationId, AVP.authSessionState]),
    );
  });
});

describe('features', () => {
  /** A request with one Supported-Features AVP, its M bit set. */
  function demanding(
    command: 'UAR' | 'MAR' | 'LIR',
    avps: object,
    featureList: number,
    origin = scscf,
  ): Delivered {
    const bytes = cxRequest(command, origin, {
      ...avps,
      supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList }],
    });
    return new Delivered(withMandatoryBit(bytes, AVP.supportedFeatures), origin);
  }

  test('[29.229-7.2.1] an unsupported feature with the M bit: 5011, our list, nothing loaded, the identities in MAA and in the log', async () => {
    const user = nextUser();
    const mustNotLoad: StateStore = {
      held: () => null,
      load: () => Promise.reject(new Error('loaded')),
      commit: () => Promise.reject(new Error('committed')),
      commitDrawing: () => Promise.reject(new Error('committed')),
    };
    const node = dispatcher({ store: mustNotLoad });
    const request = {
      ...user,
      serverName: SERVER,
      sipNumberAuthItems: 1,
      sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
    };
    const answer = await serve(node, demanding('MAR', request, 0x8000_0000));
    expect(answer).toMatchObject({ result: 'experimental 5011', header: { error: false }, avps: user });
    // SiFC, AliasInd, IMSRestorationInd: the whole list, although a MAR uses none of them.
    expect(answer.avps['supportedFeatures']).toMatchObject([
      { vendorId: 10_415, featureListId: 1, featureList: 0b111 },
    ]);
    expect(logger.lines[0]?.fields).toMatchObject({
      clause: 'TS 29.229 7.2.1',
      privateIdentity: user.userName,
      publicIdentity: user.publicIdentity,
    });
  });

  test('[29.229-7.2.1] supported features with the M bit are served, and so are unsupported ones without it', async () => {
    const node = dispatcher();
    expect((await serve(node, demanding('LIR', { publicIdentity: REFUSED }, 0b111))).result).toBe(
      'experimental 5001',
    );
    const optional = delivered('LIR', {
      publicIdentity: REFUSED,
      supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList: 0x8000_0000 }],
    });
    const answer = await serve(node, optional);
    expect(answer.result).toBe('experimental 5001');
    expect(answer.avps['supportedFeatures']).toMatchObject([{ featureList: 0b100 }]);
  });

  test('[29.229-7.2] an answer that says that something went wrong carries our list too, decoded request or not', async () => {
    const away: StateStore = {
      held: () => null,
      load: () => Promise.reject(new StoreUnavailableError('away')),
      commit: () => Promise.reject(new StoreUnavailableError('away')),
      commitDrawing: () => Promise.reject(new StoreUnavailableError('away')),
    };
    const request = delivered('LIR', { publicIdentity: REFUSED });
    const answer = await serve(dispatcher({ store: away }), request);
    expect(answer).toMatchObject({
      result: '5012',
      avps: { supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList: 0b100 }] },
    });
    const decoding = decodeMessage(
      withoutAvp(request.message.bytes, AVP.publicIdentity),
      dictionary,
      DEFAULT_DECODE_LIMITS,
    );
    if (decoding.ok) throw new Error('Public-Identity is not required in LIR');
    const answers: Buffer[] = [];
    dispatcher().onUndecodable({
      ...unbounded,
      peer: scscf,
      failure: decoding.failure,
      answer: (bytes) => answers.push(bytes) > 0,
    });
    expect(cxAnswer(answers[0] ?? Buffer.alloc(0))).toMatchObject({
      result: '5005',
      avps: { supportedFeatures: [{ vendorId: 10_415, featureListId: 1, featureList: 0b100 }] },
    });
  });
});
