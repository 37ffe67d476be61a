/**
 * Steps 1 to 4 of [29.228-6.1.2.1], the presence conditions of table 6.1.2.1, S-CSCF names, and several
 * Public-Identity AVPs.
 */
import { ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import {
  alice,
  bob,
  describeSet,
  PHONE,
  result,
  server1,
  server2,
  services,
  sharedProfiles,
  statusOf,
  TABLET,
} from './support/subscribers';
import { MAX_PENDING_AGE_MS, NOW_MS, SCSCF1, SCSCF2, TestHss, type TestHssOptions } from './support/test-hss';

const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [alice, bob, services], shared: sharedProfiles, ...options });

const WRONG_TYPE = 'experimental ERROR_IN_ASSIGNMENT_TYPE';
const UNKNOWN = 'experimental ERROR_USER_UNKNOWN';
const DONT_MATCH = 'experimental ERROR_IDENTITIES_DONT_MATCH';
const ALREADY = 'experimental ERROR_IDENTITY_ALREADY_REGISTERED';

const deRegistrationTypes = [4, 5, 6, 7, 8, 11] as Type[];
const singleTypes = [0, 1, 2, 3, 9, 10] as Type[];
const cxTypes = [...singleTypes, ...deRegistrationTypes];
const request = { userName: PHONE, publicIdentity: ['sip:alice@ims.example'] };
const { userName: _phone, ...withoutUserName } = request;

describe('[29.228-6.1.2] table 6.1.2.1: what has to be there', () => {
  const missing = (code: number, vendorId: number) => [
    { code, vendorId, mandatory: true, data: Buffer.alloc(0) },
  ];

  test.each(singleTypes)('type %d without Public-Identity: DIAMETER_MISSING_AVP', (serverAssignmentType) => {
    const decision = hss().sar({ serverAssignmentType, userName: PHONE });
    expect(result(decision)).toBe('MISSING_AVP');
    expect(decision.failedAvps).toEqual(missing(601, 10415));
    expect(decision.refusal?.clause).toBe('TS 29.228 table 6.1.2.1');
    expect(result(hss().sar({ serverAssignmentType, userName: PHONE, publicIdentity: [] }))).toBe(
      'MISSING_AVP',
    );
  });

  test.each([1, 2, 9, 10] as Type[])(
    'type %d without User-Name: DIAMETER_MISSING_AVP',
    (serverAssignmentType) => {
      const decision = hss().sar({ serverAssignmentType, ...withoutUserName });
      expect(result(decision)).toBe('MISSING_AVP');
      expect(decision.failedAvps).toEqual(missing(1, 0));
    },
  );

  test.each(deRegistrationTypes)(
    'type %d with neither: DIAMETER_MISSING_AVP for User-Name',
    (serverAssignmentType) => {
      const decision = hss().sar({ serverAssignmentType });
      expect(result(decision)).toBe('MISSING_AVP');
      expect(decision.failedAvps).toEqual(missing(1, 0));
    },
  );

  test.each([0, 3] as Type[])(
    'type %d without User-Name is served, and the answer has one that is associated',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(statusOf({ family: { state: 'unregistered' } }));
      const decision = one.sar({ serverAssignmentType, ...withoutUserName });
      expect(result(decision)).toBe('SUCCESS');
      expect([PHONE, TABLET]).toContain(decision.avps.userName);
      expect(decision.avps.userData?.toString()).toContain(
        `<PrivateID>${decision.avps.userName}</PrivateID>`,
      );
    },
  );

  test('UNREGISTERED_USER for an unknown identity: no User-Name is available', () => {
    const decision = hss().sar({
      serverAssignmentType: Type.UNREGISTERED_USER,
      publicIdentity: ['sip:nobody@ims.example'],
    });
    expect(result(decision)).toBe(UNKNOWN);
    expect(decision.avps).toEqual({});
  });

  test('errors carry a User-Name where one is available', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [TABLET] } }));
    expect(
      one.sar({ serverAssignmentType: Type.NO_ASSIGNMENT, ...withoutUserName, serverName: SCSCF2 }).avps
        .userName,
    ).toBe(TABLET);
    expect(hss().sar({ serverAssignmentType: Type.NO_ASSIGNMENT, ...withoutUserName }).avps.userName).toBe(
      PHONE,
    );
  });
});

