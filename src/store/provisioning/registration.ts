/**
 * What a change of the profile does to the registration state: entries of sets and private identities that no longer exist are
 * dropped, sequence numbers given with a document are taken where they are higher [33.102-C.1.1].
 */
import { withSet, type PrivateIdentityStatus, type RegistrationStatus } from '../../domain/registration-status';
import { associatedPrivateIdentities, type Subscription } from '../../domain/subscription';
import type { SubscriptionDocument } from '../../domain/subscription-document';

/** Sequence numbers of the document that count: of a new private identity, or above the stored one. */
export function sequenceNumbersAfter(document: SubscriptionDocument, stored: RegistrationStatus['sequenceNumbers']): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const { identity, authentication } of document.privateIdentities) {
    const number = Math.max(stored[identity] ?? -1, authentication.aka?.sqn ?? -1);
    if (number >= 0) numbers[identity] = number;
  }
  return numbers;
}

/** The registration state that fits the profile. */
export function statusAfter(status: RegistrationStatus, subscription: Subscription): RegistrationStatus {
  const sets = new Map(subscription.implicitRegistrationSets.map((set) => [set.name, set]));
  let after: RegistrationStatus = { ...status, sets: {} };
  for (const [name, old] of Object.entries(status.sets)) {
    const set = sets.get(name);
    if (set === undefined) continue;
    const associated = new Set(associatedPrivateIdentities(subscription, set));
    const kept: Record<string, PrivateIdentityStatus> = {};
    for (const [impi, entry] of Object.entries(old.privateIdentities)) if (associated.has(impi)) kept[impi] = entry;
    const lostAll = old.state === 'registered' && !Object.values(kept).some((entry) => entry.registered === true);
    after = withSet(after, name, { ...old, state: lostAll ? 'notRegistered' : old.state, privateIdentities: kept });
  }
  const lostLastSet = Object.keys(status.sets).length > 0 && Object.keys(after.sets).length === 0;
  return lostLastSet ? { ...after, server: null } : after;
}
