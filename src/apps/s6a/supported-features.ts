/**
 * The features of S6a and S6d that this HSS supports [29.272-7.3.10.1]. Left out is what needs a node that we do
 * not speak to: CAMEL, SCEF, SMS-IWMSC over Gdd.
 */
import type { FeatureTable } from '../../diameter/features/feature-lists';
import { s6aFeatureList1, s6aFeatureList2, type S6aFeature } from './feature-tables';
import type { ServingNode } from './state/serving-nodes';

const unsupported: ReadonlySet<S6aFeature> = new Set([
  'SGSN CAMEL Capability',
  'Optimized-LCS-Proc-Support',
  'Gdd-in-SGSN',
  'Communication-Pattern',
  'Monitoring-Event',
  'Extended Reference IDs',
]);

export const supportedFeatures: ReadonlySet<string> = new Set(
  [...s6aFeatureList1.features, ...s6aFeatureList2.features]
    .map(({ name }) => name)
    .filter((name) => !unsupported.has(name)),
);

const commonNames = ({ features }: FeatureTable, mask: number): string[] =>
  features
    .filter(({ name, bit }) => supportedFeatures.has(name) && (mask & (1 << bit)) !== 0)
    .map(({ name }) => name);

const none: ReadonlySet<string> = new Set();
const byMasks = new Map<string, ReadonlySet<string>>();
/** Nodes of a network announce few different sets; a peer that makes them up does not fill the memory. */
const MAX_KEPT_SETS = 1_000;

/** Features that the node announced in its last ULR and that this HSS supports, by name. */
export function announcedFeatures({ features }: Pick<ServingNode, 'features'>): ReadonlySet<string> {
  if (features === null) return none;
  const key = `${features[1]} ${features[2]}`;
  let names = byMasks.get(key);
  if (names === undefined) {
    names = new Set([
      ...commonNames(s6aFeatureList1, features[1]),
      ...commonNames(s6aFeatureList2, features[2]),
    ]);
    if (byMasks.size >= MAX_KEPT_SETS) byMasks.clear();
    byMasks.set(key, names);
  }
  return names;
}
