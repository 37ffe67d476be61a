/**
 * Random sequences of requests on one subscription with two private identities and three sets, and what has
 * to hold after each of them. The seed of a failing sequence is in its name. That the same inputs give the
 * same decision, and that no decision changes what it was given, is checked for every request by TestHss
 * itself.
 */
import { isDeepStrictEqual } from 'node:util';
import { assignedServer } from '../../../src/apps/cx/handler';
import { cxLimits } from '../../../src/apps/cx/limits';
import { serverInUse } from '../../../src/apps/cx/state/registration-status';
import { registeredIn, statusOfRecord, type HssStatus } from '../../support/status-records';
import { groups, restorationInfo } from './support/restoration';
import { Seeded } from './support/seeded';
import { alice, PHONE, result, sharedProfiles, TABLET } from './support/subscribers';
import { MAX_PENDING_AGE_MS, SCSCF1, SCSCF2, TestHss } from './support/test-hss';

const SEQUENCES = 100;
const REQUESTS_PER_SEQUENCE = 40;

const bothSchemes = {
  ...alice,
  privateIdentities: alice.privateIdentities.map((entry) => ({
    ...entry,
    authentication: {
      ...entry.authentication,
      sipDigest: { realm: 'ims.example', password: 'secret' },
    },
  })),
};
const publicIdentities = [
  'sip:alice@ims.example',
  'tel:+15550001',
  'sip:001010000000001@ims.example',
  'sip:alice.work@ims.example',
  'sip:alice.phone@ims.example',
  'sip:nobody@ims.example',
];
const errors =
  /^(experimental (ERROR_|SUCCESS_SERVER_NAME_NOT_STORED)|UNABLE_TO_COMPLY|MISSING_AVP|AVP_OCCURS_TOO_MANY_TIMES|AVP_NOT_ALLOWED|INVALID_AVP_LENGTH|AUTHORIZATION_REJECTED)/;

interface Step {
  readonly what: string;
  readonly decision: ReturnType<TestHss['uar'] | TestHss['sar'] | TestHss['mar'] | TestHss['lir']>;
}

function step(hss: TestHss, random: Seeded): Step {
  const userName = random.pick([PHONE, PHONE, TABLET, TABLET, 'nobody@ims.example']);
  const publicIdentity = random.pick(publicIdentities);
  const from = random.pick([
    { serverName: SCSCF1 },
    { serverName: SCSCF1 },
    { serverName: SCSCF2, originHost: 'scscf2.ims.example' },
  ]);
  const kind = random.below(10);
  if (kind === 0)
    return {
      what: 'UAR',
      decision: hss.uar({ userName, publicIdentity, userAuthorizationType: random.pick([0, 1, 2] as const) }),
    };
  if (kind === 1)
    return {
      what: 'LIR',
      decision: hss.lir({
        publicIdentity,
        ...random.maybe({ originatingRequest: 0 as const }),
        ...random.maybe({ userAuthorizationType: 2 as const }, 0.2),
      }),
    };
  if (kind < 5) {
    const sipAuthenticationScheme = random.pick([
      'Digest-AKAv1-MD5',
      'Digest-AKAv1-MD5',
      'SIP Digest',
      'Unknown',
      'NASS-Bundled',
    ]);
    const sipAuthDataItem = {
      sipAuthenticationScheme,
      ...random.maybe({ sipAuthorization: Buffer.alloc(30, random.below(256)) }, 0.1),
    };
    return {
      what: 'MAR',
      decision: hss.mar({
        userName,
        publicIdentity,
        ...from,
        sipAuthDataItem,
        sipNumberAuthItems: random.below(8),
      }),
    };
  }
  const type = random.below(15) as 0;
  const restoration = random.maybe(
    {
      scscfRestorationInfo: restorationInfo(
        userName,
        `c${random.below(3)}`,
        random.maybe({ registrationTimeOut: new Date(hss.nowMs + random.pick([-1, 1]) * 60_000) }, 0.3),
      ),
    },
    0.4,
  );
  const rest = {
    ...restoration,
    ...random.maybe({ multipleRegistrationIndication: 1 as const }, 0.3),
    ...random.maybe({ sarFlags: 1 }, 0.2),
  };
  const list = random.chance(0.1)
    ? []
    : random.chance(0.2)
      ? [publicIdentity, random.pick(publicIdentities)]
      : [publicIdentity];
  return {
    what: `SAR ${type}`,
    decision: hss.sar({
      serverAssignmentType: type,
      ...(random.chance(0.15) ? {} : { userName }),
      publicIdentity: list,
      ...from,
      ...rest,
      userDataAlreadyAvailable: random.pick([0, 1] as const),
    }),
  };
}

