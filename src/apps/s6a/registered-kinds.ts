/** What a node is for an IMSI, by its Origin-Host. */
import { sameIdentity } from '../../diameter/peer/diameter-identity';
import type { NodeKind, ServingNodes } from './state/serving-nodes';

const kinds: readonly NodeKind[] = ['mme', 'sgsn'];

/**
 * As what the node is registered: the stored MME-Identity, the stored SGSN-Identity, both for a combined node with
 * one name, or neither [29.272-5.2.1.3.3] [29.272-5.2.5.1.3].
 */
export const registeredKinds = (nodes: ServingNodes, originHost: string): readonly NodeKind[] =>
  kinds.filter((kind) => {
    const node = nodes[kind];
    return node !== undefined && sameIdentity(node.host, originHost);
  });
