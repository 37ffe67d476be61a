/**
 * Registration states as tests write and read them: by name. The product keeps arrays of what has its name in
 * it.
 */
import type {
  PrivateIdentityStatus,
  RegistrationSetStatus,
  RegistrationStatus,
} from '../../src/apps/cx/state/registration-status';

export type PrivateIdentityRecord = Omit<PrivateIdentityStatus, 'identity'>;

export interface SetRecord extends Omit<RegistrationSetStatus, 'name' | 'privateIdentities'> {
  readonly privateIdentities: Readonly<Record<string, PrivateIdentityRecord>>;
}

export type SetRecords = Readonly<Record<string, SetRecord>>;

export interface StatusRecord extends Omit<RegistrationStatus, 'sets'> {
  readonly sets: SetRecords;
}

/** The registration, and the highest SQN given by private identity. */
export interface HssStatus extends StatusRecord {
  readonly sequenceNumbers: Readonly<Record<string, number>>;
}

export function entriesOf(records: Readonly<Record<string, PrivateIdentityRecord>>): PrivateIdentityStatus[] {
  return Object.entries(records).map(([identity, entry]) => ({ ...entry, identity }));
}

export function setsOf(records: SetRecords): RegistrationSetStatus[] {
  return Object.entries(records).map(([name, set]) => ({
    ...set,
    name,
    privateIdentities: entriesOf(set.privateIdentities),
  }));
}

export function statusOfRecord(record: StatusRecord): RegistrationStatus {
  return { ...record, sets: setsOf(record.sets) };
}

/** @throws Error where a name is there twice */
function byName<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const record = Object.fromEntries(entries);
  if (Object.keys(record).length !== entries.length)
    throw new Error(`a name is there twice: ${entries.map(([name]) => name).join(', ')}`);
  return record;
}

export function recordsOf(sets: readonly RegistrationSetStatus[]): SetRecords {
  return byName(
    sets.map(({ name, privateIdentities, ...set }) => [
      name,
      {
        ...set,
        privateIdentities: byName(privateIdentities.map(({ identity, ...entry }) => [identity, entry])),
      },
    ]),
  );
}

/** @throws Error where a set or a private identity of it is there twice */
export function recordOf(status: RegistrationStatus): StatusRecord {
  return { ...status, sets: recordsOf(status.sets) };
}

/** Private identities that a set is registered with. */
export function registeredIn(set: SetRecord): string[] {
  return Object.keys(set.privateIdentities).filter(
    (identity) => set.privateIdentities[identity]?.registered === true,
  );
}
