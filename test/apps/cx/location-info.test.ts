import { OriginatingRequest, UserAuthorizationType } from '../../../src/apps/cx/generated/cx';
import {
  alice,
  bob,
  PHONE,
  result,
  services,
  sharedProfiles,
  statusOf,
  TABLET,
  voicemailProfile,
} from './support/subscribers';
import { MAX_PENDING_AGE_MS, SCSCF1, TestHss, type TestHssOptions } from './support/test-hss';

const UNREGISTERED_SERVICE = 'experimental UNREGISTERED_SERVICE';
const NOT_REGISTERED = 'experimental ERROR_IDENTITY_NOT_REGISTERED';
const UNKNOWN = 'experimental ERROR_USER_UNKNOWN';

const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [alice, bob, services], shared: sharedProfiles, ...options });
const answer = ({ result: given, avps }: ReturnType<TestHss['lir']>) => ({
  result: result({ result: given, avps }),
  ...avps,
});
const originating = { originatingRequest: OriginatingRequest.ORIGINATING };
const newServer = { userAuthorizationType: UserAuthorizationType.REGISTRATION_AND_CAPABILITIES };

describe('[29.228-6.1.4.1] step 1: the Public Identity is known', () => {
  test.each(['sip:nobody@ims.example', 'sip:alice@elsewhere.example', 'nobody'])(
    '%s is not',
    (publicIdentity) => {
      const decision = hss().lir({ publicIdentity });
      expect(answer(decision)).toEqual({ result: UNKNOWN });
      expect(decision.refusal).toMatchObject({ clause: 'TS 29.228 6.1.4.1 step 1', publicIdentity });
    },
  );

  test('it is looked up in canonical form', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    for (const publicIdentity of [
      'SIP:alice@IMS.EXAMPLE:5060;lr',
      'tel:+1(555)0001',
      'TEL:+15550001;foo=bar',
    ]) {
      expect(answer(one.lir({ publicIdentity }))).toEqual({ result: 'SUCCESS', serverName: SCSCF1 });
    }
  });
});

describe('[29.228-6.1.4.1] step 2: the type of the Public Identity', () => {
  test('a PSI that is not active is unknown, also for originating requests', () => {
    for (const rest of [{}, originating, newServer]) {
      const decision = hss().lir({ publicIdentity: 'sip:inactive@ims.example', ...rest });
      expect(answer(decision)).toEqual({ result: UNKNOWN });
      expect(decision.refusal?.clause).toBe('TS 29.228 6.1.4.1 step 2');
    }
  });

  test('a PSI with the name of its AS is routed there directly, and the answer says so', () => {
    expect(answer(hss().lir({ publicIdentity: 'sip:direct@ims.example' }))).toEqual({
      result: 'SUCCESS',
      serverName: 'sip:as.ims.example:5090',
      liaFlags: 1,
    });
  });

  test('a new S-CSCF is asked for, but the PSI is routed directly: DIAMETER_UNABLE_TO_COMPLY', () => {
    const one = hss();
    const decision = one.lir({ publicIdentity: 'sip:direct@ims.example', ...newServer });
    expect(answer(decision)).toEqual({ result: 'UNABLE_TO_COMPLY' });
    expect(decision.changes).toBeUndefined();
    expect(
      answer(
        hss({ settings: { imsRestoration: false } }).lir({
          publicIdentity: 'sip:direct@ims.example',
          ...newServer,
        }),
      ),
    ).toMatchObject({ result: 'SUCCESS', serverName: 'sip:as.ims.example:5090' });
    for (const userAuthorizationType of [
      UserAuthorizationType.REGISTRATION,
      UserAuthorizationType.DE_REGISTRATION,
    ]) {
      expect(result(one.lir({ publicIdentity: 'sip:direct@ims.example', userAuthorizationType }))).toBe(
        'SUCCESS',
      );
    }
  });

  test('Originating-Request: the AS name is not returned, the state decides', () => {
    expect(answer(hss().lir({ publicIdentity: 'sip:direct@ims.example', ...originating }))).toEqual({
      result: UNREGISTERED_SERVICE,
    });
  });

  test('a PSI without an AS name: the state decides', () => {
    expect(answer(hss().lir({ publicIdentity: 'sip:routed@ims.example' }))).toEqual({
      result: UNREGISTERED_SERVICE,
    });
    expect(answer(hss().lir({ publicIdentity: 'sip:silent@ims.example' }))).toEqual({
      result: NOT_REGISTERED,
    });
    const one = hss();
    one.setStatus(statusOf({ silent: { state: 'unregistered' } }), 'services');
    expect(answer(one.lir({ publicIdentity: 'sip:silent@ims.example' }))).toEqual({
      result: 'SUCCESS',
      serverName: SCSCF1,
    });
  });
});

