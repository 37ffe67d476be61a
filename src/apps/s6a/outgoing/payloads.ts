/**
 * What the entries of the outbox for S6a and S6d say. An entry names the IMSI, the node and what is to be done;
 * what depends on the document is looked up when the request is sent.
 */
import type { OutboxEntry } from '../../../state/ports';
import type { NodeKind, ServingNode } from '../state/serving-nodes';

/** [29.272-7.3.24] */
export type CancellationTypeName =
  'MME_UPDATE_PROCEDURE' | 'SGSN_UPDATE_PROCEDURE' | 'SUBSCRIPTION_WITHDRAWAL' | 'INITIAL_ATTACH_PROCEDURE';

/** CLR [29.272-5.2.1.2]: independent of the document, which may be gone. */
export interface CancelLocationPayload {
  readonly imsi: string;
  readonly kind: NodeKind;
  readonly cancellationType: CancellationTypeName;
  /** CLR-Flags bit 1. */
  readonly isReattachRequired?: boolean;
}

/** The entry that cancels the location of an IMSI in a node. */
export const cancelLocation = (
  imsi: string,
  kind: NodeKind,
  node: Pick<ServingNode, 'host' | 'realm'>,
  cancellationType: CancellationTypeName,
  isReattachRequired = false,
): OutboxEntry => ({
  kind: 's6a.CLR',
  destinationHost: node.host,
  destinationRealm: node.realm,
  payload: { imsi, kind, cancellationType, ...(isReattachRequired ? { isReattachRequired } : {}) },
});
