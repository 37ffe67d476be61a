/**
 * Comparing DiameterIdentity values: fully qualified domain names, so case does not count. RFC 6733 clause
 * 4.3.1.
 */

/**
 * The form under which an identity is a key: equal for all spellings of one identity, a final dot ignored.
 */
export function identityKey(identity: string): string {
  const lower = identity.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** [6733-4.3.1] Whether two DiameterIdentity values name the same node or realm. */
export function sameIdentity(a: string, b: string): boolean {
  return a === b || identityKey(a) === identityKey(b);
}
