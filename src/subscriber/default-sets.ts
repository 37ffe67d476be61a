/**
 * Shared sets that a subscriber of one line names where the line names none. Whoever makes such a subscriber makes
 * them, too, where they do not exist; what exists under these names stays as it is.
 */
import { epsProfile, serviceProfile, type EpsProfile, type ServiceProfile } from './subscription-document';

export const defaultEpsProfileName = 'internet-ims';
export const defaultServiceProfileName = 'default';

/** Two APNs as VoLTE has them: QCI 9 for the internet, QCI 5 for IMS signalling (TS 23.203 table 6.1.7). */
export const internetAndIms = {
  networkAccessMode: 'packetAndCircuit' as const,
  ambr: { uplinkBitsPerSecond: 500_000_000, downlinkBitsPerSecond: 1_000_000_000 },
  apnConfigurationProfile: {
    defaultContextIdentifier: 1,
    apnConfigurations: [
      {
        contextIdentifier: 1,
        serviceSelection: 'internet',
        pdnType: 'ipv4v6' as const,
        qosProfile: { qci: 9, priorityLevel: 8 },
        ambr: { uplinkBitsPerSecond: 500_000_000, downlinkBitsPerSecond: 1_000_000_000 },
      },
      {
        contextIdentifier: 2,
        serviceSelection: 'ims',
        pdnType: 'ipv4v6' as const,
        qosProfile: {
          qci: 5,
          priorityLevel: 1,
          preemptionCapability: true,
          preemptionVulnerability: false,
        },
        ambr: { uplinkBitsPerSecond: 1_530_000, downlinkBitsPerSecond: 3_850_000 },
      },
    ],
  },
};

export type DefaultSet =
  | { readonly kind: 'epsProfiles'; readonly document: EpsProfile }
  | { readonly kind: 'serviceProfiles'; readonly document: ServiceProfile };

const defaultEpsProfile: DefaultSet = {
  kind: 'epsProfiles',
  document: epsProfile.parse({ name: defaultEpsProfileName, ...internetAndIms }),
};
/** Without filter criteria. */
const defaultServiceProfile: DefaultSet = {
  kind: 'serviceProfiles',
  document: serviceProfile.parse({ name: defaultServiceProfileName }),
};

/** Those that a subscriber with these profiles needs. */
export function defaultSetsFor(named: {
  readonly epsProfile: string;
  /** Undefined for a subscriber without the IMS. */
  readonly serviceProfile: string | undefined;
}): readonly DefaultSet[] {
  return [
    ...(named.epsProfile === defaultEpsProfileName ? [defaultEpsProfile] : []),
    ...(named.serviceProfile === defaultServiceProfileName ? [defaultServiceProfile] : []),
  ];
}