describe('[29.228-6.1.2.1] step 1: the identities exist', () => {
  test.each(cxTypes)('type %d', (serverAssignmentType) => {
    for (const identities of [
      { userName: PHONE, publicIdentity: ['sip:nobody@ims.example'] },
      { userName: 'nobody@ims.example', publicIdentity: ['sip:alice@ims.example'] },
      { userName: 'nobody@ims.example', publicIdentity: ['sip:nobody@ims.example'] },
    ]) {
      const decision = hss().sar({ serverAssignmentType, ...identities });
      expect(result(decision)).toBe(UNKNOWN);
      expect(decision.refusal?.clause).toBe('TS 29.228 6.1.2.1 step 1');
      expect(decision.avps).toEqual({ userName: identities.userName });
    }
  });

  test.each(deRegistrationTypes)(
    'type %d: one of several, or the private one alone',
    (serverAssignmentType) => {
      for (const publicIdentity of [
        ['sip:alice@ims.example', 'sip:nobody@ims.example'],
        ['sip:nobody@ims.example', 'sip:alice@ims.example'],
      ]) {
        const one = hss();
        one.setStatus(statusOf({ family: { registered: [PHONE] } }));
        const decision = one.sar({ serverAssignmentType, userName: PHONE, publicIdentity });
        expect(result(decision)).toBe(UNKNOWN);
        expect(decision.refusal?.check).toContain('sip:nobody@ims.example');
        expect(decision.changes).toBeUndefined();
      }
      expect(result(hss().sar({ serverAssignmentType, userName: 'nobody@ims.example' }))).toBe(UNKNOWN);
    },
  );
});

describe('[29.228-6.1.2.1] step 2: the identities are associated', () => {
  test.each(cxTypes)('type %d', (serverAssignmentType) => {
    for (const identities of [
      { userName: 'bob@ims.example', publicIdentity: ['sip:alice@ims.example'] },
      { userName: TABLET, publicIdentity: ['sip:alice.phone@ims.example'] },
    ]) {
      const decision = hss().sar({ serverAssignmentType, ...identities });
      expect(result(decision)).toBe(DONT_MATCH);
      expect(decision.refusal?.clause).toBe('TS 29.228 6.1.2.1 step 2');
      expect(decision.avps).toEqual({ userName: identities.userName });
    }
  });

  test.each(deRegistrationTypes)('type %d: every one of several', (serverAssignmentType) => {
    expect(
      result(
        hss().sar({
          serverAssignmentType,
          userName: PHONE,
          publicIdentity: ['sip:alice@ims.example', 'sip:bob@ims.example'],
        }),
      ),
    ).toBe(DONT_MATCH);
    expect(
      result(
        hss().sar({ serverAssignmentType, publicIdentity: ['sip:alice@ims.example', 'sip:bob@ims.example'] }),
      ),
    ).toBe(DONT_MATCH);
    expect(
      result(
        hss().sar({
          serverAssignmentType,
          userName: TABLET,
          publicIdentity: ['sip:alice@ims.example', 'sip:alice.phone@ims.example'],
        }),
      ),
    ).toBe(DONT_MATCH);
  });
});

