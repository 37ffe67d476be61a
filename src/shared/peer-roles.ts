/** What a Diameter peer can be, for its configuration and for the applications that say who sends what. */

/** `as`, `mme` and `sgsn` send nothing of Cx; they are for applications that have commands of theirs. */
export const PEER_ROLES = ['icscf', 'scscf', 'as', 'mme', 'sgsn', 'hss', 'relay'] as const;
export type PeerRole = (typeof PEER_ROLES)[number];

/** A set of roles as one number, a bit each. */
export function rolesMask(roles: readonly PeerRole[]): number {
  let mask = 0;
  for (const role of roles) mask |= 1 << PEER_ROLES.indexOf(role);
  return mask;
}
