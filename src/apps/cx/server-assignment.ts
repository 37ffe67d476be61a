/**
 * Server-Assignment-Request: S-CSCF registration/deregistration notification [29.228-6.1.2.1], its steps in
 * their order, with implicit registration sets [29.228-6.5.1], download [29.228-6.6] and errors
 * [29.228-8.1.2] [29.228-8.1.3]. Steps 1 to 3 are in assignment-identities.ts; what each type does to the
 * state is in assignment.ts (registrations) and de-registration.ts; restoration.ts and pcscf-restoration.ts
 * are what they need of that.
 *
 * "IMS Restoration Procedures are supported" is read per peer where the answer's form depends on it: by the
 * HSS and, through Supported-Features, by the S-CSCF (note 3 of 6.1.2.1).
 */
import type { Decision, DecisionContext } from '../../diameter/dispatch/contract';
import type { OutboxEntry } from '../../state/ports';
import type { ServingNodePort } from './serving-nodes';
import { changedRegistration, registrationOf } from './state/registration';
import { registeredWith, setStatus } from './state/registration-status';
import { sameSipUri } from '../../subscriber/sip-uri';
import { associatedPrivateIdentities } from '../../subscriber/subscription';
import { ExperimentalResultCode, ServerAssignmentType as Type } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import { assignmentChange } from './assignment-changes';
import { refused, type Answer, type Assignment, type Request } from './assignment-context';
import {
  assignmentIdentities,
  checkAssignmentIdentities,
  deRegistrationTypes,
  userTypes,
  type KnownIdentities,
} from './assignment-identities';
import { authenticationFailed, noAssignment, register, serveUnregistered } from './assignment';
import { deRegister } from './de-registration';
import { missingPublicIdentity, missingUserName, wrongServerName } from './failed-avps';
import { assignedServer, base, defineHandler, experimental, isServerName } from './handler';
import { checkServingNodes, hasRestorationIndication } from './pcscf-restoration';
import { sessionPriority } from './priorities';
import type { CxSettings } from './settings';

/** Types that may come without User-Name (table 6.1.2.1). */
const withoutPrivateIdentity: ReadonlySet<number> = new Set([
  Type.UNREGISTERED_USER,
  Type.NO_ASSIGNMENT,
  ...deRegistrationTypes,
]);

/**
 * Types of SWx that Cx does not use [29.229-6.3.15]: [29.228-6.1.2.1] step 5: AAA_USER_DATA_REQUEST,
 * [29.228-6.1.2.1] step 5: PGW_UPDATE, [29.228-6.1.2.1] step 5: RESTORATION. Refused before anything is
 * loaded.
 */
const foreignTypes: ReadonlySet<number> = new Set([
  Type.AAA_USER_DATA_REQUEST,
  Type.PGW_UPDATE,
  Type.RESTORATION,
]);

export function createServerAssignmentHandler(settings: CxSettings, servingNodes: ServingNodePort) {
  return defineHandler<Request, Answer>({
    request: 'SAR',
    answer: 'SAA',
    senders: ['scscf'],
    priority: sessionPriority(settings.priorities),
    usuallyCommits: true,
    prepare: (request) =>
      checkPresence(request) ?? {
        impus: assignmentIdentities(request),
        ...(request.userName === undefined ? {} : { impi: request.userName }),
        ...(hasRestorationIndication(request, settings) ? { modules: servingNodes.needs } : {}),
      },
    decide: (request, context, bytes) =>
      decideServerAssignment({ request, context, settings, servingNodes, bytes }),
    // "It shall be present if it is available when the HSS sends the response" (table 6.1.2.2): also where
    // nothing could be decided.
    errorAvps: ({ userName }) => (userName === undefined ? {} : { userName }),
    change: assignmentChange,
  });
}

/**
 * Conditional Information Elements of table 6.1.2.1 that the command code format does not ask for, and the
 * form of the S-CSCF name.
 */
function checkPresence(request: Request): Decision<Answer> | null {
  const type = request.serverAssignmentType;
  const missing = (failed: typeof missingUserName, check: string): Decision<Answer> => ({
    ...refused(request, base(ResultCode.DIAMETER_MISSING_AVP), 0, check),
    failedAvps: [failed],
  });
  if (foreignTypes.has(type)) {
    return refused(
      request,
      experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE),
      5,
      `Server-Assignment-Type ${type} is not used on Cx (TS 29.229 6.3.15)`,
    );
  }
  if (!isServerName(request.serverName)) {
    return {
      ...refused(
        request,
        base(ResultCode.DIAMETER_INVALID_AVP_VALUE),
        0,
        'Server-Name is no SIP URI (TS 29.229 6.3.3)',
      ),
      failedAvps: [wrongServerName(request.serverName)],
    };
  }
  const identities = request.publicIdentity?.length ?? 0;
  if (identities === 0 && !deRegistrationTypes.has(type))
    return missing(missingPublicIdentity, 'Public-Identity is missing');
  if (request.userName !== undefined) return null;
  if (!withoutPrivateIdentity.has(type)) return missing(missingUserName, 'User-Name is missing');
  return identities === 0
    ? missing(missingUserName, 'neither User-Name nor Public-Identity is present')
    : null;
}

/** What a decision is made of. */
interface Input {
  readonly request: Request;
  readonly context: DecisionContext;
  readonly settings: CxSettings;
  readonly servingNodes: ServingNodePort;
  readonly bytes: Buffer;
}

function decideServerAssignment(input: Input): Decision<Answer> {
  const { request, context } = input;
  const incomplete = checkPresence(request);
  if (incomplete !== null) return incomplete;
  const identities = checkAssignmentIdentities(request, context);
  if (!identities.ok) return identities.decision;
  const decision = withServerName(decideAssignment(input, identities), input, identities);
  return withUserName(withWildcard(decision, request, identities), request, identities);
}

