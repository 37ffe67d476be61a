/** From the provisioned document to what is stored of it, and back without the secrets. */
import { privateIdentityKey } from '../../subscriber/private-identity';
import { canonicalSets } from '../../subscriber/canonical-sets';
import type { ProvisioningFault, PublicSubscription } from '../../subscriber/provisioning';
import type { StoredAka, Subscription } from '../../subscriber/subscription';
import type { AkaData, SubscriptionDocument } from '../../subscriber/subscription-document';
import { storedPrivateIdentity, storedUsim, type Sealing } from './secrets';

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
  const { referenceLocation, usims = [], ...rest } = document;
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
    // As the tables give it: none is no section.
    ...(usims.length === 0
      ? {}
      : {
          usims: usims.map((entry, i) =>
            storedUsim(
              entry,
              old?.usims?.find(({ imsi }) => imsi === entry.imsi),
              sealing,
              `/usims/${i}`,
              faults,
            ),
          ),
        }),
    implicitRegistrationSets: canonicalSets(document, faults),
    serviceProfiles: document.serviceProfiles.map((profile) => {
      if (!isEmpty(profile.coreNetworkServiceAuthorization)) return profile;
      const { coreNetworkServiceAuthorization, ...others } = profile;
      return coreNetworkServiceAuthorization === undefined ? profile : others;
    }),
  };
}

const publicAka = ({ algorithm, amf, indBits }: StoredAka): AkaData => ({ algorithm, amf, indBits });

/** The document as it comes out: k, opc, ha1 and ha1Sha256 left out. */
export function publicForm({ usims, ...subscription }: Subscription): PublicSubscription {
  return {
    ...subscription,
    ...(usims === undefined
      ? {}
      : {
          usims: usims.map(({ imsi, msisdns, aka, eps }) => ({
            imsi,
            msisdns: [...msisdns],
            aka: publicAka(aka),
            ...(eps === undefined ? {} : { eps }),
          })),
        }),
    privateIdentities: subscription.privateIdentities.map((entry) => {
      const { aka, sipDigest, ...others } = entry.authentication;
      return {
        ...entry,
        authentication: {
          ...others,
          ...(aka === undefined ? {} : { aka: publicAka(aka) }),
          ...(sipDigest === undefined ? {} : { sipDigest: { realm: sipDigest.realm } }),
        },
      };
    }),
  };
}
