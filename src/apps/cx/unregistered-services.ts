/**
 * Terminating services related to the unregistered state [29.228-6.1.4.1 step 3]: derived from the filter
 * criteria.
 */
import { servesTerminatingUnregistered } from '../../subscriber/filter-criteria';
import { serviceProfileOf, type SharedData, type Subscription } from '../../subscriber/subscription';
import type { PublicIdentity } from '../../subscriber/subscription-document';

/**
 * Whether the identity's service profile, with its shared iFC sets, has a criterion for terminating
 * unregistered requests.
 */
export function hasUnregisteredServices(
  subscription: Subscription,
  shared: SharedData,
  identity: PublicIdentity,
): boolean {
  const profile = serviceProfileOf(subscription, shared, identity.serviceProfile);
  if (profile === undefined) return false;
  return (
    profile.initialFilterCriteria.some(servesTerminatingUnregistered) ||
    profile.sharedIfcSets.some(
      (name) => shared.ifcSets.get(name)?.initialFilterCriteria.some(servesTerminatingUnregistered) === true,
    )
  );
}
