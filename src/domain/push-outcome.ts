/**
 * Whether an entry of the outbox is still to be sent, and what its answer does to the registration state: the
 * rules of TS 29.228 clauses 6.1.3.1 and 6.2.2.1 with table 6.2.2.1.1 [29.228-6.1.3.1] [29.228-6.2.2.1].
 * Pure: decided again when the commit finds another version.
 *
 * Readings. The state changes with the answer and not before it, so that a private identity with an emergency
 * registration is never lost; where no answer comes at all, or an error without a list of emergency
 * registrations, the HSS de-registers all the same ("the HSS shall de-register the affected identities and
 * invoke this procedure to inform the S-CSCF"). Private identities missing in the RTA's Associated-Identities
 * get a request of their own with PERMANENT_TERMINATION too, not only with SERVER_CHANGE. State is changed
 * only while the S-CSCF that was asked is the assigned one: after 8.1.1 it belongs to the new one. And only
 * of registrations that were there when the request was caused: a SAR that comes after the answer may be
 * committed before it.
 */
import type { OutboxEntry } from './ports';
import {
  holdsDigest,
  isDigestOnly,
  profileEntry,
  knownPrivateIdentities,
  terminationEntry,
  wholeTerminationOf,
  type ProfilePayload,
  type PushOutcome,
  type TerminatedSet,
  type TerminationPayload,
} from './push';
import {
  isAnyRegistered,
  pendingOnly,
  privateIdentityStatus,
  registeredWith,
  serverInUse,
  setStatus,
  withSet,
  type AssignedServer,
  type PrivateIdentityStatus,
  type RegistrationSetStatus,
  type RegistrationStatus,
} from './registration-status';
import type { Subscription } from './subscription';

/** What came back, by name; the codes are src/push/answers.ts's business. */
export type PushResult =
  | 'success'
  | 'limitedSuccess'
  | 'unableToComply'
  | 'userUnknown'
  | 'tooMuchData'
  | 'notSupportedUserData'
  | 'featureUnsupported'
  | 'refused'
  /** No answer to the last attempt. */
  | 'noAnswer'
  /** No instance had a connection that leads to the S-CSCF, for as long as is waited. */
  | 'notConnected';

export interface EmergencyRegistration {
  readonly privateIdentity: string;
  readonly publicIdentity: string;
}

export interface PushAnswer {
  readonly result: PushResult;
  /** Associated-Identities of an RTA. */
  readonly associatedIdentities: readonly string[];
  /** Identity-with-Emergency-Registration of an RTA [29.228-7.25]. */
  readonly emergencyRegistrations: readonly EmergencyRegistration[];
}

export interface PushSettings {
  readonly imsRestoration: boolean;
  readonly authenticationPendingMaxAgeMs: number;
}

/** What is known of an S-CSCF that cannot be learned from Cx. */
export interface PushPolicy {
  /** `rtr`: it does not implement PPR, so that its subscribers are moved with SERVER_CHANGE instead. */
  readonly profileUpdates: 'ppr' | 'rtr';
  /** `rtr`: a PPR without an answer is followed by an RTR. */
  readonly afterNoAnswer: 'nothing' | 'rtr';
}

/** The subscription as it is now. */
export interface PushContext {
  /** Null where it is gone. */
  readonly current: { readonly subscription: Subscription; readonly status: RegistrationStatus } | null;
  /**
   * The subscription is gone, and an identity of the entry is by now registered at that S-CSCF in another
   * subscription.
   */
  readonly takenOver: boolean;
  /** The S-CSCF that the entry is for; its name is not known any more. */
  readonly destinationHost: string;
  readonly destinationRealm: string;
  /** The version of the state that the request is about: what was registered later is not meant. */
  readonly asOfVersion: number;
  readonly nowMs: number;
  readonly settings: PushSettings;
  readonly policy: PushPolicy;
}

export interface PushDecision {
  readonly outcome: PushOutcome;
  /** Absent where nothing changes. */
  readonly status?: RegistrationStatus;
  readonly followUps: readonly OutboxEntry[];
}

export type PushPlan =
  | { readonly kind: 'send'; readonly userName: string }
  | { readonly kind: 'done'; readonly decision: PushDecision };

