/** [29.228-6.3.1], its steps in order; what the items hold is in authentication-data.test.ts. */
import { ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import {
  alice,
  bob,
  describeSet,
  K,
  OPC,
  PHONE,
  result,
  server1,
  server2,
  services,
  sharedProfiles,
  statusOf,
  TABLET,
  type SetState,
} from './support/subscribers';
import { MAX_PENDING_AGE_MS, NOW_MS, SCSCF1, SCSCF2, TestHss, type TestHssOptions } from './support/test-hss';

const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [alice, bob, services], shared: sharedProfiles, ...options });
const request = { userName: PHONE, publicIdentity: 'sip:alice@ims.example' };
const scheme = (sipAuthenticationScheme: string) => ({ sipAuthDataItem: { sipAuthenticationScheme } });
const fromServer2 = { serverName: SCSCF2, originHost: 'scscf2.ims.example' };

const NOT_SUPPORTED = 'experimental ERROR_AUTH_SCHEME_NOT_SUPPORTED';

describe('[29.228-6.3.1] step 1: both identities exist', () => {
  test.each([
    [{ ...request, publicIdentity: 'sip:nobody@ims.example' }],
    [{ ...request, userName: 'nobody@ims.example' }],
    [{ userName: 'nobody@ims.example', publicIdentity: 'sip:nobody@ims.example' }],
  ])('%j', (identities) => {
    const decision = hss().mar(identities);
    expect(result(decision)).toBe('experimental ERROR_USER_UNKNOWN');
    // CSCFs look for both identities even in errors.
    expect(decision.avps).toEqual(identities);
    expect(decision.refusal).toMatchObject({
      clause: 'TS 29.228 6.3.1 step 1',
      privateIdentity: identities.userName,
      publicIdentity: identities.publicIdentity,
    });
  });
});

describe('[29.228-6.3.1] step 2: a distinct Public User Identity', () => {
  test.each(['sip:direct@ims.example', 'sip:pbx-!.*!@ims.example'])('%s is none', (publicIdentity) => {
    const decision = hss().mar({ userName: 'as@ims.example', publicIdentity });
    expect(result(decision)).toBe('experimental ERROR_USER_UNKNOWN');
    expect(decision.refusal?.clause).toBe('TS 29.228 6.3.1 step 2');
  });
});

describe('[29.228-6.3.1] step 3: the identities are associated', () => {
  test.each([
    { userName: 'bob@ims.example', publicIdentity: 'sip:alice@ims.example' },
    { userName: TABLET, publicIdentity: 'sip:alice.phone@ims.example' },
  ])('%j are not', (identities) => {
    const decision = hss().mar(identities);
    expect(result(decision)).toBe('experimental ERROR_IDENTITIES_DONT_MATCH');
    expect(decision.avps).toEqual(identities);
    expect(decision.refusal?.clause).toBe('TS 29.228 6.3.1 step 3');
  });

  test('a shared identity is authenticated for each of its private ones', () => {
    expect(result(hss().mar(request))).toBe('SUCCESS');
    expect(result(hss().mar({ ...request, userName: TABLET }))).toBe('SUCCESS');
  });
});

