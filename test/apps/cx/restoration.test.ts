/**
 * IMS Restoration Procedures [29.228-6.1.2.1]: what is kept of S-CSCF restoration information, for whom,
 * until when, and who gets it.
 */
import {
  MultipleRegistrationIndication as Multiple,
  ServerAssignmentType as Type,
} from '../../../src/apps/cx/generated/cx';
import { cxLimits } from '../../../src/apps/cx/limits';
import { cxRequest, decoded, withMandatoryBit } from '../../support/cx-messages';
import {
  groupAvps,
  groups,
  restorationInfo,
  SCSCF_RESTORATION_INFO,
  sent,
  stored,
} from './support/restoration';
import {
  alice,
  describeSet,
  PHONE,
  result,
  server1,
  server2,
  sharedProfiles,
  statusOf,
  TABLET,
} from './support/subscribers';
import { NOW_MS, SCSCF2, TestHss, type SarInput, type TestHssOptions } from './support/test-hss';

const BOTH = { features: ['IMSRestorationInd'] };
const WRONG_TYPE = 'experimental ERROR_IN_ASSIGNMENT_TYPE';
const hss = (options: Partial<TestHssOptions> = BOTH): TestHss =>
  new TestHss({ subscriptions: [alice], shared: sharedProfiles, ...options });
const request = { userName: PHONE, publicIdentity: ['sip:alice@ims.example'] };
const fromServer2 = { serverName: SCSCF2, originHost: 'scscf2.ims.example' };
const multiple = {
  serverAssignmentType: Type.REGISTRATION,
  multipleRegistrationIndication: Multiple.MULTIPLE_REGISTRATION,
};

/** The family registered with these private identities, each with information of the contact given. */
function registered(
  contacts: Readonly<Record<string, string | null>>,
  rest: Parameters<typeof statusOf>[1] = {},
) {
  const status = statusOf({ family: { registered: Object.keys(contacts) } }, rest);
  const privateIdentities = Object.fromEntries(
    Object.entries(contacts).map(([name, contact]) => [
      name,
      { registered: true, since: 7, ...(contact === null ? {} : { restoration: stored(name, contact) }) },
    ]),
  );
  return { ...status, sets: { family: { state: 'registered' as const, privateIdentities } } };
}

const kept = (one: TestHss, set = 'family'): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(one.status().sets[set]?.privateIdentities ?? {})
      .filter(([, entry]) => entry.restoration !== undefined)
      .map(([name, entry]) => [name, entry.restoration]),
  );

