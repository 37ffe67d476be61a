/**
 * What a Diameter peer can be: a name that an application brings, which says with it who sends its commands; or
 * a relay, which is no application's.
 */
export type PeerRole = string;

export const RELAY: PeerRole = 'relay';

/** Bits of a number that a set of roles fits in. */
const MAX_ROLES = 31;
/** The bit of each role: the next one is taken where a role is named first. */
const bits = new Map<PeerRole, number>();

/** A set of roles as one number, a bit each. @throws RangeError where there are more roles than bits */
export function rolesMask(roles: readonly PeerRole[]): number {
  let mask = 0;
  for (const role of roles) {
    const bit = bits.get(role) ?? bits.size;
    if (bit >= MAX_ROLES) throw new RangeError(`there are more than ${MAX_ROLES} roles of peers`);
    bits.set(role, bit);
    mask |= 1 << bit;
  }
  return mask;
}
