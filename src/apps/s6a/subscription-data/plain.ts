/** AVPs that say what the document says, whatever the node is. */
import {
  bitMask,
  broadcastLocationAssistanceDataBits,
  coreNetworkRestrictionBits,
  mpsPriorityBits,
  subscriptionDataFlagBits,
  wideBitMask,
} from '../../../subscriber/eps';
import {
  IabOperationPermission,
  IcsIndicator,
  MdtUserConsent,
  NetworkAccessMode,
  RelayNodeIndicator,
  SubscribedVsrvcc,
  VplmnLipaAllowed,
} from '../generated/s6a';
import type { EpsPart } from '../outgoing/payloads';
import { tbcd } from '../tbcd';
import { ambrAvps } from './apn-fields';
import { maskToSend, type Writer } from './writing';

/** Some MMEs insist on it: a subscriber of whom nothing is said may use circuit switched services [29.272-7.3.21]. */
const writeNetworkAccessMode: Writer = (data, { eps: { networkAccessMode } }) => {
  data.networkAccessMode =
    networkAccessMode === 'onlyPacket' ? NetworkAccessMode.ONLY_PACKET : NetworkAccessMode.PACKET_AND_CIRCUIT;
};

const SMS_IN_SGSN_ALLOWED = 1 << subscriptionDataFlagBits.indexOf('smsInSgsnAllowed');

/** SMS in SGSN is for an SGSN that supports it and asked for it, or a combined node [29.272-5.2.1.1.3]. */
const writeFlags: Writer = (data, { eps: { subscriptionDataFlags }, to, isPartial }) => {
  if (subscriptionDataFlags === undefined && !isPartial) return;
  const all = bitMask(subscriptionDataFlags ?? [], subscriptionDataFlagBits);
  const isForSms = to.features.has('SMS in SGSN') && (to.kind === 'mme' || to.isRegisteredForSms);
  const mask = isForSms ? all : all & ~SMS_IN_SGSN_ALLOWED;
  const sent = maskToSend(mask, isPartial);
  if (sent !== undefined) data.subscriptionDataFlags = sent;
};

/** "only if the user is subscribed to the SRVCC and vSRVCC" [29.272-5.2.1.1.3] */
const writeVsrvcc: Writer = (data, { eps: { subscribedVsrvcc, stnSr } }) => {
  if (subscribedVsrvcc === true && stnSr !== undefined)
    data.subscribedVsrvcc = SubscribedVsrvcc.VSRVCC_SUBSCRIBED;
};

const AERIAL_UE_ALLOWED = 0;
const AERIAL_UE_NOT_ALLOWED = 1;

const writeRelayNode: Writer = (data, { eps: { relayNodeIndicator }, to, isPartial }) => {
  if ((to.kind === 'mme' || to.isCombined) && (relayNodeIndicator !== undefined || isPartial))
    data.relayNodeIndicator =
      relayNodeIndicator === true ? RelayNodeIndicator.RELAY_NODE : RelayNodeIndicator.NOT_RELAY_NODE;
};

const writeAerialUe: Writer = (data, { eps, to }) => {
  if ((to.kind === 'mme' || to.isCombined) && eps.aerialUeAllowed !== undefined)
    data.aerialUeSubscriptionInformation = eps.aerialUeAllowed ? AERIAL_UE_ALLOWED : AERIAL_UE_NOT_ALLOWED;
};

