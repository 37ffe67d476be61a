/**
 * What a change of the subscription does to the nodes that serve an IMSI [29.272-5.2.1.2.3] [29.272-5.2.2.1.3]
 * [29.272-5.2.2.2.3]. Pure.
 *
 * A node that may serve the subscriber no longer gets a CLR and is forgotten at once: the answer changes nothing, and
 * a node that has no subscriber must not be asked about him. "5GC not allowed" is the only restriction of the core
 * network that a document has, so access to EPC never ends by it.
 */
import type { OutboxEntry } from '../../../state/ports';
import { IDR_FLAGS } from '../flags';
import { cancelLocation } from '../outgoing/payloads';
import { checkAccess, checkSubscription } from '../procedures/access-checks';
import type { S6aSettings } from '../settings';
import { servedBy } from '../served-nodes';
import type { NodeKind, ServingNodes } from '../state/serving-nodes';
import { recipientOf } from '../subscription-data/recipient';
import { dataChanges, type Subscribed } from './data-changes';
import { messagesFor } from './messages';

export type ReactionSettings = Pick<S6aSettings, 'homePlmns' | 'refuseUnsupportedBarring'>;

export interface NodesEffect {
  readonly entries: readonly OutboxEntry[];
  /** The same object where nothing changes. */
  readonly nodes: ServingNodes;
}

/** Every IMSI without EPS subscription is refused. */
function mayServe(
  nodes: ServingNodes,
  kind: NodeKind,
  after: Subscribed | undefined,
  settings: ReactionSettings,
): boolean {
  const node = nodes[kind];
  if (node === undefined || after === undefined) return false;
  const to = recipientOf(nodes, kind, node, settings.homePlmns);
  return (
    checkSubscription(after.eps, to) === null &&
    checkAccess(nodes.imsi, after.eps, node.ratType, to, settings) === null
  );
}

const without = (nodes: ServingNodes, parts: readonly NodeKind[]): ServingNodes => {
  const left = { ...nodes };
  for (const kind of parts) delete left[kind];
  return left;
};

/** The operator wants no SMS over the MME any more [29.272-5.2.2.1.3]. */
function endsSms({ mme }: ServingNodes, { eps }: Subscribed): boolean {
  return mme?.isRegisteredForSms === true && eps.smsInMmeAllowed === false;
}

function withoutSms(nodes: ServingNodes): ServingNodes {
  if (nodes.mme === undefined) return nodes;
  const { isRegisteredForSms: _registered, ...mme } = nodes.mme;
  return { ...nodes, mme };
}

/**
 * `befores`: what the nodes may have been told, more than one where it is not known which. `after`: undefined where
 * the IMSI has no EPS subscription any more.
 */
export function changeNodes(
  given: ServingNodes,
  befores: readonly Subscribed[],
  after: Subscribed | undefined,
  settings: ReactionSettings,
): NodesEffect {
  const { imsi } = given;
  const entries: OutboxEntry[] = [];
  const isSmsEnd = after !== undefined && endsSms(given, after);
  let nodes = isSmsEnd ? withoutSms(given) : given;
  for (const { node, parts } of servedBy(nodes)) {
    const [kind] = parts;
    const cancel = (isReattachRequired: boolean): void => {
      entries.push(
        cancelLocation(node, {
          imsi,
          kind,
          cancellationType: 'SUBSCRIPTION_WITHDRAWAL',
          ...(isReattachRequired ? { isReattachRequired } : {}),
        }),
      );
      nodes = without(nodes, parts);
    };
    // A CLR ends both parts of a combined node [29.272-5.2.1.2.2]; one that may go on hears of the restriction.
    if (after === undefined || !parts.some((part) => mayServe(nodes, part, after, settings))) {
      cancel(false);
      continue;
    }
    const changes = dataChanges(befores, after, recipientOf(nodes, kind, node, settings.homePlmns));
    if (changes.needsReattach) {
      cancel(true);
      continue;
    }
    const idrFlags = isSmsEnd && kind === 'mme' ? IDR_FLAGS.removeSmsRegistration : 0;
    entries.push(...messagesFor(changes, idrFlags, { imsi, kind, node }));
  }
  return { entries, nodes };
}