describe('[29.228-6.1.4.1] step 2a: the assigned S-CSCF cannot be reached', () => {
  const capable = { ...alice, capabilities: { mandatory: [4], optional: [9] } };

  test.each([
    ['registered', statusOf({ family: { registered: [PHONE] } })],
    ['unregistered', statusOf({ family: { state: 'unregistered' } })],
    ['not registered', statusOf({})],
    ['not registered, another set is', statusOf({ work: { registered: [TABLET] } })],
  ])('%s: capabilities, no name, and the subscription may be reassigned', (_name, status) => {
    const one = hss({ subscriptions: [capable] });
    one.setStatus(status);
    expect(answer(one.lir({ publicIdentity: 'sip:alice@ims.example', ...newServer }))).toEqual({
      result: 'SUCCESS',
      serverCapabilities: { mandatoryCapability: [4], optionalCapability: [9] },
    });
    expect(one.status()).toEqual({ ...status, reassignmentPending: true, version: status.version + 1 });
    expect(one.lir({ publicIdentity: 'sip:alice@ims.example', ...newServer }).changes).toBeUndefined();
  });

  test('a PSI without an AS name takes the same way', () => {
    const one = hss();
    expect(answer(one.lir({ publicIdentity: 'sip:routed@ims.example', ...newServer }))).toEqual({
      result: 'SUCCESS',
    });
    expect(one.status('services').reassignmentPending).toBe(true);
  });

  test.each([
    ['IMS Restoration Procedures are not supported', { imsRestoration: false }, newServer],
    ['another User-Authorization-Type', {}, { userAuthorizationType: UserAuthorizationType.REGISTRATION }],
  ])('%s: step 3', (_name, settings, rest) => {
    const one = hss({ settings });
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    const decision = one.lir({ publicIdentity: 'sip:alice@ims.example', ...rest });
    expect(answer(decision)).toEqual({ result: 'SUCCESS', serverName: SCSCF1 });
    expect(decision.changes).toBeUndefined();
  });
});

