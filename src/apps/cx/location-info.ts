/**
 * Location-Info-Request: user location query [29.228-6.1.4.1], its steps in their order, for stored
 * identities and those in the range of a wildcarded one, which every answer about it then names
 * [29.228-6.1.4].
 */
import type { Decision, DecisionContext } from '../../diameter/dispatch/contract';
import type { SubscriptionSnapshot } from '../../state/ports';
import { registrationChange, registrationOf } from './state/registration';
import { setStatus } from './state/registration-status';
import { isWildcardedType } from '../../subscriber/public-identity';
import { isServiceType, type IdentityPlace } from '../../subscriber/subscription';
import { hasUnregisteredServices } from './unregistered-services';
import { ExperimentalResultCode, UserAuthorizationType } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import type { LocationInfoAnswer, LocationInfoRequest } from './generated/cx';
import {
  assignedServer,
  base,
  defineHandler,
  experimental,
  inconsistent,
  lookupForm,
  placeOf,
  refuse,
  serverCapabilities,
  success,
} from './handler';
import { sessionPriority } from './priorities';
import type { CxSettings } from './settings';

type Request = LocationInfoRequest;
type Answer = LocationInfoAnswer;

const CLAUSE = '6.1.4.1';
/** LIA-Flags bit 0 [29.229-6.3.59]. */
const PSI_DIRECT_ROUTING = 1;

const userUnknown = experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN);

export function createLocationInfoHandler(settings: CxSettings) {
  return defineHandler<Request, Answer>({
    request: 'LIR',
    answer: 'LIA',
    senders: ['icscf'],
    priority: sessionPriority(settings.priorities),
    prepare: (request) => ({ impus: [lookupForm(request.publicIdentity)] }),
    decide: (request, context) => decideLocationInfo(request, context, settings),
  });
}

export function decideLocationInfo(
  request: Request,
  context: DecisionContext,
  settings: CxSettings,
): Decision<Answer> {
  const { snapshot } = context.loaded;
  const place = placeOf(context.loaded, request.publicIdentity);
  // Step 1 [29.228-6.1.4.1 step 1].
  if (snapshot === null || place === undefined)
    return refuse(userUnknown, refusal(request, 1, 'the Public Identity is unknown'));
  // An inactive service is answered as if it were not there.
  if (isServiceType(place.identity.type) && place.identity.psi?.active === false) {
    return refuse(userUnknown, refusal(request, 2, 'the Public Service Identity is not active'));
  }
  const decision = locate(request, context, snapshot, place, settings);
  if (!isWildcardedType(place.identity.type)) return decision;
  return { ...decision, avps: { ...decision.avps, wildcardedPublicIdentity: place.identity.identity } };
}

/** From step 2, for an identity that is known and, if it is a service, active. */
function locate(
  request: Request,
  context: DecisionContext,
  snapshot: SubscriptionSnapshot,
  place: IdentityPlace,
  settings: CxSettings,
): Decision<Answer> {
  const reselection =
    settings.imsRestoration &&
    request.userAuthorizationType === UserAuthorizationType.REGISTRATION_AND_CAPABILITIES;

  // Step 2 [29.228-6.1.4.1 step 2]: Public Service Identities.
  if (isServiceType(place.identity.type)) {
    const asName = place.identity.psi?.asName;
    if (asName !== undefined && request.originatingRequest === undefined) {
      if (reselection)
        return refuse(
          base(ResultCode.DIAMETER_UNABLE_TO_COMPLY),
          refusal(request, 2, 'a new S-CSCF was asked for, but the PSI is routed to its AS directly'),
        );
      return { result: success, avps: { serverName: asName, liaFlags: PSI_DIRECT_ROUTING } };
    }
  }

  // Step 2a [29.228-6.1.4.1 step 2a]: the S-CSCF cannot be reached, another one is to be selected.
  if (reselection) {
    const status = registrationOf(snapshot);
    return {
      result: success,
      avps: serverCapabilities(snapshot, settings.defaultCapabilities),
      ...registrationChange(
        snapshot,
        status.reassignmentPending ? status : { ...status, reassignmentPending: true },
      ),
    };
  }
  return byState(request, context, snapshot, place, settings);
}

/** Step 3 [29.228-6.1.4.1 step 3]. */
function byState(
  request: Request,
  context: DecisionContext,
  snapshot: SubscriptionSnapshot,
  place: IdentityPlace,
  settings: CxSettings,
): Decision<Answer> {
  const status = registrationOf(snapshot);
  const { state } = setStatus(status, place.set.name);
  if (state !== 'notRegistered') {
    if (status.server === null)
      return inconsistent(
        `the Public Identity is ${state} and no S-CSCF name is stored`,
        `TS 29.228 ${CLAUSE} step 3`,
        request.publicIdentity,
      );
    return { result: success, avps: { serverName: status.server.name } };
  }
  if (
    request.originatingRequest === undefined &&
    !hasUnregisteredServices(snapshot.subscription, snapshot.shared, place.identity)
  ) {
    return refuse(
      experimental(ExperimentalResultCode.DIAMETER_ERROR_IDENTITY_NOT_REGISTERED),
      refusal(
        request,
        3,
        'the Public Identity is not registered and has no terminating services for the unregistered state',
      ),
    );
  }
  const server = assignedServer(status, context.nowMs, settings.authenticationPendingMaxAgeMs);
  if (server !== null) return { result: success, avps: { serverName: server.name } };
  return {
    result: experimental(ExperimentalResultCode.DIAMETER_UNREGISTERED_SERVICE),
    avps: serverCapabilities(snapshot, settings.defaultCapabilities),
  };
}

function refusal(request: Request, step: number, check: string) {
  return { check, clause: `TS 29.228 ${CLAUSE} step ${step}`, publicIdentity: request.publicIdentity };
}
