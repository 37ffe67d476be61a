/**
 * Features declared as data, TS 29.229 clause 7.1.1: a bit, its name, the commands that it applies to and
 * what it switches. An application hands its own table to the negotiation; nothing here knows which
 * applications exist.
 */

export interface FeatureDefinition {
  readonly name: string;
  /** Order number of the bit in Feature-List, 0 to 31. */
  readonly bit: number;
  /** Abbreviations of the requests whose command pairs it applies to. */
  readonly commands: readonly string[];
  /** What it switches, for the documentation and the API. */
  readonly switches: string;
}

export interface FeatureTable {
  readonly vendorId: number;
  readonly featureListId: number;
  readonly features: readonly FeatureDefinition[];
}

/** One application's offer: its table and which of the features this HSS is configured to support. */
export interface FeatureOffer {
  readonly table: FeatureTable;
  readonly enabled: ReadonlySet<string>;
}

/** Names of the features of one command pair that are enabled and in `featureList`. */
export function commonFeatures(
  { table, enabled }: FeatureOffer,
  command: string,
  featureList: number,
): ReadonlySet<string> {
  return new Set(
    table.features
      .filter(
        ({ name, bit, commands }) =>
          enabled.has(name) && commands.includes(command) && (featureList & (1 << bit)) !== 0,
      )
      .map(({ name }) => name),
  );
}

/**
 * The bit mask of the enabled features, of one command pair or (without `command`) of all, as an unsigned
 * 32-bit number.
 */
export function offeredMask(offer: FeatureOffer, command?: string): number {
  let mask = 0;
  for (const feature of offer.table.features) {
    if (offer.enabled.has(feature.name) && (command === undefined || feature.commands.includes(command)))
      mask |= 1 << feature.bit;
  }
  return mask >>> 0;
}
