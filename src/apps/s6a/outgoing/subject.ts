/** What an entry of the outbox is about: the subscription with this IMSI, and the node that serves it. */
import { sameIdentity } from '../../../diameter/peer/diameter-identity';
import type { Dictionary } from '../../../diameter/codec/dictionary';
import type { ClaimedPush } from '../../../outbox/ports';
import type { LogWords, OutgoingDecision, UnsentEnding } from '../../../outbox/contract';
import type { Clock } from '../../../shared/clock';
import type { LoadedModule } from '../../../state/module';
import type { StateStore, SubscriptionSnapshot } from '../../../state/ports';
import type { S6aSettings } from '../settings';
import {
  servingNodes,
  servingNodesOf,
  type NodeKind,
  type ServingNode,
  type ServingNodes,
} from '../state/serving-nodes';
import type { S6aMessages } from './messages';

export interface OutgoingPorts {
  readonly store: Pick<StateStore, 'load'>;
  readonly clock: Clock;
  readonly dictionary: Dictionary;
  readonly messages: S6aMessages;
  readonly settings: S6aSettings;
}

/** Whom a payload is about. */
export interface About {
  readonly imsi: string;
  readonly kind: NodeKind;
}

export interface Subject {
  /** Null where the subscription is gone, or the IMSI is another's by now. */
  readonly snapshot: SubscriptionSnapshot | null;
  readonly nodes: ServingNodes | null;
  /** The node of that kind, where it is still the one that the entry goes to. */
  readonly node: ServingNode | null;
}

/** @throws StoreUnavailableError */
export async function subjectOf(
  { store }: Pick<OutgoingPorts, 'store'>,
  { subscriptionKey, destinationHost }: Pick<ClaimedPush, 'subscriptionKey' | 'destinationHost'>,
  { imsi, kind }: About,
  modules: readonly LoadedModule[],
): Promise<Subject> {
  const { snapshot } = await store.load({ impus: [], imsi, modules: [servingNodes, ...modules] });
  if (snapshot?.key !== subscriptionKey) return { snapshot: null, nodes: null, node: null };
  const nodes = servingNodesOf(snapshot, imsi);
  const node = nodes[kind];
  return {
    snapshot,
    nodes,
    node: node !== undefined && sameIdentity(node.host, destinationHost) ? node : null,
  };
}

/** An end that changes nothing. */
export const ended = (outcome: string): OutgoingDecision => ({ outcome, effect: null, followUps: [] });

export const superseded = (detail: string): UnsentEnding => ({ decision: ended('superseded'), detail });

/** Why nothing is sent to a node that has no record of the IMSI. */
export function unservedEnding({ snapshot, node }: Subject): UnsentEnding {
  if (snapshot === null) return superseded('the subscription is gone');
  if (node === null) return superseded('the node no longer serves the IMSI');
  return superseded(node.isPurged ? 'the UE is purged there' : 'the IMSI has no EPS data any more');
}

/** A node answered that it does not know the IMSI. */
export const lostWords = (command: string, imsi: string, { host }: ServingNode): LogWords => ({
  fields: { command, imsi, destinationHost: host },
  message: `${host} has lost ${imsi}: it is still registered there until its next update location`,
});

/** What an operator can do where the request is too long. */
export const tooLongFor = ({ imsi }: Pick<About, 'imsi'>, message: string): LogWords => ({
  fields: { imsi },
  message,
});
