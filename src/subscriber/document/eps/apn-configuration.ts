/** APN configurations, with what is checked within one and across those of a profile [29.272-7.3.34] [29.272-7.3.35]. */
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { epsLimits } from '../../limits';
import { bitNames, preferredDataModeBits, wlanOffloadabilityRats } from './bits';
import {
  ambr,
  apn,
  apnOiReplacement,
  chargingCharacteristics,
  contextIdentifier,
  diameterIdentity,
  isOneOfEachFamily,
  mip6AgentInfo,
  plmn,
  scefId,
  serviceSelection,
  ueAddress,
  wildcardApn,
} from './fields';

/** In the order of their values [29.272-7.3.62]; the last two have indicators of their own. */
export const pdnTypes = ['ipv4', 'ipv6', 'ipv4v6', 'ipv4OrIpv6', 'nonIp', 'ethernet'] as const;
export type PdnType = (typeof pdnTypes)[number];

/** In the order of their values, as are the lists below [29.272-7.3.205]. */
export const nonIpDataDeliveryMechanisms = ['sgi', 'scef'] as const;
export const lipaPermissions = ['prohibited', 'only', 'conditional'] as const;
export const pdnConnectionContinuities = [
  'maintain',
  'disconnectWithReactivationRequest',
  'disconnectWithoutReactivationRequest',
] as const;

/** Those of non-GBR bearers, TS 23.203 6.1.7, and the operators' own. */
const standardQcis: readonly number[] = [5, 6, 7, 8, 9, 10, 69, 70, 79, 80];
const isNonGbr = (qci: number): boolean => standardQcis.includes(qci) || (qci >= 128 && qci <= 254);

export const qosProfile = z.strictObject({
  qci: z
    .number()
    .int()
    .refine(
      isNonGbr,
      `must be that of a non-GBR bearer: ${standardQcis.join(', ')} or 128 to 254 [29.272-7.3.37]`,
    )
    .describe('QoS-Class-Identifier [29.272-7.3.37]'),
  priorityLevel: z.number().int().min(1).max(15).describe('Priority-Level [29.272-7.3.40]'),
  preemptionCapability: z
    .boolean()
    .default(false)
    .describe('Pre-emption-Capability enabled: it may take resources of others [29.272-7.3.40]'),
  preemptionVulnerability: z
    .boolean()
    .default(true)
    .describe('Pre-emption-Vulnerability enabled: others may take its resources [29.272-7.3.40]'),
});

/** What an APN configuration and a PDP context both have. */
export const apnPermissions = {
  vplmnDynamicAddressAllowed: z
    .boolean()
    .optional()
    .describe('Whether a P-GW of the VPLMN may be used; absent, it may not [29.272-7.3.38]'),
  chargingCharacteristics: chargingCharacteristics.optional(),
  ambr: ambr.optional().describe('APN-AMBR [29.272-7.3.41]'),
  apnOiReplacement: apnOiReplacement.optional().describe('Counts before that of the UE [29.272-7.3.32]'),
  siptoAllowed: z.boolean().optional().describe('SIPTO-Permission above RAN [29.272-7.3.135]'),
  lipaPermission: z.enum(lipaPermissions).optional().describe('[29.272-7.3.133]'),
  restorationPriority: z.number().int().min(1).max(16).optional().describe('1 is highest [29.272-7.3.174]'),
  siptoAtLocalNetworkAllowed: z.boolean().optional().describe('[29.272-7.3.176]'),
  nonIpDataDeliveryMechanism: z
    .enum(nonIpDataDeliveryMechanisms)
    .optional()
    .describe('For nonIp; sgi when absent [29.272-7.3.205]'),
  scefId: scefId.optional(),
};

const pdnGw = {
  mip6AgentInfo: mip6AgentInfo.optional().describe('The P-GW [29.272-7.3.45]'),
  visitedNetworkIdentifier: plmn
    .optional()
    .describe('PLMN where a dynamic P-GW was allocated [29.272-7.3.105]'),
};

