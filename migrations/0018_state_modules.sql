-- One row says what holds for a subscription, whichever application asks; each module of state beside it has a row of its own.
-- Sequence numbers leave the registration: a counter belongs to K, whoever asks for vectors.

alter table registration_state rename to subscription_state;
alter index registration_state_pkey rename to subscription_state_pkey;
alter index registration_state_registered rename to subscription_state_registered;
alter index registration_state_unregistered rename to subscription_state_unregistered;
-- Applications that want to hear of events of this subscription, a bit for each; who has none costs nothing.
alter table subscription_state add column watchers integer not null default 0;          -- [store] see src/state/contract.ts

create or replace function delete_copies() returns trigger
language plpgsql as $$
begin
  delete from subscription_image where subscription_key in (select subscription_key from gone);
  delete from subscription_state where subscription_key in (select subscription_key from gone);
  return null;
end
$$;

-- The counter of one K. It outlives every subscription that has had this K, so that no SQN is given a second time. Half-empty pages: each MAR
-- updates one row, which stays on its page (HOT).
create table sequence_counter (
  counter_key             uuid primary key,                                             -- [33.102-6.3] which K: its keyed hash, as in private_identity.aka_k_hash
  version                 bigint not null default 1,                                    -- [store] rises with every change, what a decision was made on
  sequence_number         bigint not null,                                              -- [33.102-C.1.1] highest SQN given or provisioned
  last_inds               json not null default '[]'                                    -- [33.102-C.1.2] IND given last to each kind of requester, by its slice; null where none was
) with (fillfactor = 50);

-- Numbers of private identities whose K has no hash yet: a database of a build before 0011. The start hashes K and takes them over.
create table unhashed_sequence_number (
  subscription_key        bigint not null,                                              -- [store] distribution column
  identity_key            text not null,                                                -- [29.228-7.3] Private Identity, as in private_identity.identity_key
  sequence_number         bigint not null,                                              -- [33.102-C.1.1] highest SQN given
  primary key (subscription_key, identity_key)
);

with given as (
  select s.subscription_key, nai_key(n.entry ->> 0) as identity_key, max((n.entry ->> 1)::bigint) as sequence_number
  from subscription_state s cross join lateral json_array_elements(s.sequence_numbers) as n (entry)
  group by 1, 2
),
counted as (
  insert into sequence_counter (counter_key, sequence_number)
  select k_hash, max(sequence_number) from (
    select k_hash, sequence_number from shared_kept_sequence_number
    union all
    select p.aka_k_hash, coalesce(g.sequence_number, 0)
    from private_identity p left join given g on g.subscription_key = p.subscription_key and g.identity_key = p.identity_key
    where p.aka_k_hash is not null) known
  group by k_hash
)
insert into unhashed_sequence_number (subscription_key, identity_key, sequence_number)
select g.subscription_key, g.identity_key, g.sequence_number
from given g join private_identity p on p.subscription_key = g.subscription_key and p.identity_key = g.identity_key
where p.aka_k_hash is null and p.aka_k_sealed is not null;

drop table shared_kept_sequence_number;
alter table subscription_state drop column sequence_numbers;

-- A unit of work whose rows are changed in part only: somebody committed while its statement ran. The whole batch is tried again.
create function refuse_half_done() returns boolean
language plpgsql volatile as $$
begin
  raise exception 'a unit of work is half done: another transaction committed meanwhile' using errcode = 'serialization_failure';
end
$$;
