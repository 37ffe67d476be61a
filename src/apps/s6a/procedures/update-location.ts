/**
 * Update-Location-Request: an MME or SGSN serves a subscriber from now on, and gets the subscription data
 * [29.272-5.2.1.1.3]. The steps are in the order of the clause. Whether it came over S6a or S6d is what ULR-Flags
 * say, whatever the peer is.
 *
 * Readings: the node whose record is cancelled for an initial attach is no serving node any more. A ULR that
 * changes nothing commits nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Decision, DecisionContext, Refusal, StateChange } from '../../../diameter/dispatch/contract';
import { identityKey, sameIdentity } from '../../../diameter/peer/diameter-identity';
import { ResultCode } from '../../../diameter/generated/base';
import { effectiveEps, type EpsData } from '../../../subscriber/eps';
import { findUsim, type StoredUsim } from '../../../subscriber/subscription';
import { hasFlag, ULA_FLAGS, ULR_FLAGS } from '../flags';
import type { UpdateLocationAnswer, UpdateLocationRequest } from '../generated/s6a';
import { base, defineHandler, experimental, refuse, success, unknownUser } from '../handler';
import { isHome, plmnOf } from '../plmn';
import type { S6aSettings } from '../settings';
import { servingNodes, servingNodesChange, servingNodesOf, type ServingNodes } from '../state/serving-nodes';
import { dataHash } from '../subscription-data/data-hash';
import { isOneCombinedNode, recipientOf, type Recipient } from '../subscription-data/recipient';
import { subscriptionData } from '../subscription-data/subscription-data';
import { checkAccess, checkSubscription, type AccessRefusal } from './access-checks';
import { kindOf, otherKind, register, registeredNode } from './registered-node';
import { malformedAvp } from './update-location-request';

type Request = UpdateLocationRequest;
type Answer = UpdateLocationAnswer;

const CLAUSE = '5.2.1.1.3';

export const createUpdateLocationHandler = (settings: S6aSettings) =>
  defineHandler<Request, Answer>({
    request: 'ULR',
    answer: 'ULA',
    senders: ['mme', 'sgsn'],
    usuallyCommits: true,
    prepare: (request) => checkContent(request) ?? { modules: [servingNodes] },
    decide: (request, context) => decide(request, context, settings),
    change: locationChange,
  });

const refusal = (request: Request, check: string): Refusal => ({
  check,
  clause: `TS 29.272 ${CLAUSE}`,
  imsi: request.userName,
});

/** What the request alone tells [29.272-5.2.1.1.1]. */
function checkContent(request: Request): Decision<Answer> | null {
  const malformed = malformedAvp(request);
  return malformed === null
    ? null
    : {
        ...refuse(base(ResultCode.DIAMETER_INVALID_AVP_VALUE), refusal(request, malformed.check)),
        failedAvps: [malformed.failed],
      };
}

