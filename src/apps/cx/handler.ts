/**
 * What the four Cx handlers share: results, refusals, the identity checks that open every procedure, and
 * typed wiring.
 */
import type { DecodedMessage } from '../../diameter/codec/types';
import type {
  AnswerResult,
  CommandHandler,
  Decision,
  DecisionContext,
  LogFields,
  Refusal,
  StateChange,
} from '../../diameter/dispatch/contract';
import type { LoadOutcome, LoadRequest, SubscriptionSnapshot } from '../../state/ports';
import { canonicalPublicIdentity, isWildcardedType } from '../../subscriber/public-identity';
import {
  associatedPrivateIdentities,
  findPrivateIdentity,
  findPublicIdentity,
  requiredCapabilities,
  type IdentityPlace,
} from '../../subscriber/subscription';
import type { Capabilities } from '../../subscriber/subscription-document';
import type { AssignedServer, RegistrationStatus } from './state/registration-status';
import { isAuthenticationPending } from './state/registration-status';
import { ExperimentalResultCode } from './generated/cx';
import { ResultCode } from '../../diameter/generated/base';
import type { ServerCapabilities } from './generated/cx';

export const success: AnswerResult = { kind: 'base', code: ResultCode.DIAMETER_SUCCESS };
export const base = (code: ResultCode): AnswerResult => ({ kind: 'base', code });
export const experimental = (code: ExperimentalResultCode): AnswerResult => ({ kind: 'experimental', code });

export function refuse<Answer>(
  result: AnswerResult,
  refusal: Refusal,
  avps: Partial<Answer> = {},
): Decision<Answer> {
  return { result, refusal, avps };
}

/**
 * Ties the typed functions of one command pair to the untyped contract; the dictionary guarantees the shape.
 */
export function defineHandler<Request, Answer>(handler: {
  request: string;
  answer: string;
  senders: CommandHandler['senders'];
  priority?: CommandHandler['priority'];
  prepare(request: Request): LoadRequest | Decision<Answer>;
  /** `bytes`: the message as received, for what is kept as it came. */
  decide(request: Request, context: DecisionContext, bytes: Buffer): Decision<Answer>;
  usuallyCommits?: boolean;
  errorAvps?(request: Request): Partial<Answer>;
  change?(request: Request, decision: Decision<Answer>): StateChange | null;
}): CommandHandler {
  const errorAvps = handler.errorAvps?.bind(handler);
  const change = handler.change?.bind(handler);
  return {
    request: handler.request,
    answer: handler.answer,
    senders: handler.senders,
    ...(handler.priority === undefined ? {} : { priority: handler.priority }),
    usuallyCommits: handler.usuallyCommits === true,
    identities: namedIdentities,
    prepare: (message: DecodedMessage) => handler.prepare(message.avps as Request),
    decide: (message: DecodedMessage, context) =>
      handler.decide(asProvisioned(message.avps as Request, context), context, message.bytes),
    ...(errorAvps === undefined
      ? {}
      : { errorAvps: (message: DecodedMessage) => errorAvps(message.avps as Request) }),
    ...(change === undefined
      ? {}
      : {
          change: (message: DecodedMessage, decision: Decision<unknown>) =>
            change(message.avps as Request, decision),
        }),
  };
}

/** Whom a request names, by the fields of the log. */
function namedIdentities({ avps }: DecodedMessage): LogFields {
  const { userName, publicIdentity } = avps as {
    readonly userName?: string;
    readonly publicIdentity?: string | readonly string[];
  };
  const first = typeof publicIdentity === 'object' ? publicIdentity[0] : publicIdentity;
  return {
    ...(userName === undefined ? {} : { privateIdentity: userName }),
    ...(first === undefined ? {} : { publicIdentity: first }),
  };
}

/**
 * The request with its private identity as it is provisioned: the case of a realm says nothing, and everything
 * that is kept, compared and answered from here on has the one spelling.
 */
function asProvisioned<Request>(request: Request, { loaded: { snapshot } }: DecisionContext): Request {
  const { userName } = request as { readonly userName?: string };
  if (userName === undefined || snapshot === null) return request;
  const known = findPrivateIdentity(snapshot.subscription, userName)?.identity;
  return known === undefined || known === userName ? request : { ...request, userName: known };
}

/** The canonical form, or the text itself where it is no URI: it is then simply unknown to the store. */
export function lookupForm(publicIdentity: string): string {
  const canonical = canonicalPublicIdentity(publicIdentity);
  if (canonical.ok) return canonical.value;
  return publicIdentity.includes('!') ? wildcardForm(publicIdentity) : publicIdentity;
}

/** The same for a Wildcarded-Public-Identity [29.228-7.2b]. */
export function wildcardForm(wildcardedPublicIdentity: string): string {
  const canonical = canonicalPublicIdentity(wildcardedPublicIdentity, 'wildcardedPsi');
  return canonical.ok ? canonical.value : wildcardedPublicIdentity;
}

/**
 * Where the public identity of a request that names one stands: stored itself, or in the range of a
 * wildcarded identity; distinct identities come before wildcarded ones [29.228-6.1.4].
 */
