/** Barring, access restrictions, zone codes and CSGs: what depends on where the subscriber is. */
import {
  accessRestrictionBits,
  bitMask,
  hplmnOdbBits,
  operatorDeterminedBarringBits,
  type AccessRestriction,
  type EpsData,
} from '../../../subscriber/eps';
import type { S6aFeature } from '../feature-tables';
import { SubscriberStatus, type CsgSubscriptionData } from '../generated/s6a';
import { plmnOctets, type PlmnId } from '../plmn';
import type { Recipient } from './recipient';
import { hexes, maskToSend, nonEmpty, type Writer } from './writing';

/** The feature that each barring needs, at the position of its bit [29.272-7.3.10.1]. */
export const barringFeatures: readonly S6aFeature[] = [
  'ODB-all-APN',
  'ODB-HPLMN-APN',
  'ODB-VPLMN-APN',
  'ODB-all-OG',
  'ODB-all-InternationalOG',
  'ODB-all-InternationalOGNotToHPLMN-Country',
  'ODB-all-InterzonalOG',
  'ODB-all-InterzonalOGNotToHPLMN-Country',
  'ODB-all-InterzonalOGAndInternationalOGNotToHPLMN-Country',
];

const featureMasks = new WeakMap<ReadonlySet<string>, number>();

/** Bits of Operator-Determined-Barring that the node supports. */
function supportedBarring(features: ReadonlySet<string>): number {
  let mask = featureMasks.get(features);
  if (mask === undefined) {
    mask = barringFeatures.reduce((bits, name, bit) => (features.has(name) ? bits | (1 << bit) : bits), 0);
    featureMasks.set(features, mask);
  }
  return mask;
}

/** Subscriber-Status says what the other two AVPs have [29.272-5.2.1.1.3]. HPLMN-ODB is for the HPLMN, TS 23.015. */
export const writeBarring: Writer = (data, { eps, to }) => {
  const barring =
    eps.operatorDeterminedBarring === undefined
      ? 0
      : bitMask(eps.operatorDeterminedBarring, operatorDeterminedBarringBits) & supportedBarring(to.features);
  const hplmn = eps.hplmnOdb === undefined || to.isRoaming ? 0 : bitMask(eps.hplmnOdb, hplmnOdbBits);
  data.subscriberStatus =
    (barring | hplmn) === 0 ? SubscriberStatus.SERVICE_GRANTED : SubscriberStatus.OPERATOR_DETERMINED_BARRING;
  if (barring !== 0) data.operatorDeterminedBarring = barring;
  if (hplmn !== 0) data.hplmnOdb = hplmn;
};

type Restricted = Pick<EpsData, 'accessRestrictions' | 'accessRestrictionsByPlmn'>;

/** Those of the PLMN, or the general ones. */
export const restrictionsIn = (
  { accessRestrictions, accessRestrictionsByPlmn }: Restricted,
  plmn: PlmnId,
): readonly AccessRestriction[] =>
  accessRestrictionsByPlmn?.find((entry) => entry.plmn === plmn)?.accessRestrictions ??
  accessRestrictions ??
  [];

/** Bits that only a node with the feature may see [29.272-7.3.10.1]. */
const featureBits: readonly (readonly [S6aFeature, number])[] = [
  ['NR as Secondary RAT', bitMask(['nrAsSecondaryRatInEutranNotAllowed'], accessRestrictionBits)],
  [
    'Unlicensed Spectrum as Secondary RAT',
    bitMask(['unlicensedSpectrumAsSecondaryRatNotAllowed'], accessRestrictionBits),
  ],
];

function restrictionMask(names: readonly AccessRestriction[], { features }: Recipient): number {
  if (names.length === 0) return 0;
  let mask = bitMask(names, accessRestrictionBits);
  for (const [feature, bit] of featureBits) if (!features.has(feature)) mask &= ~bit;
  return mask;
}

/**
 * Of the serving PLMN, and of the adjacent PLMNs that the node named: not of its own, and where there is something
 * to say [29.272-5.2.1.1.3].
 */
export const writeAccessRestrictions: Writer = (data, { eps, to, isPartial }) => {
  const mask = restrictionMask(restrictionsIn(eps, to.visitedPlmn), to);
  const sent = maskToSend(mask, isPartial);
  if (sent !== undefined) data.accessRestrictionData = sent;
  if (to.adjacentPlmns.length === 0) return;
  const adjacent = to.adjacentPlmns
    .filter((plmn) => plmn !== to.visitedPlmn)
    .map((plmn) => ({ plmn, mask: restrictionMask(restrictionsIn(eps, plmn), to) }))
    .filter(
      ({ plmn, mask: there }) =>
        there !== 0 ||
        isPartial ||
        eps.accessRestrictionsByPlmn?.some((entry) => entry.plmn === plmn) === true,
    );
  if (adjacent.length > 0)
    data.adjacentAccessRestrictionData = adjacent.map(({ plmn, mask: there }) => ({
      visitedPlmnId: plmnOctets(plmn),
      accessRestrictionData: there,
    }));
};

/** Those of the serving PLMN, for a node that supports them [29.272-7.3.52]. */
export const writeZoneCodes: Writer = (data, { eps, to }) => {
  if (!to.features.has('RegSub')) return;
  const codes = eps.regionalSubscriptionZoneCodes?.find(({ plmn }) => plmn === to.visitedPlmn)?.zoneCodes;
  const sent = hexes(codes);
  if (sent !== undefined) data.regionalSubscriptionZoneCode = sent;
};

/** 27 bits; the rest, the least significant ones, is zero [29.272-7.3.79]. */
const CSG_ID_PADDING = 2 ** 5;

/**
 * Those of the registered PLMN. Where the node asks for equivalent PLMNs, theirs too, and each says its PLMN
 * [29.272-5.2.1.1.3].
 */
export const writeCsgs: Writer = (data, { eps, to }) => {
  if (eps.csgSubscriptionData === undefined) return;
  const plmns = [to.visitedPlmn, ...(to.equivalentPlmns ?? [])];
  const csgs = eps.csgSubscriptionData
    .filter(({ plmn }) => plmns.includes(plmn))
    .map(({ plmn, csgId, expirationDate, apns }): CsgSubscriptionData => ({
      csgId: csgId * CSG_ID_PADDING,
      ...(expirationDate === undefined ? {} : { expirationDate: new Date(expirationDate) }),
      ...(apns === undefined ? {} : { serviceSelection: apns }),
      ...(to.equivalentPlmns === undefined ? {} : { visitedPlmnId: plmnOctets(plmn) }),
    }));
  const sent = nonEmpty(csgs);
  if (sent !== undefined) data.csgSubscriptionData = sent;
};
