/**
 * Multimedia-Auth-Request: authentication procedures [29.228-6.3.1], its steps in their order, with the
 * S-CSCF name rules of [29.228-8.1] (a MAR of another S-CSCF takes the subscription over, but not together
 * with AUTS). Readings: AUTS with another S-CSCF name, or whose MAC-S is wrong -> DIAMETER_UNABLE_TO_COMPLY,
 * nothing changes. De-registration in the old S-CSCF [29.228-8.1.1] is in server-replacement.ts.
 */
import type { Decision, DecisionContext } from '../../diameter/dispatch/contract';
import {
  privateIdentityStatus,
  setStatus,
  withPrivateIdentity,
  withSet,
  type RegistrationStatus,
} from './state/registration-status';
import { registrationChange, registrationOf } from './state/registration';
import { counterOf, credentials, credentialsOf } from '../../authentication/credentials';
import { RESYNCHRONISATION_OCTETS } from '../../authentication/vector-draw';
import { sameSipUri } from '../../subscriber/sip-uri';
import { findPrivateIdentity } from '../../subscriber/subscription';
import type { AuthenticationScheme } from '../../subscriber/subscription-document';
import { ExperimentalResultCode } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import type { MultimediaAuthAnswer, MultimediaAuthRequest, SipAuthDataItem } from './generated/cx';
import { authenticationData } from './authentication-data';
import { chooseScheme, isAkaScheme, isUnknownScheme } from './authentication-scheme';
import { inAuthDataItem, wrongServerName } from './failed-avps';
import {
  base,
  checkIdentities,
  defineHandler,
  experimental,
  isServerName,
  lookupForm,
  success,
  type KnownIdentity,
} from './handler';
import { replaceServer } from './server-replacement';
import type { SecretOpener } from '../../authentication/secret-opener';
import type { CxSettings } from './settings';

type Request = MultimediaAuthRequest;
type Answer = MultimediaAuthAnswer;

const CLAUSE = '6.3.1';
/** A SIP-Auth-Data-Item of IMS-AKA with its header, rounded up: table 6.3.5. */
const MAX_ITEM_OCTETS = 256;
const SIP_AUTHENTICATION_SCHEME = 608;
const SIP_AUTHORIZATION = 610;

export function createMultimediaAuthHandler(settings: CxSettings, secrets: SecretOpener) {
  return defineHandler<Request, Answer>({
    request: 'MAR',
    answer: 'MAA',
    senders: ['scscf'],
    usuallyCommits: true,
    prepare: (request) =>
      checkContent(request) ?? {
        impus: [lookupForm(request.publicIdentity)],
        impi: request.userName,
        ...(mayNeedCounter(request) ? { modules: [credentials] } : {}),
      },
    decide: (request, context) => decideMultimediaAuth(request, context, settings, secrets),
    errorAvps: (request) => ({ userName: request.userName, publicIdentity: request.publicIdentity }),
  });
}

/** Whether the scheme may be IMS-AKA: "Unknown" stands for what is provisioned. */
function mayNeedCounter({ sipAuthDataItem: { sipAuthenticationScheme: scheme = '' } }: Request): boolean {
  return isAkaScheme(scheme) || isUnknownScheme(scheme);
}

/** Errors carry both identities too: CSCFs look for them before the result. */
function refused(
  request: Request,
  result: Decision<Answer>['result'],
  step: number,
  check: string,
): Decision<Answer> {
  return {
    result,
    avps: { userName: request.userName, publicIdentity: request.publicIdentity },
    refusal: {
      check,
      clause: step === 0 ? 'TS 29.228 table 6.3.2' : `TS 29.228 ${CLAUSE} step ${step}`,
      privateIdentity: request.userName,
      publicIdentity: request.publicIdentity,
    },
  };
}

/**
 * Table 6.3.2: the scheme is mandatory, SIP-Authorization is for IMS-AKA only and has a fixed length; the
 * S-CSCF name is a SIP URI (table 6.3.1).
 */
function checkContent(request: Request): Decision<Answer> | null {
  const { sipAuthenticationScheme: scheme, sipAuthorization: authorization } = request.sipAuthDataItem;
  const fault = (code: ResultCode, failed: Buffer, avpCode: number, check: string): Decision<Answer> => ({
    ...refused(request, base(code), 0, check),
    failedAvps: [inAuthDataItem(avpCode, failed)],
  });
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
  if (scheme === undefined)
    return fault(
      ResultCode.DIAMETER_MISSING_AVP,
      Buffer.alloc(0),
      SIP_AUTHENTICATION_SCHEME,
      'SIP-Authentication-Scheme is missing in SIP-Auth-Data-Item',
    );
  if (authorization === undefined) return null;
  // What "Unknown" stands for is known with the subscription only.
  if (!isAkaScheme(scheme) && !isUnknownScheme(scheme)) return forAkaOnly(request, authorization);
  if (authorization.length !== RESYNCHRONISATION_OCTETS) {
    return fault(
      ResultCode.DIAMETER_INVALID_AVP_LENGTH,
      authorization,
      SIP_AUTHORIZATION,
      `SIP-Authorization has ${authorization.length} octets, not ${RESYNCHRONISATION_OCTETS} (TS 29.229 6.3.11)`,
    );
  }
  return null;
}

function forAkaOnly(request: Request, authorization: Buffer): Decision<Answer> {
  const check = 'SIP-Authorization is allowed with IMS-AKA only';
  return {
    ...refused(request, base(ResultCode.DIAMETER_AVP_NOT_ALLOWED), 0, check),
    failedAvps: [inAuthDataItem(SIP_AUTHORIZATION, authorization)],
  };
}