/** By the properties that they read, for the parts of IDR. */
export const plainWriters: readonly (readonly [parts: readonly EpsPart[], write: Writer])[] = [
  [['networkAccessMode'], writeNetworkAccessMode],
  [
    ['ambr'],
    (data, { eps: { ambr }, to }) => {
      if (ambr !== undefined) data.ambr = ambrAvps(ambr, to.features);
    },
  ],
  [
    ['apnOiReplacement'],
    (data, { eps: { apnOiReplacement } }) => {
      if (apnOiReplacement !== undefined) data.apnOiReplacement = apnOiReplacement;
    },
  ],
  [
    ['coreNetworkRestrictions'],
    (data, { eps: { coreNetworkRestrictions }, to, isPartial }) => {
      if (to.kind === 'sgsn' && !to.isCombined) return;
      const sent = maskToSend(bitMask(coreNetworkRestrictions ?? [], coreNetworkRestrictionBits), isPartial);
      if (sent !== undefined) data.coreNetworkRestrictions = sent;
    },
  ],
  [['subscriptionDataFlags'], writeFlags],
  [
    ['chargingCharacteristics'],
    (data, { eps: { chargingCharacteristics } }) => {
      if (chargingCharacteristics !== undefined)
        data.avp3gppChargingCharacteristics = chargingCharacteristics;
    },
  ],
  [
    ['stnSr'],
    (data, { eps: { stnSr } }) => {
      if (stnSr !== undefined) data.stnSr = tbcd(stnSr);
    },
  ],
  [
    ['icsIndicator'],
    (data, { eps: { icsIndicator }, isPartial }) => {
      if (icsIndicator !== undefined || isPartial)
        data.icsIndicator = icsIndicator === true ? IcsIndicator.TRUE : IcsIndicator.FALSE;
    },
  ],
  [['subscribedVsrvcc', 'stnSr'], writeVsrvcc],
  [
    ['ratFrequencySelectionPriorityId'],
    (data, { eps: { ratFrequencySelectionPriorityId: value } }) => {
      if (value !== undefined) data.ratFrequencySelectionPriorityId = value;
    },
  ],
  [
    ['subscribedPeriodicRauTauTimerSeconds'],
    (data, { eps: { subscribedPeriodicRauTauTimerSeconds: value } }) => {
      if (value !== undefined) data.subscribedPeriodicRauTauTimer = value;
    },
  ],
  [
    ['mpsPriority'],
    (data, { eps: { mpsPriority }, isPartial }) => {
      if (mpsPriority === undefined && !isPartial) return;
      const sent = maskToSend(bitMask(mpsPriority ?? [], mpsPriorityBits), isPartial);
      if (sent !== undefined) data.mpsPriority = sent;
    },
  ],
  [
    ['vplmnLipaAllowed'],
    (data, { eps: { vplmnLipaAllowed }, isPartial }) => {
      if (vplmnLipaAllowed !== undefined || isPartial)
        data.vplmnLipaAllowed =
          vplmnLipaAllowed === true ? VplmnLipaAllowed.LIPA_ALLOWED : VplmnLipaAllowed.LIPA_NOTALLOWED;
    },
  ],
  [['relayNodeIndicator'], writeRelayNode],
  [['aerialUeAllowed'], writeAerialUe],
  [
    ['mdtUserConsent'],
    (data, { eps: { mdtUserConsent }, isPartial }) => {
      if (mdtUserConsent !== undefined || isPartial)
        data.mdtUserConsent =
          mdtUserConsent === true ? MdtUserConsent.CONSENT_GIVEN : MdtUserConsent.CONSENT_NOT_GIVEN;
    },
  ],
  [
    ['dlBufferingSuggestedPacketCount'],
    (data, { eps: { dlBufferingSuggestedPacketCount: value } }) => {
      if (value !== undefined) data.dlBufferingSuggestedPacketCount = value;
    },
  ],
  [
    ['ueUsageType'],
    (data, { eps: { ueUsageType }, to }) => {
      if (ueUsageType !== undefined && to.features.has('Dedicated Core Networks'))
        data.ueUsageType = ueUsageType;
    },
  ],
  [
    ['activeTimeSeconds'],
    (data, { eps: { activeTimeSeconds } }) => {
      if (activeTimeSeconds !== undefined) data.activeTime = activeTimeSeconds;
    },
  ],
  [
    ['serviceGapTimeSeconds'],
    (data, { eps: { serviceGapTimeSeconds } }) => {
      if (serviceGapTimeSeconds !== undefined) data.serviceGapTime = serviceGapTimeSeconds;
    },
  ],
  [
    ['broadcastLocationAssistanceDataTypes'],
    (data, { eps: { broadcastLocationAssistanceDataTypes: names }, isPartial }) => {
      if (names !== undefined || isPartial)
        data.broadcastLocationAssistanceDataTypes = wideBitMask(
          names ?? [],
          broadcastLocationAssistanceDataBits,
        );
    },
  ],
  [
    ['subscribedArpi'],
    (data, { eps: { subscribedArpi } }) => {
      if (subscribedArpi !== undefined) data.subscribedArpi = subscribedArpi;
    },
  ],
  [
    ['iabOperationAllowed'],
    (data, { eps: { iabOperationAllowed }, isPartial }) => {
      if (iabOperationAllowed !== undefined || isPartial)
        data.iabOperationPermission =
          iabOperationAllowed === true
            ? IabOperationPermission.IAB_OPERATION_ALLOWED
            : IabOperationPermission.IAB_OPERATION_NOTALLOWED;
    },
  ],
];
