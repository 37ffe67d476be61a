/** The kinds of requests that S6a and S6d send, for the outbox. */
import type { OutgoingKind } from '../../../outbox/contract';
import { limits } from '../../../shared/limits';
import { cancelLocationKind } from './cancel-location';
import { deleteSubscriberDataKind } from './delete-subscriber-data';
import { insertSubscriberDataKind } from './insert-subscriber-data';
import { S6aMessages, type OriginNode, type RequestPriorities, type S6aCommand } from './messages';
import { resetKind } from './reset';
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
  const level = (command: S6aCommand): number => priorities[command] ?? limits.drmpLevel.default;
  return [
    ['s6a.CLR', cancelLocationKind(ports, level('CLR'))],
    ['s6a.IDR', insertSubscriberDataKind(ports, level('IDR'))],
    ['s6a.DSR', deleteSubscriberDataKind(ports, level('DSR'))],
    ['s6a.RSR', resetKind(ports, level('RSR'))],
  ];
}
