/**
 * The rules on Information Elements of [29.228-6] where no procedure says them for itself: what is not called
 * for is no error, what an answer has in every case, and what no message ever has [29.229-5.3]; answers and
 * requests as they stand on the wire.
 */
import { cxFeatureTable } from '../../../src/apps/cx/feature-table';
import { createCxApplication } from '../../../src/apps/cx/application';
import { AnswerWriter } from '../../../src/diameter/dispatch/answers';
import type { Decision } from '../../../src/diameter/dispatch/contract';
import { UserAuthorizationType, ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import { PushMessages } from '../../../src/apps/cx/outgoing/messages';
import {
  AVP,
  cxAnswer,
  cxRequest,
  decoded,
  dictionary,
  wireCodes,
  type CxCommand,
} from '../../support/cx-messages';
import { alice, bob, PHONE, result, services, sharedProfiles, statusOf, TABLET } from './support/subscribers';
import { defaultSettings, SCSCF1, TestHss, type TestHssOptions } from './support/test-hss';

const origin = { originHost: 'scscf1.ims.example', originRealm: 'ims.example' };
const node = { originHost: 'hss.ims.example', originRealm: 'ims.example', originStateId: 1 };
const request = { userName: PHONE, publicIdentity: 'sip:alice@ims.example' };
const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [alice, bob, services], shared: sharedProfiles, ...options });

/**
 * The same request twice, the second time with something that is not called for: the same answer and the same
 * state.
 */
function same<Answer>(
  ask: (one: TestHss, extra: object) => Decision<Answer>,
  extra: object,
  options: Partial<TestHssOptions> = {},
): string {
  const [plain, more] = [{}, extra].map((rest) => {
    const one = hss(options);
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    return { decision: ask(one, rest), status: one.status() };
  });
  expect(more?.decision).toEqual(plain?.decision);
  expect(more?.status).toEqual(plain?.status);
  return more === undefined ? '' : result(more.decision);
}

describe('[29.228-6] a conditional element whose conditions are not fulfilled, or an optional one, is no error', () => {
  test('MAR: SIP-Authentication-Context with IMS-AKA (table 6.3.2)', () => {
    const item = { sipAuthenticationScheme: 'Digest-AKAv1-MD5' };
    expect(
      same((one, extra) => one.mar({ ...request, sipAuthDataItem: { ...item, ...extra } }), {
        sipAuthenticationContext: Buffer.from('REGISTER'),
      }),
    ).toBe('SUCCESS');
  });

  test.each([
    [
      'Multiple-Registration-Indication with RE_REGISTRATION',
      { serverAssignmentType: Type.RE_REGISTRATION },
      { multipleRegistrationIndication: 1 },
    ],
    [
      'Multiple-Registration-Indication of an S-CSCF without restoration',
      { serverAssignmentType: Type.REGISTRATION },
      { multipleRegistrationIndication: 1 },
    ],
    [
      'Failed-PCSCF without a P-CSCF-Restoration-Indication',
      { serverAssignmentType: Type.UNREGISTERED_USER },
      { failedPcscf: { pcscfFqdn: 'pcscf.ims.example' } },
    ],
    [
      'User-Data-Already-Available with a de-registration',
      { serverAssignmentType: Type.USER_DEREGISTRATION },
      { userDataAlreadyAvailable: 1 },
    ],
    ['Session-Priority', { serverAssignmentType: Type.RE_REGISTRATION }, { sessionPriority: 0 }],
  ] as const)('SAR: %s (table 6.1.2.1)', (_name, input, extra) => {
    expect(
      same(
        (one, rest) =>
          one.sar({ userName: PHONE, publicIdentity: [request.publicIdentity], ...input, ...rest }),
        extra,
      ),
    ).toBe('SUCCESS');
  });

  test('LIR: User-Authorization-Type while restoration is not supported, Session-Priority (table 6.1.4.1)', () => {
    const options = { settings: { imsRestoration: false } };
    const extra = {
      userAuthorizationType: UserAuthorizationType.REGISTRATION_AND_CAPABILITIES,
      sessionPriority: 4,
    };
    expect(
      same((one, rest) => one.lir({ publicIdentity: request.publicIdentity, ...rest }), extra, options),
    ).toBe('SUCCESS');
  });

  test('UAR: UAR-Flags bits that are not defined (table 6.1.1.1)', () => {
    expect(same((one, rest) => one.uar({ ...request, ...rest }), { uarFlags: 0xfffffffe })).toBe(
      'experimental SUBSEQUENT_REGISTRATION',
    );
  });
});

