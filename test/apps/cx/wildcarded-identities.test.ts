/**
 * Wildcarded identities and Public Service Identities in every command: TS 29.228 6.1.1 to 6.1.4, 6.3,
 * Annexes B and E.
 */
import type { Decision } from '../../../src/diameter/dispatch/contract';
import {
  OriginatingRequest,
  ServerAssignmentType as Type,
  UserAuthorizationType,
} from '../../../src/apps/cx/generated/cx';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import { expectValidUserData } from '../../schema/validate-user-data';
import {
  alice,
  describeSet,
  K,
  OPC,
  PHONE,
  result,
  server1,
  sharedProfiles,
  statusOf,
  TABLET,
} from './support/subscribers';
import { SCSCF1, SCSCF2, TestHss, type SarInput, type TestHssOptions } from './support/test-hss';

const UNKNOWN = 'experimental ERROR_USER_UNKNOWN';
const WRONG_TYPE = 'experimental ERROR_IN_ASSIGNMENT_TYPE';
const DONT_MATCH = 'experimental ERROR_IDENTITIES_DONT_MATCH';
const NOT_REGISTERED = 'experimental ERROR_IDENTITY_NOT_REGISTERED';
const OTHER_SERVER = 'experimental ERROR_IDENTITY_ALREADY_REGISTERED';

const LINES = 'sip:pbx-!.*!@ims.example';
const ROOMS = 'sip:chatlist!.*!@ims.example';

/** A private branch exchange: its main number, one extension of its own, and a range. */
const pbx: SubscriptionDocumentInput = {
  id: 'pbx',
  privateIdentities: [{ identity: 'pbx@ims.example', authentication: { aka: { k: K, opc: OPC } } }],
  implicitRegistrationSets: [
    {
      name: 'lines',
      publicIdentities: [
        { identity: 'sip:pbx@ims.example', serviceProfile: 'standard' },
        {
          identity: LINES,
          type: 'wildcardedPublicUserIdentity',
          serviceProfile: 'voicemail',
          displayName: 'Extension',
          servicePriorityLevel: 2,
        },
      ],
    },
    { name: 'boss', publicIdentities: [{ identity: 'sip:pbx-1@ims.example', serviceProfile: 'standard' }] },
  ],
};

const service = (name: string, identity: string, psi?: { active?: boolean; asName?: string }) => ({
  name,
  publicIdentities: [
    {
      identity,
      type: 'wildcardedPsi' as const,
      serviceProfile: 'voicemail',
      ...(psi === undefined ? {} : { psi }),
    },
  ],
});

/** Services of one application server, beside a user of the same subscription. */
const chat: SubscriptionDocumentInput = {
  id: 'chat',
  privateIdentities: [
    { identity: 'operator@ims.example' },
    { identity: 'chat-as@ims.example', type: 'privateServiceIdentity' },
  ],
  implicitRegistrationSets: [
    {
      name: 'operator',
      publicIdentities: [{ identity: 'sip:operator@ims.example', serviceProfile: 'standard' }],
    },
    service('rooms', ROOMS),
    service('direct', 'sip:direct-![0-9]{3}!@ims.example', { asName: 'sip:as.ims.example:5090' }),
    service('off', 'sip:off-!.*!@ims.example', { active: false }),
    {
      name: 'lobby',
      publicIdentities: [
        { identity: 'sip:chatlist.lobby@ims.example', type: 'distinctPsi', serviceProfile: 'voicemail' },
      ],
    },
  ],
};

const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [alice, pbx, chat], shared: sharedProfiles, ...options });
const answer = (decision: Decision<object>) => ({ result: result(decision), ...decision.avps });
const xml = (decision: ReturnType<TestHss['sar']>): string => decision.avps.userData?.toString('utf8') ?? '';

