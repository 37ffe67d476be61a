import {
  initialStatus, isAuthenticationPending, pendingOnly, registeredWith, serverInUse, setStatus, withSet, type RegistrationSetStatus, type RegistrationStatus,
} from '../../src/domain/registration-status';

const server = { name: 'sip:scscf.ims.example', diameterHost: 'scscf.ims.example', diameterRealm: 'ims.example' };
const registered: RegistrationSetStatus = { state: 'registered', privateIdentities: { 'a@x': { registered: true }, 'b@x': { authenticationPendingSinceMs: 1_000 } } };
const status = (sets: RegistrationStatus['sets']): RegistrationStatus => ({ ...initialStatus, server, sets });

test('[29.228-3.1] a set that nothing is stored of is Not Registered', () => {
  expect(setStatus(initialStatus, 'default')).toEqual({ state: 'notRegistered', privateIdentities: {} });
  for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) expect(setStatus(initialStatus, name).state).toBe('notRegistered');
  expect(setStatus(status({ constructor: registered }), 'constructor')).toBe(registered);
});

test('registeredWith: who is registered, not who is being authenticated', () => {
  expect(registeredWith(registered)).toEqual(['a@x']);
  expect(registeredWith({ state: 'unregistered', privateIdentities: {} })).toEqual([]);
});

test('[29.228-3.1] the authentication pending flag ages out', () => {
  const entry = { authenticationPendingSinceMs: 1_000 };
  expect(isAuthenticationPending(entry, 1_000, 500)).toBe(true);
  expect(isAuthenticationPending(entry, 1_499, 500)).toBe(true);
  expect(isAuthenticationPending(entry, 1_500, 500)).toBe(false);
  // A clock that went back does not end it.
  expect(isAuthenticationPending(entry, 0, 500)).toBe(true);
  expect(isAuthenticationPending({ registered: true }, 1_000, 500)).toBe(false);
  expect(isAuthenticationPending(undefined, 1_000, 500)).toBe(false);
  expect(isAuthenticationPending({ authenticationPendingSinceMs: 0 }, 100, 500)).toBe(true);
});

describe('withSet', () => {
  test('replaces one set, leaves the others and the value it was given', () => {
    const one = status({ other: registered });
    const two = withSet(one, 'default', registered);
    expect(two.sets).toEqual({ other: registered, default: registered });
    expect(one.sets).toEqual({ other: registered });
    expect(two.sets.other).toBe(registered);
  });

  test('drops entries that say nothing, and sets that say nothing', () => {
    const restoration = { avp: 'AAAA' };
    expect(withSet(status({}), 'default', { state: 'registered', privateIdentities: { 'a@x': { registered: true }, 'b@x': {}, 'c@x': { registered: false }, 'd@x': { restoration } } }).sets.default)
      .toEqual({ state: 'registered', privateIdentities: { 'a@x': { registered: true }, 'd@x': { restoration } } });
    expect(withSet(status({ default: registered }), 'default', { state: 'notRegistered', privateIdentities: { 'a@x': {} } }).sets).toEqual({});
    expect(withSet(status({}), 'default', { state: 'unregistered', privateIdentities: {} }).sets).toEqual({ default: { state: 'unregistered', privateIdentities: {} } });
  });
});

test('pendingOnly keeps flags and nothing else', () => {
  expect(pendingOnly({ 'a@x': { registered: true, authenticationPendingSinceMs: 5, restoration: { avp: 'AAAA' } }, 'b@x': { registered: true } })).toEqual({ 'a@x': { authenticationPendingSinceMs: 5 } });
});

test('serverInUse: registered, unregistered, or a flag that is not too old', () => {
  const inUse = (sets: RegistrationStatus['sets'], nowMs = 1_100) => serverInUse(status(sets), nowMs, 500);
  expect(inUse({})).toBe(false);
  expect(inUse({ default: registered }, 99_999)).toBe(true);
  expect(inUse({ default: { state: 'unregistered', privateIdentities: {} } }, 99_999)).toBe(true);
  const pending: RegistrationSetStatus = { state: 'notRegistered', privateIdentities: { 'b@x': { authenticationPendingSinceMs: 1_000 } } };
  expect(inUse({ default: pending })).toBe(true);
  expect(inUse({ default: pending }, 1_500)).toBe(false);
});
