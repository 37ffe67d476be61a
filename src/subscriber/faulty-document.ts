/** A document that is refused for its shape, made fit to look for what it names outside of itself. Pure. */
import { limits } from '../shared/limits';
import type { Subscription } from './subscription';

type Raw = Readonly<Record<string, unknown>>;

/** Whether it can have properties at all. */
export const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A list of objects, whatever it was; places stay, since pointers name them. Longer than `most`, it is not
 * looked at.
 */
function objects(value: unknown, most: number): Raw[] {
  return Array.isArray(value) && value.length <= most
    ? value.map((entry: unknown) => (isObject(entry) ? entry : {}))
    : [];
}

/**
 * As much of a subscription as names something outside of it; what is of another type is text that nothing
 * has.
 */
export function lookable(document: Raw): Subscription {
  return {
    id: document['id'],
    capabilitySet: document['capabilitySet'],
    chargingSet: document['chargingSet'],
    privateIdentities: objects(document['privateIdentities'], limits.privateIdentitiesPerSubscriptionCount),
    usims: objects(document['usims'], limits.usimsPerSubscriptionCount).map((usim) => ({
      imsi: usim['imsi'],
      eps: isObject(usim['eps']) ? usim['eps'] : undefined,
      msisdns: Array.isArray(usim['msisdns']) ? usim['msisdns'].slice(0, limits.msisdnsPerUsimCount) : [],
    })),
    serviceProfiles: objects(document['serviceProfiles'], limits.serviceProfilesPerSubscriptionCount).map(
      (profile) => ({
        ...profile,
        sharedIfcSets: Array.isArray(profile['sharedIfcSets'])
          ? profile['sharedIfcSets'].slice(0, limits.sharedIfcSetsPerProfileCount)
          : [],
      }),
    ),
    implicitRegistrationSets: objects(
      document['implicitRegistrationSets'],
      limits.registrationSetsPerSubscriptionCount,
    ).map((set) => ({
      ...set,
      publicIdentities: objects(set['publicIdentities'], limits.impusPerSetCount),
    })),
  } as unknown as Subscription;
}
