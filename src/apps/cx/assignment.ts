/**
 * Server-Assignment-Types that assign or ask: REGISTRATION, RE_REGISTRATION, UNREGISTERED_USER, NO_ASSIGNMENT
 * and the two authentication outcomes [29.228-6.1.2.1 step 5]; state changes go for the whole implicit
 * registration set [29.228-6.5.1.1] [29.228-6.5.1.5]. The S-CSCF name was checked before [29.228-8.1.2].
 */
import type { Decision } from '../../diameter/dispatch/contract';
import { registrationChange, registrationOf } from './state/registration';
import {
  pendingOnly,
  privateIdentityStatus,
  registeredStatus,
  registeredWith,
  serverInUse,
  setStatus,
  withPrivateIdentity,
  withSet,
  type AssignedServer,
  type RegistrationSetStatus,
  type RegistrationStatus,
} from './state/registration-status';
import { associatedPrivateIdentities } from '../../subscriber/subscription';
import { ExperimentalResultCode, ServerAssignmentType, UserDataAlreadyAvailable } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import { base, experimental, inconsistent, success } from './handler';
import { refused, type Answer, type Assignment, type NamedPlace, type Request } from './assignment-context';
import {
  associatedRegistered,
  keepsRestoration,
  restorationAfterRegistration,
  restorationGroups,
  restorationSupported,
  type RestorationAfter,
} from './restoration';
import { userInformation } from './user-information';

/** The set of a request that names one identity. */
function only(assignment: Assignment): NamedPlace | undefined {
  return assignment.places[0];
}

const noIdentity = (request: Request): Decision<Answer> =>
  inconsistent('no identity is left to serve', 'TS 29.228 6.1.2.1', request.publicIdentity?.[0] ?? '');

/**
 * [29.228-6.6] The S-CSCF says whether it has the profile; only these types may use it (table 6.1.2.1). The
 * HSS overrides it where it knows better.
 */
function download(assignment: Assignment, set: RegistrationSetStatus): boolean {
  return (
    assignment.settings.alwaysSendUserData ||
    set.profileOutdated === true ||
    assignment.request.userDataAlreadyAvailable === UserDataAlreadyAvailable.USER_DATA_NOT_AVAILABLE
  );
}

/** The name, host and realm of the requesting S-CSCF; a pending reassignment is used up. */
export function withServer({ request, snapshot, sameServer, keepsServer }: Assignment): RegistrationStatus {
  const status = registrationOf(snapshot);
  if (keepsServer) return status;
  const current = status.server;
  const server: AssignedServer = {
    name: sameServer && current !== null ? current.name : request.serverName,
    diameterHost: request.originHost,
    diameterRealm: request.originRealm,
  };
  const unchanged =
    current !== null &&
    current.name === server.name &&
    current.diameterHost === server.diameterHost &&
    current.diameterRealm === server.diameterRealm &&
    !status.reassignmentPending;
  return unchanged ? status : { ...status, server, reassignmentPending: false };
}

/**
 * [29.228-6.1.2.1] step 5: REGISTRATION, [29.228-6.1.2.1] step 5: RE_REGISTRATION. Registered with this
 * private identity, its authentication no longer pending. A multiple registration whose restoration
 * information is kept gets that information, the profile and DIAMETER_ERROR_IN_ASSIGNMENT_TYPE; the S-CSCF is
 * the assigned one all the same.
 */
export function register(assignment: Assignment): Decision<Answer> {
  const { request, snapshot, context, settings } = assignment;
  const place = only(assignment);
  const { userName } = request;
  if (place === undefined || userName === undefined) return noIdentity(request);
  const set = setStatus(registrationOf(snapshot), place.set.name);
  const entry = privateIdentityStatus(set, userName);
  const keeps = keepsRestoration(assignment, set);
  const { restoration, notable }: RestorationAfter = keeps
    ? { restoration: entry?.restoration }
    : restorationAfterRegistration(assignment, entry?.restoration);
  let status = withServer(assignment);
  const isRegistered = set.state === 'registered' && entry?.registered === true;
  const changes =
    !isRegistered ||
    set.profileOutdated === true ||
    entry.authenticationPendingSinceMs !== undefined ||
    entry.restoration !== restoration;
  // A REGISTRATION is a new one even where the state says registered: an RTR that the S-CSCF has answered may
  // not be accounted for yet. Where nothing was committed since the last one, nothing was asked of the S-CSCF
  // either.
  const anew =
    !isRegistered ||
    (request.serverAssignmentType === ServerAssignmentType.REGISTRATION &&
      (changes || entry.since !== registrationOf(snapshot).version));
  if (changes || anew) {
    const since = anew ? registrationOf(snapshot).version + 1 : entry.since;
    const registered = registeredStatus(userName, since, restoration);
    status = withSet(status, {
      name: set.name,
      state: 'registered',
      profileOutdated: false,
      privateIdentities: withPrivateIdentity(set.privateIdentities, registered),
    });
  }
  const after = setStatus(status, place.set.name);
  const avps = {
    ...userInformation(snapshot, place.set, userName, context.features, download(assignment, set)),
    ...associatedRegistered(assignment, after),
  };
  if (keeps) {
    return {
      ...refused(
        request,
        experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE),
        5,
        'multiple registration, and restoration information of the registration is stored: it is sent to the S-CSCF',
        avps,
      ),
      ...registrationChange(snapshot, status),
      ...restorationGroups(assignment, after, settings.sendAllRestorationInfo ? undefined : userName),
    };
  }
  const sendsAll = settings.sendAllRestorationInfo && registeredWith(after).length > 1;
  return {
    result: success,
    avps,
    ...registrationChange(snapshot, status),
    ...(sendsAll ? restorationGroups(assignment, after) : {}),
    ...(notable === undefined ? {} : { notable }),
  };
}

