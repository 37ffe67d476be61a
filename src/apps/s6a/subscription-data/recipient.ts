/** Who gets Subscription-Data: what of the node decides which data it is sent [29.272-5.2.1.1.1]. */
import { sameIdentity } from '../../../diameter/peer/diameter-identity';
import { hasFlag, ULR_FLAGS } from '../flags';
import { isHome, plmnOfHex, type PlmnId } from '../plmn';
import type { DynamicPdnGw, NodeKind, ServingNode, ServingNodes } from '../state/serving-nodes';
import { announcedFeatures } from '../supported-features';

export interface Recipient {
  readonly kind: NodeKind;
  /** An MME and an SGSN in one, which takes the data of both. */
  readonly isCombined: boolean;
  /** Names of the features that the node announced and this HSS supports. */
  readonly features: ReadonlySet<string>;
  readonly visitedPlmn: PlmnId;
  readonly isRoaming: boolean;
  /** It asked for GPRS subscription data [29.272-7.3.7]. */
  readonly wantsGprs: boolean;
  /** It serves short messages, so it gets the data for them. */
  readonly servesSms: boolean;
  /** It asked to be registered for SMS, and is. */
  readonly isRegisteredForSms: boolean;
  /** Undefined where it named none [29.272-7.3.151]. */
  readonly equivalentPlmns: readonly PlmnId[] | undefined;
  readonly adjacentPlmns: readonly PlmnId[];
  readonly pdnGws: readonly DynamicPdnGw[];
}

/** What is stored was checked when it came. */
const storedPlmn = (digits: string): PlmnId => plmnOfHex(digits) ?? '';
const noPlmns: readonly PlmnId[] = [];
const noGateways: readonly DynamicPdnGw[] = [];

/** The node said that it is an MME and an SGSN in one [29.272-5.2.1.1.2]. */
export const isCombinedNode = (kind: NodeKind, node: ServingNode): boolean =>
  hasFlag(node.ulrFlags, ULR_FLAGS.nodeTypeIndicator) ||
  node.coupledNode !== undefined ||
  (kind === 'mme' && node.sgsnNumber !== undefined);

/** MME and SGSN of the IMSI are parts of one combined node [29.272-5.2.1.1.3]. */
export function isOneCombinedNode({ mme, sgsn }: Pick<ServingNodes, 'mme' | 'sgsn'>): boolean {
  if (mme === undefined || sgsn === undefined) return false;
  return (
    sameIdentity(mme.host, sgsn.host) ||
    (mme.sgsnNumber !== undefined && mme.sgsnNumber === sgsn.number) ||
    (mme.coupledNode !== undefined && sameIdentity(mme.coupledNode, sgsn.host)) ||
    (sgsn.coupledNode !== undefined && sameIdentity(sgsn.coupledNode, mme.host))
  );
}

/** What the node of this kind is; it has to be in `nodes`. */
export function recipientOf(
  nodes: ServingNodes,
  kind: NodeKind,
  node: ServingNode,
  homePlmns: ReadonlySet<PlmnId>,
): Recipient {
  const visitedPlmn = storedPlmn(node.visitedPlmnId);
  const isCombined = isCombinedNode(kind, node) || isOneCombinedNode(nodes);
  return {
    kind,
    isCombined,
    features: announcedFeatures(node),
    visitedPlmn,
    isRoaming: !isHome(nodes.imsi, visitedPlmn, homePlmns),
    wantsGprs: hasFlag(node.ulrFlags, ULR_FLAGS.gprsSubscriptionDataIndicator),
    isRegisteredForSms: node.isRegisteredForSms === true,
    servesSms: kind === 'sgsn' || isCombined || node.isRegisteredForSms === true,
    equivalentPlmns: node.equivalentPlmns?.map(storedPlmn),
    adjacentPlmns: node.adjacentPlmns?.map(storedPlmn) ?? noPlmns,
    pdnGws: nodes.pdnGws ?? noGateways,
  };
}
