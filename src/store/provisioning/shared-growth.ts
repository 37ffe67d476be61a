/**
 * Whether a shared service profile or iFC set may grow: no subscription that uses it may get more User-Data
 * than is allowed. Nobody loads the users of a profile for that, of whom there may be millions. Of every
 * implicit registration set two numbers are stored (domain/profile-size.ts keptSize), which bound its size from
 * above together with the longest shared set; only subscriptions above the bound by that are loaded, page by
 * page, and measured. Usually there are none.
 *
 * Subscriptions that are being written meanwhile were checked against the old size: they hold ROW SHARE locks
 * on shared_service_profile from `holdNames` on, so its EXCLUSIVE lock waits for them, in its turn, and keeps
 * new ones waiting until the new size is there.
 */
import type { ProvisioningFault, SharedKind, SharedSets } from '../../subscriber/provisioning';
import { sharedSizeFaults, SharedSizes, tooLargeSet, type ProfileRules } from '../../subscriber/profile-size';
import type { Subscription } from '../../subscriber/subscription';
import type { ServiceProfile, SharedIfcSet } from '../../subscriber/subscription-document';
import { limits } from '../../shared/limits';
import { parseImage } from '../../subscriber/image';
import type { Sql } from '../../state/database';

type Measured = SharedSets['serviceProfiles'] | SharedSets['ifcSets'];

const isIfcSet = (document: Measured): document is SharedIfcSet => 'id' in document;

export function isMeasured(kind: SharedKind, _document: SharedSets[SharedKind]): _document is Measured {
  return kind === 'serviceProfiles' || kind === 'ifcSets';
}

const allSets = `select kind, document::text from shared_document where kind in ('serviceProfiles', 'ifcSets')`;
/** $1: octets of the longest shared set, $2: the bound, $3: key of the page before, $4: page size. */
const near = `
  select m.subscription_key, m.image from (
    select distinct subscription_key from implicit_registration_set
    where coalesce(user_data_octets + shared_copies * $1::bigint, $2::bigint + 1) > $2::bigint and subscription_key > $3
    order by subscription_key limit $4) k
  join subscription_image m using (subscription_key) order by m.subscription_key`;
const PAGE_COUNT = 500;

/** In the transaction of the change, which holds the row of shared_state and so is the only one. */
export async function growthFaults(
  sql: Sql,
  document: Measured,
  rules: ProfileRules,
): Promise<ProvisioningFault[]> {
  const profiles = new Map<string, ServiceProfile>();
  const ifcSets = new Map<string, SharedIfcSet>();
  for (const [kind, text] of await sql<[SharedKind, string]>(allSets, [], 'hss_measured_sets')) {
    const stored = JSON.parse(text) as Measured;
    if (kind === 'ifcSets') ifcSets.set(stored.name, stored as SharedIfcSet);
    else profiles.set(stored.name, stored as ServiceProfile);
  }
  const measured = (): SharedSizes => SharedSizes.of(rules.measure, profiles.values(), ifcSets.values());
  const before = measured();
  if (isIfcSet(document)) ifcSets.set(document.name, document);
  else profiles.set(document.name, document);
  const after = measured();
  const faults = sharedSizeFaults(document, after, rules);
  if (faults.length > 0) return faults;
  const grown = new Set([
    ...grownNames('serviceProfiles', before.profiles, after.profiles),
    ...grownNames('ifcSets', before.ifcSets, after.ifcSets),
  ]);
  if (grown.size === 0) return [];
  await sql('lock table shared_service_profile in exclusive mode', []);
  const detail = await tooLongUser(sql, grown, after, rules);
  return detail === null
    ? []
    : [{ pointer: document.initialFilterCriteria.length > 0 ? '/initialFilterCriteria' : '', detail }];
}

/** A set that is new is used by nobody. */
function grownNames(
  kind: SharedKind,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string[] {
  return [...after]
    .filter(([name, octets]) => octets > (before.get(name) ?? octets))
    .map(([name]) => `${kind} ${name}`);
}

/** What is said of the first subscription that would not fit any more; null where all do. */
async function tooLongUser(
  sql: Sql,
  grown: ReadonlySet<string>,
  sizes: SharedSizes,
  rules: ProfileRules,
): Promise<string | null> {
  let lastKey = 0;
  for (let count = 0; count <= limits.sharedChangeLookedAtCount; count += PAGE_COUNT) {
    const rows = await sql<[number, string]>(
      near,
      [sizes.largestOctets, rules.maxUserDataOctets, lastKey, PAGE_COUNT],
      'hss_near_bound',
    );
    for (const [key, image] of rows) {
      lastKey = key;
      const detail = tooLongSet(parseImage(image), grown, sizes, rules);
      if (detail !== null) return detail;
    }
    if (rows.length < PAGE_COUNT) return null;
  }
  return `more than ${limits.sharedChangeLookedAtCount} subscriptions are so near the bound (cx.maxUserDataOctets) that each would have to be measured: raise the bound, or split the profile`;
}

function tooLongSet(
  subscription: Subscription,
  grown: ReadonlySet<string>,
  sizes: SharedSizes,
  rules: ProfileRules,
): string | null {
  for (const set of subscription.implicitRegistrationSets) {
    const size = rules.measure.ofSet(subscription, set);
    const isTouched = size.profiles.some(({ name, ownOctets, sharedIfcSets }) =>
      ownOctets === null
        ? grown.has(`serviceProfiles ${name}`)
        : sharedIfcSets.some((ifcSet) => grown.has(`ifcSets ${ifcSet}`)),
    );
    const detail = isTouched ? tooLargeSet(size, sizes, rules) : null;
    if (detail !== null)
      return `set ${set.name} of subscription ${subscription.id} ${detail.replace('makes', 'would make')}`;
  }
  return null;
}
