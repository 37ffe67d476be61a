/**
 * Server-Assignment-Types that assign or ask: REGISTRATION, RE_REGISTRATION, UNREGISTERED_USER, NO_ASSIGNMENT and the two
 * authentication outcomes [29.228-6.1.2.1 step 5]; state changes go for the whole implicit registration set [29.228-6.5.1.1]
 * [29.228-6.5.1.5]. The S-CSCF name was checked before [29.228-8.1.2].
 */
import type { Decision } from '../../dispatch/contract';
import { pendingOnly, serverInUse, setStatus, withSet, type AssignedServer, type PrivateIdentityStatus, type RegistrationStatus } from '../../domain/registration-status';
import { associatedPrivateIdentities, type IdentityPlace } from '../../domain/subscription';
import { ExperimentalResultCode, UserDataAlreadyAvailable } from '../../generated/cx';
import { ResultCode } from '../../generated/base';
import { IMS_RESTORATION_IND } from './feature-table';
import { base, experimental, inconsistent, success } from './handler';
import { refused, type Answer, type Assignment, type Request } from './assignment-context';
import { userInformation } from './user-information';

/** The set of a request that names one identity. */
function only(assignment: Assignment): IdentityPlace | undefined {
  return assignment.places[0];
}

const noIdentity = (request: Request): Decision<Answer> => inconsistent('no identity is left to serve', 'TS 29.228 6.1.2.1', request.publicIdentity?.[0] ?? '');

/** [29.228-6.6] The S-CSCF says whether it has the profile; only these types may use it (table 6.1.2.1). */
function download(assignment: Assignment): boolean {
  return assignment.settings.alwaysSendUserData || assignment.request.userDataAlreadyAvailable === UserDataAlreadyAvailable.USER_DATA_NOT_AVAILABLE;
}

/** The name, host and realm of the requesting S-CSCF; a pending reassignment is used up. */
function withServer(assignment: Assignment): RegistrationStatus {
  const { request, snapshot } = assignment;
  const current = snapshot.status.server;
  const server: AssignedServer = {
    name: assignment.sameServer && current !== null ? current.name : request.serverName,
    diameterHost: request.originHost, diameterRealm: request.originRealm,
  };
  const unchanged = current !== null && current.name === server.name && current.diameterHost === server.diameterHost
    && current.diameterRealm === server.diameterRealm && !snapshot.status.reassignmentPending;
  return unchanged ? snapshot.status : { ...snapshot.status, server, reassignmentPending: false };
}

/**
 * [29.228-6.1.2.1] step 5: REGISTRATION, [29.228-6.1.2.1] step 5: RE_REGISTRATION. Registered with this private identity, its authentication no
 * longer pending.
 */
export function register(assignment: Assignment): Decision<Answer> {
  const { request, snapshot, context } = assignment;
  const place = only(assignment);
  if (place === undefined || request.userName === undefined) return noIdentity(request);
  const set = setStatus(snapshot.status, place.set.name);
  const entry = set.privateIdentities[request.userName];
  let status = withServer(assignment);
  if (set.state !== 'registered' || entry?.registered !== true || entry.authenticationPendingSinceMs !== undefined) {
    const registered: PrivateIdentityStatus = { registered: true, ...(entry?.restoration === undefined ? {} : { restoration: entry.restoration }) };
    status = withSet(status, place.set.name, { state: 'registered', privateIdentities: { ...set.privateIdentities, [request.userName]: registered } });
  }
  return {
    result: success,
    avps: userInformation(snapshot, place.set, request.userName, context.features, download(assignment)),
    ...(status === snapshot.status ? {} : { status }),
  };
}

/** [29.228-6.1.2.1] step 5: UNREGISTERED_USER. The S-CSCF serves the identity in the unregistered state. */
export function serveUnregistered(assignment: Assignment): Decision<Answer> {
  const { request, snapshot, context, settings } = assignment;
  const place = only(assignment);
  if (place === undefined) return noIdentity(request);
  const set = setStatus(snapshot.status, place.set.name);
  const privateIdentity = request.userName ?? associatedPrivateIdentities(snapshot.subscription, place.set)[0] ?? '';
  if (set.state === 'registered' && settings.imsRestoration && context.features.has(IMS_RESTORATION_IND)) {
    return refused(request, experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE), 5,
      'UNREGISTERED_USER for a registered Public Identity while IMS Restoration Procedures are supported', { userName: privateIdentity });
  }
  let status = withServer(assignment);
  if (set.state !== 'unregistered') {
    // From registered too: no registration and no restoration information stays.
    status = withSet(status, place.set.name, { state: 'unregistered', privateIdentities: pendingOnly(set.privateIdentities) });
  }
  return {
    result: success,
    avps: userInformation(snapshot, place.set, privateIdentity, context.features, download(assignment)),
    ...(status === snapshot.status ? {} : { status }),
  };
}

/** [29.228-6.1.2.1] step 5: NO_ASSIGNMENT. The profile for the S-CSCF that is assigned; the state stays. */
export function noAssignment(assignment: Assignment, server: AssignedServer | null): Decision<Answer> {
  const { request, snapshot, context } = assignment;
  const place = only(assignment);
  if (place === undefined) return noIdentity(request);
  if (server === null) {
    return refused(request, base(ResultCode.DIAMETER_UNABLE_TO_COMPLY), 5, 'NO_ASSIGNMENT for a Public Identity that no S-CSCF is assigned to');
  }
  const privateIdentity = request.userName ?? associatedPrivateIdentities(snapshot.subscription, place.set)[0] ?? '';
  return { result: success, avps: userInformation(snapshot, place.set, privateIdentity, context.features, download(assignment)) };
}

/**
 * [29.228-6.1.2.1] step 5: AUTHENTICATION_FAILURE, [29.228-6.1.2.1] step 5: AUTHENTICATION_TIMEOUT. The flag is cleared; the name goes
 * where nothing else needs it.
 */
export function authenticationFailed(assignment: Assignment): Decision<Answer> {
  const { request, snapshot, context, settings } = assignment;
  const place = only(assignment);
  if (place === undefined || request.userName === undefined) return noIdentity(request);
  const set = setStatus(snapshot.status, place.set.name);
  const entry = set.privateIdentities[request.userName];
  let status = snapshot.status;
  if (entry?.authenticationPendingSinceMs !== undefined) {
    const { authenticationPendingSinceMs: _cleared, ...kept } = entry;
    status = withSet(status, place.set.name, { ...set, privateIdentities: { ...set.privateIdentities, [request.userName]: kept } });
  }
  if (set.state === 'notRegistered') status = withoutUnusedServer(status, context.nowMs, settings.authenticationPendingMaxAgeMs);
  return { result: success, avps: { userName: request.userName }, ...(status === snapshot.status ? {} : { status }) };
}

/** One name serves the whole subscription, so it is cleared when no set needs it any more. */
export function withoutUnusedServer(status: RegistrationStatus, nowMs: number, maxPendingAgeMs: number): RegistrationStatus {
  if (status.server === null || serverInUse(status, nowMs, maxPendingAgeMs)) return status;
  return { ...status, server: null, reassignmentPending: false };
}
