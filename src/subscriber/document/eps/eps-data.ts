/**
 * The EPS data of an IMSI: what Subscription-Data takes its AVPs from [29.272-7.3.2], and what the HSS decides on.
 * Each property can stand in the USIM or in the EPS profile that it names; that of the USIM replaces that of the
 * profile. So what depends on each other is one property. Subscriber-Status follows from the barrings; MSISDN and
 * A-MSISDN are numbers of the USIM.
 */
import { z } from 'zod';
import { epsLimits } from '../../limits';
import { setName, unsigned32 } from '../fields';
import { apnConfigurationProfile } from './apn-configuration';
import {
  bitNames,
  broadcastLocationAssistanceDataBits,
  coreNetworkRestrictionBits,
  hplmnOdbBits,
  mpsPriorityBits,
  operatorDeterminedBarringBits,
  subscriptionDataFlagBits,
} from './bits';
import {
  ambr,
  apnOiReplacement,
  chargingCharacteristics,
  hexText,
  internationalNumber,
  mip6AgentInfo,
} from './fields';
import { gprsSubscriptionData } from './gprs';
import {
  accessRestrictions,
  accessRestrictionsByPlmn,
  allowedVisitedNetworks,
  csgSubscriptionData,
  equivalentPlmns,
  forbiddenVisitedNetworks,
  regionalSubscriptionZoneCodes,
  roamingBarrings,
} from './roaming';
import {
  aeseCommunicationPatterns,
  edrxCycleLengths,
  imsiGroupIds,
  monitoringEventConfigurations,
  pagingTimeWindows,
  v2xSubscriptionData,
  v2xSubscriptionDataNr,
} from './services';
import { callBarringInfo, lcsInfo, teleserviceList } from './supplementary';
import { traceData } from './trace';

/** In the order of their values, with the reserved one [29.272-7.3.21]. */
export const networkAccessModes = ['packetAndCircuit', null, 'onlyPacket'] as const;

const flag = z.boolean().optional();
const seconds = unsigned32.optional();

/** What many subscribers may share. */
const sharedProperties = {
  operatorDeterminedBarring: bitNames(operatorDeterminedBarringBits).optional().describe('[29.272-7.3.30]'),
  hplmnOdb: bitNames(hplmnOdbBits).optional().describe('[29.272-7.3.22]'),
  roamingBarring: z
    .enum(roamingBarrings)
    .optional()
    .describe('Barring of roaming, TS 23.015: the HSS refuses the location update [29.272-5.2.1.1.3]'),
  networkAccessMode: z.enum(['packetAndCircuit', 'onlyPacket']).optional().describe('[29.272-7.3.21]'),
  ambr: ambr
    .refine(
      ({ uplinkBitsPerSecond: up, downlinkBitsPerSecond: down }) => up > 0 || down > 0,
      'must not be 0 in both directions [29.272-7.3.2]',
    )
    .optional()
    .describe('UE-AMBR [29.272-7.3.2] [29.272-7.3.41]'),
  apnConfigurationProfile: apnConfigurationProfile
    .optional()
    .describe('APNs; needs ambr beside it [29.272-7.3.34]'),
  apnOiReplacement: apnOiReplacement.optional().describe('That of the UE [29.272-7.3.32]'),
  accessRestrictions: accessRestrictions
    .optional()
    .describe('Access-Restriction-Data, where accessRestrictionsByPlmn has nothing else [29.272-7.3.31]'),
  accessRestrictionsByPlmn: accessRestrictionsByPlmn
    .optional()
    .describe('By visited PLMN; also sent as Adjacent-Access-Restriction-Data [29.272-7.3.187]'),
  coreNetworkRestrictions: bitNames(coreNetworkRestrictionBits).optional().describe('[29.272-7.3.230]'),
  allowedVisitedNetworks: allowedVisitedNetworks
    .optional()
    .describe(
      'PLMNs that may serve the subscriber, with their APNs; "all", and absent, is every one [29.272-5.2.1.1.3]',
    ),
  forbiddenVisitedNetworks: forbiddenVisitedNetworks
    .optional()
    .describe('PLMNs that may not serve the subscriber, though allowed otherwise [29.272-5.2.1.1.3]'),
  equivalentPlmns: equivalentPlmns
    .optional()
    .describe('Equivalent-PLMN-List by registered PLMN [29.272-7.3.151]'),
  regionalSubscriptionZoneCodes: regionalSubscriptionZoneCodes.optional().describe('By PLMN [29.272-7.3.52]'),
  csgSubscriptionData: csgSubscriptionData.optional().describe('[29.272-7.3.78]'),
  lcsInfo: lcsInfo.optional().describe('[29.272-7.3.84]'),
  teleserviceList: teleserviceList.optional(),
  callBarringInfo: callBarringInfo.optional(),
  smsInMmeAllowed: flag.describe('Whether an MME may register for SMS; absent, it may [29.272-5.2.1.1.3]'),
  subscriptionDataFlags: bitNames(subscriptionDataFlagBits).optional().describe('[29.272-7.3.165]'),
  chargingCharacteristics: chargingCharacteristics.optional(),
  stnSr: internationalNumber.optional().describe('STN-SR [29.272-7.3.39]'),
  icsIndicator: flag.describe('[29.272-7.3.104]'),
  subscribedVsrvcc: flag.describe('[29.272-7.3.150]'),
  ratFrequencySelectionPriorityId: z.number().int().min(1).max(256).optional().describe('[29.272-7.3.46]'),
  traceData: traceData.optional().describe('[29.272-7.3.63]'),
  gprsSubscriptionData: gprsSubscriptionData.optional().describe('PDP contexts [29.272-7.3.72]'),
  subscribedPeriodicRauTauTimerSeconds: seconds.describe('[29.272-7.3.134]'),
  mpsPriority: bitNames(mpsPriorityBits).optional().describe('[29.272-7.3.131]'),
  vplmnLipaAllowed: flag.describe('[29.272-7.3.132]'),
  relayNodeIndicator: flag.describe('[29.272-7.3.147]'),
  mdtUserConsent: flag.describe('[29.272-7.3.148]'),
  proSePermission: unsigned32.optional().describe('Bit mask of TS 29.344 6.3.3 [29.272-7.3.180]'),
  v2xSubscriptionData: v2xSubscriptionData.optional().describe('[29.272-7.3.212]'),
  v2xSubscriptionDataNr: v2xSubscriptionDataNr.optional().describe('[29.272-7.3.235]'),
  dlBufferingSuggestedPacketCount: z
    .number()
    .int()
    .min(-1)
    .max(0x7fff_ffff)
    .optional()
    .describe('0: not requested, -1: requested without a number [29.272-7.3.188]'),
  imsiGroupIds: imsiGroupIds.optional().describe('[29.272-7.3.189]'),
  ueUsageType: z.number().int().min(0).max(255).optional().describe('[29.272-7.3.202]'),
  aeseCommunicationPatterns: aeseCommunicationPatterns.optional().describe('[29.272-7.3.193]'),
  monitoringEventConfigurations: monitoringEventConfigurations.optional().describe('[29.272-7.3.195]'),
  emergencyInfo: mip6AgentInfo.optional().describe('P-GW for emergency PDN connections [29.272-7.3.210]'),
  edrxCycleLengths: edrxCycleLengths.optional().describe('[29.272-7.3.215]'),
  pagingTimeWindows: pagingTimeWindows.optional().describe('[29.272-7.3.226]'),
  activeTimeSeconds: seconds.describe('Active-Time of PSM, TS 29.336 8.4.50'),
  serviceGapTimeSeconds: seconds.describe('[29.272-7.3.223]'),
  broadcastLocationAssistanceDataTypes: bitNames(broadcastLocationAssistanceDataBits)
    .optional()
    .describe('By type of positioning SIB [29.272-7.3.225]'),
  aerialUeAllowed: flag.describe('Aerial-UE-Subscription-Information [29.272-7.3.224]'),
  subscribedArpi: unsigned32.optional().describe('[29.272-7.3.233]'),
  iabOperationAllowed: flag.describe('IAB-Operation-Permission [29.272-7.3.234]'),
  resetIds: z.array(hexText(1, 32)).max(epsLimits.resetIdsCount).optional().describe('[29.272-7.3.184]'),
};

