/**
 * Keeps an IMSI from getting into two subscriptions at the same moment, once as that of a USIM and once as that of
 * a private identity. Within a table its unique index does. A subscription that has an IMSI in both tables meets
 * either index. So two kinds of changes can miss each other: those that give new IMSIs to USIMs only, and those
 * that give them to private identities only. Each takes the lock in a mode that its own kind may share.
 */
import type { Sql } from '../../state/database';
import type { Subscription } from '../../subscriber/subscription';

/** The first two share with themselves only; the third with nobody, for a transaction that does both. */
const modes = { usims: 'row exclusive', privateIdentities: 'share', both: 'share row exclusive' } as const;

interface Change {
  readonly subscription: Subscription;
  readonly stored: { readonly subscription: Subscription } | undefined;
}

const imsisOf = ({ usims = [], privateIdentities }: Subscription) => ({
  usims: new Set(usims.map(({ imsi }) => imsi)),
  privateIdentities: new Set(privateIdentities.flatMap(({ imsi }) => imsi ?? [])),
});

/** The mode that these changes need; null for none. */
export function guardMode(changes: readonly Change[]): (typeof modes)[keyof typeof modes] | null {
  let toUsims = false;
  let toPrivateIdentities = false;
  for (const { subscription, stored } of changes) {
    const given = imsisOf(subscription);
    const had = stored === undefined ? undefined : imsisOf(stored.subscription);
    const isNew = (imsi: string): boolean =>
      had === undefined || !(had.usims.has(imsi) || had.privateIdentities.has(imsi));
    for (const imsi of given.usims) toUsims ||= !given.privateIdentities.has(imsi) && isNew(imsi);
    for (const imsi of given.privateIdentities) toPrivateIdentities ||= !given.usims.has(imsi) && isNew(imsi);
  }
  if (toUsims && toPrivateIdentities) return modes.both;
  return toUsims ? modes.usims : toPrivateIdentities ? modes.privateIdentities : null;
}

/** Before the look for owners, which then sees what the other kind has committed. */
export async function guardImsis(sql: Sql, changes: readonly Change[]): Promise<void> {
  const mode = guardMode(changes);
  if (mode !== null) await sql(`lock table shared_imsi_guard in ${mode} mode`, []);
}
