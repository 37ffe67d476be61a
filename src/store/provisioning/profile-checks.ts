/**
 * Holds the documents that are written against the bound of User-Data. What is shared is measured once for
 * each version of the shared data: an import of a million subscriptions measures their few profiles once.
 */
import { localNumberFaults } from '../../subscriber/local-numbers';
import type { ProvisioningFault, SharedKind } from '../../subscriber/provisioning';
import {
  SharedSizes,
  subscriptionSizeFaults,
  type ProfileRules,
  type SetSize,
} from '../../subscriber/profile-size';
import type { Subscription } from '../../subscriber/subscription';
import type { ServiceProfile, SharedIfcSet } from '../../subscriber/subscription-document';
import type { Sql } from '../../state/database';

/**
 * $1: the version known, $2, $3: profiles and iFC sets to add to what is known of it, $4, $5: all that are
 * wanted, where there is a newer one. The iFC sets of these profiles come with them.
 */
const namedSets = `
  select v.version, (
    with profiles as (
      select document from shared_document
      where kind = 'serviceProfiles' and name = any (case when v.version = $1 then $2::text[] else $4::text[] end)),
    sets as (
      select document from shared_document
      where kind = 'ifcSets' and name = any (case when v.version = $1 then $3::text[] else $5::text[] end
        || array(select json_array_elements_text(document -> 'sharedIfcSets') from profiles)))
    select json_build_array((select coalesce(json_agg(document), '[]') from profiles), (select coalesce(json_agg(document), '[]') from sets))::text)
  from shared_state v`;

type NamedSets = readonly [readonly ServiceProfile[], readonly SharedIfcSet[]];

/** What is thrown away is measured again; far more than an operator has profiles. */
const MAX_KNOWN_COUNT = 10_000;
const nothing = -1;

export class ProfileChecks {
  #version = nothing;
  #known = SharedSizes.none;

  constructor(readonly rules: () => ProfileRules) {}

  measure(subscription: Subscription): SetSize[] {
    const { measure } = this.rules();
    return subscription.implicitRegistrationSets.map((set) => measure.ofSet(subscription, set));
  }

  faults(subscription: Subscription, setSizes: readonly SetSize[], sizes: SharedSizes): ProvisioningFault[] {
    const rules = this.rules();
    const faults = subscriptionSizeFaults(subscription, setSizes, sizes, rules);
    return rules.refusesLocalNumbers === true ? [...faults, ...localNumberFaults(subscription)] : faults;
  }

  /**
   * Sizes of the shared sets of these names. After `holdNames` in the same transaction: from
   * then on none of them grows until it ends (shared-growth.ts).
   */
  async sizesFor(sql: Sql, wanted: ReadonlyMap<SharedKind, ReadonlySet<string>>): Promise<SharedSizes> {
    const profiles = [...(wanted.get('serviceProfiles') ?? [])];
    const ifcSets = [...(wanted.get('ifcSets') ?? [])];
    if (profiles.length + ifcSets.length === 0) return SharedSizes.none;
    // Another transaction may learn more, or of a newer version, while this one asks.
    const asked = this.#version;
    const known = this.#known;
    const [row] = await sql<[number, string]>(
      namedSets,
      [
        asked,
        profiles.filter((name) => !known.profiles.has(name)),
        ifcSets.filter((name) => !known.ifcSets.has(name)),
        profiles,
        ifcSets,
      ],
      'hss_named_sets',
    );
    if (row === undefined) return SharedSizes.none;
    const [version, text] = row;
    const [newProfiles, newSets] = JSON.parse(text) as NamedSets;
    const found = SharedSizes.of(this.rules().measure, newProfiles, newSets);
    const sizes = version === asked ? known.with(found) : found;
    this.#keep(version, sizes);
    return sizes;
  }

  #keep(version: number, sizes: SharedSizes): void {
    if (version < this.#version) return;
    const { profiles, ifcSets } = this.#known;
    const adds = version === this.#version && profiles.size + ifcSets.size < MAX_KNOWN_COUNT;
    this.#known = adds ? this.#known.with(sizes) : sizes;
    this.#version = version;
  }
}
