/**
 * What an operator clears at once, without waiting for the S-CSCF: registrations, pending authentications and,
 * where nothing needs it any more, the S-CSCF name [29.228-6.1.3.1]. Pure.
 */
import {
  isAnyRegistered,
  setStatus,
  withSet,
  type RegistrationState,
  type RegistrationStatus,
} from './registration-status';
import { associatedPrivateIdentities, type Subscription } from '../../../subscriber/subscription';

/** A set before it was cleared. */
export interface ClearedSet {
  readonly name: string;
  readonly state: RegistrationState;
  /** Those that were registered with it or being authenticated, and are no longer. */
  readonly privateIdentities: readonly string[];
}

export interface ClearedRegistration {
  readonly status: RegistrationStatus;
  /** Nothing of it was there where neither says anything. */
  readonly sets: readonly ClearedSet[];
  /** The S-CSCF name that is assigned no longer; null where it stays, or none was assigned. */
  readonly server: string | null;
}

export interface ClearingScope {
  /** Only these sets; all where absent. */
  readonly setNames?: readonly string[] | undefined;
  /** Only these private identities; all where absent. */
  readonly privateIdentities?: readonly string[] | undefined;
}

export function clearRegistration(
  subscription: Subscription,
  before: RegistrationStatus,
  { setNames, privateIdentities }: ClearingScope = {},
): ClearedRegistration {
  let status = before;
  const sets: ClearedSet[] = [];
  for (const { name } of before.sets) {
    if (setNames?.includes(name) === false) continue;
    const set = setStatus(before, name);
    const isMeant = (identity: string): boolean => privateIdentities?.includes(identity) ?? true;
    const gone = set.privateIdentities.filter(({ identity }) => isMeant(identity));
    const kept = set.privateIdentities.filter(({ identity }) => !isMeant(identity));
    const ends =
      set.state === 'registered'
        ? !isAnyRegistered(kept)
        : set.state === 'unregistered' && knows(subscription, name, isMeant);
    if (gone.length === 0 && !ends) continue;
    sets.push({ name, state: set.state, privateIdentities: gone.map(({ identity }) => identity) });
    status = withSet(status, { ...set, state: ends ? 'notRegistered' : set.state, privateIdentities: kept });
  }
  const needed = status.sets.some(
    (set) =>
      set.state !== 'notRegistered' ||
      set.privateIdentities.some((entry) => entry.authenticationPendingSinceMs !== undefined),
  );
  // A name that nothing needs goes only with what needed it, or where all of the subscription is meant.
  const isWhole = setNames === undefined && privateIdentities === undefined;
  if (needed || (sets.length === 0 && !isWhole)) return { status, sets, server: null };
  return {
    status: { ...status, server: null, reassignmentPending: false },
    sets,
    server: before.server?.name ?? null,
  };
}

/** Whether a private identity that is meant is associated with the set. */
function knows(subscription: Subscription, name: string, isMeant: (identity: string) => boolean): boolean {
  const set = subscription.implicitRegistrationSets.find((one) => one.name === name);
  return set === undefined || associatedPrivateIdentities(subscription, set).some(isMeant);
}
