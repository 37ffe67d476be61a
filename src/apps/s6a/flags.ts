/** Bits of the bit masks of S6a and S6d, by the names of the clause. */

/** [29.272-7.3.7] */
export const ULR_FLAGS = {
  singleRegistrationIndication: 1 << 0,
  s6aS6dIndicator: 1 << 1,
  skipSubscriberData: 1 << 2,
  gprsSubscriptionDataIndicator: 1 << 3,
  nodeTypeIndicator: 1 << 4,
  initialAttachIndicator: 1 << 5,
  psLcsNotSupportedByUe: 1 << 6,
  smsOnlyIndication: 1 << 7,
  dualRegistration5gIndicator: 1 << 8,
  interPlmnInterMmeHandover: 1 << 9,
  intraPlmnInterMmeHandover: 1 << 10,
} as const;

/** [29.272-7.3.8] */
export const ULA_FLAGS = { separationIndication: 1 << 0, mmeRegisteredForSms: 1 << 1 } as const;

/** [29.272-7.3.48] */
export const PUA_FLAGS = { freezeMTmsi: 1 << 0, freezePTmsi: 1 << 1 } as const;

/** [29.272-7.3.49] */
export const NOR_FLAGS = {
  singleRegistrationIndication: 1 << 0,
  sgsnAreaRestricted: 1 << 1,
  readyForSmFromSgsn: 1 << 2,
  ueReachableFromMme: 1 << 3,
  ueReachableFromSgsn: 1 << 5,
  readyForSmFromMme: 1 << 6,
  homogeneousSupportOfImsVoice: 1 << 7,
  s6aS6dIndicator: 1 << 8,
  removalOfMmeRegistrationForSms: 1 << 9,
} as const;

/** [29.272-7.3.103] */
export const IDR_FLAGS = {
  ueReachabilityRequest: 1 << 0,
  tAdsDataRequest: 1 << 1,
  epsUserStateRequest: 1 << 2,
  epsLocationInformationRequest: 1 << 3,
  currentLocationRequest: 1 << 4,
  localTimeZoneRequest: 1 << 5,
  removeSmsRegistration: 1 << 6,
  ratTypeRequested: 1 << 7,
  pCscfRestorationRequest: 1 << 8,
} as const;

/** [29.272-7.3.149] */
export const PUR_FLAGS = { uePurgedInMme: 1 << 0, uePurgedInSgsn: 1 << 1 } as const;

/** [29.272-7.3.152] */
export const CLR_FLAGS = { s6aS6dIndicator: 1 << 0, reattachRequired: 1 << 1 } as const;

/** [29.272-7.3.201] */
export const AIR_FLAGS = { sendUeUsageType: 1 << 0 } as const;

/** [29.272-7.3.47] [29.272-7.3.26] The same bit of IDA-Flags and DSA-Flags. */
export const NETWORK_NODE_AREA_RESTRICTED = 1 << 0;

/** [29.272-7.3.25] */
export const DSR_FLAGS = {
  regionalSubscriptionWithdrawal: 2 ** 0,
  completeApnConfigurationProfileWithdrawal: 2 ** 1,
  subscribedChargingCharacteristicsWithdrawal: 2 ** 2,
  pdnSubscriptionContextsWithdrawal: 2 ** 3,
  stnSr: 2 ** 4,
  completePdpContextListWithdrawal: 2 ** 5,
  pdpContextsWithdrawal: 2 ** 6,
  roamingRestrictedDueToUnsupportedFeature: 2 ** 7,
  traceDataWithdrawal: 2 ** 8,
  csgDeleted: 2 ** 9,
  apnOiReplacement: 2 ** 10,
  gmlcListWithdrawal: 2 ** 11,
  lcsWithdrawal: 2 ** 12,
  smsWithdrawal: 2 ** 13,
  subscribedPeriodicRauTauTimerWithdrawal: 2 ** 14,
  subscribedVsrvccWithdrawal: 2 ** 15,
  aMsisdnWithdrawal: 2 ** 16,
  proSeWithdrawal: 2 ** 17,
  resetIds: 2 ** 18,
  dlBufferingSuggestedPacketCountWithdrawal: 2 ** 19,
  subscribedImsiGroupIdWithdrawal: 2 ** 20,
  deleteMonitoringEvents: 2 ** 21,
  userPlaneIntegrityProtectionWithdrawal: 2 ** 22,
  msisdnWithdrawal: 2 ** 23,
  ueUsageTypeWithdrawal: 2 ** 24,
  v2xWithdrawal: 2 ** 25,
  externalIdentifierWithdrawal: 2 ** 26,
  aerialUeSubscriptionWithdrawal: 2 ** 27,
  pagingTimeWindowSubscriptionWithdrawal: 2 ** 28,
  activeTimeWithdrawal: 2 ** 29,
  eDrxCycleLengthWithdrawal: 2 ** 30,
  serviceGapTimeWithdrawal: 2 ** 31,
} as const;

export const hasFlag = (mask: number | undefined, flag: number): boolean => ((mask ?? 0) & flag) !== 0;