describe('[29.228-6.1.2.1] step 5: restoration information is stored', () => {
  test.each([Type.REGISTRATION, Type.RE_REGISTRATION])(
    'type %d: of this private identity and this implicit registration set [29.228-7.21]',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(registered({ [TABLET]: 'old' }));
      const decision = one.sar({
        ...request,
        serverAssignmentType,
        scscfRestorationInfo: restorationInfo(PHONE, 'new'),
      });
      expect(result(decision)).toBe('SUCCESS');
      expect(describeSet(one.status(), 'family')).toBe('registered(phone+tablet), name');
      expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'new'), [TABLET]: stored(TABLET, 'old') });
      expect(kept(one, 'work')).toEqual({});
      one.sar({
        ...request,
        publicIdentity: ['sip:alice.work@ims.example'],
        serverAssignmentType,
        scscfRestorationInfo: restorationInfo(PHONE, 'work'),
      });
      expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'new'), [TABLET]: stored(TABLET, 'old') });
      expect(kept(one, 'work')).toEqual({ [PHONE]: stored(PHONE, 'work') });
    },
  );

  test.each([Type.REGISTRATION, Type.RE_REGISTRATION])(
    'type %d: newer information takes the place of older; the same again writes nothing; none leaves it',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(registered({ [PHONE]: 'old' }));
      one.sar({ ...request, serverAssignmentType, scscfRestorationInfo: restorationInfo(PHONE, 'new') });
      expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'new') });
      expect(
        one.sar({ ...request, serverAssignmentType, scscfRestorationInfo: restorationInfo(PHONE, 'new') })
          .changes,
      ).toBeUndefined();
      expect(one.sar({ ...request, serverAssignmentType }).changes).toBeUndefined();
      expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'new') });
    },
  );

  test('only types that store it do [29.228-6.1.2] table 6.1.2.1', () => {
    for (const serverAssignmentType of [0, 3, 4, 5, 6, 7, 8, 9, 10, 11] as Type[]) {
      const one = hss();
      one.setStatus(registered({ [PHONE]: 'old', [TABLET]: 'old' }));
      one.sar({ ...request, serverAssignmentType, scscfRestorationInfo: restorationInfo(PHONE, 'new') });
      expect(Object.values(kept(one))).not.toContainEqual(stored(PHONE, 'new'));
    }
  });

  test('it is kept as it came, AVPs unknown here included; only the M bit is cleared [29.229-6.3]', () => {
    const one = hss();
    const unknown = { code: 9_999, vendorId: 10415, mandatory: false, data: Buffer.from('later release') };
    const info = {
      ...restorationInfo(PHONE),
      additionalAvps: [unknown],
      sipAuthenticationScheme: 'SIP Digest',
    };
    one.sar({ ...request, serverAssignmentType: Type.REGISTRATION, scscfRestorationInfo: info });
    const answer = one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT });
    expect(groups(answer)).toEqual([info]);

    const octets = withMandatoryBit(
      cxRequest(
        'SAR',
        { originHost: 'a', originRealm: 'b' },
        {
          ...request,
          serverName: 'sip:s',
          serverAssignmentType: 1,
          userDataAlreadyAvailable: 0,
          scscfRestorationInfo: info,
        },
      ),
      SCSCF_RESTORATION_INFO,
    );
    const { avp } = one.status().sets.family?.privateIdentities[PHONE]?.restoration ?? { avp: '' };
    // What the message had, but for the bit.
    expect(octets.includes(Buffer.from(avp, 'base64').subarray(12))).toBe(true);
    expect(groupAvps(answer).map(({ flags }) => flags)).toEqual([0x80]);
    expect(decoded(octets).avps['scscfRestorationInfo']).toEqual(info);
  });

  test('Registration-Time-Out is kept beside it [29.229-6.3.71]', () => {
    const one = hss();
    const registrationTimeOut = new Date(NOW_MS + 600_000);
    one.sar({
      ...request,
      serverAssignmentType: Type.REGISTRATION,
      scscfRestorationInfo: restorationInfo(PHONE, 'c1', { registrationTimeOut }),
    });
    expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'c1', NOW_MS + 600_000) });
    expect(
      groups(one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT }))[0]?.registrationTimeOut,
    ).toEqual(registrationTimeOut);
  });

  test('without IMS Restoration Procedures in the HSS nothing is stored, and what was stored before is not trusted any more', () => {
    const one = hss({ settings: { imsRestoration: false } });
    one.sar({
      ...request,
      serverAssignmentType: Type.REGISTRATION,
      scscfRestorationInfo: restorationInfo(PHONE),
    });
    expect(kept(one)).toEqual({});
    one.setStatus(registered({ [PHONE]: 'old', [TABLET]: 'old' }));
    one.sar({ ...request, serverAssignmentType: Type.RE_REGISTRATION });
    expect(kept(one)).toEqual({ [TABLET]: stored(TABLET, 'old') });
  });

  test('note 3: an S-CSCF that does not announce the feature leaves what is stored, and what it sends all the same is stored', () => {
    const one = hss({});
    one.setStatus(registered({ [PHONE]: 'old' }));
    expect(one.sar({ ...request, serverAssignmentType: Type.REGISTRATION }).changes).toBeUndefined();
    one.sar({
      ...request,
      serverAssignmentType: Type.RE_REGISTRATION,
      scscfRestorationInfo: restorationInfo(PHONE, 'new'),
    });
    expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'new') });
  });

  describe('what cannot be taken leaves nothing, and is counted', () => {
    const long = (octets: number) => ({
      ...restorationInfo(PHONE),
      restorationInfo: [{ path: Buffer.alloc(octets, 0x61), contact: Buffer.from('<sip:c;id=long>') }],
    });
    const take = (one: TestHss, scscfRestorationInfo: SarInput['scscfRestorationInfo']) =>
      one.sar({
        ...request,
        serverAssignmentType: Type.RE_REGISTRATION,
        ...(scscfRestorationInfo === undefined ? {} : { scscfRestorationInfo }),
      });

    test('information of one registration is bounded', () => {
      const one = hss();
      one.setStatus(registered({ [PHONE]: 'old' }));
      // AVP headers, User-Name and Contact are the rest.
      const overhead = Buffer.from(stored(PHONE).avp, 'base64').length;
      expect(take(one, long(cxLimits.restorationInfoOctets - overhead)).notable).toBeUndefined();
      expect(sent(one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT }))).toEqual([
        `${PHONE} long`,
      ]);
      const decision = take(one, long(cxLimits.restorationInfoOctets));
      expect([result(decision), decision.notable]).toEqual(['SUCCESS', 'restorationInfoTooLarge']);
      expect(kept(one)).toEqual({});
      expect(describeSet(one.status(), 'family')).toBe('registered(phone), name');
    });

    test('so is that of a subscription', () => {
      const one = hss();
      const count = Math.floor(
        cxLimits.restorationInfoPerSubscriptionOctets / cxLimits.restorationInfoOctets,
      );
      const large = Buffer.alloc(cxLimits.restorationInfoOctets).toString('base64');
      const entries = Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `p${index}@ims.example`,
          { registered: true, restoration: { avp: large } },
        ]),
      );
      one.setStatus({
        ...statusOf({}, { server: server1 }),
        sets: { work: { state: 'registered', privateIdentities: entries } },
      });
      expect(take(one, restorationInfo(PHONE)).notable).toBe('restorationInfoTooLarge');
      expect(kept(one)).toEqual({});
      // What it takes the place of does not count.
      const { 'p0@ims.example': _first, ...others } = entries;
      one.setStatus({
        ...statusOf({}, { server: server1 }),
        sets: {
          work: { state: 'registered', privateIdentities: others },
          family: {
            state: 'registered',
            privateIdentities: { [PHONE]: { registered: true, restoration: { avp: large } } },
          },
        },
      });
      expect(take(one, restorationInfo(PHONE)).notable).toBeUndefined();
      expect(kept(one)).toEqual({ [PHONE]: stored(PHONE) });
    });

    test('of another private identity than the one of the request', () => {
      const one = hss();
      one.setStatus(registered({ [PHONE]: 'old', [TABLET]: 'old' }));
      const decision = take(one, restorationInfo(TABLET, 'new'));
      expect([result(decision), decision.notable]).toEqual(['SUCCESS', 'restorationInfoOfAnotherIdentity']);
      expect(kept(one)).toEqual({ [TABLET]: stored(TABLET, 'old') });
    });
  });
});