const sameHost = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
const done = (outcome: PushOutcome, followUps: readonly OutboxEntry[] = []): PushPlan => ({
  kind: 'done',
  decision: { outcome, followUps },
});
const onlyEntry = (entry: OutboxEntry | null): OutboxEntry[] => (entry === null ? [] : [entry]);

/** Made after the request: another registration than the one it is about. */
const isLater = (
  entry: { readonly since?: number | undefined } | undefined,
  { asOfVersion }: PushContext,
): boolean => (entry?.since ?? 0) > asOfVersion;

/** Private identities that the set has been registered with since. */
function registeredLater(set: RegistrationSetStatus, context: PushContext): string[] {
  return registeredWith(set).filter((name) => isLater(privateIdentityStatus(set, name), context));
}

/** Whether nothing of what the RTR is about is left, and something is there in its place. */
function isAnew({ sets }: TerminationPayload, context: PushContext): boolean {
  const states = sets.flatMap(({ name }) => {
    const set = context.current === null ? undefined : setStatus(context.current.status, name);
    return set === undefined || set.state === 'notRegistered' ? [] : [set];
  });
  return (
    states.length > 0 &&
    states.every((set) =>
      set.state === 'unregistered'
        ? isLater(set, context)
        : registeredLater(set, context).length === registeredWith(set).length,
    )
  );
}

/** Whether the assigned S-CSCF is the one that the entry is for. */
function isServedThere(context: PushContext): boolean {
  const server = context.current?.status.server ?? null;
  return server !== null && sameHost(server.diameterHost, context.destinationHost);
}

/**
 * [29.228-6.1.3.1] An RTR is sent unless the user has registered anew there since, which the request would
 * contradict.
 */
export function planTermination(payload: TerminationPayload, context: PushContext): PushPlan {
  const { current } = context;
  if (context.takenOver) return done('superseded');
  if (current !== null && isServedThere(context)) {
    // The user came back to the S-CSCF that he had left [29.228-8.1.1].
    if (payload.cause === 'serverReplaced') return done('superseded');
    if (isAnew(payload, context)) return done('superseded');
    if (
      payload.cause === 'remaining' &&
      payload.reasonCode === 'SERVER_CHANGE' &&
      current.status.sets.some((set) => privateIdentityStatus(set, payload.userName)?.registered === true)
    )
      return done('superseded');
  }
  return { kind: 'send', userName: payload.userName };
}

/**
 * [29.228-6.2.2.1] A PPR is sent while its set is registered or unregistered at that S-CSCF, with a private
 * identity that it knows.
 */
export function planProfile(payload: ProfilePayload, context: PushContext): PushPlan {
  const { current, policy } = context;
  if (current === null || !isServedThere(context)) return done('superseded');
  const { subscription, status } = current;
  const set = subscription.implicitRegistrationSets.find(({ name }) => name === payload.setName);
  if (set === undefined) return done('superseded');
  if (isDigestOnly(payload)) {
    const { privateIdentity } = payload;
    if (privateIdentity === undefined || !holdsDigest(status, payload.setName, privateIdentity))
      return done('superseded');
    return policy.profileUpdates === 'rtr'
      ? done('replacedByTermination', serverChange(context))
      : { kind: 'send', userName: privateIdentity };
  }
  if (setStatus(status, set.name).state === 'notRegistered') return done('superseded');
  if (policy.profileUpdates === 'rtr') return done('replacedByTermination', serverChange(context));
  const userName = knownPrivateIdentities(subscription, status, set).find(
    (name) => payload.unknownPrivateIdentities?.includes(name) !== true,
  );
  return userName === undefined ? done('superseded') : { kind: 'send', userName };
}

/**
 * [29.228-6.2.2.1] "a network-initiated de-registration ... SERVER_CHANGE, which will trigger the assignment
 * of a new S-CSCF".
 */
function serverChange(context: PushContext): OutboxEntry[] {
  const { current } = context;
  return current === null
    ? []
    : onlyEntry(wholeTerminationOf(current.subscription, current.status, 'pushFailed', 'SERVER_CHANGE'));
}

