/**
 * What an Update-Location-Request makes of the serving nodes of an IMSI, and which nodes lose it
 * [29.272-5.2.1.1.3]. Pure.
 */
import { sameIdentity } from '../../../diameter/peer/diameter-identity';
import { VENDOR_3GPP } from '../../../diameter/generated/base';
import type { OutboxEntry } from '../../../state/ports';
import type { EpsData } from '../../../subscriber/eps';
import { hasFlag, ULR_FLAGS } from '../flags';
import {
  HomogeneousSupportOfImsVoiceOverPsSessions,
  SmsRegisterRequest,
  type ActiveApn,
  type Mip6AgentInfo,
  type UpdateLocationRequest,
} from '../generated/s6a';
import { cancelLocation, type CancellationTypeName } from '../outgoing/payloads';
import type { DynamicPdnGw, NodeKind, ServingNode, ServingNodes, Terminal } from '../state/serving-nodes';
import type { Writable } from '../subscription-data/writing';

type Request = UpdateLocationRequest;

/** Over which interface it came: "the source node is an MME" or an SGSN [29.272-7.3.7]. */
export const kindOf = ({ ulrFlags }: Request): NodeKind =>
  hasFlag(ulrFlags, ULR_FLAGS.s6aS6dIndicator) ? 'mme' : 'sgsn';

export const otherKind = (kind: NodeKind): NodeKind => (kind === 'mme' ? 'sgsn' : 'mme');

/** Masks of the two feature lists; null where the node names none [29.272-7.3.10]. */
function featuresOf({ supportedFeatures }: Request): ServingNode['features'] {
  let named: { 1: number; 2: number } | null = null;
  for (const { vendorId, featureListId, featureList } of supportedFeatures ?? []) {
    if (vendorId !== VENDOR_3GPP || (featureListId !== 1 && featureListId !== 2)) continue;
    named ??= { 1: 0, 2: 0 };
    named[featureListId] = featureList;
  }
  return named;
}

const hexList = (octets: readonly Buffer[]): readonly string[] =>
  octets.map((entry) => entry.toString('hex'));

/**
 * "SMS in MME is accepted" [29.272-5.2.1.1.3]: the MME asks for it, prefers it or does not mind, and the subscriber
 * may. An MME asks where it is not registered yet, so one that says nothing stays what it is, but for a new attach.
 */
function isRegisteredForSms(
  request: Request,
  kind: NodeKind,
  features: ReadonlySet<string>,
  eps: EpsData,
  previous: ServingNode | undefined,
): boolean {
  const { smsRegisterRequest, mmeNumberForMtSms, ulrFlags } = request;
  const isSmsOnly = hasFlag(ulrFlags, ULR_FLAGS.smsOnlyIndication);
  const asks =
    isSmsOnly ||
    (smsRegisterRequest !== undefined &&
      smsRegisterRequest !== SmsRegisterRequest.SMS_REGISTRATION_NOT_PREFERRED);
  if (kind === 'sgsn')
    return (
      asks && features.has('SMS in SGSN') && eps.subscriptionDataFlags?.includes('smsInSgsnAllowed') === true
    );
  if (!features.has('SMS in MME') || eps.smsInMmeAllowed === false) return false;
  if (asks) return mmeNumberForMtSms !== undefined;
  return (
    smsRegisterRequest === undefined &&
    !hasFlag(ulrFlags, ULR_FLAGS.initialAttachIndicator) &&
    previous?.isRegisteredForSms === true
  );
}

export interface Registration {
  readonly request: Request;
  readonly kind: NodeKind;
  /** Common features by name. */
  readonly features: ReadonlySet<string>;
  readonly eps: EpsData;
  readonly nowMs: number;
  readonly before: ServingNodes;
}

/**
 * The node as it registers. Nothing of the past is kept: purge flag, last location, area restriction and the wish to
 * hear when the UE is reachable end here. `sinceMs` is when the UE came to this node.
 */
