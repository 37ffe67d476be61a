/**
 * Every Server-Assignment-Type in every registration state [29.228-6.1.2.1] step 5: result, resulting state,
 * and whether the S-CSCF name stays.
 */
import { ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import { sent, stored } from './support/restoration';
import {
  alice,
  describeSet,
  PHONE,
  result,
  sharedProfiles,
  statusOf,
  TABLET,
  type SetState,
} from './support/subscribers';
import { TestHss, type TestHssOptions } from './support/test-hss';

/** States of the set that the phone asks about. */
const states = {
  'not registered': {},
  'phone pending': { pending: [PHONE] },
  'tablet pending': { pending: [TABLET] },
  'registered by phone': { registered: [PHONE] },
  'registered by tablet': { registered: [TABLET] },
  'registered by both': { registered: [PHONE, TABLET] },
  unregistered: { state: 'unregistered' },
} as const satisfies Record<string, SetState>;
type StateName = keyof typeof states;

const before: Record<StateName, string> = {
  'not registered': 'notRegistered, no name',
  'phone pending': 'notRegistered pending(phone), name',
  'tablet pending': 'notRegistered pending(tablet), name',
  'registered by phone': 'registered(phone), name',
  'registered by tablet': 'registered(tablet), name',
  'registered by both': 'registered(phone+tablet), name',
  unregistered: 'unregistered, name',
};

/** What is expected: the result, and the state after it ("=" where it stays as it was). */
type Row = Record<StateName, readonly [result: string, after: string]>;

const WRONG_TYPE = 'experimental ERROR_IN_ASSIGNMENT_TYPE';
const NOT_STORED = 'experimental SUCCESS_SERVER_NAME_NOT_STORED';

const registration: Row = {
  'not registered': ['SUCCESS', 'registered(phone), name'],
  'phone pending': ['SUCCESS', 'registered(phone), name'],
  'tablet pending': ['SUCCESS', 'registered(phone) pending(tablet), name'],
  'registered by phone': ['SUCCESS', '='],
  'registered by tablet': ['SUCCESS', 'registered(phone+tablet), name'],
  'registered by both': ['SUCCESS', '='],
  unregistered: ['SUCCESS', 'registered(phone), name'],
};

/** IMS Restoration Procedures not supported by both sides. */
const unregisteredUser: Row = {
  'not registered': ['SUCCESS', 'unregistered, name'],
  'phone pending': ['SUCCESS', 'unregistered pending(phone), name'],
  'tablet pending': ['SUCCESS', 'unregistered pending(tablet), name'],
  'registered by phone': ['SUCCESS', 'unregistered, name'],
  'registered by tablet': ['SUCCESS', 'unregistered, name'],
  'registered by both': ['SUCCESS', 'unregistered, name'],
  unregistered: ['SUCCESS', '='],
};

const unregisteredUserWithRestoration: Row = {
  ...unregisteredUser,
  'registered by phone': [WRONG_TYPE, '='],
  'registered by tablet': [WRONG_TYPE, '='],
  'registered by both': [WRONG_TYPE, '='],
};

const deRegistration: Row = {
  'not registered': [WRONG_TYPE, '='],
  'phone pending': ['SUCCESS', 'notRegistered, no name'],
  'tablet pending': [WRONG_TYPE, '='],
  'registered by phone': ['SUCCESS', 'notRegistered, no name'],
  'registered by tablet': ['SUCCESS', '='],
  'registered by both': ['SUCCESS', 'registered(tablet), name'],
  unregistered: ['SUCCESS', 'notRegistered, no name'],
};

const deRegistrationKeepingName: Row = {
  ...deRegistration,
  'phone pending': ['SUCCESS', 'unregistered, name'],
  'registered by phone': ['SUCCESS', 'unregistered, name'],
  unregistered: ['SUCCESS', '='],
};

/** A row made of another one, or of nothing but the states. */
const rowOf = (cell: (state: StateName) => Row[StateName]): Row => ({
  'not registered': cell('not registered'),
  'phone pending': cell('phone pending'),
  'tablet pending': cell('tablet pending'),
  'registered by phone': cell('registered by phone'),
  'registered by tablet': cell('registered by tablet'),
  'registered by both': cell('registered by both'),
  unregistered: cell('unregistered'),
});

const notStored = rowOf((state) => [
  deRegistration[state][0] === 'SUCCESS' ? NOT_STORED : deRegistration[state][0],
  deRegistration[state][1],
]);

const noAssignment: Row = {
  'not registered': ['UNABLE_TO_COMPLY', '='],
  'phone pending': ['SUCCESS', '='],
  'tablet pending': ['SUCCESS', '='],
  'registered by phone': ['SUCCESS', '='],
  'registered by tablet': ['SUCCESS', '='],
  'registered by both': ['SUCCESS', '='],
  unregistered: ['SUCCESS', '='],
};

const authenticationEnds: Row = {
  'not registered': ['SUCCESS', '='],
  'phone pending': ['SUCCESS', 'notRegistered, no name'],
  'tablet pending': ['SUCCESS', '='],
  'registered by phone': ['SUCCESS', '='],
  'registered by tablet': ['SUCCESS', '='],
  'registered by both': ['SUCCESS', '='],
  unregistered: ['SUCCESS', '='],
};

const foreign = rowOf(() => [WRONG_TYPE, '=']);

interface Case {
  readonly name: string;
  readonly type: Type;
  readonly row: Row;
  readonly options?: Partial<TestHssOptions>;
  /** Whether a success downloads the profile. */
  readonly downloads?: true;
}

/** The tags are written out, so that the clause index finds each of them. */
const cases: Case[] = [
  {
    name: '[29.228-6.1.2.1] step 5: NO_ASSIGNMENT',
    type: Type.NO_ASSIGNMENT,
    row: noAssignment,
    downloads: true,
  },
  {
    name: '[29.228-6.1.2.1] step 5: REGISTRATION',
    type: Type.REGISTRATION,
    row: registration,
    downloads: true,
  },
  {
    name: '[29.228-6.1.2.1] step 5: RE_REGISTRATION',
    type: Type.RE_REGISTRATION,
    row: registration,
    downloads: true,
  },
  {
    name: '[29.228-6.1.2.1] step 5: UNREGISTERED_USER',
    type: Type.UNREGISTERED_USER,
    row: unregisteredUser,
    downloads: true,
  },
  {
    name: '[29.228-6.1.2.1] step 5: TIMEOUT_DEREGISTRATION',
    type: Type.TIMEOUT_DEREGISTRATION,
    row: deRegistration,
  },
  {
    name: '[29.228-6.1.2.1] step 5: USER_DEREGISTRATION',
    type: Type.USER_DEREGISTRATION,
    row: deRegistration,
  },
  {
    name: '[29.228-6.1.2.1] step 5: TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME',
    type: Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
    row: deRegistrationKeepingName,
  },
  {
    name: '[29.228-6.1.2.1] step 5: USER_DEREGISTRATION_STORE_SERVER_NAME',
    type: Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
    row: deRegistrationKeepingName,
  },
  {
    name: '[29.228-6.1.2.1] step 5: ADMINISTRATIVE_DEREGISTRATION',
    type: Type.ADMINISTRATIVE_DEREGISTRATION,
    row: deRegistration,
  },
  {
    name: '[29.228-6.1.2.1] step 5: AUTHENTICATION_FAILURE',
    type: Type.AUTHENTICATION_FAILURE,
    row: authenticationEnds,
  },
  {
    name: '[29.228-6.1.2.1] step 5: AUTHENTICATION_TIMEOUT',
    type: Type.AUTHENTICATION_TIMEOUT,
    row: authenticationEnds,
  },
  {
    name: '[29.228-6.1.2.1] step 5: DEREGISTRATION_TOO_MUCH_DATA',
    type: Type.DEREGISTRATION_TOO_MUCH_DATA,
    row: deRegistration,
  },
  { name: '[29.228-6.1.2.1] step 5: AAA_USER_DATA_REQUEST', type: Type.AAA_USER_DATA_REQUEST, row: foreign },
  { name: '[29.228-6.1.2.1] step 5: PGW_UPDATE', type: Type.PGW_UPDATE, row: foreign },
  { name: '[29.228-6.1.2.1] step 5: RESTORATION', type: Type.RESTORATION, row: foreign },
  {
    name: '[29.228-6.1.2.1] step 5: UNREGISTERED_USER, IMS Restoration Procedures on both sides',
    type: Type.UNREGISTERED_USER,
    row: unregisteredUserWithRestoration,
    options: { features: ['IMSRestorationInd'] },
    downloads: true,
  },
  {
    name: '[29.228-6.1.2.1] step 5: UNREGISTERED_USER, IMS Restoration Procedures at the S-CSCF only',
    type: Type.UNREGISTERED_USER,
    row: unregisteredUser,
    options: { features: ['IMSRestorationInd'], settings: { imsRestoration: false } },
    downloads: true,
  },
  {
    name: '[29.228-6.1.2.1] step 5: TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME, name not kept',
    type: Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
    row: notStored,
    options: { settings: { keepServerName: false } },
  },
  {
    name: '[29.228-6.1.2.1] step 5: USER_DEREGISTRATION_STORE_SERVER_NAME, name not kept',
    type: Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
    row: notStored,
    options: { settings: { keepServerName: false } },
  },
];

/** Whose state is looked at: each identity of a set speaks for all of it [29.228-6.5.1]. */
const subjects = [
  { subject: 'an identity alone', set: 'work', publicIdentity: 'sip:alice.work@ims.example' },
  { subject: 'the second of an implicit set', set: 'family', publicIdentity: 'sip:alice@ims.example' },
  {
    subject: 'the barred one of an implicit set',
    set: 'family',
    publicIdentity: 'sip:001010000000001@ims.example',
  },
  { subject: 'the tel URI of an implicit set', set: 'family', publicIdentity: 'tel:+1-555-0001' },
];

test('the table has every Server-Assignment-Type of TS 29.229 6.3.15', () => {
  expect([...new Set(cases.map(({ type }) => type))].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 15 }, (_, index) => index),
  );
  expect(Object.values(Type)).toHaveLength(15);
});

