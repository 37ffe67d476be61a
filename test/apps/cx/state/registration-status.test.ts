import {
  initialStatus,
  isAnyRegistered,
  isAuthenticationPending,
  pendingOnly,
  privateIdentityStatus,
  registeredStatus,
  registeredWith,
  serverInUse,
  setStatus,
  withPrivateIdentity,
  withSet,
  type PrivateIdentityStatus,
  type RegistrationSetStatus,
  type RegistrationStatus,
} from '../../../../src/apps/cx/state/registration-status';

const server = {
  name: 'sip:scscf.ims.example',
  diameterHost: 'scscf.ims.example',
  diameterRealm: 'ims.example',
};
const registeredAs = (name: string): RegistrationSetStatus => ({
  name,
  state: 'registered',
  privateIdentities: [
    { identity: 'a@x', registered: true },
    { identity: 'b@x', authenticationPendingSinceMs: 1_000 },
  ],
});
const registered = registeredAs('default');
const unregistered: RegistrationSetStatus = { name: 'default', state: 'unregistered', privateIdentities: [] };
const status = (...sets: RegistrationSetStatus[]): RegistrationStatus => ({ ...initialStatus, server, sets });

test('[29.228-3.1] a set that nothing is stored of is Not Registered', () => {
  expect(setStatus(initialStatus, 'default')).toEqual({
    name: 'default',
    state: 'notRegistered',
    privateIdentities: [],
  });
  for (const name of ['constructor', 'length', '0', '__proto__'])
    expect(setStatus(status(registered), name)).toEqual({
      name,
      state: 'notRegistered',
      privateIdentities: [],
    });
  const odd = registeredAs('__proto__');
  expect(setStatus(status(registered, odd), '__proto__')).toBe(odd);
});

test('what is said about one private identity', () => {
  expect(privateIdentityStatus(registered, 'b@x')).toBe(registered.privateIdentities[1]);
  expect(privateIdentityStatus(registered, 'c@x')).toBeUndefined();
});

test('registeredWith: who is registered, not who is being authenticated', () => {
  expect(registeredWith(registered)).toEqual(['a@x']);
  expect(registeredWith(unregistered)).toEqual([]);
  expect(isAnyRegistered(registered.privateIdentities)).toBe(true);
  expect(
    isAnyRegistered([
      { identity: 'a@x', registered: false },
      { identity: 'b@x', authenticationPendingSinceMs: 1_000 },
    ]),
  ).toBe(false);
});

test('[29.228-3.1] the authentication pending flag ages out', () => {
  const entry = { authenticationPendingSinceMs: 1_000 };
  expect(isAuthenticationPending(entry, 1_000, 500)).toBe(true);
  expect(isAuthenticationPending(entry, 1_499, 500)).toBe(true);
  expect(isAuthenticationPending(entry, 1_500, 500)).toBe(false);
  // Clocks that differ a little do not end it; a flag from far in the future is no flag.
  expect(isAuthenticationPending(entry, 501, 500)).toBe(true);
  expect(isAuthenticationPending(entry, 500, 500)).toBe(false);
  expect(isAuthenticationPending(entry, 0, 500)).toBe(false);
  expect(
    isAuthenticationPending({ identity: 'a@x', registered: true } as PrivateIdentityStatus, 1_000, 500),
  ).toBe(false);
  expect(isAuthenticationPending(undefined, 1_000, 500)).toBe(false);
  expect(isAuthenticationPending({ authenticationPendingSinceMs: 0 }, 100, 500)).toBe(true);
});

test('registeredStatus says what there is and no more', () => {
  const restoration = { avp: 'AAAA' };
  expect(registeredStatus('a@x', undefined, undefined)).toStrictEqual({ identity: 'a@x', registered: true });
  expect(registeredStatus('a@x', 3, undefined)).toStrictEqual({
    since: 3,
    identity: 'a@x',
    registered: true,
  });
  expect(registeredStatus('a@x', 3, restoration)).toStrictEqual({
    since: 3,
    identity: 'a@x',
    registered: true,
    restoration,
  });
});

test('withPrivateIdentity: in its place or after the others, once, and not in what it was given', () => {
  const given: readonly PrivateIdentityStatus[] = Object.freeze([...registered.privateIdentities]);
  const [first, second] = given;
  const changed = { identity: 'a@x', authenticationPendingSinceMs: 5 };
  const added = { identity: 'c@x', registered: true };
  expect(withPrivateIdentity(given, changed)).toEqual([changed, second]);
  expect(withPrivateIdentity(given, added)).toEqual([first, second, added]);
  expect(withPrivateIdentity([], added)).toEqual([added]);
});

