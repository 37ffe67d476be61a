/**
 * How long the user information of a subscription gets at most, and what is refused because of it: an answer
 * that a peer does not take would be no answer (src/diameter/peer/sending.ts). The octets of User-Data are the Cx
 * application's to measure; what they add up to is said here. Pure.
 *
 * A set's size is a sum: what is its own, and one ServiceProfile for each alias group and profile, as an
 * S-CSCF without AliasInd gets it [29.229-7.1.1]. What is shared is looked up by name, so that a change of it
 * need not look into the subscriptions that use it (src/store/provisioning/shared-growth.ts).
 */
import type { ProvisioningFault, SharedSets } from './provisioning';
import type { Subscription } from './subscription';
import type { ImplicitRegistrationSet, ServiceProfile, SharedIfcSet } from './subscription-document';

/** One service profile in the User-Data of a set. */
export interface ProfileUse {
  readonly name: string;
  /** ServiceProfile elements with it: as many as there are alias groups. */
  readonly copiesCount: number;
  /** Octets of one of them, but for shared iFC sets, where it is the subscription's own; else null. */
  readonly ownOctets: number | null;
  /** Shared iFC sets of one that is the subscription's own. */
  readonly sharedIfcSets: readonly string[];
}

export interface SetSize {
  /** All but the content of service profiles. */
  readonly restOctets: number;
  readonly profiles: readonly ProfileUse[];
}

/** Upper bounds in octets: whatever features the S-CSCF has and whichever private identity asks. */
export interface ProfileMeasure {
  ofSet(subscription: Subscription, set: ImplicitRegistrationSet): SetSize;
  /** One copy of the profile, without its shared iFC sets. */
  ofProfile(profile: ServiceProfile): number;
  ofIfcSet(set: SharedIfcSet): number;
}

export interface ProfileRules {
  readonly measure: ProfileMeasure;
  readonly maxUserDataOctets: number;
  readonly maxFilterCriteriaPerProfileCount: number;
  /** tel URIs of local numbers without phone-context are refused. */
  readonly refusesLocalNumbers?: boolean;
}

/** Octets of shared profiles, with their shared iFC sets, and of shared iFC sets, by name. */
export class SharedSizes {
  static readonly none = new SharedSizes(new Map(), new Map());

  private constructor(
    readonly profiles: ReadonlyMap<string, number>,
    readonly ifcSets: ReadonlyMap<string, number>,
  ) {}

  /** What is named and not there counts nothing: it is refused for another reason. */
  static of(
    measure: ProfileMeasure,
    profiles: Iterable<ServiceProfile>,
    ifcSets: Iterable<SharedIfcSet>,
  ): SharedSizes {
    const sets = new Map([...ifcSets].map((set) => [set.name, measure.ofIfcSet(set)]));
    const sizes = [...profiles].map((profile): [string, number] => [
      profile.name,
      measure.ofProfile(profile) + sumOf(profile.sharedIfcSets, sets),
    ]);
    return new SharedSizes(new Map(sizes), sets);
  }

  with(others: SharedSizes): SharedSizes {
    return others.profiles.size + others.ifcSets.size === 0
      ? this
      : new SharedSizes(
          new Map([...this.profiles, ...others.profiles]),
          new Map([...this.ifcSets, ...others.ifcSets]),
        );
  }

  /** The longest of them all. */
  get largestOctets(): number {
    let largest = 0;
    for (const sizes of [this.profiles, this.ifcSets])
      for (const octets of sizes.values()) largest = Math.max(largest, octets);
    return largest;
  }

  /** Octets of one copy. */
  copyOctets({ name, ownOctets, sharedIfcSets }: ProfileUse): number {
    return ownOctets === null
      ? (this.profiles.get(name) ?? 0)
      : ownOctets + sumOf(sharedIfcSets, this.ifcSets);
  }

  setOctets({ restOctets, profiles }: SetSize): number {
    return profiles.reduce((sum, use) => sum + use.copiesCount * this.copyOctets(use), restOctets);
  }
}

