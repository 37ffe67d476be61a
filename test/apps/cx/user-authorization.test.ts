import { UserAuthorizationType as Type } from '../../../src/apps/cx/generated/cx';
import {
  alice,
  bob,
  describeSet,
  PHONE,
  result,
  services,
  sharedProfiles,
  statusOf,
  TABLET,
} from './support/subscribers';
import { MAX_PENDING_AGE_MS, SCSCF1, TestHss, type TestHssOptions } from './support/test-hss';

const FIRST = 'experimental FIRST_REGISTRATION';
const SUBSEQUENT = 'experimental SUBSEQUENT_REGISTRATION';
const EMERGENCY = 1;

const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [alice, bob, services], shared: sharedProfiles, ...options });
const register = { userName: PHONE, publicIdentity: 'sip:alice@ims.example' };
const deRegister = { ...register, userAuthorizationType: Type.DE_REGISTRATION };
const withCapabilities = { ...register, userAuthorizationType: Type.REGISTRATION_AND_CAPABILITIES };

/** Everything an answer may say about the S-CSCF. */
const answer = (decision: ReturnType<TestHss['uar']>) => ({
  result: result(decision),
  serverName: decision.avps.serverName,
  serverCapabilities: decision.avps.serverCapabilities,
});
const only = (name: string, serverName?: string) => ({
  result: name,
  serverName,
  serverCapabilities: undefined,
});

describe('[29.228-6.1.1.1] step 0: users managed by a third party (WebRTC, TS 23.228 U.2.1.4)', () => {
  test('is not supported, so identities that are not provisioned are unknown', () => {
    expect(
      answer(hss().uar({ userName: 'web-7f3a@waf.example', publicIdentity: 'sip:web-7f3a@ims.example' })),
    ).toEqual(only('experimental ERROR_USER_UNKNOWN'));
  });
});

describe('[29.228-6.1.1.1] step 1: both identities exist', () => {
  test.each([
    [
      'the public one is unknown',
      { ...register, publicIdentity: 'sip:nobody@ims.example' },
      'the Public User Identity is unknown',
    ],
    [
      'the private one is unknown',
      { ...register, userName: 'nobody@ims.example' },
      'the Private User Identity is unknown',
    ],
    [
      'both are unknown',
      { userName: 'nobody@ims.example', publicIdentity: 'sip:nobody@ims.example' },
      'the Public User Identity is unknown',
    ],
    [
      'the public one is no URI at all',
      { ...register, publicIdentity: 'alice' },
      'the Public User Identity is unknown',
    ],
  ])('%s', (_name, request, check) => {
    const decision = hss().uar(request);
    expect(answer(decision)).toEqual(only('experimental ERROR_USER_UNKNOWN'));
    expect(decision.refusal).toEqual({
      check,
      clause: 'TS 29.228 6.1.1.1 step 1',
      privateIdentity: request.userName,
      publicIdentity: request.publicIdentity,
    });
    expect(decision.changes).toBeUndefined();
  });

  test.each([
    ['sip:alice@IMS.example;transport=tcp', FIRST],
    ['SIP:%61lice@ims.example:5060', FIRST],
    ['sip:alice@ims.example?x=y', FIRST],
    ['sip:Alice@ims.example', 'experimental ERROR_USER_UNKNOWN'],
  ])('[29.228-6] %s is looked up in canonical form', (publicIdentity, expected) => {
    expect(result(hss().uar({ ...register, publicIdentity }))).toBe(expected);
  });
});

describe('[29.228-6.1.1.1] step 2: a distinct Public User Identity', () => {
  test.each(['sip:direct@ims.example', 'sip:routed@ims.example', 'sip:pbx-!.*!@ims.example'])(
    '%s is none',
    (publicIdentity) => {
      const decision = hss().uar({ userName: 'as@ims.example', publicIdentity });
      expect(answer(decision)).toEqual(only('experimental ERROR_USER_UNKNOWN'));
      expect(decision.refusal?.clause).toBe('TS 29.228 6.1.1.1 step 2');
    },
  );

  test('one next to a wildcarded identity in its set is', () => {
    expect(result(hss().uar({ userName: 'as@ims.example', publicIdentity: 'sip:pbx@ims.example' }))).toBe(
      FIRST,
    );
  });
});