describe('[29.228-6.1.2.1] step 3: several Public-Identity AVPs', () => {
  const two = ['sip:alice@ims.example', 'sip:alice.work@ims.example'];

  test.each(singleTypes)(
    'type %d takes one: DIAMETER_AVP_OCCURS_TOO_MANY_TIMES, no user information',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(statusOf({ family: { registered: [PHONE] }, work: { registered: [PHONE] } }));
      const decision = one.sar({ serverAssignmentType, userName: PHONE, publicIdentity: two });
      expect(result(decision)).toBe('AVP_OCCURS_TOO_MANY_TIMES');
      expect(decision.failedAvps).toEqual([
        { code: 601, vendorId: 10415, mandatory: true, data: Buffer.from('sip:alice.work@ims.example') },
      ]);
      expect(decision.avps).toEqual({ userName: PHONE });
      expect(decision.changes).toBeUndefined();
    },
  );

  test.each(deRegistrationTypes)("type %d takes several: each one's set", (serverAssignmentType) => {
    const keeps = serverAssignmentType === 6 || serverAssignmentType === 7;
    const one = hss();
    one.setStatus(
      statusOf({
        family: { registered: [PHONE, TABLET] },
        work: { registered: [PHONE] },
        'phone-only': { registered: [PHONE] },
      }),
    );
    expect(
      result(one.sar({ serverAssignmentType, userName: PHONE, publicIdentity: [...two, 'tel:+15550001'] })),
    ).toBe('SUCCESS');
    expect(describeSet(one.status(), 'family')).toBe('registered(tablet), name');
    expect(describeSet(one.status(), 'work')).toBe(`${keeps ? 'unregistered' : 'notRegistered'}, name`);
    expect(describeSet(one.status(), 'phone-only')).toBe('registered(phone), name');
  });

  test.each(deRegistrationTypes)(
    'type %d: one that is not registered does not keep the others from being de-registered',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(statusOf({ family: { registered: [PHONE] } }));
      expect(result(one.sar({ serverAssignmentType, userName: PHONE, publicIdentity: two }))).toBe('SUCCESS');
      expect(one.status().sets.work).toBeUndefined();
      expect(one.status().sets.family?.state ?? 'notRegistered').not.toBe('registered');
    },
  );

  test.each(deRegistrationTypes)(
    'type %d without User-Name: one that has several private identities refuses all',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(statusOf({ family: { registered: [PHONE, TABLET] }, work: { registered: [PHONE] } }));
      const decision = one.sar({
        serverAssignmentType,
        publicIdentity: ['sip:alice.work@ims.example', 'sip:alice@ims.example'],
      });
      expect(result(decision)).toBe('MISSING_AVP');
      expect(decision.changes).toBeUndefined();
    },
  );
});

describe('[29.228-6.1.2.1] step 4: the type of the Public Identity', () => {
  const userTypes = [1, 2, 5, 7, 9, 10] as Type[];

  test.each(userTypes)(
    'type %d is for distinct Public User Identities [29.228-8.1.3]',
    (serverAssignmentType) => {
      for (const publicIdentity of [
        'sip:direct@ims.example',
        'sip:inactive@ims.example',
        'sip:pbx-!.*!@ims.example',
      ]) {
        const one = hss();
        one.setStatus(
          statusOf({ direct: { state: 'unregistered' }, wild: { registered: ['as@ims.example'] } }),
          'services',
        );
        const decision = one.sar({
          serverAssignmentType,
          userName: 'as@ims.example',
          publicIdentity: [publicIdentity],
        });
        expect(result(decision)).toBe(WRONG_TYPE);
        expect(decision.refusal?.clause).toBe('TS 29.228 6.1.2.1 step 4');
      }
    },
  );

  test.each([0, 3, 4, 6, 8, 11] as Type[])(
    'type %d serves an active PSI, and an inactive one is unknown',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(
        statusOf({ routed: { state: 'unregistered' }, inactive: { state: 'unregistered' } }),
        'services',
      );
      expect(result(one.sar({ serverAssignmentType, publicIdentity: ['sip:routed@ims.example'] }))).toBe(
        'SUCCESS',
      );
      const inactive = one.sar({ serverAssignmentType, publicIdentity: ['sip:inactive@ims.example'] });
      expect(result(inactive)).toBe(UNKNOWN);
      expect(inactive.refusal?.clause).toBe('TS 29.228 6.1.2.1 step 4');
    },
  );

  test('only identities that the request names are checked: a private identity alone may have services too', () => {
    const both = {
      ...alice,
      implicitRegistrationSets: [
        ...alice.implicitRegistrationSets,
        {
          name: 'service',
          publicIdentities: [
            {
              identity: 'sip:alice.service@ims.example',
              type: 'distinctPsi' as const,
              serviceProfile: 'standard',
              psi: { active: false },
            },
          ],
        },
      ],
    };
    for (const [serverAssignmentType, service] of [
      [Type.USER_DEREGISTRATION, 'unregistered, name'],
      [Type.TIMEOUT_DEREGISTRATION, 'notRegistered, no name'],
    ] as const) {
      const one = hss({ subscriptions: [both] });
      one.setStatus(statusOf({ family: { registered: [PHONE] }, service: { state: 'unregistered' } }));
      expect(result(one.sar({ serverAssignmentType, userName: PHONE }))).toBe('SUCCESS');
      expect(one.status().sets.family).toBeUndefined();
      expect(describeSet(one.status(), 'service')).toBe(service);
    }
  });
});

