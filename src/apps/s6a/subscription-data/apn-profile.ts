/** APN-Configuration-Profile: APNs, their quality of service and their P-GWs [29.272-7.3.34] [29.272-7.3.35]. */
import {
  bitMask,
  pdnConnectionContinuities,
  pdnTypes,
  preferredDataModeBits,
  type ApnConfiguration as Provisioned,
  type EpsData,
} from '../../../subscriber/eps';
import {
  AllApnConfigurationsIncludedIndicator,
  EthernetPdnTypeIndicator,
  Interworking5gsIndicator,
  NonIpPdnTypeIndicator,
  PdnGwAllocationType,
  PdnType,
  PreEmptionCapability,
  PreEmptionVulnerability,
  RdsIndicator,
  type ApnConfiguration,
  type EpsSubscribedQosProfile,
  type SpecificApnInfo,
} from '../generated/s6a';
import { ambrAvps, commonAvps, mip6AgentInfoAvps, networkIdentifier, visitedNetworkOf } from './apn-fields';
import { selectApns } from './apn-selection';
import type { Recipient } from './recipient';
import type { Writable, Writer } from './writing';

const WILDCARD = '*';

/** "shall be present in the APN-Configuration AVP" of a ULA; best effort, lowest priority where nothing is provisioned. */
const usualQos = { qci: 9, priorityLevel: 15, preemptionCapability: false, preemptionVulnerability: true };

const qosAvps = ({
  qci,
  priorityLevel,
  preemptionCapability,
  preemptionVulnerability,
}: NonNullable<Provisioned['qosProfile']>): EpsSubscribedQosProfile => ({
  qosClassIdentifier: qci as EpsSubscribedQosProfile['qosClassIdentifier'],
  allocationRetentionPriority: {
    priorityLevel,
    preEmptionCapability: preemptionCapability
      ? PreEmptionCapability.PRE_EMPTION_CAPABILITY_ENABLED
      : PreEmptionCapability.PRE_EMPTION_CAPABILITY_DISABLED,
    preEmptionVulnerability: preemptionVulnerability
      ? PreEmptionVulnerability.PRE_EMPTION_VULNERABILITY_ENABLED
      : PreEmptionVulnerability.PRE_EMPTION_VULNERABILITY_DISABLED,
  },
});

/** A provisioned P-GW counts before one that a node chose. */
function gatewayAvps(entry: Provisioned, { pdnGws }: Recipient): Partial<ApnConfiguration> {
  if (entry.mip6AgentInfo !== undefined)
    return {
      mip6AgentInfo: mip6AgentInfoAvps(entry.mip6AgentInfo),
      pdnGwAllocationType:
        entry.pdnGwAllocationType === 'dynamic' ? PdnGwAllocationType.DYNAMIC : PdnGwAllocationType.STATIC,
      ...(entry.visitedNetworkIdentifier === undefined
        ? {}
        : { visitedNetworkIdentifier: networkIdentifier(entry.visitedNetworkIdentifier) }),
    };
  if (pdnGws.length === 0) return {};
  const apn = entry.serviceSelection.toLowerCase();
  const chosen = pdnGws.find((gateway) => gateway.apn === apn);
  return chosen === undefined
    ? {}
    : {
        mip6AgentInfo: mip6AgentInfoAvps(chosen),
        pdnGwAllocationType: PdnGwAllocationType.DYNAMIC,
        ...visitedNetworkOf(chosen),
      };
}

/**
 * APNs that are used because of the wildcard, with their P-GWs: those that nodes told, and those that are
 * provisioned [29.272-7.3.82].
 */
function specificApns(
  wildcard: Provisioned,
  explicit: ReadonlySet<string>,
  { pdnGws }: Recipient,
): readonly SpecificApnInfo[] {
  const used = new Map<string, SpecificApnInfo>();
  for (const entry of wildcard.specificApnInfos ?? [])
    used.set(entry.serviceSelection.toLowerCase(), {
      serviceSelection: entry.serviceSelection,
      mip6AgentInfo: mip6AgentInfoAvps(entry.mip6AgentInfo),
      ...(entry.visitedNetworkIdentifier === undefined
        ? {}
        : { visitedNetworkIdentifier: networkIdentifier(entry.visitedNetworkIdentifier) }),
    });
  for (const gateway of pdnGws) {
    const { apn } = gateway;
    if (apn === null || explicit.has(apn)) continue;
    used.set(apn, {
      serviceSelection: apn,
      mip6AgentInfo: mip6AgentInfoAvps(gateway),
      ...visitedNetworkOf(gateway),
    });
  }
  return [...used.values()];
}