export function registeredNode({ request, kind, features, eps, nowMs, before }: Registration): ServingNode {
  const known = before[kind];
  const isSame = known !== undefined && sameIdentity(known.host, request.originHost);
  const previous = isSame ? known : undefined;
  const node: Writable<ServingNode> = {
    host: request.originHost,
    realm: request.originRealm,
    visitedPlmnId: request.visitedPlmnId.toString('hex'),
    sinceMs: previous === undefined || previous.isPurged ? nowMs : previous.sinceMs,
    ulrFlags: request.ulrFlags,
    ratType: request.ratType,
    features: featuresOf(request),
    isPurged: false,
  };
  const isForSms = isRegisteredForSms(request, kind, features, eps, previous);
  const smsNumber = request.mmeNumberForMtSms?.toString('hex') ?? (isForSms ? previous?.number : undefined);
  const number = kind === 'sgsn' ? request.sgsnNumber?.toString('hex') : smsNumber;
  if (number !== undefined) node.number = number;
  if (kind === 'mme' && request.sgsnNumber !== undefined)
    node.sgsnNumber = request.sgsnNumber.toString('hex');
  if (isForSms) node.isRegisteredForSms = true;
  if (request.coupledNodeDiameterId !== undefined) node.coupledNode = request.coupledNodeDiameterId;
  if (request.sgsMmeIdentity !== undefined) node.sgsMmeIdentity = request.sgsMmeIdentity;
  if (request.gmlcAddress !== undefined) node.gmlcAddress = request.gmlcAddress;
  if (request.ueSrvccCapability !== undefined) node.ueSrvccCapability = request.ueSrvccCapability;
  const voice = request.homogeneousSupportOfImsVoiceOverPsSessions;
  if (voice !== undefined)
    node.homogeneousImsVoice =
      voice === HomogeneousSupportOfImsVoiceOverPsSessions.SUPPORTED ? 'supported' : 'notSupported';
  if (request.equivalentPlmnList !== undefined)
    node.equivalentPlmns = hexList(request.equivalentPlmnList.visitedPlmnId);
  if (request.adjacentPlmns !== undefined) node.adjacentPlmns = hexList(request.adjacentPlmns.visitedPlmnId);
  return node;
}

const IMEI_DIGITS = 14;

/** "if a 15th digit of the IMEI AVP is received, the HSS may discard the digit" [29.272-5.2.1.1.3] */
function terminalOf({ request, nowMs, before }: Registration): Terminal | undefined {
  const { imei, softwareVersion } = request.terminalInformation ?? {};
  if (imei === undefined) return before.terminal;
  const digits = imei.slice(0, IMEI_DIGITS);
  if (before.terminal?.imei === digits && before.terminal.softwareVersion === softwareVersion)
    return before.terminal;
  return { imei: digits, ...(softwareVersion === undefined ? {} : { softwareVersion }), atMs: nowMs };
}

const gateway = (
  apn: string,
  contextIdentifier: number,
  { mipHomeAgentAddress, mipHomeAgentHost }: Mip6AgentInfo,
  visitedNetworkIdentifier: Buffer | undefined,
): DynamicPdnGw => ({
  apn: apn.toLowerCase(),
  contextIdentifier,
  ...(mipHomeAgentAddress === undefined ? {} : { addresses: mipHomeAgentAddress }),
  ...(mipHomeAgentHost === undefined
    ? {}
    : { host: mipHomeAgentHost.destinationHost, realm: mipHomeAgentHost.destinationRealm }),
  ...(visitedNetworkIdentifier === undefined
    ? {}
    : { visitedNetworkIdentifier: visitedNetworkIdentifier.toString('hex') }),
});

