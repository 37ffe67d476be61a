/**
 * Private identities are NAIs, TS 23.003 13.3. The user part is compared octet by octet, the realm without
 * regard to case (RFC 7542 2.4): two that differ only there are one. What is stored and sent keeps the
 * spelling that was provisioned; only comparisons use the form made here.
 *
 * Reading: only ASCII letters are folded, as in names of the DNS; PostgreSQL's `nai_key` does the same.
 */

const capital = /[A-Z]/;

/** The form in which private identities are compared; a name without a realm is its own. */
export function privateIdentityKey(identity: string): string {
  const at = identity.lastIndexOf('@');
  if (at < 0) return identity;
  const realm = identity.slice(at + 1);
  return capital.test(realm)
    ? identity.slice(0, at + 1) + realm.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : identity;
}

export function samePrivateIdentity(left: string, right: string): boolean {
  return (
    left === right || (left.length === right.length && privateIdentityKey(left) === privateIdentityKey(right))
  );
}
