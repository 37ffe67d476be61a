/**
 * What a SAA carries besides its result: [29.228-6.6], table 6.1.2.2 [29.228-6.1.2], and implicit
 * registration sets [29.228-6.5].
 */
import { ServerAssignmentType as Type, type ServerAssignmentAnswer } from '../../../src/apps/cx/generated/cx';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import { expectValidUserData } from '../../schema/validate-user-data';
import type { HssStatus } from '../../support/status-records';
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
import { TestHss, type SarInput, type TestHssOptions } from './support/test-hss';

const chargingInformation = {
  primaryEventChargingFunctionName: 'aaa://ecf1.ims.example',
  secondaryEventChargingFunctionName: 'aaa://ecf2.ims.example',
  primaryChargingCollectionFunctionName: 'aaa://ccf1.ims.example',
  secondaryChargingCollectionFunctionName: 'aaa://ccf2.ims.example',
};
const rich: SubscriptionDocumentInput = {
  ...alice,
  chargingInformation,
  allowedWafWwsfIdentities: { wafNames: ['waf.ims.example'], wwsfNames: ['wwsf.ims.example'] },
  privateIdentities: alice.privateIdentities.map((entry) => ({
    ...entry,
    privilegedSender: entry.identity === PHONE,
  })),
  implicitRegistrationSets: alice.implicitRegistrationSets.map((set) => ({
    ...set,
    looseRoute: set.name === 'family',
  })),
};
const hss = (options: Partial<TestHssOptions> = {}): TestHss =>
  new TestHss({ subscriptions: [rich, bob, services], shared: sharedProfiles, ...options });
const request = { userName: PHONE, publicIdentity: ['sip:alice@ims.example'] };
const downloading = [Type.NO_ASSIGNMENT, Type.REGISTRATION, Type.RE_REGISTRATION, Type.UNREGISTERED_USER];

/** The answer, from the state where every type succeeds. */
function answer(input: SarInput, options: Partial<TestHssOptions> = {}): Partial<ServerAssignmentAnswer> {
  const one = hss(options);
  one.setStatus(statusOf({ family: { registered: [PHONE] }, work: { registered: [PHONE] } }));
  const decision = one.sar({ ...request, ...input });
  expect(result(decision)).toBe('SUCCESS');
  return decision.avps;
}

/** No PPR could bring what the set has now. */
const outdated = (status: HssStatus): HssStatus => ({
  ...status,
  sets: Object.fromEntries(
    Object.entries(status.sets).map(([name, set]) => [name, { ...set, profileOutdated: true }]),
  ),
});

const identitiesIn = (avps: Partial<ServerAssignmentAnswer>): string[] =>
  [...(avps.userData?.toString() ?? '').matchAll(/<Identity>(.*?)<\/Identity>/g)].map(
    (match) => match[1] ?? '',
  );