describe('withSet', () => {
  test('replaces one set in its place, leaves the others and the value it was given', () => {
    const other = registeredAs('other');
    const one = status(other);
    const two = withSet(one, registered);
    expect(two.sets).toEqual([other, registered]);
    expect(one.sets).toEqual([other]);
    expect(two.sets[0]).toBe(other);
    expect(withSet(two, { ...unregistered, name: 'other' }).sets).toEqual([
      { name: 'other', state: 'unregistered', privateIdentities: [] },
      registered,
    ]);
  });

  test('drops entries that say nothing, and sets that say nothing', () => {
    const restoration = { avp: 'AAAA' };
    const entries = [
      { identity: 'a@x', registered: true },
      { identity: 'b@x' },
      { identity: 'c@x', registered: false },
      { identity: 'd@x', restoration },
    ];
    expect(
      withSet(status(), { name: 'default', state: 'registered', privateIdentities: entries }).sets,
    ).toEqual([
      {
        name: 'default',
        state: 'registered',
        privateIdentities: [
          { identity: 'a@x', registered: true },
          { identity: 'd@x', restoration },
        ],
      },
    ]);
    const nothing: RegistrationSetStatus = {
      name: 'default',
      state: 'notRegistered',
      privateIdentities: [{ identity: 'a@x' }],
    };
    const other = registeredAs('other');
    expect(withSet(status(registered, other), nothing).sets).toEqual([other]);
    expect(withSet(status(other), nothing).sets).toEqual([other]);
    expect(withSet(status(), unregistered).sets).toEqual([unregistered]);
  });

  test('[29.228-6.6] an outdated profile stays so until it is said otherwise or the set is Not Registered; `since` is that of the unregistered state', () => {
    const outdated = { ...unregistered, since: 3, profileOutdated: true };
    const changed = (set: RegistrationSetStatus) => withSet(status(outdated), set).sets;
    expect(withSet(status(), outdated).sets).toStrictEqual([
      { name: 'default', since: 3, state: 'unregistered', profileOutdated: true, privateIdentities: [] },
    ]);
    expect(changed({ ...unregistered, since: 4 })).toStrictEqual([
      { name: 'default', since: 4, state: 'unregistered', profileOutdated: true, privateIdentities: [] },
    ]);
    expect(changed({ ...unregistered, since: 4, profileOutdated: false })).toStrictEqual([
      { name: 'default', since: 4, state: 'unregistered', privateIdentities: [] },
    ]);
    expect(changed({ ...registered, since: 4 })).toStrictEqual([
      {
        name: 'default',
        state: 'registered',
        profileOutdated: true,
        privateIdentities: registered.privateIdentities,
      },
    ]);
    expect(changed({ ...registered, profileOutdated: true, state: 'notRegistered' })).toStrictEqual([
      { name: 'default', state: 'notRegistered', privateIdentities: registered.privateIdentities },
    ]);
  });
});

test('properties come in one order, by length and then by octets: what was decided has the shape of what is read', () => {
  const inOrder = (value: object): void =>
    expect(Object.keys(value)).toEqual(
      Object.keys(value).sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    );
  const entry = registeredStatus('a@x', 3, { avp: 'AAAA', registrationTimeOutMs: 5 });
  for (const value of [
    entry,
    registeredStatus('a@x', 3, undefined),
    ...pendingOnly([{ ...entry, authenticationPendingSinceMs: 5 }]),
  ])
    inOrder(value);
  for (const set of [
    unregistered,
    { ...unregistered, since: 3 },
    { ...unregistered, since: 3, profileOutdated: true },
    { ...registered, profileOutdated: true },
  ]) {
    withSet(status(), set).sets.forEach(inOrder);
  }
});

test('pendingOnly keeps flags and nothing else', () => {
  expect(
    pendingOnly([
      { identity: 'a@x', registered: true, authenticationPendingSinceMs: 5, restoration: { avp: 'AAAA' } },
      { identity: 'b@x', registered: true },
    ]),
  ).toStrictEqual([{ identity: 'a@x', authenticationPendingSinceMs: 5 }]);
});

test('serverInUse: registered, unregistered, or a flag that is not too old', () => {
  const inUse = (sets: RegistrationSetStatus[], nowMs = 1_100) => serverInUse(status(...sets), nowMs, 500);
  expect(inUse([])).toBe(false);
  expect(inUse([registered], 99_999)).toBe(true);
  expect(inUse([unregistered], 99_999)).toBe(true);
  const pending: RegistrationSetStatus = {
    name: 'default',
    state: 'notRegistered',
    privateIdentities: [{ identity: 'b@x', authenticationPendingSinceMs: 1_000 }],
  };
  expect(inUse([pending])).toBe(true);
  expect(inUse([pending], 1_500)).toBe(false);
});
