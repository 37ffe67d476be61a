/**
 * Notify-Request: what an MME or SGSN tells of a UE while its registration stays as it is [29.272-5.2.5.1.3].
 *
 * "Ready for SM" and Alert-Reason are accepted and change nothing: this HSS keeps no flags MNRF and MNRG and has no
 * service centre to alert. Monitoring events are not supported [29.272-7.3.10].
 */
import { isDeepStrictEqual } from 'node:util';
import type { Decision, DecisionContext } from '../../../diameter/dispatch/contract';
import { ResultCode } from '../../../diameter/generated/base';
import { effectiveEps } from '../../../subscriber/eps';
import { findUsim } from '../../../subscriber/subscription';
import { hasFlag, NOR_FLAGS } from '../flags';
import {
  ExperimentalResultCode,
  HomogeneousSupportOfImsVoiceOverPsSessions,
  type NotifyAnswer,
  type NotifyRequest,
} from '../generated/s6a';
import { base, defineHandler, experimental, refuse, success, unknownUser } from '../handler';
import { cancelLocation } from '../outgoing/payloads';
import { registeredKinds } from '../registered-kinds';
import {
  servingNodes,
  servingNodesChange,
  servingNodesOf,
  type NodeKind,
  type ServingNode,
  type ServingNodes,
} from '../state/serving-nodes';
import { terminalAfter } from '../terminal';
import { pdnGwsAfter } from './notified-pdn-gw';

type Request = NotifyRequest;
type Answer = NotifyAnswer;

const CLAUSE = '5.2.5.1.3';

export const createNotifyHandler = () =>
  defineHandler<Request, Answer>({
    request: 'NOR',
    answer: 'NOA',
    senders: ['mme', 'sgsn'],
    usuallyCommits: true,
    prepare: () => ({ modules: [servingNodes] }),
    decide,
  });

function decide(request: Request, { loaded, nowMs }: DecisionContext): Decision<Answer> {
  const imsi = request.userName;
  const { snapshot } = loaded;
  const usim = snapshot === null ? undefined : findUsim(snapshot.subscription, imsi);
  // [29.272-5.2.5.1.3] "check whether the IMSI is known"
  if (snapshot === null || usim === undefined) return unknownUser(imsi, CLAUSE);
  const before = servingNodesOf(snapshot, imsi);
  const kinds = registeredKinds(before, request.originHost);
  // [29.272-5.2.5.1.3] "not currently registered in HSS for that UE"
  if (kinds.length === 0)
    return refuse(experimental(ExperimentalResultCode.DIAMETER_ERROR_UNKNOWN_SERVING_NODE), {
      check: `${request.originHost} is not the MME or SGSN where the IMSI is registered`,
      clause: `TS 29.272 ${CLAUSE}`,
      imsi,
    });
  const pdnGws = pdnGwsAfter(request, before.pdnGws, effectiveEps(usim, snapshot.shared));
  const told: ServingNodes = {
    ...before,
    ...present('terminal', terminalAfter(request.terminalInformation, before.terminal, nowMs)),
    ...present('pdnGws', pdnGws.ok ? pdnGws.pdnGws : before.pdnGws),
    ...nodesAfter(request, before, kinds),
  };
  const cancelled = cancelledSgsn(request, told, kinds);
  const { sgsn: _sgsn, ...withoutSgsn } = told;
  const after: ServingNodes = cancelled === undefined ? told : withoutSgsn;
  return {
    // What else the request says is stored all the same [29.272-5.2.5.1.3].
    ...(pdnGws.ok
      ? { result: success, avps: {} }
      : refuse<Answer>(base(ResultCode.DIAMETER_UNABLE_TO_COMPLY), {
          check: pdnGws.check,
          clause: `TS 29.272 ${CLAUSE}`,
          imsi,
        })),
    ...(isDeepStrictEqual(after, before) ? {} : { changes: [servingNodesChange(snapshot, after)] }),
    ...(cancelled === undefined
      ? {}
      : {
          outbox: [
            cancelLocation(cancelled, { imsi, kind: 'sgsn', cancellationType: 'SGSN_UPDATE_PROCEDURE' }),
          ],
        }),
  };
}

const present = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Readonly<Record<Name, Value>>> =>
  value === undefined ? {} : ({ [name]: value } as Readonly<Record<Name, Value>>);

/**
 * The SGSN that gets a Cancel-Location-Request: "An SGSN shall not set this bit", so only an MME's counts
 * [29.272-7.3.49].
 */
const cancelledSgsn = (
  { norFlags }: Request,
  { sgsn }: ServingNodes,
  kinds: readonly NodeKind[],
): ServingNode | undefined =>
  kinds.includes('mme') && hasFlag(norFlags, NOR_FLAGS.singleRegistrationIndication) ? sgsn : undefined;

/** The nodes as which the sender is registered, with what it tells of each. */
const nodesAfter = (
  request: Request,
  nodes: ServingNodes,
  kinds: readonly NodeKind[],
): Partial<Record<NodeKind, ServingNode>> =>
  Object.fromEntries(
    kinds.flatMap((kind) => {
      const node = nodes[kind];
      return node === undefined ? [] : [[kind, nodeAfter(request, node, kind, kinds)]];
    }),
  );

function nodeAfter(
  request: Request,
  node: ServingNode,
  kind: NodeKind,
  kinds: readonly NodeKind[],
): ServingNode {
  let after: ServingNode = { ...node, ...present('ueSrvccCapability', request.ueSrvccCapability) };
  const has = (flag: number): boolean => hasFlag(request.norFlags, flag);
  if (kind === 'sgsn' && has(NOR_FLAGS.sgsnAreaRestricted)) after = { ...after, isAreaRestricted: true };
  // URRP-MME and URRP-SGSN are cleared each by its own node.
  if (has(kind === 'mme' ? NOR_FLAGS.ueReachableFromMme : NOR_FLAGS.ueReachableFromSgsn)) {
    const { isReachabilityAwaited: _awaited, ...others } = after;
    after = others;
  }
  if (has(NOR_FLAGS.homogeneousSupportOfImsVoice) && kind === voiceKind(request, kinds)) {
    // "without Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions AVP ... unknown"
    const { homogeneousImsVoice: _voice, ...others } = after;
    after = { ...others, ...present('homogeneousImsVoice', homogeneousImsVoice(request)) };
  }
  if (kind === 'mme' && has(NOR_FLAGS.removalOfMmeRegistrationForSms)) {
    const { isRegisteredForSms: _sms, number: _number, ...others } = after;
    after = others;
  }
  return after;
}

/** S6a/S6d-Indicator tells the parts of a combined node apart; another node is what it is [29.272-7.3.49]. */
function voiceKind({ norFlags }: Request, kinds: readonly NodeKind[]): NodeKind | undefined {
  if (kinds.length < 2) return kinds[0];
  return hasFlag(norFlags, NOR_FLAGS.s6aS6dIndicator) ? 'mme' : 'sgsn';
}

/** [29.272-7.3.107] */
function homogeneousImsVoice(request: Request): ServingNode['homogeneousImsVoice'] {
  const support = request.homogeneousSupportOfImsVoiceOverPsSessions;
  if (support === undefined) return undefined;
  return support === HomogeneousSupportOfImsVoiceOverPsSessions.SUPPORTED ? 'supported' : 'notSupported';
}
