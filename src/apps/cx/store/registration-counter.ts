/** How many subscriptions, registration sets and public identities are in which state. */
import type { Database } from '../../../state/database';

export interface RegistrationCounts {
  readonly registeredSets: number;
  readonly unregisteredSets: number;
  /** Public identities in those sets. */
  readonly registeredIdentities: number;
  readonly unregisteredIdentities: number;
  readonly subscriptions: number;
}

/** Counting reads the whole table, so it is done rarely: at most this share of the time. */
const countingShare = 0.02;
const countingMinIntervalMs = 5_000;

/** The state of a public identity is that of its implicit registration set [29.228-6.5.1]. */
const identitiesByState = `
  with active as (
    select r.subscription_key, e.name, e.state
    from subscription_state r cross join lateral json_to_recordset(r.sets) as e (name text, state text) where r.registered_sets + r.unregistered_sets > 0)
  select a.state, count(*) from active a
  join implicit_registration_set i on i.subscription_key = a.subscription_key and i.name = a.name
  join public_identity p on p.subscription_key = i.subscription_key and p.set_position = i.position
  group by a.state`;

export class RegistrationCounter {
  private counted: { counts: RegistrationCounts; untilMs: number } | null = null;
  private counting: Promise<RegistrationCounts> | null = null;

  constructor(private readonly database: Database) {}

  /** Recent figures: a big table is counted rarely. */
  async counts(): Promise<RegistrationCounts> {
    if (this.counted !== null && Date.now() < this.counted.untilMs) return this.counted.counts;
    this.counting ??= this.count().finally(() => {
      this.counting = null;
    });
    return this.counting;
  }

  private async count(): Promise<RegistrationCounts> {
    const startedMs = Date.now();
    const [sets, identities] = await this.database.transaction(async (sql) => {
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
    const counts = {
      registeredSets,
      unregisteredSets,
      subscriptions,
      registeredIdentities: byState.get('registered') ?? 0,
      unregisteredIdentities: byState.get('unregistered') ?? 0,
    };
    const tookMs = Date.now() - startedMs;
    this.counted = { counts, untilMs: Date.now() + Math.max(countingMinIntervalMs, tookMs / countingShare) };
    return counts;
  }
}
