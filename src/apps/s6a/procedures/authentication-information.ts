/**
 * Authentication-Information-Request: vectors for an MME or an SGSN [29.272-5.2.3.1.3]. The counter is that of
 * the K, whoever asks; MMEs and SGSNs have values of IND of their own. The answer is made once the numbers are
 * drawn, with the commit.
 *
 * Readings: a wrong MAC-S is answered DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE and changes nothing; a serving
 * network that the realm may not ask for is answered DIAMETER_AUTHORIZATION_REJECTED. A SIM gets triplets, without
 * a number being drawn; where E-UTRAN vectors are requested too, it gets them only if those are not for immediate
 * use.
 */
import type { SecretOpener } from '../../../authentication/secret-opener';
import { counterOf, credentials, credentialsOf } from '../../../authentication/credentials';
import { openCredential, type OpenedCredential } from '../../../authentication/opened-credential';
import { planDraw, RESYNCHRONISATION_OCTETS } from '../../../authentication/vector-draw';
import { eutranVectors, geranVectors, simVectors, utranVectors } from '../../../authentication/vectors';
import type { RawAvp } from '../../../diameter/codec/types';
import type { Decision, DecisionContext, Refusal } from '../../../diameter/dispatch/contract';
import { ResultCode } from '../../../diameter/generated/base';
import { identityKey } from '../../../diameter/peer/diameter-identity';
import type { RandomSource } from '../../../shared/clock';
import { effectiveEps } from '../../../subscriber/eps';
import { findUsim, type StoredUsim } from '../../../subscriber/subscription';
import { isSim } from '../../../subscriber/subscription-document';
import { failedAvp, failedMember } from '../failed-avps';
import { AIR_FLAGS, hasFlag } from '../flags';
import {
  ExperimentalResultCode,
  type AuthenticationInfo,
  type AuthenticationInformationAnswer,
  type AuthenticationInformationRequest,
} from '../generated/s6a';
import {
  base,
  defineHandler,
  experimental,
  refuse,
  success,
  unknownEpsSubscription,
  unknownUser,
} from '../handler';
import { plmnOf } from '../plmn';
import type { S6aSettings } from '../settings';
import { wantedVectors, type Wanted } from './wanted-vectors';

type Request = AuthenticationInformationRequest;
type Answer = AuthenticationInformationAnswer;

const CLAUSE = '5.2.3.1.3';
const VISITED_PLMN_ID = 1407;
const RE_SYNCHRONIZATION_INFO = 1411;
const REQUESTED_EUTRAN_AUTHENTICATION_INFO = 1408;
const REQUESTED_UTRAN_GERAN_AUTHENTICATION_INFO = 1409;
/** A vector with its header and those of its members, rounded up [29.272-7.3.18]. */
const MAX_VECTOR_OCTETS = 176;

export const createAuthenticationInformationHandler = (settings: S6aSettings, secrets: SecretOpener) =>
  defineHandler<Request, Answer>({
    request: 'AIR',
    answer: 'AIA',
    senders: ['mme', 'sgsn'],
    usuallyCommits: true,
    prepare: (request) => checkContent(request) ?? { modules: [credentials] },
    decide: (request, context) => decide(request, context, settings, secrets),
  });

const refusal = (request: Request, check: string): Refusal => ({
  check,
  clause: `TS 29.272 ${CLAUSE}`,
  imsi: request.userName,
});

