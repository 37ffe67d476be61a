/**
 * What the database has against a document that is refused already because of its shape: shared sets that do
 * not exist, identities of other subscriptions. So that whoever corrects it hears of everything at once.
 */
import type { ProvisioningFault } from '../../state/ports';
import type { Subscription } from '../../subscriber/subscription';
import { limits } from '../../shared/limits';
import type { ProvisioningPool } from './pool';
import {
  holdNames,
  loadOwners,
  missingNameFaults,
  ownedFault,
  ownedIdentities,
  ownedName,
  wantedNames,
} from './references';

type Raw = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Raw =>
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
function lookable(document: Raw): Subscription {
  return {
    id: document['id'],
    capabilitySet: document['capabilitySet'],
    chargingSet: document['chargingSet'],
    privateIdentities: objects(document['privateIdentities'], limits.privateIdentitiesPerSubscriptionCount),
    usims: objects(document['usims'], limits.usimsPerSubscriptionCount).map((usim) => ({
      imsi: usim['imsi'],
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

/** Strings only, such as PostgreSQL can hold. */
const askable = (names: Iterable<unknown>): Set<string> =>
  new Set([...names].filter((name): name is string => typeof name === 'string' && !name.includes('\0')));

/**
 * Faults besides those of the shape; some may stand at the same places as these. Changes nothing. @throws
 * StoreUnavailableError
 */
export async function besides(
  pool: ProvisioningPool,
  document: unknown,
): Promise<readonly ProvisioningFault[]> {
  if (!isObject(document)) return [];
  const subscription = lookable(document);
  const wanted = new Map([...wantedNames([subscription])].map(([kind, names]) => [kind, askable(names)]));
  const owned = ownedIdentities(subscription).filter(({ identity }) => askable([identity]).size > 0);
  return pool.use(async (sql) => {
    const existing = await holdNames(sql, wanted);
    const owners = await loadOwners(sql, owned);
    const taken = owned.flatMap((identity) => {
      const owner = owners.get(ownedName(identity));
      return owner === undefined || owner.id === subscription.id ? [] : [ownedFault(identity, owner.id)];
    });
    return [...missingNameFaults(subscription, existing), ...taken];
  });
}
