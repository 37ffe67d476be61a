/**
 * Subscriptions with much User-Data: ten pairs of a SIP and a tel URI, each pair an alias group, all with one
 * profile of 15 filter criteria. Without AliasInd the profile is sent once for each group [29.229-7.1.1].
 */
import { serviceProfile, type ServiceProfile } from '../../src/subscriber/subscription-document';
import type {
  SubscriptionDocument,
  SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import { simple } from '../store/documents';

/** About 8 KB of JSON with 15 of them. */
export const criteria = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    priority: i,
    triggerPoint: {
      conditionTypeCnf: true,
      servicePointTriggers: [
        { groups: [0], method: 'INVITE' },
        { groups: [0], method: 'MESSAGE' },
        {
          groups: [1],
          sipHeader: { header: 'Accept-Contact', content: `.*urn%3Aurn-7%3A3gpp-service.${i}.*` },
        },
        { groups: [2], sessionCase: 'ORIGINATING_REGISTERED' as const },
      ],
    },
    applicationServer: {
      serverName: `sip:application-server-${i}.ims.mnc001.mcc001.3gppnetwork.org:5060`,
      defaultHandling: 'SESSION_CONTINUED' as const,
      serviceInfo: `service-information-for-the-application-server-number-${i}`,
    },
  }));

export const largeProfile = (name = 'large', count = 15): ServiceProfile =>
  serviceProfile.parse({ name, initialFilterCriteria: criteria(count) });

/** `pairs` alias groups with the profile, which is the subscription's own unless `shared`. */
export function manyAliasGroups(
  name: string,
  pairs = 10,
  { profile = 'large', shared = false, number = 500 } = {},
): SubscriptionDocument {
  const publicIdentities = Array.from({ length: pairs }, (_, i) => [
    {
      identity: `sip:${name}${i === 0 ? '' : `-${i}`}@ims.example`,
      aliasGroup: `g${i}`,
      serviceProfile: profile,
    },
    {
      identity: `tel:+1666${number}${String(i).padStart(4, '0')}`,
      aliasGroup: `g${i}`,
      serviceProfile: profile,
    },
  ]).flat();
  const change: Partial<SubscriptionDocumentInput> = {
    implicitRegistrationSets: [{ name: 'default', publicIdentities }],
    ...(shared ? {} : { serviceProfiles: [largeProfile(profile)] }),
  };
  return simple(name, number, change);
}