describe.each(cases)('$name', ({ type, row, options, downloads }) => {
  describe.each(Object.keys(states) as StateName[])('%s', (state) => {
    const [expected, after] = row[state];
    const expectedAfter = after === '=' ? before[state] : after;

    function run(set: string, publicIdentity: string, others: Record<string, SetState> = {}) {
      const hss = new TestHss({ subscriptions: [alice], shared: sharedProfiles, ...options });
      const status = statusOf(state === 'not registered' ? others : { ...others, [set]: states[state] });
      hss.setStatus(status);
      const decision = hss.sar({
        serverAssignmentType: type,
        userName: PHONE,
        publicIdentity: [publicIdentity],
      });
      return { hss, status, decision };
    }

    test.each(subjects)(`$subject: ${expected}, ${expectedAfter}`, ({ set, publicIdentity }) => {
      const { hss, decision } = run(set, publicIdentity);
      expect({ result: result(decision), after: describeSet(hss.status(), set) }).toEqual({
        result: expected,
        after: expectedAfter,
      });
      // Nothing is written where nothing changes.
      expect(decision.changes === undefined).toBe(expectedAfter === before[state]);
      expect(decision.avps.userName).toBe(PHONE);
      expect(decision.avps.userData !== undefined).toBe(downloads === true && expected === 'SUCCESS');
      expect(decision.avps.serverName).toBeUndefined();
      expect(decision.refusal !== undefined).toBe(expected !== 'SUCCESS' && expected !== NOT_STORED);
    });

    test.each(['registered', 'unregistered', 'pending'])(
      'another set is %s: it stays so, and keeps the name',
      (kind) => {
        const work: SetState =
          kind === 'registered'
            ? { registered: [TABLET] }
            : kind === 'unregistered'
              ? { state: 'unregistered' }
              : { pending: [TABLET] };
        const { hss, status, decision } = run('family', 'sip:alice@ims.example', { work });
        // With a name for the subscription, NO_ASSIGNMENT has an assigned S-CSCF to serve.
        expect(result(decision)).toBe(type === Type.NO_ASSIGNMENT ? 'SUCCESS' : expected);
        expect(describeSet(hss.status(), 'family')).toBe(expectedAfter.replace('no name', 'name'));
        expect(hss.status().sets.work).toEqual(status.sets.work);
      },
    );

    test('it is stable: the same request again changes nothing more', () => {
      const { hss } = run('family', 'sip:alice@ims.example');
      const settled = hss.status();
      const again = hss.sar({
        serverAssignmentType: type,
        userName: PHONE,
        publicIdentity: ['sip:alice@ims.example'],
      });
      expect(again.changes).toBeUndefined();
      expect(hss.status()).toBe(settled);
    });
  });
});