/** What the request alone tells [29.272-5.2.3.1.1]. */
function checkContent(request: Request): Decision<Answer> | null {
  const { requestedEutranAuthenticationInfo: eutran, requestedUtranGeranAuthenticationInfo: utran } = request;
  const fault = (code: ResultCode, failed: RawAvp, check: string): Decision<Answer> => ({
    ...refuse(base(code), refusal(request, check)),
    failedAvps: [failed],
  });
  if (plmnOf(request.visitedPlmnId) === null)
    return fault(
      ResultCode.DIAMETER_INVALID_AVP_VALUE,
      failedAvp(VISITED_PLMN_ID, request.visitedPlmnId),
      'Visited-PLMN-Id is no PLMN identity [29.272-7.3.9]',
    );
  if (eutran === undefined && utran === undefined)
    return fault(
      ResultCode.DIAMETER_MISSING_AVP,
      failedAvp(REQUESTED_EUTRAN_AUTHENTICATION_INFO),
      'neither E-UTRAN nor UTRAN or GERAN vectors are requested',
    );
  if (eutran?.reSynchronizationInfo !== undefined && utran?.reSynchronizationInfo !== undefined)
    return refuse(
      base(ResultCode.DIAMETER_UNABLE_TO_COMPLY),
      refusal(request, 'Re-Synchronization-Info is in both requests for vectors'),
    );
  const resynchronisation = eutran?.reSynchronizationInfo ?? utran?.reSynchronizationInfo;
  if (resynchronisation !== undefined && resynchronisation.length !== RESYNCHRONISATION_OCTETS) {
    const group =
      eutran?.reSynchronizationInfo === undefined
        ? REQUESTED_UTRAN_GERAN_AUTHENTICATION_INFO
        : REQUESTED_EUTRAN_AUTHENTICATION_INFO;
    return fault(
      ResultCode.DIAMETER_INVALID_AVP_LENGTH,
      failedMember(group, RE_SYNCHRONIZATION_INFO, resynchronisation),
      `Re-Synchronization-Info has ${resynchronisation.length} octets, not ${RESYNCHRONISATION_OCTETS} [29.272-7.3.15]`,
    );
  }
  return null;
}

function decide(
  request: Request,
  context: DecisionContext,
  settings: S6aSettings,
  secrets: SecretOpener,
): Decision<Answer> {
  const imsi = request.userName;
  const { snapshot } = context.loaded;
  const usim = snapshot === null ? undefined : findUsim(snapshot.subscription, imsi);
  if (snapshot === null || usim === undefined) return unknownUser(imsi, CLAUSE);
  const eps = effectiveEps(usim, snapshot.shared);
  const wanted = wantedVectors(
    request,
    { hasApns: eps?.apnConfigurationProfile !== undefined, hasGprs: eps?.gprsSubscriptionData !== undefined },
    settings.maxAuthenticationVectors,
  );
  if (!wanted.ok) return unknownEpsSubscription(refusal(request, wanted.check), eps);
  if (request.requestedEutranAuthenticationInfo !== undefined && !mayServe(request, settings))
    return refuse(
      base(ResultCode.DIAMETER_AUTHORIZATION_REJECTED),
      refusal(
        request,
        `nodes of ${request.originRealm} may not ask for vectors for the serving network ${plmnOf(request.visitedPlmnId)} (s6a.servingNetworks)`,
      ),
    );
  if (isSim(usim.aka)) return decideForSim(request, context, usim, wanted, secrets, eps?.ueUsageType);
  const counter = counterOf(credentialsOf(snapshot), imsi);
  if (counter === undefined)
    return unavailable(request, 'no counter of the K of this USIM is stored', eps?.ueUsageType);
  const credential = openCredential(imsi, usim.aka, secrets);
  const planned = planDraw({
    milenage: credential.milenage,
    counter,
    requester: request.requestedEutranAuthenticationInfo === undefined ? 'sgsn' : 'mme',
    indBits: usim.aka.indBits,
    count: wanted.eutranCount,
    secondBatchCount: wanted.utranCount,
    resynchronisation: wanted.resynchronisation,
  });
  if (!planned.ok) return unavailable(request, planned.check, eps?.ueUsageType);
  const ueUsageType = usageTypeFor(request, eps?.ueUsageType);
  const takesTriplets =
    settings.geranVectors.size > 0 && settings.geranVectors.has(identityKey(request.originHost));
  const notable = wanted.resynchronisation === undefined ? undefined : 'sqnResynchronised';
  const made = (sqns: readonly number[]): Decision<Answer> => ({
    result: success,
    avps: {
      ...vectorsOf(credential, sqns, wanted, request, context.random, takesTriplets),
      ...ueUsageType,
    },
    notable,
  });
  if (planned.draw === null) return made([]);
  return {
    result: success,
    avps: {},
    draw: planned.draw,
    laterOctets: (wanted.eutranCount + wanted.utranCount) * MAX_VECTOR_OCTETS,
    complete: made,
    notable,
  };
}