describe('[29.228-6.1.2.1] step 5: de-registration of a private identity, without Public-Identity', () => {
  test.each(deRegistrationTypes)(
    'type %d: every set that it is associated with [29.228-6.5.1.2]',
    (serverAssignmentType) => {
      const keeps = serverAssignmentType === 6 || serverAssignmentType === 7;
      const ended = keeps ? 'unregistered, name' : 'notRegistered, name';
      const one = hss();
      one.setStatus(
        statusOf({
          family: { registered: [PHONE, TABLET] },
          work: { state: 'unregistered' },
          'phone-only': { registered: [PHONE] },
        }),
      );
      expect(result(one.sar({ serverAssignmentType, userName: PHONE }))).toBe('SUCCESS');
      expect(describeSet(one.status(), 'family')).toBe('registered(tablet), name');
      expect(describeSet(one.status(), 'work')).toBe(ended);
      expect(describeSet(one.status(), 'phone-only')).toBe(ended);

      const other = hss();
      other.setStatus(statusOf({ family: { registered: [TABLET] }, 'phone-only': { registered: [PHONE] } }));
      expect(result(other.sar({ serverAssignmentType, userName: TABLET }))).toBe('SUCCESS');
      expect(describeSet(other.status(), 'family')).toBe(ended);
      expect(describeSet(other.status(), 'phone-only')).toBe('registered(phone), name');
    },
  );

  test.each(deRegistrationTypes)(
    'type %d: nothing of it is registered [29.228-8.1.3]',
    (serverAssignmentType) => {
      const one = hss();
      one.setStatus(statusOf({ 'phone-only': { registered: [PHONE] } }));
      expect(result(one.sar({ serverAssignmentType, userName: TABLET }))).toBe(WRONG_TYPE);
    },
  );

  test.each(deRegistrationTypes)(
    'type %d: a pending authentication that is too old, or whose S-CSCF name is gone, is nothing to end',
    (serverAssignmentType) => {
      for (const status of [
        statusOf({ family: { pending: [PHONE], pendingAgeMs: MAX_PENDING_AGE_MS } }),
        statusOf({ family: { pending: [PHONE] } }, { server: null }),
      ]) {
        const one = hss();
        one.setStatus(status);
        expect(result(one.sar({ serverAssignmentType, ...request }))).toBe(WRONG_TYPE);
        expect(one.status()).toBe(status);
      }
    },
  );

  test('what goes takes its restoration information with it; what stays keeps its own', () => {
    const restoration = { avp: 'AAAA' };
    const status = {
      ...statusOf({}, { server: server1 }),
      sets: {
        family: {
          state: 'registered' as const,
          privateIdentities: {
            [PHONE]: { registered: true, restoration },
            [TABLET]: { registered: true, restoration },
          },
        },
      },
    };
    const one = hss();
    one.setStatus(status);
    one.sar({ serverAssignmentType: Type.USER_DEREGISTRATION, ...request });
    expect(one.status().sets.family?.privateIdentities).toEqual({
      [TABLET]: { registered: true, restoration },
    });
    one.sar({
      serverAssignmentType: Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
      userName: TABLET,
      publicIdentity: ['tel:+15550001'],
    });
    expect(one.status().sets.family).toEqual({ state: 'unregistered', privateIdentities: {} });

    // "any S-CSCF Restoration Information associated with the Public User Identity": also what is left of
    // somebody being authenticated.
    const left = { restoration, authenticationPendingSinceMs: NOW_MS };
    one.setStatus({
      ...status,
      sets: {
        family: {
          state: 'registered',
          privateIdentities: { [PHONE]: { registered: true, restoration }, [TABLET]: left },
        },
      },
    });
    one.sar({ serverAssignmentType: Type.USER_DEREGISTRATION, ...request });
    expect(one.status().sets.family).toEqual({
      state: 'notRegistered',
      privateIdentities: { [TABLET]: { authenticationPendingSinceMs: NOW_MS } },
    });

    one.setStatus(status);
    one.sar({ serverAssignmentType: Type.UNREGISTERED_USER, ...withoutUserName });
    expect(one.status().sets.family).toEqual({ state: 'unregistered', since: 8, privateIdentities: {} });
    one.setStatus(status);
    one.sar({ serverAssignmentType: Type.RE_REGISTRATION, ...request });
    expect(one.status()).toBe(status);
  });
});