describe('[29.228-6.1.2.1] step 5: REGISTRATION as a multiple registration', () => {
  const info = { scscfRestorationInfo: restorationInfo(PHONE, 'new') };

  test('registered, and information is stored: it is not overwritten but sent with the profile and ERROR_IN_ASSIGNMENT_TYPE', () => {
    const one = hss();
    one.setStatus(registered({ [PHONE]: 'old', [TABLET]: 'old' }));
    const decision = one.sar({ ...request, ...multiple, ...info });
    expect(result(decision)).toBe(WRONG_TYPE);
    expect(sent(decision)).toEqual([`${PHONE} old`]);
    expect(decision.avps.userData?.toString()).toContain('sip:alice@ims.example');
    expect(decision.avps).toMatchObject({
      userName: PHONE,
      associatedIdentities: { userName: [PHONE, TABLET] },
      associatedRegisteredIdentities: { userName: [PHONE, TABLET] },
    });
    expect(decision.changes).toBeUndefined();
    // The profile goes by the rules of 6.6.
    expect(
      one.sar({ ...request, ...multiple, ...info, userDataAlreadyAvailable: 1 }).avps.userData,
    ).toBeUndefined();
  });

  test('operator policy: the groups of all private identities', () => {
    const one = hss({ ...BOTH, settings: { sendAllRestorationInfo: true } });
    one.setStatus(registered({ [PHONE]: 'old', [TABLET]: 'other' }));
    expect(sent(one.sar({ ...request, ...multiple, ...info }))).toEqual([`${PHONE} old`, `${TABLET} other`]);
  });

  test('then RE_REGISTRATION stores what the S-CSCF made of it', () => {
    const one = hss();
    one.setStatus(registered({ [PHONE]: 'old' }));
    one.sar({ ...request, ...multiple, ...info });
    one.sar({
      ...request,
      serverAssignmentType: Type.RE_REGISTRATION,
      scscfRestorationInfo: restorationInfo(PHONE, 'merged'),
    });
    expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'merged') });
  });

  test.each<[string, Parameters<TestHss['setStatus']>[0], object]>([
    ['the identity is not registered', statusOf({}), {}],
    ['the identity is unregistered', statusOf({ family: { state: 'unregistered' } }), {}],
    ['no information of this private identity is stored', registered({ [PHONE]: null, [TABLET]: 'old' }), {}],
    [
      'NOT_MULTIPLE_REGISTRATION',
      registered({ [PHONE]: 'old' }),
      { multipleRegistrationIndication: Multiple.NOT_MULTIPLE_REGISTRATION },
    ],
    ['no indication', registered({ [PHONE]: 'old' }), { multipleRegistrationIndication: undefined }],
    [
      'it is a RE_REGISTRATION',
      registered({ [PHONE]: 'old' }),
      { serverAssignmentType: Type.RE_REGISTRATION },
    ],
  ])('%s: success, what came is stored', (_name, status, change) => {
    const one = hss();
    one.setStatus(status);
    const decision = one.sar({ ...request, ...multiple, ...info, ...change });
    expect(result(decision)).toBe('SUCCESS');
    expect(sent(decision)).toEqual([]);
    expect(kept(one)[PHONE]).toEqual(stored(PHONE, 'new'));
  });

  test('an S-CSCF that cannot be given the information [29.229-7.1.1] is served as if it were no multiple registration', () => {
    for (const options of [{}, { settings: { imsRestoration: false } }]) {
      const one = hss(options);
      one.setStatus(registered({ [PHONE]: 'old' }));
      const decision = one.sar({ ...request, ...multiple });
      expect([result(decision), sent(decision)]).toEqual(['SUCCESS', []]);
    }
  });

  test('the S-CSCF is assigned and the authentication is over, although the answer is an error', () => {
    const one = hss();
    const pending = registered({ [PHONE]: 'old' }, { reassignmentPending: true });
    one.setStatus({
      ...pending,
      sets: {
        family: {
          state: 'registered',
          privateIdentities: {
            [PHONE]: {
              registered: true,
              restoration: stored(PHONE, 'old'),
              authenticationPendingSinceMs: NOW_MS,
            },
          },
        },
      },
    });
    expect(result(one.sar({ ...request, ...multiple, ...info, ...fromServer2 }))).toBe(WRONG_TYPE);
    expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
    expect(one.status().sets.family?.privateIdentities).toEqual({
      [PHONE]: { registered: true, since: 8, restoration: stored(PHONE, 'old') },
    });
  });

  test('information of a registration whose time is out does not stand in the way of the new one [29.229-6.3.71]', () => {
    for (const [timeOutMs, expected, left] of [
      [NOW_MS + 1, WRONG_TYPE, 'old'],
      [NOW_MS, 'SUCCESS', 'new'],
    ] as const) {
      const one = hss();
      const status = registered({ [PHONE]: 'old' });
      one.setStatus({
        ...status,
        sets: {
          family: {
            state: 'registered',
            privateIdentities: {
              [PHONE]: { registered: true, restoration: stored(PHONE, 'old', timeOutMs) },
            },
          },
        },
      });
      expect(result(one.sar({ ...request, ...multiple, ...info }))).toBe(expected);
      expect(sent(one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT }))).toEqual([
        `${PHONE} ${left}`,
      ]);
    }
  });
});

