/**
 * Shared service profiles, iFC sets, capability sets, charging sets and EPS profiles. All changes of shared data queue at
 * the one row of shared_state, so its version rises in the order of commits and every instance finds out what
 * is new by it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Page } from '../../shared/page';
import type {
  DeleteOutcome,
  Precondition,
  ProvisioningFault,
  ProvisioningOutcome,
  SharedKind,
  SharedSets,
  StoredDocument,
} from '../../subscriber/provisioning';
import type { ProfileRules } from '../../subscriber/profile-size';
import type { Campaigns } from '../campaigns';
import { etagOf, isAllowed } from '../../subscriber/etag';
import { Rollback, type Sql } from '../../state/database';
import { type ProvisioningPool } from './pool';
import { missingName, profileReferences } from '../../subscriber/references';
import { holdNames } from './references';
import { growthFaults, isMeasured } from './shared-growth';

interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly row: (document: never) => Record<string, unknown>;
  /** Who uses the set $1, by name; at most a few. */
  readonly users: string;
}

const chargingColumns = {
  primary_event_charging_function_name: 'text',
  secondary_event_charging_function_name: 'text',
  primary_charging_collection_function_name: 'text',
  secondary_charging_collection_function_name: 'text',
};

const tables: Readonly<Record<SharedKind, Table>> = {
  serviceProfiles: {
    name: 'shared_service_profile',
    columns: {
      subscribed_media_profile_id: 'bigint',
      service_ids: 'text[]',
      initial_filter_criteria: 'jsonb',
      shared_ifc_sets: 'text[]',
      capability_set: 'text',
    },
    row: (d: SharedSets['serviceProfiles']) => ({
      subscribed_media_profile_id: d.coreNetworkServiceAuthorization?.subscribedMediaProfileId,
      service_ids: d.coreNetworkServiceAuthorization?.serviceIds,
      initial_filter_criteria: d.initialFilterCriteria,
      shared_ifc_sets: d.sharedIfcSets,
      capability_set: d.capabilitySet,
    }),
    users: `select 'subscription ' || s.id from public_identity p join ims_subscription s using (subscription_key)
      where p.service_profile = $1 and p.service_profile_is_shared limit 3`,
  },
  ifcSets: {
    name: 'shared_ifc_set',
    columns: { shared_ifc_set_id: 'integer', initial_filter_criteria: 'jsonb' },
    row: (d: SharedSets['ifcSets']) => ({
      shared_ifc_set_id: d.id,
      initial_filter_criteria: d.initialFilterCriteria,
    }),
    users: `(select 'service profile ' || name from shared_service_profile where shared_ifc_sets @> array[$1] limit 3)
      union all (select 'subscription ' || s.id from service_profile p join ims_subscription s using (subscription_key)
        where p.shared_ifc_sets @> array[$1] and p.shared_ifc_sets <> '{}' limit 3)`,
  },
  capabilitySets: {
    name: 'shared_capability_set',
    columns: {
      mandatory_capabilities: 'bigint[]',
      optional_capabilities: 'bigint[]',
      server_names: 'text[]',
    },
    row: (d: SharedSets['capabilitySets']) => ({
      mandatory_capabilities: d.mandatory,
      optional_capabilities: d.optional,
      server_names: d.serverNames,
    }),
    users: `(select 'service profile ' || name from shared_service_profile where capability_set = $1 limit 3)
      union all (select 'subscription ' || id from ims_subscription where capability_set = $1 limit 3)
      union all (select 'subscription ' || s.id from service_profile p join ims_subscription s using (subscription_key) where p.capability_set = $1 limit 3)`,
  },
  chargingSets: {
    name: 'shared_charging_set',
    columns: chargingColumns,
    row: (d: SharedSets['chargingSets']) => ({
      primary_event_charging_function_name: d.primaryEventChargingFunctionName,
      secondary_event_charging_function_name: d.secondaryEventChargingFunctionName,
      primary_charging_collection_function_name: d.primaryChargingCollectionFunctionName,
      secondary_charging_collection_function_name: d.secondaryChargingCollectionFunctionName,
    }),
    users: "select 'subscription ' || id from ims_subscription where charging_set = $1 limit 3",
  },
  epsProfiles: {
    name: 'shared_eps_profile',
    columns: { document: 'json' },
    row: (document: SharedSets['epsProfiles']) => ({ document }),
    users: `select 'subscription ' || s.id from usim u join ims_subscription s using (subscription_key)
      where u.eps_profile = $1 limit 3`,
  },
};

