/**
 * What the database has against a document that is refused already because of its shape: shared sets that do
 * not exist, identities of other subscriptions. So that whoever corrects it hears of everything at once.
 */
import type { ProvisioningFault } from '../../subscriber/provisioning';
import { isObject, lookable } from '../../subscriber/faulty-document';
import type { ProvisioningPool } from './pool';
import {
  missingNameFaults,
  ownedFault,
  ownedIdentities,
  ownedName,
  wantedNames,
} from '../../subscriber/references';
import { holdNames, loadOwners } from './references';

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