describe('[29.228-6.6] User-Data-Already-Available', () => {
  test.each(downloading)(
    'type %d, USER_DATA_NOT_AVAILABLE: profile, charging information, allowed WAF and WWSF identities',
    (serverAssignmentType) => {
      const avps = answer({ serverAssignmentType, userDataAlreadyAvailable: 0 });
      expect(identitiesIn(avps)).toEqual([
        'sip:001010000000001@ims.example',
        'sip:alice@ims.example',
        'tel:+15550001',
      ]);
      expect(avps).toMatchObject({
        userName: PHONE,
        chargingInformation,
        associatedIdentities: { userName: [PHONE, TABLET] },
        looseRouteIndication: 1,
        priviledgedSenderIndication: 1,
        allowedWafWwsfIdentities: {
          webrtcAuthenticationFunctionName: ['waf.ims.example'],
          webrtcWebServerFunctionName: ['wwsf.ims.example'],
        },
      });
    },
  );

  test.each(downloading)('type %d, USER_DATA_ALREADY_AVAILABLE: none of these', (serverAssignmentType) => {
    const avps = answer({ serverAssignmentType, userDataAlreadyAvailable: 1 });
    expect(avps).toEqual({
      userName: PHONE,
      associatedIdentities: { userName: [PHONE, TABLET] },
      looseRouteIndication: 1,
      priviledgedSenderIndication: 1,
    });
  });

  test.each(downloading)('type %d: the HSS may override it', (serverAssignmentType) => {
    const settings = { alwaysSendUserData: true };
    expect(answer({ serverAssignmentType, userDataAlreadyAvailable: 1 }, { settings })).toEqual(
      answer({ serverAssignmentType, userDataAlreadyAvailable: 0 }),
    );
  });

  test.each([
    ['registered', Type.REGISTRATION],
    ['registered', Type.RE_REGISTRATION],
    ['unregistered', Type.UNREGISTERED_USER],
  ] as const)(
    '%s, type %d: overridden once where no PPR could bring the present profile',
    (state, serverAssignmentType) => {
      const one = hss();
      const before = statusOf({ family: state === 'registered' ? { registered: [PHONE] } : { state } });
      one.setStatus(outdated(before));
      const sar = () => one.sar({ ...request, serverAssignmentType, userDataAlreadyAvailable: 1 });
      const first = sar();
      expect(identitiesIn(first.avps)).toContain('sip:alice@ims.example');
      expect(first.avps.chargingInformation).toEqual(chargingInformation);
      const after = one.status();
      expect(after.sets.family).toMatchObject({ state });
      expect(after.sets.family?.profileOutdated).toBeUndefined();
      expect(sar().avps.userData).toBeUndefined();
    },
  );

  test('an outdated profile stays one while other things of the set change', () => {
    const before = outdated(statusOf({ family: { registered: [PHONE] } }));
    const one = hss();
    one.setStatus(before);
    one.mar({ userName: TABLET, publicIdentity: 'sip:alice@ims.example' });
    expect(one.status().sets.family?.profileOutdated).toBe(true);
  });

  test.each([0, 1] as const)(
    '%d is not used for the other types: nothing is downloaded',
    (userDataAlreadyAvailable) => {
      for (const settings of [{}, { alwaysSendUserData: true }]) {
        for (const serverAssignmentType of [4, 5, 6, 7, 8, 9, 10, 11] as Type[]) {
          expect(answer({ serverAssignmentType, userDataAlreadyAvailable }, { settings })).toEqual({
            userName: PHONE,
          });
        }
      }
    },
  );

  test('SiFC: identifiers where both sides support it, complete criteria otherwise', async () => {
    const shared = {
      serviceProfiles: [{ name: 'standard', sharedIfcSets: ['voicemail'] }],
      ifcSets: [
        {
          name: 'voicemail',
          id: 42,
          initialFilterCriteria: [{ priority: 1, applicationServer: { serverName: 'sip:vm.ims.example' } }],
        },
      ],
    };
    const plain = answer({ serverAssignmentType: 1 }, { shared }).userData?.toString() ?? '';
    const sifc =
      answer({ serverAssignmentType: 1 }, { shared, features: ['SiFC'] }).userData?.toString() ?? '';
    expect(plain).toContain('<ServerName>sip:vm.ims.example</ServerName>');
    expect(plain).not.toContain('SharedIFCSetID');
    expect(sifc).toContain('<Extension><SharedIFCSetID>42</SharedIFCSetID></Extension>');
    expect(sifc).not.toContain('InitialFilterCriteria');
    await expectValidUserData(plain, sifc);
  });
});

