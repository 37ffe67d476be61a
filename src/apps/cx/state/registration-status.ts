/**
 * What changes while subscribers register: one value per IMS subscription, replaced as a whole by each
 * commit. [29.228-3.1] states and flags; readings: one S-CSCF serves the whole subscription, and the state of
 * a Public Identity is that of its implicit registration set [29.228-6.5.1].
 *
 * What is kept by name is kept in arrays: a JSON object whose property names are identities has a shape of
 * its own for every subscriber, which costs more to parse and to copy than the few entries that are looked
 * through. Properties are made in one order (by length, then by octets: PostgreSQL's jsonb had it first), so
 * that what was decided and what was read have the same shapes.
 */

export type RegistrationState = 'notRegistered' | 'registered' | 'unregistered';

/**
 * SCSCF-Restoration-Info of one private identity and set, kept as the encoded AVP in base64 [29.228-7.21].
 */
export interface StoredRestorationInfo {
  readonly avp: string;
  /** Registration-Time-Out in milliseconds since the Unix epoch [29.229-6.3.71]. */
  readonly registrationTimeOutMs?: number;
}

/** One private identity within one implicit registration set. Absent where nothing is to be said. */
export interface PrivateIdentityStatus {
  /**
   * The version of the status that its REGISTRATION made: what was asked of the S-CSCF before is not about
   * this registration [29.228-6.1.3.1].
   */
  readonly since?: number;
  readonly identity: string;
  /** Registered with this private identity. */
  readonly registered?: boolean;
  readonly restoration?: StoredRestorationInfo;
  /**
   * Authentication-pending, as the time it was set in milliseconds since the Unix epoch: the flag ages out
   * [29.228-6.5.1.3].
   */
  readonly authenticationPendingSinceMs?: number;
}

export interface RegistrationSetStatus {
  readonly name: string;
  /**
   * Unregistered state only: the version that its last UNREGISTERED_USER made; absent where it was left by a
   * registration that ended.
   */
  readonly since?: number;
  readonly state: RegistrationState;
  /**
   * A PPR could not bring the S-CSCF up to date: its next SAR gets the profile, whatever
   * User-Data-Already-Available says [29.228-6.6].
   */
  readonly profileOutdated?: boolean;
  /** Each identity once. */
  readonly privateIdentities: readonly PrivateIdentityStatus[];
}

export interface AssignedServer {
  /** S-CSCF name, a SIP URI as received [29.228-7.4]. */
  readonly name: string;
  /** Origin-Host and Origin-Realm of its last assigning request: Destination-Host of ours [29.229-5.5]. */
  readonly diameterHost: string;
  readonly diameterRealm: string;
}

export interface RegistrationStatus {
  /** Rises with every commit; what a decision was made on. */
  readonly version: number;
  readonly server: AssignedServer | null;
  /** S-CSCF reassignment pending flag [29.228-3.1]. */
  readonly reassignmentPending: boolean;
  /** Each name once; an absent set is notRegistered. */
  readonly sets: readonly RegistrationSetStatus[];
}

export const initialStatus: RegistrationStatus = {
  version: 0,
  server: null,
  reassignmentPending: false,
  sets: [],
};

const nobody: readonly PrivateIdentityStatus[] = [];

export function setStatus({ sets }: RegistrationStatus, name: string): RegistrationSetStatus {
  for (const set of sets) if (set.name === name) return set;
  return { name, state: 'notRegistered', privateIdentities: nobody };
}

/** What a set says about one private identity. */
export function privateIdentityStatus(
  { privateIdentities }: RegistrationSetStatus,
  identity: string,
): PrivateIdentityStatus | undefined {
  for (const entry of privateIdentities) if (entry.identity === identity) return entry;
  return undefined;
}

/** Whether the set is registered with anybody. */
export function isAnyRegistered(entries: readonly PrivateIdentityStatus[]): boolean {
  return entries.some((entry) => entry.registered === true);
}

