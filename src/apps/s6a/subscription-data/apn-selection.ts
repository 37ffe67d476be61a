/** Which APN configurations a node gets, and which of them is the default one [29.272-7.3.34]. */
import type { ApnConfiguration, ApnConfigurationProfile, EpsData } from '../../../subscriber/eps';
import type { Recipient } from './recipient';

export interface SelectedApns {
  readonly configurations: readonly ApnConfiguration[];
  /** Context-Identifiers: of the default APN, and of the defaults of other PDN types. */
  readonly defaults: readonly [number, ...number[]];
}

/** Why a node gets no profile: it supports none of the APNs, or the default one is not allowed where it is. */
export type NoApns = 'unsupported' | 'notAllowedHere';

type Place = Pick<Recipient, 'features' | 'isRoaming' | 'visitedPlmn'>;

const WILDCARD = '*';

/** APNs without IP need a feature [29.272-7.3.10.1]. */
const isSupported = ({ pdnType }: ApnConfiguration, features: ReadonlySet<string>): boolean =>
  pdnType === 'nonIp'
    ? features.has('Non-IP PDN Type APNs')
    : pdnType === 'ethernet'
      ? features.has('Ethernet PDN Type APNs')
      : true;

const everythingFits = (
  { apnConfigurations }: ApnConfigurationProfile,
  features: ReadonlySet<string>,
): boolean => apnConfigurations.every((entry) => isSupported(entry, features));

/** The APNs that the subscriber may use in the visited network; undefined for all of them. */
function apnsAllowedIn({ isRoaming, visitedPlmn }: Place, eps: EpsData): ReadonlySet<string> | undefined {
  if (!isRoaming) return undefined;
  const apns = eps.allowedVisitedNetworks?.find(({ plmn }) => plmn === visitedPlmn)?.apns;
  return apns === undefined ? undefined : new Set(apns.map((apn) => apn.toLowerCase()));
}

/**
 * The default is the first of the profile's defaults whose PDN type the node supports, else the first explicit
 * APN that it supports. A default that may not be used in the visited network is not replaced by another APN.
 */
export function selectApns(
  profile: ApnConfigurationProfile,
  eps: EpsData,
  place: Place,
): SelectedApns | NoApns {
  const { defaultContextIdentifier, additionalContextIdentifiers = [], apnConfigurations } = profile;
  const wanted: [number, ...number[]] = [defaultContextIdentifier, ...additionalContextIdentifiers];
  const allowed = apnsAllowedIn(place, eps);
  if (allowed === undefined && everythingFits(profile, place.features))
    return { configurations: apnConfigurations, defaults: wanted };
  const supported = apnConfigurations.filter((entry) => isSupported(entry, place.features));
  const find = (identifier: number): ApnConfiguration | undefined =>
    supported.find(({ contextIdentifier }) => contextIdentifier === identifier);
  const present = wanted.map(find).filter((entry) => entry !== undefined);
  const isAllowed = ({ serviceSelection }: ApnConfiguration): boolean =>
    allowed === undefined || allowed.has(serviceSelection.toLowerCase());
  const first = present[0] ?? supported.find(({ serviceSelection }) => serviceSelection !== WILDCARD);
  if (first === undefined) return 'unsupported';
  if (!isAllowed(first)) return 'notAllowedHere';
  const others = present.filter((entry) => entry !== first && isAllowed(entry));
  return {
    configurations: supported.filter(isAllowed),
    defaults: [first.contextIdentifier, ...others.map(({ contextIdentifier }) => contextIdentifier)],
  };
}
