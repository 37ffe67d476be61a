/**
 * Every outcome of RTR and PPR, and what it does to the registration state: TS 29.228 6.1.3.1 and 6.2.2.1.
 */
import type { PushAnswer, PushContext, PushResult } from '../../../../src/apps/cx/outgoing/push-outcome';
import { decideProfile, planProfile } from '../../../../src/apps/cx/outgoing/push-profile';
import {
  decideTermination,
  planTermination,
  registrationEffect,
} from '../../../../src/apps/cx/outgoing/push-termination';
import {
  deregistrationReasonCodes,
  digestPushOf,
  listedPublicIdentities,
  profilePushOf,
  terminationOf,
  type DeregistrationReasonCode,
  type ProfilePayload,
  type TerminationPayload,
} from '../../../../src/apps/cx/outgoing/push';
import { initialStatus, type RegistrationStatus } from '../../../../src/apps/cx/state/registration-status';
import type { Subscription } from '../../../../src/subscriber/subscription';
import { subscriptionDocument } from '../../../../src/subscriber/subscription-document';
import { recordsOf, setsOf, type SetRecord, type SetRecords } from '../../../support/status-records';

const server = {
  name: 'sip:scscf1.ims.example',
  diameterHost: 'scscf1.ims.example',
  diameterRealm: 'ims.example',
};

const subscription = subscriptionDocument.parse({
  id: 'alice',
  privateIdentities: [{ identity: 'phone@ims.example' }, { identity: 'tablet@ims.example' }],
  implicitRegistrationSets: [
    {
      name: 'home',
      publicIdentities: [
        { identity: 'sip:alice@ims.example', serviceProfile: 'p' },
        { identity: 'tel:+15550001', serviceProfile: 'p' },
      ],
    },
    { name: 'work', publicIdentities: [{ identity: 'sip:alice.work@ims.example', serviceProfile: 'p' }] },
  ],
  serviceProfiles: [{ name: 'p' }],
}) as Subscription;

const registered = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { registered: true }]));

function status(sets: SetRecords, change: Partial<RegistrationStatus> = {}): RegistrationStatus {
  return { ...initialStatus, version: 7, server, sets: setsOf(sets), ...change };
}

const homeOf = (given: RegistrationStatus | undefined): SetRecord | undefined =>
  recordsOf(given?.sets ?? []).home;

const onePhone = status({
  home: { state: 'registered', privateIdentities: registered('phone@ims.example') },
});
const twoPhones = status({
  home: { state: 'registered', privateIdentities: registered('phone@ims.example', 'tablet@ims.example') },
});
const unregistered = status({ home: { state: 'unregistered', privateIdentities: {} } });

function context(current: RegistrationStatus | null, change: Partial<PushContext> = {}): PushContext {
  return {
    current: current === null ? null : { subscription, status: current },
    takenOver: false,
    destinationHost: 'SCSCF1.ims.example',
    destinationRealm: 'ims.example',
    asOfVersion: 7,
    nowMs: 1_000,
    connected: true,
    settings: { imsRestoration: true, authenticationPendingMaxAgeMs: 300_000 },
    policy: { profileUpdates: 'ppr', afterNoAnswer: 'nothing', combinePrivateIdentities: false },
    ...change,
  };
}

const answer = (result: PushResult, change: Partial<PushAnswer> = {}): PushAnswer => ({
  result,
  associatedIdentities: [],
  emergencyRegistrations: [],
  ...change,
});
const emergency = {
  emergencyRegistrations: [{ privateIdentity: 'phone@ims.example', publicIdentity: 'tel:+15550001' }],
};

function rtr(
  current: RegistrationStatus,
  reasonCode: DeregistrationReasonCode,
  privateIdentities?: string[],
): TerminationPayload {
  const entry = terminationOf(subscription, current, { cause: 'manual', reasonCode, privateIdentities });
  if (entry === null) throw new Error('nothing to de-register');
  return entry.payload as TerminationPayload;
}

