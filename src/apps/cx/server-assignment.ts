/**
 * Server-Assignment-Request: S-CSCF registration/deregistration notification [29.228-6.1.2.1], its steps in their order, with
 * implicit registration sets [29.228-6.5.1], download [29.228-6.6] and errors [29.228-8.1.2] [29.228-8.1.3]. What each type does to
 * the state is in assignment.ts (registrations) and de-registration.ts.
 *
 * "IMS Restoration Procedures are supported" is read per peer where the answer's form depends on it: by the HSS and, through
 * Supported-Features, by the S-CSCF (note 3 of 6.1.2.1).
 */
import type { Decision, DecisionContext } from '../../dispatch/contract';
import type { SubscriptionSnapshot } from '../../domain/ports';
import { registeredWith, setStatus } from '../../domain/registration-status';
import { sameSipUri } from '../../domain/sip-uri';
import { associatedPrivateIdentities, findPublicIdentity, type IdentityPlace } from '../../domain/subscription';
import { ExperimentalResultCode, ServerAssignmentType as Type } from '../../generated/cx';
import { ResultCode } from '../../generated/base';
import { refused, type Answer, type Assignment, type Request } from './assignment-context';
import { authenticationFailed, noAssignment, register, serveUnregistered } from './assignment';
import { deRegister } from './de-registration';
import { missingPublicIdentity, missingUserName, surplusPublicIdentity } from './failed-avps';
import { assignedServer, base, defineHandler, experimental, lookupForm } from './handler';
import type { CxSettings } from './settings';

/** Types that may name a list of identities, or none but the private one (table 6.1.2.1). */
const deRegistrationTypes: ReadonlySet<number> = new Set([
  Type.TIMEOUT_DEREGISTRATION, Type.USER_DEREGISTRATION, Type.DEREGISTRATION_TOO_MUCH_DATA, Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME,
  Type.USER_DEREGISTRATION_STORE_SERVER_NAME, Type.ADMINISTRATIVE_DEREGISTRATION,
]);

/** Types that may come without User-Name (table 6.1.2.1). */
const withoutPrivateIdentity: ReadonlySet<number> = new Set([Type.UNREGISTERED_USER, Type.NO_ASSIGNMENT, ...deRegistrationTypes]);

/** Types for distinct Public User Identities only (step 4). */
const userTypes: ReadonlySet<number> = new Set([
  Type.REGISTRATION, Type.RE_REGISTRATION, Type.USER_DEREGISTRATION, Type.USER_DEREGISTRATION_STORE_SERVER_NAME,
  Type.AUTHENTICATION_FAILURE, Type.AUTHENTICATION_TIMEOUT,
]);

/**
 * Types of SWx that Cx does not use [29.229-6.3.15]: [29.228-6.1.2.1] step 5: AAA_USER_DATA_REQUEST, [29.228-6.1.2.1] step 5: PGW_UPDATE,
 * [29.228-6.1.2.1] step 5: RESTORATION. Refused before anything is loaded.
 */
const foreignTypes: ReadonlySet<number> = new Set([Type.AAA_USER_DATA_REQUEST, Type.PGW_UPDATE, Type.RESTORATION]);

export function createServerAssignmentHandler(settings: CxSettings) {
  return defineHandler<Request, Answer>({
    request: 'SAR',
    answer: 'SAA',
    prepare: (request) => checkPresence(request) ?? {
      publicIdentities: (request.publicIdentity ?? []).map(lookupForm),
      ...(request.userName === undefined ? {} : { privateIdentity: request.userName }),
    },
    decide: (request, context) => decideServerAssignment(request, context, settings),
  });
}

/** Conditional Information Elements of table 6.1.2.1 that the command code format does not ask for. */
function checkPresence(request: Request): Decision<Answer> | null {
  const type = request.serverAssignmentType;
  const missing = (failed: typeof missingUserName, check: string): Decision<Answer> => ({
    ...refused(request, base(ResultCode.DIAMETER_MISSING_AVP), 0, check), failedAvps: [failed],
  });
  if (foreignTypes.has(type)) {
    return refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE), 5, `Server-Assignment-Type ${type} is not used on Cx (TS 29.229 6.3.15)`);
  }
  const identities = request.publicIdentity?.length ?? 0;
  if (identities === 0 && !deRegistrationTypes.has(type)) return missing(missingPublicIdentity, 'Public-Identity is missing');
  if (request.userName !== undefined) return null;
  if (!withoutPrivateIdentity.has(type)) return missing(missingUserName, 'User-Name is missing');
  return identities === 0 ? missing(missingUserName, 'neither User-Name nor Public-Identity is present') : null;
}

export function decideServerAssignment(request: Request, context: DecisionContext, settings: CxSettings): Decision<Answer> {
  const incomplete = checkPresence(request);
  if (incomplete !== null) return incomplete;
  const identities = checkIdentities(request, context);
  if (!identities.ok) return identities.decision;
  return withUserName(decideAssignment(request, context, settings, identities), request, identities);
}

/**
 * User-Name "shall be present if it is available" (table 6.1.2.2) [29.228-6.1.2]: where the request has none, one that the identity
 * is registered or else associated with. Where its absence is the error, none of them is the right one.
 */
function withUserName(decision: Decision<Answer>, request: Request, { snapshot, places }: KnownIdentities): Decision<Answer> {
  const [place] = places;
  if (decision.avps.userName !== undefined || decision.failedAvps !== undefined || place === undefined) return decision;
  const userName = request.userName ?? registeredWith(setStatus(snapshot.status, place.set.name))[0]
    ?? associatedPrivateIdentities(snapshot.subscription, place.set)[0];
  return userName === undefined ? decision : { ...decision, avps: { ...decision.avps, userName } };
}

