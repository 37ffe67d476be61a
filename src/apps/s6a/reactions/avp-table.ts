/**
 * Each AVP of Subscription-Data: the part of the document that IDR names for it, and how a node hears that it is gone
 * [29.272-5.2.2.1.3] [29.272-5.2.2.2.3] [29.272-7.3.25].
 */
import type { S6aFeature } from '../feature-tables';
import { DSR_FLAGS } from '../flags';
import type { SubscriptionData } from '../generated/s6a';
import type { EpsPart } from '../outgoing/payloads';

/**
 * What tells that an AVP is gone: bits of DSR-Flags, or
 * - `value`: an IDR with the value that stands for none
 * - `reattach`: a CLR, because no message says it; the UE attaches again and the node gets all data anew
 * - `waits`: nothing, because the node does nothing with it before the next update location
 */
export type Withdrawal =
  { readonly dsrFlags: number; readonly feature?: S6aFeature } | 'value' | 'reattach' | 'waits';

interface Row {
  readonly part: EpsPart;
  readonly withdrawal: Withdrawal;
}

/** AVPs whose members have rules of their own (data-changes.ts), and those that this HSS never sends. */
export type OtherAvp =
  | 'apnConfigurationProfile'
  | 'gprsSubscriptionData'
  | 'traceData'
  | 'lcsInfo'
  | 'teleserviceList'
  | 'callBarringInfo'
  | 'roamingRestrictedDueToUnsupportedFeature';

const row = (part: EpsPart, withdrawal: Withdrawal): Row => ({ part, withdrawal });
const withDsr = (part: EpsPart, dsrFlags: number, feature?: S6aFeature): Row =>
  row(part, { dsrFlags, ...(feature === undefined ? {} : { feature }) });

export const avpTable: Readonly<Record<Exclude<keyof SubscriptionData, OtherAvp | 'additionalAvps'>, Row>> = {
  // "To remove all Operator Determined Barring Categories the Subscriber-Status shall be set to SERVICE_GRANTED".
  subscriberStatus: row('operatorDeterminedBarring', 'value'),
  operatorDeterminedBarring: row('operatorDeterminedBarring', 'value'),
  hplmnOdb: row('hplmnOdb', 'value'),
  msisdn: withDsr('msisdns', DSR_FLAGS.msisdnWithdrawal, 'Removal of MSISDN'),
  aMsisdn: withDsr('aMsisdn', DSR_FLAGS.aMsisdnWithdrawal),
  stnSr: withDsr('stnSr', DSR_FLAGS.stnSr),
  icsIndicator: row('icsIndicator', 'value'),
  networkAccessMode: row('networkAccessMode', 'value'),
  regionalSubscriptionZoneCode: withDsr(
    'regionalSubscriptionZoneCodes',
    DSR_FLAGS.regionalSubscriptionWithdrawal,
  ),
  accessRestrictionData: row('accessRestrictions', 'value'),
  adjacentAccessRestrictionData: row('accessRestrictionsByPlmn', 'value'),
  apnOiReplacement: withDsr('apnOiReplacement', DSR_FLAGS.apnOiReplacement),
  avp3gppChargingCharacteristics: withDsr(
    'chargingCharacteristics',
    DSR_FLAGS.subscribedChargingCharacteristicsWithdrawal,
  ),
  // It goes with the APN configurations.
  ambr: row('ambr', 'waits'),
  ratFrequencySelectionPriorityId: row('ratFrequencySelectionPriorityId', 'reattach'),
  csgSubscriptionData: withDsr('csgSubscriptionData', DSR_FLAGS.csgDeleted),
  subscribedPeriodicRauTauTimer: withDsr(
    'subscribedPeriodicRauTauTimerSeconds',
    DSR_FLAGS.subscribedPeriodicRauTauTimerWithdrawal,
  ),
  mpsPriority: row('mpsPriority', 'value'),
  vplmnLipaAllowed: row('vplmnLipaAllowed', 'value'),
  relayNodeIndicator: row('relayNodeIndicator', 'value'),
  mdtUserConsent: row('mdtUserConsent', 'value'),
  subscribedVsrvcc: withDsr('subscribedVsrvcc', DSR_FLAGS.subscribedVsrvccWithdrawal),
  proseSubscriptionData: withDsr('proSePermission', DSR_FLAGS.proSeWithdrawal),
  subscriptionDataFlags: row('subscriptionDataFlags', 'value'),
  dlBufferingSuggestedPacketCount: withDsr(
    'dlBufferingSuggestedPacketCount',
    DSR_FLAGS.dlBufferingSuggestedPacketCountWithdrawal,
  ),
  imsiGroupId: withDsr('imsiGroupIds', DSR_FLAGS.subscribedImsiGroupIdWithdrawal),
  ueUsageType: withDsr('ueUsageType', DSR_FLAGS.ueUsageTypeWithdrawal),
  aeseCommunicationPattern: row('aeseCommunicationPatterns', 'waits'),
  monitoringEventConfiguration: row('monitoringEventConfigurations', 'waits'),
  // Used where an emergency connection is handed over; a CLR would end such a connection.
  emergencyInfo: row('emergencyInfo', 'waits'),
  v2xSubscriptionData: withDsr('v2xSubscriptionData', DSR_FLAGS.v2xWithdrawal),
  v2xSubscriptionDataNr: withDsr('v2xSubscriptionDataNr', DSR_FLAGS.v2xWithdrawal),
  edrxCycleLength: withDsr('edrxCycleLengths', DSR_FLAGS.eDrxCycleLengthWithdrawal),
  // The default one; the others are of monitoring events, which this HSS does not configure.
  externalIdentifier: withDsr('externalIdentifiers', DSR_FLAGS.externalIdentifierWithdrawal),
  activeTime: withDsr('activeTimeSeconds', DSR_FLAGS.activeTimeWithdrawal),
  serviceGapTime: withDsr('serviceGapTimeSeconds', DSR_FLAGS.serviceGapTimeWithdrawal),
  broadcastLocationAssistanceDataTypes: row('broadcastLocationAssistanceDataTypes', 'value'),
  aerialUeSubscriptionInformation: withDsr('aerialUeAllowed', DSR_FLAGS.aerialUeSubscriptionWithdrawal),
  coreNetworkRestrictions: row('coreNetworkRestrictions', 'value'),
  pagingTimeWindow: withDsr('pagingTimeWindows', DSR_FLAGS.pagingTimeWindowSubscriptionWithdrawal),
  subscribedArpi: row('subscribedArpi', 'reattach'),
  iabOperationPermission: row('iabOperationAllowed', 'value'),
};