describe('[29.228-6.1.4.1] step 3: what is stored as an S-CSCF name is a SIP URI, so what LIA and UAA return is one', () => {
  const names = [
    '',
    'scscf1.ims.example',
    'sip:',
    'sip: scscf1.ims.example',
    'tel:+15550001',
    'sip:scscf1.ims.example\r\nVia: x',
  ];

  test.each(names)(
    'Server-Name "%s": DIAMETER_INVALID_AVP_VALUE with it in Failed-AVP, nothing is loaded or changed',
    (serverName) => {
      for (const decision of [
        hss().mar({ ...request, serverName }),
        hss().sar({
          serverAssignmentType: Type.REGISTRATION,
          userName: PHONE,
          publicIdentity: [request.publicIdentity],
          serverName,
        }),
      ]) {
        expect(result(decision)).toBe('INVALID_AVP_VALUE');
        expect(decision.failedAvps).toEqual([
          { code: 602, vendorId: 10415, mandatory: true, data: Buffer.from(serverName) },
        ]);
        expect(decision.changes).toBeUndefined();
        expect(decision.avps.userName).toBe(PHONE);
        expect(decision.refusal?.check).toContain('Server-Name');
      }
    },
  );

  test.each([
    'sip:s',
    'SIP:scscf1.ims.example:6060',
    'sips:scscf1.ims.example;transport=tcp',
    'sip:scscf@[2001:db8::1]:5060;lr',
  ])('%s is one', (serverName) => {
    const one = hss();
    one.sar({
      serverAssignmentType: Type.REGISTRATION,
      userName: PHONE,
      publicIdentity: [request.publicIdentity],
      serverName,
    });
    expect(one.lir({ publicIdentity: request.publicIdentity }).avps.serverName).toBe(serverName);
  });
});

describe('[29.228-6.1.2.1] a list holds identities of one type only', () => {
  test('Public User and Public Service Identities together: the S-CSCF is told that they do not belong together, nothing changes', () => {
    const one = hss();
    const mixed = {
      serverAssignmentType: Type.ADMINISTRATIVE_DEREGISTRATION,
      publicIdentity: ['sip:routed@ims.example', 'sip:pbx@ims.example'],
    };
    one.setStatus(
      statusOf({ routed: { state: 'unregistered' }, wild: { state: 'unregistered' } }),
      'services',
    );
    const decision = one.sar(mixed);
    expect(result(decision)).toBe('experimental ERROR_IDENTITIES_DONT_MATCH');
    expect(decision.refusal?.clause).toBe('TS 29.228 6.1.2.1 step 2');
    expect(decision.changes).toBeUndefined();
  });
});

test('[29.228-6.1.2] table 6.1.2.2: User-Name also in answers that nothing could be decided for', () => {
  const handler = createCxApplication(defaultSettings, new Set(), {
    open: () => Buffer.alloc(0),
  }).handlers.get(301);
  const message = (avps: object) => ({
    header: {} as never,
    abbreviation: 'SAR',
    avps,
    bytes: Buffer.alloc(0),
  });
  expect(handler?.errorAvps?.(message({ userName: PHONE, serverAssignmentType: 1 }))).toEqual({
    userName: PHONE,
  });
  expect(handler?.errorAvps?.(message({ serverAssignmentType: 3 }))).toEqual({});
});