/** IMS Restoration Procedures supported by whom; information is stored of everybody who is registered. */
const supports: Record<string, Partial<TestHssOptions>> = {
  'by both sides': { features: ['IMSRestorationInd'] },
  'by the HSS only': {},
  'by the S-CSCF only': { features: ['IMSRestorationInd'], settings: { imsRestoration: false } },
};

describe.each(cases.filter(({ options }) => options === undefined))(
  '$name, restoration information stored',
  ({ type, row }) => {
    describe.each(Object.keys(supports))('IMS Restoration Procedures supported %s', (supported) => {
      test.each([
        'registered by phone',
        'registered by tablet',
        'registered by both',
        'unregistered',
      ] as const)('%s', (state) => {
        const both = supported === 'by both sides';
        const [expected, after] = (
          both && type === Type.UNREGISTERED_USER ? unregisteredUserWithRestoration : row
        )[state];
        const hss = new TestHss({ subscriptions: [alice], shared: sharedProfiles, ...supports[supported] });
        const status = statusOf({ family: states[state] });
        const informed = Object.entries(status.sets.family?.privateIdentities ?? {}).map(
          ([name, entry]) => [name, { ...entry, restoration: stored(name) }] as const,
        );
        hss.setStatus({
          ...status,
          sets: {
            family: {
              state: status.sets.family?.state ?? 'notRegistered',
              privateIdentities: Object.fromEntries(informed),
            },
          },
        });
        const decision = hss.sar({
          serverAssignmentType: type,
          userName: PHONE,
          publicIdentity: ['sip:alice@ims.example'],
        });

        expect([result(decision), describeSet(hss.status(), 'family')]).toEqual([
          expected,
          after === '=' ? before[state] : after,
        ]);
        // All of it, to those who asked for it and can use it.
        const asked = type === Type.NO_ASSIGNMENT || type === Type.UNREGISTERED_USER;
        expect(sent(decision)).toEqual(both && asked ? informed.map(([name]) => `${name} c1`).sort() : []);
        // It goes with its registration, or when a registration finds restoration switched off.
        const registers = type === Type.REGISTRATION || type === Type.RE_REGISTRATION;
        const switchedOff = supported === 'by the S-CSCF only' && registers;
        for (const [name, entry] of Object.entries(hss.status().sets.family?.privateIdentities ?? {})) {
          const had = informed.some(([other]) => other === name);
          expect(entry.restoration).toEqual(
            had && !(switchedOff && name === PHONE) ? stored(name) : undefined,
          );
        }
        expect(hss.status().server !== null).toBe((after === '=' ? before[state] : after).endsWith(', name'));
      });
    });
  },
);