describe('[29.228-6.3.1] step 4: the authentication scheme', () => {
  const data = {
    'Digest-AKAv1-MD5': { aka: { k: K, opc: OPC } },
    'SIP Digest': { sipDigest: { realm: 'ims.example', password: 'secret' } },
    'NASS-Bundled': { nassBundled: { lineIdentifiers: ['line 7'] } },
    'Early IMS Security': { giba: { ipv4Address: '192.0.2.7' } },
  };
  type Scheme = keyof typeof data;
  const schemes = Object.keys(data) as Scheme[];
  const withSchemes = (names: readonly Scheme[], defaultScheme?: Scheme): SubscriptionDocumentInput => ({
    ...bob,
    privateIdentities: [
      {
        identity: 'bob@ims.example',
        authentication: {
          ...Object.assign({}, ...names.map((name) => data[name])),
          ...(defaultScheme === undefined ? {} : { defaultScheme }),
        },
      },
    ],
  });
  const ask = (names: readonly Scheme[], asked: string, defaultScheme?: Scheme, configured?: Scheme) =>
    hss({
      subscriptions: [withSchemes(names, defaultScheme)],
      settings: { defaultScheme: configured },
    }).mar({
      userName: 'bob@ims.example',
      publicIdentity: 'sip:bob@ims.example',
      ...scheme(asked),
    });
  const given = (decision: ReturnType<typeof ask>) =>
    result(decision) === 'SUCCESS'
      ? decision.avps.sipAuthDataItem?.[0]?.sipAuthenticationScheme
      : result(decision);

  /** Every combination of provisioned schemes. */
  const combinations = Array.from({ length: 16 }, (_, bits) =>
    schemes.filter((_name, index) => (bits & (1 << index)) !== 0),
  );

  test.each(combinations.map((names) => [names.join(', ') || 'none', names] as const))(
    'provisioned: %s',
    (_name, names) => {
      for (const asked of schemes) {
        expect(given(ask(names, asked))).toBe(names.includes(asked) ? asked : NOT_SUPPORTED);
        expect(given(ask(names, asked.toLowerCase()))).toBe(names.includes(asked) ? asked : NOT_SUPPORTED);
      }
      // "Unknown": the stored scheme, which has to be SIP Digest or NASS-Bundled.
      const expected = names.includes('SIP Digest')
        ? 'SIP Digest'
        : names.includes('NASS-Bundled')
          ? 'NASS-Bundled'
          : NOT_SUPPORTED;
      expect(given(ask(names, 'Unknown'))).toBe(expected);
      expect(given(ask(names, 'unknown'))).toBe(expected);
      for (const stored of names) {
        // A scheme that is named as the default is used, whatever it is.
        expect(given(ask(names, 'Unknown', stored))).toBe(stored);
      }
      for (const configured of schemes) {
        expect(given(ask(names, 'unknown', undefined, configured))).toBe(
          names.includes(configured) ? configured : expected,
        );
        for (const stored of names) expect(given(ask(names, 'unknown', stored, configured))).toBe(stored);
      }
      expect(given(ask(names, 'Digest-AKAv2-SHA-256'))).toBe(NOT_SUPPORTED);
    },
  );

  test('a refusal says what is provisioned, and nothing changes', () => {
    const decision = ask(['SIP Digest', 'NASS-Bundled'], 'Digest-AKAv1-MD5');
    expect(decision.changes).toBeUndefined();
    expect(decision.avps).toEqual({ userName: 'bob@ims.example', publicIdentity: 'sip:bob@ims.example' });
    expect(decision.refusal?.clause).toBe('TS 29.228 6.3.1 step 4');
    expect(decision.refusal?.check).toContain('provisioned: SIP Digest, NASS-Bundled');
  });

  test('a refusal of "unknown" says what is missing and what would help', () => {
    expect(ask(['Digest-AKAv1-MD5'], 'unknown').refusal?.check).toBe(
      'authentication scheme "unknown" stands for a default scheme, and the Private User Identity has none: neither SIP Digest nor NASS-Bundled is provisioned (provisioned: Digest-AKAv1-MD5), and neither its authentication.defaultScheme nor the setting cx.defaultScheme names "Digest-AKAv1-MD5"',
    );
    expect(ask([], 'unknown').refusal?.check).toContain('no authentication data is provisioned');
    expect(ask(['SIP Digest'], 'MyScheme').refusal?.check).toContain('is none of this HSS');
  });

  test('AUTS with "unknown", where that stands for IMS-AKA, is processed as with its name', () => {
    const auts = { sipAuthenticationScheme: 'unknown', sipAuthorization: Buffer.alloc(30, 5) };
    const one = hss({ settings: { defaultScheme: 'Digest-AKAv1-MD5' } });
    one.setStatus(statusOf({}, { server: server1 }));
    const decision = one.mar({ ...request, sipAuthDataItem: auts });
    expect(decision.refusal?.check).toContain('AUTS does not verify');
  });

  describe('[29.228-6.3] table 6.3.2: SIP-Auth-Data-Item of the request', () => {
    const inner = (code: number, octets: Buffer) => {
      const head = Buffer.alloc(12);
      head.writeUInt32BE(code, 0);
      head.writeUInt32BE(12 + octets.length, 4);
      head[4] = 0xc0;
      head.writeUInt32BE(10415, 8);
      return [
        {
          code: 612,
          vendorId: 10415,
          mandatory: true,
          data: Buffer.concat([head, octets, Buffer.alloc((4 - (octets.length % 4)) % 4)]),
        },
      ];
    };

    test('the scheme is missing: DIAMETER_MISSING_AVP, before anything is loaded', () => {
      const decision = hss().mar({
        userName: 'nobody@ims.example',
        publicIdentity: 'sip:nobody@ims.example',
        sipAuthDataItem: {},
      });
      expect(result(decision)).toBe('MISSING_AVP');
      expect(decision.failedAvps).toEqual(inner(608, Buffer.alloc(0)));
      expect(decision.refusal?.clause).toBe('TS 29.228 table 6.3.2');
    });

    test.each(['SIP Digest', 'NASS-Bundled', 'Early IMS Security', 'Unknown'])(
      'SIP-Authorization with %s: DIAMETER_AVP_NOT_ALLOWED',
      (name) => {
        const sipAuthorization = Buffer.alloc(30, 5);
        const decision = hss().mar({
          ...request,
          sipAuthDataItem: { sipAuthenticationScheme: name, sipAuthorization },
        });
        expect(result(decision)).toBe('AVP_NOT_ALLOWED');
        expect(decision.failedAvps).toEqual(inner(610, sipAuthorization));
      },
    );

    test.each([0, 14, 29, 31])(
      'SIP-Authorization of %d octets: DIAMETER_INVALID_AVP_LENGTH [29.229-6.3.11]',
      (size) => {
        const sipAuthorization = Buffer.alloc(size, 5);
        const decision = hss().mar({
          ...request,
          sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5', sipAuthorization },
        });
        expect(result(decision)).toBe('INVALID_AVP_LENGTH');
        expect(decision.failedAvps).toEqual(inner(610, sipAuthorization));
      },
    );
  });
});