describe('[29.228-6.1.1.1] step 3: the identities are associated', () => {
  test.each([
    ['of different subscriptions', { userName: 'bob@ims.example', publicIdentity: 'sip:alice@ims.example' }],
    [
      'of one subscription, but that set is for the other private identity',
      { userName: TABLET, publicIdentity: 'sip:alice.phone@ims.example' },
    ],
  ])('%s', (_name, request) => {
    const decision = hss().uar(request);
    expect(answer(decision)).toEqual(only('experimental ERROR_IDENTITIES_DONT_MATCH'));
    expect(decision.refusal?.clause).toBe('TS 29.228 6.1.1.1 step 3');
  });

  test.each([
    [PHONE, 'sip:alice@ims.example'],
    [TABLET, 'sip:alice@ims.example'],
    [PHONE, 'sip:alice.phone@ims.example'],
    [TABLET, 'tel:+1-555-0001'],
  ])('%s with %s', (userName, publicIdentity) => {
    expect(result(hss().uar({ userName, publicIdentity }))).toBe(FIRST);
  });
});

describe('[29.228-6.1.1.1] step 4: barring', () => {
  const barred = {
    ...bob,
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: [
          { identity: 'sip:bob@ims.example', barred: true, serviceProfile: 'standard' },
          { identity: 'tel:+15550002', barred: true, serviceProfile: 'standard' },
        ],
      },
      {
        name: 'other',
        publicIdentities: [{ identity: 'sip:bob.other@ims.example', serviceProfile: 'standard' }],
      },
    ],
  };
  const request = { userName: 'bob@ims.example', publicIdentity: 'sip:bob@ims.example' };

  test('a barred identity with one in its set that is not may register', () => {
    expect(result(hss().uar({ ...register, publicIdentity: 'sip:001010000000001@ims.example' }))).toBe(FIRST);
  });

  test('a barred identity alone, or among barred ones, may not: identities of other sets do not count', () => {
    const decision = hss({ subscriptions: [barred] }).uar(request);
    expect(answer(decision)).toEqual(only('AUTHORIZATION_REJECTED'));
    expect(decision.refusal?.clause).toBe('TS 29.228 6.1.1.1 step 4');
  });

  test('de-registration is checked too, whatever the state', () => {
    const one = hss({ subscriptions: [barred] });
    one.setStatus(statusOf({ default: { registered: ['bob@ims.example'] } }));
    expect(result(one.uar({ ...request, userAuthorizationType: Type.DE_REGISTRATION }))).toBe(
      'AUTHORIZATION_REJECTED',
    );
  });

  test('an IMS emergency registration goes on', () => {
    expect(result(hss({ subscriptions: [barred] }).uar({ ...request, uarFlags: EMERGENCY }))).toBe(FIRST);
  });
});

