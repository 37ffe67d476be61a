-- The realm of a private identity (a NAI) is compared without regard to case (RFC 7542 2.4): identities that differ only there are one.
-- The column keeps the spelling that was provisioned; what is looked up and unique is the form without capitals in the realm.
-- Only ASCII letters are folded, whatever the locale: src/domain/private-identity.ts does the same.
create function nai_key(identity text) returns text
language sql immutable strict parallel safe as $$
  select regexp_replace(identity, '[^@]*$', '')
    || translate(substring(identity from '[^@]*$'), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
$$;

-- Nobody but the operator can say which of two subscriptions is meant: nothing is changed, and the two are named.
do $$
declare
  doubles text;
begin
  select string_agg(spellings, '; ') into doubles from (
    select string_agg(p.identity || ' of subscription ' || s.id, ' and ' order by p.identity collate "C") as spellings
    from private_identity p join ims_subscription s using (subscription_key)
    group by nai_key(p.identity) having count(*) > 1 order by 1 limit 20) d;
  if doubles is not null then
    raise exception 'private identities that differ only in the case of their realm are one identity (RFC 7542): %', doubles
      using hint = 'Delete or rename one of each with the version of the HSS that ran before, then start this one again.';
  end if;
end
$$;

alter table private_identity add column identity_key text not null generated always as (nai_key(identity)) stored;
alter table private_identity drop constraint private_identity_identity_key,
  add constraint private_identity_identity_key unique (identity_key) include (subscription_key);

-- Origin-State-Id [6733-8.16]: rises where state was lost, that is where this database is another one. Seconds since the epoch when the
-- column was made: above whatever a start of an earlier version announced. Who restores an old backup sets it anew, see
-- docs/decisions/0017-names-and-origin-state.md.
alter table shared_state add column origin_state_id bigint not null
  default extract(epoch from clock_timestamp())::bigint check (origin_state_id between 1 and 4294967295);
