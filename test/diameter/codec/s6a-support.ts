/** What the codec's tests of S6a and S13 share: the dictionary and a full Subscription-Data. */
import { Dictionary } from '../../../src/diameter/codec/dictionary';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import { cxTable } from '../../../src/apps/cx/generated/cx-tables';
import { s13Table } from '../../../src/apps/s13/generated/s13-tables';
import {
  AllApnConfigurationsIncludedIndicator,
  CompleteDataListIncludedIndicator,
  JobType,
  NetworkAccessMode,
  NonIpPdnTypeIndicator,
  PdnGwAllocationType,
  PdnType,
  PreEmptionCapability,
  PreEmptionVulnerability,
  QosClassIdentifier,
  RatType,
  SubscriberStatus,
  TraceDepth,
  VplmnDynamicAddressAllowed,
  type ApnConfiguration,
  type EpsSubscribedQosProfile,
  type SubscriptionData,
} from '../../../src/apps/s6a/generated/s6a';
import { s6aTable } from '../../../src/apps/s6a/generated/s6a-tables';

export const s6aDictionary = new Dictionary([baseTable, cxTable, s6aTable, s13Table]);

/** 001/01. */
export const PLMN = Buffer.from('00f110', 'hex');
export const EXPIRES = new Date('2030-01-01T00:00:00Z');
export const fill = (octets: number, value: number): Buffer => Buffer.alloc(octets, value);

const qos: EpsSubscribedQosProfile = {
  qosClassIdentifier: QosClassIdentifier.QCI_9,
  allocationRetentionPriority: {
    priorityLevel: 8,
    preEmptionCapability: PreEmptionCapability.PRE_EMPTION_CAPABILITY_DISABLED,
    preEmptionVulnerability: PreEmptionVulnerability.PRE_EMPTION_VULNERABILITY_ENABLED,
  },
};

const internet: ApnConfiguration = {
  contextIdentifier: 1,
  servedPartyIpAddress: ['192.0.2.1', '2001:db8::'],
  pdnType: PdnType.IPv4v6,
  serviceSelection: 'internet',
  epsSubscribedQosProfile: qos,
  vplmnDynamicAddressAllowed: VplmnDynamicAddressAllowed.ALLOWED,
  mip6AgentInfo: {
    mipHomeAgentAddress: ['192.0.2.2', '2001:db8::2'],
    mipHomeAgentHost: {
      destinationRealm: 'epc.mnc001.mcc001.3gppnetwork.org',
      destinationHost: 'pgw.epc.mnc001.mcc001.3gppnetwork.org',
    },
  },
  visitedNetworkIdentifier: Buffer.from('mnc001.mcc001.3gppnetwork.org'),
  pdnGwAllocationType: PdnGwAllocationType.DYNAMIC,
  avp3gppChargingCharacteristics: '0800',
  ambr: {
    maxRequestedBandwidthUl: 4_294_967_295,
    maxRequestedBandwidthDl: 4_294_967_295,
    extendedMaxRequestedBwUl: 5_000_000,
    extendedMaxRequestedBwDl: 10_000_000,
  },
  nonIpPdnTypeIndicator: NonIpPdnTypeIndicator.FALSE,
};

