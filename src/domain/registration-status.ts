/**
 * What changes while subscribers register: one value per IMS subscription, replaced as a whole by each commit.
 * [29.228-3.1] states and flags; readings: one S-CSCF serves the whole subscription, and the state of a Public Identity is that of
 * its implicit registration set [29.228-6.5.1].
 */

export type RegistrationState = 'notRegistered' | 'registered' | 'unregistered';

/** SCSCF-Restoration-Info of one private identity and set, kept as the encoded AVP in base64 [29.228-7.21]. */
export interface StoredRestorationInfo {
  readonly avp: string;
  /** Registration-Time-Out in milliseconds since the Unix epoch [29.229-6.3.71]. */
  readonly registrationTimeOutMs?: number;
}

/** One private identity within one implicit registration set. Absent where nothing is to be said. */
export interface PrivateIdentityStatus {
  /** Registered with this private identity. */
  readonly registered?: boolean;
  /** The version of the status that its REGISTRATION made: what was asked of the S-CSCF before is not about this registration [29.228-6.1.3.1]. */
  readonly since?: number;
  /** Authentication-pending, as the time it was set in milliseconds since the Unix epoch: the flag ages out [29.228-6.5.1.3]. */
  readonly authenticationPendingSinceMs?: number;
  readonly restoration?: StoredRestorationInfo;
}

export interface RegistrationSetStatus {
  readonly state: RegistrationState;
  /** Unregistered state only: the version that its last UNREGISTERED_USER made; absent where it was left by a registration that ended. */
  readonly since?: number;
  /** A PPR could not bring the S-CSCF up to date: its next SAR gets the profile, whatever User-Data-Already-Available says [29.228-6.6]. */
  readonly profileOutdated?: boolean;
  readonly privateIdentities: Readonly<Record<string, PrivateIdentityStatus>>;
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
  /** By set name; an absent set is notRegistered. */
  readonly sets: Readonly<Record<string, RegistrationSetStatus>>;
  /** Highest SQN given, by private identity: 48 bits as an integer, TS 33.102 C.1.1. */
  readonly sequenceNumbers: Readonly<Record<string, number>>;
}

export const initialStatus: RegistrationStatus = { version: 0, server: null, reassignmentPending: false, sets: {}, sequenceNumbers: {} };

const noPrivateIdentities: RegistrationSetStatus = { state: 'notRegistered', privateIdentities: {} };

export function setStatus(status: RegistrationStatus, setName: string): RegistrationSetStatus {
  // Own properties only: a set may be named "constructor".
  return Object.hasOwn(status.sets, setName) ? status.sets[setName] ?? noPrivateIdentities : noPrivateIdentities;
}

/** Private identities that the set is registered with. */
export function registeredWith(set: RegistrationSetStatus): string[] {
  return Object.keys(set.privateIdentities).filter((name) => set.privateIdentities[name]?.registered === true);
}

/** Whether the flag is set and not older than `maxAgeMs`. */
export function isAuthenticationPending(entry: PrivateIdentityStatus | undefined, nowMs: number, maxAgeMs: number): boolean {
  const since = entry?.authenticationPendingSinceMs;
  return since !== undefined && nowMs - since < maxAgeMs;
}

/** A copy with one set replaced; a set that says nothing any more is dropped. An outdated profile stays so unless the new set says otherwise. */
export function withSet(status: RegistrationStatus, setName: string, set: RegistrationSetStatus): RegistrationStatus {
  const sets = { ...status.sets };
  const kept: Record<string, PrivateIdentityStatus> = {};
  for (const [name, entry] of Object.entries(set.privateIdentities)) {
    if (entry.registered === true || entry.authenticationPendingSinceMs !== undefined || entry.restoration !== undefined) kept[name] = entry;
  }
  if (set.state === 'notRegistered' && Object.keys(kept).length === 0) delete sets[setName];
  else {
    const outdated = set.state !== 'notRegistered' && (set.profileOutdated ?? setStatus(status, setName).profileOutdated) === true;
    sets[setName] = {
      state: set.state, ...(set.state === 'unregistered' && set.since !== undefined ? { since: set.since } : {}),
      ...(outdated ? { profileOutdated: true } : {}), privateIdentities: kept,
    };
  }
  return { ...status, sets };
}

/** The entries of private identities whose authentication is pending, without anything else: no registration, no restoration information. */
export function pendingOnly(entries: Readonly<Record<string, PrivateIdentityStatus>>): Record<string, PrivateIdentityStatus> {
  const pending: Record<string, PrivateIdentityStatus> = {};
  for (const [name, { authenticationPendingSinceMs }] of Object.entries(entries)) {
    if (authenticationPendingSinceMs !== undefined) pending[name] = { authenticationPendingSinceMs };
  }
  return pending;
}

/** Whether any set still needs the S-CSCF name: registered, unregistered or with an authentication pending. */
export function serverInUse(status: RegistrationStatus, nowMs: number, maxPendingAgeMs: number): boolean {
  return Object.values(status.sets).some((set) => set.state !== 'notRegistered'
    || Object.values(set.privateIdentities).some((entry) => isAuthenticationPending(entry, nowMs, maxPendingAgeMs)));
}
