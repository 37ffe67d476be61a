/**
 * Server-Assignment-Types that de-register [29.228-6.1.2.1 step 5] [29.228-6.5.1.2]. Readings where the
 * clause is silent: an identity registered with other private identities than the one in the request keeps
 * them (nothing to take away); an identity in the Not Registered state counts as an error [29.228-8.1.3] only
 * where the request names no other one that has a state to end; one whose first authentication is still
 * pending has: the pending flag ends, and where the S-CSCF name is to be kept, what keeps it is the
 * Unregistered state ("there is an S-CSCF keeping the user profile stored" [29.228-3.1]).
 *
 * The S-CSCF name is removed by:
 * - [29.228-6.1.2.1] step 5: TIMEOUT_DEREGISTRATION
 * - [29.228-6.1.2.1] step 5: USER_DEREGISTRATION
 * - [29.228-6.1.2.1] step 5: DEREGISTRATION_TOO_MUCH_DATA
 * - [29.228-6.1.2.1] step 5: ADMINISTRATIVE_DEREGISTRATION
 *
 * The setting cx.keepServerName decides whether the name stays with:
 * - [29.228-6.1.2.1] step 5: TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME
 * - [29.228-6.1.2.1] step 5: USER_DEREGISTRATION_STORE_SERVER_NAME
 */
import type { Decision } from '../../diameter/dispatch/contract';
import { registrationChange, registrationOf } from './state/registration';
import {
  isAuthenticationPending,
  pendingOnly,
  privateIdentityStatus,
  registeredWith,
  setStatus,
  withSet,
  type PrivateIdentityStatus,
  type RegistrationSetStatus,
  type RegistrationStatus,
} from './state/registration-status';
import { ExperimentalResultCode, ServerAssignmentType as Type } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import { withoutUnusedServer, withServer } from './assignment';
import { missingUserName } from './failed-avps';
import { base, experimental, success } from './handler';
import { refused, type Answer, type Assignment } from './assignment-context';

/**
 * What becomes of a set that is registered, unregistered or being authenticated with the private identity:
 * itself where nothing changes, null where the private identity has to be told apart and is missing.
 */
function endRegistration(
  set: RegistrationSetStatus,
  privateIdentity: string | undefined,
  keepName: boolean,
): RegistrationSetStatus | null {
  const registered = registeredWith(set);
  const idle = keepName ? 'unregistered' : 'notRegistered';
  if (set.state === 'registered') {
    if (privateIdentity === undefined && registered.length > 1) return null;
    const leaving = privateIdentity ?? registered[0] ?? '';
    if (privateIdentityStatus(set, leaving) === undefined) return set;
    const rest = without(set.privateIdentities, leaving);
    if (!registered.includes(leaving)) return { ...set, privateIdentities: rest };
    return registered.length > 1
      ? { name: set.name, state: 'registered', privateIdentities: rest }
      : { name: set.name, state: idle, privateIdentities: pendingOnly(rest) };
  }
  if (privateIdentity === undefined) return set.state === idle ? set : { ...set, state: idle };
  if (set.state === idle && privateIdentityStatus(set, privateIdentity) === undefined) return set;
  return {
    name: set.name,
    state: idle,
    privateIdentities: pendingOnly(without(set.privateIdentities, privateIdentity)),
  };
}

/** Registration, restoration information and pending authentication of this private identity go together. */
function without(entries: readonly PrivateIdentityStatus[], name: string): PrivateIdentityStatus[] {
  return entries.filter(({ identity }) => identity !== name);
}

export function deRegister(assignment: Assignment): Decision<Answer> {
  const { request, snapshot, places, settings, context, nodeRequests } = assignment;
  const type = request.serverAssignmentType;
  const storesName =
    type === Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME ||
    type === Type.USER_DEREGISTRATION_STORE_SERVER_NAME;
  const keepName = storesName && settings.keepServerName;

  let status: RegistrationStatus = registrationOf(snapshot);
  let kept = false;
  let applicable = false;
  for (const name of new Set(places.map((place) => place.set.name))) {
    const set = setStatus(registrationOf(snapshot), name);
    const pending =
      request.userName !== undefined &&
      registrationOf(snapshot).server !== null &&
      isAuthenticationPending(
        privateIdentityStatus(set, request.userName),
        context.nowMs,
        settings.authenticationPendingMaxAgeMs,
      );
    if (set.state === 'notRegistered' && !pending) continue;
    applicable = true;
    const ended = endRegistration(set, request.userName, keepName);
    if (ended === null) {
      return {
        ...refused(
          request,
          base(ResultCode.DIAMETER_MISSING_AVP),
          5,
          'User-Name is missing, and the Public User Identity is registered with several Private User Identities',
        ),
        failedAvps: [missingUserName],
      };
    }
    if (ended !== set) status = withSet(status, ended);
    kept ||= keepName && ended.state === 'unregistered';
  }
  if (!applicable) {
    return refused(
      request,
      experimental(ExperimentalResultCode.DIAMETER_ERROR_IN_ASSIGNMENT_TYPE),
      5,
      'de-registration of identities that are not registered (8.1.3)',
    );
  }
  // The S-CSCF that keeps the profile is the one to ask for it [29.228-8.1.2]: another one than before where
  // reassignment was pending.
  if (kept && !assignment.sameServer) {
    const { server, reassignmentPending } = withServer(assignment);
    status = { ...status, server, reassignmentPending };
  }
  status = withoutUnusedServer(status, context.nowMs, settings.authenticationPendingMaxAgeMs);
  const notStored = storesName && !keepName;
  return {
    ...registrationChange(snapshot, status),
    ...(nodeRequests === null ? {} : { outbox: nodeRequests }),
    result: notStored
      ? experimental(ExperimentalResultCode.DIAMETER_SUCCESS_SERVER_NAME_NOT_STORED)
      : success,
    avps: request.userName === undefined ? {} : { userName: request.userName },
  };
}