describe('[29.228-6.3.1] step 5: the registration status', () => {
  /** The same S-CSCF, another one, or none before; and what is there after. */
  const run = (family: SetState | null, rest: object = {}, name = 'Digest-AKAv1-MD5', extra: object = {}) => {
    const one = hss();
    one.setStatus(statusOf(family === null ? {} : { family }, extra));
    const decision = one.mar({ ...request, ...scheme(name), ...rest });
    expect(result(decision)).toBe('SUCCESS');
    return { one, decision, after: describeSet(one.status(), 'family') };
  };

  test.each<[string, SetState, string, string]>([
    [
      'registered by this private identity',
      { registered: [PHONE] },
      'registered(phone), name',
      'registered(phone) pending(phone), name',
    ],
    [
      'registered by another one',
      { registered: [TABLET] },
      'registered(tablet), name',
      'registered(tablet) pending(phone), name',
    ],
    [
      'registered by both',
      { registered: [PHONE, TABLET] },
      'registered(phone+tablet), name',
      'registered(phone+tablet) pending(phone), name',
    ],
    [
      'unregistered',
      { state: 'unregistered' },
      'unregistered pending(phone), name',
      'unregistered pending(phone), name',
    ],
    [
      'not registered, another one pending',
      { pending: [TABLET] },
      'notRegistered pending(phone+tablet), name',
      'notRegistered pending(phone+tablet), name',
    ],
    [
      'not registered, pending already',
      { pending: [PHONE] },
      'notRegistered pending(phone), name',
      'notRegistered pending(phone), name',
    ],
  ])('%s', (_name, family, same, other) => {
    const identical = run(family);
    expect(identical.after).toBe(same);
    expect(identical.one.status().server).toEqual(server1);
    const different = run(family, fromServer2);
    expect(different.after).toBe(other);
    expect(different.one.status().server).toEqual(server2);
    for (const { decision } of [identical, different]) {
      expect(decision.avps).toMatchObject({ ...request, sipNumberAuthItems: 1 });
      expect(decision.avps.sipAuthDataItem).toHaveLength(1);
    }
  });

  test('not registered, no S-CSCF stored: the name is stored, the flag is set', () => {
    const { one, after } = run(null);
    expect(after).toBe('notRegistered pending(phone), name');
    expect(one.status().server).toEqual(server1);
    expect(one.status().sets.family?.privateIdentities[PHONE]).toEqual({
      authenticationPendingSinceMs: NOW_MS,
    });
  });

  test('[29.228-6.5.1.3] the flag is that of every identity in the implicit registration set, and of this private identity only', () => {
    const { one } = run(null);
    const deRegistration = { userAuthorizationType: 1 as const };
    for (const publicIdentity of [
      'sip:alice@ims.example',
      'tel:+15550001',
      'sip:001010000000001@ims.example',
    ]) {
      expect(result(one.uar({ ...request, publicIdentity, ...deRegistration }))).toBe('SUCCESS');
      expect(result(one.uar({ userName: TABLET, publicIdentity, ...deRegistration }))).toBe(
        'experimental ERROR_IDENTITY_NOT_REGISTERED',
      );
    }
    expect(
      result(one.uar({ ...request, publicIdentity: 'sip:alice.work@ims.example', ...deRegistration })),
    ).toBe('experimental ERROR_IDENTITY_NOT_REGISTERED');
  });

  test('the flag ages from the last MAR, and goes with SAR REGISTRATION', () => {
    const one = hss();
    one.mar(request);
    one.nowMs += MAX_PENDING_AGE_MS - 1;
    one.mar(request);
    one.nowMs += MAX_PENDING_AGE_MS - 1;
    expect(result(one.uar({ ...request, userAuthorizationType: 1 }))).toBe('SUCCESS');
    one.nowMs += 1;
    expect(result(one.uar({ ...request, userAuthorizationType: 1 }))).toBe(
      'experimental ERROR_IDENTITY_NOT_REGISTERED',
    );
    one.sar({
      serverAssignmentType: Type.REGISTRATION,
      userName: PHONE,
      publicIdentity: [request.publicIdentity],
    });
    expect(describeSet(one.status(), 'family')).toBe('registered(phone), name');
  });

  test.each(['NASS-Bundled', 'Early IMS Security'])('%s: no flag is set, the name is stored', (name) => {
    const bundled = {
      ...bob,
      privateIdentities: [
        {
          identity: 'bob@ims.example',
          authentication: { nassBundled: { lineIdentifiers: ['7'] }, giba: { ipv4Address: '192.0.2.7' } },
        },
      ],
    };
    for (const status of [
      statusOf({}),
      statusOf({ default: { state: 'unregistered' as const } }, { server: server2 }),
      statusOf({ default: { registered: ['bob@ims.example'] } }, { server: server2 }),
    ]) {
      const one = hss({ subscriptions: [bundled] });
      one.setStatus(status);
      expect(
        result(
          one.mar({ userName: 'bob@ims.example', publicIdentity: 'sip:bob@ims.example', ...scheme(name) }),
        ),
      ).toBe('SUCCESS');
      expect(one.status()).toEqual({ ...status, server: server1, version: status.version + 1 });
    }
  });

  test('[29.228-8.1] another S-CSCF takes over: a pending reassignment is used up, restoration information stays', () => {
    const restoration = { avp: 'AAAA' };
    const one = hss();
    one.setStatus({
      ...statusOf({}, { server: server1, reassignmentPending: true }),
      sets: {
        family: { state: 'registered', privateIdentities: { [PHONE]: { registered: true, restoration } } },
      },
    });
    one.mar({ ...request, ...fromServer2 });
    expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
    expect(one.status().sets.family?.privateIdentities[PHONE]).toEqual({
      registered: true,
      restoration,
      authenticationPendingSinceMs: NOW_MS,
    });
  });

  test('the same S-CSCF leaves a pending reassignment as it is, and its name as it was stored', () => {
    const { one } = run(
      { registered: [PHONE] },
      { serverName: 'SIP:SCSCF1.IMS.example:6060', originHost: 'elsewhere.ims.example' },
      'Digest-AKAv1-MD5',
      { reassignmentPending: true },
    );
    expect(one.status()).toMatchObject({ server: server1, reassignmentPending: true });
  });

  test('other sets keep their state; one name serves the subscription', () => {
    const one = hss();
    one.setStatus(statusOf({ work: { registered: [TABLET] } }));
    one.mar({ ...request, ...fromServer2 });
    expect(describeSet(one.status(), 'work')).toBe('registered(tablet), name');
    expect(one.status().server).toEqual(server2);
  });

  test('exceptions: no authentication information, nothing changes', () => {
    const one = hss();
    one.setStatus(statusOf({}, { sequenceNumbers: { [PHONE]: 2 ** 48 - 1 } }));
    const decision = one.mar(request);
    expect(result(decision)).toBe('UNABLE_TO_COMPLY');
    expect(decision.avps).toEqual(request);
    expect(decision.changes).toBeUndefined();
    expect(decision.refusal?.check).toContain('sequence numbers');
  });
});