describe('[29.228-8.1.2] another S-CSCF name than the one stored', () => {
  const state = statusOf({ family: { registered: [PHONE] } });

  test.each(cxTypes)(
    'type %d, nothing was said about reassignment: an error, the name stays',
    (serverAssignmentType) => {
      for (const status of [
        state,
        statusOf({ family: { state: 'unregistered' } }),
        statusOf({ family: { pending: [PHONE] } }),
        statusOf({ work: { registered: [TABLET] } }),
      ]) {
        const one = hss();
        one.setStatus(status);
        const decision = one.sar({
          serverAssignmentType,
          ...request,
          serverName: SCSCF2,
          originHost: 'scscf2.ims.example',
        });
        expect(decision.changes).toBeUndefined();
        // [29.228-6.1.2] Server-Name: that of the S-CSCF that is assigned.
        if (serverAssignmentType === Type.NO_ASSIGNMENT)
          expect([result(decision), decision.avps]).toEqual([
            'UNABLE_TO_COMPLY',
            { userName: PHONE, serverName: SCSCF1 },
          ]);
        else
          expect([result(decision), decision.avps]).toEqual([
            ALREADY,
            { userName: PHONE, serverName: SCSCF1 },
          ]);
      }
    },
  );

  test.each([
    ['pending, and IMS Restoration Procedures supported', true],
    ['pending, but not supported', false],
  ])('reassignment is %s', (_name, imsRestoration) => {
    for (const serverAssignmentType of cxTypes) {
      const one = hss({ settings: { imsRestoration } });
      one.setStatus({ ...state, reassignmentPending: true });
      const decision = one.sar({
        serverAssignmentType,
        ...request,
        serverName: SCSCF2,
        originHost: 'scscf2.ims.example',
      });
      if (!imsRestoration) {
        expect(result(decision)).toBe(
          serverAssignmentType === Type.NO_ASSIGNMENT ? 'UNABLE_TO_COMPLY' : ALREADY,
        );
        expect(decision.changes).toBeUndefined();
        continue;
      }
      expect(result(decision)).toBe('SUCCESS');
      // [29.228-6.1.2] Server-Name, table 6.1.2.2: the S-CSCF that is assigned now.
      expect(decision.avps.serverName).toBe(one.status().server?.name ?? SCSCF1);
      if ([1, 2, 3].includes(serverAssignmentType)) expect(decision.avps.serverName).toBe(SCSCF2);
      if ([1, 2, 3].includes(serverAssignmentType))
        expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
      // NO_ASSIGNMENT and the authentication outcomes assign nothing.
      if ([0, 9, 10].includes(serverAssignmentType)) expect(decision.changes).toBeUndefined();
      if ([4, 5, 8, 11].includes(serverAssignmentType))
        expect(one.status()).toMatchObject({ server: null, reassignmentPending: false });
    }
  });

  test('the name is compared as a SIP URI, and kept as it was stored', () => {
    const one = hss();
    one.setStatus(state);
    expect(
      result(
        one.sar({
          serverAssignmentType: Type.REGISTRATION,
          ...request,
          serverName: 'SIP:SCSCF1.ims.example:6060',
        }),
      ),
    ).toBe('SUCCESS');
    expect(one.status()).toBe(state);
    expect(
      result(
        one.sar({
          serverAssignmentType: Type.REGISTRATION,
          ...request,
          serverName: 'sip:scscf1.ims.example',
        }),
      ),
    ).toBe(ALREADY);
  });

  test('the Diameter address of the S-CSCF is that of its last assigning request', () => {
    const one = hss();
    one.setStatus(state);
    one.sar({
      serverAssignmentType: Type.RE_REGISTRATION,
      ...request,
      originHost: 'diam1.ims.example',
      originRealm: 'other.example',
    });
    expect(one.status().server).toEqual({
      name: SCSCF1,
      diameterHost: 'diam1.ims.example',
      diameterRealm: 'other.example',
    });
  });

  test('the same S-CSCF registers while reassignment is pending: it is assigned again, the flag goes', () => {
    const one = hss();
    one.setStatus({ ...state, reassignmentPending: true });
    expect(result(one.sar({ serverAssignmentType: Type.RE_REGISTRATION, ...request }))).toBe('SUCCESS');
    expect(one.status()).toMatchObject({ server: server1, reassignmentPending: false });
  });

  test('a name that only an authentication which never ended had stored is no obstacle', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { pending: [TABLET], pendingAgeMs: MAX_PENDING_AGE_MS } }));
    expect(
      result(
        one.sar({
          serverAssignmentType: Type.REGISTRATION,
          ...request,
          serverName: SCSCF2,
          originHost: 'scscf2.ims.example',
        }),
      ),
    ).toBe('SUCCESS');
    expect(one.status().server).toEqual(server2);
  });

  test('an S-CSCF is stored where there is none', () => {
    for (const serverAssignmentType of [1, 2, 3] as Type[]) {
      const one = hss();
      one.sar({ serverAssignmentType, ...request });
      expect(one.status().server).toEqual(server1);
    }
  });
});

