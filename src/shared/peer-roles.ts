/** What a Diameter peer can be, for its configuration and for the applications that say who sends what. */

/** Nodes of every application, and `relay`. An application says which of them send a command of its own. */
export const PEER_ROLES = ['icscf', 'scscf', 'as', 'mme', 'sgsn', 'hss', 'relay'] as const;
export type PeerRole = (typeof PEER_ROLES)[number];

/** Of a peer that is not configured, or whose configuration says nothing. */
export const DEFAULT_PEER_ROLES: readonly PeerRole[] = ['icscf', 'scscf'];

/** A set of roles as one number, a bit each. */
export function rolesMask(roles: readonly PeerRole[]): number {
  let mask = 0;
  for (const role of roles) mask |= 1 << PEER_ROLES.indexOf(role);
  return mask;
}
