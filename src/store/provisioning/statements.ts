/**
 * The statements that write subscriptions, set-based: rows arrive as JSON, each table's columns listed once
 * here.
 */

import { selectHead } from '../../state/head-row';
import type { HeadModule } from '../../state/module';
import { sqlTypes } from '../commit-statement';

type Columns = Readonly<Record<string, string>>;

const subscription: Columns = {
  id: 'text',
  registration_allowed: 'boolean',
  permitted_visited_networks: 'text[]',
  capability_set: 'text',
  mandatory_capabilities: 'bigint[]',
  optional_capabilities: 'bigint[]',
  server_names: 'text[]',
  charging_set: 'text',
  primary_event_charging_function_name: 'text',
  secondary_event_charging_function_name: 'text',
  primary_charging_collection_function_name: 'text',
  secondary_charging_collection_function_name: 'text',
  waf_names: 'text[]',
  wwsf_names: 'text[]',
  reference_access_type: 'text',
  reference_access_info: 'text',
  reference_access_value: 'text',
};

const children: Readonly<
  Record<
    | 'private_identity'
    | 'usim'
    | 'usim_msisdn'
    | 'service_profile'
    | 'implicit_registration_set'
    | 'set_private_identity'
    | 'public_identity',
    Columns
  >
> = {
  private_identity: {
    subscription_key: 'bigint',
    position: 'smallint',
    identity: 'text',
    type: 'private_identity_type',
    imsi: 'text',
    imsi_claim: 'text',
    privileged_sender: 'boolean',
    default_scheme: 'authentication_scheme',
    aka_algorithm: 'text',
    aka_k_sealed: 'text',
    aka_k_hash: 'uuid',
    aka_opc_sealed: 'text',
    aka_amf: 'text',
    aka_ind_bits: 'smallint',
    usim_imsi: 'text',
    digest_realm: 'text',
    digest_ha1_sealed: 'text',
    digest_ha1_sha256_sealed: 'text',
    line_identifiers: 'text[]',
    giba_ipv4_address: 'text',
    giba_ipv6_prefix: 'text',
    giba_interface_id: 'text',
  },
  usim: {
    subscription_key: 'bigint',
    position: 'smallint',
    imsi: 'text',
    aka_algorithm: 'text',
    aka_k_sealed: 'text',
    aka_k_hash: 'uuid',
    aka_opc_sealed: 'text',
    aka_amf: 'text',
    aka_ind_bits: 'smallint',
    eps: 'json',
    eps_profile: 'text',
  },
  usim_msisdn: {
    subscription_key: 'bigint',
    usim_position: 'smallint',
    position: 'smallint',
    msisdn: 'text',
  },
  service_profile: {
    subscription_key: 'bigint',
    position: 'smallint',
    name: 'text',
    subscribed_media_profile_id: 'bigint',
    service_ids: 'text[]',
    initial_filter_criteria: 'jsonb',
    shared_ifc_sets: 'text[]',
    capability_set: 'text',
  },
  implicit_registration_set: {
    subscription_key: 'bigint',
    position: 'smallint',
    name: 'text',
    loose_route: 'boolean',
    user_data_octets: 'integer',
    shared_copies: 'integer',
  },
  set_private_identity: {
    subscription_key: 'bigint',
    set_position: 'smallint',
    position: 'smallint',
    private_identity: 'text',
  },
  public_identity: {
    subscription_key: 'bigint',
    set_position: 'smallint',
    position: 'smallint',
    identity: 'text',
    type: 'public_identity_type',
    barred: 'boolean',
    service_profile: 'text',
    service_profile_is_shared: 'boolean',
    display_name: 'text',
    alias_group: 'text',
    service_level_trace_info: 'text',
    service_priority_level: 'smallint',
    extended_priorities: 'jsonb',
    max_simultaneous_registrations: 'integer',
    psi_active: 'boolean',
    psi_as_name: 'text',
  },
};

export type ChildTable = keyof typeof children;
export const childTables = Object.keys(children) as ChildTable[];

const names = (columns: Columns): string => Object.keys(columns).join(', ');
const recordset = (parameter: string, columns: Columns): string =>
  `json_to_recordset(${parameter}::json) as x (${Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')})`;

/** $1: rows of new subscriptions. Returns key, id and revision of each. */
export const insertSubscriptions = `
  insert into ims_subscription (revision, ${names(subscription)})
  select nextval('revision_sequence'), ${names(subscription)} from ${recordset('$1', subscription)}
  returning subscription_key, id, revision`;

