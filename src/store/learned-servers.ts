/**
 * What was learned of nodes that requests of ours go to, shared by all instances: the peers that they are reached
 * by, and the features that they announced. Each write forgets what is too old or too much, least lately used
 * first, so that the tables stay small whatever names peers make up.
 */
import type { LearnedBounds, LearnedFeatures, PushRoute } from '../outbox/ports';
import type { ProvisioningPool } from './provisioning/pool';
import type { Sql } from '../state/database';

const learnRoutesStatement = `
insert into shared_diameter_route (origin_host, peer)
select lower(origin_host), lower(peer) from unnest($1::text[], $2::text[]) as given (origin_host, peer)
order by 1, 2
on conflict (origin_host, peer) do update set seen_at = now()`;

/** What is too much for one peer does not count against the others. */
const trimRoutesStatement = `
delete from shared_diameter_route gone using (
  select origin_host, peer, seen_at, place_of_peer,
    row_number() over (order by place_of_peer > $1, seen_at desc, origin_host, peer) as place
  from (
    select origin_host, peer, seen_at,
      row_number() over (partition by peer order by seen_at desc, origin_host) as place_of_peer
    from shared_diameter_route) of_peers) ranked
where gone.origin_host = ranked.origin_host and gone.peer = ranked.peer
  and (ranked.place_of_peer > $1 or ranked.place > $2 or ranked.seen_at < now() - $3 * interval '1 millisecond')`;

const learnFeaturesStatement = `
insert into shared_server_features (origin_host, command, feature_list)
select * from unnest($1::text[], $2::text[], $3::bigint[])
order by 1, 2
on conflict (origin_host, command) do update set feature_list = excluded.feature_list, learned_at = now()`;

const trimFeaturesStatement = `
delete from shared_server_features gone using (
  select origin_host, command, learned_at,
    row_number() over (partition by command order by learned_at desc, origin_host) as place
  from shared_server_features) kept
where gone.origin_host = kept.origin_host and gone.command = kept.command
  and (kept.place > $1 or kept.learned_at < now() - $2 * interval '1 millisecond')`;

export class LearnedServers {
  constructor(private readonly pool: Pick<ProvisioningPool, 'use'>) {}

  async routes(): Promise<readonly PushRoute[]> {
    const rows = await this.pool.use((sql) =>
      sql<[string, string]>(
        'select origin_host, peer from shared_diameter_route order by seen_at desc limit 10000',
        [],
      ),
    );
    return rows.map(([destinationHost, via]) => ({ destinationHost, via }));
  }

  learnRoutes(routes: readonly PushRoute[], bounds: LearnedBounds): Promise<void> {
    const known = routes.flatMap(({ destinationHost, via }) =>
      via === null ? [] : [{ destinationHost, via }],
    );
    return this.pool.use(async (sql: Sql) => {
      if (known.length > 0)
        await sql(learnRoutesStatement, [
          known.map(({ destinationHost }) => destinationHost),
          known.map(({ via }) => via),
        ]);
      await sql(trimRoutesStatement, [bounds.maxPerPeerCount, bounds.maxCount, bounds.maxAgeMs]);
    });
  }

  async features(limit: number): Promise<readonly (LearnedFeatures & { readonly ageMs: number })[]> {
    const rows = await this.pool.use((sql) =>
      sql<[string, string, number, string]>(
        `select origin_host, command, feature_list,
      extract(epoch from now() - learned_at)::float8::text from shared_server_features order by learned_at desc limit $1`,
        [limit],
      ),
    );
    return rows.map(([originHost, command, featureList, age]) => ({
      originHost,
      command,
      featureList,
      ageMs: Math.max(0, Math.round(Number(age) * 1_000)),
    }));
  }

  learnFeatures(
    learned: readonly LearnedFeatures[],
    { maxCount, maxAgeMs }: Pick<LearnedBounds, 'maxCount' | 'maxAgeMs'>,
  ): Promise<void> {
    return this.pool.use(async (sql: Sql) => {
      if (learned.length > 0)
        await sql(learnFeaturesStatement, [
          learned.map(({ originHost }) => originHost),
          learned.map(({ command }) => command),
          learned.map(({ featureList }) => featureList),
        ]);
      await sql(trimFeaturesStatement, [maxCount, maxAgeMs]);
    });
  }
}
