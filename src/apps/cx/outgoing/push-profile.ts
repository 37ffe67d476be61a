/**
 * PPR: whether it is still to be sent, and what its answer does to the registration state, table 6.2.2.1.1
 * [29.228-6.2.2.1]. Pure.
 */
import type { OutboxEntry } from '../../../state/ports';
import {
  done,
  isLater,
  isServedThere,
  outcomeOf,
  released,
  withoutRegistrations,
  type PushAnswer,
  type PushContext,
  type PushDecision,
  type PushPlan,
} from './push-outcome';
import {
  holdsDigest,
  isDigestOnly,
  knownPrivateIdentities,
  profileEntry,
  wholeTerminationOf,
  type ProfilePayload,
} from './push';
import {
  isAnyRegistered,
  privateIdentityStatus,
  setStatus,
  withSet,
  type RegistrationStatus,
} from '../state/registration-status';

const onlyEntry = (entry: OutboxEntry | null): OutboxEntry[] => (entry === null ? [] : [entry]);

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
    case 'tooLong':
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