describe('[29.228-6.1.2.1] step 5: NO_ASSIGNMENT gets what is stored', () => {
  test('the groups of all private identities, of the set that was asked for', () => {
    const one = hss();
    const status = registered({ [PHONE]: 'a', [TABLET]: 'b' });
    one.setStatus({
      ...status,
      sets: {
        ...status.sets,
        work: {
          state: 'registered',
          privateIdentities: { [PHONE]: { registered: true, restoration: stored(PHONE, 'w') } },
        },
      },
    });
    const decision = one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT });
    expect([result(decision), sent(decision)]).toEqual(['SUCCESS', [`${PHONE} a`, `${TABLET} b`]]);
    expect(decision.avps.associatedRegisteredIdentities).toBeUndefined();
    expect(
      sent(
        one.sar({ publicIdentity: ['sip:alice.work@ims.example'], serverAssignmentType: Type.NO_ASSIGNMENT }),
      ),
    ).toEqual([`${PHONE} w`]);
    expect(decision.changes).toBeUndefined();
  });

  test.each([
    ['only the HSS supports it', {}],
    ['the HSS does not', { settings: { imsRestoration: false }, features: ['IMSRestorationInd'] }],
  ])('%s: none is sent [29.229-7.1.1], none is lost', (_name, options) => {
    const one = hss(options);
    const status = registered({ [PHONE]: 'a' });
    one.setStatus(status);
    expect(sent(one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT }))).toEqual([]);
    expect(one.status()).toBe(status);
  });

  test('note 6: another S-CSCF while reassignment is pending, which stays pending', () => {
    const one = hss();
    one.setStatus(registered({ [PHONE]: 'a' }, { reassignmentPending: true }));
    const decision = one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT, ...fromServer2 });
    expect([result(decision), sent(decision)]).toEqual(['SUCCESS', [`${PHONE} a`]]);
    expect(decision.changes).toBeUndefined();
    one.setStatus(registered({ [PHONE]: 'a' }));
    const refused = one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT, ...fromServer2 });
    expect([result(refused), sent(refused)]).toEqual(['UNABLE_TO_COMPLY', []]);
  });

  test('no S-CSCF is assigned, and reassignment is pending: the profile', () => {
    const one = hss();
    one.setStatus(statusOf({}, { reassignmentPending: true }));
    expect(result(one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT }))).toBe('SUCCESS');
  });

  test('information whose time is out is sent: the S-CSCF sees it and ends the registration', () => {
    const one = hss();
    const status = registered({});
    one.setStatus({
      ...status,
      sets: {
        family: {
          state: 'registered',
          privateIdentities: {
            [PHONE]: { registered: true, restoration: stored(PHONE, 'late', NOW_MS - 1_000) },
          },
        },
      },
    });
    expect(sent(one.sar({ ...request, serverAssignmentType: Type.NO_ASSIGNMENT }))).toEqual([
      `${PHONE} late`,
    ]);
    expect(sent(one.sar({ ...request, serverAssignmentType: Type.UNREGISTERED_USER }))).toEqual([
      `${PHONE} late`,
    ]);
  });
});