function decide(request: Request, context: DecisionContext, settings: S6aSettings): Decision<Answer> {
  const imsi = request.userName;
  const { snapshot } = context.loaded;
  const usim = snapshot === null ? undefined : findUsim(snapshot.subscription, imsi);
  if (snapshot === null || usim === undefined) return unknownUser(imsi, CLAUSE);
  const eps = effectiveEps(usim, snapshot.shared);
  const kind = kindOf(request);
  const visitedPlmn = plmnOf(request.visitedPlmnId) ?? '';
  const { features } = context;
  const isRoaming = !isHome(imsi, visitedPlmn, settings.homePlmns);
  const unsubscribed = checkSubscription(eps, { kind, features, visitedPlmn, isRoaming });
  if (eps === undefined || (unsubscribed !== null && eps.apnConfigurationProfile === undefined))
    return refused(request, unsubscribed);
  const before = servingNodesOf(snapshot, imsi);
  const registration = { request, kind, features, eps, nowMs: context.nowMs, before };
  const node = registeredNode(registration);
  const { nodes, outbox } = register(registration, node);
  const recipient = recipientOf(nodes, kind, node, settings.homePlmns);
  const denied = unsubscribed ?? checkAccess(imsi, eps, request.ratType, recipient, settings);
  if (denied !== null) return refused(request, denied, interopData(request, usim, eps, recipient, settings));
  const data = subscriptionData(usim, eps, recipient);
  const hash = recipient.isCombined ? dataHash(data) : undefined;
  const isSkipped = hash !== undefined && maySkip(request) && hasData(before, nodes, request, hash);
  const stored = hash === undefined ? nodes : { ...nodes, [kind]: { ...node, sentDataHash: hash } };
  const isChanged = outbox.length > 0 || !isDeepStrictEqual(stored, before);
  const resetId =
    eps.resetIds !== undefined && features.has('Reset-IDs')
      ? eps.resetIds.map((id) => Buffer.from(id, 'hex'))
      : undefined;
  return {
    result: success,
    avps: {
      ulaFlags:
        ULA_FLAGS.separationIndication |
        (kind === 'mme' && node.isRegisteredForSms === true ? ULA_FLAGS.mmeRegisteredForSms : 0),
      ...(isSkipped ? {} : { subscriptionData: data }),
      ...(resetId === undefined || resetId.length === 0 ? {} : { resetId }),
    },
    ...(isChanged ? { changes: [servingNodesChange(snapshot, stored)] } : {}),
    ...(outbox.length === 0 ? {} : { outbox }),
  };
}

/** ULA-Flags are there only in a success, but for a peer that needs them [29.272-5.2.1.1.1]. */
function refused(
  request: Request,
  denied: AccessRefusal | null,
  data: Partial<Answer> = {},
): Decision<Answer> {
  if (denied === null) return unknownUser(request.userName, CLAUSE);
  const { code, check, errorDiagnostic } = denied;
  return refuse(experimental(code), refusal(request, check), {
    ...(errorDiagnostic === undefined ? {} : { errorDiagnostic }),
    ...data,
  });
}

/**
 * Some MMEs tell the UE of a refusal only where the answer has what that of a success has (`peers[].interop`).
 * They want APNs, so what the subscriber may not use in the visited network is there too.
 */
function interopData(
  { originHost }: Request,
  usim: StoredUsim,
  eps: EpsData,
  recipient: Recipient,
  { errorUlaWithSubscriptionData: peers }: S6aSettings,
): Partial<Answer> {
  if (peers.size === 0 || !peers.has(identityKey(originHost))) return {};
  return {
    ulaFlags: ULA_FLAGS.separationIndication,
    subscriptionData: subscriptionData(usim, { ...eps, allowedVisitedNetworks: null }, recipient),
  };
}

/** "Skip Subscriber Data" is of no meaning with a request to register for SMS [29.272-7.3.162]. */
const maySkip = ({ ulrFlags, smsRegisterRequest }: Request): boolean =>
  hasFlag(ulrFlags, ULR_FLAGS.skipSubscriberData) && smsRegisterRequest === undefined;

/** The node, in one of its parts, was sent what it would be sent now [29.272-7.3.7]. */
function hasData(before: ServingNodes, after: ServingNodes, request: Request, hash: string): boolean {
  const kind = kindOf(request);
  const own = before[kind];
  const other = otherKind(kind);
  const isOwn = own?.sentDataHash === hash && sameIdentity(own.host, request.originHost);
  return isOwn || (before[other]?.sentDataHash === hash && isOneCombinedNode(after));
}

const kindName: Readonly<Record<string, string>> = { mme: 'MME', sgsn: 'SGSN' };

/** For the line that an operator reads; null where the request was refused. */
function locationChange(request: Request, decision: Decision<Answer>): StateChange | null {
  if (decision.refusal !== undefined) return null;
  const kind = kindOf(request);
  return {
    what: hasFlag(request.ulrFlags, ULR_FLAGS.initialAttachIndicator) ? 'attached' : 'location updated',
    describe: () => ({
      who: `${request.userName} at ${kindName[kind] ?? kind} ${request.originHost}`,
      fields: {
        imsi: request.userName,
        node: request.originHost,
        visitedPlmn: plmnOf(request.visitedPlmnId) ?? undefined,
      },
    }),
  };
}
