/** The kinds of requests that Cx sends, for the outbox. */
import type { Dictionary } from '../../../diameter/codec/dictionary';
import type { OutgoingKind } from '../../../outbox/contract';
import { limits } from '../../../shared/limits';
import { PushMessages, type OriginNode } from './messages';
import { profileKind, type ProfilePorts } from './profile-kind';
import { cxKinds } from './push';
import { terminationKind } from './termination-kind';

export interface CxOutgoingOptions extends Omit<ProfilePorts, 'messages'> {
  readonly node: OriginNode;
  readonly dictionary: Dictionary;
}

/** Server-Assignment and Multimedia-Auth come from S-CSCFs, which RTR and PPR go to [29.228-6]. */
export const cxReturnCommands: readonly number[] = [301, 303];

export function cxOutgoingKinds(options: CxOutgoingOptions): [string, OutgoingKind][] {
  const { RTR, PPR } = options.settings.priorities ?? {};
  const messages = new PushMessages(options.node, options.dictionary, options.settings.priorities);
  const ports = { ...options, messages };
  return [
    [cxKinds.RTR, terminationKind(ports, RTR ?? limits.drmpLevel.default)],
    [cxKinds.PPR, profileKind(ports, PPR ?? limits.drmpLevel.default)],
  ];
}