describe('[29.228-6.1.2] table 6.1.2.2: the other parts of a SAA', () => {
  test('charging information of a shared charging set; none where none is provisioned', () => {
    const shared = {
      ...sharedProfiles,
      chargingSets: [{ name: 'gold', primaryChargingCollectionFunctionName: 'aaa://ccf.ims.example' }],
    };
    const one = new TestHss({ subscriptions: [{ ...bob, chargingSet: 'gold' }], shared });
    const bobs = {
      serverAssignmentType: Type.REGISTRATION,
      userName: 'bob@ims.example',
      publicIdentity: ['sip:bob@ims.example'],
    };
    expect(one.sar(bobs).avps.chargingInformation).toEqual({
      primaryChargingCollectionFunctionName: 'aaa://ccf.ims.example',
    });
    const plain = hss().sar(bobs).avps;
    expect(Object.keys(plain).sort()).toEqual(['userData', 'userName']);
  });

  test('Associated-Identities: every private identity of the subscription, absent where there is one', () => {
    // Also those that this set is not associated with: they belong to the same IMS subscription.
    const avps = hss().sar({
      serverAssignmentType: Type.REGISTRATION,
      userName: PHONE,
      publicIdentity: ['sip:alice.phone@ims.example'],
    }).avps;
    expect(avps.associatedIdentities).toEqual({ userName: [PHONE, TABLET] });
    expect(
      hss().sar({
        serverAssignmentType: Type.REGISTRATION,
        userName: 'bob@ims.example',
        publicIdentity: ['sip:bob@ims.example'],
      }).avps.associatedIdentities,
    ).toBeUndefined();
  });

  test('Loose-Route-Indication is of the set, Priviledged-Sender-Indication of the private identity', () => {
    expect(
      answer({ serverAssignmentType: 1, publicIdentity: ['sip:alice.work@ims.example'] }),
    ).not.toHaveProperty('looseRouteIndication');
    expect(answer({ serverAssignmentType: 1, userName: TABLET })).not.toHaveProperty(
      'priviledgedSenderIndication',
    );
  });

  test('nothing is downloaded with an error', () => {
    const one = hss({ features: ['IMSRestorationInd'] });
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    expect(one.sar({ serverAssignmentType: Type.UNREGISTERED_USER, ...request }).avps).toEqual({
      userName: PHONE,
    });
  });
});

describe('[29.228-6.5.1.1] registration of one identity registers its implicit registration set', () => {
  test.each(['sip:alice@ims.example', 'sip:001010000000001@ims.example', 'tel:+15550001'])(
    'by %s',
    (publicIdentity) => {
      const one = hss();
      const first = one.sar({
        serverAssignmentType: Type.REGISTRATION,
        userName: PHONE,
        publicIdentity: [publicIdentity],
      });
      for (const other of ['sip:alice@ims.example', 'sip:001010000000001@ims.example', 'tel:+15550001']) {
        expect(result(one.lir({ publicIdentity: other }))).toBe('SUCCESS');
        expect(result(one.uar({ userName: TABLET, publicIdentity: other }))).toBe(
          'experimental SUBSEQUENT_REGISTRATION',
        );
      }
      expect(result(one.lir({ publicIdentity: 'sip:alice.work@ims.example' }))).toBe(
        'experimental ERROR_IDENTITY_NOT_REGISTERED',
      );
      // [29.228-6.5.1.4] the profile is that of the whole set.
      expect(identitiesIn(first.avps)).toEqual([
        'sip:001010000000001@ims.example',
        'sip:alice@ims.example',
        'tel:+15550001',
      ]);
      expect(first.avps.userData?.toString()).toMatch(
        /<BarringIndication>1<\/BarringIndication><Identity>sip:001010000000001@ims.example<\/Identity>/,
      );
    },
  );

  test('each private identity registers for itself, and leaves for itself', () => {
    const one = hss();
    const at = (serverAssignmentType: Type, userName: string) => {
      one.sar({ serverAssignmentType, userName, publicIdentity: ['tel:+15550001'] });
      return describeSet(one.status(), 'family');
    };
    expect(at(Type.REGISTRATION, PHONE)).toBe('registered(phone), name');
    expect(at(Type.REGISTRATION, TABLET)).toBe('registered(phone+tablet), name');
    expect(at(Type.USER_DEREGISTRATION, PHONE)).toBe('registered(tablet), name');
    expect(at(Type.USER_DEREGISTRATION, TABLET)).toBe('notRegistered, no name');
  });
});

