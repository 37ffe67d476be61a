/**
 * Cancellation of the old S-CSCF [29.228-8.1.1]: which RTRs a MAR of another S-CSCF causes, in which order,
 * and what they do to the state.
 */
import { ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import { stored } from './support/restoration';
import {
  alice,
  describeSet,
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
import type { TerminationPayload } from '../../../src/apps/cx/outgoing/push';
import { MAX_PENDING_AGE_MS, NOW_MS, SCSCF2, TestHss } from './support/test-hss';

const request = { userName: PHONE, publicIdentity: 'sip:alice@ims.example' };
const fromServer2 = { serverName: SCSCF2, originHost: 'scscf2.ims.example' };
const family = {
  name: 'family',
  publicIdentities: ['sip:001010000000001@ims.example', 'sip:alice@ims.example', 'tel:+15550001'],
};
const work = { name: 'work', publicIdentities: ['sip:alice.work@ims.example'] };
const phoneOnly = { name: 'phone-only', publicIdentities: ['sip:alice.phone@ims.example'] };

function run(
  imsRestoration: boolean,
  sets: Record<string, SetState>,
  change: object = {},
  rest: Parameters<typeof statusOf>[1] = {},
) {
  const one = new TestHss({
    subscriptions: [alice, services],
    shared: sharedProfiles,
    settings: { imsRestoration },
  });
  one.setStatus(statusOf(sets, rest));
  const decision = one.mar({ ...request, ...fromServer2, ...change });
  const rtrs = (decision.outbox ?? []).map(({ kind, destinationHost, destinationRealm, payload }) => {
    expect([kind, destinationHost, destinationRealm]).toEqual([
      'cx.RTR',
      server1.diameterHost,
      server1.diameterRealm,
    ]);
    const { sets: named, userName, associatedIdentities } = payload as TerminationPayload;
    return {
      ...payload,
      // Who of those in the request is registered with the set, so that it can be split [29.228-6.1.3.1].
      sets: named.map(({ privateIdentities = [], ...set }) => {
        expect([userName, ...associatedIdentities]).toEqual(expect.arrayContaining([...privateIdentities]));
        expect(privateIdentities).not.toEqual([]);
        return set;
      }),
    };
  });
  return { one, decision, rtrs };
}

const rtr = (
  reasonCode: string,
  sets: readonly object[],
  userName: string,
  ...associatedIdentities: string[]
) => ({ cause: 'serverReplaced', reasonCode, sets, userName, associatedIdentities });

describe('[29.228-8.1.1] IMS Restoration Procedures are supported: NEW_SERVER_ASSIGNED for all', () => {
  test.each<[string, Record<string, SetState>, object]>([
    [
      'the one that is authenticated',
      { family: { registered: [PHONE] } },
      rtr('NEW_SERVER_ASSIGNED', [family], PHONE),
    ],
    [
      'several private identities',
      { family: { registered: [PHONE, TABLET] } },
      rtr('NEW_SERVER_ASSIGNED', [family], PHONE, TABLET),
    ],
    [
      'another private identity only',
      { family: { registered: [TABLET] } },
      rtr('NEW_SERVER_ASSIGNED', [family], TABLET),
    ],
    ['another set only', { work: { registered: [TABLET] } }, rtr('NEW_SERVER_ASSIGNED', [work], TABLET)],
    [
      'every set',
      {
        family: { registered: [PHONE] },
        work: { registered: [TABLET] },
        'phone-only': { registered: [PHONE] },
      },
      rtr('NEW_SERVER_ASSIGNED', [family, work, phoneOnly], PHONE, TABLET),
    ],
    [
      'sets that are not registered are left out',
      {
        family: { registered: [PHONE] },
        work: { state: 'unregistered' },
        'phone-only': { pending: [PHONE] },
      },
      rtr('NEW_SERVER_ASSIGNED', [family], PHONE),
    ],
  ])('%s', (_name, sets, expected) => {
    const { one, rtrs } = run(true, sets);
    expect(rtrs).toEqual([expected]);
    // The registrations stay, for the new S-CSCF to restore.
    for (const name of Object.keys(sets))
      expect(one.status().sets[name]?.state).toBe(statusOf(sets).sets[name]?.state);
    expect(one.status().server).toEqual(server2);
  });

  test('the information to restore them stays, too', () => {
    const one = new TestHss({ subscriptions: [alice], shared: sharedProfiles });
    const privateIdentities = {
      [PHONE]: { registered: true, restoration: stored(PHONE) },
      [TABLET]: { registered: true, restoration: stored(TABLET) },
    };
    one.setStatus({
      ...statusOf({}, { server: server1 }),
      sets: { family: { state: 'registered', privateIdentities } },
    });
    expect(one.mar({ ...request, ...fromServer2 }).outbox).toHaveLength(1);
    expect(one.status().sets.family?.privateIdentities).toEqual({
      ...privateIdentities,
      [PHONE]: { ...privateIdentities[PHONE], authenticationPendingSinceMs: NOW_MS },
    });
  });
});

describe('[29.228-8.1.1] IMS Restoration Procedures are not supported: NEW_SERVER_ASSIGNED for the identity, then SERVER_CHANGE for the others', () => {
  test.each<[string, Record<string, SetState>, object[], Record<string, string>]>([
    [
      'only the one that is authenticated',
      { family: { registered: [PHONE] } },
      [rtr('NEW_SERVER_ASSIGNED', [family], PHONE)],
      { family: 'registered(phone) pending(phone), name' },
    ],
    [
      'the same identity with another private one, too',
      { family: { registered: [PHONE, TABLET] } },
      [rtr('NEW_SERVER_ASSIGNED', [family], PHONE), rtr('SERVER_CHANGE', [family], TABLET)],
      { family: 'registered(phone) pending(phone), name' },
    ],
    [
      'the same identity with another private one only, which is all that the old S-CSCF knows',
      { family: { registered: [TABLET] } },
      [rtr('SERVER_CHANGE', [family], TABLET)],
      { family: 'notRegistered pending(phone), name' },
    ],
    [
      'every set',
      {
        family: { registered: [PHONE, TABLET] },
        work: { registered: [PHONE, TABLET] },
        'phone-only': { registered: [PHONE] },
      },
      [
        rtr('NEW_SERVER_ASSIGNED', [family], PHONE),
        rtr('SERVER_CHANGE', [work, phoneOnly], PHONE),
        rtr('SERVER_CHANGE', [family, work], TABLET),
      ],
      {
        family: 'registered(phone) pending(phone), name',
        work: 'notRegistered, name',
        'phone-only': 'notRegistered, name',
      },
    ],
    [
      'another set, where somebody is being authenticated',
      { work: { registered: [TABLET], pending: [PHONE] } },
      [rtr('SERVER_CHANGE', [work], TABLET)],
      { family: 'notRegistered pending(phone), name', work: 'notRegistered pending(phone), name' },
    ],
    [
      'unregistered sets stay',
      { family: { registered: [PHONE] }, work: { state: 'unregistered' } },
      [rtr('NEW_SERVER_ASSIGNED', [family], PHONE)],
      { work: 'unregistered, name' },
    ],
  ])('%s', (_name, sets, expected, after) => {
    const { one, rtrs } = run(false, sets);
    expect(rtrs).toEqual(expected);
    for (const [name, state] of Object.entries(after)) expect(describeSet(one.status(), name)).toBe(state);
    expect(one.status().server).toEqual(server2);
  });

  test('[29.228-6.1.3.1] SERVER_CHANGE: Not Registered at once, so that a call finds no S-CSCF that does not know the user', () => {
    const { one } = run(false, { family: { registered: [PHONE] }, work: { registered: [TABLET] } });
    expect(result(one.lir({ publicIdentity: 'sip:alice.work@ims.example' }))).toBe(
      'experimental ERROR_IDENTITY_NOT_REGISTERED',
    );
    expect(one.lir({ publicIdentity: 'sip:alice@ims.example' }).avps.serverName).toBe(SCSCF2);
    // The user is asked to register again, and does.
    const again = {
      userName: TABLET,
      publicIdentity: ['sip:alice.work@ims.example'],
      serverAssignmentType: Type.REGISTRATION,
      ...fromServer2,
    };
    expect(result(one.sar(again))).toBe('SUCCESS');
    expect(describeSet(one.status(), 'work')).toBe('registered(tablet), name');
  });
});

describe.each([true, false])(
  '[29.228-8.1.1] no de-registration, restoration supported: %s',
  (imsRestoration) => {
    const registered = { family: { registered: [PHONE, TABLET] } };

    test.each<[string, Record<string, SetState>, object, Parameters<typeof statusOf>[1]]>([
      ['the Diameter client address is the same', registered, { originHost: 'scscf1.ims.example' }, {}],
      [
        'the Diameter client address is the same in other letters',
        registered,
        { originHost: 'SCSCF1.IMS.example' },
        {},
      ],
      ['the S-CSCF is the same, with another Diameter client', registered, { serverName: server1.name }, {}],
      ['nobody is registered', { family: { pending: [PHONE] }, work: { state: 'unregistered' } }, {}, {}],
      [
        'the name is left from an authentication that never ended',
        { family: { pending: [TABLET], pendingAgeMs: MAX_PENDING_AGE_MS } },
        {},
        {},
      ],
      ['no S-CSCF was assigned', {}, {}, {}],
      ['a name is stored for nobody', {}, {}, { server: server1 }],
    ])('%s', (_name, sets, change, rest) => {
      const { one, decision } = run(imsRestoration, sets, change, rest);
      expect(result(decision)).toBe('SUCCESS');
      expect(decision.outbox).toBeUndefined();
      for (const name of Object.keys(sets))
        expect(one.status().sets[name]?.state).toBe(statusOf(sets).sets[name]?.state);
    });

    test('a MAR that is refused: AUTS with another S-CSCF name [29.228-8.1], a scheme that is not provisioned', () => {
      for (const sipAuthDataItem of [
        { sipAuthenticationScheme: 'Digest-AKAv1-MD5', sipAuthorization: Buffer.alloc(30) },
        { sipAuthenticationScheme: 'NASS-Bundled' },
      ]) {
        const { decision } = run(imsRestoration, registered, { sipAuthDataItem });
        expect(result(decision)).not.toBe('SUCCESS');
        expect([decision.changes, decision.outbox]).toEqual([undefined, undefined]);
      }
    });

    test('the new S-CSCF asks again: it is the assigned one by then', () => {
      const { one } = run(imsRestoration, registered);
      expect(one.mar({ ...request, ...fromServer2 }).outbox).toBeUndefined();
    });
  },
);

test('[29.228-6.1.3.1] a wildcarded identity is stood for by the distinct one of its set', () => {
  const withDigest = {
    ...services,
    privateIdentities: [
      {
        identity: 'as@ims.example',
        authentication: { sipDigest: { realm: 'ims.example', password: 'secret' } },
      },
    ],
  };
  const one = new TestHss({ subscriptions: [withDigest], shared: sharedProfiles });
  one.setStatus(statusOf({ wild: { registered: ['as@ims.example'] } }));
  const decision = one.mar({
    userName: 'as@ims.example',
    publicIdentity: 'sip:pbx@ims.example',
    sipAuthDataItem: { sipAuthenticationScheme: 'SIP Digest' },
    ...fromServer2,
  });
  expect(decision.outbox?.map(({ payload }) => payload['sets'])).toEqual([
    [{ name: 'wild', publicIdentities: ['sip:pbx@ims.example'], privateIdentities: ['as@ims.example'] }],
  ]);
});
