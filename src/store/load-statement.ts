/**
 * The text of the load statement, made of the modules that a batch asks for: the columns of the head row always,
 * each loaded module as one JSON value where a look-up wants it. One text, and so one prepared statement, for each
 * combination of loaded modules.
 */
import type { HeadModule, LoadedModule } from '../state/module';

/** How an identity is looked up; the number goes to the statement. */
export const lookupKinds = { impu: 0, impi: 1, imsi: 2, msisdn: 3 } as const;
export type LookupKind = keyof typeof lookupKinds;

/** Numbers of the result's columns. */
export const COLUMN = { n: 0, key: 1, revision: 2, version: 3, watchers: 4, image: 5, head: 6 } as const;

/**
 * Number of the row beside those of look-ups, which count from 1. It has the versions of the shared data and (as
 * revision) of the wildcarded identities, and in the place of an image what changed of both: a list of two texts.
 */
export const SHARED_ROW = 0;

export interface LoadStatement {
  readonly name: string;
  readonly text: string;
  readonly headCount: number;
  /** In the order of their columns, which follow those of the head row, and of their boolean parameters. */
  readonly loadedModules: readonly LoadedModule[];
}

const FIRST_MODULE_PARAMETER = 9;

export const loadStatementName = (loadedModules: readonly LoadedModule[], byUsim: boolean): string =>
  ['hss_load', ...(byUsim ? ['usim'] : []), ...loadedModules.map(({ name }) => name)].join('_');

const usimJoins = `  left join usim u on u.imsi = case when s.subscription_key is null and i.kind = ${lookupKinds.imsi} then i.identity end
  left join usim_msisdn o on o.msisdn = case when s.subscription_key is null and i.kind = ${lookupKinds.msisdn} then i.identity end
`;

/**
 * Parameters: $1 identities, $2 kinds, $3 who wants the image, $4 known keys, $5 known revisions, $6 known
 * version of shared data, $7 of wildcarded identities, $8 known versions, then for each loaded module who wants it.
 * `byUsim`: an IMSI or MSISDN is among the identities.
 */
export function loadStatement(
  head: HeadModule,
  loadedModules: readonly LoadedModule[],
  byUsim: boolean,
): LoadStatement {
  const headColumns = head.columns
    .filter(({ isWrittenOnly }) => isWrittenOnly !== true)
    .map(({ name }) => name);
  const either = (column: string): string => `coalesce(s.${column}, t.${column})`;
  const wanted = (i: number): string => `wants_${i}`;
  const parameters = loadedModules.map((_, i) => `, $${FIRST_MODULE_PARAMETER + i}::boolean[]`).join('');
  const inputs = loadedModules.map((_, i) => `, ${wanted(i)}`).join('');
  const parts = loadedModules.map(
    (module, i) => `,\n    case when i.${wanted(i)} then ${module.select(either('subscription_key'))} end`,
  );
  const nothing = [...headColumns, ...loadedModules].map(() => 'null').join(', ');
  const text = `
  select i.n, ${either('subscription_key')}, ${either('revision')}, ${either('version')}, ${either('watchers')}, m.image,
    ${headColumns.map(either).join(', ')}${parts.join('')}
  from unnest($1::text[], $2::smallint[], $3::boolean[], $4::bigint[], $5::bigint[], $8::bigint[]${parameters}) with ordinality
    as i (identity, kind, wants_image, known_key, known_revision, known_version${inputs}, n)
  left join subscription_state s on s.subscription_key = i.known_key and s.revision = i.known_revision
  left join public_identity p on p.identity = case when s.subscription_key is null and i.kind = ${lookupKinds.impu} then i.identity end
  left join private_identity q on q.identity_key = case when s.subscription_key is null and i.kind = ${lookupKinds.impi} then i.identity end
${byUsim ? usimJoins : ''}  left join subscription_state t on t.subscription_key = coalesce(p.subscription_key, q.subscription_key${byUsim ? ', u.subscription_key, o.subscription_key' : ''})
  left join subscription_image m on m.subscription_key = case when i.wants_image then t.subscription_key end
  where s.version is null or s.version is distinct from i.known_version${loadedModules.map((_, i) => ` or i.${wanted(i)}`).join('')}
  union all
  select ${SHARED_ROW}, null, w.version, v.version, null,
    case when v.version <> $6 or w.version <> $7 then json_build_array(
      case when v.version <> $6 then shared_changes(case when v.version > $6 then $6 else -1 end) end,
      case when w.version <> $7 then shared_wildcard_changes(case when w.version > $7 then $7 else -1 end) end)::text end, ${nothing}
  from shared_state v, shared_wildcard_state w`;
  return {
    name: loadStatementName(loadedModules, byUsim),
    text,
    headCount: headColumns.length,
    loadedModules,
  };
}
