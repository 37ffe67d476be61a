/** A subscription as the store keeps it in one text. */
import type { Subscription } from './subscription';

/** A subscription from its image. */
export function parseImage(image: string): Subscription {
  const parsed = JSON.parse(image) as Subscription;
  // Attributes that are null are absent in an image; this one is null in a document.
  return parsed.permittedVisitedNetworks === undefined
    ? { ...parsed, permittedVisitedNetworks: null }
    : parsed;
}

/** The image has what JSON keeps of a subscription; the same is made of another one to compare them. */
export const asImage = (subscription: Subscription): Subscription =>
  JSON.parse(JSON.stringify(subscription)) as Subscription;

/** Calls `visit` with the name of each public identity, in the order of the document. */
export function forEachPublicIdentity(
  { implicitRegistrationSets }: Pick<Subscription, 'implicitRegistrationSets'>,
  visit: (identity: string) => void,
): void {
  for (const set of implicitRegistrationSets)
    for (const { identity } of set.publicIdentities) visit(identity);
}
