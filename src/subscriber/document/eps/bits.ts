/**
 * Names of the bits in the bit masks of Subscription-Data, each at the position of its bit; null where a bit is
 * reserved. Documents have lists of names, requests have masks.
 */
import { z } from 'zod';

/** [29.272-7.3.30] */
export const operatorDeterminedBarringBits = [
  'allPacketOrientedServices',
  'roamerAccessHplmnAp',
  'roamerAccessVplmnAp',
  'allOutgoingCalls',
  'allOutgoingInternationalCalls',
  'allOutgoingInternationalCallsExceptToHomePlmnCountry',
  'allOutgoingInterZonalCalls',
  'allOutgoingInterZonalCallsExceptToHomePlmnCountry',
  'allOutgoingInternationalCallsExceptToHomePlmnCountryAndInterZonalCalls',
] as const;

/** [29.272-7.3.22] */
export const hplmnOdbBits = ['barringType1', 'barringType2', 'barringType3', 'barringType4'] as const;

/** [29.272-7.3.31] */
export const accessRestrictionBits = [
  'utranNotAllowed',
  'geranNotAllowed',
  'ganNotAllowed',
  'iHspaEvolutionNotAllowed',
  'wbEutranNotAllowed',
  'hoToNon3gppAccessNotAllowed',
  'nbIotNotAllowed',
  'enhancedCoverageNotAllowed',
  'nrAsSecondaryRatInEutranNotAllowed',
  'unlicensedSpectrumAsSecondaryRatNotAllowed',
  'nrIn5gsNotAllowed',
  'lteMNotAllowed',
  'wbEutranExceptLteMNotAllowed',
  'wbEutranLeoNotAllowed',
  'wbEutranMeoNotAllowed',
  'wbEutranGeoNotAllowed',
  'wbEutranOtherSatNotAllowed',
  'nbIotLeoNotAllowed',
  'nbIotMeoNotAllowed',
  'nbIotGeoNotAllowed',
  'nbIotOtherSatNotAllowed',
  'lteMLeoNotAllowed',
  'lteMMeoNotAllowed',
  'lteMGeoNotAllowed',
  'lteMOtherSatNotAllowed',
  'nrLeoNotAllowed',
  'nrMeoNotAllowed',
  'nrGeoNotAllowed',
  'nrOtherSatNotAllowed',
] as const;
export type AccessRestriction = (typeof accessRestrictionBits)[number];

/** [29.272-7.3.230] */
export const coreNetworkRestrictionBits = [null, '5gcNotAllowed'] as const;

/** [29.272-7.3.131] */
export const mpsPriorityBits = ['mpsCsPriority', 'mpsEpsPriority'] as const;

/** [29.272-7.3.165] */
export const subscriptionDataFlagBits = [
  'psAndSmsOnlyServiceProvision',
  'smsInSgsnAllowed',
  'userPlaneIntegrityProtection',
  'pdnConnectionRestricted',
  'acknowledgementOfDownlinkNasDataPdusDisabled',
] as const;

/** [29.272-7.3.209] */
export const preferredDataModeBits = ['userPlane', 'controlPlane'] as const;

/** [29.272-7.3.181] WLAN-offloadability has an AVP for each, which has one bit [29.272-7.3.182] [29.272-7.3.183]. */
export const wlanOffloadabilityRats = ['eutran', 'utran'] as const;

/** [29.272-7.3.213] */
export const v2xPermissionBits = ['overPc5AsVehicleUe', 'overPc5AsPedestrianUe'] as const;

/** [29.272-7.3.225] By the type of their positioning SIB. */
export const broadcastLocationAssistanceDataBits = [
  ...['1-1', '1-2', '1-3', '1-4', '1-5', '1-6', '1-7'],
  ...['2-1', '2-2', '2-3', '2-4', '2-5', '2-6', '2-7', '2-8', '2-9', '2-10', '2-11', '2-12'],
  ...['2-13', '2-14', '2-15', '2-16', '2-17', '2-18', '2-19', '3-1', '1-8', '2-20', '2-21', '2-22'],
  ...['2-23', '2-24', '2-25', '4-1', '5-1'],
] as const;

/** The mask of Unsigned64; of Unsigned32, use `bitMask`. */
export function wideBitMask(names: readonly string[], bits: readonly (string | null)[]): bigint {
  return names.reduce((mask, name) => {
    const bit = bits.indexOf(name);
    return bit < 0 ? mask : mask | (1n << BigInt(bit));
  }, 0n);
}

/** The mask of Unsigned32 that has the bits of these names. */
export const bitMask = (names: readonly string[], bits: readonly (string | null)[]): number =>
  Number(wideBitMask(names, bits));

type NameIn<T extends readonly (string | null)[]> = Exclude<T[number], null>;

/** A list of names, none twice. */
export function bitNames<const T extends readonly (string | null)[]>(bits: T) {
  const names = bits.filter((name): name is NameIn<T> => name !== null);
  return z
    .array(z.enum(names as unknown as readonly [NameIn<T>, ...NameIn<T>[]]))
    .refine((given) => new Set(given).size === given.length, 'has a name twice');
}