/**
 * [29.228-6.1.2.1] step 5: UNREGISTERED_USER. The S-CSCF serves the identity in the unregistered state; one
 * that is registered gets its restoration information instead, and the S-CSCF is the assigned one. With a
 * P-CSCF-Restoration-Indication the registrations end. An identity in the range of a registered wildcarded
 * one never ends that registration (note 5).
 */
export function serveUnregistered(assignment: Assignment): Decision<Answer> {
  const { request, snapshot, context, nodeRequests } = assignment;
  const place = only(assignment);
  if (place === undefined) return noIdentity(request);
  const set = setStatus(registrationOf(snapshot), place.set.name);
  const privateIdentity =
    request.userName ?? associatedPrivateIdentities(snapshot.subscription, place.set)[0] ?? '';
  let status = withServer(assignment);
  if (
    set.state === 'registered' &&
    nodeRequests === null &&
    (restorationSupported(assignment) || place.nonDistinct !== undefined)
  ) {
    return {
      ...refused(
        request,
        experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE),
        5,
        place.nonDistinct === undefined
          ? 'UNREGISTERED_USER for a registered Public Identity while IMS Restoration Procedures are supported'
          : `UNREGISTERED_USER for an identity in the range of ${place.identity.identity}, which is registered`,
        { userName: privateIdentity },
      ),
      ...registrationChange(snapshot, status),
      ...restorationGroups(assignment, set),
    };
  }
  // Also where it is unregistered already, for the reason that `register` has.
  if (
    set.state !== 'unregistered' ||
    set.profileOutdated === true ||
    set.since !== registrationOf(snapshot).version
  ) {
    // From registered too: no registration and no restoration information stays.
    status = withSet(status, {
      name: set.name,
      since: registrationOf(snapshot).version + 1,
      state: 'unregistered',
      profileOutdated: nodeRequests !== null && set.profileOutdated === true,
      privateIdentities: pendingOnly(set.privateIdentities),
    });
  }
  return {
    result: success,
    avps: userInformation(
      snapshot,
      place.set,
      privateIdentity,
      context.features,
      nodeRequests === null && download(assignment, set),
      place,
    ),
    ...registrationChange(snapshot, status),
    ...(nodeRequests === null ? {} : { outbox: nodeRequests }),
  };
}

/**
 * [29.228-6.1.2.1] step 5: NO_ASSIGNMENT. The profile, and restoration information of every private identity,
 * for the S-CSCF that is assigned or may become so; the state stays, and so does a pending reassignment (note
 * 6).
 */
export function noAssignment(assignment: Assignment, server: AssignedServer | null): Decision<Answer> {
  const { request, snapshot, context, settings } = assignment;
  const place = only(assignment);
  if (place === undefined) return noIdentity(request);
  if (server === null && !(settings.imsRestoration && registrationOf(snapshot).reassignmentPending)) {
    return refused(
      request,
      base(ResultCode.DIAMETER_UNABLE_TO_COMPLY),
      5,
      'NO_ASSIGNMENT for a Public Identity that no S-CSCF is assigned to',
    );
  }
  const privateIdentity =
    request.userName ?? associatedPrivateIdentities(snapshot.subscription, place.set)[0] ?? '';
  return {
    result: success,
    avps: userInformation(
      snapshot,
      place.set,
      privateIdentity,
      context.features,
      download(assignment, setStatus(registrationOf(snapshot), place.set.name)),
      place,
    ),
    ...restorationGroups(assignment, setStatus(registrationOf(snapshot), place.set.name)),
  };
}

/**
 * [29.228-6.1.2.1] step 5: AUTHENTICATION_FAILURE, [29.228-6.1.2.1] step 5: AUTHENTICATION_TIMEOUT. The flag
 * is cleared; the name goes where nothing else needs it.
 */
export function authenticationFailed(assignment: Assignment): Decision<Answer> {
  const { request, snapshot, context, settings } = assignment;
  const place = only(assignment);
  if (place === undefined || request.userName === undefined) return noIdentity(request);
  const set = setStatus(registrationOf(snapshot), place.set.name);
  const entry = privateIdentityStatus(set, request.userName);
  let status = registrationOf(snapshot);
  if (entry?.authenticationPendingSinceMs !== undefined) {
    const { authenticationPendingSinceMs: _cleared, ...kept } = entry;
    status = withSet(status, { ...set, privateIdentities: withPrivateIdentity(set.privateIdentities, kept) });
  }
  if (set.state === 'notRegistered')
    status = withoutUnusedServer(status, context.nowMs, settings.authenticationPendingMaxAgeMs);
  return {
    result: success,
    avps: { userName: request.userName },
    ...registrationChange(snapshot, status),
  };
}

/** One name serves the whole subscription, so it is cleared when no set needs it any more. */
export function withoutUnusedServer(
  status: RegistrationStatus,
  nowMs: number,
  maxPendingAgeMs: number,
): RegistrationStatus {
  if (status.server === null || serverInUse(status, nowMs, maxPendingAgeMs)) return status;
  return { ...status, server: null, reassignmentPending: false };
}