/** jest's own expectations would take most of the time of these sequences. */
function holds(condition: boolean, invariant: string): void {
  if (!condition) throw new Error(invariant);
}

function checkSets(status: HssStatus): void {
  for (const set of Object.values(status.sets)) {
    holds(
      registeredIn(set).length > 0 === (set.state === 'registered'),
      'registered means that somebody is; the other states, that nobody is',
    );
    holds(
      set.state !== 'notRegistered' || Object.keys(set.privateIdentities).length > 0,
      'a set that says nothing is not kept',
    );
    holds(
      Object.values(set.privateIdentities).every((entry) => Object.keys(entry).length > 0),
      'an entry that says nothing is not kept',
    );
    holds(
      Object.values(set.privateIdentities).every(
        (entry) => entry.restoration === undefined || entry.registered === true,
      ),
      'restoration information is that of a registration',
    );
    holds(
      Object.values(set.privateIdentities).every(
        (entry) => (entry.restoration?.avp.length ?? 0) <= cxLimits.restorationInfoOctets * 2,
      ),
      'it is bounded',
    );
  }
  holds(
    status.sets['phone-only']?.privateIdentities[TABLET] === undefined,
    'whoever is registered is associated',
  );
}

function checkServer(hss: TestHss, record: HssStatus, before: HssStatus): void {
  const { nowMs } = hss;
  const status = statusOfRecord(record);
  holds(
    !serverInUse(status, nowMs, MAX_PENDING_AGE_MS) || status.server !== null,
    'the S-CSCF name is there for as long as anything needs it',
  );
  const later = nowMs + MAX_PENDING_AGE_MS;
  holds(
    serverInUse(status, later, MAX_PENDING_AGE_MS) ||
      assignedServer(status, later, MAX_PENDING_AGE_MS) === null,
    'a name that nothing needs goes once the flags of lost authentications are too old',
  );
  holds(
    status.server !== null || before.server === null || !status.reassignmentPending,
    'no reassignment of nothing is pending',
  );
}

function checkSequenceNumbers(status: HssStatus, before: HssStatus, { what, decision }: Step): void {
  const { avps } = decision;
  if (what !== 'MAR' || result(decision) !== 'SUCCESS')
    return holds(
      isDeepStrictEqual(status.sequenceNumbers, before.sequenceNumbers),
      'only vectors use SQNs up',
    );
  const vectors = ('sipAuthDataItem' in avps ? (avps.sipAuthDataItem ?? []) : []).filter(
    (item) => item.sipAuthenticate !== undefined,
  ).length;
  const asked = 'userName' in avps ? (avps.userName ?? '') : '';
  for (const name of [PHONE, TABLET]) {
    const from = before.sequenceNumbers[name] ?? 0;
    const to = status.sequenceNumbers[name] ?? 0;
    // IND has five bits.
    holds(
      Math.floor(to / 32) - Math.floor(from / 32) === (name === asked ? vectors : 0),
      'SEQ rises by one with each vector',
    );
    holds(to > from || vectors === 0 || name !== asked, 'SQN rises strictly');
  }
}

/** What a SAA may give away of restoration information, and what an error may change. */
function checkRestoration(hss: TestHss, before: HssStatus, { what, decision }: Step): void {
  if (!what.startsWith('SAR'))
    return holds(decision.encodedAvps === undefined, 'only a SAA carries restoration information');
  const given = groups(decision);
  const stored = Object.values(before.sets).flatMap((set) =>
    Object.keys(set.privateIdentities).filter(
      (name) => set.privateIdentities[name]?.restoration !== undefined,
    ),
  );
  holds(
    given.length === 0 || (hss.settings.imsRestoration && hss.features.has('IMSRestorationInd')),
    'it is for S-CSCFs that announce the feature',
  );
  holds(
    given.every(
      ({ userName }) => stored.includes(userName) || 'associatedRegisteredIdentities' in decision.avps,
    ),
    'what is given was stored',
  );
  holds(
    new Set(given.map(({ userName }) => userName)).size === given.length,
    'one group for each private identity',
  );
}

/**
 * An error leaves all as it was; 5007 with restoration information assigns the S-CSCF and ends the
 * authentication.
 */
