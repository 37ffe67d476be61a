/** The nodes that have the subscriber now, each once [29.272-5.2.2.1.1]. */
import type { NodeKind, ServingNode, ServingNodes } from './state/serving-nodes';
import { isOneCombinedNode } from './subscription-data/recipient';

/** One node, with the parts that the IMSI is registered in. Requests go to the first. */
export interface Served {
  readonly node: ServingNode;
  readonly parts: readonly [NodeKind, ...NodeKind[]];
}

const kinds: readonly NodeKind[] = ['mme', 'sgsn'];

/**
 * Without those that purged the UE. MME and SGSN in one are one node: "the HSS should invoke this procedure for a
 * single time".
 */
export function servedBy(nodes: ServingNodes): readonly Served[] {
  const found = kinds.flatMap((kind): Served[] => {
    const node = nodes[kind];
    return node === undefined || node.isPurged ? [] : [{ node, parts: [kind] }];
  });
  const [first, second] = found;
  return first !== undefined && second !== undefined && isOneCombinedNode(nodes)
    ? [{ node: first.node, parts: ['mme', 'sgsn'] }]
    : found;
}