function configuration(
  entry: Provisioned,
  ambr: NonNullable<EpsData['ambr']> | undefined,
  explicit: ReadonlySet<string>,
  to: Recipient,
): ApnConfiguration {
  const ofApn = entry.ambr ?? ambr;
  const avps: Writable<ApnConfiguration> = {
    contextIdentifier: entry.contextIdentifier,
    /** Of no meaning without IP [29.272-7.3.204] [29.272-7.3.232]. */
    pdnType: (entry.pdnType === 'nonIp' || entry.pdnType === 'ethernet'
      ? PdnType.IPv4
      : pdnTypes.indexOf(entry.pdnType)) as PdnType,
    serviceSelection: entry.serviceSelection,
    epsSubscribedQosProfile: qosAvps(entry.qosProfile ?? usualQos),
    ...(ofApn === undefined ? {} : { ambr: ambrAvps(ofApn, to.features) }),
    ...commonAvps(entry),
    ...gatewayAvps(entry, to),
  };
  if (entry.servedPartyIpAddresses !== undefined) avps.servedPartyIpAddress = entry.servedPartyIpAddresses;
  if (entry.serviceSelection === WILDCARD) {
    const specific = specificApns(entry, explicit, to);
    if (specific.length > 0) avps.specificApnInfo = specific;
  }
  if (entry.wlanOffloadability !== undefined)
    avps.wlanOffloadability = {
      wlanOffloadabilityEutran: entry.wlanOffloadability.includes('eutran') ? 1 : 0,
      wlanOffloadabilityUtran: entry.wlanOffloadability.includes('utran') ? 1 : 0,
    };
  if (entry.pdnType === 'nonIp') avps.nonIpPdnTypeIndicator = NonIpPdnTypeIndicator.TRUE;
  if (entry.pdnType === 'ethernet') avps.ethernetPdnTypeIndicator = EthernetPdnTypeIndicator.TRUE;
  if (entry.scefRealm !== undefined) avps.scefRealm = entry.scefRealm;
  if (entry.preferredDataMode !== undefined)
    avps.preferredDataMode = bitMask(entry.preferredDataMode, preferredDataModeBits);
  if (entry.pdnConnectionContinuity !== undefined)
    avps.pdnConnectionContinuity = pdnConnectionContinuities.indexOf(entry.pdnConnectionContinuity);
  if (entry.rdsEnabled !== undefined)
    avps.rdsIndicator = entry.rdsEnabled ? RdsIndicator.ENABLED : RdsIndicator.DISABLED;
  if (entry.interworking5gs !== undefined)
    avps.interworking5gsIndicator = entry.interworking5gs
      ? Interworking5gsIndicator.SUBSCRIBED
      : Interworking5gsIndicator.NOT_SUBSCRIBED;
  return avps;
}

/** Of some, those that changed and that of the default APN, which may be what changed [29.272-5.2.2.1.3]. */
export const writeApnProfile: Writer = (data, { eps, to, contexts }) => {
  if (eps.apnConfigurationProfile === undefined) return;
  const selected = selectApns(eps.apnConfigurationProfile, eps, to);
  if (typeof selected === 'string') return;
  const { configurations, defaults } = selected;
  const changed =
    contexts === undefined
      ? configurations
      : configurations.filter(
          ({ contextIdentifier }) => contexts.has(contextIdentifier) || contextIdentifier === defaults[0],
        );
  const explicit = new Set(configurations.map(({ serviceSelection }) => serviceSelection.toLowerCase()));
  const [contextIdentifier, additionalContextIdentifier, thirdContextIdentifier] = defaults;
  data.apnConfigurationProfile = {
    contextIdentifier,
    ...(additionalContextIdentifier === undefined ? {} : { additionalContextIdentifier }),
    ...(thirdContextIdentifier === undefined ? {} : { thirdContextIdentifier }),
    allApnConfigurationsIncludedIndicator:
      contexts === undefined
        ? AllApnConfigurationsIncludedIndicator.ALL_APN_CONFIGURATIONS_INCLUDED
        : AllApnConfigurationsIncludedIndicator.MODIFIED_ADDED_APN_CONFIGURATIONS_INCLUDED,
    apnConfiguration: changed.map((entry) => configuration(entry, eps.ambr, explicit, to)),
  };
};
