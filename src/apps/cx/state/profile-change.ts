/**
 * What a change of the profile does to the registration state: entries of sets and private identities that no
 * longer exist are dropped.
 */
import { isAnyRegistered, withSet, type RegistrationStatus } from './registration-status';
import { associatedPrivateIdentities, type Subscription } from '../../../subscriber/subscription';

/** The registration state that fits the profile. */
export function statusAfter(status: RegistrationStatus, subscription: Subscription): RegistrationStatus {
  const sets = new Map(subscription.implicitRegistrationSets.map((set) => [set.name, set]));
  let after: RegistrationStatus = { ...status, sets: [] };
  for (const old of status.sets) {
    const set = sets.get(old.name);
    if (set === undefined) continue;
    const associated = new Set(associatedPrivateIdentities(subscription, set));
    const kept = old.privateIdentities.filter(({ identity }) => associated.has(identity));
    const lostAll = old.state === 'registered' && !isAnyRegistered(kept);
    after = withSet(after, { ...old, state: lostAll ? 'notRegistered' : old.state, privateIdentities: kept });
  }
  const lostLastSet = status.sets.length > 0 && after.sets.length === 0;
  // The flag says that the S-CSCF name may be replaced; without a name it says nothing [29.228-3.1].
  return lostLastSet ? { ...after, server: null, reassignmentPending: false } : after;
}