export const apnConfiguration = z.strictObject({
  contextIdentifier: contextIdentifier.describe('Unique within the profile [29.272-7.3.27]'),
  serviceSelection: serviceSelection.describe('APN network identifier, or "*" as wildcard [29.272-7.3.36]'),
  pdnType: z
    .enum(pdnTypes)
    .describe('PDN-Type [29.272-7.3.62]; nonIp [29.272-7.3.204] and ethernet [29.272-7.3.232] are no IP'),
  servedPartyIpAddresses: z
    .array(ueAddress)
    .max(2)
    .optional()
    .describe('Static addresses of the UE: one of each family at most [29.272-7.3.35]'),
  qosProfile: qosProfile.optional().describe('EPS-Subscribed-QoS-Profile [29.272-7.3.37]'),
  ...pdnGw,
  pdnGwAllocationType: z
    .enum(['static', 'dynamic'])
    .optional()
    .describe('Of mip6AgentInfo; what is provisioned is static when absent [29.272-7.3.44]'),
  ...apnPermissions,
  specificApnInfos: z
    .array(
      z.strictObject({
        serviceSelection: apn.describe('[29.272-7.3.36]'),
        mip6AgentInfo: mip6AgentInfo.describe('[29.272-7.3.45]'),
        visitedNetworkIdentifier: pdnGw.visitedNetworkIdentifier,
      }),
    )
    .max(epsLimits.apnConfigurationsCount)
    .optional()
    .describe('Of the wildcard APN only [29.272-7.3.82]'),
  wlanOffloadability: bitNames(wlanOffloadabilityRats)
    .optional()
    .describe('RATs from which traffic may go over to WLAN [29.272-7.3.181]'),
  scefRealm: diameterIdentity.optional().describe('[29.272-7.3.207]'),
  preferredDataMode: bitNames(preferredDataModeBits)
    .min(1, 'needs one at least [29.272-7.3.209]')
    .optional()
    .describe('[29.272-7.3.209]'),
  pdnConnectionContinuity: z.enum(pdnConnectionContinuities).optional().describe('[29.272-7.3.214]'),
  rdsEnabled: z.boolean().optional().describe('RDS-Indicator [29.272-7.3.222]'),
  interworking5gs: z.boolean().optional().describe('Interworking-5GS-Indicator [29.272-7.3.231]'),
});
export type ApnConfiguration = z.output<typeof apnConfiguration>;

type Report = (path: (string | number)[], message: string) => void;

/** What holds for non-IP data, of an APN configuration or a PDP context [29.272-7.3.35] [29.272-7.3.74]. */
export function checkNonIp(
  entry: {
    readonly nonIpDataDeliveryMechanism?: 'sgi' | 'scef' | undefined;
    readonly scefId?: string | undefined;
    readonly scefRealm?: string | undefined;
    readonly rdsEnabled?: boolean | undefined;
  },
  isNonIp: boolean,
  report: Report,
): void {
  const { nonIpDataDeliveryMechanism: mechanism } = entry;
  if (mechanism !== undefined && !isNonIp)
    report(['nonIpDataDeliveryMechanism'], 'is for nonIp only [29.272-7.3.35]');
  for (const name of ['scefId', 'scefRealm', 'rdsEnabled'] as const)
    if (entry[name] !== undefined && (!isNonIp || mechanism !== 'scef'))
      report([name], 'is only for nonIp with nonIpDataDeliveryMechanism scef [29.272-7.3.35]');
  if (mechanism === 'scef' && entry.scefId === undefined)
    report(['scefId'], 'is needed with nonIpDataDeliveryMechanism scef [29.272-7.3.35]');
}

const familyOf: Partial<Record<PdnType, (text: string) => boolean>> = {
  ipv4: (text) => isIPv4(text),
  ipv6: (text) => isIPv6(text),
  ipv4v6: () => true,
  ipv4OrIpv6: () => true,
};