describe('[29.228-6.1.2.1] step 5: UNREGISTERED_USER of a registered identity', () => {
  const asks = { serverAssignmentType: Type.UNREGISTERED_USER, publicIdentity: ['tel:+15550001'] };

  test('ERROR_IN_ASSIGNMENT_TYPE with the groups of all private identities; the registrations stay', () => {
    const one = hss();
    const status = registered({ [PHONE]: 'a', [TABLET]: 'b' });
    one.setStatus(status);
    const decision = one.sar(asks);
    expect([result(decision), sent(decision)]).toEqual([WRONG_TYPE, [`${PHONE} a`, `${TABLET} b`]]);
    expect(decision.avps).toEqual({ userName: PHONE });
    expect(one.status()).toBe(status);
  });

  test('no information is stored: ERROR_IN_ASSIGNMENT_TYPE without any', () => {
    const one = hss();
    one.setStatus(registered({ [PHONE]: null }));
    const decision = one.sar(asks);
    expect([result(decision), sent(decision), decision.encodedAvps]).toEqual([WRONG_TYPE, [], undefined]);
  });

  test('another S-CSCF while reassignment is pending: it is the assigned one from then on', () => {
    const one = hss();
    one.setStatus(registered({ [PHONE]: 'a' }, { reassignmentPending: true }));
    const decision = one.sar({ ...asks, ...fromServer2 });
    expect([result(decision), sent(decision)]).toEqual([WRONG_TYPE, [`${PHONE} a`]]);
    expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
    expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'a') });
    expect(one.lir({ publicIdentity: 'sip:alice@ims.example' }).avps.serverName).toBe(SCSCF2);
  });

  test.each([
    ['the S-CSCF does not support it (note 3)', {}],
    ['the HSS does not', { settings: { imsRestoration: false } }],
  ])('%s: unregistered, and the information is cleared', (_name, options) => {
    const one = hss(options);
    one.setStatus(registered({ [PHONE]: 'a', [TABLET]: 'b' }));
    const decision = one.sar(asks);
    expect([result(decision), sent(decision)]).toEqual(['SUCCESS', []]);
    expect(decision.avps.userData).toBeDefined();
    expect(one.status().sets.family).toEqual({ state: 'unregistered', since: 8, privateIdentities: {} });
  });
});