/** Steps 4 and 5. */
function decideAssignment(request: Request, context: DecisionContext, settings: CxSettings, { snapshot, requested, places }: KnownIdentities): Decision<Answer> {
  // Step 4 [29.228-6.1.2.1 step 4]: the type of the identities that the request names.
  for (const { identity } of requested) {
    if (identity.type !== 'distinctPublicUserIdentity' && userTypes.has(request.serverAssignmentType)) {
      return refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE), 4,
        `Server-Assignment-Type ${request.serverAssignmentType} is for distinct Public User Identities, ${identity.identity} is a ${identity.type}`);
    }
    if (identity.psi?.active === false) {
      return refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN), 4, 'the Public Service Identity is not active');
    }
  }

  // Step 5 [29.228-6.1.2.1 step 5].
  const server = assignedServer(snapshot.status, context.nowMs, settings.authenticationPendingMaxAgeMs);
  const sameServer = server !== null && sameSipUri(server.name, request.serverName);
  const assignment: Assignment = { request, context, settings, snapshot, places, sameServer };
  const type = request.serverAssignmentType;
  // [29.228-8.1.2] Another S-CSCF's name, and nobody said that the subscription may move.
  if (server !== null && !sameServer && !(settings.imsRestoration && snapshot.status.reassignmentPending)) {
    const check = `S-CSCF ${request.serverName} asks, S-CSCF ${server.name} is assigned (8.1.2)`;
    return type === Type.NO_ASSIGNMENT
      ? refused(request, base(ResultCode.DIAMETER_UNABLE_TO_COMPLY), 5, check)
      : refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED), 5, check, { serverName: server.name });
  }
  switch (type) {
    case Type.NO_ASSIGNMENT: return noAssignment(assignment, server);
    case Type.REGISTRATION:
    case Type.RE_REGISTRATION: return register(assignment);
    case Type.UNREGISTERED_USER: return serveUnregistered(assignment);
    case Type.AUTHENTICATION_FAILURE:
    case Type.AUTHENTICATION_TIMEOUT: return authenticationFailed(assignment);
    default: return deRegister(assignment);
  }
}

interface KnownIdentities {
  readonly snapshot: SubscriptionSnapshot;
  /** The identities that the request names. */
  readonly requested: readonly IdentityPlace[];
  /** The identities that the request is about: those, or where it names none every one of its private identity. */
  readonly places: readonly IdentityPlace[];
}

type Identities =
  | { readonly ok: true } & KnownIdentities
  | { readonly ok: false; readonly decision: Decision<Answer> };

/** Steps 1 to 3 [29.228-6.1.2.1 step 1] [29.228-6.1.2.1 step 2] [29.228-6.1.2.1 step 3]. */
function checkIdentities(request: Request, context: DecisionContext): Identities {
  const { snapshot, publicIdentityOwners, privateIdentityOwner } = context.loaded;
  const no = (decision: Decision<Answer>): Identities => ({ ok: false, decision });
  const unknown = (check: string) => no(refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN), 1, check));
  const requested = request.publicIdentity ?? [];
  const missing = requested.find((_, index) => (publicIdentityOwners[index] ?? null) === null);
  if (missing !== undefined) return unknown(`the Public Identity ${missing} is unknown`);
  if (request.userName !== undefined && privateIdentityOwner === null) return unknown('the Private Identity is unknown');
  if (snapshot === null) return unknown('the identities are unknown');

  const dontMatch = (check: string) => no(refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_IDENTITIES_DONT_MATCH), 2, check));
  if (request.userName !== undefined && privateIdentityOwner !== snapshot.key) return dontMatch('the Public and the Private Identity belong to different IMS subscriptions');
  const named: IdentityPlace[] = [];
  for (const publicIdentity of requested) {
    const place = findPublicIdentity(snapshot.subscription, lookupForm(publicIdentity));
    if (place === undefined) return dontMatch(`the Public Identity ${publicIdentity} belongs to another IMS subscription than the first one`);
    if (request.userName !== undefined && !associatedPrivateIdentities(snapshot.subscription, place.set).includes(request.userName)) {
      return dontMatch(`the Public Identity ${publicIdentity} is not associated with the Private Identity`);
    }
    named.push(place);
  }
  if (requested.length > 1 && !deRegistrationTypes.has(request.serverAssignmentType)) {
    return no({
      ...refused(request, base(ResultCode.DIAMETER_AVP_OCCURS_TOO_MANY_TIMES), 3, `${requested.length} Public-Identity AVPs, this Server-Assignment-Type takes one`),
      failedAvps: [surplusPublicIdentity(requested[1] ?? '')],
    });
  }
  return { ok: true, snapshot, requested: named, places: named.length > 0 ? named : placesOf(request, snapshot) };
}

/**
 * No Public-Identity: every set that the private identity is associated with. What users initiate goes for Public User Identities
 * only, so services keep their state then.
 */
function placesOf(request: Request, snapshot: SubscriptionSnapshot): IdentityPlace[] {
  const places: IdentityPlace[] = [];
  for (const set of snapshot.subscription.implicitRegistrationSets) {
    const [identity] = set.publicIdentities;
    if (identity === undefined || request.userName === undefined) continue;
    const service = identity.type === 'distinctPsi' || identity.type === 'wildcardedPsi';
    if (service && userTypes.has(request.serverAssignmentType)) continue;
    if (associatedPrivateIdentities(snapshot.subscription, set).includes(request.userName)) places.push({ set, identity });
  }
  return places;
}