describe('[29.228-8.1] MAR and SAR treat another S-CSCF name differently', () => {
  test('MAR overwrites it, then SAR of the new S-CSCF is served and that of the old one is not', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    expect(
      result(
        one.mar({
          userName: PHONE,
          publicIdentity: 'sip:alice@ims.example',
          serverName: SCSCF2,
          originHost: 'scscf2.ims.example',
        }),
      ),
    ).toBe('SUCCESS');
    expect(result(one.sar({ serverAssignmentType: Type.RE_REGISTRATION, ...request }))).toBe(ALREADY);
    expect(
      result(
        one.sar({
          serverAssignmentType: Type.RE_REGISTRATION,
          ...request,
          serverName: SCSCF2,
          originHost: 'scscf2.ims.example',
        }),
      ),
    ).toBe('SUCCESS');
    expect(describeSet(one.status(), 'family')).toBe('registered(phone), name');
  });
});

describe('[29.228-8.1.3] Server-Assignment-Types that are not applicable', () => {
  test.each([12, 13, 14] as Type[])('type %d is of SWx, not of Cx', (serverAssignmentType) => {
    expect(result(hss().sar({ serverAssignmentType, ...request }))).toBe(WRONG_TYPE);
    expect(result(hss().sar({ serverAssignmentType }))).toBe(WRONG_TYPE);
  });

  test.each(deRegistrationTypes)('type %d for an identity that is not registered', (serverAssignmentType) => {
    const decision = hss().sar({ serverAssignmentType, ...request });
    expect(result(decision)).toBe(WRONG_TYPE);
    expect(decision.refusal?.check).toContain('not registered');
  });
});