describe('[29.228-6.1.2] table 6.1.2.2: Associated-Registered-Identities', () => {
  const types = [Type.REGISTRATION, Type.RE_REGISTRATION];

  test.each(types)(
    'type %d: everybody who is registered with the identity, where that is more than the one of the request',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(registered({ [TABLET]: null }));
      expect(
        one
          .sar({ ...request, serverAssignmentType })
          .avps.associatedRegisteredIdentities?.userName?.toString()
          .split(',')
          .sort(),
      ).toEqual([PHONE, TABLET]);
      expect(
        one.sar({ ...request, serverAssignmentType, publicIdentity: ['sip:alice.work@ims.example'] }).avps
          .associatedRegisteredIdentities,
      ).toBeUndefined();
      const alone = hss();
      alone.setStatus(registered({ [PHONE]: null }));
      expect(
        alone.sar({ ...request, serverAssignmentType }).avps.associatedRegisteredIdentities,
      ).toBeUndefined();
    },
  );

  test('a private identity that is only being authenticated is not registered', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE], pending: [TABLET] } }));
    expect(
      one.sar({ ...request, serverAssignmentType: Type.RE_REGISTRATION }).avps.associatedRegisteredIdentities,
    ).toBeUndefined();
  });

  test.each([
    ['only the HSS supports restoration', {}],
    ['the HSS does not', { settings: { imsRestoration: false } }],
  ])('%s: absent', (_name, options) => {
    const one = hss(options);
    one.setStatus(registered({ [PHONE]: null, [TABLET]: null }));
    for (const serverAssignmentType of types)
      expect(
        one.sar({ ...request, serverAssignmentType }).avps.associatedRegisteredIdentities,
      ).toBeUndefined();
  });

  test.each(types)(
    'type %d, note 2: the groups go with it where the operator wants so, and only where others are registered',
    (serverAssignmentType) => {
      const scscfRestorationInfo = restorationInfo(PHONE, 'new');
      const all = hss({ ...BOTH, settings: { sendAllRestorationInfo: true } });
      all.setStatus(registered({ [TABLET]: 'b' }));
      expect(sent(all.sar({ ...request, serverAssignmentType, scscfRestorationInfo }))).toEqual([
        `${PHONE} new`,
        `${TABLET} b`,
      ]);
      all.setStatus(registered({ [PHONE]: 'a' }));
      expect(sent(all.sar({ ...request, serverAssignmentType }))).toEqual([]);
      const none = hss();
      none.setStatus(registered({ [PHONE]: 'a', [TABLET]: 'b' }));
      expect(sent(none.sar({ ...request, serverAssignmentType }))).toEqual([]);
      const silent = hss({ settings: { sendAllRestorationInfo: true } });
      silent.setStatus(registered({ [PHONE]: 'a', [TABLET]: 'b' }));
      expect(sent(silent.sar({ ...request, serverAssignmentType }))).toEqual([]);
    },
  );
});

