/** Columns of the registration module in subscription_state <-> RegistrationStatus. */
import { registration } from '../apps/cx/state/registration';
import type { RegistrationStatus } from '../apps/cx/state/registration-status';
export { countSets } from '../apps/cx/state/registration';

/** version, scscf_name, scscf_diameter_host, scscf_diameter_realm, reassignment_pending, sets */
export type StatusColumns = [number, string | null, string | null, string | null, boolean, string];

export function statusFromColumns([
  version,
  name,
  host,
  realm,
  reassignmentPending,
  sets,
]: StatusColumns): RegistrationStatus {
  return registration.parse(version, [name, host, realm, reassignmentPending ? 't' : 'f', sets]);
}
