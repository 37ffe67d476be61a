/**
 * Registration state as operators ask for it: of one subscription, and page by page of all that are registered
 * or served unregistered. Only those are read, in the order of their keys, by an index (migrations/0006).
 */
import {
  numbersFromText,
  shownNumbers,
  type ShownSequenceNumber,
} from '../../../authentication/shown-numbers';
import type { Database } from '../../../state/database';
import { headFrom, selectHead, type HeadColumns } from '../../../state/head-row';
import { parseImage } from '../../../subscriber/image';
import type { Page } from '../../../shared/page';
import type { SubscriptionKeyName } from '../../../subscriber/provisioning';
import { keyQuery, storable } from '../../../subscriber/storage/lookup';
import type { Subscription } from '../../../subscriber/subscription';
import { registration } from '../state/registration';
import type { RegistrationStatus } from '../state/registration-status';
import { registrationCounter, type RegistrationCounts } from './registration-counter';

export type { RegistrationCounts };

/** The state of one subscription as operators see it. */
export interface ShownStatus {
  readonly id: string;
  readonly status: RegistrationStatus;
  /** Of those that have given any. */
  readonly sequenceNumbers: readonly ShownSequenceNumber[];
}

/** One that is registered or served unregistered, without its secrets. */
export interface RegisteredSubscription extends ShownStatus, Pick<Subscription, 'implicitRegistrationSets'> {
  readonly privateIdentities: readonly { readonly identity: string }[];
}

/** All throw StoreUnavailableError. */
export interface Registrations {
  getStatus(name: SubscriptionKeyName): Promise<ShownStatus | null>;
  /** Subscriptions with a set in that state, in either where it is null; in the order of their creation. */
  listStatuses(
    state: 'registered' | 'unregistered' | null,
    cursor: string | null,
    limit: number,
  ): Promise<Page<RegisteredSubscription>>;
  /** Recent figures: a big table is counted rarely. */
  counts(): Promise<RegistrationCounts>;
}

export function createRegistrations(database: Database): Registrations {
  return {
    getStatus: (name) => statusOf(database, name),
    listStatuses: (state, cursor, limit) => listStatuses(database, state, cursor, limit),
    counts: registrationCounter(database),
  };
}

async function statusOf(database: Database, name: SubscriptionKeyName): Promise<ShownStatus | null> {
  const [find, values] = keyQuery(name);
  if (!storable(values)) return null;
  const [row] = await database.use((sql) =>
    sql<[string, string, ...HeadColumns]>(
      `
      select s.id, ${shownNumbers('s.subscription_key')}, ${selectHead(registration)}
      from subscription_state r join ims_subscription s using (subscription_key) where r.subscription_key = (${find})`,
      [values],
    ),
  );
  if (row === undefined) return null;
  const [id, numbers, ...columns] = row;
  return { id, status: headFrom(registration, columns), sequenceNumbers: numbersFromText(numbers) };
}

/**
 * As the partial indexes have them; a set is in one state, so one condition suffices for those registered.
 */
const conditions = {
  any: 'r.registered_sets + r.unregistered_sets > 0',
  registered: 'r.registered_sets + r.unregistered_sets > 0 and r.registered_sets > 0',
  unregistered: 'r.unregistered_sets > 0',
} as const;

type Row = [key: number, image: string, numbers: string, ...HeadColumns];

const encoded = (key: number): string => Buffer.from(String(key), 'latin1').toString('base64url');
const decoded = (cursor: string | null): number =>
  cursor === null ? 0 : Number(Buffer.from(cursor, 'base64url').toString('latin1'));

/** A cursor that is none of ours leads to an empty page. */
async function listStatuses(
  database: Database,
  state: 'registered' | 'unregistered' | null,
  cursor: string | null,
  limit: number,
): Promise<Page<RegisteredSubscription>> {
  const after = decoded(cursor);
  if (!Number.isSafeInteger(after)) return { items: [], nextCursor: null };
  const rows = await database.use((sql) =>
    sql<Row>(
      `
    select k.subscription_key, m.image, ${shownNumbers('k.subscription_key')}, ${selectHead(registration)}
    from (select r.subscription_key from subscription_state r where ${conditions[state ?? 'any']} and r.subscription_key > $1 order by r.subscription_key limit $2) k
    join subscription_state r using (subscription_key) join subscription_image m using (subscription_key) order by k.subscription_key`,
      [after, limit + 1],
      `hss_registrations_${state ?? 'any'}`,
    ),
  );
  const page = rows.slice(0, limit);
  return {
    items: page.map(([, image, numbers, ...columns]) => {
      const { id, implicitRegistrationSets, privateIdentities } = parseImage(image);
      return {
        id,
        implicitRegistrationSets,
        privateIdentities: privateIdentities.map(({ identity }) => ({ identity })),
        status: headFrom(registration, columns),
        sequenceNumbers: numbersFromText(numbers),
      };
    }),
    nextCursor: rows.length > limit ? encoded(page[page.length - 1]?.[0] ?? 0) : null,
  };
}