describe('an S-CSCF fails, and another one takes over', () => {
  const capabilities = { userAuthorizationType: 2 as const };

  test('[29.228-6.1.4.1] step 2a: a call: LIR asks for a new S-CSCF, which gets the information and serves the user as registered', () => {
    const one = hss();
    one.sar({
      ...request,
      serverAssignmentType: Type.REGISTRATION,
      scscfRestorationInfo: restorationInfo(PHONE, 'a'),
    });
    expect(
      one.lir({ publicIdentity: 'sip:alice@ims.example', ...capabilities }).avps.serverName,
    ).toBeUndefined();
    const decision = one.sar({
      serverAssignmentType: Type.UNREGISTERED_USER,
      publicIdentity: request.publicIdentity,
      ...fromServer2,
    });
    expect([result(decision), sent(decision)]).toEqual([WRONG_TYPE, [`${PHONE} a`]]);
    expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
    // The old one is back, and is told who has the user.
    const old = one.sar({ ...request, serverAssignmentType: Type.RE_REGISTRATION });
    expect([result(old), old.avps.serverName]).toEqual([
      'experimental ERROR_IDENTITY_ALREADY_REGISTERED',
      SCSCF2,
    ]);
  });

  test('[29.228-6.1.1.1] step 5, [29.228-6.3.1] step 5: a registration: UAR, MAR and SAR of the new S-CSCF; the information of the others stays', () => {
    const one = hss();
    one.setStatus(registered({ [PHONE]: 'a', [TABLET]: 'b' }));
    const { userName } = request;
    one.uar({ userName, publicIdentity: 'sip:alice@ims.example', ...capabilities });
    expect(one.status().reassignmentPending).toBe(true);
    one.mar({ userName, publicIdentity: 'sip:alice@ims.example', ...fromServer2 });
    expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
    expect(kept(one)).toEqual({ [PHONE]: stored(PHONE, 'a'), [TABLET]: stored(TABLET, 'b') });
    const decision = one.sar({
      ...request,
      serverAssignmentType: Type.REGISTRATION,
      scscfRestorationInfo: restorationInfo(PHONE, 'new'),
      ...fromServer2,
    });
    expect(decision.avps.associatedRegisteredIdentities).toEqual({ userName: [PHONE, TABLET] });
    // What the S-CSCF does for the tablet then (6.1.2.1 note 2).
    expect(
      sent(
        one.sar({ ...request, userName: TABLET, serverAssignmentType: Type.NO_ASSIGNMENT, ...fromServer2 }),
      ),
    ).toEqual([`${PHONE} new`, `${TABLET} b`]);
  });

  test.each([Type.REGISTRATION, Type.RE_REGISTRATION])(
    '[29.228-8.1.2] type %d without MAR: the name is overwritten once, and not again',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(registered({ [PHONE]: 'a' }, { reassignmentPending: true }));
      expect(result(one.sar({ ...request, serverAssignmentType, ...fromServer2 }))).toBe('SUCCESS');
      expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
      expect(result(one.sar({ ...request, serverAssignmentType }))).toBe(
        'experimental ERROR_IDENTITY_ALREADY_REGISTERED',
      );
    },
  );

  test.each([Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME, Type.USER_DEREGISTRATION_STORE_SERVER_NAME])(
    '[29.228-8.1.2] type %d while reassignment is pending: the S-CSCF that keeps the profile is the assigned one',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(registered({ [PHONE]: 'a' }, { reassignmentPending: true }));
      expect(result(one.sar({ ...request, serverAssignmentType, ...fromServer2 }))).toBe('SUCCESS');
      expect(describeSet(one.status(), 'family')).toBe('unregistered, name');
      expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
      // Others are registered still: nothing was said about them.
      one.setStatus(registered({ [PHONE]: 'a', [TABLET]: 'b' }, { reassignmentPending: true }));
      one.sar({ ...request, serverAssignmentType, ...fromServer2 });
      expect(one.status()).toMatchObject({ server: server1, reassignmentPending: true });
      expect(kept(one)).toEqual({ [TABLET]: stored(TABLET, 'b') });
    },
  );
});
