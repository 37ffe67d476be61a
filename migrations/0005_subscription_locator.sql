-- The table of the subscription locator (SLF): which HSSs hold the subscribers of an identity, a number range, a wildcarded identity or a
-- domain [29.228-6.4]. Identities are looked up here, one primary-key access each; the patterns (all other kinds) are few and every
-- instance holds them in memory, told the difference to the version that it has, as it is with wildcarded identities.

create type shared_locator_kind as enum ('identity', 'range', 'wildcard', 'domain');

create table shared_locator_entry (
  value                   text primary key,                                             -- [29.228-6.4] canonical identity, range, wildcarded identity or domain
  kind                    shared_locator_kind not null,                                 -- [29.228-6.4] what the value is
  hosts                   text[] not null check (cardinality(hosts) between 1 and 16),  -- [6733-6.12] Redirect-Host in order, DiameterURIs
  usage                   text,                                                         -- [6733-6.13] Redirect-Host-Usage by name; null: as configured
  max_cache_seconds       bigint check (max_cache_seconds between 0 and 4294967295),    -- [6733-6.14] Redirect-Max-Cache-Time; null: as configured
  revision                bigint not null,                                              -- [store] ETag
  version                 bigint not null default 0                                     -- [store] of a pattern: shared_locator_state.version of its last change
);
create index shared_locator_entry_pattern on shared_locator_entry (version) where kind <> 'identity';

create table shared_locator_state (
  only_row                boolean primary key default true check (only_row),            -- [store] one row
  version                 bigint not null default 1,                                    -- [store] rises with every committed change of a pattern
  complete_since          bigint not null default 0,                                    -- [store] deletions after this version are all in shared_locator_gone
  patterns_count          integer not null default 0                                    -- [store] entries that are not identities
);
insert into shared_locator_state default values;

create table shared_locator_gone (
  value                   text primary key,                                             -- [29.228-6.4] a pattern that was deleted
  version                 bigint not null                                               -- [store] shared_locator_state.version of its deletion
);
create index shared_locator_gone_version on shared_locator_gone (version);

-- What changed of the patterns since a version: {whole, present: [[value, kind, hosts, usage, seconds]], gone: [value]}; everything there is
-- (whole) where that is not known any more.
create function shared_locator_changes(known bigint) returns text
language sql stable as $$
  select json_build_object(
    'whole', known < complete_since,
    'present', (select coalesce(json_agg(json_build_array(e.value, e.kind, e.hosts, e.usage, e.max_cache_seconds)), '[]') from shared_locator_entry e
      where e.kind <> 'identity' and e.version > case when known < complete_since then -1 else known end),
    'gone', case when known < complete_since then '[]'
      else (select coalesce(json_agg(g.value), '[]') from shared_locator_gone g where g.version > known) end
  )::text
  from shared_locator_state
$$;