/** Private identities that the set is registered with. */
export function registeredWith({ privateIdentities }: RegistrationSetStatus): string[] {
  const registered: string[] = [];
  for (const entry of privateIdentities) if (entry.registered === true) registered.push(entry.identity);
  return registered;
}

/**
 * Whether the flag is set and its time is less than `maxAgeMs` away. A time further in the future comes from a
 * clock that was set back; without the bound, such a flag would last until then.
 */
export function isAuthenticationPending(
  entry: Pick<PrivateIdentityStatus, 'authenticationPendingSinceMs'> | undefined,
  nowMs: number,
  maxAgeMs: number,
): boolean {
  const since = entry?.authenticationPendingSinceMs;
  return since !== undefined && Math.abs(nowMs - since) < maxAgeMs;
}

/** A private identity that is registered, its authentication no longer pending. */
export function registeredStatus(
  identity: string,
  since: number | undefined,
  restoration: StoredRestorationInfo | undefined,
): PrivateIdentityStatus {
  const entry = since === undefined ? { identity, registered: true } : { since, identity, registered: true };
  return restoration === undefined ? entry : { ...entry, restoration };
}

/** A copy with one entry in the place of the one of the same name, or after the others. */
export function withPrivateIdentity(
  entries: readonly PrivateIdentityStatus[],
  entry: PrivateIdentityStatus,
): PrivateIdentityStatus[] {
  const copy = entries.slice();
  const at = copy.findIndex(({ identity }) => identity === entry.identity);
  copy[at < 0 ? copy.length : at] = entry;
  return copy;
}

const saysSomething = (entry: PrivateIdentityStatus): boolean =>
  entry.registered === true ||
  entry.authenticationPendingSinceMs !== undefined ||
  entry.restoration !== undefined;

/** Without properties that say nothing, the others in one order. */
function madeSet(
  { name, state, since }: RegistrationSetStatus,
  profileOutdated: boolean,
  privateIdentities: readonly PrivateIdentityStatus[],
): RegistrationSetStatus {
  if (state !== 'unregistered' || since === undefined)
    return profileOutdated
      ? { name, state, profileOutdated, privateIdentities }
      : { name, state, privateIdentities };
  return profileOutdated
    ? { name, since, state, profileOutdated, privateIdentities }
    : { name, since, state, privateIdentities };
}

/**
 * A copy with one set replaced; a set that says nothing any more is dropped. An outdated profile stays so
 * unless the new set says otherwise.
 */
export function withSet(status: RegistrationStatus, set: RegistrationSetStatus): RegistrationStatus {
  const kept = set.privateIdentities.every(saysSomething)
    ? set.privateIdentities
    : set.privateIdentities.filter(saysSomething);
  const at = status.sets.findIndex(({ name }) => name === set.name);
  if (set.state === 'notRegistered' && kept.length === 0)
    return { ...status, sets: at < 0 ? status.sets : status.sets.filter(({ name }) => name !== set.name) };
  const outdated =
    set.state !== 'notRegistered' && (set.profileOutdated ?? status.sets[at]?.profileOutdated) === true;
  const sets = status.sets.slice();
  sets[at < 0 ? sets.length : at] = madeSet(set, outdated, kept);
  return { ...status, sets };
}

/**
 * The entries of private identities whose authentication is pending, without anything else: no registration,
 * no restoration information.
 */
export function pendingOnly(entries: readonly PrivateIdentityStatus[]): PrivateIdentityStatus[] {
  const pending: PrivateIdentityStatus[] = [];
  for (const { identity, authenticationPendingSinceMs } of entries)
    if (authenticationPendingSinceMs !== undefined) pending.push({ identity, authenticationPendingSinceMs });
  return pending;
}

/**
 * Whether any set still needs the S-CSCF name: registered, unregistered or with an authentication pending.
 */
export function serverInUse(status: RegistrationStatus, nowMs: number, maxPendingAgeMs: number): boolean {
  return status.sets.some(
    (set) =>
      set.state !== 'notRegistered' ||
      set.privateIdentities.some((entry) => isAuthenticationPending(entry, nowMs, maxPendingAgeMs)),
  );
}