export function decideMultimediaAuth(
  request: Request,
  context: DecisionContext,
  settings: CxSettings,
  secrets: SecretOpener,
): Decision<Answer> {
  const malformed = checkContent(request);
  if (malformed !== null) return malformed;
  // Steps 1 to 3 [29.228-6.3.1].
  const check = checkIdentities(request.publicIdentity, request.userName, context, CLAUSE);
  if (!check.ok)
    return {
      ...check.decision,
      avps: { userName: request.userName, publicIdentity: request.publicIdentity },
    };
  const known = check.known;
  const identity = findPrivateIdentity(known.snapshot.subscription, request.userName);
  if (identity === undefined)
    return refused(
      request,
      experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN),
      1,
      'the Private User Identity is unknown',
    );

  // Step 4 [29.228-6.3.1 step 4]: the scheme.
  const requested = request.sipAuthDataItem.sipAuthenticationScheme ?? '';
  const choice = chooseScheme(requested, identity, settings.defaultScheme);
  const resynchronisation = request.sipAuthDataItem.sipAuthorization;
  // "Unknown" that stands for no scheme is not IMS-AKA either [29.228-6.3] table 6.3.2.
  const isForAka = choice.ok ? choice.scheme === 'Digest-AKAv1-MD5' : !isUnknownScheme(requested);
  if (resynchronisation !== undefined && !isForAka) return forAkaOnly(request, resynchronisation);
  if (!choice.ok) {
    return refused(
      request,
      experimental(ExperimentalResultCode.DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED),
      4,
      choice.check,
    );
  }
  const { scheme } = choice;
  const { server } = registrationOf(known.snapshot);
  if (resynchronisation !== undefined && (server === null || !sameSipUri(server.name, request.serverName))) {
    return refused(
      request,
      base(ResultCode.DIAMETER_UNABLE_TO_COMPLY),
      4,
      `synchronisation failure reported by ${request.serverName}, but the S-CSCF name stored is ${server?.name ?? 'none'}`,
    );
  }

  const counter =
    scheme === 'Digest-AKAv1-MD5' ? counterOf(credentialsOf(known.snapshot), identity.identity) : undefined;
  const data = authenticationData({
    subscription: known.snapshot.subscription,
    identity,
    scheme,
    resynchronisation,
    secrets,
    random: context.random,
    count: Math.min(request.sipNumberAuthItems, settings.maxAuthenticationVectors),
    counter,
  });
  if (!data.ok) return refused(request, base(ResultCode.DIAMETER_UNABLE_TO_COMPLY), 4, data.check);

  // Step 5 [29.228-6.3.1 step 5].
  const assigned = assign(request, context, known, scheme);
  const pair = { setName: known.set.name, privateIdentity: request.userName };
  const replaced =
    assigned.server === server
      ? null
      : replaceServer(known.snapshot, assigned, pair, settings.imsRestoration);
  const { changes } = registrationChange(known.snapshot, replaced?.status ?? assigned);
  const outbox = replaced === null || replaced.outbox.length === 0 ? undefined : replaced.outbox;
  const notable = resynchronisation === undefined ? undefined : 'sqnResynchronised';
  const made = (items: readonly SipAuthDataItem[]): Decision<Answer> => ({
    result: success,
    avps: given(request, items),
    changes,
    outbox,
    notable,
  });
  if (!('draw' in data)) return made(data.items);
  const { draw } = data;
  return {
    result: success,
    avps: given(request, []),
    changes,
    draw,
    laterOctets: draw.count * MAX_ITEM_OCTETS,
    complete: (sequenceNumbers) => made(data.itemsOf(sequenceNumbers)),
    outbox,
    notable,
  };
}

/** The answer's own AVPs with these items. */
const given = (request: Request, items: readonly SipAuthDataItem[]): Partial<Answer> => ({
  userName: request.userName,
  publicIdentity: request.publicIdentity,
  sipNumberAuthItems: items.length,
  sipAuthDataItem: items.length > 0 ? items : undefined,
});

/** [29.228-6.3.1] step 5: the S-CSCF name is stored, and the authentication is pending unless nobody will report on it. */
function assign(
  request: Request,
  context: DecisionContext,
  known: KnownIdentity,
  scheme: AuthenticationScheme,
): RegistrationStatus {
  const status = registrationOf(known.snapshot);
  const set = setStatus(status, known.set.name);
  const sameServer = status.server !== null && sameSipUri(status.server.name, request.serverName);
  const awaitsResult = scheme !== 'NASS-Bundled' && scheme !== 'Early IMS Security';
  const setPending = awaitsResult && !(set.state === 'registered' && sameServer);
  let changed = status;
  if (!sameServer) {
    changed = {
      ...changed,
      server: {
        name: request.serverName,
        diameterHost: request.originHost,
        diameterRealm: request.originRealm,
      },
      reassignmentPending: false,
    };
  }
  if (setPending) {
    // For every identity of the implicit registration set at once [29.228-6.5.1.3].
    const entry = {
      ...privateIdentityStatus(set, request.userName),
      identity: request.userName,
      authenticationPendingSinceMs: context.nowMs,
    };
    changed = withSet(changed, {
      ...set,
      privateIdentities: withPrivateIdentity(set.privateIdentities, entry),
    });
  }
  return changed;
}
