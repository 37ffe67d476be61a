/**
 * What a change of shared data has to tell the S-CSCFs of one subscription that uses it: PPR for a service
 * profile, shared iFC set or charging set [29.228-6.6.1] [29.228-6.5.2.3], RTR with SERVER_CHANGE for
 * capabilities [29.228-6.1.3.1]. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { OutboxEntry } from '../../../state/ports';
import type { SharedKind, SharedSets } from '../../../subscriber/provisioning';
import { profilePushOf, wholeTerminationOf } from './push';
import { setStatus, type RegistrationStatus } from '../state/registration-status';
import type { Subscription } from '../../../subscriber/subscription';

/** PPR for each set that it touches, or an RTR with SERVER_CHANGE. */
export type SharedAction = 'profile' | 'serverChange';

export interface SharedChange {
  readonly kind: SharedKind;
  readonly name: string;
  readonly action: SharedAction;
  /** Shared service profiles that use the set, itself where it is one. */
  readonly sharedProfiles: ReadonlySet<string>;
}

/** What a change from one document to the other asks for; null for nothing. Both as the store keeps them. */
export function campaignAction<K extends SharedKind>(
  kind: K,
  before: SharedSets[K],
  after: SharedSets[K],
): SharedAction | null {
  if (kind === 'epsProfiles' || isDeepStrictEqual(before, after)) return null;
  if (kind === 'capabilitySets') return 'serverChange';
  if ('capabilitySet' in before || 'capabilitySet' in after) {
    const [old, now] = [before, after] as [SharedSets['serviceProfiles'], SharedSets['serviceProfiles']];
    if (old.capabilitySet !== now.capabilitySet) return 'serverChange';
  }
  return 'profile';
}

/**
 * The entries for one subscription in its state of now; none for sets that do not use it or are not
 * registered.
 */
export function sharedTriggers(
  change: SharedChange,
  subscription: Subscription,
  status: RegistrationStatus,
): readonly OutboxEntry[] {
  if (status.server === null) return [];
  const own = new Map(subscription.serviceProfiles.map((profile) => [profile.name, profile]));
  const uses = (profileName: string): boolean => {
    const profile = own.get(profileName);
    if (profile === undefined) return change.sharedProfiles.has(profileName);
    return change.kind === 'ifcSets'
      ? profile.sharedIfcSets.includes(change.name)
      : change.kind === 'capabilitySets' && profile.capabilitySet === change.name;
  };
  const touched = subscription.implicitRegistrationSets.filter((set) =>
    set.publicIdentities.some((entry) => uses(entry.serviceProfile)),
  );
  if (change.action === 'serverChange') {
    if (
      touched.length === 0 &&
      !(change.kind === 'capabilitySets' && subscription.capabilitySet === change.name)
    )
      return [];
    const entry = wholeTerminationOf(subscription, status, 'provisioning', 'SERVER_CHANGE');
    return entry === null ? [] : [entry];
  }
  const isCharging = change.kind === 'chargingSets';
  if (
    isCharging &&
    (subscription.chargingSet !== change.name || subscription.chargingInformation !== undefined)
  )
    return [];
  return (isCharging ? subscription.implicitRegistrationSets : touched).flatMap(({ name }) => {
    const entry =
      setStatus(status, name).state === 'notRegistered'
        ? null
        : profilePushOf(status, name, [isCharging ? 'charging' : 'userData'], 'provisioning');
    return entry === null ? [] : [entry];
  });
}
