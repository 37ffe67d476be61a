/**
 * Whether a subscriber may be served where he is [29.272-5.2.1.1.3]: subscription, RAT, core network, roaming and
 * barring, in the order of the clause. Pure.
 */
import { operatorDeterminedBarringBits, type AccessRestriction, type EpsData } from '../../../subscriber/eps';
import { ErrorDiagnostic, ExperimentalResultCode, RatType } from '../generated/s6a';
import type { PlmnId } from '../plmn';
import { selectApns } from '../subscription-data/apn-selection';
import type { Recipient } from '../subscription-data/recipient';
import { barringFeatures, restrictionsIn } from '../subscription-data/restrictions';

/** Why an update location is refused. */
export interface AccessRefusal {
  readonly code: ExperimentalResultCode;
  readonly check: string;
  readonly errorDiagnostic?: ErrorDiagnostic;
}

interface Settings {
  readonly homePlmns: ReadonlySet<PlmnId>;
  readonly refuseUnsupportedBarring: boolean;
}

const hasGprs = ({ gprsSubscriptionData }: EpsData): boolean =>
  gprsSubscriptionData !== undefined && gprsSubscriptionData.length > 0;

const unknownEps = (check: string, eps: EpsData | undefined): AccessRefusal => ({
  code: ExperimentalResultCode.DIAMETER_ERROR_UNKNOWN_EPS_SUBSCRIPTION,
  check,
  errorDiagnostic:
    eps !== undefined && hasGprs(eps)
      ? ErrorDiagnostic.GPRS_DATA_SUBSCRIBED
      : ErrorDiagnostic.NO_GPRS_DATA_SUBSCRIBED,
});

const roamingNotAllowed = (check: string, errorDiagnostic?: ErrorDiagnostic): AccessRefusal => ({
  code: ExperimentalResultCode.DIAMETER_ERROR_ROAMING_NOT_ALLOWED,
  check,
  ...(errorDiagnostic === undefined ? {} : { errorDiagnostic }),
});

/** "the subscriber has not any APN configuration", or none that the node supports [29.272-5.2.1.1.3]. */
export function checkSubscription(
  eps: EpsData | undefined,
  { kind, ...place }: Pick<Recipient, 'kind' | 'features' | 'isRoaming' | 'visitedPlmn'>,
): AccessRefusal | null {
  const profile = eps?.apnConfigurationProfile;
  if (eps !== undefined && kind === 'sgsn' && hasGprs(eps)) return null;
  if (eps === undefined || profile === undefined)
    return unknownEps(
      kind === 'mme'
        ? 'the subscriber has no APN configuration'
        : 'the subscriber has neither an APN configuration nor GPRS data',
      eps,
    );
  return selectApns(profile, eps, place) === 'unsupported'
    ? unknownEps('the node supports the PDN type of none of the APN configurations', eps)
    : null;
}

/** What forbids each RAT; LTE-M is a part of WB-E-UTRAN [29.272-7.3.31 note 2]. */
const ratRestrictions: Readonly<Record<number, readonly AccessRestriction[]>> = {
  [RatType.UTRAN]: ['utranNotAllowed'],
  [RatType.GERAN]: ['geranNotAllowed'],
  [RatType.GAN]: ['ganNotAllowed'],
  [RatType.HSPA_EVOLUTION]: ['iHspaEvolutionNotAllowed'],
  [RatType.EUTRAN]: ['wbEutranNotAllowed', 'wbEutranExceptLteMNotAllowed'],
  [RatType.EUTRAN_NB_IoT]: ['nbIotNotAllowed'],
  [RatType.LTE_M]: ['wbEutranNotAllowed', 'lteMNotAllowed'],
  [RatType.EUTRAN_LEO]: ['wbEutranLeoNotAllowed'],
  [RatType.EUTRAN_MEO]: ['wbEutranMeoNotAllowed'],
  [RatType.EUTRAN_GEO]: ['wbEutranGeoNotAllowed'],
  [RatType.EUTRAN_OTHERSAT]: ['wbEutranOtherSatNotAllowed'],
  [RatType.EUTRAN_NB_IoT_LEO]: ['nbIotLeoNotAllowed'],
  [RatType.EUTRAN_NB_IoT_MEO]: ['nbIotMeoNotAllowed'],
  [RatType.EUTRAN_NB_IoT_GEO]: ['nbIotGeoNotAllowed'],
  [RatType.EUTRAN_NB_IoT_OTHERSAT]: ['nbIotOtherSatNotAllowed'],
  [RatType.LTE_M_LEO]: ['lteMLeoNotAllowed'],
  [RatType.LTE_M_MEO]: ['lteMMeoNotAllowed'],
  [RatType.LTE_M_GEO]: ['lteMGeoNotAllowed'],
  [RatType.LTE_M_OTHERSAT]: ['lteMOtherSatNotAllowed'],
};

