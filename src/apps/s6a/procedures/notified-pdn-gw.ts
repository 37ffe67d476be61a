/**
 * The P-GW of a Notify-Request: for which APNs it is kept [29.272-5.2.5.1.3]. Pure.
 *
 * Readings: a P-GW without APN and Context-Identifier is "common to all the APNs" (table 5.2.5.1.1/1), so it is kept
 * for each of them that has no static one. Nobody else is told: IDR carries P-GWs that another access allocated
 * [29.272-5.2.2.1.1].
 */
import { apn as apnFormat } from '../../../subscriber/document/eps/fields';
import type { ApnConfiguration, EpsData } from '../../../subscriber/eps';
import type { NotifyRequest } from '../generated/s6a';
import { s6aLimits } from '../limits';
import type { DynamicPdnGw } from '../state/serving-nodes';

/** Emergency-Indication of Emergency-Services, TS 29.273 7.2.3.4. */
const EMERGENCY_INDICATION = 1 << 0;
const WILDCARD = '*';

export type PdnGwOutcome =
  | { readonly ok: true; readonly pdnGws: readonly DynamicPdnGw[] | undefined }
  | { readonly ok: false; readonly check: string };

type PdnGwRequest = Pick<
  NotifyRequest,
  | 'mip6AgentInfo'
  | 'visitedNetworkIdentifier'
  | 'contextIdentifier'
  | 'serviceSelection'
  | 'emergencyServices'
>;

const no = (check: string): PdnGwOutcome => ({ ok: false, check });

/** What is kept with the P-GW of the request; `kept` where it has none. */
export function pdnGwsAfter(
  request: PdnGwRequest,
  kept: readonly DynamicPdnGw[] | undefined,
  eps: Pick<EpsData, 'apnConfigurationProfile'> | undefined,
): PdnGwOutcome {
  if (request.mip6AgentInfo === undefined) return { ok: true, pdnGws: kept };
  const identity = identityOf(request);
  if (identity === null) return no('MIP6-Agent-Info has neither address nor host');
  // [29.272-5.2.5.1.3] "store this information not bound to any specific APN"
  if (((request.emergencyServices ?? 0) & EMERGENCY_INDICATION) !== 0)
    return { ok: true, pdnGws: withPdnGw(kept, { apn: null, ...identity }) };
  const configurations = eps?.apnConfigurationProfile?.apnConfigurations ?? [];
  const { serviceSelection: apn, contextIdentifier } = request;
  if (apn === undefined && contextIdentifier === undefined) {
    const common = configurations.filter((entry) => entry.serviceSelection !== WILDCARD && isDynamic(entry));
    if (common.length === 0) return no('no APN of the subscription has a dynamic P-GW');
    return {
      ok: true,
      pdnGws: common.reduce((all, entry) => withPdnGw(all, pdnGwOf(entry, identity)), kept),
    };
  }
  const named = configurations.find(
    (entry) =>
      entry.serviceSelection !== WILDCARD &&
      (apn === undefined
        ? entry.contextIdentifier === contextIdentifier
        : entry.serviceSelection.toLowerCase() === apn.toLowerCase()),
  );
  if (named !== undefined)
    return isDynamic(named)
      ? { ok: true, pdnGws: withPdnGw(kept, pdnGwOf(named, identity)) }
      : no(`the P-GW of the APN ${named.serviceSelection} is static`);
  const wildcard = configurations.find((entry) => entry.serviceSelection === WILDCARD);
  if (apn === undefined)
    return no(`no APN of the subscription has the Context-Identifier ${contextIdentifier}`);
  if (wildcard === undefined || !apnFormat.safeParse(apn).success)
    return no(`the subscription has neither the APN ${apn} nor a wildcard for it`);
  const pdnGw = { ...pdnGwOf(wildcard, identity), apn: apn.toLowerCase() };
  return { ok: true, pdnGws: bounded(withPdnGw(kept, pdnGw), configurations) };
}

type Identity = Omit<DynamicPdnGw, 'apn' | 'contextIdentifier'>;

function identityOf({ mip6AgentInfo, visitedNetworkIdentifier }: PdnGwRequest): Identity | null {
  const { mipHomeAgentAddress: addresses = [], mipHomeAgentHost: host } = mip6AgentInfo ?? {};
  if (addresses.length === 0 && host === undefined) return null;
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(host === undefined ? {} : { host: host.destinationHost, realm: host.destinationRealm }),
    ...(visitedNetworkIdentifier === undefined
      ? {}
      : { visitedNetworkIdentifier: visitedNetworkIdentifier.toString('hex') }),
  };
}

/** A P-GW that is provisioned is static unless it says otherwise [29.272-7.3.35]. */
const isDynamic = ({ mip6AgentInfo, pdnGwAllocationType }: ApnConfiguration): boolean =>
  mip6AgentInfo === undefined || pdnGwAllocationType === 'dynamic';

const pdnGwOf = (
  { serviceSelection, contextIdentifier }: ApnConfiguration,
  identity: Identity,
): DynamicPdnGw => ({ apn: serviceSelection.toLowerCase(), contextIdentifier, ...identity });

/** The newest is the last. */
const withPdnGw = (kept: readonly DynamicPdnGw[] = [], pdnGw: DynamicPdnGw): readonly DynamicPdnGw[] => [
  ...kept.filter(({ apn }) => apn !== pdnGw.apn),
  pdnGw,
];

/** A node can make up names of APNs, and one row has to hold them. */
function bounded(
  pdnGws: readonly DynamicPdnGw[],
  configurations: readonly ApnConfiguration[],
): readonly DynamicPdnGw[] {
  const own = new Set(configurations.map(({ serviceSelection }) => serviceSelection.toLowerCase()));
  const others = pdnGws.filter(({ apn }) => apn !== null && !own.has(apn));
  const oldest = new Set(others.slice(0, Math.max(0, others.length - s6aLimits.wildcardPdnGwsCount)));
  return pdnGws.filter((pdnGw) => !oldest.has(pdnGw));
}