const usersShown = 3;

function upsert({ name, columns }: Table): string {
  const list = Object.keys(columns);
  return `insert into ${name} (name, ${list.join(', ')}, revision, version)
    select $1, ${list.join(', ')}, nextval('revision_sequence'), $3 from json_to_record($2::json) as x (${list.map((c) => `${c} ${columns[c]}`).join(', ')})
    on conflict (name) do update set ${[...list, 'revision', 'version'].map((c) => `${c} = excluded.${c}`).join(', ')}
    returning revision`;
}

/** Takes the next version; every other change of shared data waits until this transaction ends. */
async function nextVersion(sql: Sql, deletes: boolean): Promise<number> {
  const [row] = await sql<[number]>(
    `update shared_state set version = version + 1${deletes ? ', deletion_version = version + 1' : ''} returning version`,
    [],
  );
  return row?.[0] ?? 0;
}

const without = (document: object): unknown => {
  const plain: unknown = JSON.parse(JSON.stringify(document));
  if (typeof plain !== 'object' || plain === null) return plain;
  const { coreNetworkServiceAuthorization: authorization, ...rest } = plain as Record<string, unknown>;
  // A group without any attribute is stored as no group.
  return typeof authorization === 'object' && authorization !== null && Object.keys(authorization).length > 0
    ? plain
    : rest;
};

export class SharedSetStore {
  constructor(
    private readonly pool: ProvisioningPool,
    private readonly campaigns: Campaigns,
    private readonly rules: (() => ProfileRules) | null = null,
  ) {}

  async get<K extends SharedKind>(kind: K, name: string): Promise<StoredDocument<SharedSets[K]> | null> {
    if (name.includes('\0')) return null;
    const [row] = await this.pool.use((sql) =>
      sql<[number, string]>(
        'select revision, document::text from shared_document where kind = $1 and name = $2',
        [kind, name],
      ),
    );
    return row === undefined ? null : { document: JSON.parse(row[1]) as SharedSets[K], etag: etagOf(row[0]) };
  }

  async list<K extends SharedKind>(
    kind: K,
    cursor: string | null,
    limit: number,
  ): Promise<Page<StoredDocument<SharedSets[K]>>> {
    const after = cursor === null ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
    if (after.includes('\0')) return { items: [], nextCursor: null };
    const rows = await this.pool.use((sql) =>
      sql<[string, number, string]>(
        'select name, revision, document::text from shared_document where kind = $1 and name > $2 order by name limit $3',
        [kind, after, limit + 1],
      ),
    );
    const page = rows.slice(0, limit);
    return {
      items: page.map(([, revision, document]) => ({
        document: JSON.parse(document) as SharedSets[K],
        etag: etagOf(revision),
      })),
      nextCursor:
        rows.length > limit
          ? Buffer.from(page[page.length - 1]?.[0] ?? '', 'utf8').toString('base64url')
          : null,
    };
  }