describe('[29.228-6.1.1.1] step 5: User-Authorization-Type', () => {
  const visited = (name: string) => ({ visitedNetworkIdentifier: Buffer.from(name) });
  const roaming = hss({
    subscriptions: [{ ...alice, permittedVisitedNetworks: ['ims.example', 'Visited.Example'] }],
  });
  const homeOnly = hss({ subscriptions: [{ ...alice, permittedVisitedNetworks: [] }] });
  const forbidden = (): TestHss => hss({ subscriptions: [{ ...alice, registrationAllowed: false }] });

  test.each([
    ['absent', register],
    ['REGISTRATION', { ...register, userAuthorizationType: Type.REGISTRATION }],
    ['REGISTRATION_AND_CAPABILITIES', withCapabilities],
  ])('%s: roaming and registration are checked', (_name, request) => {
    const granted = request === withCapabilities ? 'SUCCESS' : FIRST;
    expect(result(roaming.uar({ ...request, ...visited('visited.example') }))).toBe(granted);
    expect(result(roaming.uar({ ...request, ...visited('"IMS.example"') }))).toBe(granted);
    const refused = roaming.uar({ ...request, ...visited('elsewhere.example') });
    expect(answer(refused)).toEqual(only('experimental ERROR_ROAMING_NOT_ALLOWED'));
    expect(refused.refusal?.clause).toBe('TS 29.228 6.1.1.1 step 5');
    expect(answer(homeOnly.uar(request))).toEqual(only('experimental ERROR_ROAMING_NOT_ALLOWED'));
    expect(answer(forbidden().uar(request))).toEqual(only('AUTHORIZATION_REJECTED'));
  });

  test.each([
    ['absent', register, FIRST],
    ['REGISTRATION_AND_CAPABILITIES', withCapabilities, 'SUCCESS'],
  ])('%s, emergency: granted without a roaming check', (_name, request, granted) => {
    expect(result(homeOnly.uar({ ...request, uarFlags: EMERGENCY, ...visited('elsewhere.example') }))).toBe(
      granted,
    );
    expect(result(forbidden().uar({ ...request, uarFlags: EMERGENCY }))).toBe(granted);
    // Bits that are not defined are discarded [29.229-6.3.44].
    expect(result(forbidden().uar({ ...request, uarFlags: 0xffff_fffe }))).toBe('AUTHORIZATION_REJECTED');
  });

  test('DE_REGISTRATION: neither roaming nor registration is checked', () => {
    const one = hss({
      subscriptions: [{ ...alice, permittedVisitedNetworks: [], registrationAllowed: false }],
    });
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    expect(answer(one.uar({ ...deRegister, ...visited('elsewhere.example') }))).toEqual(
      only('SUCCESS', SCSCF1),
    );
  });

  test('roaming is checked before authorization', () => {
    expect(
      result(
        hss({ subscriptions: [{ ...alice, permittedVisitedNetworks: [], registrationAllowed: false }] }).uar(
          register,
        ),
      ),
    ).toBe('experimental ERROR_ROAMING_NOT_ALLOWED');
  });

  describe('REGISTRATION_AND_CAPABILITIES', () => {
    const capable = { ...alice, capabilities: { mandatory: [4], optional: [9] } };
    const capabilities = { mandatoryCapability: [4], optionalCapability: [9] };

    test.each([
      ['registered', statusOf({ family: { registered: [PHONE] } })],
      ['unregistered', statusOf({ family: { state: 'unregistered' } })],
      ['being authenticated', statusOf({ family: { pending: [PHONE] } })],
      ['registered in another set', statusOf({ work: { registered: [TABLET] } })],
    ])('%s: capabilities, no name, and the subscription may be reassigned', (_name, status) => {
      const one = hss({ subscriptions: [capable] });
      one.setStatus(status);
      expect(answer(one.uar(withCapabilities))).toEqual({
        result: 'SUCCESS',
        serverName: undefined,
        serverCapabilities: capabilities,
      });
      expect(one.status()).toEqual({ ...status, reassignmentPending: true, version: status.version + 1 });
      expect(one.uar(withCapabilities).changes).toBeUndefined();
    });

    test('no S-CSCF is assigned: there is nothing to reassign', () => {
      const decision = hss({ subscriptions: [capable] }).uar(withCapabilities);
      expect(answer(decision)).toEqual({
        result: 'SUCCESS',
        serverName: undefined,
        serverCapabilities: capabilities,
      });
      expect(decision.changes).toBeUndefined();
    });

    test.each([
      ['IMS Restoration Procedures are not supported', { imsRestoration: false }, 0],
      ['it is an emergency registration', {}, EMERGENCY],
    ])('%s: the flag is not set', (_name, settings, uarFlags) => {
      const one = hss({ subscriptions: [capable], settings });
      one.setStatus(statusOf({ family: { registered: [PHONE] } }));
      const decision = one.uar({ ...withCapabilities, uarFlags });
      expect(answer(decision)).toEqual({
        result: 'SUCCESS',
        serverName: undefined,
        serverCapabilities: capabilities,
      });
      expect(decision.changes).toBeUndefined();
    });

    test('no capabilities are needed: any S-CSCF will do', () => {
      expect(answer(hss().uar(withCapabilities))).toEqual(only('SUCCESS'));
    });
  });
});