/** One of an explicit APN, several of the wildcard APN [29.272-7.3.127]. */
function gatewaysOf(active: ActiveApn, { apnConfigurationProfile }: EpsData): DynamicPdnGw[] {
  const { contextIdentifier, mip6AgentInfo, specificApnInfo = [] } = active;
  const found = specificApnInfo.map((info) =>
    gateway(info.serviceSelection, contextIdentifier, info.mip6AgentInfo, info.visitedNetworkIdentifier),
  );
  const apn =
    active.serviceSelection ??
    apnConfigurationProfile?.apnConfigurations.find((entry) => entry.contextIdentifier === contextIdentifier)
      ?.serviceSelection;
  if (mip6AgentInfo !== undefined && apn !== undefined && apn !== '*')
    found.push(gateway(apn, contextIdentifier, mip6AgentInfo, active.visitedNetworkIdentifier));
  return found;
}

/**
 * "delete all the stored dynamic PDN GW information [...] and then replace them" [29.272-5.2.1.1.3]; that of
 * emergency connections is of no APN and stays.
 */
function pdnGwsOf({ request, eps, before }: Registration): readonly DynamicPdnGw[] | undefined {
  const { activeApn = [] } = request;
  if (activeApn.length === 0) return before.pdnGws;
  const emergency = before.pdnGws?.filter(({ apn }) => apn === null) ?? [];
  return [...activeApn.flatMap((active) => gatewaysOf(active, eps)), ...emergency];
}

interface Cancelled {
  readonly kind: NodeKind;
  readonly node: ServingNode;
  readonly cancellationType: CancellationTypeName;
}

/** Nodes whose record of the subscriber ends [29.272-5.2.1.1.3]. */
function cancelledNodes({ request, kind, before }: Registration): Cancelled[] {
  const cancelled: Cancelled[] = [];
  const previous = before[kind];
  if (previous !== undefined && !sameIdentity(previous.host, request.originHost))
    cancelled.push({
      kind,
      node: previous,
      cancellationType: kind === 'mme' ? 'MME_UPDATE_PROCEDURE' : 'SGSN_UPDATE_PROCEDURE',
    });
  const other = before[otherKind(kind)];
  if (other === undefined) return cancelled;
  if (kind === 'mme' && hasFlag(request.ulrFlags, ULR_FLAGS.singleRegistrationIndication))
    cancelled.push({ kind: 'sgsn', node: other, cancellationType: 'SGSN_UPDATE_PROCEDURE' });
  else if (hasFlag(request.ulrFlags, ULR_FLAGS.initialAttachIndicator))
    cancelled.push({
      kind: otherKind(kind),
      node: other,
      cancellationType: 'INITIAL_ATTACH_PROCEDURE',
    });
  return cancelled;
}

export interface Registered {
  readonly nodes: ServingNodes;
  readonly outbox: readonly OutboxEntry[];
}

/** Everything of the IMSI with this node. A node that is told to forget the subscriber serves him no longer. */
export function register(registration: Registration, node: ServingNode): Registered {
  const { before, kind } = registration;
  const { imsi } = before;
  const cancelled = cancelledNodes(registration);
  const other = otherKind(kind);
  const isOtherGone = cancelled.some((entry) => entry.kind === other);
  const mme = kind === 'mme' ? node : isOtherGone ? undefined : before.mme;
  const sgsn = kind === 'sgsn' ? node : isOtherGone ? undefined : before.sgsn;
  const terminal = terminalOf(registration);
  const pdnGws = pdnGwsOf(registration);
  return {
    nodes: {
      imsi,
      ...(mme === undefined ? {} : { mme }),
      ...(sgsn === undefined ? {} : { sgsn }),
      ...(terminal === undefined ? {} : { terminal }),
      ...(pdnGws === undefined ? {} : { pdnGws }),
    },
    outbox: cancelled.map((entry) =>
      cancelLocation(entry.node, {
        imsi,
        kind: entry.kind,
        cancellationType: entry.cancellationType,
      }),
    ),
  };
}
