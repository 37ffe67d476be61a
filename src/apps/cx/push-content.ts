/**
 * The content of a Push-Profile-Request: the same user information as an SAA carries, current when it is sent
 * [29.228-6.2.2] [29.228-6.6.1]; and the digest credential, table 6.3.6 [29.228-6.5.2.4]. Made with the
 * features that the S-CSCF is known to support [29.229-7.2]: with none of them it is what every S-CSCF
 * understands.
 */
import type { SubscriptionSnapshot } from '../../state/ports';
import type { ProfileContent, ProfileSource } from './outgoing/contract';
import type { ProfilePayload } from './outgoing/push';
import { findPrivateIdentity } from '../../subscriber/subscription';
import type { PushProfileRequest } from './generated/cx';
import { systemRandom } from '../../shared/clock';
import { authenticationData } from './authentication-data';
import { cxFeatureTable } from './feature-table';
import type { SecretOpener } from '../../authentication/secret-opener';
import { userInformation } from './user-information';

/** Names of features that we offer and that S-CSCF is known to support for PPR. */
export type KnownFeatures = (originHost: string) => ReadonlySet<string>;

const none: ReadonlySet<string> = new Set();

export function createPushContent(secrets: SecretOpener, knownFeatures: KnownFeatures): ProfileSource {
  return {
    /** Null where nothing of what was to be pushed is provisioned any more. */
    content(
      snapshot: SubscriptionSnapshot,
      payload: ProfilePayload,
      userName: string,
      destinationHost: string,
    ): ProfileContent | null {
      const set = snapshot.subscription.implicitRegistrationSets.find(({ name }) => name === payload.setName);
      if (set === undefined) return null;
      const features = payload.withoutFeatures === true ? none : knownFeatures(destinationHost);
      const wants = (part: ProfilePayload['parts'][number]): boolean => payload.parts.includes(part);
      const information = userInformation(snapshot, set, userName, features, true);
      const item = wants('sipDigest') ? digest(snapshot, userName, secrets) : undefined;
      const { userData, chargingInformation, allowedWafWwsfIdentities } = information;
      // One of User-Data, Charging-Information and SIP-Auth-Data-Item is in every PPR [29.228-6.2.2.1]; table
      // 6.2.2.1 would let the WAFs and WWSFs go alone.
      const wafAlone =
        wants('wafWwsf') &&
        allowedWafWwsfIdentities !== undefined &&
        !(wants('charging') && chargingInformation !== undefined) &&
        item === undefined;
      const avps: ProfileContent['avps'] = {
        ...((wants('userData') || wafAlone) && userData !== undefined ? { userData } : {}),
        ...(wants('charging') && chargingInformation !== undefined ? { chargingInformation } : {}),
        ...(wants('wafWwsf') && allowedWafWwsfIdentities !== undefined ? { allowedWafWwsfIdentities } : {}),
        ...(item === undefined ? {} : { sipAuthDataItem: item }),
      };
      if (Object.keys(avps).length === 0) return null;
      return { avps, features: avps.userData === undefined ? null : usedFeatures(features) };
    },
  };
}

/** The features that shape a PPR, as a list; null for none of them. */
function usedFeatures(features: ReadonlySet<string>): ProfileContent['features'] {
  let featureList = 0;
  for (const feature of cxFeatureTable.features) {
    if (features.has(feature.name) && feature.commands.includes('PPR')) featureList |= 1 << feature.bit;
  }
  return featureList === 0
    ? null
    : {
        vendorId: cxFeatureTable.vendorId,
        featureListId: cxFeatureTable.featureListId,
        featureList: featureList >>> 0,
      };
}

function digest(
  snapshot: SubscriptionSnapshot,
  userName: string,
  secrets: SecretOpener,
): PushProfileRequest['sipAuthDataItem'] {
  const identity = findPrivateIdentity(snapshot.subscription, userName);
  if (identity?.authentication.sipDigest === undefined) return undefined;
  const data = authenticationData({
    subscription: snapshot.subscription,
    identity,
    scheme: 'SIP Digest',
    resynchronisation: undefined,
    secrets,
    random: systemRandom,
    count: 1,
    counter: undefined,
  });
  return data.ok && 'items' in data ? data.items[0] : undefined;
}
