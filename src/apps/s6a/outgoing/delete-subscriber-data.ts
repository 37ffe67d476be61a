/**
 * DSR as the outbox sends it [29.272-5.2.2.2.3]: made of its entry, because what it withdraws is gone. It is not sent
 * where the node no longer serves the IMSI. DIAMETER_COMMAND_UNSUPPORTED is final: the node cannot.
 */
import type { OutgoingDecision, OutgoingKind, Outlook } from '../../../outbox/contract';
import type { ClaimedPush } from '../../../outbox/ports';
import type { LoadedModule } from '../../../state/module';
import type { DeleteSubscriberDataAnswer } from '../generated/s6a';
import type { ServingNode } from '../state/serving-nodes';
import type { S6aSettings } from '../settings';
import { readOutcome, type NodeReading } from './answers';
import type { Content } from './messages';
import { areaRestriction, nodeChanges, sentDataHash, withHash, withNode } from './node-changes';
import { featuresAfter, featuresFor } from './node-features';
import type { DeleteSubscriberDataPayload } from './payloads';
import {
  ended,
  lostWords,
  subjectOf,
  tooLongFor,
  unservedEnding,
  type OutgoingPorts,
  type Subject,
} from './subject';

export function deleteSubscriberDataKind(ports: OutgoingPorts, priority: number): OutgoingKind {
  return { priority, keepsSessionId: true, look: (push) => look(ports, push) };
}

async function look(
  ports: OutgoingPorts,
  push: ClaimedPush,
  modules: readonly LoadedModule[] = [],
): Promise<Outlook> {
  const payload = push.payload as unknown as DeleteSubscriberDataPayload;
  const subject = await subjectOf(ports, push, payload, modules);
  const { node } = subject;
  return {
    ending: node === null || node.isPurged ? unservedEnding(subject) : null,
    build: () =>
      node === null
        ? unservedEnding(subject)
        : {
            octets: ports.messages.request('DSR', push, deletionContent(payload, node)),
            ifTooLong: tooLongFor(payload, 'withdraw less at once'),
          },
    read: readOutcome,
    decide: (sent) => decideDeletion(payload, readOutcome(sent), subject, ports.settings),
    snapshot: subject.snapshot,
    again: (needed) => look(ports, push, needed),
  };
}

const octetsOf = (hex: string): Buffer => Buffer.from(hex, 'hex');

export function deletionContent(payload: DeleteSubscriberDataPayload, node: ServingNode): Content<'DSR'> {
  const { imsi, dsrFlags, contextIdentifiers, traceReference, tsCodes, ssCodes, externalIdentifiers } =
    payload;
  return {
    userName: imsi,
    ...featuresFor('DSR', node),
    dsrFlags,
    ...(contextIdentifiers === undefined ? {} : { contextIdentifier: contextIdentifiers }),
    ...(traceReference === undefined ? {} : { traceReference: octetsOf(traceReference) }),
    ...(tsCodes === undefined ? {} : { tsCode: tsCodes.map(octetsOf) }),
    ...(ssCodes === undefined ? {} : { ssCode: ssCodes.map(octetsOf) }),
    ...(externalIdentifiers === undefined ? {} : { externalIdentifier: externalIdentifiers }),
  };
}

export function decideDeletion(
  { imsi, kind }: DeleteSubscriberDataPayload,
  { result, answer: received }: NodeReading,
  subject: Subject,
  settings: S6aSettings,
): OutgoingDecision {
  const { node, nodes } = subject;
  if (node === null || nodes === null) return ended(result);
  if (result !== 'success')
    return {
      ...ended(result),
      changes: nodeChanges(subject, kind, withHash(node, undefined)),
      ...(result === 'userUnknown' ? { report: lostWords('DSR', imsi, node) } : {}),
    };
  const answer = (received?.avps ?? {}) as Partial<DeleteSubscriberDataAnswer>;
  const told: ServingNode = {
    ...node,
    features: featuresAfter('DSR', node.features, answer.supportedFeatures),
    ...areaRestriction(kind, answer.dsaFlags),
  };
  const now = { ...subject, node: told, nodes: withNode(nodes, kind, told) };
  return {
    ...ended('success'),
    changes: nodeChanges(subject, kind, withHash(told, sentDataHash(now, kind, settings))),
  };
}
