/**
 * RTR: whether it is still to be sent, and what its answer does to the registration state [29.228-6.1.3.1].
 * Pure.
 *
 * Readings. The state changes with the answer and not before it, so that a private identity with an emergency
 * registration is never lost; where no answer comes at all, or an error without a list of emergency
 * registrations, the HSS de-registers all the same ("the HSS shall de-register the affected identities and
 * invoke this procedure to inform the S-CSCF"). Private identities missing in the RTA's Associated-Identities
 * get a request of their own with PERMANENT_TERMINATION too, not only with SERVER_CHANGE.
 */
import { samePrivateIdentity } from '../../../subscriber/private-identity';
import {
  done,
  isLater,
  isServedThere,
  outcomeOf,
  released,
  withoutRegistrations,
  type EmergencyRegistration,
  type PushAnswer,
  type PushContext,
  type PushDecision,
  type PushPlan,
} from './push-outcome';
import {
  splitTermination,
  terminationEntry,
  type RegistrationEffect,
  type TerminatedSet,
  type TerminationPayload,
} from './push';
import {
  pendingOnly,
  privateIdentityStatus,
  registeredWith,
  setStatus,
  withSet,
  type AssignedServer,
  type RegistrationSetStatus,
  type RegistrationStatus,
} from '../state/registration-status';

/** Private identities that the set has been registered with since. */
function registeredLater(set: RegistrationSetStatus, context: PushContext): string[] {
  return registeredWith(set).filter((name) => isLater(privateIdentityStatus(set, name), context));
}

/**
 * Whether nothing of what the RTR is about is left, and something is there in its place: of a registered set,
 * the private identities that are asked for have registered anew.
 */
function isAnew({ sets, userName, associatedIdentities }: TerminationPayload, context: PushContext): boolean {
  const states = sets.flatMap(({ name }) => {
    const set = context.current === null ? undefined : setStatus(context.current.status, name);
    return set === undefined || set.state === 'notRegistered' ? [] : [set];
  });
  const asked = [userName, ...associatedIdentities];
  return (
    states.length > 0 &&
    states.every((set) =>
      set.state === 'unregistered'
        ? isLater(set, context)
        : registeredLater(set, context).length === registeredWith(set).length &&
          registeredWith(set).some((name) => asked.includes(name)),
    )
  );
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
  const parts = context.connected ? separateRequests(payload, context) : [];
  if (parts.length === 0) return { kind: 'send', userName: payload.userName };
  const followUps = parts.map((part) => terminationEntry(serverOf(context), part));
  // The status only for its version: whoever registers anew in between must not be in the new requests.
  const unchanged = current === null ? {} : { status: current.status };
  return { kind: 'done', decision: { outcome: 'split', followUps, ...unchanged } };
}

/**
 * [29.228-6.1.3.1] The request for several private identities as one request for each of them, without those
 * that have registered anew; none where it goes as it is. NEW_SERVER_ASSIGNED has no form for several private
 * identities.
 */
function separateRequests(payload: TerminationPayload, context: PushContext): TerminationPayload[] {
  if (payload.associatedIdentities.length === 0) return [];
  if (context.policy.combinePrivateIdentities && payload.reasonCode !== 'NEW_SERVER_ASSIGNED') return [];
  const later = isServedThere(context) ? laterIdentities(payload, context) : [];
  return splitTermination(payload).filter(({ userName }) => !later.includes(userName));
}

/** Private identities that have registered anew with a set of the request. */
const laterIdentities = ({ sets }: TerminationPayload, context: PushContext): string[] =>
  sets.flatMap(({ name }) =>
    context.current === null ? [] : registeredLater(setStatus(context.current.status, name), context),
  );

/** The S-CSCF that the entry is for; nobody needs its name any more. */
const serverOf = ({ destinationHost, destinationRealm }: PushContext): AssignedServer => ({
  name: '',
  diameterHost: destinationHost,
  diameterRealm: destinationRealm,
});

/** [29.228-6.1.3.1] What the outcome of an RTR does. */
export function decideTermination(
  payload: TerminationPayload,
  answer: PushAnswer,
  context: PushContext,
): PushDecision {
  const answered = answer.result === 'success' || answer.result === 'limitedSuccess';
  const asked = [payload.userName, ...payload.associatedIdentities];
  const later = laterIdentities(payload, context);
  const left =
    answered &&
    payload.associatedIdentities.length > 0 &&
    (payload.reasonCode === 'SERVER_CHANGE' || payload.reasonCode === 'PERMANENT_TERMINATION')
      ? remainingIdentities(payload, answer).filter((name) => !later.includes(name))
      : [];
  const followUps = left.map((userName) =>
    terminationEntry(serverOf(context), {
      ...payload,
      cause: 'remaining',
      userName,
      associatedIdentities: [],
    }),
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
      !associatedIdentities.some((other) => samePrivateIdentity(other, name)) &&
      !emergencyRegistrations.some(({ privateIdentity }) => samePrivateIdentity(privateIdentity, name)),
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
      (set.state === 'unregistered' || gone.some((name) => samePrivateIdentity(name, pair.privateIdentity))),
  );
  const cleared = (state: 'notRegistered' | 'unregistered') =>
    withSet(status, { name, state, privateIdentities: pendingOnly(set.privateIdentities) });
  // What each reason code leaves [29.228-6.1.3.1].
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

/**
 * What is left of the registrations that the RTR is about, for operators: null stands for a subscription that is
 * gone.
 */
export function registrationEffect(
  payload: TerminationPayload,
  before: RegistrationStatus | null,
  after: RegistrationStatus | null,
): RegistrationEffect {
  const left = after === null ? 0 : leftCount(payload, after);
  if (left === 0) return 'cleared';
  return before !== null && left < leftCount(payload, before) ? 'partlyCleared' : 'kept';
}

function leftCount(
  { userName, associatedIdentities, sets, reasonCode }: TerminationPayload,
  status: RegistrationStatus,
): number {
  const asked = [userName, ...associatedIdentities];
  const ofAll = reasonCode === 'SERVER_CHANGE' || reasonCode === 'NEW_SERVER_ASSIGNED';
  let count = 0;
  for (const { name } of sets) {
    const set = setStatus(status, name);
    if (set.state === 'unregistered') count += 1;
    if (set.state === 'registered')
      count += registeredWith(set).filter((identity) => ofAll || asked.includes(identity)).length;
  }
  return count;
}
