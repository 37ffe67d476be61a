/** Implicit registration sets as they are stored: identities in one spelling each. Pure. */
import { privateIdentityKey } from './private-identity';
import type { ProvisioningFault } from './provisioning-fault';
import { canonicalPublicIdentity } from './public-identity';
import type { ImplicitRegistrationSet, SubscriptionDocument } from './subscription-document';

/** Adds a fault for each identity that is none. */
export function canonicalSets(
  document: SubscriptionDocument,
  faults: ProvisioningFault[],
): ImplicitRegistrationSet[] {
  const spellings = new Map(
    document.privateIdentities.map(({ identity }) => [privateIdentityKey(identity), identity]),
  );
  return document.implicitRegistrationSets.map((set, s) => ({
    ...set,
    ...(set.privateIdentities === undefined
      ? {}
      : {
          privateIdentities: set.privateIdentities.map(
            (name) => spellings.get(privateIdentityKey(name)) ?? name,
          ),
        }),
    publicIdentities: set.publicIdentities.map((entry, i) => {
      const canonical = canonicalPublicIdentity(entry.identity, entry.type);
      if (!canonical.ok)
        faults.push({
          pointer: `/implicitRegistrationSets/${s}/publicIdentities/${i}/identity`,
          detail: canonical.reason,
        });
      return canonical.ok && canonical.value !== entry.identity
        ? { ...entry, identity: canonical.value }
        : entry;
    }),
  }));
}
