-- What RTR and PPR need besides 0004: which registration a request is about, what S-CSCFs support, and an end of what is done with.

-- Compared with `since` in registration_state.sets: a registration that was made later is not the one that the request ends.
alter table outbox
  add column registration_version bigint;                                               -- [29.228-6.1.3.1] registration_state.version that the request was caused in; null where older than this column

-- Features that S-CSCFs announced, by command: what PPRs are made with [29.229-7.2]. A few rows, written when something is new.
create table shared_server_features (
  origin_host             text not null,                                                -- [29.229-5.5] Origin-Host in lower case
  command                 text not null check (command in ('SAR', 'PPR')),              -- [29.229-7.2] announced in its requests (SAR) or in the answers to ours (PPR)
  feature_list            bigint not null check (feature_list between 0 and 4294967295), -- [29.229-6.3.31] Feature-List 1 of 3GPP; 0 where none is supported
  learned_at              timestamptz not null default now(),                           -- [29.229-7.2.1] what an answer said is tried again after a time
  primary key (origin_host, command)
);

create index push_campaign_completed on shared_push_campaign (completed_at) where completed_at is not null;

-- Lists of those that are registered read these and nothing else. Only an update that changes the number of registered or unregistered sets
-- touches them; every other one (authentications, renewals, restoration information) still stays on its page.
create index registration_state_registered on registration_state (subscription_key) where registered_sets + unregistered_sets > 0;
create index registration_state_unregistered on registration_state (subscription_key) where unregistered_sets > 0;
