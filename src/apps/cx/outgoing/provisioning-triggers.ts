/**
 * What a change of a subscription has to tell the S-CSCF that serves it, and only that [29.228-6.5.2.1]
 * [29.228-6.1.3.1] [29.228-7.20]. Pure.
 *
 * RTR where the clauses forbid a PPR: a set that is gone (its last identity removed) and a private identity
 * that is gone are ended with PERMANENT_TERMINATION; a changed default identity, loose route or capability is
 * a SERVER_CHANGE, so that the user registers again. PPR for the rest. Readings: a changed reference location
 * is pushed (the clause allows either); charging information or a list of WAFs that was taken away altogether
 * cannot be expressed in a PPR and waits for the next registration; an IMSI must not be changed by a PPR
 * [29.228-6.2.2], so a changed one is a SERVER_CHANGE of the sets that the S-CSCF knows its private identity
 * with.
 */
import { isDeepStrictEqual } from 'node:util';
import type { OutboxEntry } from '../../../state/ports';
import {
  digestPushOf,
  holdsDigest,
  knownPrivateIdentities,
  profilePushOf,
  terminationOf,
  wholeTerminationOf,
  type DeregistrationReasonCode,
  type ProfilePart,
} from './push';
import { registeredWith, setStatus, type RegistrationStatus } from '../state/registration-status';
import {
  associatedPrivateIdentities,
  findPrivateIdentity,
  type Subscription,
} from '../../../subscriber/subscription';
import type { ImplicitRegistrationSet } from '../../../subscriber/subscription-document';

/** [29.228-6.1.3.1] "e.g. due to an IMS subscription cancellation". */
export function deletionTriggers(
  subscription: Subscription,
  status: RegistrationStatus,
): readonly OutboxEntry[] {
  const entry = wholeTerminationOf(subscription, status, 'provisioning', 'PERMANENT_TERMINATION');
  return entry === null ? [] : [entry];
}

/**
 * Capabilities that the subscription and its profiles ask for, by name and by value; those of shared profiles
 * are shared data.
 */
const capabilitiesAskedFor = ({
  capabilities,
  capabilitySet,
  implicitRegistrationSets,
  serviceProfiles,
}: Subscription): unknown => {
  const used = new Set(
    implicitRegistrationSets.flatMap((set) => set.publicIdentities.map((entry) => entry.serviceProfile)),
  );
  return [
    capabilities,
    capabilitySet,
    [
      ...new Set(
        serviceProfiles.filter(({ name }) => used.has(name)).map((profile) => profile.capabilitySet ?? ''),
      ),
    ].sort(),
  ];
};

/** The first identity that is not barred [29.228-6.5.1.1]. */
const defaultIdentity = (set: ImplicitRegistrationSet): string | undefined =>
  set.publicIdentities.find((entry) => !entry.barred)?.identity;

/** Whether a private identity that the S-CSCF has the set with has got, lost or changed its IMSI. */
function hasOtherImsi(
  before: Subscription,
  after: Subscription,
  status: RegistrationStatus,
  set: ImplicitRegistrationSet,
): boolean {
  return knownPrivateIdentities(before, status, set).some((name) => {
    const now = findPrivateIdentity(after, name);
    return now !== undefined && now.imsi !== findPrivateIdentity(before, name)?.imsi;
  });
}

/** Everything of the subscription that User-Data of the set shows, but the IMSI. */
function shownOf(subscription: Subscription, set: ImplicitRegistrationSet): unknown {
  const used = new Set(set.publicIdentities.map((entry) => entry.serviceProfile));
  return [
    set.publicIdentities.map(({ psi: _unseen, ...entry }) => entry),
    subscription.serviceProfiles
      .filter(({ name }) => used.has(name))
      .map(({ capabilitySet: _asked, ...profile }) => profile),
    subscription.referenceLocation,
  ];
}

/**
 * Entries for the change from `before` to `after`, both as the store keeps them, in the state before it. In
 * order: RTRs, then PPRs of sets that lose identities, then the others, so that an identity that moves is
 * removed before it is added [29.228-6.5.2.1].
 */
