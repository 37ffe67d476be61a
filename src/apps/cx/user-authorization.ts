/**
 * User-Authorization-Request: user registration status query [29.228-6.1.1.1], its steps in their order.
 * Step 0 [29.228-6.1.1.1 step 0] (users managed by a third party for WebRTC) does not apply: WebRTC per TS
 * 23.228 U.2.1.4 is not supported. Readings: step 6 "Experimental-Result-Code set to DIAMETER_SUCCESS" is
 * Result-Code 2001; no roaming check on de-registration.
 */
import type { Decision, DecisionContext } from '../../diameter/dispatch/contract';
import { registrationChange, registrationOf } from './state/registration';
import { isAuthenticationPending, privateIdentityStatus, setStatus } from './state/registration-status';
import { UserAuthorizationType, ExperimentalResultCode } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import type { UserAuthorizationAnswer, UserAuthorizationRequest } from './generated/cx';
import {
  assignedServer,
  base,
  checkIdentities,
  defineHandler,
  experimental,
  inconsistent,
  lookupForm,
  refuse,
  serverCapabilities,
  success,
  type KnownIdentity,
} from './handler';
import { authorizationPriority, isEmergency } from './priorities';
import type { CxSettings } from './settings';

type Request = UserAuthorizationRequest;
type Answer = UserAuthorizationAnswer;

const CLAUSE = '6.1.1.1';

const subsequent = experimental(ExperimentalResultCode.DIAMETER_SUBSEQUENT_REGISTRATION);
const first = experimental(ExperimentalResultCode.DIAMETER_FIRST_REGISTRATION);

export function createUserAuthorizationHandler(settings: CxSettings) {
  return defineHandler<Request, Answer>({
    request: 'UAR',
    answer: 'UAA',
    senders: ['icscf'],
    priority: authorizationPriority(settings.priorities),
    prepare: (request) => ({
      impus: [lookupForm(request.publicIdentity)],
      impi: request.userName,
    }),
    decide: (request, context) => decideUserAuthorization(request, context, settings),
  });
}

export function decideUserAuthorization(
  request: Request,
  context: DecisionContext,
  settings: CxSettings,
): Decision<Answer> {
  // Steps 1 to 3 [29.228-6.1.1.1].
  const check = checkIdentities(request.publicIdentity, request.userName, context, CLAUSE);
  if (!check.ok) return check.decision;
  const known = check.known;
  const emergency = isEmergency(request.uarFlags);

  // Step 4 [29.228-6.1.1.1 step 4]: barred, unless another identity of the set is not.
  if (!emergency && known.set.publicIdentities.every((identity) => identity.barred)) {
    return refuse(
      base(ResultCode.DIAMETER_AUTHORIZATION_REJECTED),
      refusal(
        request,
        4,
        'the Public User Identity is barred and so is every other one of its implicit registration set',
      ),
    );
  }

  // Step 5 [29.228-6.1.1.1 step 5]: roaming and authorization.
  const type = request.userAuthorizationType ?? UserAuthorizationType.REGISTRATION;
  if (type !== UserAuthorizationType.DE_REGISTRATION && !emergency) {
    const refused = checkAuthorization(request, known);
    if (refused !== null) return refused;
  }
  if (type === UserAuthorizationType.REGISTRATION_AND_CAPABILITIES)
    return selectNewServer(known, emergency, settings);
  return byState(request, context, known, type === UserAuthorizationType.DE_REGISTRATION, settings);
}

function checkAuthorization(request: Request, known: KnownIdentity): Decision<Answer> | null {
  const { permittedVisitedNetworks, registrationAllowed } = known.snapshot.subscription;
  if (permittedVisitedNetworks !== null) {
    const visited = networkName(request.visitedNetworkIdentifier.toString('utf8'));
    if (!permittedVisitedNetworks.some((network) => networkName(network) === visited)) {
      return refuse(
        experimental(ExperimentalResultCode.DIAMETER_ERROR_ROAMING_NOT_ALLOWED),
        refusal(request, 5, `roaming in the visited network "${visited}" is not permitted`),
      );
    }
  }
  if (!registrationAllowed) {
    return refuse(
      base(ResultCode.DIAMETER_AUTHORIZATION_REJECTED),
      refusal(request, 5, 'the subscription is not authorized to register'),
    );
  }
  return null;
}

/** A domain name in practice; quoted by some I-CSCFs as it stands in P-Visited-Network-ID [29.229-6.3.1]. */
const networkName = (text: string): string =>
  text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase();

/** Step 5, REGISTRATION_AND_CAPABILITIES: a new S-CSCF is to be selected. */
function selectNewServer(known: KnownIdentity, emergency: boolean, settings: CxSettings): Decision<Answer> {
  const status = registrationOf(known.snapshot);
  const pending =
    !emergency && settings.imsRestoration && status.server !== null && !status.reassignmentPending;
  return {
    result: success,
    avps: serverCapabilities(known.snapshot, settings.defaultCapabilities),
    ...registrationChange(known.snapshot, pending ? { ...status, reassignmentPending: true } : status),
  };
}

/** Step 6 [29.228-6.1.1.1 step 6]. */
function byState(
  request: Request,
  context: DecisionContext,
  known: KnownIdentity,
  deRegistration: boolean,
  settings: CxSettings,
): Decision<Answer> {
  const status = registrationOf(known.snapshot);
  const set = setStatus(status, known.set.name);
  if (set.state !== 'notRegistered') {
    if (status.server === null)
      return inconsistent(
        `the Public User Identity is ${set.state} and no S-CSCF name is stored`,
        `TS 29.228 ${CLAUSE} step 6`,
        request.publicIdentity,
      );
    return { result: deRegistration ? success : subsequent, avps: { serverName: status.server.name } };
  }
  if (deRegistration) {
    const pending = isAuthenticationPending(
      privateIdentityStatus(set, request.userName),
      context.nowMs,
      settings.authenticationPendingMaxAgeMs,
    );
    if (pending && status.server !== null)
      return { result: success, avps: { serverName: status.server.name } };
    return refuse(
      experimental(ExperimentalResultCode.DIAMETER_ERROR_IDENTITY_NOT_REGISTERED),
      refusal(
        request,
        6,
        'de-registration of a Public User Identity that is not registered, and no authentication is pending',
      ),
    );
  }
  // Registered, unregistered or being authenticated elsewhere in the subscription: one S-CSCF serves all of
  // it.
  const server = assignedServer(status, context.nowMs, settings.authenticationPendingMaxAgeMs);
  if (server !== null) return { result: subsequent, avps: { serverName: server.name } };
  return { result: first, avps: serverCapabilities(known.snapshot, settings.defaultCapabilities) };
}

function refusal(request: Request, step: number, check: string) {
  return {
    check,
    clause: `TS 29.228 ${CLAUSE} step ${step}`,
    privateIdentity: request.userName,
    publicIdentity: request.publicIdentity,
  };
}