/** Types that take no User-Name; with one, `before` says who is registered. */
describe.each([
  Type.TIMEOUT_DEREGISTRATION,
  Type.USER_DEREGISTRATION,
  Type.DEREGISTRATION_TOO_MUCH_DATA,
  Type.ADMINISTRATIVE_DEREGISTRATION,
  Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
  Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
])('[29.228-6.1.2.1] step 5: de-registration type %d without User-Name', (type) => {
  const keeps =
    type === Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME ||
    type === Type.USER_DEREGISTRATION_STORE_SERVER_NAME;
  const ended = keeps ? 'unregistered, name' : 'notRegistered, no name';

  test.each<[StateName, string, string, string | undefined]>([
    ['registered by phone', 'SUCCESS', ended, PHONE],
    ['registered by tablet', 'SUCCESS', ended, TABLET],
    ['registered by both', 'MISSING_AVP', '=', undefined],
    ['unregistered', 'SUCCESS', ended, PHONE],
    ['not registered', WRONG_TYPE, '=', PHONE],
    ['phone pending', WRONG_TYPE, '=', PHONE],
  ])('%s: %s', (state, expected, after, userName) => {
    const hss = new TestHss({ subscriptions: [alice], shared: sharedProfiles });
    hss.setStatus(statusOf(state === 'not registered' ? {} : { family: states[state] }));
    const decision = hss.sar({ serverAssignmentType: type, publicIdentity: ['sip:alice@ims.example'] });
    expect(result(decision)).toBe(expected);
    expect(describeSet(hss.status(), 'family')).toBe(after === '=' ? before[state] : after);
    expect(decision.avps.userName).toBe(userName);
    if (expected === 'MISSING_AVP')
      expect(decision.failedAvps).toEqual([{ code: 1, vendorId: 0, mandatory: true, data: Buffer.alloc(0) }]);
  });
});
