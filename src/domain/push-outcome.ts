/**
 * Whether an entry of the outbox is still to be sent, and what its answer does to the registration state: the rules of TS 29.228
 * clauses 6.1.3.1 and 6.2.2.1 with table 6.2.2.1.1 [29.228-6.1.3.1] [29.228-6.2.2.1]. Pure: decided again when the commit finds another version.
 *
 * Readings. The state changes with the answer and not before it, so that a private identity with an emergency registration is never
 * lost; where no answer comes at all, or an error without a list of emergency registrations, the HSS de-registers all the same ("the HSS shall
 * de-register the affected identities and invoke this procedure to inform the S-CSCF"). Private identities missing in the
 * RTA's Associated-Identities get a request of their own with PERMANENT_TERMINATION too, not only with SERVER_CHANGE. State is
 * changed only while the S-CSCF that was asked is the assigned one: after 8.1.1 it belongs to the new one.
 */
import type { OutboxEntry } from './ports';
import {
  holdsDigest, isDigestOnly, profileEntry, knownPrivateIdentities, terminationEntry, wholeTerminationOf,
  type ProfilePayload, type PushOutcome, type TerminatedSet, type TerminationPayload,
} from './push';
import {
  pendingOnly, registeredWith, serverInUse, setStatus, withSet, type AssignedServer, type PrivateIdentityStatus, type RegistrationStatus,
} from './registration-status';
import type { Subscription } from './subscription';

/** What came back, by name; the codes are src/push/answers.ts's business. */
export type PushResult =
  | 'success' | 'limitedSuccess' | 'unableToComply' | 'userUnknown' | 'tooMuchData' | 'notSupportedUserData' | 'featureUnsupported' | 'refused'
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
  /** The subscription is gone, and an identity of the entry is by now registered at that S-CSCF in another subscription. */
  readonly takenOver: boolean;
  /** The S-CSCF that the entry is for; its name is not known any more. */
  readonly destinationHost: string;
  readonly destinationRealm: string;
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

export type PushPlan = { readonly kind: 'send'; readonly userName: string } | { readonly kind: 'done'; readonly decision: PushDecision };

const sameHost = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
const done = (outcome: PushOutcome, followUps: readonly OutboxEntry[] = []): PushPlan => ({ kind: 'done', decision: { outcome, followUps } });
const onlyEntry = (entry: OutboxEntry | null): OutboxEntry[] => (entry === null ? [] : [entry]);

/** Whether the assigned S-CSCF is the one that the entry is for. */
function isServedThere(context: PushContext): boolean {
  const server = context.current?.status.server ?? null;
  return server !== null && sameHost(server.diameterHost, context.destinationHost);
}

/** [29.228-6.1.3.1] An RTR is sent unless the S-CSCF has been assigned anew since, which the request would contradict. */
export function planTermination(payload: TerminationPayload, context: PushContext): PushPlan {
  const { current } = context;
  if (context.takenOver) return done('superseded');
  if (current !== null && isServedThere(context)) {
    // The user came back to the S-CSCF that he had left [29.228-8.1.1].
    if (payload.cause === 'serverReplaced') return done('superseded');
    if (payload.cause === 'remaining' && payload.reasonCode === 'SERVER_CHANGE'
      && Object.values(current.status.sets).some((set) => set.privateIdentities[payload.userName]?.registered === true)) return done('superseded');
  }
  return { kind: 'send', userName: payload.userName };
}

/** [29.228-6.2.2.1] A PPR is sent while its set is registered or unregistered at that S-CSCF, with a private identity that it knows. */
export function planProfile(payload: ProfilePayload, context: PushContext): PushPlan {
  const { current, policy } = context;
  if (current === null || !isServedThere(context)) return done('superseded');
  const { subscription, status } = current;
  const set = subscription.implicitRegistrationSets.find(({ name }) => name === payload.setName);
  if (set === undefined) return done('superseded');
  if (isDigestOnly(payload)) {
    const { privateIdentity } = payload;
    if (privateIdentity === undefined || !holdsDigest(status, payload.setName, privateIdentity)) return done('superseded');
    return policy.profileUpdates === 'rtr' ? done('replacedByTermination', serverChange(context)) : { kind: 'send', userName: privateIdentity };
  }
  if (setStatus(status, set.name).state === 'notRegistered') return done('superseded');
  if (policy.profileUpdates === 'rtr') return done('replacedByTermination', serverChange(context));
  const userName = knownPrivateIdentities(subscription, status, set).find((name) => payload.unknownPrivateIdentities?.includes(name) !== true);
  return userName === undefined ? done('superseded') : { kind: 'send', userName };
}

/** [29.228-6.2.2.1] "a network-initiated de-registration ... SERVER_CHANGE, which will trigger the assignment of a new S-CSCF". */
function serverChange(context: PushContext): OutboxEntry[] {
  const { current } = context;
  return current === null ? [] : onlyEntry(wholeTerminationOf(current.subscription, current.status, 'pushFailed', 'SERVER_CHANGE'));
}

/** [29.228-6.1.3.1] What the outcome of an RTR does. */
export function decideTermination(payload: TerminationPayload, answer: PushAnswer, context: PushContext): PushDecision {
  const answered = answer.result === 'success' || answer.result === 'limitedSuccess';
  const asked = [payload.userName, ...payload.associatedIdentities];
  const left = answered && payload.associatedIdentities.length > 0 && (payload.reasonCode === 'SERVER_CHANGE' || payload.reasonCode === 'PERMANENT_TERMINATION')
    ? remainingIdentities(payload, answer) : [];
  const server: AssignedServer = { name: '', diameterHost: context.destinationHost, diameterRealm: context.destinationRealm };
  const followUps = left.map((userName) => terminationEntry(server, { ...payload, cause: 'remaining', userName, associatedIdentities: [] }));
  const outcome = outcomeOf(answer.result);
  const before = context.current?.status;
  if (before === undefined || !isServedThere(context)) return { outcome, followUps };
  const gone = payload.reasonCode === 'SERVER_CHANGE' ? asked : asked.filter((name) => !left.includes(name));
  let status = before;
  for (const set of payload.sets) status = terminated(status, set, gone, payload, answer.emergencyRegistrations);
  if (status === before) return { outcome, followUps };
  return { outcome, status: released(status, context), followUps };
}