/** [state of "home", S-CSCF name kept] after the answer. */
function after(
  current: RegistrationStatus,
  reasonCode: DeregistrationReasonCode,
  given: PushAnswer,
  privateIdentities?: string[],
): [string, boolean] {
  const { status: changed = current } = decideTermination(
    rtr(current, reasonCode, privateIdentities),
    given,
    context(current),
  );
  return [homeOf(changed)?.state ?? 'notRegistered', changed.server !== null];
}

describe('[29.228-6.1.3.1] an answer is about what was registered when its request was caused', () => {
  const pair = (since?: number) => ({ registered: true, ...(since === undefined ? {} : { since }) });
  const home = (first: number | undefined, second?: number) =>
    status(
      {
        home: {
          state: 'registered',
          privateIdentities: {
            'phone@ims.example': pair(first),
            ...(second === undefined ? {} : { 'tablet@ims.example': pair(second) }),
          },
        },
      },
      { version: 12 },
    );

  test.each(deregistrationReasonCodes)(
    '%s: what was registered later stays, with its S-CSCF; what was there before goes',
    (reasonCode) => {
      const payload = rtr(twoPhones, reasonCode);
      expect(decideTermination(payload, answer('success'), context(home(8, 9)))).toEqual({
        outcome: 'success',
        followUps: [],
      });
      const { status: changed } = decideTermination(
        { ...payload, associatedIdentities: [] },
        answer('success'),
        context(home(8, 7)),
      );
      expect(Object.keys(homeOf(changed ?? home(8, 7))?.privateIdentities ?? {})).toEqual(
        // PERMANENT_TERMINATION is for the private identities of the request; the others are for the sets.
        reasonCode === 'PERMANENT_TERMINATION'
          ? ['phone@ims.example', 'tablet@ims.example']
          : ['phone@ims.example'],
      );
      expect((changed ?? home(8, 7)).server).toEqual(server);
    },
  );

  test('a registration of before the version was kept, and one as old as the request, go', () => {
    for (const since of [undefined, 3, 7])
      expect(
        decideTermination(rtr(onePhone, 'PERMANENT_TERMINATION'), answer('success'), context(home(since)))
          .status?.server,
      ).toBeNull();
  });

  test('the unregistered state likewise', () => {
    const payload = rtr(unregistered, 'REMOVE_S-CSCF');
    const now = (since: number) =>
      status({ home: { state: 'unregistered', since, privateIdentities: {} } }, { version: 9 });
    expect(decideTermination(payload, answer('success'), context(now(8))).status).toBeUndefined();
    expect(decideTermination(payload, answer('success'), context(now(7))).status?.sets).toEqual([]);
  });

  test('it is not sent at all where everything was registered later, and sent where anything is left', () => {
    expect(planTermination(rtr(twoPhones, 'PERMANENT_TERMINATION'), context(home(8, 9)))).toEqual({
      kind: 'done',
      decision: { outcome: 'superseded', followUps: [] },
    });
    const { policy } = context(null);
    for (const current of [home(8, 7), status({})])
      expect(
        planTermination(
          rtr(twoPhones, 'PERMANENT_TERMINATION'),
          context(current, { policy: { ...policy, combinePrivateIdentities: true } }),
        ),
      ).toMatchObject({ kind: 'send' });
    // One request for each private identity: none for the one that registered anew.
    const split = planTermination(rtr(twoPhones, 'PERMANENT_TERMINATION'), context(home(8, 7)));
    expect(split).toMatchObject({
      kind: 'done',
      decision: { outcome: 'split', followUps: [{ payload: { userName: 'tablet@ims.example' } }] },
    });
    expect(
      planTermination(rtr(twoPhones, 'PERMANENT_TERMINATION', ['tablet@ims.example']), context(home(8))),
    ).toEqual({ kind: 'send', userName: 'tablet@ims.example' });
  });

  test('nobody who registered later is asked for again', () => {
    const missing = decideTermination(
      rtr(twoPhones, 'SERVER_CHANGE'),
      answer('success'),
      context(home(8, 9)),
    );
    expect(missing.followUps).toEqual([]);
    expect(
      decideTermination(rtr(twoPhones, 'SERVER_CHANGE'), answer('success'), context(twoPhones)).followUps,
    ).toHaveLength(1);
  });

  test('[29.228-6.2.2.1] 5001 of a PPR does not end what was registered after it was sent', () => {
    const without = { settings: { imsRestoration: false, authenticationPendingMaxAgeMs: 300_000 } };
    const payload: ProfilePayload = { cause: 'manual', setName: 'home', parts: ['userData'] };
    expect(
      decideProfile(payload, 'phone@ims.example', answer('userUnknown'), context(home(8), without)).status,
    ).toBeUndefined();
    expect(
      decideProfile(payload, 'phone@ims.example', answer('userUnknown'), context(home(7), without)).status
        ?.server,
    ).toBeNull();
  });
});