describe('only distinct Public User Identities register and authenticate', () => {
  test.each([
    'sip:pbx-7@ims.example',
    LINES,
    'sip:chatlist7@ims.example',
    ROOMS,
    'sip:chatlist.lobby@ims.example',
  ])('%s: [29.228-6.1.1.1] step 2 and [29.228-6.3.1] step 2', (publicIdentity) => {
    const userName = publicIdentity.includes('chat') ? 'chat-as@ims.example' : 'pbx@ims.example';
    const uar = hss().uar({ userName, publicIdentity });
    expect([result(uar), uar.refusal?.clause]).toEqual([UNKNOWN, 'TS 29.228 6.1.1.1 step 2']);
    const mar = hss().mar({ userName, publicIdentity });
    expect([result(mar), mar.refusal?.clause]).toEqual([UNKNOWN, 'TS 29.228 6.3.1 step 2']);
    expect([uar.changes, mar.changes]).toEqual([undefined, undefined]);
  });

  test('a distinct identity in the range of a wildcarded one is itself', () => {
    expect(result(hss().uar({ userName: 'pbx@ims.example', publicIdentity: 'sip:pbx-1@ims.example' }))).toBe(
      'experimental FIRST_REGISTRATION',
    );
    expect(result(hss().mar({ userName: 'pbx@ims.example', publicIdentity: 'sip:pbx-1@ims.example' }))).toBe(
      'SUCCESS',
    );
  });
});

describe('[29.228-6.1.4] Location-Info: Wildcarded-Public-Identity', () => {
  test('the state is that of the wildcarded identity, and the answer names it as stored', () => {
    const one = hss();
    expect(answer(one.lir({ publicIdentity: 'sip:chatlist7@ims.example' }))).toEqual({
      result: 'experimental UNREGISTERED_SERVICE',
      wildcardedPublicIdentity: ROOMS,
    });
    one.setStatus(statusOf({ rooms: { state: 'unregistered' } }), 'chat');
    expect(answer(one.lir({ publicIdentity: 'SIP:chatlist!7@IMS.example:5060' }))).toEqual({
      result: 'SUCCESS',
      serverName: SCSCF1,
      wildcardedPublicIdentity: ROOMS,
    });
    one.setStatus(statusOf({ lines: { registered: ['pbx@ims.example'] } }), 'pbx');
    expect(answer(one.lir({ publicIdentity: 'sip:pbx-7@ims.example' }))).toEqual({
      result: 'SUCCESS',
      serverName: SCSCF1,
      wildcardedPublicIdentity: LINES,
    });
    expect(answer(one.lir({ publicIdentity: LINES }))).toMatchObject({ wildcardedPublicIdentity: LINES });
  });

  test('distinct identities take precedence', () => {
    const one = hss();
    one.setStatus(statusOf({ lines: { registered: ['pbx@ims.example'] } }), 'pbx');
    expect(answer(one.lir({ publicIdentity: 'sip:pbx-1@ims.example' }))).toEqual({ result: NOT_REGISTERED });
    expect(answer(one.lir({ publicIdentity: 'sip:pbx@ims.example' }))).toEqual({
      result: 'SUCCESS',
      serverName: SCSCF1,
    });
    expect(answer(one.lir({ publicIdentity: 'sip:chatlist.lobby@ims.example' }))).toEqual({
      result: 'experimental UNREGISTERED_SERVICE',
    });
  });

  test('[29.228-6.1.4.1] step 2: a wildcarded PSI is routed to its AS directly, or is not active', () => {
    const asked = (publicIdentity: string, rest: object = {}) =>
      answer(hss().lir({ publicIdentity, ...rest }));
    const range = 'sip:direct-![0-9]{3}!@ims.example';
    expect(asked('sip:direct-123@ims.example')).toEqual({
      result: 'SUCCESS',
      serverName: 'sip:as.ims.example:5090',
      liaFlags: 1,
      wildcardedPublicIdentity: range,
    });
    expect(
      asked('sip:direct-123@ims.example', {
        userAuthorizationType: UserAuthorizationType.REGISTRATION_AND_CAPABILITIES,
      }),
    ).toEqual({ result: 'UNABLE_TO_COMPLY', wildcardedPublicIdentity: range });
    expect(
      asked('sip:direct-123@ims.example', { originatingRequest: OriginatingRequest.ORIGINATING }),
    ).toEqual({ result: 'experimental UNREGISTERED_SERVICE', wildcardedPublicIdentity: range });
    expect(asked('sip:direct-1234@ims.example')).toEqual({ result: UNKNOWN });
    expect(asked('sip:off-1@ims.example')).toEqual({ result: UNKNOWN });
  });

  test('[29.228-6.1.4.1] step 2a: a new S-CSCF for the range', () => {
    const one = hss();
    one.setStatus(statusOf({ rooms: { state: 'unregistered' } }), 'chat');
    const decision = one.lir({
      publicIdentity: 'sip:chatlist7@ims.example',
      userAuthorizationType: UserAuthorizationType.REGISTRATION_AND_CAPABILITIES,
    });
    expect(answer(decision)).toEqual({ result: 'SUCCESS', wildcardedPublicIdentity: ROOMS });
    expect(one.status('chat').reassignmentPending).toBe(true);
  });

  test('[29.228-6.1.4.1] step 3: services of the unregistered state are those of the wildcarded identity', () => {
    expect(answer(hss().lir({ publicIdentity: 'sip:pbx-7@ims.example' }))).toEqual({
      result: 'experimental UNREGISTERED_SERVICE',
      wildcardedPublicIdentity: LINES,
    });
    const silent = {
      ...pbx,
      implicitRegistrationSets: [
        {
          name: 'lines',
          publicIdentities: [
            { identity: 'sip:pbx@ims.example', serviceProfile: 'standard' },
            { identity: LINES, type: 'wildcardedPublicUserIdentity' as const, serviceProfile: 'standard' },
          ],
        },
      ],
    };
    expect(answer(hss({ subscriptions: [silent] }).lir({ publicIdentity: 'sip:pbx-7@ims.example' }))).toEqual(
      { result: NOT_REGISTERED, wildcardedPublicIdentity: LINES },
    );
  });
});