/** A Subscription-Data with something in most of its groups. */
export const subscription: SubscriptionData = {
  subscriberStatus: SubscriberStatus.SERVICE_GRANTED,
  msisdn: Buffer.from('9471000000f1', 'hex'),
  aMsisdn: Buffer.from('9471000000f2', 'hex'),
  stnSr: Buffer.from('9471000000f3', 'hex'),
  networkAccessMode: NetworkAccessMode.ONLY_PACKET,
  operatorDeterminedBarring: 0b1,
  regionalSubscriptionZoneCode: [Buffer.from('0001', 'hex'), Buffer.from('0002', 'hex')],
  accessRestrictionData: 1 << 28,
  apnOiReplacement: 'province1.mnc001.mcc001.gprs',
  lcsInfo: {
    gmlcNumber: [Buffer.from('9471', 'hex')],
    lcsPrivacyexception: [{ ssCode: fill(1, 0x11), ssStatus: fill(1, 0x05) }],
    moLr: [{ ssCode: fill(1, 0xc1), ssStatus: fill(1, 0x05) }],
  },
  teleserviceList: { tsCode: [fill(1, 0x21), fill(1, 0x22)] },
  callBarringInfo: [{ ssCode: fill(1, 0x92), ssStatus: fill(1, 0x05) }],
  avp3gppChargingCharacteristics: '0400',
  ambr: { maxRequestedBandwidthUl: 50_000_000, maxRequestedBandwidthDl: 100_000_000 },
  apnConfigurationProfile: {
    contextIdentifier: 1,
    additionalContextIdentifier: 2,
    thirdContextIdentifier: 3,
    allApnConfigurationsIncludedIndicator:
      AllApnConfigurationsIncludedIndicator.ALL_APN_CONFIGURATIONS_INCLUDED,
    apnConfiguration: [
      internet,
      {
        contextIdentifier: 2,
        pdnType: PdnType.IPv4,
        serviceSelection: '*',
        specificApnInfo: [{ serviceSelection: 'ims', mip6AgentInfo: { mipHomeAgentAddress: ['192.0.2.3'] } }],
      },
    ],
  },
  ratFrequencySelectionPriorityId: 256,
  traceData: {
    traceReference: Buffer.from('00f110000001', 'hex'),
    traceDepth: TraceDepth.MEDIUM,
    traceNeTypeList: Buffer.from('0400', 'hex'),
    traceEventList: fill(9, 1),
    traceCollectionEntity: '192.0.2.9',
    mdtConfiguration: {
      jobType: JobType.IMMEDIATE_MDT_AND_TRACE,
      areaScope: { trackingAreaIdentity: [Buffer.from('00f1100001', 'hex')] },
      eventThresholdEvent1f: -5,
      mbsfnArea: [{ mbsfnAreaId: 255, carrierFrequency: 262_143 }],
    },
  },
  gprsSubscriptionData: {
    completeDataListIncludedIndicator: CompleteDataListIncludedIndicator.ALL_PDP_CONTEXTS_INCLUDED,
    pdpContext: [
      {
        contextIdentifier: 1,
        pdpType: Buffer.from('f121', 'hex'),
        pdpAddress: '192.0.2.1',
        qosSubscribed: fill(3, 7),
        serviceSelection: 'internet',
      },
    ],
  },
  csgSubscriptionData: [{ csgId: 32, expirationDate: EXPIRES, serviceSelection: ['internet'] }],
  subscribedPeriodicRauTauTimer: 3600,
  proseSubscriptionData: { prosePermission: 3 },
  dlBufferingSuggestedPacketCount: -1,
  imsiGroupId: [{ groupServiceId: 1, groupPlmnId: PLMN, localGroupId: Buffer.from('a') }],
  aeseCommunicationPattern: [
    {
      scefReferenceIdExt: 2n ** 63n,
      scefId: 'scef.example',
      communicationPatternSet: [
        { scheduledCommunicationTime: [{ dayOfWeekMask: 127, timeOfDayStart: 0 }], batteryIndicator: 1 },
      ],
      mtcProviderInfo: { mtcProviderId: 'meters' },
    },
  ],
  monitoringEventConfiguration: [
    {
      scefReferenceId: 7,
      scefId: 'scef.example',
      monitoringType: 1,
      monitoringDuration: EXPIRES,
      chargedParty: 'scs',
      ueReachabilityConfiguration: { reachabilityType: 2, maximumResponseTime: 60 },
      locationInformationConfiguration: { monteLocationType: 1, accuracy: 2 },
      scefRealm: 'example',
      pdnConnectivityStatusConfiguration: { serviceSelection: 'internet' },
    },
  ],
  emergencyInfo: { mip6AgentInfo: { mipHomeAgentAddress: ['192.0.2.4'] } },
  v2xSubscriptionDataNr: {
    v2xPermission: 3,
    uePc5Qos: { pc5QosFlow: [{ avp5qi: 55, pc5FlowBitrates: { maximumFlowBitrates: 1000 } }] },
  },
  edrxCycleLength: [{ ratType: RatType.EUTRAN_NB_IoT, edrxCycleLengthValue: fill(1, 5) }],
  externalIdentifier: 'meter1@example',
  activeTime: 20,
  broadcastLocationAssistanceDataTypes: 2n ** 35n,
  pagingTimeWindow: [{ operationMode: 2, pagingTimeWindowLength: fill(1, 0x30) }],
};
