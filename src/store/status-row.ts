/** Columns of subscription_state <-> RegistrationStatus. */
import type { RegistrationStatus } from '../apps/cx/state/registration-status';

/**
 * version, scscf_name, scscf_diameter_host, scscf_diameter_realm, reassignment_pending, sets,
 * sequence_numbers
 */
export type StatusColumns = [number, string | null, string | null, string | null, boolean, string, string];

const nothing: readonly never[] = Object.freeze([]);
const parse = (json: string): readonly never[] =>
  json === '[]' ? nothing : (JSON.parse(json) as readonly never[]);

export function statusFromColumns([
  version,
  name,
  host,
  realm,
  reassignmentPending,
  sets,
  sequenceNumbers,
]: StatusColumns): RegistrationStatus {
  return {
    version,
    server: name === null ? null : { name, diameterHost: host ?? '', diameterRealm: realm ?? '' },
    reassignmentPending,
    sets: parse(sets),
    sequenceNumbers: parse(sequenceNumbers),
  };
}

/** As `statusFromColumns`, of columns as texts, the version being the fourth. */
export function statusFromTexts([
  ,
  ,
  ,
  version,
  name,
  host,
  realm,
  reassignmentPending,
  sets,
  sequenceNumbers,
]: readonly (string | null)[]): RegistrationStatus {
  return statusFromColumns([
    Number(version),
    name ?? null,
    host ?? null,
    realm ?? null,
    reassignmentPending === 't',
    sets ?? '[]',
    sequenceNumbers ?? '[]',
  ]);
}

/** How many sets are in each state, for the counters. */
export function countSets(sets: RegistrationStatus['sets']): { registered: number; unregistered: number } {
  let registered = 0;
  let unregistered = 0;
  for (const { state } of sets) {
    if (state === 'registered') registered += 1;
    else if (state === 'unregistered') unregistered += 1;
  }
  return { registered, unregistered };
}
