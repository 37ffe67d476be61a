/**
 * Requests that the HSS itself starts, as the outbox keeps them: what an RTR [29.228-6.1.3] or a PPR
 * [29.228-6.2.2] is about, and how such an entry is made of a subscription and its registration status. Pure.
 * What an answer does is in push-termination.ts and push-profile.ts.
 *
 * An RTR entry holds all that it needs, because the subscription may be gone or changed when it is sent. A
 * PPR entry holds only what is to be pushed: the content is that of the moment of sending, so that a
 * repetition never carries an older profile.
 */
import type { OutboxEntry } from '../../../state/ports';
import {
  privateIdentityStatus,
  registeredWith,
  setStatus,
  type AssignedServer,
  type RegistrationStatus,
} from '../state/registration-status';
import { associatedPrivateIdentities, type Subscription } from '../../../subscriber/subscription';
import type { ImplicitRegistrationSet } from '../../../subscriber/subscription-document';

/** Reason-Code of Deregistration-Reason [29.229-6.3.17]. */
export const deregistrationReasonCodes = [
  'PERMANENT_TERMINATION',
  'NEW_SERVER_ASSIGNED',
  'SERVER_CHANGE',
  'REMOVE_S-CSCF',
] as const;
export type DeregistrationReasonCode = (typeof deregistrationReasonCodes)[number];

/**
 * Why the HSS started it: `manual` by an operator, `provisioning` by a change of the subscription or of
 * shared data, `serverReplaced` by the MAR of another S-CSCF [29.228-8.1.1], `pushFailed` by a PPR that the
 * S-CSCF cannot take [29.228-6.2.2.1], `remaining` for private identities that an RTA left out
 * [29.228-6.1.3.1].
 */
export type PushCause = 'manual' | 'provisioning' | 'serverReplaced' | 'pushFailed' | 'remaining';

/** An implicit registration set that an RTR de-registers, as it was when the request was caused. */
export type TerminatedSet = {
  readonly name: string;
  /** Its public identities as Public-Identity AVPs list them; empty where only a wildcarded PSI is in it. */
  readonly publicIdentities: readonly string[];
  /** Those of the request that it is registered with, or known by; absent in entries of older releases. */
  readonly privateIdentities?: readonly string[];
};

/** What an RTR says. A type and not an interface, so that it is a record as OutboxEntry wants it. */
export type TerminationPayload = {
  readonly cause: PushCause;
  readonly reasonCode: DeregistrationReasonCode;
  /** Reason-Info: text for the user. */
  readonly reasonInfo?: string;
  /** A private identity that the S-CSCF knows. */
  readonly userName: string;
  /** Further private identities that go together with it; empty where there is none. */
  readonly associatedIdentities: readonly string[];
  readonly sets: readonly TerminatedSet[];
};

/** Parts of the user information that a PPR can carry (table 6.2.2.1). */
export const profileParts = ['userData', 'charging', 'wafWwsf', 'sipDigest'] as const;
export type ProfilePart = (typeof profileParts)[number];

/** What a PPR is to push: parts of one implicit registration set, current when it is sent. */
export type ProfilePayload = {
  readonly cause: PushCause;
  readonly setName: string;
  readonly parts: readonly ProfilePart[];
  /** Whose digest credential goes with it, and so the User-Name; needed for `sipDigest` [29.228-6.5.2.4]. */
  readonly privateIdentity?: string;
  /** Private identities that the S-CSCF answered DIAMETER_ERROR_USER_UNKNOWN for. */
  readonly unknownPrivateIdentities?: readonly string[];
  /** The S-CSCF refused our features: sent again without any. */
  readonly withoutFeatures?: boolean;
};

/** The kinds of Cx's requests in the outbox. */
export const cxKinds = { RTR: 'cx.RTR', PPR: 'cx.PPR' } as const;

export type PushPayload =
  | { readonly kind: typeof cxKinds.RTR; readonly payload: TerminationPayload }
  | { readonly kind: typeof cxKinds.PPR; readonly payload: ProfilePayload };

/** An entry of the outbox as Cx's; null where it is another application's. The kind says what the payload is. */
export function cxPushOf({ kind, payload }: Pick<OutboxEntry, 'kind' | 'payload'>): PushPayload | null {
  switch (kind) {
    case cxKinds.RTR:
      return { kind, payload: payload as TerminationPayload };
    case cxKinds.PPR:
      return { kind, payload: payload as ProfilePayload };
    default:
      return null;
  }
}

/** How an entry of the outbox ended, or why it was never sent. */
export const pushOutcomes = [
  'success',
  'limitedSuccess',
  'unableToComply',
  'userUnknown',
  'tooMuchData',
  'notSupportedUserData',
  'refused',
  'noAnswer',
  'notConnected',
  /** Longer than the peer takes that leads there; never sent. */
  'tooLong',
  'superseded',
  'replacedByTermination',
  'split',
  'cancelled',
] as const;
export type PushOutcome = (typeof pushOutcomes)[number];

/** What an RTR left of the registrations that it was about, whatever its outcome was. */
export const registrationEffects = ['cleared', 'partlyCleared', 'kept'] as const;
export type RegistrationEffect = (typeof registrationEffects)[number];

/**
 * An RTR to that S-CSCF. The registration state is changed when its outcome is known, see push-termination.ts.
 */
export function terminationEntry(server: AssignedServer, payload: TerminationPayload): OutboxEntry {
  return {
    kind: cxKinds.RTR,
    destinationHost: server.diameterHost,
    destinationRealm: server.diameterRealm,
    payload,
  };
}