/** [29.228-6.1.3.1] What the outcome of an RTR does. */
export function decideTermination(
  payload: TerminationPayload,
  answer: PushAnswer,
  context: PushContext,
): PushDecision {
  const answered = answer.result === 'success' || answer.result === 'limitedSuccess';
  const asked = [payload.userName, ...payload.associatedIdentities];
  const later = payload.sets.flatMap(({ name }) =>
    context.current === null ? [] : registeredLater(setStatus(context.current.status, name), context),
  );
  const left =
    answered &&
    payload.associatedIdentities.length > 0 &&
    (payload.reasonCode === 'SERVER_CHANGE' || payload.reasonCode === 'PERMANENT_TERMINATION')
      ? remainingIdentities(payload, answer).filter((name) => !later.includes(name))
      : [];
  const server: AssignedServer = {
    name: '',
    diameterHost: context.destinationHost,
    diameterRealm: context.destinationRealm,
  };
  const followUps = left.map((userName) =>
    terminationEntry(server, { ...payload, cause: 'remaining', userName, associatedIdentities: [] }),
  );
  const outcome = outcomeOf(answer.result);
  const before = context.current?.status;
  if (before === undefined || !isServedThere(context)) return { outcome, followUps };
  const gone = payload.reasonCode === 'SERVER_CHANGE' ? asked : asked.filter((name) => !left.includes(name));
  let status = before;
  for (const set of payload.sets)
    status = terminated(status, set, gone, payload, answer.emergencyRegistrations, context);
  if (status === before) return { outcome, followUps };
  return { outcome, status: released(status, context), followUps };
}

/** Emergency registered ones are not de-registered, so they are not asked for again. */
function remainingIdentities(
  payload: TerminationPayload,
  { associatedIdentities, emergencyRegistrations }: PushAnswer,
): string[] {
  return payload.associatedIdentities.filter(
    (name) =>
      !associatedIdentities.includes(name) &&
      !emergencyRegistrations.some(({ privateIdentity }) => privateIdentity === name),
  );
}

/**
 * One set after the RTR. Those that are implicitly registered with an emergency registered identity are so
 * too [29.228-6.1.3.1 note 2].
 */
function terminated(
  status: RegistrationStatus,
  { name, publicIdentities }: TerminatedSet,
  gone: readonly string[],
  { reasonCode }: TerminationPayload,
  emergencies: readonly EmergencyRegistration[],
  context: PushContext,
): RegistrationStatus {
  const set = setStatus(status, name);
  if (set.state === 'notRegistered' || (set.state === 'unregistered' && isLater(set, context))) return status;
  const later = set.state === 'registered' ? registeredLater(set, context) : [];
  if (later.length > 0) {
    const ended = registeredWith(set).filter(
      (identity) =>
        !later.includes(identity) && (reasonCode !== 'PERMANENT_TERMINATION' || gone.includes(identity)),
    );
    return ended.length === 0
      ? status
      : withSet(status, {
          name,
          state: 'registered',
          privateIdentities: withoutRegistrations(set.privateIdentities, ended),
        });
  }
  const emergency = emergencies.some(
    (pair) =>
      publicIdentities.includes(pair.publicIdentity) &&
      (set.state === 'unregistered' || gone.includes(pair.privateIdentity)),
  );
  const cleared = (state: 'notRegistered' | 'unregistered') =>
    withSet(status, { name, state, privateIdentities: pendingOnly(set.privateIdentities) });
  switch (reasonCode) {
    // The S-CSCF removes everything; nothing in the answer keeps it.
    case 'NEW_SERVER_ASSIGNED':
    case 'SERVER_CHANGE':
      return cleared('notRegistered');
    case 'REMOVE_S-CSCF':
      return emergency ? status : cleared('notRegistered');
    case 'PERMANENT_TERMINATION': {
      if (set.state === 'unregistered') return emergency ? status : cleared('notRegistered');
      const rest = registeredWith(set).filter((identity) => !gone.includes(identity));
      if (rest.length === 0) return cleared(emergency ? 'unregistered' : 'notRegistered');
      return withSet(status, {
        name,
        state: 'registered',
        privateIdentities: withoutRegistrations(set.privateIdentities, gone),
      });
    }
  }
}

/** What is not the registration of these private identities: the others, and pending authentications. */
function withoutRegistrations(
  entries: readonly PrivateIdentityStatus[],
  gone: readonly string[],
): PrivateIdentityStatus[] {
  return entries.flatMap((entry) => (gone.includes(entry.identity) ? pendingOnly([entry]) : [entry]));
}

