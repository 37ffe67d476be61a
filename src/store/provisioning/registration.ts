/**
 * What a change of the profile does to the registration state: entries of sets and private identities that no
 * longer exist are dropped, sequence numbers given with a document are taken where they are higher
 * [33.102-C.1.1].
 */
import {
  isAnyRegistered,
  withSet,
  type RegistrationStatus,
  type SequenceNumber,
} from '../../apps/cx/state/registration-status';
import { samePrivateIdentity } from '../../subscriber/private-identity';
import { associatedPrivateIdentities, type Subscription } from '../../subscriber/subscription';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';

/** Of the same identity in whatever case its realm was written: no number is given twice. */
const highestOf = (stored: readonly SequenceNumber[], identity: string): number =>
  stored.reduce(
    (highest, [name, number]) => (samePrivateIdentity(name, identity) ? Math.max(highest, number) : highest),
    -1,
  );

/**
 * Sequence numbers of the document that count: of a new private identity, or above the stored one, or above
 * what is known of its K.
 */
export function sequenceNumbersAfter(
  document: SubscriptionDocument,
  stored: readonly SequenceNumber[],
  known?: ReadonlyMap<string, number>,
): SequenceNumber[] {
  const numbers: SequenceNumber[] = [];
  for (const { identity, authentication } of document.privateIdentities) {
    const number = Math.max(
      highestOf(stored, identity),
      authentication.aka?.sqn ?? -1,
      known?.get(identity) ?? -1,
    );
    if (number >= 0) numbers.push([identity, number]);
  }
  return numbers;
}

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