describe('[29.229-5.3] no message of ours has Authorization-Lifetime or Session-Timeout', () => {
  const writer = new AnswerWriter(
    node,
    {
      applicationId: 16_777_216,
      vendorId: 10_415,
      name: 'Cx/Dx',
      offers: [{ table: cxFeatureTable, enabled: new Set() }],
      handlers: new Map(),
    },
    dictionary,
  );
  const sessionAvps = [291, 27, 276, 272];

  test('answers, whatever the request has', () => {
    const extra = {
      additionalAvps: [{ code: 291, vendorId: 0, mandatory: true, data: Buffer.from([0, 0, 14, 16]) }],
    };
    const one = hss();
    const sar = {
      userName: PHONE,
      publicIdentity: [request.publicIdentity],
      serverAssignmentType: Type.REGISTRATION,
    };
    const cases: [CxCommand, object, Decision<object>][] = [
      ['UAR', { ...request, visitedNetworkIdentifier: Buffer.from('ims.example') }, one.uar(request)],
      [
        'MAR',
        {
          ...request,
          sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
          sipNumberAuthItems: 1,
          serverName: SCSCF1,
        },
        one.mar(request),
      ],
      ['SAR', { ...sar, serverName: SCSCF1, userDataAlreadyAvailable: 0 }, one.sar(sar)],
      ['LIR', { publicIdentity: request.publicIdentity }, one.lir(request)],
      [
        'LIR',
        { publicIdentity: 'sip:nobody@ims.example' },
        one.lir({ publicIdentity: 'sip:nobody@ims.example' }),
      ],
    ];
    for (const [command, avps, decision] of cases) {
      const asked = decoded(cxRequest(command, origin, { ...avps, ...extra }));
      const bytes = writer.decision(asked, command.replace(/R$/, 'A'), decision, []);
      expect(wireCodes(bytes).filter((code) => sessionAvps.includes(code))).toEqual([]);
      expect(cxAnswer(bytes).avps).toMatchObject({
        authSessionState: 1,
        originHost: node.originHost,
        originRealm: node.originRealm,
      });
    }
  });

  test('[29.229-5.5] requests name host and realm of the S-CSCF', () => {
    const messages = new PushMessages(
      { originHost: node.originHost, originRealm: node.originRealm },
      dictionary,
    );
    const to = {
      sessionId: 'hss;1;1',
      destinationHost: 'scscf1.ims.example',
      destinationRealm: 'ims.example',
      mayDuplicate: false,
    };
    const termination = {
      cause: 'manual',
      reasonCode: 'PERMANENT_TERMINATION',
      userName: PHONE,
      associatedIdentities: [TABLET],
      sets: [{ name: 'family', publicIdentities: [request.publicIdentity] }],
    } as const;
    for (const bytes of [
      messages.termination(termination, to, true),
      messages.profile(PHONE, { avps: { userData: Buffer.from('<x/>') }, features: null }, to),
    ]) {
      expect(wireCodes(bytes).filter((code) => sessionAvps.includes(code))).toEqual([]);
      expect(wireCodes(bytes)).toContain(AVP.authSessionState);
      expect(decoded(bytes).avps).toMatchObject({
        authSessionState: 1,
        destinationHost: to.destinationHost,
        destinationRealm: to.destinationRealm,
      });
    }
  });
});

describe('[29.228-6.1.3] table 6.1.3.1: Public-Identity in RTR', () => {
  const messages = new PushMessages(
    { originHost: node.originHost, originRealm: node.originRealm },
    dictionary,
  );
  const to = {
    sessionId: 'hss;1;1',
    destinationHost: 'scscf1.ims.example',
    destinationRealm: 'ims.example',
    mayDuplicate: false,
  };
  const listed = (
    reasonCode: 'PERMANENT_TERMINATION' | 'NEW_SERVER_ASSIGNED' | 'SERVER_CHANGE' | 'REMOVE_S-CSCF',
    list: boolean,
  ) =>
    decoded(
      messages.termination(
        {
          cause: 'manual',
          reasonCode,
          userName: PHONE,
          associatedIdentities: [],
          sets: [{ name: 'family', publicIdentities: [request.publicIdentity] }],
        },
        to,
        list,
      ),
    ).avps['publicIdentity'];

  test('NEW_SERVER_ASSIGNED has it in any case', () => {
    expect([listed('NEW_SERVER_ASSIGNED', true), listed('NEW_SERVER_ASSIGNED', false)]).toEqual([
      [request.publicIdentity],
      [request.publicIdentity],
    ]);
  });

  test.each(['PERMANENT_TERMINATION', 'SERVER_CHANGE', 'REMOVE_S-CSCF'] as const)(
    '[29.228-6.1.3.1] %s of private identities with all that they have: none where the S-CSCF is configured so',
    (reasonCode) => {
      expect([listed(reasonCode, true), listed(reasonCode, false)]).toEqual([
        [request.publicIdentity],
        undefined,
      ]);
    },
  );
});