  put<K extends SharedKind>(
    kind: K,
    document: SharedSets[K],
    precondition: Precondition,
  ): Promise<ProvisioningOutcome> {
    const table = tables[kind];
    return this.pool.transaction(async (sql): Promise<ProvisioningOutcome> => {
      const version = await nextVersion(sql, false);
      const [stored] = await sql<[number, string]>(
        'select revision, document::text from shared_document where kind = $1 and name = $2',
        [kind, document.name],
      );
      const give = (outcome: ProvisioningOutcome): Rollback => new Rollback(outcome);
      if (!isAllowed(precondition, stored?.[0] ?? null))
        throw give({
          kind: 'preconditionFailed',
          currentEtag: stored === undefined ? null : etagOf(stored[0]),
        });
      const faults = await this.referenceFaults(sql, document);
      if (faults.length > 0) throw give({ kind: 'refused', conflict: false, faults });
      if (this.rules !== null && isMeasured(kind, document)) {
        const tooLong = await growthFaults(sql, document, this.rules());
        if (tooLong.length > 0) throw give({ kind: 'refused', conflict: false, faults: tooLong });
      }
      const taken = await this.takenId(sql, document);
      if (taken !== null)
        throw give({
          kind: 'refused',
          conflict: true,
          faults: [{ pointer: '/id', detail: `is the SharedIFCSetID of ${taken} too` }],
        });
      if (stored !== undefined && isDeepStrictEqual(without(document), JSON.parse(stored[1])))
        throw give({ kind: 'unchanged', etag: etagOf(stored[0]) });
      const [row] = await sql<[number]>(upsert(table), [
        document.name,
        JSON.stringify(table.row(document as never)),
        version,
      ]);
      if (stored !== undefined)
        await this.campaigns.sharedSetChanged(
          sql,
          kind,
          document.name,
          JSON.parse(stored[1]) as SharedSets[K],
          without(document) as SharedSets[K],
        );
      return { kind: stored === undefined ? 'created' : 'replaced', etag: etagOf(row?.[0] ?? 0) };
    });
  }

  delete(kind: SharedKind, name: string, precondition: Precondition): Promise<DeleteOutcome> {
    const table = tables[kind];
    return this.pool.transaction(async (sql): Promise<DeleteOutcome> => {
      const give = (outcome: DeleteOutcome): Rollback => new Rollback(outcome);
      if (name.includes('\0')) throw give({ kind: 'notFound' });
      await nextVersion(sql, true);
      // Waits for subscriptions that are being written with this name.
      const [stored] = await sql<[number]>(`select revision from ${table.name} where name = $1 for update`, [
        name,
      ]);
      if (stored === undefined && precondition.ifMatch === undefined) throw give({ kind: 'notFound' });
      if (stored === undefined || !isAllowed(precondition, stored[0]))
        throw give({
          kind: 'preconditionFailed',
          currentEtag: stored === undefined ? null : etagOf(stored[0]),
        });
      const users = await sql<[string]>(table.users, [name]);
      if (users.length > 0) {
        // One row for each place that names the set, so a user may come several times.
        const shown = [...new Set(users.slice(0, usersShown).map(([user]) => user))].join(', ');
        throw give({
          kind: 'refused',
          conflict: true,
          faults: [
            {
              pointer: '',
              detail: `is used by ${shown}${users.length >= usersShown ? ' and perhaps more' : ''}`,
            },
          ],
        });
      }
      await sql(`delete from ${table.name} where name = $1`, [name]);
      return { kind: 'deleted' };
    });
  }

  private async referenceFaults(sql: Sql, document: SharedSets[SharedKind]): Promise<ProvisioningFault[]> {
    if (!('sharedIfcSets' in document)) return [];
    const wanted = new Map<SharedKind, Set<string>>([
      ['ifcSets', new Set()],
      ['capabilitySets', new Set()],
    ]);
    profileReferences(document, '', (kind, { name }) => wanted.get(kind)?.add(name));
    const existing = await holdNames(sql, wanted);
    const faults: ProvisioningFault[] = [];
    profileReferences(document, '', (kind, reference) => {
      if (existing.get(kind)?.has(reference.name) !== true) faults.push(missingName(kind, reference));
    });
    return faults;
  }

  /** The name of another shared iFC set with the same SharedIFCSetID [29.228-B.2]. */
  private async takenId(sql: Sql, document: SharedSets[SharedKind]): Promise<string | null> {
    if (!('id' in document)) return null;
    const [row] = await sql<[string]>(
      'select name from shared_ifc_set where shared_ifc_set_id = $1 and name <> $2',
      [document.id, document.name],
    );
    return row?.[0] ?? null;
  }
}
