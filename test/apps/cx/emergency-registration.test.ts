/**
 * Emergency registrations [29.228-G] [29.229-6.3.44]: the HSS treats them as registrations, but for what
 * UAR-Flags say, and keeps what Annex G counts on.
 */
import { ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import { sent, stored } from './support/restoration';
import {
  alice,
  bob,
  describeSet,
  PHONE,
  result,
  server1,
  sharedProfiles,
  statusOf,
  TABLET,
} from './support/subscribers';
import { MAX_PENDING_AGE_MS, SCSCF1, SCSCF2, TestHss, type TestHssOptions } from './support/test-hss';

const EMERGENCY = { uarFlags: 1 };
const hss = (
  subscription: SubscriptionDocumentInput = alice,
  options: Partial<TestHssOptions> = {},
): TestHss => new TestHss({ subscriptions: [subscription], shared: sharedProfiles, ...options });
const pair = { userName: PHONE, publicIdentity: 'sip:alice@ims.example' };
const assigned = { userName: PHONE, publicIdentity: ['sip:alice@ims.example'] };
const emergencySar = { ...assigned, serverAssignmentType: Type.UNREGISTERED_USER };

/** May not register, barred, roaming nowhere: what keeps nobody from an emergency registration. */
const forbidden: SubscriptionDocumentInput = {
  ...alice,
  registrationAllowed: false,
  permittedVisitedNetworks: [],
  implicitRegistrationSets: alice.implicitRegistrationSets.map((set) => ({
    ...set,
    publicIdentities: set.publicIdentities.map((entry) => ({ ...entry, barred: true })),
  })),
};

describe('[29.228-6.1.1.1] UAR of an emergency registration', () => {
  test.each<[string, object, string]>([
    ['absent', {}, 'experimental FIRST_REGISTRATION'],
    ['REGISTRATION', { userAuthorizationType: 0 }, 'experimental FIRST_REGISTRATION'],
    ['REGISTRATION_AND_CAPABILITIES', { userAuthorizationType: 2 }, 'SUCCESS'],
  ])(
    'User-Authorization-Type %s: granted, whatever keeps a normal registration out',
    (_name, type, granted) => {
      expect(result(hss(forbidden).uar({ ...pair, ...type, ...EMERGENCY }))).toBe(granted);
      expect(result(hss(forbidden).uar({ ...pair, ...type }))).not.toBe(granted);
    },
  );

  test('the identities have to exist and to belong together', () => {
    expect(result(hss(forbidden).uar({ ...pair, userName: 'nobody@ims.example', ...EMERGENCY }))).toBe(
      'experimental ERROR_USER_UNKNOWN',
    );
    expect(
      result(
        hss(forbidden).uar({ userName: TABLET, publicIdentity: 'sip:alice.phone@ims.example', ...EMERGENCY }),
      ),
    ).toBe('experimental ERROR_IDENTITIES_DONT_MATCH');
  });

  test.each<[string, ReturnType<typeof statusOf>]>([
    ['registered', statusOf({ family: { registered: [PHONE] } })],
    ['unregistered', statusOf({ family: { state: 'unregistered' } })],
    ['registered in another set', statusOf({ work: { registered: [TABLET] } })],
    ['being authenticated', statusOf({ family: { pending: [PHONE] } })],
  ])(
    '%s: the S-CSCF that is assigned; REGISTRATION_AND_CAPABILITIES names none and leaves it assigned',
    (_name, status) => {
      const one = hss(forbidden);
      one.setStatus(status);
      expect(one.uar({ ...pair, ...EMERGENCY }).avps).toMatchObject({ serverName: SCSCF1 });
      const capabilities = one.uar({ ...pair, userAuthorizationType: 2, ...EMERGENCY });
      expect([result(capabilities), capabilities.avps.serverName]).toEqual(['SUCCESS', undefined]);
      // No reassignment pending: "IMS Restoration procedures do not apply for IMS emergency sessions".
      expect(one.status()).toBe(status);
      expect(
        result(one.sar({ ...assigned, serverAssignmentType: Type.RE_REGISTRATION, serverName: SCSCF2 })),
      ).toBe('experimental ERROR_IDENTITY_ALREADY_REGISTERED');
    },
  );

  test.each(['the flag', 'no flag'])('DE_REGISTRATION with %s: the state decides', (flag) => {
    const flags = flag === 'the flag' ? EMERGENCY : {};
    const one = hss();
    expect(result(one.uar({ ...pair, userAuthorizationType: 1, ...flags }))).toBe(
      'experimental ERROR_IDENTITY_NOT_REGISTERED',
    );
    one.setStatus(statusOf({ family: { state: 'unregistered' } }));
    expect(one.uar({ ...pair, userAuthorizationType: 1, ...flags }).avps).toEqual({ serverName: SCSCF1 });
  });
});

describe('[29.228-G] upon emergency registration', () => {
  test.each([
    ['may register', alice],
    ['may not', forbidden],
  ])(
    'no normal registration, the user %s: MAR, then the profile is downloaded, the S-CSCF name allocated, the status UNREGISTERED',
    (_name, subscription) => {
      for (const options of [{}, { features: ['IMSRestorationInd'] }]) {
        const one = hss(subscription, options);
        expect(result(one.mar(pair))).toBe('SUCCESS');
        const decision = one.sar(emergencySar);
        expect([result(decision), decision.avps.userData !== undefined]).toEqual(['SUCCESS', true]);
        expect(one.status()).toMatchObject({ server: server1, sets: { family: { state: 'unregistered' } } });
        // The flag of that authentication ages like any other.
        one.nowMs += MAX_PENDING_AGE_MS;
        expect(one.lir({ publicIdentity: 'sip:alice@ims.example' }).avps.serverName).toBe(SCSCF1);
      }
    },
  );

  test('a normal registration exists: the S-CSCF gets the profile, and the status does not change', () => {
    const one = hss(alice, { features: ['IMSRestorationInd'] });
    const status = statusOf({ family: { registered: [PHONE] } });
    one.setStatus(status);
    const decision = one.sar({ ...assigned, serverAssignmentType: Type.NO_ASSIGNMENT });
    expect([result(decision), decision.avps.userData !== undefined]).toEqual(['SUCCESS', true]);
    expect(one.status()).toBe(status);
  });

  test('a normal registration follows: registered, at the S-CSCF of the emergency registration', () => {
    const one = hss();
    one.sar(emergencySar);
    expect(one.uar(pair).avps).toEqual({ serverName: SCSCF1 });
    one.sar({ ...assigned, serverAssignmentType: Type.REGISTRATION });
    expect(describeSet(one.status(), 'family')).toBe('registered(phone), name');
  });
});

describe('[29.228-G] upon the end of the last normal registration, an emergency registration still active', () => {
  test.each([Type.USER_DEREGISTRATION_STORE_SERVER_NAME, Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME])(
    'type %d: the name is kept, the status UNREGISTERED, without restoration information',
    (serverAssignmentType) => {
      const one = hss(alice, { features: ['IMSRestorationInd'] });
      one.setStatus({
        ...statusOf({}, { server: server1 }),
        sets: {
          family: {
            state: 'registered',
            privateIdentities: { [PHONE]: { registered: true, restoration: stored(PHONE) } },
          },
        },
      });
      expect(result(one.sar({ ...assigned, serverAssignmentType }))).toBe('SUCCESS');
      expect(one.status()).toMatchObject({
        server: server1,
        sets: { family: { state: 'unregistered', privateIdentities: {} } },
      });
      expect(sent(one.sar({ ...assigned, serverAssignmentType: Type.NO_ASSIGNMENT }))).toEqual([]);
    },
  );

  test('an HSS that keeps no names says so, and the S-CSCF gets its name back with UNREGISTERED_USER', () => {
    const one = hss(alice, { settings: { keepServerName: false } });
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    expect(
      result(one.sar({ ...assigned, serverAssignmentType: Type.USER_DEREGISTRATION_STORE_SERVER_NAME })),
    ).toBe('experimental SUCCESS_SERVER_NAME_NOT_STORED');
    expect(describeSet(one.status(), 'family')).toBe('notRegistered, no name');
    expect(result(one.sar(emergencySar))).toBe('SUCCESS');
    expect(describeSet(one.status(), 'family')).toBe('unregistered, name');
  });
});

describe('[29.228-G] upon expiration of an emergency registration', () => {
  test('no other registration: its name is removed, the status NOT REGISTERED', () => {
    for (const identities of [assigned, { publicIdentity: assigned.publicIdentity }]) {
      const one = hss(forbidden);
      one.sar(emergencySar);
      expect(result(one.sar({ ...identities, serverAssignmentType: Type.TIMEOUT_DEREGISTRATION }))).toBe(
        'SUCCESS',
      );
      expect(describeSet(one.status(), 'family')).toBe('notRegistered, no name');
    }
  });

  test('other sets of the subscription keep theirs', () => {
    const one = hss();
    one.setStatus(statusOf({ work: { registered: [TABLET] } }));
    one.sar(emergencySar);
    one.sar({ ...assigned, serverAssignmentType: Type.TIMEOUT_DEREGISTRATION });
    expect(describeSet(one.status(), 'family')).toBe('notRegistered, name');
    expect(describeSet(one.status(), 'work')).toBe('registered(tablet), name');
  });
});

test('[29.228-G] a subscriber with one private identity, start to end', () => {
  const one = hss(bob);
  const who = { userName: 'bob@ims.example', publicIdentity: 'sip:bob@ims.example' };
  const sar = (serverAssignmentType: Type) =>
    result(one.sar({ userName: who.userName, publicIdentity: [who.publicIdentity], serverAssignmentType }));
  expect(result(one.uar({ ...who, ...EMERGENCY }))).toBe('experimental FIRST_REGISTRATION');
  expect(result(one.mar({ ...who, sipAuthDataItem: { sipAuthenticationScheme: 'SIP Digest' } }))).toBe(
    'SUCCESS',
  );
  expect(sar(Type.UNREGISTERED_USER)).toBe('SUCCESS');
  expect(result(one.uar(who))).toBe('experimental SUBSEQUENT_REGISTRATION');
  expect(sar(Type.REGISTRATION)).toBe('SUCCESS');
  expect(sar(Type.USER_DEREGISTRATION_STORE_SERVER_NAME)).toBe('SUCCESS');
  expect(sar(Type.TIMEOUT_DEREGISTRATION)).toBe('SUCCESS');
  expect(one.status()).toMatchObject({ server: null, sets: {} });
});
