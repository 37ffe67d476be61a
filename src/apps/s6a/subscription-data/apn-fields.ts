/** Parts that an APN configuration and a PDP context have in common, and P-GWs. */
import {
  lipaPermissions,
  nonIpDataDeliveryMechanisms,
  type ApnConfiguration,
  type EpsData,
  type PdpContext,
} from '../../../subscriber/eps';
import {
  SiptoPermission,
  VplmnDynamicAddressAllowed,
  type Ambr,
  type LipaPermission,
  type Mip6AgentInfo,
} from '../generated/s6a';
import type { DynamicPdnGw } from '../state/serving-nodes';
import { hex, type Writable } from './writing';

const LARGEST = 0xffff_ffff;
const BITS_PER_KILOBIT = 1_000;

/**
 * Bits per second up to 4294967295; above, that and the rate in kbit/s [29.272-7.3.41]. The extended AVPs came with
 * NR as secondary RAT, so only nodes with that feature get them [29.272-7.3.10.1]: others have the largest value.
 */
export function ambrAvps(
  { uplinkBitsPerSecond: up, downlinkBitsPerSecond: down }: NonNullable<EpsData['ambr']>,
  features: ReadonlySet<string>,
): Ambr {
  const isExtended = (up > LARGEST || down > LARGEST) && features.has('NR as Secondary RAT');
  return {
    maxRequestedBandwidthUl: Math.min(up, LARGEST),
    maxRequestedBandwidthDl: Math.min(down, LARGEST),
    ...(isExtended && up > LARGEST ? { extendedMaxRequestedBwUl: up / BITS_PER_KILOBIT } : {}),
    ...(isExtended && down > LARGEST ? { extendedMaxRequestedBwDl: down / BITS_PER_KILOBIT } : {}),
  };
}

export const mip6AgentInfoAvps = ({
  addresses,
  host,
  realm,
}: NonNullable<ApnConfiguration['mip6AgentInfo']> | DynamicPdnGw): Mip6AgentInfo => ({
  ...(addresses === undefined || addresses.length === 0 ? {} : { mipHomeAgentAddress: addresses }),
  ...(host === undefined || realm === undefined
    ? {}
    : { mipHomeAgentHost: { destinationRealm: realm, destinationHost: host } }),
});

/** mnc<MNC>.mcc<MCC>.3gppnetwork.org, each of 3 digits [29.272-7.3.105]. */
export const networkIdentifier = (plmn: string): Buffer =>
  Buffer.from(`mnc${plmn.slice(3).padStart(3, '0')}.mcc${plmn.slice(0, 3)}.3gppnetwork.org`);

/** The visited network of a dynamic P-GW, where it is known. */
export const visitedNetworkOf = ({
  visitedNetworkIdentifier,
}: DynamicPdnGw): { visitedNetworkIdentifier?: Buffer } =>
  visitedNetworkIdentifier === undefined ? {} : { visitedNetworkIdentifier: hex(visitedNetworkIdentifier) };

interface Common {
  readonly vplmnDynamicAddressAllowed?: VplmnDynamicAddressAllowed;
  readonly avp3gppChargingCharacteristics?: string;
  readonly apnOiReplacement?: string;
  readonly siptoPermission?: SiptoPermission;
  readonly lipaPermission?: LipaPermission;
  readonly restorationPriority?: number;
  readonly siptoLocalNetworkPermission?: number;
  readonly nonIpDataDeliveryMechanism?: number;
  readonly scefId?: string;
}

const LOCAL_NETWORK_ALLOWED = 0;
const LOCAL_NETWORK_NOT_ALLOWED = 1;

/** [29.272-7.3.35] [29.272-7.3.74] */
export function commonAvps(entry: ApnConfiguration | PdpContext): Common {
  const avps: Writable<Common> = {};
  if (entry.vplmnDynamicAddressAllowed !== undefined)
    avps.vplmnDynamicAddressAllowed = entry.vplmnDynamicAddressAllowed
      ? VplmnDynamicAddressAllowed.ALLOWED
      : VplmnDynamicAddressAllowed.NOTALLOWED;
  if (entry.chargingCharacteristics !== undefined)
    avps.avp3gppChargingCharacteristics = entry.chargingCharacteristics;
  if (entry.apnOiReplacement !== undefined) avps.apnOiReplacement = entry.apnOiReplacement;
  if (entry.siptoAllowed !== undefined)
    avps.siptoPermission = entry.siptoAllowed
      ? SiptoPermission.SIPTO_above_RAN_ALLOWED
      : SiptoPermission.SIPTO_above_RAN_NOTALLOWED;
  if (entry.lipaPermission !== undefined)
    avps.lipaPermission = lipaPermissions.indexOf(entry.lipaPermission) as LipaPermission;
  if (entry.restorationPriority !== undefined) avps.restorationPriority = entry.restorationPriority;
  if (entry.siptoAtLocalNetworkAllowed !== undefined)
    avps.siptoLocalNetworkPermission = entry.siptoAtLocalNetworkAllowed
      ? LOCAL_NETWORK_ALLOWED
      : LOCAL_NETWORK_NOT_ALLOWED;
  if (entry.nonIpDataDeliveryMechanism !== undefined)
    avps.nonIpDataDeliveryMechanism = nonIpDataDeliveryMechanisms.indexOf(entry.nonIpDataDeliveryMechanism);
  if (entry.scefId !== undefined) avps.scefId = entry.scefId;
  return avps;
}