/**
 * Server-Name "shall be present, if the requesting S-CSCF name is different from the previously assigned
 * S-CSCF name" (table 6.1.2.2) [29.228-6.1.2]. Reading: in every answer, with the S-CSCF that is assigned once
 * the decision is committed; that is the requesting one after a reassignment.
 */
function withServerName(
  decision: Decision<Answer>,
  { request, context, settings }: Input,
  { snapshot }: KnownIdentities,
): Decision<Answer> {
  const before = assignedServer(
    registrationOf(snapshot),
    context.nowMs,
    settings.authenticationPendingMaxAgeMs,
  );
  if (before === null || sameSipUri(before.name, request.serverName)) return decision;
  const { name } = changedRegistration(decision)?.server ?? before;
  return { ...decision, avps: { ...decision.avps, serverName: name } };
}

/**
 * Wildcarded-Public-Identity (table 6.1.2.2) [29.228-6.1.2]: for an identity in the range of a wildcarded
 * Public User Identity that has a state when the request arrives, in every answer to the two types, so that
 * the S-CSCF knows which identity is affected.
 */
function withWildcard(
  decision: Decision<Answer>,
  request: Request,
  { snapshot, requested: [place] }: KnownIdentities,
): Decision<Answer> {
  const asked =
    request.serverAssignmentType === Type.UNREGISTERED_USER ||
    request.serverAssignmentType === Type.NO_ASSIGNMENT;
  if (!asked || place?.nonDistinct === undefined || place.identity.type !== 'wildcardedPublicUserIdentity')
    return decision;
  if (setStatus(registrationOf(snapshot), place.set.name).state === 'notRegistered') return decision;
  return { ...decision, avps: { ...decision.avps, wildcardedPublicIdentity: place.identity.identity } };
}

/**
 * User-Name "shall be present if it is available" (table 6.1.2.2) [29.228-6.1.2]: where the request has none,
 * one that the identity is registered or else associated with. Where its absence is the error, none of them
 * is the right one.
 */
function withUserName(
  decision: Decision<Answer>,
  request: Request,
  { snapshot, places }: KnownIdentities,
): Decision<Answer> {
  const [place] = places;
  if (decision.avps.userName !== undefined || decision.failedAvps !== undefined || place === undefined)
    return decision;
  const userName =
    request.userName ??
    registeredWith(setStatus(registrationOf(snapshot), place.set.name))[0] ??
    associatedPrivateIdentities(snapshot.subscription, place.set)[0];
  return userName === undefined ? decision : { ...decision, avps: { ...decision.avps, userName } };
}

/** Steps 4 and 5. */
function decideAssignment(
  { request, context, settings, servingNodes, bytes }: Input,
  { snapshot, requested, places }: KnownIdentities,
): Decision<Answer> {
  // Step 4 [29.228-6.1.2.1 step 4]: the type of the identities that the request names.
  for (const { identity } of requested) {
    if (identity.type !== 'distinctPublicUserIdentity' && userTypes.has(request.serverAssignmentType)) {
      return refused(
        request,
        experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE),
        4,
        `Server-Assignment-Type ${request.serverAssignmentType} is for distinct Public User Identities, ${identity.identity} is a ${identity.type}`,
      );
    }
    if (identity.psi?.active === false) {
      return refused(
        request,
        experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN),
        4,
        'the Public Service Identity is not active',
      );
    }
  }

  // Step 5 [29.228-6.1.2.1 step 5].
  let nodeRequests: readonly OutboxEntry[] | null = null;
  if (hasRestorationIndication(request, settings)) {
    const indication = checkServingNodes(request, snapshot, places[0], servingNodes);
    if (!indication.supported) return indication.decision;
    nodeRequests = indication.requests;
  }
  const server = assignedServer(
    registrationOf(snapshot),
    context.nowMs,
    settings.authenticationPendingMaxAgeMs,
  );
  const sameServer = server !== null && sameSipUri(server.name, request.serverName);
  const type = request.serverAssignmentType;
  const otherAssigned =
    server !== null &&
    !sameServer &&
    !(settings.imsRestoration && registrationOf(snapshot).reassignmentPending);
  const keepsServer = otherAssigned && nodeRequests !== null && type === Type.UNREGISTERED_USER;
  const assignment: Assignment = {
    request,
    context,
    settings,
    snapshot,
    places,
    sameServer,
    keepsServer,
    bytes,
    nodeRequests,
  };
  // [29.228-8.1.2] Another S-CSCF's name, and nobody said that the subscription may move.
  if (otherAssigned && !keepsServer) {
    const check = `S-CSCF ${request.serverName} asks, S-CSCF ${server.name} is assigned (8.1.2)`;
    return type === Type.NO_ASSIGNMENT
      ? refused(request, base(ResultCode.DIAMETER_UNABLE_TO_COMPLY), 5, check)
      : refused(
          request,
          experimental(ExperimentalResultCode.DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED),
          5,
          check,
        );
  }
  switch (type) {
    case Type.NO_ASSIGNMENT:
      return noAssignment(assignment, server);
    case Type.REGISTRATION:
    case Type.RE_REGISTRATION:
      return register(assignment);
    case Type.UNREGISTERED_USER:
      return serveUnregistered(assignment);
    case Type.AUTHENTICATION_FAILURE:
    case Type.AUTHENTICATION_TIMEOUT:
      return authenticationFailed(assignment);
    default:
      return deRegister(assignment);
  }
}
