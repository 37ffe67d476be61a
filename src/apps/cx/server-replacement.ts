/**
 * Cancellation of the old S-CSCF [29.228-8.1.1]: a MAR names a new S-CSCF while identities are registered in
 * the one assigned before. The RTRs are written with the MAR's change and sent from the outbox, in their
 * order.
 *
 * With restoration procedures the registrations stay, for the new S-CSCF to restore, and one RTR with
 * NEW_SERVER_ASSIGNED names all of them. Without, NEW_SERVER_ASSIGNED goes for the pair that is being
 * authenticated, where the old S-CSCF has it registered, then SERVER_CHANGE for every other one, an RTR for
 * each Private User Identity; those are Not Registered at once [29.228-6.1.3.1], because the new S-CSCF does
 * not know them and what comes for them now belongs to it.
 */
import type { OutboxEntry, SubscriptionSnapshot } from '../../state/ports';
import { terminationOf } from './outgoing/push';
import { registrationOf } from './state/registration';
import {
  isAnyRegistered,
  registeredWith,
  setStatus,
  withSet,
  type PrivateIdentityStatus,
  type RegistrationStatus,
} from './state/registration-status';

export interface Replacement {
  readonly outbox: readonly OutboxEntry[];
  /** The status without the registrations that SERVER_CHANGE ended. */
  readonly status: RegistrationStatus;
}

/** The pair that the new S-CSCF is authenticating. */
export interface AuthenticatedPair {
  readonly setName: string;
  readonly privateIdentity: string;
}

/**
 * What follows from the assignment of another S-CSCF. `after` is the status that the MAR leads to; nothing is
 * to be done where nobody is registered or where the Diameter client of the new S-CSCF is that of the old
 * one.
 */
export function replaceServer(
  snapshot: SubscriptionSnapshot,
  after: RegistrationStatus,
  pair: AuthenticatedPair,
  imsRestoration: boolean,
): Replacement {
  const { subscription } = snapshot;
  const before = registrationOf(snapshot);
  const client = before.server?.diameterHost.toLowerCase();
  const nothing: Replacement = { outbox: [], status: after };
  if (client === undefined || client === after.server?.diameterHost.toLowerCase()) return nothing;
  const registered = subscription.implicitRegistrationSets
    .map(({ name }) => name)
    .filter((name) => setStatus(before, name).state === 'registered');
  if (registered.length === 0) return nothing;
  const rtr = (
    reasonCode: 'NEW_SERVER_ASSIGNED' | 'SERVER_CHANGE',
    setNames: readonly string[],
    privateIdentities?: readonly string[],
  ): OutboxEntry[] => {
    const entry = terminationOf(subscription, before, {
      cause: 'serverReplaced',
      reasonCode,
      setNames,
      privateIdentities,
    });
    return entry === null ? [] : [entry];
  };
  if (imsRestoration) return { outbox: rtr('NEW_SERVER_ASSIGNED', registered), status: after };

  const isPair = (setName: string, privateIdentity: string): boolean =>
    setName === pair.setName && privateIdentity === pair.privateIdentity;
  const outbox: OutboxEntry[] = [];
  if (registeredWith(setStatus(before, pair.setName)).includes(pair.privateIdentity))
    outbox.push(...rtr('NEW_SERVER_ASSIGNED', [pair.setName], [pair.privateIdentity]));
  for (const { identity } of subscription.privateIdentities) {
    const sets = registered.filter(
      (name) => registeredWith(setStatus(before, name)).includes(identity) && !isPair(name, identity),
    );
    if (sets.length > 0) outbox.push(...rtr('SERVER_CHANGE', sets, [identity]));
  }
  let status = after;
  for (const name of registered) status = withoutOthers(status, name, isPair);
  return { outbox, status };
}

/** The set with the registration of the pair only, where it has it; pending authentications stay. */
function withoutOthers(
  status: RegistrationStatus,
  setName: string,
  isPair: (setName: string, privateIdentity: string) => boolean,
): RegistrationStatus {
  const set = setStatus(status, setName);
  if (registeredWith(set).every((identity) => isPair(setName, identity))) return status;
  const privateIdentities = set.privateIdentities.map((entry): PrivateIdentityStatus => {
    const { identity, authenticationPendingSinceMs } = entry;
    return isPair(setName, identity)
      ? entry
      : authenticationPendingSinceMs === undefined
        ? { identity }
        : { identity, authenticationPendingSinceMs };
  });
  return withSet(status, {
    name: setName,
    state: isAnyRegistered(privateIdentities) ? 'registered' : 'notRegistered',
    privateIdentities,
  });
}