function leavesRegistrations(before: HssStatus, after: HssStatus): boolean {
  const shown = (status: HssStatus) =>
    Object.entries(status.sets)
      .filter(([, { state }]) => state !== 'notRegistered')
      .map(([name, set]) => ({
        name,
        state: set.state,
        registered: registeredIn(set).map((impi) => [impi, set.privateIdentities[impi]?.restoration]),
      }));
  return (
    isDeepStrictEqual(shown(before), shown(after)) &&
    isDeepStrictEqual(before.sequenceNumbers, after.sequenceNumbers)
  );
}

function checkOutbox(status: HssStatus, before: HssStatus, { what, decision }: Step): void {
  // Those to serving nodes are another application's.
  const outbox = decision.outbox?.filter(({ kind }) => kind.startsWith('cx.'));
  if (outbox === undefined || (what.startsWith('SAR') && outbox.length === 0)) return;
  holds(
    what === 'MAR' && decision.changes !== undefined && outbox.length > 0,
    'requests of ours come with a change, of a MAR',
  );
  holds(
    outbox.every(
      (entry) =>
        entry.destinationHost === before.server?.diameterHost &&
        entry.destinationHost !== status.server?.diameterHost,
    ),
    'they go to the S-CSCF that was replaced',
  );
  holds(
    outbox.findLastIndex(({ payload }) => payload['reasonCode'] === 'NEW_SERVER_ASSIGNED') <= 0,
    'NEW_SERVER_ASSIGNED comes first, once',
  );
}

function check(hss: TestHss, before: HssStatus, done: Step): void {
  const { decision } = done;
  const status = hss.status();
  checkSets(status);
  checkServer(hss, status, before);
  checkSequenceNumbers(status, before, done);
  checkRestoration(hss, before, done);
  checkOutbox(status, before, done);
  const has = (name: string): boolean => name in decision.avps;
  const refused = errors.test(result(decision)) && !result(decision).includes('NOT_STORED');
  holds(refused === (decision.refusal !== undefined), 'a refusal, and only a refusal, says why');
  const restores =
    result(decision) === 'experimental ERROR_IN_ASSIGNMENT_TYPE' &&
    hss.settings.imsRestoration &&
    hss.features.has('IMSRestorationInd');
  holds(
    !refused || decision.changes === undefined || (restores && leavesRegistrations(before, status)),
    'a refusal changes nothing',
  );
  holds(
    !refused || restores || !(has('userData') || has('sipAuthDataItem') || has('serverCapabilities')),
    'a refusal gives nothing away',
  );
  holds(!(has('serverName') && has('serverCapabilities')), 'a name and capabilities exclude each other');
  holds(
    decision.changes === undefined ||
      !isDeepStrictEqual({ ...status, version: 0 }, { ...before, version: 0 }),
    'nothing is written where nothing changes',
  );
}

describe.each([
  ['restoration on both sides', { features: ['IMSRestorationInd'] }],
  ['restoration at the HSS only', {}],
  ['no restoration, names not kept', { settings: { imsRestoration: false, keepServerName: false } }],
  [
    'restoration and P-CSCF restoration on both sides, all information sent',
    {
      features: ['IMSRestorationInd', 'P-CSCF-Restoration-mechanism'],
      settings: { sendAllRestorationInfo: true, pcscfRestoration: true },
      servingNodes: { needs: [], supportsPcscfRestoration: () => true, restorePcscf: () => [] },
    },
  ],
] as const)('[29.228-6.1.2.1] [29.228-6.3.1] invariants: %s', (_name, options) => {
  test(`${SEQUENCES} sequences of ${REQUESTS_PER_SEQUENCE} requests`, () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= SEQUENCES; seed++) {
      const random = new Seeded(seed);
      const hss = new TestHss({ subscriptions: [bothSchemes], shared: sharedProfiles, ...options });
      for (let count = 0; count < REQUESTS_PER_SEQUENCE; count++) {
        hss.nowMs += random.pick([1, 10, 1_000, MAX_PENDING_AGE_MS]);
        const before = hss.status();
        const done = step(hss, random);
        seen.add(result(done.decision));
        try {
          check(hss, before, done);
        } catch (error) {
          const shown = {
            seed,
            count,
            what: done.what,
            result: result(done.decision),
            before,
            after: hss.status(),
          };
          throw new Error(
            `${JSON.stringify(shown, null, 1)}\n${error instanceof Error ? error.message : String(error)}`,
            { cause: error },
          );
        }
      }
    }
    // The sequences come by all kinds of outcomes, else they would prove little.
    expect(seen.size).toBeGreaterThan(12);
  });
});