/** The S-CSCF name goes when no set needs it any more: one name serves the whole subscription. */
function released(status: RegistrationStatus, { nowMs, settings }: PushContext): RegistrationStatus {
  return serverInUse(status, nowMs, settings.authenticationPendingMaxAgeMs)
    ? status
    : { ...status, server: null, reassignmentPending: false };
}

/** [29.228-6.2.2.1] What the outcome of a PPR with this User-Name does, table 6.2.2.1.1. */
export function decideProfile(
  payload: ProfilePayload,
  userName: string,
  answer: PushAnswer,
  context: PushContext,
): PushDecision {
  const outcome = outcomeOf(answer.result);
  switch (answer.result) {
    case 'userUnknown':
      return unknownThere(payload, userName, context);
    case 'tooMuchData':
    case 'notSupportedUserData':
      return { outcome, followUps: isServedThere(context) ? serverChange(context) : [] };
    case 'featureUnsupported':
      return payload.withoutFeatures === true
        ? { outcome, ...outdated(payload, context), followUps: [] }
        : { outcome, followUps: again(context, { ...payload, withoutFeatures: true }) };
    case 'noAnswer':
    case 'notConnected':
      return {
        outcome,
        ...outdated(payload, context),
        followUps:
          context.policy.afterNoAnswer === 'rtr' && isServedThere(context) ? serverChange(context) : [],
      };
    case 'unableToComply':
    case 'refused':
      return { outcome, ...outdated(payload, context), followUps: [] };
    case 'success':
    case 'limitedSuccess':
      return { outcome, followUps: [] };
  }
}

/**
 * The S-CSCF goes on with the old profile: the next SAR has to bring the new one [29.228-6.6]. Credentials
 * come with the next MAA.
 */
function outdated(payload: ProfilePayload, context: PushContext): { status?: RegistrationStatus } {
  const status = context.current?.status;
  if (status === undefined || isDigestOnly(payload) || !isServedThere(context)) return {};
  const set = setStatus(status, payload.setName);
  return set.state === 'notRegistered' || set.profileOutdated === true
    ? {}
    : { status: withSet(status, { ...set, profileOutdated: true }) };
}

function again(context: PushContext, payload: ProfilePayload): OutboxEntry[] {
  const server = context.current?.status.server ?? null;
  return server === null || !isServedThere(context) ? [] : [profileEntry(server, payload)];
}

/**
 * DIAMETER_ERROR_USER_UNKNOWN: again with another private identity, if any; without restoration procedures
 * the unknown one is no longer registered. A digest credential is of one private identity, so there is no
 * other for it.
 */
function unknownThere(payload: ProfilePayload, userName: string, context: PushContext): PushDecision {
  const { current, settings } = context;
  if (current === null || !isServedThere(context)) return { outcome: 'userUnknown', followUps: [] };
  const unknownPrivateIdentities = [...(payload.unknownPrivateIdentities ?? []), userName];
  const set = current.subscription.implicitRegistrationSets.find(({ name }) => name === payload.setName);
  const other =
    isDigestOnly(payload) || set === undefined
      ? undefined
      : knownPrivateIdentities(current.subscription, current.status, set).find(
          (name) => !unknownPrivateIdentities.includes(name),
        );
  const followUps = other === undefined ? [] : again(context, { ...payload, unknownPrivateIdentities });
  if (settings.imsRestoration) return { outcome: 'userUnknown', followUps };
  let { status } = current;
  for (const before of current.status.sets) {
    const entry = privateIdentityStatus(before, userName);
    if (entry?.registered !== true || isLater(entry, context)) continue;
    const privateIdentities = withoutRegistrations(before.privateIdentities, [userName]);
    status = withSet(status, {
      name: before.name,
      state: isAnyRegistered(privateIdentities) ? 'registered' : 'notRegistered',
      privateIdentities,
    });
  }
  return status === current.status
    ? { outcome: 'userUnknown', followUps }
    : { outcome: 'userUnknown', status: released(status, context), followUps };
}

function outcomeOf(result: PushResult): PushOutcome {
  return result === 'featureUnsupported' ? 'refused' : result;
}