describe('[29.228-6.5.1.2] de-registration', () => {
  test('of one identity ends its implicit registration set', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    one.sar({
      serverAssignmentType: Type.USER_DEREGISTRATION,
      userName: PHONE,
      publicIdentity: ['tel:+15550001'],
    });
    for (const publicIdentity of ['sip:alice@ims.example', 'tel:+15550001'])
      expect(result(one.lir({ publicIdentity }))).toBe('experimental ERROR_IDENTITY_NOT_REGISTERED');
  });

  test('of all identities of a set in one request does it once', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE, TABLET] } }));
    one.sar({
      serverAssignmentType: Type.TIMEOUT_DEREGISTRATION,
      userName: PHONE,
      publicIdentity: ['sip:alice@ims.example', 'tel:+15550001', 'sip:001010000000001@ims.example'],
    });
    expect(describeSet(one.status(), 'family')).toBe('registered(tablet), name');
  });
});

describe('[29.228-6.5.1.4] downloading the user profile', () => {
  test('only the identities of the set, with their service profiles', () => {
    expect(
      identitiesIn(answer({ serverAssignmentType: 1, publicIdentity: ['sip:alice.work@ims.example'] })),
    ).toEqual(['sip:alice.work@ims.example']);
    // All of them, by whichever one was asked for.
    for (const serverAssignmentType of downloading) {
      for (const identity of ['sip:001010000000001@ims.example', 'sip:alice@ims.example', 'tel:+15550001']) {
        expect(
          identitiesIn(answer({ serverAssignmentType, publicIdentity: [identity] }, { features: [] })),
        ).toEqual(['sip:001010000000001@ims.example', 'sip:alice@ims.example', 'tel:+15550001']);
      }
    }
  });

  test('another private identity, other features, other shared data: another document', () => {
    const one = hss();
    const data = (userName: string) =>
      one
        .sar({ serverAssignmentType: Type.REGISTRATION, userName, publicIdentity: ['sip:alice@ims.example'] })
        .avps.userData?.toString();
    const plain = data(PHONE);
    expect(plain).toContain('<IMSI>001010000000001</IMSI>');
    expect(data(TABLET)).not.toContain('<IMSI>');
    one.features = new Set(['AliasInd']);
    expect(data(PHONE)).toContain('<AliasIdentityGroupID>');
    one.features = new Set();
    expect(data(PHONE)).toBe(plain);
  });
});

describe('[29.228-6.5.1.5] a session to an identity that is not registered', () => {
  test('the whole set becomes unregistered, and not registered again', () => {
    const one = hss();
    const first = one.sar({
      serverAssignmentType: Type.UNREGISTERED_USER,
      publicIdentity: ['tel:+15550001'],
    });
    expect(result(first)).toBe('SUCCESS');
    for (const publicIdentity of ['sip:alice@ims.example', 'tel:+15550001'])
      expect(result(one.lir({ publicIdentity }))).toBe('SUCCESS');
    one.sar({ serverAssignmentType: Type.TIMEOUT_DEREGISTRATION, publicIdentity: ['sip:alice@ims.example'] });
    for (const publicIdentity of ['sip:alice@ims.example', 'tel:+15550001'])
      expect(result(one.lir({ publicIdentity }))).toBe('experimental ERROR_IDENTITY_NOT_REGISTERED');
    expect(one.status().server).toBeNull();
  });

  test('a PSI is served so too', () => {
    const one = hss();
    const decision = one.sar({
      serverAssignmentType: Type.UNREGISTERED_USER,
      publicIdentity: ['sip:routed@ims.example'],
    });
    expect(decision.avps.userName).toBe('as@ims.example');
    expect(decision.avps.userData?.toString()).toContain(
      '<Identity>sip:routed@ims.example</Identity><Extension><IdentityType>1</IdentityType></Extension>',
    );
    expect(describeSet(one.status('services'), 'routed')).toBe('unregistered, name');
  });
});
