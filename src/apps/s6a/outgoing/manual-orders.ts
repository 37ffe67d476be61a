/** CLR and IDR that an operator asks for, about an IMSI as it is served now [29.272-5.2.1.2.3] [29.272-5.2.2.1.3]. Pure. */
import { sameIdentity } from '../../../diameter/peer/diameter-identity';
import type { OutboxEntry } from '../../../state/ports';
import type { EpsData } from '../../../subscriber/eps';
import { IDR_FLAGS } from '../flags';
import type { NodeKind, ServingNode, ServingNodes } from '../state/serving-nodes';
import { withNode } from './node-changes';
import { missingFeatures } from './node-features';
import { cancelLocation, insertSubscriberData, type CancellationTypeName, type EpsPart } from './payloads';

/** [29.272-7.3.24] as the API and the command line name them. */
export const cancellationTypes = {
  subscriptionWithdrawal: 'SUBSCRIPTION_WITHDRAWAL',
  mmeUpdateProcedure: 'MME_UPDATE_PROCEDURE',
  sgsnUpdateProcedure: 'SGSN_UPDATE_PROCEDURE',
  initialAttachProcedure: 'INITIAL_ATTACH_PROCEDURE',
} as const satisfies Readonly<Record<string, CancellationTypeName>>;
export type CancellationName = keyof typeof cancellationTypes;

/** [29.272-7.3.103] Two bits are "used only in combination with the EPS Location Information Request bit". */
export const updateFlags = {
  location: IDR_FLAGS.epsLocationInformationRequest,
  userState: IDR_FLAGS.epsUserStateRequest,
  currentLocation: IDR_FLAGS.currentLocationRequest | IDR_FLAGS.epsLocationInformationRequest,
  ratType: IDR_FLAGS.ratTypeRequested | IDR_FLAGS.epsLocationInformationRequest,
  tAds: IDR_FLAGS.tAdsDataRequest,
  reachability: IDR_FLAGS.ueReachabilityRequest,
  localTimeZone: IDR_FLAGS.localTimeZoneRequest,
  pCscfRestoration: IDR_FLAGS.pCscfRestorationRequest,
  removeSmsRegistration: IDR_FLAGS.removeSmsRegistration,
} as const;
export type UpdateFlag = keyof typeof updateFlags;

export interface CancellationOrder {
  /** One of the nodes only. */
  readonly node?: NodeKind | undefined;
  readonly type?: CancellationName | undefined;
  readonly reattach?: boolean | undefined;
}

export interface UpdateOrder {
  readonly node?: NodeKind | undefined;
  readonly flags?: readonly UpdateFlag[] | undefined;
  /** All of Subscription-Data. */
  readonly data?: boolean | undefined;
}

/** What to write, or why nothing is sent, in words. */
export type ManualOrder =
  | { readonly ok: true; readonly entries: readonly OutboxEntry[]; readonly nodes: ServingNodes }
  | { readonly ok: false; readonly reason: string };

const refused = (reason: string): ManualOrder => ({ ok: false, reason });

type Served = readonly [kind: NodeKind, node: ServingNode];
const kindNames: Readonly<Record<NodeKind, string>> = { mme: 'MME', sgsn: 'SGSN' };

const isOneNode = ({ mme, sgsn }: ServingNodes): boolean =>
  mme !== undefined && sgsn !== undefined && sameIdentity(mme.host, sgsn.host);

/** The nodes that are meant and have a record of the IMSI; a combined node with one name is asked once. */
function meant(nodes: ServingNodes, only: NodeKind | undefined): readonly Served[] {
  const all: Served[] = [];
  for (const kind of ['mme', 'sgsn'] as const) {
    const node = nodes[kind];
    if (node !== undefined && !node.isPurged && (only === undefined || only === kind)) all.push([kind, node]);
  }
  return all.length === 2 && isOneNode(nodes) ? all.slice(0, 1) : all;
}

const nobody = (only: NodeKind | undefined): ManualOrder =>
  refused(
    `the IMSI is registered at no ${only === undefined ? 'MME or SGSN' : kindNames[only]}, or purged there`,
  );

/**
 * The node is forgotten with the order, as it is with a change of the node; an initial attach procedure leaves the
 * record where it is [29.272-5.2.1.2.2].
 */
export function manualCancellation(
  nodes: ServingNodes,
  { node: only, type = 'subscriptionWithdrawal', reattach }: CancellationOrder,
): ManualOrder {
  const served = meant(nodes, only);
  if (served.length === 0) return nobody(only);
  const cancellationType = cancellationTypes[type];
  if (reattach === true && type !== 'subscriptionWithdrawal')
    return refused('a UE can be told to attach again with a subscription withdrawal only');
  const other = type === 'mmeUpdateProcedure' ? 'sgsn' : type === 'sgsnUpdateProcedure' ? 'mme' : null;
  if (served.some(([kind]) => kind === other))
    return refused(
      `an ${other === 'mme' ? 'MME' : 'SGSN'} takes no ${cancellationType}; name the node that is meant`,
    );
  const { imsi } = nodes;
  const entries = served.map(([kind, node]) =>
    cancelLocation(node, {
      imsi,
      kind,
      cancellationType,
      ...(reattach === true ? { isReattachRequired: true } : {}),
    }),
  );
  if (type === 'initialAttachProcedure') return { ok: true, entries, nodes };
  const isBoth = isOneNode(nodes) && type === 'subscriptionWithdrawal';
  const gone: readonly NodeKind[] = isBoth ? ['mme', 'sgsn'] : served.map(([kind]) => kind);
  return { ok: true, entries, nodes: gone.reduce((left, kind) => withNode(left, kind, null), nodes) };
}

/** "unless the HSS knows from the previous ULR command that [the node does] not support" it [29.272-5.2.2.1.3]. */
export function manualUpdate(nodes: ServingNodes, eps: EpsData | null, order: UpdateOrder): ManualOrder {
  const { node: only, flags = [], data = false } = order;
  if (flags.length === 0 && !data) return refused('neither a flag nor the data are asked for');
  if (eps === null) return refused('the USIM has no EPS data');
  const served = meant(nodes, only);
  if (served.length === 0) return nobody(only);
  const idrFlags = flags.reduce((mask, name) => mask | updateFlags[name], 0);
  for (const [kind, node] of served) {
    if (kind === 'sgsn' && flags.includes('removeSmsRegistration'))
      return refused('only an MME can be unregistered for SMS; name the node that is meant');
    const missing = missingFeatures(idrFlags, node);
    if (missing.length > 0)
      return refused(`${kindNames[kind]} ${node.host} has not announced ${missing.join(', ')}`);
  }
  const changed: readonly EpsPart[] = data ? [...(Object.keys(eps) as (keyof EpsData)[]), 'msisdns'] : [];
  const { imsi } = nodes;
  const entries = served.map(([kind, node]) =>
    insertSubscriberData(node, { imsi, kind, changed, ...(idrFlags === 0 ? {} : { idrFlags }) }),
  );
  // URRP-MME and URRP-SGSN are set with the request [29.272-5.2.2.1.3].
  const after = flags.includes('reachability')
    ? served.reduce(
        (left, [kind, node]) => withNode(left, kind, { ...node, isReachabilityAwaited: true }),
        nodes,
      )
    : nodes;
  return { ok: true, entries, nodes: after };
}
