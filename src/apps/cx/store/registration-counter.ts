/** How many subscriptions, registration sets and public identities are in which state. */
import { rarely } from '../../../shared/rarely';
import type { Database } from '../../../state/database';

export interface RegistrationCounts {
  readonly registeredSets: number;
  readonly unregisteredSets: number;
  /** Public identities in those sets. */
  readonly registeredIdentities: number;
  readonly unregisteredIdentities: number;
  readonly subscriptions: number;
}

/** The state of a public identity is that of its implicit registration set [29.228-6.5.1]. */
const identitiesByState = `
  with active as (
    select r.subscription_key, e.name, e.state
    from subscription_state r cross join lateral json_to_recordset(r.sets) as e (name text, state text) where r.registered_sets + r.unregistered_sets > 0)
  select a.state, count(*) from active a
  join implicit_registration_set i on i.subscription_key = a.subscription_key and i.name = a.name
  join public_identity p on p.subscription_key = i.subscription_key and p.set_position = i.position
  group by a.state`;

/** Recent figures: counting reads the whole table. */
export const registrationCounter = (database: Database): (() => Promise<RegistrationCounts>) =>
  rarely(() => count(database));

async function count(database: Database): Promise<RegistrationCounts> {
  const [sets, identities] = await database.transaction(async (sql) => {
    await sql('set local enable_seqscan = on', []);
    await sql('set local enable_hashjoin = on', []);
    return [
      await sql<[number, number, number]>(
        'select coalesce(sum(registered_sets), 0), coalesce(sum(unregistered_sets), 0), count(*) from subscription_state',
        [],
      ),
      await sql<[string, number]>(identitiesByState, []),
    ] as const;
  });
  const [registeredSets, unregisteredSets, subscriptions] = sets[0] ?? [0, 0, 0];
  const byState = new Map(identities);
  return {
    registeredSets,
    unregisteredSets,
    subscriptions,
    registeredIdentities: byState.get('registered') ?? 0,
    unregisteredIdentities: byState.get('unregistered') ?? 0,
  };
}