describe('[29.228-6.1.2] Server-Assignment: Wildcarded-Public-Identity in the request', () => {
  const unregistered = {
    serverAssignmentType: Type.UNREGISTERED_USER,
    publicIdentity: ['sip:chatlist7@ims.example'],
    wildcardedPublicIdentity: ROOMS,
  };

  test('it is the identity affected, in canonical form; the answer does not repeat it', () => {
    for (const wildcardedPublicIdentity of [ROOMS, 'SIP:chatlist!.*!@IMS.EXAMPLE:5060']) {
      const one = hss();
      const decision = one.sar({ ...unregistered, wildcardedPublicIdentity });
      expect([result(decision), decision.avps.wildcardedPublicIdentity]).toEqual(['SUCCESS', undefined]);
      expect(describeSet(one.status('chat'), 'rooms')).toBe('unregistered, name');
    }
    const distinct = hss();
    expect(
      result(distinct.sar({ ...unregistered, publicIdentity: ['sip:chatlist.lobby@ims.example'] })),
    ).toBe('SUCCESS');
    expect(Object.keys(distinct.status('chat').sets)).toEqual(['rooms']);
  });

  test.each([
    Type.NO_ASSIGNMENT,
    Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
    Type.ADMINISTRATIVE_DEREGISTRATION,
    Type.DEREGISTRATION_TOO_MUCH_DATA,
    Type.TIMEOUT_DEREGISTRATION,
  ])('type %d takes it', (serverAssignmentType) => {
    const one = hss();
    one.setStatus(statusOf({ rooms: { state: 'unregistered' }, lobby: { state: 'unregistered' } }), 'chat');
    expect(result(one.sar({ ...unregistered, serverAssignmentType }))).toBe('SUCCESS');
    const ended =
      {
        [Type.NO_ASSIGNMENT]: 'unregistered, name',
        [Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME]: 'unregistered, name',
      }[serverAssignmentType as number] ?? 'notRegistered, name';
    expect(describeSet(one.status('chat'), 'rooms')).toBe(ended);
    expect(describeSet(one.status('chat'), 'lobby')).toBe('unregistered, name');
  });

  test.each([
    Type.REGISTRATION,
    Type.RE_REGISTRATION,
    Type.USER_DEREGISTRATION,
    Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
    Type.AUTHENTICATION_FAILURE,
    Type.AUTHENTICATION_TIMEOUT,
  ])(
    '[29.228-6.1.2.1] step 4: type %d is for distinct identities, named or in a range',
    (serverAssignmentType) => {
      for (const input of [
        { publicIdentity: ['sip:pbx@ims.example'], wildcardedPublicIdentity: LINES },
        { publicIdentity: ['sip:pbx-7@ims.example'] },
        { publicIdentity: ['sip:chatlist7@ims.example'], userName: 'chat-as@ims.example' },
        { publicIdentity: ['sip:chatlist.lobby@ims.example'], userName: 'chat-as@ims.example' },
      ]) {
        const one = hss();
        one.setStatus(statusOf({ lines: { registered: ['pbx@ims.example'] } }), 'pbx');
        const decision = one.sar({ userName: 'pbx@ims.example', ...input, serverAssignmentType });
        expect([result(decision), decision.refusal?.clause, decision.changes]).toEqual([
          WRONG_TYPE,
          'TS 29.228 6.1.2.1 step 4',
          undefined,
        ]);
      }
    },
  );

  test('[29.228-6.1.2.1] step 1: it has to be stored as a wildcarded identity; in the range of another one is not enough', () => {
    for (const wildcardedPublicIdentity of [
      'sip:nothing!.*!@ims.example',
      'sip:chatlist1!.*!@ims.example',
      'sip:chatlist.lobby@ims.example',
      'sip:chatlist7@ims.example',
      'nonsense',
    ]) {
      const decision = hss().sar({ ...unregistered, wildcardedPublicIdentity });
      expect([result(decision), decision.refusal?.clause]).toEqual([UNKNOWN, 'TS 29.228 6.1.2.1 step 1']);
    }
  });

  test('[29.228-6.1.2.1] step 2: its private identity', () => {
    expect(result(hss().sar({ ...unregistered, userName: PHONE }))).toBe(DONT_MATCH);
    expect(result(hss().sar({ ...unregistered, userName: 'operator@ims.example' }))).toBe(DONT_MATCH);
    expect(result(hss().sar({ ...unregistered, userName: 'chat-as@ims.example' }))).toBe('SUCCESS');
  });

  test('[29.228-6.1.2.1] step 4: an inactive service is unknown', () => {
    expect(
      result(
        hss().sar({
          serverAssignmentType: Type.UNREGISTERED_USER,
          publicIdentity: ['sip:off-1@ims.example'],
        }),
      ),
    ).toBe(UNKNOWN);
    expect(result(hss().sar({ ...unregistered, wildcardedPublicIdentity: 'sip:off-!.*!@ims.example' }))).toBe(
      UNKNOWN,
    );
  });

  test('[29.228-6.1.2.1] step 3: it does not make a list of identities one', () => {
    expect(
      result(
        hss().sar({
          ...unregistered,
          publicIdentity: ['sip:chatlist7@ims.example', 'sip:chatlist8@ims.example'],
        }),
      ),
    ).toBe('AVP_OCCURS_TOO_MANY_TIMES');
  });

  test('in a list it stands for those in its range; stored ones stay, unknown ones are unknown', () => {
    const ended = (publicIdentity: string[]) => {
      const one = hss();
      one.setStatus(
        statusOf({
          rooms: { state: 'unregistered' },
          lobby: { state: 'unregistered' },
          direct: { state: 'unregistered' },
        }),
        'chat',
      );
      const decision = one.sar({
        serverAssignmentType: Type.ADMINISTRATIVE_DEREGISTRATION,
        publicIdentity,
        wildcardedPublicIdentity: ROOMS,
      });
      return [result(decision), ...Object.keys(one.status('chat').sets)];
    };
    expect(ended(['sip:chatlist7@ims.example', 'sip:chatlist8@ims.example'])).toEqual([
      'SUCCESS',
      'lobby',
      'direct',
    ]);
    expect(ended(['sip:chatlist7@ims.example', 'sip:chatlist.lobby@ims.example'])).toEqual([
      'SUCCESS',
      'direct',
    ]);
    expect(ended([ROOMS, 'sip:direct-123@ims.example'])).toEqual(['SUCCESS', 'lobby']);
    expect(ended(['sip:chatlist7@ims.example', 'sip:nobody@ims.example'])).toEqual([
      UNKNOWN,
      'rooms',
      'lobby',
      'direct',
    ]);
  });

  test('with a private identity alone it limits the de-registration to itself', () => {
    const one = hss();
    one.setStatus(statusOf({ rooms: { state: 'unregistered' }, lobby: { state: 'unregistered' } }), 'chat');
    expect(
      result(
        one.sar({
          serverAssignmentType: Type.TIMEOUT_DEREGISTRATION,
          userName: 'chat-as@ims.example',
          wildcardedPublicIdentity: ROOMS,
        }),
      ),
    ).toBe('SUCCESS');
    expect(Object.keys(one.status('chat').sets)).toEqual(['lobby']);
  });

  test('Public-Identity has to be there all the same', () => {
    expect(
      result(hss().sar({ serverAssignmentType: Type.UNREGISTERED_USER, wildcardedPublicIdentity: ROOMS })),
    ).toBe('MISSING_AVP');
    expect(
      result(
        hss().sar({ serverAssignmentType: Type.TIMEOUT_DEREGISTRATION, wildcardedPublicIdentity: ROOMS }),
      ),
    ).toBe('MISSING_AVP');
  });
});