describe('what an RTR is made of', () => {
  test('[29.228-6.1.3] one private identity is User-Name, the others are associated; every set that has state is listed', () => {
    const current = status({
      home: { state: 'registered', privateIdentities: registered('phone@ims.example', 'tablet@ims.example') },
      work: { state: 'unregistered', privateIdentities: {} },
    });
    expect(
      terminationOf(subscription, current, {
        cause: 'manual',
        reasonCode: 'SERVER_CHANGE',
        reasonInfo: 'moved',
      }),
    ).toEqual({
      kind: 'cx.RTR',
      destinationHost: server.diameterHost,
      destinationRealm: server.diameterRealm,
      payload: {
        cause: 'manual',
        reasonCode: 'SERVER_CHANGE',
        reasonInfo: 'moved',
        userName: 'phone@ims.example',
        associatedIdentities: ['tablet@ims.example'],
        sets: [
          {
            name: 'home',
            publicIdentities: ['sip:alice@ims.example', 'tel:+15550001'],
            privateIdentities: ['phone@ims.example', 'tablet@ims.example'],
          },
          {
            name: 'work',
            publicIdentities: ['sip:alice.work@ims.example'],
            privateIdentities: ['phone@ims.example'],
          },
        ],
      },
    });
  });

  test('[29.228-6.1.3.1] one request for each private identity, with the public identities of its own sets', () => {
    const current = status({
      home: { state: 'registered', privateIdentities: registered('phone@ims.example') },
      work: { state: 'registered', privateIdentities: registered('tablet@ims.example') },
    });
    const combined = rtr(current, 'PERMANENT_TERMINATION');
    expect(combined).toMatchObject({ associatedIdentities: ['tablet@ims.example'] });
    const plan = planTermination(combined, context(current));
    const parts = plan.kind === 'done' ? plan.decision.followUps.map(({ payload }) => payload) : [];
    expect(parts).toEqual([
      expect.objectContaining({
        userName: 'phone@ims.example',
        associatedIdentities: [],
        sets: [expect.objectContaining({ publicIdentities: ['sip:alice@ims.example', 'tel:+15550001'] })],
      }),
      expect.objectContaining({
        userName: 'tablet@ims.example',
        associatedIdentities: [],
        sets: [expect.objectContaining({ publicIdentities: ['sip:alice.work@ims.example'] })],
      }),
    ]);
    const combining = { ...context(null).policy, combinePrivateIdentities: true };
    const asOne = { kind: 'send', userName: 'phone@ims.example' };
    expect(planTermination(combined, context(current, { policy: combining }))).toEqual(asOne);
    // NEW_SERVER_ASSIGNED has no form for several private identities.
    expect(
      planTermination(rtr(current, 'NEW_SERVER_ASSIGNED'), context(current, { policy: combining })),
    ).toMatchObject({ kind: 'done', decision: { outcome: 'split' } });
    // What is given up is done with at once, and not in parts that wait anew.
    expect(planTermination(combined, context(current, { connected: false }))).toEqual(asOne);
    // An entry of an older release does not say which set is whose.
    const older = { ...combined, sets: combined.sets.map(({ privateIdentities: _, ...set }) => set) };
    const olderPlan = planTermination(older, context(current));
    expect(olderPlan.kind === 'done' && olderPlan.decision.followUps[1]?.payload['sets']).toEqual(older.sets);
  });

  test('[29.228-6.1.3.1] what an RTR left of the registrations is told, whatever its outcome', () => {
    const payload = rtr(twoPhones, 'PERMANENT_TERMINATION');
    const { status: cleared = null } = decideTermination(payload, answer('noAnswer'), context(twoPhones));
    expect(registrationEffect(payload, twoPhones, cleared)).toBe('cleared');
    expect(registrationEffect(payload, twoPhones, onePhone)).toBe('partlyCleared');
    expect(registrationEffect(payload, twoPhones, twoPhones)).toBe('kept');
    expect(registrationEffect(payload, null, null)).toBe('cleared');
    const tablet = rtr(twoPhones, 'PERMANENT_TERMINATION', ['tablet@ims.example']);
    expect(registrationEffect(tablet, twoPhones, onePhone)).toBe('cleared');
  });

  test('[29.228-6.1.3] nothing is de-registered that has no state, no S-CSCF or not that private identity', () => {
    expect(
      terminationOf(subscription, initialStatus, { cause: 'manual', reasonCode: 'SERVER_CHANGE' }),
    ).toBeNull();
    expect(
      terminationOf(subscription, status({}), { cause: 'manual', reasonCode: 'SERVER_CHANGE' }),
    ).toBeNull();
    expect(
      terminationOf(subscription, onePhone, {
        cause: 'manual',
        reasonCode: 'SERVER_CHANGE',
        privateIdentities: ['tablet@ims.example'],
      }),
    ).toBeNull();
    expect(
      terminationOf(subscription, onePhone, {
        cause: 'manual',
        reasonCode: 'SERVER_CHANGE',
        setNames: ['work'],
      }),
    ).toBeNull();
  });

  test('[29.228-6.1.3.1] a distinct identity stands for a wildcarded one of its set', () => {
    const [set] = subscriptionDocument.parse({
      id: 'w',
      privateIdentities: [{ identity: 'w@ims.example' }],
      implicitRegistrationSets: [
        {
          name: 's',
          publicIdentities: [
            { identity: 'sip:w@ims.example', serviceProfile: 'p' },
            { identity: 'sip:w!.*!@ims.example', type: 'wildcardedPublicUserIdentity', serviceProfile: 'p' },
          ],
        },
      ],
      serviceProfiles: [{ name: 'p' }],
    }).implicitRegistrationSets;
    expect(set === undefined ? [] : listedPublicIdentities(set)).toEqual(['sip:w@ims.example']);
  });
});

