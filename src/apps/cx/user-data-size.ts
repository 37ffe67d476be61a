/**
 * The longest that the user information of a set can get [29.228-6.6]: User-Data in whichever form is longer
 * for an S-CSCF with or without AliasInd and SiFC [29.229-7.1.1], for the longest private identity, and the
 * AVPs beside it that grow with the subscription (Associated-Identities, Allowed-WAF-WWSF-Identities). Upper
 * bounds, less than a hundredth above what is rendered; charging information is in `answerRoomOctets`.
 */
import type { ProfileMeasure, ProfileUse, SetSize } from '../../subscriber/profile-size';
import { associatedPrivateIdentities, type Subscription } from '../../subscriber/subscription';
import type {
  ImplicitRegistrationSet,
  PublicIdentity,
  ServiceProfile,
} from '../../subscriber/subscription-document';
import { subscriberLimits } from '../../subscriber/limits';
import {
  authorization,
  filterCriterion,
  identityGroups,
  publicIdentity,
  referenceLocation,
  sharedIfcSetIdentifier,
} from './user-data';

const octetsOf = (text: string): number => Buffer.byteLength(text, 'utf8');
const sum = <T>(items: readonly T[], octets: (item: T) => number): number =>
  items.reduce((total, item) => total + octets(item), 0);

/** The XML declaration and the tags of IMSSubscription, PrivateID, Extension and IMSI with its digits. */
const DOCUMENT_OCTETS = 200;
/** The tags of ServiceProfile and its Extension. */
const SERVICE_PROFILE_OCTETS = 64;
/** Header of a vendor's AVP with the most padding. */
const AVP_OCTETS = 15;
/** Header of a group around it. */
const GROUP_OCTETS = 12;

export const profileMeasure: ProfileMeasure = {
  ofSet(subscription, set): SetSize {
    const options = { setName: set.name, sharedIfcSets: false, aliases: true };
    let restOctets = DOCUMENT_OCTETS + besideUserData(subscription);
    if (subscription.referenceLocation !== undefined) restOctets += octetsOf(referenceLocation(subscription));
    let longest = 0;
    for (const name of associatedPrivateIdentities(subscription, set))
      longest = Math.max(longest, octetsOf(name));
    restOctets += longest;
    let longestWildcard = 0;
    for (const identity of set.publicIdentities) {
      restOctets += identityOctets(identity, set.name);
      if (identity.type === 'wildcardedPublicUserIdentity')
        longestWildcard = Math.max(longestWildcard, octetsOf(publicIdentity(identity, options, '')));
    }
    // The identity in its range that a SAR names goes beside it [29.228-B.2.1].
    if (longestWildcard > 0) restOctets += longestWildcard + subscriberLimits.impuOctets;
    return { restOctets, profiles: profilesOf(subscription, set) };
  },
  ofProfile: profileOctets,
  ofIfcSet: (set) =>
    Math.max(sum(set.initialFilterCriteria, criterionOctets), octetsOf(sharedIfcSetIdentifier(set))),
};

const criterionOctets = (criterion: Parameters<typeof filterCriterion>[0]): number =>
  octetsOf(filterCriterion(criterion));

function profileOctets(profile: ServiceProfile): number {
  return (
    SERVICE_PROFILE_OCTETS +
    octetsOf(authorization(profile)) +
    sum(profile.initialFilterCriteria, criterionOctets)
  );
}

/** Tags of a PublicIdentity with Identity, IdentityType and AliasIdentityGroupID. */
const IDENTITY_OCTETS = 196;
/** What others than " and & and their like take in UTF-8. */
const plain = /^[\n !#-%(-;=?-~]*$/;

/** The size of an identity that says nothing unusual follows from its length; nearly all of an import are such. */
function identityOctets(identity: PublicIdentity, setName: string): number {
  const { aliasGroup, displayName, extendedPriorities, barred } = identity;
  const isUsual =
    !barred &&
    displayName === undefined &&
    extendedPriorities.length === 0 &&
    identity.serviceLevelTraceInfo === undefined &&
    identity.servicePriorityLevel === undefined &&
    identity.maxSimultaneousRegistrations === undefined &&
    plain.test(identity.identity) &&
    (aliasGroup === undefined || plain.test(aliasGroup));
  if (!isUsual) return octetsOf(publicIdentity(identity, { setName, sharedIfcSets: false, aliases: true }));
  const aliasOctets = aliasGroup?.length ?? setName.length + 1 + identity.serviceProfile.length;
  return IDENTITY_OCTETS + identity.identity.length + aliasOctets;
}

function profilesOf(subscription: Subscription, set: ImplicitRegistrationSet): ProfileUse[] {
  const copies = new Map<string, number>();
  if (set.publicIdentities.every(({ aliasGroup }) => aliasGroup === undefined))
    for (const { serviceProfile } of set.publicIdentities) copies.set(serviceProfile, 1);
  else
    for (const [first] of identityGroups(set, false)) {
      const name = first?.serviceProfile ?? '';
      copies.set(name, (copies.get(name) ?? 0) + 1);
    }
  return [...copies].map(([name, copiesCount]) => {
    const own = subscription.serviceProfiles.find((profile) => profile.name === name);
    return {
      name,
      copiesCount,
      ownOctets: own === undefined ? null : profileOctets(own),
      sharedIfcSets: own?.sharedIfcSets ?? [],
    };
  });
}

/** Associated-Identities and Allowed-WAF-WWSF-Identities [29.228-6.1.2]. */
function besideUserData({ privateIdentities, allowedWafWwsfIdentities: waf }: Subscription): number {
  const names = (list: readonly string[]): number =>
    list.length === 0 ? 0 : GROUP_OCTETS + sum(list, (name) => octetsOf(name) + AVP_OCTETS);
  const identities = privateIdentities.length < 2 ? [] : privateIdentities.map(({ identity }) => identity);
  // Those that are registered are listed once more, for who restores [29.228-7.22].
  return 2 * names(identities) + names([...(waf?.wafNames ?? []), ...(waf?.wwsfNames ?? [])]);
}