/** A PPR to that S-CSCF. */
export function profileEntry(server: AssignedServer, payload: ProfilePayload): OutboxEntry {
  return {
    kind: cxKinds.PPR,
    destinationHost: server.diameterHost,
    destinationRealm: server.diameterRealm,
    payload,
  };
}

/**
 * Public identities of a set as an RTR lists them: a wildcarded one is stood for by a distinct one of its set
 * [29.228-6.1.3.1]; for a wildcarded PSI the identities that were used are not kept, so it is not listed, and
 * is what it is where nothing else is left.
 */
export function listedPublicIdentities(set: ImplicitRegistrationSet): string[] {
  const distinct = set.publicIdentities.filter(
    (entry) => entry.type === 'distinctPublicUserIdentity' || entry.type === 'distinctPsi',
  );
  return (distinct.length > 0 ? distinct : set.publicIdentities).map((entry) => entry.identity);
}

/**
 * Private identities of a set that the S-CSCF knows: those registered, else (unregistered state) those
 * associated with it.
 */
export function knownPrivateIdentities(
  subscription: Subscription,
  status: RegistrationStatus,
  set: ImplicitRegistrationSet,
): readonly string[] {
  const registered = registeredWith(setStatus(status, set.name));
  return registered.length > 0 ? registered : associatedPrivateIdentities(subscription, set);
}

export interface TerminationOptions {
  readonly cause: PushCause;
  readonly reasonCode: DeregistrationReasonCode;
  readonly reasonInfo?: string | undefined;
  /** Only these sets; all that are registered or unregistered where absent. */
  readonly setNames?: readonly string[] | undefined;
  /** Only these private identities; all that the S-CSCF knows where absent. */
  readonly privateIdentities?: readonly string[] | undefined;
}

/**
 * The RTR that de-registers sets of a subscription at the S-CSCF of `status`, null where there is nothing to
 * de-register. One request for all of them: the first private identity is User-Name, the others are
 * Associated-Identities.
 */
export function terminationOf(
  subscription: Subscription,
  status: RegistrationStatus,
  options: TerminationOptions,
): OutboxEntry | null {
  const { server } = status;
  if (server === null) return null;
  const sets: TerminatedSet[] = [];
  const registered = new Set<string>();
  const others = new Set<string>();
  for (const set of subscription.implicitRegistrationSets) {
    const { state } = setStatus(status, set.name);
    if (state === 'notRegistered' || options.setNames?.includes(set.name) === false) continue;
    const known = knownPrivateIdentities(subscription, status, set).filter(
      (name) => options.privateIdentities === undefined || options.privateIdentities.includes(name),
    );
    if (known.length === 0) continue;
    // In the unregistered state one private identity suffices, and only the first was used for the download.
    const privateIdentities = state === 'registered' ? known : known.slice(0, 1);
    sets.push({ name: set.name, publicIdentities: listedPublicIdentities(set), privateIdentities });
    for (const name of privateIdentities) (state === 'registered' ? registered : others).add(name);
  }
  const [userName, ...associatedIdentities] = new Set([...registered, ...others]);
  if (userName === undefined) return null;
  return terminationEntry(server, {
    cause: options.cause,
    reasonCode: options.reasonCode,
    ...(options.reasonInfo === undefined ? {} : { reasonInfo: options.reasonInfo }),
    userName,
    associatedIdentities,
    sets,
  });
}

/**
 * [29.228-6.1.3.1] The same as one request for each private identity, each with the public identities that are
 * registered with it: together with Associated-Identities "no Public-Identity AVPs shall be present".
 */
export function splitTermination(payload: TerminationPayload): TerminationPayload[] {
  return [payload.userName, ...payload.associatedIdentities].map((userName) => ({
    ...payload,
    userName,
    associatedIdentities: [],
    sets: payload.sets.filter(({ privateIdentities }) => privateIdentities?.includes(userName) ?? true),
  }));
}

/** The RTR that ends a subscription at its S-CSCF: deleted, or to be moved to another one. */
export function wholeTerminationOf(
  subscription: Subscription,
  status: RegistrationStatus,
  cause: PushCause,
  reasonCode: DeregistrationReasonCode,
  reasonInfo?: string,
): OutboxEntry | null {
  return terminationOf(subscription, status, { cause, reasonCode, reasonInfo });
}

/**
 * The PPR that brings the parts of one set to its S-CSCF; null where the set is neither registered nor
 * unregistered.
 */
export function profilePushOf(
  status: RegistrationStatus,
  setName: string,
  parts: readonly ProfilePart[],
  cause: PushCause,
): OutboxEntry | null {
  if (status.server === null || parts.length === 0 || setStatus(status, setName).state === 'notRegistered')
    return null;
  return profileEntry(status.server, { cause, setName, parts });
}

/** Whether a PPR carries the digest credential of one private identity, and nothing of the set. */
export const isDigestOnly = ({ parts }: ProfilePayload): boolean =>
  parts.length === 1 && parts[0] === 'sipDigest';

/**
 * Whether a changed digest credential of the private identity is of use to the S-CSCF: registered or being
 * authenticated [29.228-6.5.2.4].
 */
export function holdsDigest(status: RegistrationStatus, setName: string, privateIdentity: string): boolean {
  const entry = privateIdentityStatus(setStatus(status, setName), privateIdentity);
  return entry?.registered === true || entry?.authenticationPendingSinceMs !== undefined;
}

/** The PPR with the digest credential of one private identity; null where the S-CSCF has no use for it. */
export function digestPushOf(
  status: RegistrationStatus,
  setName: string,
  privateIdentity: string,
  cause: PushCause,
): OutboxEntry | null {
  if (status.server === null || !holdsDigest(status, setName, privateIdentity)) return null;
  return profileEntry(status.server, { cause, setName, parts: ['sipDigest'], privateIdentity });
}
