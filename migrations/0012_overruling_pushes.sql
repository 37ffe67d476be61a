-- RTR and PPR: one order for each S-CSCF, one pace for all campaigns, and what operators may do.

-- Entries of one subscription are sent in their order to each destination; one for an S-CSCF that is gone holds back nothing for another.
alter table outbox
  add column destination text generated always as (lower(destination_host)) stored,     -- [29.229-5.5] Destination-Host in lower case: where it goes
  add column registration_effect text;                                                  -- [29.228-6.1.3.1] RTR: cleared, partlyCleared or kept; null while open and for others

drop index outbox_open_by_host;
create index outbox_open_by_destination on outbox (destination, next_attempt_at, outbox_key) where completed_at is null;
drop index outbox_open_of_subscription;
create index outbox_open_in_order on outbox (subscription_key, destination, outbox_key) where completed_at is null;
-- Nothing reads outbox_open any more; what is to be given up is looked for by age.
drop index outbox_open;
create index outbox_open_by_age on outbox (created_at, outbox_key) where completed_at is null;

-- The rate of all campaigns together: one row, locked by the instance that does a batch.
create table shared_campaign_pace (
  single_row              boolean primary key default true check (single_row),          -- [store] there is one pace
  next_batch_at           timestamptz not null default now()                            -- [store] the rate, over all campaigns and instances
);
insert into shared_campaign_pace default values;

-- Campaigns of kind "scscf": the S-CSCF of that name is forgotten, subscription by subscription.
alter table shared_push_campaign
  drop constraint shared_push_campaign_action_check,
  add constraint shared_push_campaign_action_check check (action in ('profile', 'serverChange', 'forget'));
