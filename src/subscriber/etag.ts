/**
 * Strong ETags (RFC 9110 8.8.3) from revisions, which are never used twice; and the preconditions of RFC 9110
 * 13.1.
 */
import type { Precondition } from './provisioning';

export const etagOf = (revision: number): string => `"${revision}"`;

/** Whether a change may be made to what has this revision now (null: does not exist). */
export function isAllowed({ ifMatch, ifNoneMatch }: Precondition, revision: number | null): boolean {
  if (ifNoneMatch === '*' && revision !== null) return false;
  if (ifMatch === undefined) return true;
  return revision !== null && (ifMatch === '*' || ifMatch === etagOf(revision));
}