/** $1: rows with subscription_key. */
export const updateSubscriptions = `
  update ims_subscription s set revision = nextval('revision_sequence'), ${Object.keys(subscription)
    .map((name) => `${name} = x.${name}`)
    .join(', ')}
  from ${recordset('$1', { subscription_key: 'bigint', ...subscription })}
  where s.subscription_key = x.subscription_key
  returning s.subscription_key, s.id, s.revision`;

/** $1: keys. A statement of its own: the rows that follow may carry the same identities. */
export const deleteChildren = `
  with ${childTables.map((table, i) => `d${i} as (delete from ${table} where subscription_key = any ($1::bigint[]))`).join(', ')}
  select 1`;

/** One parameter for each of childTables, in order. */
export const insertChildren = `
  with ${childTables
    .map(
      (table, i) => `i${i} as (
    insert into ${table} (${names(children[table])}) select ${names(children[table])} from ${recordset(`$${i + 1}`, children[table])})`,
    )
    .join(', ')}
  select 1`;

/** $1: keys, $2: revisions of new subscriptions. */
export const insertStates = `
  insert into subscription_state (subscription_key, revision)
  select * from unnest($1::bigint[], $2::bigint[])`;

/**
 * $1: keys, $2: revisions, $3: a JSON array of the subscriptions as stored. The same image as
 * refresh_subscription_images() makes of the tables, which costs the database several times as much as all of
 * the rows.
 */
export const writeImages = `
  insert into subscription_image (subscription_key, revision, image)
  select * from rows from (unnest($1::bigint[]), unnest($2::bigint[]), json_array_elements_text($3::json))
  on conflict (subscription_key) do update set revision = excluded.revision, image = excluded.image`;

/**
 * New content for the state of subscriptions that were replaced; a higher version makes decisions on the old
 * profile conflict. $1: keys, $2: revisions, then the columns of the head row's module.
 */
export const updateStates = ({ columns }: HeadModule): string => `
  update subscription_state r set version = r.version + 1, revision = i.revision${columns.map(({ name }) => `, ${name} = i.${name}`).join('')}
  from unnest($1::bigint[], $2::bigint[]${columns.map(({ type }, c) => `, $${c + 3}::${sqlTypes[type]}[]`).join('')})
    as i (key, revision${columns.map(({ name }) => `, ${name}`).join('')})
  where r.subscription_key = i.key`;

/**
 * $1: ids, sorted: rows are locked in their order. Locks what is there, profile and state, against each other
 * writer. No ORDER BY: planned while the table is empty, it would make the plan walk the primary key.
 */
export const lockSubscriptions = (head: HeadModule): string => `
  select s.subscription_key, s.id, s.revision, m.image, r.watchers, ${selectHead(head)}
  from unnest($1::text[]) as i (id)
  join ims_subscription s on s.id = i.id
  join subscription_image m on m.subscription_key = s.subscription_key
  join subscription_state r on r.subscription_key = s.subscription_key
  for update of s, r`;

/**
 * $1..$5: names by kind. Returns those that exist, and keeps them from being deleted until the end of the
 * transaction.
 */
export const holdSharedNames = `
  with p as (select name from shared_service_profile where name = any ($1::text[]) for key share),
    f as (select name from shared_ifc_set where name = any ($2::text[]) for key share),
    c as (select name from shared_capability_set where name = any ($3::text[]) for key share),
    g as (select name from shared_charging_set where name = any ($4::text[]) for key share),
    e as (select name from shared_eps_profile where name = any ($5::text[]) for key share)
  select 'serviceProfiles', name from p union all select 'ifcSets', name from f
  union all select 'capabilitySets', name from c union all select 'chargingSets', name from g
  union all select 'epsProfiles', name from e`;

/**
 * $1: public identities, $2: private identities as they are compared, $3: IMSIs, $4: MSISDNs. Returns those that exist, with their
 * owner's key and id. An index holds the IMSIs of either table apart; between the two tables it is this look, after
 * the lock of imsi-guard.ts.
 */
export const findOwners = `
  select 'impu', p.identity, s.subscription_key, s.id from public_identity p join ims_subscription s using (subscription_key) where p.identity = any ($1::text[])
  union all
  select 'impi', p.identity_key, s.subscription_key, s.id from private_identity p join ims_subscription s using (subscription_key) where p.identity_key = any ($2::text[])
  union all
  select 'imsi', p.imsi_claim, s.subscription_key, s.id from private_identity p join ims_subscription s using (subscription_key) where p.imsi_claim = any ($3::text[])
  union all
  select 'imsi', u.imsi, s.subscription_key, s.id from usim u join ims_subscription s using (subscription_key) where u.imsi = any ($3::text[])
  union all
  select 'msisdn', n.msisdn, s.subscription_key, s.id from usim_msisdn n join ims_subscription s using (subscription_key) where n.msisdn = any ($4::text[])`;