describe('[29.228-6.1.1.1] step 6: the state of the Public User Identity', () => {
  const asked = (
    status: ReturnType<typeof statusOf>,
    request: Parameters<TestHss['uar']>[0],
    options: Partial<TestHssOptions> = {},
  ) => {
    const one = hss({ subscriptions: [{ ...alice, capabilities: { mandatory: [4] } }], ...options });
    one.setStatus(status);
    const decision = one.uar(request);
    expect(decision.changes).toBeUndefined();
    return answer(decision);
  };
  const identities = ['sip:alice@ims.example', 'tel:+15550001', 'sip:001010000000001@ims.example'];

  describe.each(identities)('%s', (publicIdentity) => {
    test.each([
      ['registered by this private identity', { registered: [PHONE] }],
      ['registered by another one', { registered: [TABLET] }],
      ['registered by both', { registered: [PHONE, TABLET] }],
      ['unregistered', { state: 'unregistered' as const }],
    ])('%s', (_name, family) => {
      const status = statusOf({ family });
      expect(asked(status, { ...register, publicIdentity })).toEqual(only(SUBSEQUENT, SCSCF1));
      expect(
        asked(status, { ...register, publicIdentity, userAuthorizationType: Type.REGISTRATION }),
      ).toEqual(only(SUBSEQUENT, SCSCF1));
      expect(asked(status, { ...deRegister, publicIdentity })).toEqual(only('SUCCESS', SCSCF1));
    });

    test('not registered, this private identity is being authenticated', () => {
      const status = statusOf({ family: { pending: [PHONE] } });
      expect(asked(status, { ...deRegister, publicIdentity })).toEqual(only('SUCCESS', SCSCF1));
      expect(asked(status, { ...register, publicIdentity })).toEqual(only(SUBSEQUENT, SCSCF1));
    });

    test('not registered, nothing assigned', () => {
      expect(asked(statusOf({}), { ...deRegister, publicIdentity })).toEqual(
        only('experimental ERROR_IDENTITY_NOT_REGISTERED'),
      );
      expect(asked(statusOf({}), { ...register, publicIdentity })).toEqual({
        result: FIRST,
        serverName: undefined,
        serverCapabilities: { mandatoryCapability: [4] },
      });
    });
  });

  test("not registered, another private identity is being authenticated: that is another pair's flag", () => {
    const status = statusOf({ family: { pending: [TABLET] } });
    expect(asked(status, deRegister)).toEqual(only('experimental ERROR_IDENTITY_NOT_REGISTERED'));
    expect(asked(status, register)).toEqual(only(SUBSEQUENT, SCSCF1));
  });

  test.each([
    ['registered', { registered: [TABLET] }],
    ['unregistered', { state: 'unregistered' as const }],
    ['being authenticated', { pending: [TABLET] }],
  ])('not registered, but another set of the subscription is %s: its S-CSCF', (_name, work) => {
    expect(asked(statusOf({ work }), register)).toEqual(only(SUBSEQUENT, SCSCF1));
    expect(asked(statusOf({ work }), deRegister)).toEqual(only('experimental ERROR_IDENTITY_NOT_REGISTERED'));
  });

  test('not registered, a name is stored without a pending flag (NASS-Bundled, GIBA): that S-CSCF', () => {
    const status = statusOf({}, { server: { name: SCSCF1, diameterHost: 'h', diameterRealm: 'r' } });
    expect(asked(status, register)).toEqual(only(SUBSEQUENT, SCSCF1));
    expect(asked(status, deRegister)).toEqual(only('experimental ERROR_IDENTITY_NOT_REGISTERED'));
  });

  test('a pending flag that nobody reported on for too long is none, and its name neither', () => {
    const aged = statusOf({ family: { pending: [PHONE], pendingAgeMs: MAX_PENDING_AGE_MS } });
    expect(asked(aged, deRegister)).toEqual(only('experimental ERROR_IDENTITY_NOT_REGISTERED'));
    expect(asked(aged, register)).toMatchObject({ result: FIRST, serverName: undefined });
    const almost = statusOf({ family: { pending: [PHONE], pendingAgeMs: MAX_PENDING_AGE_MS - 1 } });
    expect(asked(almost, deRegister)).toEqual(only('SUCCESS', SCSCF1));
    // A flag that is too old does not take the name from others that need it.
    const shared = statusOf({
      family: { pending: [PHONE], pendingAgeMs: MAX_PENDING_AGE_MS },
      work: { registered: [TABLET] },
    });
    expect(asked(shared, register)).toEqual(only(SUBSEQUENT, SCSCF1));
  });

  test('emergency: the state decides as ever', () => {
    expect(
      asked(statusOf({ family: { registered: [PHONE] } }), { ...register, uarFlags: EMERGENCY }),
    ).toEqual(only(SUBSEQUENT, SCSCF1));
  });

  test('a state without a name (nothing leads to it): DIAMETER_UNABLE_TO_COMPLY, neither name nor capabilities', () => {
    expect(asked(statusOf({ family: { registered: [PHONE] } }, { server: null }), register)).toEqual(
      only('UNABLE_TO_COMPLY'),
    );
    expect(asked(statusOf({ family: { state: 'unregistered' } }, { server: null }), deRegister)).toEqual(
      only('UNABLE_TO_COMPLY'),
    );
  });

  test('default capabilities of the operator stand in where the subscription asks for none', () => {
    const settings = { defaultCapabilities: { mandatory: [1], optional: [2], serverNames: [] } };
    expect(asked(statusOf({}), register, { subscriptions: [alice], settings }).serverCapabilities).toEqual({
      mandatoryCapability: [1],
      optionalCapability: [2],
    });
    expect(asked(statusOf({}), register, { settings }).serverCapabilities).toEqual({
      mandatoryCapability: [4],
    });
    const named = { defaultCapabilities: { mandatory: [1], optional: [2], serverNames: [SCSCF1] } };
    expect(
      asked(statusOf({}), register, { subscriptions: [alice], settings: named }).serverCapabilities,
    ).toEqual({ serverName: [SCSCF1] });
  });

  test('a set of a name that every object knows is a set like any other', () => {
    const odd = {
      ...bob,
      implicitRegistrationSets: [
        {
          name: 'constructor',
          publicIdentities: [{ identity: 'sip:bob@ims.example', serviceProfile: 'standard' }],
        },
      ],
    };
    const one = hss({ subscriptions: [odd] });
    const request = { userName: 'bob@ims.example', publicIdentity: 'sip:bob@ims.example' };
    expect(result(one.uar(request))).toBe(FIRST);
    one.sar({
      serverAssignmentType: 1,
      userName: request.userName,
      publicIdentity: [request.publicIdentity],
    });
    expect(result(one.uar(request))).toBe(SUBSEQUENT);
    expect(describeSet(one.status(), 'constructor')).toBe('registered(bob), name');
  });
});

