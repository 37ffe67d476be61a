/**
 * The subscription locator over PostgreSQL: implements src/apps/dx/locator/ports.ts. Changes of patterns queue
 * at the one row of shared_locator_state, so their version rises in the order of commits; identities are
 * changed without it, as many at once as there are.
 */
import { isDeepStrictEqual } from 'node:util';
import type { LocatorEntry, LocatorKind, RedirectUsage } from '../locator/entry';
import type { LocatorFilter, LocatorProvisioning } from '../locator/ports';
import type { Page } from '../../../shared/page';
import type {
  DeleteOutcome,
  Precondition,
  ProvisioningOutcome,
  StoredDocument,
} from '../../../subscriber/provisioning';
import { limits } from '../../../shared/limits';
import { entryOf, LocatorLookups } from './locator-lookup';
import { etagOf, isAllowed } from '../../../subscriber/etag';
import { Rollback, type BatchedLookup, type Database, type Sql } from '../../../state/database';

const columns = 'value, kind::text, to_json(hosts)::text, usage, max_cache_seconds, revision';
type StoredRow = [
  value: string,
  kind: LocatorKind,
  hosts: string,
  usage: RedirectUsage | null,
  seconds: number | null,
  revision: number,
];

const identityInUri = "split_part(split_part(substr(h, strpos(h, '://') + 3), ';', 1), ':', 1)";
const list = `select ${columns} from shared_locator_entry
  where value > $1 and ($2::text is null or kind = $2::shared_locator_kind)
    and ($3::text is null or exists (select 1 from unnest(hosts) as h where ${identityInUri} = $3))
  order by value limit $4`;

const upsert = `
  insert into shared_locator_entry (value, kind, hosts, usage, max_cache_seconds, revision, version)
  select x.value, x.kind::shared_locator_kind, array(select json_array_elements_text(x.hosts)), x.usage, x."maxCacheSeconds", nextval('revision_sequence'),
    case when x.kind = 'identity' then 0 else $2 end
  from json_to_recordset($1::json) as x (value text, kind text, hosts json, usage text, "maxCacheSeconds" bigint)
  on conflict (value) do update set hosts = excluded.hosts, usage = excluded.usage, max_cache_seconds = excluded.max_cache_seconds,
    revision = excluded.revision, version = excluded.version
  returning value, revision`;

/** Deletions of patterns that are remembered one by one. */
const goneKeptCount = 1_024;

const isPattern = ({ kind }: LocatorEntry): boolean => kind !== 'identity';
const stored = ([value, kind, hosts, usage, seconds, revision]: StoredRow): StoredDocument<LocatorEntry> => ({
  document: entryOf(value, kind, JSON.parse(hosts) as string[], usage, seconds),
  etag: etagOf(revision),
});

interface PatternState {
  readonly version: number;
  readonly count: number;
}

/** Takes the next version; every other change of patterns waits until this transaction ends. */
async function nextVersion(sql: Sql): Promise<PatternState> {
  const [row] = await sql<[number, number]>(
    'update shared_locator_state set version = version + 1 returning version, patterns_count',
    [],
  );
  return { version: row?.[0] ?? 0, count: row?.[1] ?? 0 };
}

/** What the locator needs of the store. */
export interface LocatorDatabase {
  readonly database: Database;
  batched<Item, Found>(lookup: BatchedLookup<Item, Found>): (item: Item) => Promise<Found>;
}

export const createLocatorStore = (store: LocatorDatabase): LocatorProvisioning =>
  new LocatorStore(store.database, store.batched(new LocatorLookups()));

class LocatorStore implements LocatorProvisioning {
  constructor(
    private readonly database: Database,
    private readonly resolveOne: (identities: readonly string[]) => Promise<LocatorEntry | null>,
  ) {}

  resolve(identities: readonly string[]): Promise<LocatorEntry | null> {
    return identities.length === 0 ? Promise.resolve(null) : this.resolveOne(identities);
  }

  async get(value: string): Promise<StoredDocument<LocatorEntry> | null> {
    const [row] = await this.database.use((sql) =>
      sql<StoredRow>(`select ${columns} from shared_locator_entry where value = $1`, [value]),
    );
    return row === undefined ? null : stored(row);
  }

  async list(
    { kind, host }: LocatorFilter,
    cursor: string | null,
    limit: number,
  ): Promise<Page<StoredDocument<LocatorEntry>>> {
    const after = cursor === null ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
    if (after.includes('\0')) return { items: [], nextCursor: null };
    const rows = await this.database.use((sql) =>
      sql<StoredRow>(list, [after, kind ?? null, host ?? null, limit + 1]),
    );
    const page = rows.slice(0, limit);
    return {
      items: page.map(stored),
      nextCursor:
        rows.length > limit
          ? Buffer.from(page[page.length - 1]?.[0] ?? '', 'utf8').toString('base64url')
          : null,
    };
  }