describe('[29.228-3.1] the authentication pending flag is that of a pair of Public and Private User Identity', () => {
  const everyPair = () => {
    const one = hss();
    for (const userName of [PHONE, TABLET])
      for (const publicIdentity of ['sip:alice@ims.example', 'sip:alice.work@ims.example'])
        one.mar({ userName, publicIdentity });
    one.mar({ userName: PHONE, publicIdentity: 'sip:alice.phone@ims.example' });
    return one;
  };
  const shown = (one: TestHss) =>
    ['family', 'work', 'phone-only'].map((set) => describeSet(one.status(), set));
  const all = [
    'notRegistered pending(phone+tablet), name',
    'notRegistered pending(phone+tablet), name',
    'notRegistered pending(phone), name',
  ];

  test('a registration ends that of its own pair, by whichever identity of the set [29.228-6.5.1.3]', () => {
    for (const serverAssignmentType of [Type.REGISTRATION, Type.RE_REGISTRATION]) {
      const one = everyPair();
      expect(shown(one)).toEqual(all);
      one.sar({ serverAssignmentType, userName: PHONE, publicIdentity: ['tel:+15550001'] });
      expect(shown(one)).toEqual(['registered(phone) pending(tablet), name', all[1], all[2]]);
    }
  });

  test('so do its failure and its timeout', () => {
    for (const serverAssignmentType of [Type.AUTHENTICATION_FAILURE, Type.AUTHENTICATION_TIMEOUT]) {
      const one = everyPair();
      one.sar({ serverAssignmentType, userName: TABLET, publicIdentity: ['tel:+15550001'] });
      expect(shown(one)).toEqual(['notRegistered pending(phone), name', all[1], all[2]]);
    }
  });

  test('UNREGISTERED_USER and NO_ASSIGNMENT leave it', () => {
    const one = everyPair();
    one.sar({ serverAssignmentType: Type.NO_ASSIGNMENT, userName: PHONE, publicIdentity: ['tel:+15550001'] });
    expect(shown(one)).toEqual(all);
    one.sar({
      serverAssignmentType: Type.UNREGISTERED_USER,
      userName: PHONE,
      publicIdentity: ['tel:+15550001'],
    });
    expect(shown(one)).toEqual(['unregistered pending(phone+tablet), name', all[1], all[2]]);
  });

  test('each one ages for itself, and the name is stored for as long as the youngest lasts', () => {
    const one = hss();
    const deRegistration = (userName: string) =>
      result(one.uar({ userName, publicIdentity: request.publicIdentity, userAuthorizationType: 1 }));
    one.mar(request);
    one.nowMs += MAX_PENDING_AGE_MS / 2;
    one.mar({ ...request, userName: TABLET });
    one.nowMs += MAX_PENDING_AGE_MS / 2;
    expect([deRegistration(PHONE), deRegistration(TABLET)]).toEqual([
      'experimental ERROR_IDENTITY_NOT_REGISTERED',
      'SUCCESS',
    ]);
    expect(one.uar(request).avps.serverName).toBe(SCSCF1);
    one.nowMs += MAX_PENDING_AGE_MS / 2;
    expect(deRegistration(TABLET)).toBe('experimental ERROR_IDENTITY_NOT_REGISTERED');
    expect(result(one.uar(request))).toBe('experimental FIRST_REGISTRATION');
  });
});

