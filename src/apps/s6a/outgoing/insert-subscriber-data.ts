/**
 * IDR as the outbox sends it [29.272-5.2.2.1.3]: about the document of the moment of sending. A repeated IDR is a new
 * request, because its content may be newer. It is not sent where the node no longer serves the IMSI.
 *
 * DIAMETER_ERROR_USER_UNKNOWN: the node has lost the IMSI. No clause lets the HSS forget a node then, so it is left and
 * logged; the UE comes back with an update location.
 */
import { identityKey } from '../../../diameter/peer/diameter-identity';
import type { OutgoingDecision, OutgoingKind, Outlook, UnsentEnding } from '../../../outbox/contract';
import type { ClaimedPush } from '../../../outbox/ports';
import type { LoadedModule } from '../../../state/module';
import { effectiveEps, operatorDeterminedBarringBits, type EpsData } from '../../../subscriber/eps';
import { findUsim, type StoredUsim } from '../../../subscriber/subscription';
import type { InsertSubscriberDataAnswer } from '../generated/s6a';
import type { ServingNode } from '../state/serving-nodes';
import { announcedFeatures } from '../supported-features';
import { recipientOf } from '../subscription-data/recipient';
import { barringFeatures } from '../subscription-data/restrictions';
import { changedSubscriptionData } from '../subscription-data/subscription-data';
import { readOutcome, type NodeReading } from './answers';
import type { Content } from './messages';
import {
  areaRestriction,
  nodeChanges,
  reportedAfter,
  sentDataHash,
  withHash,
  withNode,
} from './node-changes';
import { featuresAfter, featuresFor, permittedFlags } from './node-features';
import { cancelLocation, type EpsPart, type InsertSubscriberDataPayload } from './payloads';
import {
  ended,
  lostWords,
  subjectOf,
  superseded,
  tooLongFor,
  unservedEnding,
  type OutgoingPorts,
  type Subject,
} from './subject';

export function insertSubscriberDataKind(ports: OutgoingPorts, priority: number): OutgoingKind {
  return { priority, keepsSessionId: false, look: (push) => look(ports, push) };
}

async function look(
  ports: OutgoingPorts,
  push: ClaimedPush,
  modules: readonly LoadedModule[] = [],
): Promise<Outlook> {
  const payload = push.payload as unknown as InsertSubscriberDataPayload;
  const subject = await subjectOf(ports, push, payload, modules);
  const plan = planInsertion(payload, subject, ports);
  return {
    ending: 'ending' in plan ? plan.ending : null,
    build: () =>
      'ending' in plan
        ? plan.ending
        : {
            octets: ports.messages.request('IDR', push, plan.content),
            ifTooLong: tooLongFor(payload, 'let the EPS data of the subscriber hold less'),
          },
    read: readOutcome,
    decide: (sent) => decideInsertion(payload, readOutcome(sent), subject, ports),
    snapshot: subject.snapshot,
    again: (needed) => look(ports, push, needed),
  };
}

type Plan = { readonly content: Content<'IDR'> } | { readonly ending: UnsentEnding };

/** What is sent now, or why nothing is. */
export function planInsertion(
  { imsi, kind, changed, changedContexts, idrFlags = 0 }: InsertSubscriberDataPayload,
  subject: Subject,
  { settings }: Pick<OutgoingPorts, 'settings'>,
): Plan {
  const { nodes, node } = subject;
  const found = epsOf(subject, imsi);
  if (nodes === null || node === null || node.isPurged || found === null)
    return { ending: unservedEnding(subject) };
  const flags = permittedFlags(idrFlags, node);
  const subscriptionData =
    changed.length === 0
      ? {}
      : changedSubscriptionData(
          found.usim,
          found.eps,
          recipientOf(nodes, kind, node, settings.homePlmns),
          changed,
          settings.wholeApnProfile.has(identityKey(node.host)) ? undefined : changedContexts,
        );
  if (flags === 0 && Object.keys(subscriptionData).length === 0)
    return { ending: superseded('nothing of it is for this node') };
  return {
    content: {
      userName: imsi,
      ...featuresFor('IDR', node),
      subscriptionData,
      ...(flags === 0 ? {} : { idrFlags: flags }),
    },
  };
}

function epsOf(
  { snapshot }: Subject,
  imsi: string,
): { readonly usim: StoredUsim; readonly eps: EpsData } | null {
  const usim = snapshot === null ? undefined : findUsim(snapshot.subscription, imsi);
  const eps = usim === undefined || snapshot === null ? undefined : effectiveEps(usim, snapshot.shared);
  return usim === undefined || eps === undefined ? null : { usim, eps };
}

/** What the answer, or its absence, does to what is known of the node. */
export function decideInsertion(
  { imsi, kind, changed }: InsertSubscriberDataPayload,
  { result, answer: received }: NodeReading,
  subject: Subject,
  { settings, clock }: Pick<OutgoingPorts, 'settings' | 'clock'>,
): OutgoingDecision {
  const { node } = subject;
  if (node === null) return ended(result);
  const hasData = changed.length > 0;
  const dropHash = hasData ? withHash(node, undefined) : node;
  if (result !== 'success')
    return {
      ...ended(result),
      changes: nodeChanges(subject, kind, dropHash),
      ...(result === 'userUnknown' ? { report: lostWords('IDR', imsi, node) } : {}),
    };
  const answer = (received?.avps ?? {}) as Partial<InsertSubscriberDataAnswer>;
  const reported = received === null ? node.reported : reportedAfter(node.reported, received, clock.nowMs());
  const told: ServingNode = {
    ...node,
    features: featuresAfter('IDR', node.features, answer.supportedFeatures),
    ...areaRestriction(kind, answer.idaFlags),
    ...(reported === undefined ? {} : { reported }),
  };
  if (settings.refuseUnsupportedBarring && lacksBarring(changed, subject, imsi, told)) {
    const payload = { imsi, kind, cancellationType: 'SUBSCRIPTION_WITHDRAWAL' } as const;
    return {
      ...ended('success'),
      changes: nodeChanges(subject, kind, null),
      followUps: [cancelLocation(node, payload)],
      report: {
        fields: { command: 'IDR', imsi, destinationHost: node.host },
        message: `${imsi} is cancelled at ${node.host}, which does not support a barring that it has`,
      },
    };
  }
  const nodes = subject.nodes === null ? null : withNode(subject.nodes, kind, told);
  const now: Subject = { ...subject, node: told, nodes };
  const after = hasData ? withHash(told, sentDataHash(now, kind, settings)) : told;
  return { ...ended('success'), changes: nodeChanges(subject, kind, after) };
}

/**
 * "If the MME or SGSN does not indicate support of this feature in IDA and the HSS has sent this ODB category within
 * IDR, the HSS may apply barring of roaming and send CLR" [29.272-7.3.10.1]. The next update location is refused.
 */
function lacksBarring(
  changed: readonly EpsPart[],
  subject: Subject,
  imsi: string,
  node: ServingNode,
): boolean {
  if (!changed.includes('operatorDeterminedBarring')) return false;
  const announced = announcedFeatures(node);
  return (epsOf(subject, imsi)?.eps.operatorDeterminedBarring ?? []).some((name) => {
    const feature = barringFeatures[operatorDeterminedBarringBits.indexOf(name)];
    return feature !== undefined && !announced.has(feature);
  });
}