/** "whether the RAT type the UE is using is allowed for the subscriber in the serving PLMN" [29.272-5.2.1.1.3] */
function checkRat(eps: EpsData, ratType: number, plmn: PlmnId): AccessRefusal | null {
  const restrictions = restrictionsIn(eps, plmn);
  if (restrictions.length === 0) return null;
  const reason = ratRestrictions[ratType]?.find((name) => restrictions.includes(name));
  return reason === undefined
    ? null
    : {
        code: ExperimentalResultCode.DIAMETER_ERROR_RAT_NOT_ALLOWED,
        check: `RAT-Type ${ratType} is not allowed in ${plmn} (${reason})`,
      };
}

const MCC_DIGITS = 3;

/** The networks are those of the document; home is allowed unless it is forbidden [29.272-5.2.1.1.3]. */
function checkRoaming(
  imsi: string,
  eps: EpsData,
  to: Pick<Recipient, 'features' | 'isRoaming' | 'visitedPlmn'>,
  { homePlmns }: Settings,
): AccessRefusal | null {
  const { isRoaming, visitedPlmn } = to;
  if (eps.forbiddenVisitedNetworks?.includes(visitedPlmn) === true)
    return roamingNotAllowed(`${visitedPlmn} is one of forbiddenVisitedNetworks`);
  if (!isRoaming) return null;
  if (eps.roamingBarring === 'outsideHplmn') return roamingNotAllowed('roaming is barred (outsideHplmn)');
  if (eps.roamingBarring === 'outsideHplmnCountry') {
    const country = visitedPlmn.slice(0, MCC_DIGITS);
    const isHomeCountry = imsi.startsWith(country) || [...homePlmns].some((plmn) => plmn.startsWith(country));
    if (!isHomeCountry) return roamingNotAllowed('roaming is barred (outsideHplmnCountry)');
  }
  const { allowedVisitedNetworks: allowed, apnConfigurationProfile: profile } = eps;
  if (allowed !== null && !allowed.some(({ plmn }) => plmn === visitedPlmn))
    return roamingNotAllowed(`${visitedPlmn} is none of allowedVisitedNetworks`);
  return profile !== undefined && selectApns(profile, eps, to) === 'notAllowedHere'
    ? roamingNotAllowed(`the default APN is none of the APNs that are allowed in ${visitedPlmn}`)
    : null;
}

/** At the position of their bits; only these have a diagnostic [29.272-7.3.128]. */
const barringDiagnostics = [
  ErrorDiagnostic.ODB_ALL_APN,
  ErrorDiagnostic.ODB_HPLMN_APN,
  ErrorDiagnostic.ODB_VPLMN_APN,
] as const;
const ALL_APN_BIT = 0;
const LAST_APN_BIT = 2;

/**
 * "due to the MME or SGSN not supporting a certain ODB category" [29.272-5.2.1.1.3]. Barring of the access points of
 * HPLMN and VPLMN concerns roamers, barring of calls a node that serves short messages.
 */
function checkBarring(
  { operatorDeterminedBarring: barred }: EpsData,
  { features, isRoaming, servesSms }: Recipient,
): AccessRefusal | null {
  if (barred === undefined) return null;
  for (const name of barred) {
    const bit = operatorDeterminedBarringBits.indexOf(name);
    const feature = barringFeatures[bit];
    if (feature === undefined || features.has(feature)) continue;
    if (bit === ALL_APN_BIT || (bit <= LAST_APN_BIT ? isRoaming : servesSms))
      return roamingNotAllowed(
        `the node does not support the barring ${name} (${feature})`,
        barringDiagnostics[bit],
      );
  }
  return null;
}

/**
 * After the subscription. Access to EPC cannot be restricted: the bit of Core-Network-Restrictions for it is reserved
 * [29.272-7.3.230].
 */
export const checkAccess = (
  imsi: string,
  eps: EpsData,
  ratType: number,
  to: Recipient,
  settings: Settings,
): AccessRefusal | null =>
  checkRat(eps, ratType, to.visitedPlmn) ??
  checkRoaming(imsi, eps, to, settings) ??
  (settings.refuseUnsupportedBarring ? checkBarring(eps, to) : null);