interface Together {
  readonly ambr?: object | undefined;
  readonly apnConfigurationProfile?: object | undefined;
}
const hasAmbr = ({ ambr: ofUe, apnConfigurationProfile: apns }: Together): boolean =>
  apns === undefined || ofUe !== undefined;
const ambrNeeded = {
  error: 'is needed beside apnConfigurationProfile [29.272-7.3.2]',
  path: ['ambr'],
};

/** What a USIM has of its own, with the profile for the rest. */
export const usimEps = z
  .strictObject({
    profile: setName.optional().describe('EPS profile by name; what stands beside it counts before it'),
    aMsisdn: internationalNumber
      .optional()
      .describe('Additional MSISDN: one of msisdns, not the first [29.272-7.3.157]'),
    externalIdentifiers: z
      .array(
        z
          .string()
          .max(epsLimits.externalIdentifierCharacters)
          .regex(/^[^\s@]+@[^\s@]+$/, 'must be local@domain'),
      )
      .max(epsLimits.externalIdentifiersCount)
      .optional()
      .describe('TS 23.003 19.7.2; the first is the default one [29.272-7.3.2]'),
    ...sharedProperties,
  })
  .refine(hasAmbr, ambrNeeded);

/** A shared EPS profile. Static addresses belong to one subscriber. */
export const epsProfile = z
  .strictObject({ name: setName, ...sharedProperties })
  .refine(hasAmbr, ambrNeeded)
  .superRefine(({ apnConfigurationProfile: apns, gprsSubscriptionData: contexts }, context) => {
    const report = (path: (string | number)[]): void =>
      context.addIssue({ code: 'custom', path, message: 'belongs to one subscriber, not to a profile' });
    apns?.apnConfigurations.forEach((entry, i) => {
      if (entry.servedPartyIpAddresses !== undefined)
        report(['apnConfigurationProfile', 'apnConfigurations', i, 'servedPartyIpAddresses']);
    });
    contexts?.forEach((entry, i) => {
      if (entry.pdpAddress !== undefined) report(['gprsSubscriptionData', i, 'pdpAddress']);
    });
  });

export type UsimEps = z.output<typeof usimEps>;
export type EpsProfile = z.output<typeof epsProfile>;
