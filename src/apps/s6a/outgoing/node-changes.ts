/** What answers change of the node that serves an IMSI [29.272-5.2.2.1.3] [29.272-5.2.2.2.3]. */
import type { ModuleChange } from '../../../state/module';
import { effectiveEps } from '../../../subscriber/eps';
import { findUsim } from '../../../subscriber/subscription';
import { hasFlag, NETWORK_NODE_AREA_RESTRICTED } from '../flags';
import type { InsertSubscriberDataAnswer } from '../generated/s6a';
import type { S6aSettings } from '../settings';
import {
  servingNodesChange,
  type NodeKind,
  type ReportedData,
  type ServingNode,
  type ServingNodes,
} from '../state/serving-nodes';
import { dataHash } from '../subscription-data/data-hash';
import { recipientOf } from '../subscription-data/recipient';
import { subscriptionData } from '../subscription-data/subscription-data';
import { EPS_LOCATION_INFORMATION, keptAvp } from '../kept-avps';
import type { NodeReading } from './answers';
import type { Subject } from './subject';

/** AVP codes [29.272-7.3.110] [29.272-7.3.156]. */
const EPS_USER_STATE = 1495;
const LOCAL_TIME_ZONE = 1649;

/** The IMSI with this node in its place; null forgets the node. */
export function withNode(nodes: ServingNodes, kind: NodeKind, node: ServingNode | null): ServingNodes {
  const { [kind]: _before, ...others } = nodes;
  return node === null ? others : { ...others, [kind]: node };
}

/** The change of state that this is; none where nothing changes. */
export function nodeChanges(
  { snapshot, nodes, node }: Subject,
  kind: NodeKind,
  after: ServingNode | null,
): readonly ModuleChange[] {
  if (snapshot === null || nodes === null || after === node) return [];
  if (JSON.stringify(after) === JSON.stringify(node)) return [];
  return [servingNodesChange(snapshot, withNode(nodes, kind, after))];
}

/** "the HSS shall set the SGSN area restricted flag" [29.272-5.2.2.1.3]; nodes other than SGSNs do not set it. */
export const areaRestriction = (
  kind: NodeKind,
  flags: number | undefined,
): Pick<ServingNode, 'isAreaRestricted'> =>
  kind === 'sgsn' && hasFlag(flags, NETWORK_NODE_AREA_RESTRICTED) ? { isAreaRestricted: true } : {};

/**
 * The hash of the data that the node has by now. Requests of one subscription reach a node in their order, so each
 * that succeeds brings it nearer to the present document, and one that fails takes the hash away: the next update
 * location brings all. Without a hash nobody knows what else is missing, so none is made.
 */
export function sentDataHash(
  { snapshot, nodes, node }: Subject,
  kind: NodeKind,
  { homePlmns }: S6aSettings,
): string | undefined {
  if (snapshot === null || nodes === null || node?.sentDataHash === undefined) return undefined;
  const usim = findUsim(snapshot.subscription, nodes.imsi);
  const eps = usim === undefined ? undefined : effectiveEps(usim, snapshot.shared);
  if (usim === undefined || eps === undefined) return undefined;
  return dataHash(subscriptionData(usim, eps, recipientOf(nodes, kind, node, homePlmns)));
}

/** The node with another hash, or without. */
export function withHash(node: ServingNode, hash: string | undefined): ServingNode {
  const { sentDataHash: _before, ...rest } = node;
  return hash === undefined ? rest : { ...rest, sentDataHash: hash };
}

type Reported = Partial<
  Pick<InsertSubscriberDataAnswer, 'ratType' | 'imsVoiceOverPsSessionsSupported' | 'lastUeActivityTime'>
>;

/** What the answer tells of the UE, over what was told before [29.272-5.2.2.1.1]. */
export function reportedAfter(
  before: ReportedData | undefined,
  { avps, bytes }: NonNullable<NodeReading['answer']>,
  nowMs: number,
): ReportedData | undefined {
  const { ratType, imsVoiceOverPsSessionsSupported, lastUeActivityTime } = avps as Reported;
  const told = {
    epsLocationInformation: keptAvp(bytes, EPS_LOCATION_INFORMATION),
    epsUserState: keptAvp(bytes, EPS_USER_STATE),
    localTimeZone: keptAvp(bytes, LOCAL_TIME_ZONE),
    ratType,
    imsVoiceOverPsSessionsSupported,
    lastUeActivityMs: lastUeActivityTime?.getTime(),
  };
  const known = Object.entries(told).filter(([, value]) => value !== undefined && value !== null);
  return known.length === 0 ? before : { ...before, ...Object.fromEntries(known), atMs: nowMs };
}
