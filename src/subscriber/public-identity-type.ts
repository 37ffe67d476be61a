/**
 * Kinds of public identities, in the order of IdentityType but for the non-distinct one, which is never
 * provisioned [29.228-E].
 */
export const publicIdentityTypes = [
  'distinctPublicUserIdentity',
  'distinctPsi',
  'wildcardedPsi',
  'wildcardedPublicUserIdentity',
] as const;
export type PublicIdentityType = (typeof publicIdentityTypes)[number];
