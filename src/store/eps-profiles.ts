/** The EPS profiles that subscriptions name, in the transaction of a change. */
import type { Sql } from '../state/database';
import type { NamedEpsProfiles } from '../state/document-reactions';
import type { EpsProfile } from '../subscriber/eps';
import type { Subscription } from '../subscriber/subscription';

/** As they are now. No round trip where there are no names. */
export async function epsProfilesByName(sql: Sql, names: readonly string[]): Promise<NamedEpsProfiles> {
  if (names.length === 0) return { epsProfiles: new Map() };
  const rows = await sql<[string, string]>(
    'select name, document::text from shared_eps_profile where name = any($1::text[])',
    [names],
    'hss_eps_profiles',
  );
  return { epsProfiles: new Map(rows.map(([name, text]) => [name, JSON.parse(text) as EpsProfile])) };
}

export const namedEpsProfiles = (
  sql: Sql,
  subscriptions: readonly Subscription[],
): Promise<NamedEpsProfiles> => {
  const names = subscriptions.flatMap(({ usims = [] }) => usims.flatMap(({ eps }) => eps?.profile ?? []));
  return epsProfilesByName(sql, [...new Set(names)]);
};