export function changeTriggers(
  before: Subscription,
  after: Subscription,
  status: RegistrationStatus,
): readonly OutboxEntry[] {
  if (status.server === null) return [];
  if (!isDeepStrictEqual(capabilitiesAskedFor(before), capabilitiesAskedFor(after))) {
    const entry = wholeTerminationOf(before, status, 'provisioning', 'SERVER_CHANGE');
    return entry === null ? [] : [entry];
  }
  const terminations: OutboxEntry[] = [];
  const losing: OutboxEntry[] = [];
  const others: OutboxEntry[] = [];
  const terminate = (
    reasonCode: DeregistrationReasonCode,
    setNames: readonly string[],
    privateIdentities?: readonly string[],
  ): void => {
    const entry =
      setNames.length === 0
        ? null
        : terminationOf(before, status, { cause: 'provisioning', reasonCode, setNames, privateIdentities });
    if (entry !== null) terminations.push(entry);
  };
  const gone: string[] = [];
  const changed: string[] = [];
  const kept: [before: ImplicitRegistrationSet, after: ImplicitRegistrationSet][] = [];
  for (const set of before.implicitRegistrationSets) {
    const { state } = setStatus(status, set.name);
    if (state === 'notRegistered') continue;
    const now = after.implicitRegistrationSets.find(({ name }) => name === set.name);
    if (now === undefined) gone.push(set.name);
    else if (
      now.looseRoute !== set.looseRoute ||
      (state === 'registered' && defaultIdentity(now) !== defaultIdentity(set)) ||
      hasOtherImsi(before, after, status, set)
    )
      changed.push(set.name);
    else kept.push([set, now]);
  }
  terminate('PERMANENT_TERMINATION', gone);
  terminate('SERVER_CHANGE', changed);
  endPrivateIdentities(
    after,
    status,
    kept.map(([, now]) => now),
    (sets, identity) => terminate('PERMANENT_TERMINATION', sets, [identity]),
  );

  for (const [set, now] of kept) {
    const entry = profilePushOf(
      status,
      set.name,
      changedParts(before, after, set, now, setStatus(status, set.name).state === 'registered'),
      'provisioning',
    );
    if (entry === null || !isServed(after, status, now)) continue;
    const isLosing = set.publicIdentities.some(
      ({ identity }) => !now.publicIdentities.some((entry_) => entry_.identity === identity),
    );
    (isLosing ? losing : others).push(entry);
  }
  return [
    ...terminations,
    ...losing,
    ...others,
    ...digestTriggers(before, after, status, [...gone, ...changed]),
  ];
}

/** Each private identity that is gone, or no longer associated with sets that it is registered in. */
function endPrivateIdentities(
  after: Subscription,
  status: RegistrationStatus,
  sets: readonly ImplicitRegistrationSet[],
  end: (setNames: readonly string[], identity: string) => void,
): void {
  const ended = new Map<string, string[]>();
  for (const set of sets) {
    const associated = associatedPrivateIdentities(after, set);
    for (const identity of registeredWith(setStatus(status, set.name)))
      if (!associated.includes(identity)) ended.set(identity, [...(ended.get(identity) ?? []), set.name]);
  }
  for (const [identity, names] of ended) end(names, identity);
}

/**
 * Whether the set goes on having state: served unregistered, or registered with a private identity that
 * stays.
 */
function isServed(after: Subscription, status: RegistrationStatus, set: ImplicitRegistrationSet): boolean {
  const registered = registeredWith(setStatus(status, set.name));
  const associated = associatedPrivateIdentities(after, set);
  return registered.length === 0 || registered.some((identity) => associated.includes(identity));
}

function changedParts(
  before: Subscription,
  after: Subscription,
  set: ImplicitRegistrationSet,
  now: ImplicitRegistrationSet,
  isRegistered: boolean,
): ProfilePart[] {
  const parts: ProfilePart[] = [];
  if (!isDeepStrictEqual(shownOf(before, set), shownOf(after, now))) parts.push('userData');
  const charging = [after.chargingInformation, after.chargingSet];
  if (
    !isDeepStrictEqual([before.chargingInformation, before.chargingSet], charging) &&
    charging.some((value) => value !== undefined)
  )
    parts.push('charging');
  // Only for registered identities [29.228-6.5.2.5].
  if (
    isRegistered &&
    after.allowedWafWwsfIdentities !== undefined &&
    !isDeepStrictEqual(before.allowedWafWwsfIdentities, after.allowedWafWwsfIdentities)
  )
    parts.push('wafWwsf');
  return parts;
}

/**
 * [29.228-6.5.2.4] A password change, once for each private identity: the credential is the same in all its
 * sets.
 */
function digestTriggers(
  before: Subscription,
  after: Subscription,
  status: RegistrationStatus,
  ended: readonly string[],
): OutboxEntry[] {
  return after.privateIdentities.flatMap(({ identity, authentication: { sipDigest } }) => {
    const old = before.privateIdentities.find((entry) => entry.identity === identity)?.authentication
      .sipDigest;
    if (sipDigest === undefined || old === undefined || isDeepStrictEqual(old, sipDigest)) return [];
    const set = after.implicitRegistrationSets.find(
      ({ name }) => !ended.includes(name) && holdsDigest(status, name, identity),
    );
    const entry = set === undefined ? null : digestPushOf(status, set.name, identity, 'provisioning');
    return entry === null ? [] : [entry];
  });
}