describe('[29.228-6.7] S-CSCF capabilities', () => {
  const shared = {
    serviceProfiles: [
      { name: 'standard', capabilitySet: 'base' },
      { name: 'video', capabilitySet: 'video' },
      { name: 'steered', capabilitySet: 'steered' },
      { name: 'unused', capabilitySet: 'unused' },
    ],
    capabilitySets: [
      { name: 'base', mandatory: [1], optional: [7, 8] },
      { name: 'video', mandatory: [1, 7], optional: [9] },
      { name: 'steered', mandatory: [3], serverNames: ['sip:b.ims.example', 'sip:a.ims.example'] },
      { name: 'unused', mandatory: [99] },
    ],
  };
  const set = (name: string, serviceProfile: string) => ({
    name,
    publicIdentities: [{ identity: `sip:${name}@ims.example`, serviceProfile }],
  });
  const capabilities = (...sets: ReturnType<typeof set>[]) =>
    hss({ subscriptions: [{ ...bob, implicitRegistrationSets: sets }], shared }).uar({
      userName: 'bob@ims.example',
      publicIdentity: 'sip:one@ims.example',
    }).avps.serverCapabilities;

  test('[29.228-6.1.1.1] step 6: they satisfy all service profiles of the subscription, also of sets that are not asked for', () => {
    expect(capabilities(set('one', 'standard'))).toEqual({
      mandatoryCapability: [1],
      optionalCapability: [7, 8],
    });
    // What one profile must have is not optional for all.
    expect(capabilities(set('one', 'standard'), set('two', 'video'))).toEqual({
      mandatoryCapability: [1, 7],
      optionalCapability: [8, 9],
    });
  });

  test('preferred S-CSCF names stand alone, in order', () => {
    expect(capabilities(set('one', 'standard'), set('two', 'steered'))).toEqual({
      serverName: ['sip:b.ims.example', 'sip:a.ims.example'],
    });
  });
});