describe('RTA', () => {
  test.each<[DeregistrationReasonCode, RegistrationStatus, string, boolean]>([
    ['PERMANENT_TERMINATION', onePhone, 'notRegistered', false],
    ['PERMANENT_TERMINATION', unregistered, 'notRegistered', false],
    ['NEW_SERVER_ASSIGNED', onePhone, 'notRegistered', false],
    ['SERVER_CHANGE', onePhone, 'notRegistered', false],
    ['SERVER_CHANGE', unregistered, 'notRegistered', false],
    ['REMOVE_S-CSCF', unregistered, 'notRegistered', false],
  ])(
    '[29.228-6.1.3.1] %s and success: not registered, the name is cleared',
    (reasonCode, current, state, kept) => {
      expect(after(current, reasonCode, answer('success'))).toEqual([state, kept]);
    },
  );

  test('[29.228-6.1.3.1] PERMANENT_TERMINATION of one of two private identities: stays registered with the other', () => {
    const decision = decideTermination(
      rtr(twoPhones, 'PERMANENT_TERMINATION', ['phone@ims.example']),
      answer('success'),
      context(twoPhones),
    );
    expect(homeOf(decision.status)).toEqual({
      state: 'registered',
      privateIdentities: registered('tablet@ims.example'),
    });
    expect(decision.status?.server).toEqual(server);
  });

  test.each<[DeregistrationReasonCode, RegistrationStatus, string, boolean]>([
    ['PERMANENT_TERMINATION', onePhone, 'unregistered', true],
    ['PERMANENT_TERMINATION', unregistered, 'unregistered', true],
    ['REMOVE_S-CSCF', unregistered, 'unregistered', true],
    ['SERVER_CHANGE', onePhone, 'notRegistered', false],
  ])(
    '[29.228-6.1.3.1] %s with Identity-with-Emergency-Registration, its set included (note 2)',
    (reasonCode, current, state, kept) => {
      for (const result of ['limitedSuccess', 'unableToComply'] as const)
        expect(after(current, reasonCode, answer(result, emergency))).toEqual([state, kept]);
    },
  );

  test('[29.228-6.1.3.1] an emergency registration of another identity saves nobody else', () => {
    const current = status({
      ...recordsOf(onePhone.sets),
      work: { state: 'registered', privateIdentities: registered('phone@ims.example') },
    });
    const decision = decideTermination(
      rtr(current, 'PERMANENT_TERMINATION'),
      answer('limitedSuccess', emergency),
      context(current),
    );
    expect(decision.status?.sets).toEqual(setsOf({ home: { state: 'unregistered', privateIdentities: {} } }));
    expect(decision.status?.server).toEqual(server);
  });

  test.each(['noAnswer', 'notConnected', 'refused', 'userUnknown', 'unableToComply'] as const)(
    '[29.228-6.1.3.1] %s: the HSS de-registers all the same',
    (result) => {
      expect(after(onePhone, 'PERMANENT_TERMINATION', answer(result))).toEqual(['notRegistered', false]);
    },
  );

  test.each(['SERVER_CHANGE', 'PERMANENT_TERMINATION'] as const)(
    '[29.228-6.1.3.1] %s: private identities missing in Associated-Identities are asked for on their own',
    (reasonCode) => {
      const payload = rtr(twoPhones, reasonCode);
      const missing = decideTermination(payload, answer('success'), context(twoPhones));
      expect(missing.followUps).toEqual([
        {
          kind: 'cx.RTR',
          destinationHost: 'SCSCF1.ims.example',
          destinationRealm: 'ims.example',
          payload: {
            ...payload,
            cause: 'remaining',
            userName: 'tablet@ims.example',
            associatedIdentities: [],
          },
        },
      ]);
      expect(homeOf(missing.status)?.state).toBe(reasonCode === 'SERVER_CHANGE' ? undefined : 'registered');
      const all = decideTermination(
        payload,
        answer('success', { associatedIdentities: ['tablet@ims.example'] }),
        context(twoPhones),
      );
      expect(all.followUps).toEqual([]);
      expect(all.status?.sets).toEqual([]);
    },
  );

  test('[29.228-8.1.1] after the S-CSCF was replaced its answer changes nothing', () => {
    const moved = { ...onePhone, server: { ...server, diameterHost: 'scscf2.ims.example' } };
    for (const reasonCode of deregistrationReasonCodes) {
      expect(decideTermination(rtr(onePhone, reasonCode), answer('success'), context(moved))).toEqual({
        outcome: 'success',
        followUps: [],
      });
    }
  });

  test('[29.228-6.1.3.1] a pending authentication is no registration and stays', () => {
    const pending = status({
      home: {
        state: 'registered',
        privateIdentities: {
          ...registered('phone@ims.example'),
          'tablet@ims.example': { authenticationPendingSinceMs: 900 },
        },
      },
    });
    const decision = decideTermination(
      rtr(pending, 'PERMANENT_TERMINATION'),
      answer('success'),
      context(pending),
    );
    expect(homeOf(decision.status)).toEqual({
      state: 'notRegistered',
      privateIdentities: { 'tablet@ims.example': { authenticationPendingSinceMs: 900 } },
    });
    expect(decision.status?.server).toEqual(server);
  });

  test('[29.228-8.1.1] is not even sent where the user came back, or is registered anew in another subscription', () => {
    const payload: TerminationPayload = { ...rtr(onePhone, 'NEW_SERVER_ASSIGNED'), cause: 'serverReplaced' };
    expect(planTermination(payload, context(onePhone))).toMatchObject({
      kind: 'done',
      decision: { outcome: 'superseded' },
    });
    expect(planTermination(payload, context(null, { takenOver: true }))).toMatchObject({
      kind: 'done',
      decision: { outcome: 'superseded' },
    });
    expect(planTermination(payload, context(null))).toEqual({ kind: 'send', userName: 'phone@ims.example' });
    expect(
      planTermination({ ...payload, cause: 'remaining', reasonCode: 'SERVER_CHANGE' }, context(onePhone)),
    ).toMatchObject({ kind: 'done', decision: { outcome: 'superseded' } });
  });
});