function checkApnConfiguration(entry: ApnConfiguration, report: Report): void {
  const { pdnType, servedPartyIpAddresses: addresses = [] } = entry;
  checkNonIp(entry, pdnType === 'nonIp', report);
  addresses.forEach((address, i) => {
    if (familyOf[pdnType]?.(address) !== true)
      report(['servedPartyIpAddresses', i], `does not fit the PDN type ${pdnType} [29.272-7.3.35]`);
  });
  if (!isOneOfEachFamily(addresses))
    report(['servedPartyIpAddresses'], 'has two addresses of one family [29.272-7.3.35]');
  if (entry.pdnGwAllocationType !== undefined && entry.mip6AgentInfo === undefined)
    report(['pdnGwAllocationType'], 'needs mip6AgentInfo [29.272-7.3.35]');
  if (entry.visitedNetworkIdentifier !== undefined && entry.pdnGwAllocationType !== 'dynamic')
    report(['visitedNetworkIdentifier'], 'is of a dynamic P-GW [29.272-7.3.35]');
  if (entry.specificApnInfos !== undefined && entry.serviceSelection !== wildcardApn)
    report(['specificApnInfos'], 'is of the wildcard APN "*" only [29.272-7.3.82]');
}

type Category = 'IP' | 'non-IP' | 'Ethernet';
const categoryOf = ({ pdnType }: ApnConfiguration): Category =>
  pdnType === 'nonIp' ? 'non-IP' : pdnType === 'ethernet' ? 'Ethernet' : 'IP';

/** The APN configurations of a subscriber with the default ones. */
export const apnConfigurationProfile = z
  .strictObject({
    defaultContextIdentifier: contextIdentifier.describe(
      'Context-Identifier of the default APN, which is not the wildcard [29.272-7.3.34]',
    ),
    additionalContextIdentifiers: z
      .array(contextIdentifier)
      .max(2)
      .optional()
      .describe(
        'Additional-Context-Identifier, Third-Context-Identifier: default APNs among nonIp, ethernet and IP [29.272-7.3.206] [29.272-7.3.244]',
      ),
    apnConfigurations: z.array(apnConfiguration).min(1).max(epsLimits.apnConfigurationsCount),
  })
  .superRefine(
    ({ defaultContextIdentifier, additionalContextIdentifiers = [], apnConfigurations }, context) => {
      const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
      const byContext = new Map<number, ApnConfiguration>();
      const apns = new Set<string>();
      apnConfigurations.forEach((entry, i) => {
        const within: Report = (path, message) => report(['apnConfigurations', i, ...path], message);
        if (byContext.has(entry.contextIdentifier))
          within(['contextIdentifier'], 'occurs twice in this profile [29.272-7.3.35]');
        byContext.set(entry.contextIdentifier, entry);
        const name = entry.serviceSelection.toLowerCase();
        if (apns.has(name)) within(['serviceSelection'], 'occurs twice in this profile [29.272-7.3.35]');
        apns.add(name);
        checkApnConfiguration(entry, within);
      });
      const categories = new Set<Category>();
      const defaults: [path: (string | number)[], context: number][] = [
        [['defaultContextIdentifier'], defaultContextIdentifier],
        ...additionalContextIdentifiers.map((identifier, i): [(string | number)[], number] => [
          ['additionalContextIdentifiers', i],
          identifier,
        ]),
      ];
      for (const [path, identifier] of defaults) {
        const entry = byContext.get(identifier);
        if (entry === undefined) {
          report(path, 'is the contextIdentifier of no APN configuration [29.272-7.3.34]');
          continue;
        }
        if (entry.serviceSelection === wildcardApn)
          report(path, 'is the wildcard APN, which cannot be a default [29.272-7.3.34]');
        const category = categoryOf(entry);
        if (categories.has(category))
          report(path, `is a second default among ${category} PDN types [29.272-7.3.34]`);
        categories.add(category);
      }
    },
  );
export type ApnConfigurationProfile = z.output<typeof apnConfigurationProfile>;