  async put(entry: LocatorEntry, precondition: Precondition): Promise<ProvisioningOutcome> {
    const [outcome] = await this.write([entry], precondition);
    if (outcome === undefined) throw new Error('a write without an outcome');
    return outcome;
  }

  import(entries: readonly LocatorEntry[]): Promise<readonly ProvisioningOutcome[]> {
    return entries.length === 0 ? Promise.resolve([]) : this.write(entries, {});
  }

  delete(value: string, precondition: Precondition): Promise<DeleteOutcome> {
    return this.database.transaction(async (sql): Promise<DeleteOutcome> => {
      const give = (outcome: DeleteOutcome): Rollback => new Rollback(outcome);
      const [found] = await sql<[LocatorKind]>(
        'select kind::text from shared_locator_entry where value = $1',
        [value],
      );
      // The state first, as every other writer of both does.
      const state = found === undefined || found[0] === 'identity' ? null : await nextVersion(sql);
      const [row] = await sql<[number]>(
        'select revision from shared_locator_entry where value = $1 for update',
        [value],
      );
      if (row === undefined && precondition.ifMatch === undefined) throw give({ kind: 'notFound' });
      if (row === undefined || !isAllowed(precondition, row[0]))
        throw give({ kind: 'preconditionFailed', currentEtag: row === undefined ? null : etagOf(row[0]) });
      await sql('delete from shared_locator_entry where value = $1', [value]);
      if (state !== null) await this.noteGone(sql, value, state.version);
      return { kind: 'deleted' };
    });
  }

  private async noteGone(sql: Sql, value: string, version: number): Promise<void> {
    await sql(
      'insert into shared_locator_gone values ($1, $2) on conflict (value) do update set version = excluded.version',
      [value, version],
    );
    await sql('update shared_locator_state set patterns_count = patterns_count - 1', []);
    if (version % goneKeptCount !== 0) return;
    await sql('delete from shared_locator_gone where version <= $1', [version - goneKeptCount]);
    await sql('update shared_locator_state set complete_since = $1', [version - goneKeptCount]);
  }

  private write(
    entries: readonly LocatorEntry[],
    precondition: Precondition,
  ): Promise<ProvisioningOutcome[]> {
    return this.database.transaction(async (sql): Promise<ProvisioningOutcome[]> => {
      const state = entries.some(isPattern) ? await nextVersion(sql) : null;
      const values = [...new Set(entries.map(({ value }) => value))].sort();
      const rows = await sql<StoredRow>(
        `select ${columns} from shared_locator_entry where value = any($1::text[]) order by value for update`,
        [values],
        'hss_locator_lock',
      );
      const before = new Map(rows.map((row) => [row[0], stored(row)]));
      const last = new Map(entries.map((entry) => [entry.value, entry]));
      let room = limits.locatorPatternsCount - (state?.count ?? 0);
      const refused = new Set<string>();
      const changed: LocatorEntry[] = [];
      for (const value of values) {
        const entry = last.get(value) as LocatorEntry;
        const present = before.get(value);
        if (!isAllowed(precondition, present === undefined ? null : Number(present.etag.slice(1, -1))))
          throw new Rollback([{ kind: 'preconditionFailed', currentEtag: present?.etag ?? null }]);
        if (present !== undefined && isDeepStrictEqual(present.document, entry)) continue;
        if (present === undefined && isPattern(entry)) {
          if (room <= 0) {
            refused.add(value);
            continue;
          }
          room -= 1;
        }
        changed.push(entry);
      }
      const etags = new Map<string, string>();
      if (changed.length > 0) {
        const written = await sql<[string, number]>(
          upsert,
          [JSON.stringify(changed), state?.version ?? 0],
          'hss_locator_upsert',
        );
        for (const [value, revision] of written) etags.set(value, etagOf(revision));
        if (state !== null) await this.notePresent(sql, changed.filter(isPattern), before);
      }
      const outcomes = entries.map(({ value }): ProvisioningOutcome => {
        const present = before.get(value);
        const etag = etags.get(value);
        if (refused.has(value))
          return {
            kind: 'refused',
            conflict: true,
            faults: [
              {
                pointer: '/value',
                detail: `is one more than ${limits.locatorPatternsCount} ranges, wildcarded identities and domains`,
              },
            ],
          };
        if (etag === undefined) return { kind: 'unchanged', etag: present?.etag ?? '' };
        return { kind: present === undefined ? 'created' : 'replaced', etag };
      });
      // Nothing to keep, the version included.
      if (changed.length === 0) throw new Rollback(outcomes);
      return outcomes;
    });
  }

  private async notePresent(
    sql: Sql,
    patterns: readonly LocatorEntry[],
    before: ReadonlyMap<string, unknown>,
  ): Promise<void> {
    const created = patterns.filter(({ value }) => !before.has(value));
    await sql('delete from shared_locator_gone where value = any($1::text[])', [
      created.map(({ value }) => value),
    ]);
    await sql('update shared_locator_state set patterns_count = patterns_count + $1', [created.length]);
  }
}