const sumOf = (names: readonly string[], sizes: ReadonlyMap<string, number>): number =>
  names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);

/**
 * What the store keeps of a set's size: the octets that no shared set changes, and how many copies of shared
 * profiles or shared iFC sets come on top. With the longest of those it bounds the size from above.
 */
export function keptSize({ restOctets, profiles }: SetSize): {
  ownOctets: number;
  sharedCopiesCount: number;
} {
  let ownOctets = restOctets;
  let sharedCopiesCount = 0;
  for (const { copiesCount, ownOctets: own, sharedIfcSets } of profiles) {
    ownOctets += copiesCount * (own ?? 0);
    sharedCopiesCount += copiesCount * (own === null ? 1 : sharedIfcSets.length);
  }
  return { ownOctets, sharedCopiesCount };
}

/** Null where the set fits; else what is said of it. */
export function tooLargeSet(
  size: SetSize,
  sizes: SharedSizes,
  { maxUserDataOctets }: ProfileRules,
): string | null {
  const octets = sizes.setOctets(size);
  if (octets <= maxUserDataOctets) return null;
  const share = (use: ProfileUse): number => use.copiesCount * sizes.copyOctets(use);
  const [largest] = [...size.profiles].sort((a, b) => share(b) - share(a));
  const most =
    largest !== undefined && share(largest) > size.restOctets
      ? `most of it is service profile ${largest.name}, ${sizes.copyOctets(largest)} octets ${times(largest.copiesCount)}`
      : `most of it are identities and what is said of each, ${size.restOctets} octets`;
  return `makes User-Data of ${octets} octets, at most ${maxUserDataOctets} are allowed (cx.maxUserDataOctets): ${most}`;
}

const times = (count: number): string =>
  count === 1 ? 'once' : `${count} times, once for each alias group [29.229-7.1.1]`;

const tooManyCriteria = (count: number, pointer: string, most: number): ProvisioningFault[] =>
  count <= most
    ? []
    : [
        {
          pointer,
          detail: `has ${count} filter criteria, at most ${most} are allowed (cx.maxFilterCriteriaPerProfileCount)`,
        },
      ];

/** What a subscription is refused for; `sizes` has every shared set that it names. */
export function subscriptionSizeFaults(
  subscription: Subscription,
  setSizes: readonly SetSize[],
  sizes: SharedSizes,
  rules: ProfileRules,
): ProvisioningFault[] {
  return [
    ...subscription.serviceProfiles.flatMap(({ initialFilterCriteria }, i) =>
      tooManyCriteria(
        initialFilterCriteria.length,
        `/serviceProfiles/${i}/initialFilterCriteria`,
        rules.maxFilterCriteriaPerProfileCount,
      ),
    ),
    ...setSizes.flatMap((size, i) => {
      const detail = tooLargeSet(size, sizes, rules);
      return detail === null ? [] : [{ pointer: `/implicitRegistrationSets/${i}`, detail }];
    }),
  ];
}

/** What a shared service profile or iFC set is refused for, whoever uses it. */
export function sharedSizeFaults(
  document: SharedSets['serviceProfiles'] | SharedSets['ifcSets'],
  sizes: SharedSizes,
  { maxUserDataOctets, maxFilterCriteriaPerProfileCount }: ProfileRules,
): ProvisioningFault[] {
  const { name, initialFilterCriteria } = document;
  const pointer = '/initialFilterCriteria';
  const octets = ('id' in document ? sizes.ifcSets : sizes.profiles).get(name) ?? 0;
  return [
    ...tooManyCriteria(initialFilterCriteria.length, pointer, maxFilterCriteriaPerProfileCount),
    ...(octets <= maxUserDataOctets
      ? []
      : [
          {
            pointer,
            detail: `makes ${octets} octets of User-Data alone, at most ${maxUserDataOctets} are allowed (cx.maxUserDataOctets)`,
          },
        ]),
  ];
}
