/**
 * The features of S6a and S6d that this HSS supports [29.272-7.3.10.1]. Left out is what needs a node that we do
 * not speak to: CAMEL, SCEF, SMS-IWMSC over Gdd.
 */
import { s6aFeatureList1, s6aFeatureList2, type S6aFeature } from './feature-tables';

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