describe('[29.228-6.1.2] Server-Assignment: an identity in the range, Wildcarded-Public-Identity in the answer', () => {
  const asked = (one: TestHss, input: Partial<SarInput> = {}) =>
    one.sar({
      serverAssignmentType: Type.UNREGISTERED_USER,
      publicIdentity: ['sip:pbx-7@ims.example'],
      ...input,
    });
  const withLines = (
    lines: Parameters<typeof statusOf>[0][string],
    options: Partial<TestHssOptions> = {},
  ) => {
    const one = hss(options);
    one.setStatus(statusOf({ lines }), 'pbx');
    return one;
  };

  test('not registered: served without it, and the whole set becomes unregistered', () => {
    const one = hss();
    expect(answer(asked(one))).toMatchObject({ result: 'SUCCESS', userName: 'pbx@ims.example' });
    expect(asked(hss()).avps.wildcardedPublicIdentity).toBeUndefined();
    expect(describeSet(one.status('pbx'), 'lines')).toBe('unregistered, name');
  });

  test('unregistered: served, and named', () => {
    expect(answer(asked(withLines({ state: 'unregistered' })))).toMatchObject({
      result: 'SUCCESS',
      wildcardedPublicIdentity: LINES,
    });
    expect(
      answer(asked(withLines({ state: 'unregistered' }), { serverAssignmentType: Type.NO_ASSIGNMENT })),
    ).toMatchObject({ result: 'SUCCESS', wildcardedPublicIdentity: LINES });
    expect(
      asked(withLines({ state: 'unregistered' }), {
        serverAssignmentType: Type.ADMINISTRATIVE_DEREGISTRATION,
      }).avps.wildcardedPublicIdentity,
    ).toBeUndefined();
  });

  test.each([true, false])(
    '[29.228-6.1.2.1] step 5: UNREGISTERED_USER, the wildcarded identity is registered: an error that names it, nothing overwritten (IMS restoration: %s)',
    (imsRestoration) => {
      for (const features of [[], ['IMSRestorationInd']]) {
        const one = withLines(
          { registered: ['pbx@ims.example'] },
          { settings: { imsRestoration }, features },
        );
        const decision = asked(one);
        expect(answer(decision)).toEqual({
          result: WRONG_TYPE,
          userName: 'pbx@ims.example',
          wildcardedPublicIdentity: LINES,
        });
        expect(describeSet(one.status('pbx'), 'lines')).toBe('registered(pbx), name');
        expect(answer(asked(one, { serverAssignmentType: Type.NO_ASSIGNMENT }))).toMatchObject({
          result: 'SUCCESS',
          wildcardedPublicIdentity: LINES,
        });
      }
    },
  );

  test('named in the request, a registered one is treated like any other identity', () => {
    const one = withLines({ registered: ['pbx@ims.example'] }, { settings: { imsRestoration: false } });
    expect(result(asked(one, { wildcardedPublicIdentity: LINES }))).toBe('SUCCESS');
    expect(describeSet(one.status('pbx'), 'lines')).toBe('unregistered, name');
  });

  test('another S-CSCF is assigned: its name, and the wildcarded identity', () => {
    const decision = asked(withLines({ registered: ['pbx@ims.example'] }), { serverName: SCSCF2 });
    expect(answer(decision)).toMatchObject({
      result: OTHER_SERVER,
      serverName: server1.name,
      wildcardedPublicIdentity: LINES,
    });
  });

  test('services are not named: the table asks for it with wildcarded Public User Identities only', () => {
    const one = hss();
    one.setStatus(statusOf({ rooms: { state: 'unregistered' } }), 'chat');
    const decision = one.sar({
      serverAssignmentType: Type.UNREGISTERED_USER,
      publicIdentity: ['sip:chatlist7@ims.example'],
    });
    expect([result(decision), decision.avps.wildcardedPublicIdentity]).toEqual(['SUCCESS', undefined]);
  });

  test('de-registrations of an identity in the range go for its set', () => {
    const one = withLines({ registered: ['pbx@ims.example'] });
    expect(
      result(
        one.sar({
          serverAssignmentType: Type.TIMEOUT_DEREGISTRATION,
          userName: 'pbx@ims.example',
          publicIdentity: ['sip:pbx-7@ims.example'],
        }),
      ),
    ).toBe('SUCCESS');
    expect(describeSet(one.status('pbx'), 'lines')).toBe('notRegistered, no name');
  });
});

