/** The kinds of requests that Cx sends, as the configuration has them. */
import { commonFeatures, type FeatureOffer } from '../../../diameter/features/feature-lists';
import type { OutgoingKind } from '../../../outbox/contract';
import type { SecretOpener } from '../../../authentication/secret-opener';
import { cxPushSettings } from '../config';
import { createPushContent } from '../push-content';
import { cxOutgoingKinds, type CxOutgoingOptions } from './kinds';
import type { ServerFeatures } from './server-features';

export interface CxOutgoingPorts extends Omit<CxOutgoingOptions, 'profiles' | 'settings' | 'features'> {
  readonly features: ServerFeatures;
  readonly secrets: SecretOpener;
  /** What we support, by the command pairs that it applies to. */
  readonly offer: FeatureOffer;
}

export function configuredCxKinds(
  config: Parameters<typeof cxPushSettings>[0],
  { secrets, offer, ...ports }: CxOutgoingPorts,
): [string, OutgoingKind][] {
  const profiles = createPushContent(secrets, (originHost) =>
    commonFeatures(offer, 'PPR', ports.features.of(originHost)),
  );
  return cxOutgoingKinds({ ...ports, profiles, settings: cxPushSettings(config) });
}
