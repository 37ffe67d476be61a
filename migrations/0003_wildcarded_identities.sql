-- Wildcarded identities as every instance holds them in memory: TS 23.003 clauses 13.4A and 13.5, matched where no distinct identity
-- is found [29.228-6.1.4]. The truth stays in public_identity; triggers note here what comes and goes, whoever writes it, so
-- that an instance which knows the version it has is told the difference only.

create table shared_wildcard_state (
  only_row                boolean primary key default true check (only_row),            -- [store] one row
  version                 bigint not null default 1,                                    -- [store] rises with every committed change of a wildcarded identity
  complete_since          bigint not null default 0,                                    -- [store] deletions after this version are all noted; older ones are forgotten
  changed_by              xid8                                                          -- [store] the transaction that took this version
);
insert into shared_wildcard_state default values;

create table shared_wildcard (
  identity                text primary key,                                             -- [29.228-7.2b] wildcarded identity as stored
  present                 boolean not null,                                             -- [store] false: deleted
  version                 bigint not null                                               -- [store] shared_wildcard_state.version of its last change
);
create index shared_wildcard_version on shared_wildcard (version);
insert into shared_wildcard (identity, present, version)
  select identity, true, 1 from public_identity where type in ('wildcardedPsi', 'wildcardedPublicUserIdentity');

-- Takes the next version once per transaction; other changes wait until that ends, so versions rise in the order of commits.
create function note_wildcard() returns trigger
language plpgsql as $$
declare
  kept constant bigint := 1024;
  noted bigint;
begin
  update shared_wildcard_state set version = version + 1, changed_by = pg_current_xact_id()
    where changed_by is distinct from pg_current_xact_id() returning version into noted;
  if noted % kept = 0 then
    delete from shared_wildcard where not present and version <= noted - kept;
    update shared_wildcard_state set complete_since = noted - kept;
  end if;
  if noted is null then
    select version into noted from shared_wildcard_state;
  end if;
  if tg_op <> 'INSERT' then
    if old.type in ('wildcardedPsi', 'wildcardedPublicUserIdentity') then
      insert into shared_wildcard values (old.identity, false, noted)
        on conflict (identity) do update set present = false, version = excluded.version;
    end if;
  end if;
  if tg_op <> 'DELETE' then
    if new.type in ('wildcardedPsi', 'wildcardedPublicUserIdentity') then
      insert into shared_wildcard values (new.identity, true, noted)
        on conflict (identity) do update set present = true, version = excluded.version;
    end if;
  end if;
  return null;
end
$$;

create trigger note_wildcard_insert after insert on public_identity
  for each row when (new.type in ('wildcardedPsi', 'wildcardedPublicUserIdentity')) execute function note_wildcard();
create trigger note_wildcard_delete after delete on public_identity
  for each row when (old.type in ('wildcardedPsi', 'wildcardedPublicUserIdentity')) execute function note_wildcard();
create trigger note_wildcard_update after update of identity, type on public_identity
  for each row when (old.type in ('wildcardedPsi', 'wildcardedPublicUserIdentity') or new.type in ('wildcardedPsi', 'wildcardedPublicUserIdentity'))
  execute function note_wildcard();

-- What changed since a version: {whole, present: [identity], gone: [identity]}; everything there is (whole) where that is not known any more.
create function shared_wildcard_changes(known bigint) returns text
language sql stable as $$
  select json_build_object(
    'whole', known < complete_since,
    'present', (select coalesce(json_agg(w.identity), '[]') from shared_wildcard w
      where w.present and w.version > case when known < complete_since then -1 else known end),
    'gone', case when known < complete_since then '[]'
      else (select coalesce(json_agg(w.identity), '[]') from shared_wildcard w where not w.present and w.version > known) end
  )::text
  from shared_wildcard_state
$$;