describe('Private Service Identities', () => {
  test('[29.228-6.1.2] the answer for a PSI names one, in whatever order they are provisioned', () => {
    for (const publicIdentity of ['sip:chatlist7@ims.example', 'sip:chatlist.lobby@ims.example', ROOMS]) {
      const decision = hss().sar({
        serverAssignmentType: Type.UNREGISTERED_USER,
        publicIdentity: [publicIdentity],
      });
      expect(decision.avps).toMatchObject({
        userName: 'chat-as@ims.example',
        associatedIdentities: { userName: ['operator@ims.example', 'chat-as@ims.example'] },
      });
      expect(xml(decision)).toContain('<PrivateID>chat-as@ims.example</PrivateID>');
    }
    expect(
      hss().sar({
        serverAssignmentType: Type.UNREGISTERED_USER,
        publicIdentity: ['sip:operator@ims.example'],
      }).avps.userName,
    ).toBe('operator@ims.example');
  });

  test('[29.228-6.1.2.1] step 2: it is not associated with Public User Identities, nor a Private User Identity with services', () => {
    expect(
      result(
        hss().sar({
          serverAssignmentType: Type.UNREGISTERED_USER,
          userName: 'chat-as@ims.example',
          publicIdentity: ['sip:operator@ims.example'],
        }),
      ),
    ).toBe(DONT_MATCH);
    expect(
      result(
        hss().sar({
          serverAssignmentType: Type.UNREGISTERED_USER,
          userName: 'operator@ims.example',
          publicIdentity: ['sip:chatlist.lobby@ims.example'],
        }),
      ),
    ).toBe(DONT_MATCH);
    expect(
      result(hss().uar({ userName: 'chat-as@ims.example', publicIdentity: 'sip:operator@ims.example' })),
    ).toBe(DONT_MATCH);
  });

  test('what the document says goes before the types, and a subscription without any has what there is', () => {
    const named = {
      ...chat,
      implicitRegistrationSets: [
        {
          name: 'rooms',
          privateIdentities: ['operator@ims.example'],
          publicIdentities: service('rooms', ROOMS).publicIdentities,
        },
      ],
    };
    expect(
      hss({ subscriptions: [named] }).sar({
        serverAssignmentType: Type.UNREGISTERED_USER,
        publicIdentity: ['sip:chatlist7@ims.example'],
      }).avps.userName,
    ).toBe('operator@ims.example');
    const plain = { ...alice, implicitRegistrationSets: [service('rooms', ROOMS)] };
    expect(
      hss({ subscriptions: [plain] }).sar({
        serverAssignmentType: Type.UNREGISTERED_USER,
        publicIdentity: ['sip:chatlist7@ims.example'],
        userName: TABLET,
      }).avps.userName,
    ).toBe(TABLET);
  });
});

