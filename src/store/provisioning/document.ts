/** From the provisioned document to what is stored of it, and back without the secrets. */
import { privateIdentityKey } from '../../subscriber/private-identity';
import { canonicalPublicIdentity } from '../../subscriber/public-identity';
import type { ProvisioningFault, PublicSubscription } from '../../state/ports';
import type { Subscription } from '../../subscriber/subscription';
import type { SubscriptionDocument } from '../../subscriber/subscription-document';
import { storedPrivateIdentity, type Sealing } from './secrets';

const isEmpty = (object: object | undefined): boolean =>
  object !== undefined && Object.values(object).every((value) => value === undefined);

/**
 * The stored form: identities canonical, secrets sealed, groups of attributes without any attribute left out.
 */
export function storedForm(
  document: SubscriptionDocument,
  old: Subscription | undefined,
  sealing: Sealing,
  faults: ProvisioningFault[],
): Subscription {
  const oldByName = new Map(
    old?.privateIdentities.map((entry) => [privateIdentityKey(entry.identity), entry]),
  );
  const spellings = new Map(
    document.privateIdentities.map(({ identity }) => [privateIdentityKey(identity), identity]),
  );
  const { referenceLocation, ...rest } = document;
  return {
    ...rest,
    ...(referenceLocation === undefined || isEmpty(referenceLocation) ? {} : { referenceLocation }),
    privateIdentities: document.privateIdentities.map((entry, i) =>
      storedPrivateIdentity(
        entry,
        oldByName.get(privateIdentityKey(entry.identity)),
        sealing,
        `/privateIdentities/${i}`,
        faults,
      ),
    ),
    implicitRegistrationSets: document.implicitRegistrationSets.map((set, s) => ({
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
    })),
    serviceProfiles: document.serviceProfiles.map((profile) => {
      if (!isEmpty(profile.coreNetworkServiceAuthorization)) return profile;
      const { coreNetworkServiceAuthorization, ...others } = profile;
      return coreNetworkServiceAuthorization === undefined ? profile : others;
    }),
  };
}

/** The document as it comes out: k, opc, ha1 and ha1Sha256 left out. */
export function publicForm(subscription: Subscription): PublicSubscription {
  return {
    ...subscription,
    privateIdentities: subscription.privateIdentities.map((entry) => {
      const { aka, sipDigest, ...others } = entry.authentication;
      return {
        ...entry,
        authentication: {
          ...others,
          ...(aka === undefined
            ? {}
            : { aka: { algorithm: aka.algorithm, amf: aka.amf, indBits: aka.indBits } }),
          ...(sipDigest === undefined ? {} : { sipDigest: { realm: sipDigest.realm } }),
        },
      };
    }),
  };
}
