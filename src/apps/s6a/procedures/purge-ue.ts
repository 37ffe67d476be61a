/**
 * Purge-UE-Request: an MME or SGSN has deleted the profile of a subscriber [29.272-5.2.1.3.3]. The node stays
 * registered, with the flag "UE purged" and the last location that it knew.
 *
 * Reading: PUR-Flags that name one part of a combined node are followed whether or not the PUR lists the feature
 * Partial Purge, because the node may leave Supported-Features out, and this HSS has the feature.
 */
import type { Decision, DecisionContext, StateChange } from '../../../diameter/dispatch/contract';
import { findUsim } from '../../../subscriber/subscription';
import { hasFlag, PUA_FLAGS, PUR_FLAGS } from '../flags';
import type { PurgeUeAnswer, PurgeUeRequest } from '../generated/s6a';
import { defineHandler, success, unknownUser } from '../handler';
import { EPS_LOCATION_INFORMATION, keptAvp } from '../kept-avps';
import { registeredKinds } from '../registered-kinds';
import {
  servingNodes,
  servingNodesChange,
  servingNodesOf,
  type NodeKind,
  type ServingNode,
  type ServingNodes,
} from '../state/serving-nodes';

type Request = PurgeUeRequest;
type Answer = PurgeUeAnswer;

const CLAUSE = '5.2.1.3.3';

const purgeFlags = { mme: PUR_FLAGS.uePurgedInMme, sgsn: PUR_FLAGS.uePurgedInSgsn } as const;
const freezeFlags = { mme: PUA_FLAGS.freezeMTmsi, sgsn: PUA_FLAGS.freezePTmsi } as const;

export const createPurgeUeHandler = () =>
  defineHandler<Request, Answer>({
    request: 'PUR',
    answer: 'PUA',
    senders: ['mme', 'sgsn'],
    usuallyCommits: true,
    prepare: () => ({ modules: [servingNodes] }),
    decide,
    change,
  });

function decide(request: Request, { loaded, nowMs }: DecisionContext, bytes: Buffer): Decision<Answer> {
  const imsi = request.userName;
  const { snapshot } = loaded;
  // [29.272-5.2.1.3.3] "check whether the IMSI is known"
  if (snapshot === null || findUsim(snapshot.subscription, imsi) === undefined)
    return unknownUser(imsi, CLAUSE);
  const before = servingNodesOf(snapshot, imsi);
  const purgedKinds = kindsPurged(request, before);
  const puaFlags = purgedKinds.reduce((flags, kind) => flags | freezeFlags[kind], 0);
  const reported = reportedLocation(request, bytes, nowMs);
  const after = purgedKinds.reduce((nodes, kind) => purged(nodes, kind, reported), before);
  return {
    result: success,
    avps: { puaFlags },
    ...(after === before ? {} : { changes: [servingNodesChange(snapshot, after)] }),
    ...(request.epsLocationInformation !== undefined && reported === undefined
      ? { notable: 'locationTooLarge' }
      : {}),
  };
}

/**
 * A node that is registered as one kind purges that; a combined node says which of the two, or purges both
 * [29.272-7.3.149]. None where the node is not registered: its M-TMSI or P-TMSI need not be frozen.
 */
function kindsPurged({ originHost, purFlags }: Request, nodes: ServingNodes): readonly NodeKind[] {
  const kinds = registeredKinds(nodes, originHost);
  if (kinds.length < 2) return kinds;
  const named = kinds.filter((kind) => hasFlag(purFlags, purgeFlags[kind]));
  return named.length === 1 ? named : kinds;
}

/** "store the received last known EPS Location Information of the purged UE" */
function reportedLocation(
  request: Request,
  bytes: Buffer,
  atMs: number,
): Pick<ServingNode, 'reported'> | undefined {
  if (request.epsLocationInformation === undefined) return undefined;
  const epsLocationInformation = keptAvp(bytes, EPS_LOCATION_INFORMATION);
  return epsLocationInformation === null ? undefined : { reported: { atMs, epsLocationInformation } };
}

/** The same object where a repeated PUR says nothing new. */
function purged(
  nodes: ServingNodes,
  kind: NodeKind,
  reported: Pick<ServingNode, 'reported'> | undefined,
): ServingNodes {
  const node = nodes[kind];
  if (node === undefined || (node.isPurged && reported === undefined)) return nodes;
  return { ...nodes, [kind]: { ...node, isPurged: true, ...reported } };
}

const change = ({ userName, originHost }: Request, { changes }: Decision<Answer>): StateChange | null =>
  changes === undefined
    ? null
    : {
        what: 'purged',
        describe: () => ({
          who: `${userName} by ${originHost}`,
          fields: { imsi: userName, servingNode: originHost },
        }),
      };