describe('[29.228-B.2.1] [29.228-E] User-Data', () => {
  const documents: string[] = [];
  const fetched = (input: Partial<SarInput>, options: Partial<TestHssOptions> = {}): string => {
    const document = xml(hss(options).sar({ serverAssignmentType: Type.UNREGISTERED_USER, ...input }));
    documents.push(document);
    return document;
  };
  const range =
    '<PublicIdentity><Identity>sip:pbx-!.*!@ims.example</Identity><Extension><IdentityType>4</IdentityType><Extension><DisplayName>Extension</DisplayName>' +
    '<Extension><ServicePriorityLevel>2</ServicePriorityLevel></Extension></Extension></Extension></PublicIdentity>';
  const nonDistinct = (identity: string): string =>
    `<PublicIdentity><Identity>${identity}</Identity><Extension><IdentityType>3</IdentityType><Extension><DisplayName>Extension</DisplayName>` +
    '<Extension><WildcardedIMPU>sip:pbx-!.*!@ims.example</WildcardedIMPU><ServicePriorityLevel>2</ServicePriorityLevel></Extension></Extension></Extension></PublicIdentity>';

  afterAll(() => expectValidUserData(...new Set(documents)));

  test('an identity in the range: IdentityType 3 with WildcardedIMPU, beside its wildcarded identity, whose data it has', () => {
    const document = fetched({ publicIdentity: ['SIP:pbx-7@IMS.example;x=y'] });
    expect(document).toContain(
      `<ServiceProfile>${range}${nonDistinct('sip:pbx-7@ims.example')}<InitialFilterCriteria>`,
    );
    expect(document).toContain('<Identity>sip:pbx@ims.example</Identity>');
    expect(fetched({ publicIdentity: ['sip:pbx-8@ims.example'] })).toContain(
      `${range}${nonDistinct('sip:pbx-8@ims.example')}`,
    );
    expect(fetched({ publicIdentity: ['sip:pbx-%22&%3C@ims.example'] })).toContain(
      '<Identity>sip:pbx-%22&amp;%3C@ims.example</Identity>',
    );
  });

  test('the wildcarded identity itself, or another one of its set: no identity of the range', () => {
    for (const input of [
      { publicIdentity: ['sip:pbx-7@ims.example'], wildcardedPublicIdentity: LINES },
      { publicIdentity: [LINES] },
      { publicIdentity: ['sip:pbx@ims.example'] },
    ]) {
      const document = fetched(input);
      expect(document).toContain(range);
      expect(document).not.toContain('WildcardedIMPU');
    }
  });

  test('with AliasInd it is in the alias group of its wildcarded identity', () => {
    const document = fetched({ publicIdentity: ['sip:pbx-7@ims.example'] }, { features: ['AliasInd'] });
    expect(document).toContain(
      '<Identity>sip:pbx-7@ims.example</Identity><Extension><IdentityType>3</IdentityType><Extension><DisplayName>Extension</DisplayName><AliasIdentityGroupID>lines/voicemail</AliasIdentityGroupID>',
    );
  });

  test('a wildcarded PSI: Identity holds it as stored, IdentityType 2', () => {
    for (const input of [
      { publicIdentity: ['sip:chatlist7@ims.example'] },
      { publicIdentity: ['sip:chatlist7@ims.example'], wildcardedPublicIdentity: ROOMS },
    ]) {
      expect(fetched(input)).toContain(
        `<PublicIdentity><Identity>${ROOMS}</Identity><Extension><IdentityType>2</IdentityType></Extension></PublicIdentity>`,
      );
    }
  });

  // Not "[", "]" and a "%" of no escape: see docs/decisions/0003-wildcard-matching.md.
  test('expressions of all other characters are valid', () => {
    const identity = 'sip:a!^(x|y){2}z+\\.\\\\"<&>`~#,;:/1?$!@ims.example';
    const odd = {
      ...pbx,
      implicitRegistrationSets: [
        {
          name: 'odd',
          publicIdentities: [
            { identity: 'sip:pbx@ims.example', serviceProfile: 'standard' },
            { identity, type: 'wildcardedPublicUserIdentity' as const, serviceProfile: 'standard' },
          ],
        },
      ],
    };
    expect(fetched({ publicIdentity: ['sip:pbx@ims.example'] }, { subscriptions: [odd] })).toContain(
      '(x|y){2}z+',
    );
  });
});
