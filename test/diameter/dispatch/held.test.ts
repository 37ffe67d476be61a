/**
 * MAR and SAR decided on what the store holds: a round trip less, and never an answer that a committed change
 * contradicts. Two instances on a real database.
 */
import { storedModules } from '../../../src/wiring/applications';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import { Dispatcher } from '../../../src/diameter/dispatch/dispatcher';
import { serviceProfile } from '../../../src/subscriber/subscription-document';
import { limits } from '../../../src/shared/limits';
import { systemClock, systemRandom } from '../../../src/shared/clock';
import type { PostgresStore } from '../../../src/store/postgres-store';
import { Usim } from '../../ims/support/usim';
import { aka, putSharedSets, simple } from '../../store/documents';
import { dictionary } from '../../support/cx-messages';
import { freshDatabase, openStore, testKeyRing } from '../../support/database';
import { cxSettings, delivered, hss, icscf, RecordingEvents, RecordingLogger, scscf } from './support';

const server = 'sip:scscf1.ims.example:6060';
let events: RecordingEvents;
let store: PostgresStore;
let other: PostgresStore;
let here: Dispatcher;
let there: Dispatcher;
const asked = { loads: 0, commits: 0 };
let users = 0;

function instance(on: PostgresStore, recorded: RecordingEvents): Dispatcher {
  return new Dispatcher({
    head: storedModules.head,
    node: hss,
    applications: [
      createCxApplication(cxSettings, new Set(['SiFC']), {
        open: (sealed, owner) => unseal(sealed, owner, testKeyRing),
      }),
    ],
    store: {
      load: (request) => {
        asked.loads += 1;
        return on.load(request);
      },
      held: (request) => on.held(request),
      commit: (change) => {
        asked.commits += 1;
        return on.commit(change);
      },
      commitDrawing: (unit) => {
        asked.commits += 1;
        return on.commitDrawing(unit);
      },
    },
    dictionary,
    clock: systemClock,
    random: systemRandom,
    logger: new RecordingLogger(),
    events: recorded,
    duplicates: { windowMs: 30_000, maxAnswers: 1_000, maxOctets: 1_000_000 },
    maxInProgressCount: 1_000,
    maxCommitAttempts: limits.commitAttemptsCount,
    maxServiceMs: 10_000,
  });
}

beforeAll(async () => {
  const url = await freshDatabase();
  [store, other] = await Promise.all([openStore(url), openStore(url)]);
  await putSharedSets(store);
  await store.importSubscriptions(Array.from({ length: 20 }, (_, i) => simple(`held${i}`, i)));
});

beforeEach(() => {
  events = new RecordingEvents();
  here = instance(store, events);
  there = instance(other, new RecordingEvents());
});

afterAll(() => Promise.all([store.close(), other.close()]));

interface User {
  readonly id: string;
  readonly userName: string;
  readonly publicIdentity: string;
}

const nextUser = (): User => {
  const id = `held${users++}`;
  return { id, userName: `${id}@ims.example`, publicIdentity: `sip:${id}@ims.example` };
};

async function serve(to: Dispatcher, command: 'UAR' | 'LIR' | 'MAR' | 'SAR', avps: object) {
  asked.loads = 0;
  asked.commits = 0;
  const request = delivered(command, avps, {}, command === 'UAR' || command === 'LIR' ? icscf : scscf);
  to.onRequest(request);
  return request.result();
}

const uar = (to: Dispatcher, { userName, publicIdentity }: User) =>
  serve(to, 'UAR', { userName, publicIdentity, visitedNetworkIdentifier: Buffer.from('ims.example') });
const lir = (to: Dispatcher, { publicIdentity }: User) => serve(to, 'LIR', { publicIdentity });
const mar = (to: Dispatcher, { userName, publicIdentity }: User, serverName = server) =>
  serve(to, 'MAR', {
    userName,
    publicIdentity,
    serverName,
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
  });
const sar = (
  to: Dispatcher,
  { userName, publicIdentity }: User,
  serverAssignmentType: number,
  serverName = server,
) =>
  serve(to, 'SAR', {
    userName,
    publicIdentity: [publicIdentity],
    serverName,
    serverAssignmentType,
    userDataAlreadyAvailable: 0,
  });
const REGISTRATION = 1;
const USER_DEREGISTRATION = 5;

type Answer = Awaited<ReturnType<typeof mar>>;

function sqnOf(answer: Answer): number {
  const [item] = answer.avps['sipAuthDataItem'] as readonly { readonly sipAuthenticate: Buffer }[];
  const card = new Usim({ k: Buffer.from(aka.k, 'hex'), opc: Buffer.from(aka.opc, 'hex'), indBits: 5 });
  const challenge = item?.sipAuthenticate ?? Buffer.alloc(0);
  expect(card.challenge(challenge.subarray(0, 16), challenge.subarray(16)).kind).toBe('response');
  return card.sqn;
}

