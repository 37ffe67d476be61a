/** The kinds of requests that S6a and S6d send, for the outbox. */
import type { OutgoingKind } from '../../../outbox/contract';
import { limits } from '../../../shared/limits';
import { cancelLocationKind } from './cancel-location';
import { S6aMessages, type OriginNode, type RequestPriorities } from './messages';
import type { OutgoingPorts } from './subject';

export interface S6aOutgoingOptions extends Omit<OutgoingPorts, 'messages'> {
  readonly node: OriginNode;
  readonly priorities?: RequestPriorities;
}

/** ULR, AIR, PUR and NOR come from the nodes that our requests go to [29.272-5.2]. */
export const s6aReturnCommands: readonly number[] = [316, 318, 321, 323];

export function s6aOutgoingKinds({
  node,
  priorities = {},
  ...options
}: S6aOutgoingOptions): [string, OutgoingKind][] {
  const ports = { ...options, messages: new S6aMessages(node, options.dictionary, priorities) };
  const { CLR } = priorities;
  return [['s6a.CLR', cancelLocationKind(ports, CLR ?? limits.drmpLevel.default)]];
}
