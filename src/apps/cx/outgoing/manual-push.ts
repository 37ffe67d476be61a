/**
 * RTR and PPR that an operator asks for, of the subscription as it is now [29.228-6.1.3] [29.228-6.2.2].
 * Pure.
 */
import { clearRegistration, type ClearedRegistration } from '../state/clear-registration';
import type { OutboxEntry } from '../../../state/ports';
import { canonicalPublicIdentity } from '../../../subscriber/public-identity';
import {
  digestPushOf,
  profileParts,
  profilePushOf,
  splitTermination,
  terminationEntry,
  terminationOf,
  type DeregistrationReasonCode,
  type ProfilePart,
  type TerminationPayload,
} from './push';
import { registeredWith, setStatus, type RegistrationStatus } from '../state/registration-status';
import { findPrivateIdentity, findPublicIdentity, type Subscription } from '../../../subscriber/subscription';

export interface DeregistrationRequest {
  readonly reasonCode?: DeregistrationReasonCode | undefined;
  readonly reasonInfo?: string | undefined;
  readonly privateIdentities?: readonly string[] | undefined;
  readonly publicIdentities?: readonly string[] | undefined;
  /** Clear the state at once, without waiting for the S-CSCF. */
  readonly now?: boolean | undefined;
}

export interface ProfilePushRequest {
  readonly parts?: readonly ProfilePart[] | undefined;
  readonly publicIdentities?: readonly string[] | undefined;
}

/** Entries to write, or why there are none, in words. */
export type ManualPush =
  | {
      readonly ok: true;
      readonly entries: readonly OutboxEntry[];
      /** The state that goes with them, where it changes at once. */
      readonly cleared?: ClearedRegistration;
    }
  | { readonly ok: false; readonly reason: string };

const refused = (reason: string): ManualPush => ({ ok: false, reason });

/**
 * Names of the sets that the identities are in; all where none are given. @returns the unknown identity where
 * there is one
 */
function setNamesOf(
  subscription: Subscription,
  identities: readonly string[] | undefined,
): readonly string[] | { readonly unknown: string } {
  if (identities === undefined) return subscription.implicitRegistrationSets.map(({ name }) => name);
  const names: string[] = [];
  for (const identity of identities) {
    const canonical = canonicalPublicIdentity(identity);
    const place =
      findPublicIdentity(subscription, identity) ??
      (canonical.ok ? findPublicIdentity(subscription, canonical.value) : undefined);
    if (place === undefined) return { unknown: identity };
    names.push(place.set.name);
  }
  return names;
}

/**
 * One RTR for each private identity, or one for all where the S-CSCF gets them combined. Without a reason code:
 * PERMANENT_TERMINATION, REMOVE_S-CSCF where what is meant is in the unregistered state only.
 */
export function manualTermination(
  subscription: Subscription,
  status: RegistrationStatus,
  request: DeregistrationRequest,
  combinesPrivateIdentities: (diameterHost: string) => boolean,
): ManualPush {
  const setNames = setNamesOf(subscription, request.publicIdentities);
  if ('unknown' in setNames) return refused(`the subscription has no public identity ${setNames.unknown}`);
  const missing = request.privateIdentities?.find(
    (name) => findPrivateIdentity(subscription, name) === undefined,
  );
  if (missing !== undefined) return refused(`the subscription has no private identity ${missing}`);
  const registered = setNames.some((name) => setStatus(status, name).state === 'registered');
  // As they are provisioned, whatever the case of their realms.
  const privateIdentities = request.privateIdentities?.map(
    (name) => findPrivateIdentity(subscription, name)?.identity ?? name,
  );
  const entry = terminationOf(subscription, status, {
    cause: 'manual',
    reasonCode: request.reasonCode ?? (registered ? 'PERMANENT_TERMINATION' : 'REMOVE_S-CSCF'),
    reasonInfo: request.reasonInfo,
    setNames,
    privateIdentities,
  });
  const { server } = status;
  const entries =
    entry === null || server === null
      ? []
      : combinesPrivateIdentities(server.diameterHost)
        ? [entry]
        : splitTermination(entry.payload as TerminationPayload).map((part) => terminationEntry(server, part));
  if (request.now === true) {
    const scope = {
      setNames: request.publicIdentities === undefined ? undefined : setNames,
      privateIdentities,
    };
    const cleared = clearRegistration(subscription, status, scope);
    return cleared.status === status || (cleared.sets.length === 0 && cleared.server === null)
      ? refused('nothing of it is registered, unregistered or being authenticated, and no S-CSCF is assigned')
      : { ok: true, entries, cleared };
  }
  return entries.length === 0
    ? refused('nothing of it is registered or unregistered at an S-CSCF')
    : { ok: true, entries };
}

/** One PPR for each set, and one for each private identity whose digest credential is asked for. */
export function manualProfilePush(
  subscription: Subscription,
  status: RegistrationStatus,
  request: ProfilePushRequest,
): ManualPush {
  const setNames = setNamesOf(subscription, request.publicIdentities);
  if ('unknown' in setNames) return refused(`the subscription has no public identity ${setNames.unknown}`);
  const parts = request.parts ?? profileParts.filter((part) => part !== 'sipDigest');
  const ofSet = parts.filter((part) => part !== 'sipDigest');
  const entries: OutboxEntry[] = [];
  const digested = new Set<string>();
  for (const name of new Set(setNames)) {
    const profile = profilePushOf(status, name, ofSet, 'manual');
    if (profile !== null) entries.push(profile);
    if (!parts.includes('sipDigest')) continue;
    for (const privateIdentity of registeredWith(setStatus(status, name))) {
      const digest = digested.has(privateIdentity)
        ? null
        : digestPushOf(status, name, privateIdentity, 'manual');
      digested.add(privateIdentity);
      if (digest !== null) entries.push(digest);
    }
  }
  return entries.length === 0
    ? refused('nothing of it is registered or unregistered at an S-CSCF')
    : { ok: true, entries };
}