const userData = (answer: Answer): string => (answer.avps['userData'] as Buffer).toString();

test('[29.228-6.3.1] [29.228-6.1.2.1] after a UAR, the MAR and the SAR of a registration are one round trip each', async () => {
  const user = nextUser();
  expect((await uar(here, user)).result).toBe('experimental 2001');
  expect(asked).toEqual({ loads: 1, commits: 0 });
  expect((await mar(here, user)).result).toBe('2001');
  expect(asked).toEqual({ loads: 0, commits: 1 });
  expect((await sar(here, user, REGISTRATION)).result).toBe('2001');
  expect(asked).toEqual({ loads: 0, commits: 1 });
  expect((await lir(there, user)).result).toBe('2001');
});

test('[33.102-C.1.1.2] what is held is out of date: no SQN twice, and not counted as a conflict', async () => {
  const user = nextUser();
  await uar(here, user);
  const first = sqnOf(await mar(there, user));
  const second = sqnOf(await mar(here, user));
  expect(asked).toEqual({ loads: 1, commits: 2 });
  expect(second).toBeGreaterThan(first);
  expect(events.count('retried MAR')).toBe(0);
  // What was committed is held again.
  expect(sqnOf(await mar(here, user))).toBeGreaterThan(second);
  expect(asked).toEqual({ loads: 0, commits: 1 });
});

test('[29.228-6.1.2.1] a decision that changes nothing is made on what is loaded, not on what is held', async () => {
  const user = nextUser();
  await sar(here, user, REGISTRATION);
  await sar(there, user, USER_DEREGISTRATION);
  // Held here: registered with this S-CSCF, so that there would be nothing to commit.
  expect((await sar(here, user, REGISTRATION)).result).toBe('2001');
  expect((await lir(there, user)).avps).toMatchObject({ serverName: server });
});

test('[29.228-6.1.2.1] registered with another S-CSCF meanwhile: DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED', async () => {
  const user = nextUser();
  await uar(here, user);
  await sar(there, user, REGISTRATION, 'sip:scscf2.ims.example');
  const answer = await sar(here, user, REGISTRATION);
  expect(answer).toMatchObject({
    result: 'experimental 5005',
    avps: { serverName: 'sip:scscf2.ims.example' },
  });
});

test('[29.228-6.6] shared data that another instance changed is in the answer', async () => {
  const user = nextUser();
  await uar(here, user);
  await other.putShared(
    'serviceProfiles',
    serviceProfile.parse({
      name: 'basic',
      initialFilterCriteria: [
        {
          priority: 3,
          applicationServer: { serverName: 'sip:new-as.ims.example', defaultHandling: 'SESSION_CONTINUED' },
        },
      ],
    }),
    {},
  );
  const answer = await sar(here, user, REGISTRATION);
  expect(asked).toEqual({ loads: 1, commits: 2 });
  expect(userData(answer)).toContain('sip:new-as.ims.example');
});

test('[29.228-6.3.1] a subscription that another instance changed or deleted', async () => {
  const [changed, moved, deleted] = [nextUser(), nextUser(), nextUser()];
  for (const user of [changed, moved, deleted]) await uar(here, user);
  await other.putSubscription(
    simple(changed.id, 1_000, {
      privateIdentities: [
        {
          identity: `new-${changed.userName}`,
          imsi: '1010000001000',
          authentication: { aka: { k: aka.k, opc: aka.opc } },
        },
      ],
    }),
    {},
  );
  expect((await mar(here, changed)).result).toBe('experimental 5001');
  await other.putSubscription(
    simple(moved.id, 1_001, {
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [{ identity: 'sip:elsewhere@ims.example', serviceProfile: 'basic' }],
        },
      ],
    }),
    {},
  );
  expect((await mar(here, moved)).result).toBe('experimental 5001');
  await other.deleteSubscription(deleted.id, {});
  expect((await sar(here, deleted, REGISTRATION)).result).toBe('experimental 5001');
});

test('[33.102-C.1.1.2] 64 MARs at once through both: every SQN once, and hardly anything loaded here', async () => {
  const user = nextUser();
  await uar(here, user);
  const alone = await Promise.all(Array.from({ length: 64 }, () => mar(here, user)));
  expect(asked.loads).toBe(0);
  const both = await Promise.all(Array.from({ length: 64 }, (_, i) => mar(i % 2 === 0 ? here : there, user)));
  const given = [...alone, ...both].map(sqnOf);
  expect(new Set(given).size).toBe(128);
});