/** Emergency registered ones are not de-registered, so they are not asked for again. */
function remainingIdentities(payload: TerminationPayload, { associatedIdentities, emergencyRegistrations }: PushAnswer): string[] {
  return payload.associatedIdentities.filter((name) => !associatedIdentities.includes(name)
    && !emergencyRegistrations.some(({ privateIdentity }) => privateIdentity === name));
}

/** One set after the RTR. Those that are implicitly registered with an emergency registered identity are so too [29.228-6.1.3.1 note 2]. */
function terminated(
  status: RegistrationStatus, { name, publicIdentities }: TerminatedSet, gone: readonly string[], { reasonCode }: TerminationPayload,
  emergencies: readonly EmergencyRegistration[],
): RegistrationStatus {
  const set = setStatus(status, name);
  if (set.state === 'notRegistered') return status;
  const emergency = emergencies.some((pair) => publicIdentities.includes(pair.publicIdentity) && (set.state === 'unregistered' || gone.includes(pair.privateIdentity)));
  const cleared = (state: 'notRegistered' | 'unregistered') => withSet(status, name, { state, privateIdentities: pendingOnly(set.privateIdentities) });
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
      return withSet(status, name, { state: 'registered', privateIdentities: withoutRegistrations(set.privateIdentities, gone) });
    }
  }
}

/** What is not the registration of these private identities: the others, and pending authentications. */
function withoutRegistrations(entries: Readonly<Record<string, PrivateIdentityStatus>>, gone: readonly string[]): Record<string, PrivateIdentityStatus> {
  const kept = Object.entries(entries).filter(([name]) => !gone.includes(name));
  const pending = pendingOnly(Object.fromEntries(Object.entries(entries).filter(([name]) => gone.includes(name))));
  return { ...Object.fromEntries(kept), ...pending };
}

/** The S-CSCF name goes when no set needs it any more: one name serves the whole subscription. */
function released(status: RegistrationStatus, { nowMs, settings }: PushContext): RegistrationStatus {
  return serverInUse(status, nowMs, settings.authenticationPendingMaxAgeMs) ? status : { ...status, server: null, reassignmentPending: false };
}

/** [29.228-6.2.2.1] What the outcome of a PPR with this User-Name does, table 6.2.2.1.1. */
export function decideProfile(payload: ProfilePayload, userName: string, answer: PushAnswer, context: PushContext): PushDecision {
  const outcome = outcomeOf(answer.result);
  switch (answer.result) {
    case 'userUnknown':
      return unknownThere(payload, userName, context);
    case 'tooMuchData':
    case 'notSupportedUserData':
      return { outcome, followUps: isServedThere(context) ? serverChange(context) : [] };
    case 'featureUnsupported':
      return { outcome, followUps: payload.withoutFeatures === true ? [] : again(context, { ...payload, withoutFeatures: true }) };
    case 'noAnswer':
    case 'notConnected':
      return { outcome, followUps: context.policy.afterNoAnswer === 'rtr' && isServedThere(context) ? serverChange(context) : [] };
    case 'success':
    case 'limitedSuccess':
    case 'unableToComply':
    case 'refused':
      return { outcome, followUps: [] };
  }
}

function again(context: PushContext, payload: ProfilePayload): OutboxEntry[] {
  const server = context.current?.status.server ?? null;
  return server === null || !isServedThere(context) ? [] : [profileEntry(server, payload)];
}

/**
 * DIAMETER_ERROR_USER_UNKNOWN: again with another private identity, if any; without restoration procedures the unknown one is no longer
 * registered. A digest credential is of one private identity, so there is no other for it.
 */
function unknownThere(payload: ProfilePayload, userName: string, context: PushContext): PushDecision {
  const { current, settings } = context;
  if (current === null || !isServedThere(context)) return { outcome: 'userUnknown', followUps: [] };
  const unknownPrivateIdentities = [...payload.unknownPrivateIdentities ?? [], userName];
  const set = current.subscription.implicitRegistrationSets.find(({ name }) => name === payload.setName);
  const other = isDigestOnly(payload) || set === undefined ? undefined
    : knownPrivateIdentities(current.subscription, current.status, set).find((name) => !unknownPrivateIdentities.includes(name));
  const followUps = other === undefined ? [] : again(context, { ...payload, unknownPrivateIdentities });
  if (settings.imsRestoration) return { outcome: 'userUnknown', followUps };
  let { status } = current;
  for (const [name, state] of Object.entries(status.sets)) {
    if (state.privateIdentities[userName]?.registered !== true) continue;
    const privateIdentities = withoutRegistrations(state.privateIdentities, [userName]);
    const registered = Object.values(privateIdentities).some((entry) => entry.registered === true);
    status = withSet(status, name, { state: registered ? 'registered' : 'notRegistered', privateIdentities });
  }
  return status === current.status ? { outcome: 'userUnknown', followUps } : { outcome: 'userUnknown', status: released(status, context), followUps };
}

function outcomeOf(result: PushResult): PushOutcome {
  return result === 'featureUnsupported' ? 'refused' : result;
}