export function placeOf(
  { snapshot, impuWildcards }: LoadOutcome,
  publicIdentity: string,
): IdentityPlace | undefined {
  return snapshot === null
    ? undefined
    : findPublicIdentity(snapshot.subscription, impuWildcards[0] ?? lookupForm(publicIdentity));
}

export interface KnownIdentity extends IdentityPlace {
  readonly snapshot: SubscriptionSnapshot;
}

export type IdentityCheck =
  | { readonly ok: true; readonly known: KnownIdentity }
  | { readonly ok: false; readonly decision: Decision<never> };

/**
 * The steps that UAR and MAR begin with: both identities exist, the public one is a distinct Public User
 * Identity, and they are associated [29.228-6.1.1.1 steps 1-3] [29.228-6.3.1 steps 1-3].
 */
export function checkIdentities(
  publicIdentity: string,
  privateIdentity: string,
  context: DecisionContext,
  clause: string,
): IdentityCheck {
  const { snapshot, impuOwners, impiOwner } = context.loaded;
  const refusal = (check: string, step: number): Refusal => ({
    check,
    clause: `TS 29.228 ${clause} step ${step}`,
    privateIdentity,
    publicIdentity,
  });
  const unknown = experimental(ExperimentalResultCode.DIAMETER_ERROR_USER_UNKNOWN);
  const place = placeOf(context.loaded, publicIdentity);
  if (snapshot === null || place === undefined || impuOwners[0] !== snapshot.key) {
    return { ok: false, decision: refuse(unknown, refusal('the Public User Identity is unknown', 1)) };
  }
  if (impiOwner === null)
    return { ok: false, decision: refuse(unknown, refusal('the Private User Identity is unknown', 1)) };
  if (place.identity.type !== 'distinctPublicUserIdentity') {
    const what = `${isWildcardedType(place.identity.type) ? 'in the range of ' : ''}${place.identity.identity}, a ${place.identity.type}`;
    return {
      ok: false,
      decision: refuse(
        unknown,
        refusal(`the Public Identity is ${what}, not a distinct Public User Identity`, 2),
      ),
    };
  }
  // [29.228-6.1.1.1] step 3, [29.228-6.3.1] step 3.
  if (
    impiOwner !== snapshot.key ||
    !associatedPrivateIdentities(snapshot.subscription, place.set).includes(privateIdentity)
  ) {
    const dontMatch = experimental(ExperimentalResultCode.DIAMETER_ERROR_IDENTITIES_DONT_MATCH);
    return {
      ok: false,
      decision: refuse(
        dontMatch,
        refusal('the Public User Identity is not associated with the Private User Identity', 3),
      ),
    };
  }
  return { ok: true, known: { snapshot, ...place } };
}

/**
 * The S-CSCF assigned to the subscription. A name that only an authentication had stored which never ended
 * (every pending flag is older than the limit) counts as not there, so that a lost client does not hold a
 * name for ever.
 */
export function assignedServer(
  status: RegistrationStatus,
  nowMs: number,
  maxPendingAgeMs: number,
): AssignedServer | null {
  if (status.server === null) return null;
  let flags = 0;
  for (const set of status.sets) {
    if (set.state !== 'notRegistered') return status.server;
    for (const entry of set.privateIdentities) {
      if (entry.authenticationPendingSinceMs === undefined) continue;
      if (isAuthenticationPending(entry, nowMs, maxPendingAgeMs)) return status.server;
      flags++;
    }
  }
  return flags === 0 ? status.server : null;
}

/**
 * Server-Capabilities for all service profiles of the subscription, absent where any S-CSCF will do
 * [29.228-6.7].
 */
export function serverCapabilities(
  snapshot: SubscriptionSnapshot,
  fallback: Capabilities,
): { serverCapabilities?: ServerCapabilities } {
  const { mandatory, optional, serverNames } =
    requiredCapabilities(snapshot.subscription, snapshot.shared) ?? fallback;
  // With names, capabilities should not be sent too.
  if (serverNames.length > 0) return { serverCapabilities: { serverName: serverNames } };
  if (mandatory.length + optional.length === 0) return {};
  return {
    serverCapabilities: {
      ...(mandatory.length > 0 ? { mandatoryCapability: mandatory } : {}),
      ...(optional.length > 0 ? { optionalCapability: optional } : {}),
    },
  };
}

/**
 * Whether an S-CSCF name can be stored: what I-CSCFs get back "shall contain the SIP URI of the server"
 * [29.228-6.1.4.1 step 3] [29.229-6.3.3], so nothing else may come in.
 */
export const isServerName = (name: string): boolean => /^sips?:[^\s@:;?]+\S*$/i.test(name);

/** A state that no sequence of requests leads to: answered, logged, nothing changed. */
export function inconsistent<Answer>(
  check: string,
  clause: string,
  publicIdentity: string,
): Decision<Answer> {
  return refuse(base(ResultCode.DIAMETER_UNABLE_TO_COMPLY), { check, clause, publicIdentity });
}