const ppr: ProfilePayload = { cause: 'provisioning', setName: 'home', parts: ['userData'] };
const decided = (
  result: PushResult,
  current: RegistrationStatus,
  change: Partial<PushContext> = {},
  payload = ppr,
) => decideProfile(payload, 'phone@ims.example', answer(result), context(current, change));

describe('PPA, table 6.2.2.1.1', () => {
  test.each(['success', 'limitedSuccess', 'unableToComply', 'refused'] as const)(
    '[29.228-6.2.2.1] %s: nothing changes',
    (result) => {
      const { status: after = onePhone, ...rest } = decided(result, onePhone);
      expect(rest).toEqual({ outcome: result, followUps: [] });
      // But for the note that the S-CSCF has an older profile.
      expect({ ...after, sets: { home: { ...homeOf(after), profileOutdated: undefined } } }).toEqual({
        ...onePhone,
        sets: { home: { ...homeOf(onePhone), profileOutdated: undefined } },
      });
    },
  );

  test.each(['tooMuchData', 'notSupportedUserData'] as const)(
    '[29.228-6.2.2.1] %s: RTR with SERVER_CHANGE for the whole subscription',
    (result) => {
      const { outcome, followUps } = decided(result, twoPhones);
      expect(outcome).toBe(result);
      expect(followUps).toEqual([
        expect.objectContaining({
          kind: 'cx.RTR',
          payload: expect.objectContaining({
            reasonCode: 'SERVER_CHANGE',
            cause: 'pushFailed',
            userName: 'phone@ims.example',
            associatedIdentities: ['tablet@ims.example'],
          }),
        }),
      ]);
    },
  );

  test('[29.228-6.2.2.1] USER_UNKNOWN: again with another registered private identity, while there is one', () => {
    const first = decided('userUnknown', twoPhones);
    expect(first.followUps).toEqual([
      {
        kind: 'cx.PPR',
        destinationHost: server.diameterHost,
        destinationRealm: server.diameterRealm,
        payload: { ...ppr, unknownPrivateIdentities: ['phone@ims.example'] },
      },
    ]);
    expect(first.status).toBeUndefined();
    const payload = first.followUps[0]?.payload as ProfilePayload;
    expect(planProfile(payload, context(twoPhones))).toEqual({
      kind: 'send',
      userName: 'tablet@ims.example',
    });
    expect(
      decideProfile(payload, 'tablet@ims.example', answer('userUnknown'), context(twoPhones)).followUps,
    ).toEqual([]);
  });

  test('[29.228-6.2.2.1] USER_UNKNOWN without restoration procedures: that private identity is not registered any more', () => {
    const without = { settings: { imsRestoration: false, authenticationPendingMaxAgeMs: 300_000 } };
    const two = decided('userUnknown', twoPhones, without);
    expect(homeOf(two.status)).toEqual({
      state: 'registered',
      privateIdentities: registered('tablet@ims.example'),
    });
    expect(two.followUps).toHaveLength(1);
    const one = decided('userUnknown', onePhone, without);
    expect(one).toMatchObject({ followUps: [], status: { server: null, sets: [] } });
  });

  test('[29.228-6.2.2.1] no answer is visible, and followed by an RTR where the S-CSCF is configured so', () => {
    expect(decided('noAnswer', onePhone)).toMatchObject({ outcome: 'noAnswer', followUps: [] });
    const { followUps } = decided('noAnswer', onePhone, {
      policy: { profileUpdates: 'ppr', afterNoAnswer: 'rtr', combinePrivateIdentities: false },
    });
    expect(followUps).toEqual([expect.objectContaining({ kind: 'cx.RTR' })]);
  });

  test.each(['noAnswer', 'notConnected', 'unableToComply', 'refused'] as const)(
    '[29.228-6.6] %s: the profile at the S-CSCF is outdated, until it asks; a success says nothing of the kind',
    (result) => {
      const { status: after } = decided(result, onePhone);
      expect(homeOf(after)).toEqual({ ...homeOf(onePhone), profileOutdated: true });
      expect(decided(result, after ?? onePhone).status).toBeUndefined();
      expect(decided('success', onePhone).status).toBeUndefined();
      // Another S-CSCF serves by now, or none: it has, or will get, the present one.
      expect(
        decided(result, { ...onePhone, server: { ...server, diameterHost: 'scscf2.ims.example' } }).status,
      ).toBeUndefined();
      expect(decided(result, status({})).status).toBeUndefined();
    },
  );

  test('[29.229-7.2.1] FEATURE_UNSUPPORTED: again without features, once', () => {
    const { followUps } = decided('featureUnsupported', onePhone);
    expect(followUps).toEqual([expect.objectContaining({ payload: { ...ppr, withoutFeatures: true } })]);
    expect(decided('featureUnsupported', onePhone, {}, { ...ppr, withoutFeatures: true }).followUps).toEqual(
      [],
    );
  });

  test('[29.228-6.6.1] goes only to a set that is registered or unregistered at that S-CSCF; an RTR instead where it knows no PPR', () => {
    expect(planProfile(ppr, context(onePhone))).toEqual({ kind: 'send', userName: 'phone@ims.example' });
    expect(planProfile(ppr, context(unregistered))).toEqual({ kind: 'send', userName: 'phone@ims.example' });
    for (const current of [
      null,
      initialStatus,
      status({}),
      { ...onePhone, server: { ...server, diameterHost: 'scscf2.ims.example' } },
    ]) {
      expect(planProfile(ppr, context(current))).toMatchObject({
        kind: 'done',
        decision: { outcome: 'superseded' },
      });
    }
    expect(
      planProfile(
        ppr,
        context(onePhone, {
          policy: { profileUpdates: 'rtr', afterNoAnswer: 'nothing', combinePrivateIdentities: false },
        }),
      ),
    ).toMatchObject({
      kind: 'done',
      decision: {
        outcome: 'replacedByTermination',
        followUps: [{ kind: 'cx.RTR', payload: { reasonCode: 'SERVER_CHANGE' } }],
      },
    });
  });

  test('[29.228-6.5.2.4] a digest credential goes to who is registered or being authenticated, with that User-Name only', () => {
    const pending = status({
      home: {
        state: 'notRegistered',
        privateIdentities: { 'tablet@ims.example': { authenticationPendingSinceMs: 900 } },
      },
    });
    const entry = digestPushOf(pending, 'home', 'tablet@ims.example', 'provisioning');
    expect(planProfile(entry?.payload as ProfilePayload, context(pending))).toEqual({
      kind: 'send',
      userName: 'tablet@ims.example',
    });
    expect(digestPushOf(unregistered, 'home', 'tablet@ims.example', 'provisioning')).toBeNull();
    expect(profilePushOf(pending, 'home', ['userData'], 'provisioning')).toBeNull();
    expect(
      decideProfile(
        entry?.payload as ProfilePayload,
        'tablet@ims.example',
        answer('userUnknown'),
        context(pending),
      ).followUps,
    ).toEqual([]);
  });
});
