/** The EPS data that count for a USIM: its own before those of the EPS profile that it names. */
import type { EpsProfile, UsimEps } from './document/eps/eps-data';
import type { SharedData, StoredUsim } from './subscription';

type AllowedNetworks = Exclude<UsimEps['allowedVisitedNetworks'], 'all' | undefined>;

/** Name of the profile gone: it is merged. */
export type EpsData = Omit<UsimEps, 'profile' | 'allowedVisitedNetworks'> & {
  /** null is every network. */
  readonly allowedVisitedNetworks: AllowedNetworks | null;
};

const noProfile = Object.freeze({});
const merged = new WeakMap<UsimEps, WeakMap<object, EpsData>>();

function merge(own: UsimEps, common: Partial<EpsProfile>): EpsData {
  const { profile: _profile, ...properties } = own;
  const { name: _name, ...shared } = common;
  const data = { ...shared, ...properties };
  const allowed = data.allowedVisitedNetworks;
  return { ...data, allowedVisitedNetworks: allowed === undefined || allowed === 'all' ? null : allowed };
}

/**
 * Undefined where the USIM has no EPS subscription. The same object for the same USIM and profile, so whatever is
 * derived from it can be kept by its identity.
 */
export function effectiveEps(
  { eps }: Pick<StoredUsim, 'eps'>,
  { epsProfiles }: Pick<SharedData, 'epsProfiles'>,
): EpsData | undefined {
  if (eps === undefined) return undefined;
  const profile = (eps.profile === undefined ? undefined : epsProfiles.get(eps.profile)) ?? noProfile;
  let byProfile = merged.get(eps);
  if (byProfile === undefined) merged.set(eps, (byProfile = new WeakMap()));
  let data = byProfile.get(profile);
  if (data === undefined) byProfile.set(profile, (data = merge(eps, profile)));
  return data;
}

/** Subscriber-Status: whether the operator bars anything [29.272-7.3.29]. */
export const isBarredByOperator = ({
  operatorDeterminedBarring = [],
  hplmnOdb = [],
}: Pick<EpsData, 'operatorDeterminedBarring' | 'hplmnOdb'>): boolean =>
  operatorDeterminedBarring.length + hplmnOdb.length > 0;

export * from './document/eps/bits';
export * from './document/eps/apn-configuration';
export { epsProfile, networkAccessModes, usimEps } from './document/eps/eps-data';
export type { EpsProfile, UsimEps } from './document/eps/eps-data';
export { pdpTypes, type PdpContext } from './document/eps/gprs';
export { roamingBarrings } from './document/eps/roaming';
export { operationModes, ratTypes, type OperationMode, type RatType } from './document/eps/services';
export { gmlcRestrictions, notificationsToUeUser, plmnClients } from './document/eps/supplementary';
export { traceDepths } from './document/eps/trace';