describe('[29.228-6.1.4.1] step 3: the state of the Public Identity', () => {
  /** All of alice's identities with the voice mail profile, or with one that has no services. */
  const withProfile = (serviceProfile: string) => ({
    ...alice,
    capabilities: { mandatory: [4] },
    implicitRegistrationSets: alice.implicitRegistrationSets.map((set) => ({
      ...set,
      publicIdentities: set.publicIdentities.map((entry) => ({ ...entry, serviceProfile })),
    })),
  });
  const asked = (
    serviceProfile: string,
    status: ReturnType<typeof statusOf>,
    rest: object = {},
    publicIdentity = 'sip:alice@ims.example',
  ) => {
    const one = hss({ subscriptions: [withProfile(serviceProfile)] });
    one.setStatus(status);
    const decision = one.lir({ publicIdentity, ...rest });
    expect(decision.changes).toBeUndefined();
    return answer(decision);
  };

  describe.each(['standard', 'voicemail'])('profile %s', (profile) => {
    test.each([
      ['registered', { registered: [PHONE] }],
      ['registered by two', { registered: [PHONE, TABLET] }],
      ['unregistered', { state: 'unregistered' as const }],
      ['registered, and being authenticated elsewhere', { registered: [PHONE], pending: [TABLET] }],
    ])('%s: the stored name, no capabilities', (_name, family) => {
      for (const publicIdentity of [
        'sip:alice@ims.example',
        'tel:+15550001',
        'sip:001010000000001@ims.example',
      ]) {
        expect(asked(profile, statusOf({ family }), {}, publicIdentity)).toEqual({
          result: 'SUCCESS',
          serverName: SCSCF1,
        });
        expect(asked(profile, statusOf({ family }), originating, publicIdentity)).toEqual({
          result: 'SUCCESS',
          serverName: SCSCF1,
        });
      }
    });
  });

  test('not registered, without services for the unregistered state', () => {
    for (const status of [
      statusOf({}),
      statusOf({ family: { pending: [PHONE] } }),
      statusOf({ work: { registered: [TABLET] } }),
    ]) {
      expect(asked('standard', status)).toEqual({ result: NOT_REGISTERED });
    }
  });

  test.each([
    ['terminating services', 'voicemail', {}],
    ['Originating-Request', 'standard', originating],
  ])('not registered, with %s', (_name, profile, rest) => {
    expect(asked(profile, statusOf({}), rest)).toEqual({
      result: UNREGISTERED_SERVICE,
      serverCapabilities: { mandatoryCapability: [4] },
    });
    for (const work of [
      { registered: [TABLET] },
      { state: 'unregistered' as const },
      { pending: [TABLET] },
    ]) {
      expect(asked(profile, statusOf({ work }), rest)).toEqual({ result: 'SUCCESS', serverName: SCSCF1 });
    }
    expect(asked(profile, statusOf({ family: { pending: [PHONE] } }), rest)).toEqual({
      result: 'SUCCESS',
      serverName: SCSCF1,
    });
    expect(
      asked(profile, statusOf({ family: { pending: [PHONE], pendingAgeMs: MAX_PENDING_AGE_MS } }), rest),
    ).toMatchObject({ result: UNREGISTERED_SERVICE });
  });

  test('the services are those of the identity that is called, from its own profile or a shared iFC set', () => {
    const shared = {
      serviceProfiles: [{ name: 'standard' }, { name: 'with-set', sharedIfcSets: ['voicemail', 'missing'] }],
      ifcSets: [{ name: 'voicemail', id: 3, initialFilterCriteria: voicemailProfile.initialFilterCriteria }],
    };
    const mixed = {
      ...bob,
      implicitRegistrationSets: [
        {
          name: 'default',
          publicIdentities: [
            { identity: 'sip:bob@ims.example', serviceProfile: 'with-set' },
            { identity: 'tel:+15550002', serviceProfile: 'standard' },
            { identity: 'tel:+15550003', serviceProfile: 'nowhere' },
          ],
        },
      ],
    };
    const one = hss({ subscriptions: [mixed], shared });
    expect(result(one.lir({ publicIdentity: 'sip:bob@ims.example' }))).toBe(UNREGISTERED_SERVICE);
    expect(result(one.lir({ publicIdentity: 'tel:+15550002' }))).toBe(NOT_REGISTERED);
    expect(result(one.lir({ publicIdentity: 'tel:+15550003' }))).toBe(NOT_REGISTERED);
  });

  test('the capabilities are those that a registration gets', () => {
    const one = hss({ subscriptions: [withProfile('voicemail')] });
    expect(one.lir({ publicIdentity: 'sip:alice@ims.example' }).avps.serverCapabilities).toEqual(
      one.uar({ userName: PHONE, publicIdentity: 'sip:alice@ims.example' }).avps.serverCapabilities,
    );
  });

  test('a state without a name (nothing leads to it): DIAMETER_UNABLE_TO_COMPLY', () => {
    expect(asked('standard', statusOf({ family: { registered: [PHONE] } }, { server: null }))).toEqual({
      result: 'UNABLE_TO_COMPLY',
    });
  });
});