/**
 * "the UE is attaching via E-UTRAN with a SIM card equipped": no vector, DIAMETER_AUTHORIZATION_REJECTED
 * [29.272-5.2.3.1.3].
 */
function decideForSim(
  request: Request,
  context: DecisionContext,
  { imsi, aka }: StoredUsim,
  { utranCount, resynchronisation }: Wanted,
  secrets: SecretOpener,
  ueUsageType: number | undefined,
): Decision<Answer> {
  const { requestedEutranAuthenticationInfo: eutran, requestedUtranGeranAuthenticationInfo: utran } = request;
  if (eutran !== undefined && (utran === undefined || eutran.immediateResponsePreferred !== undefined))
    return refuse(
      base(ResultCode.DIAMETER_AUTHORIZATION_REJECTED),
      refusal(request, 'E-UTRAN vectors are requested for a SIM (gsmMilenage)'),
    );
  if (resynchronisation !== undefined)
    return unavailable(
      request,
      'Re-Synchronization-Info for a SIM, which has no sequence numbers',
      ueUsageType,
    );
  const vectors = simVectors(openCredential(imsi, aka, secrets), utranCount, context.random);
  return {
    result: success,
    avps: {
      ...(vectors.length === 0 ? {} : { authenticationInfo: { geranVector: numbered(vectors) } }),
      ...usageTypeFor(request, ueUsageType),
    },
  };
}

/**
 * "check if serving nodes within the realm identified by the received Origin-Realm AVP are allowed to request
 * authentication information for use in the serving network" [29.272-5.2.3.1.3]
 */
function mayServe({ originRealm, visitedPlmnId }: Request, { servingNetworks }: S6aSettings): boolean {
  const networks = servingNetworks.get(originRealm.toLowerCase());
  const visited = plmnOf(visitedPlmnId);
  return networks === undefined || (visited !== null && networks.has(visited));
}

/** DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE, with the UE usage type where it is asked for [29.272-5.2.3.1.3]. */
const unavailable = (request: Request, check: string, ueUsageType: number | undefined): Decision<Answer> =>
  refuse(
    experimental(ExperimentalResultCode.DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE),
    refusal(request, check),
    usageTypeFor(request, ueUsageType),
  );

const usageTypeFor = ({ airFlags }: Request, ueUsageType: number | undefined): Partial<Answer> =>
  ueUsageType !== undefined && hasFlag(airFlags, AIR_FLAGS.sendUeUsageType) ? { ueUsageType } : {};

/** The E-UTRAN vectors have the lower SQNs; Item-Number is there where a kind has several [29.272-7.3.23]. */
function vectorsOf(
  credential: OpenedCredential,
  sqns: readonly number[],
  { eutranCount }: Wanted,
  { visitedPlmnId }: Request,
  random: RandomSource,
  takesTriplets: boolean,
): Partial<Answer> {
  if (sqns.length === 0) return {};
  const eutran = eutranVectors(credential, sqns.slice(0, eutranCount), visitedPlmnId, random);
  const others = sqns.slice(eutranCount);
  const authenticationInfo: AuthenticationInfo = {
    ...(eutran.length === 0 ? {} : { eUtranVector: numbered(eutran) }),
    ...(others.length === 0
      ? {}
      : takesTriplets
        ? { geranVector: numbered(geranVectors(credential, others, random)) }
        : { utranVector: numbered(utranVectors(credential, others, random)) }),
  };
  return { authenticationInfo };
}

const numbered = <Vector extends object>(
  vectors: readonly Vector[],
): readonly (Vector & { readonly itemNumber?: number })[] =>
  vectors.length === 1 ? vectors : vectors.map((vector, i) => ({ itemNumber: i + 1, ...vector }));