describe('[29.228-6.1.2.1] step 5: AUTHENTICATION_FAILURE and AUTHENTICATION_TIMEOUT end what MAR began', () => {
  test.each([Type.AUTHENTICATION_FAILURE, Type.AUTHENTICATION_TIMEOUT])('type %d', (serverAssignmentType) => {
    const one = hss();
    const end = (userName: string) =>
      one.sar({ serverAssignmentType, userName, publicIdentity: ['tel:+15550001'] });
    one.mar(request);
    one.mar({ ...request, userName: TABLET });
    end(PHONE);
    expect(describeSet(one.status(), 'family')).toBe('notRegistered pending(tablet), name');
    end(TABLET);
    expect(describeSet(one.status(), 'family')).toBe('notRegistered, no name');
    expect(one.status().server).toBeNull();
    // The SQNs given stay given.
    expect(Object.keys(one.status().sequenceNumbers)).toEqual([PHONE, TABLET]);
  });

  test('a name that NASS-Bundled authentication had stored goes too', () => {
    const bundled = {
      ...bob,
      privateIdentities: [
        { identity: 'bob@ims.example', authentication: { nassBundled: { lineIdentifiers: ['7'] } } },
      ],
    };
    const one = hss({ subscriptions: [bundled] });
    one.mar({
      userName: 'bob@ims.example',
      publicIdentity: 'sip:bob@ims.example',
      ...scheme('NASS-Bundled'),
    });
    expect(one.status().server).toEqual(server1);
    one.sar({
      serverAssignmentType: Type.AUTHENTICATION_FAILURE,
      userName: 'bob@ims.example',
      publicIdentity: ['sip:bob@ims.example'],
    });
    expect(one.status().server).toBeNull();
  });

  test('a failed authentication of another device leaves a registration', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    one.mar({ ...request, userName: TABLET, ...fromServer2 });
    expect(describeSet(one.status(), 'family')).toBe('registered(phone) pending(tablet), name');
    one.sar({
      serverAssignmentType: Type.AUTHENTICATION_FAILURE,
      userName: TABLET,
      publicIdentity: [request.publicIdentity],
      ...fromServer2,
    });
    expect(describeSet(one.status(), 'family')).toBe('registered(phone), name');
  });
});

test('[29.228-6.3.1] step 4: the name of the S-CSCF that reports a synchronisation failure is compared as a SIP URI', () => {
  const one = hss();
  one.setStatus(statusOf({ family: { pending: [PHONE] } }));
  const auts = {
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5', sipAuthorization: Buffer.alloc(30) },
  };
  expect(
    one.mar({ ...request, ...auts, serverName: SCSCF1.toUpperCase().replace('SIP:', 'sip:') }).refusal?.check,
  ).toContain('MAC-S');
  expect(one.mar({ ...request, ...auts, serverName: 'sip:scscf1.ims.example' }).refusal?.check).toContain(
    'S-CSCF name stored',
  );
});
