-- RTR and PPR on their way: what the outbox of 0001 needs besides, and by which peers S-CSCFs are reached.

alter table outbox
  add column subscription_id text,                                                      -- [store] id of the subscription, for those who look after its deletion
  add column detail text,                                                               -- [29.229-6.2] the result by name, or why there was none
  add column may_duplicate boolean not null default false;                              -- [6733-3] an attempt left without an answer: T bit of the next one

-- The worker takes the oldest open entries of each S-CSCF that it can reach.
create index outbox_open_by_host on outbox (lower(destination_host), next_attempt_at, outbox_key) where completed_at is null;
create index outbox_open_of_subscription on outbox (subscription_key, outbox_key) where completed_at is null;
create index outbox_completed on outbox (completed_at) where completed_at is not null;
create index outbox_by_key on outbox (outbox_key);
create index outbox_subscription_id on outbox (subscription_id);

-- By which peers requests of an S-CSCF came that is no peer itself: the way back for RTR and PPR. A few rows, written when one is new.
create table shared_diameter_route (
  origin_host             text not null,                                                -- [29.229-5.5] Origin-Host in lower case, Destination-Host of ours
  peer                    text not null,                                                -- [6733-6.1] the agent that it came by, in lower case
  seen_at                 timestamptz not null default now(),                           -- [store] the latest one is tried first
  primary key (origin_host, peer)
);

-- Changes of shared data on their way to every registered set that they touch, in batches; each batch writes entries of the outbox.
create table shared_push_campaign (
  campaign_key            bigint generated always as identity primary key,              -- [store] order of creation
  kind                    text not null,                                                -- [29.228-6.6.1] kind of shared set: serviceProfiles, ifcSets, capabilitySets, chargingSets
  name                    text not null,                                                -- [29.228-6.6.1] its name
  action                  text not null check (action in ('profile', 'serverChange')),  -- [29.228-6.2.2] PPR, or RTR with SERVER_CHANGE [29.228-6.1.3.1]
  created_at              timestamptz not null default now(),                           -- [store]
  next_batch_at           timestamptz not null default now(),                           -- [store] the rate, over all instances
  last_key                bigint not null default 0,                                    -- [store] subscriptions up to this one are done
  total_count             integer,                                                      -- [store] subscriptions to look at when it began; null until then
  done_count              integer not null default 0,                                   -- [store] of them done
  written_count           integer not null default 0,                                   -- [store] entries written
  completed_at            timestamptz,                                                  -- [store] null while it goes on
  superseded              boolean not null default false                                -- [store] ended by a newer change of the same set, which starts from the first
);
create index push_campaign_open on shared_push_campaign (campaign_key) where completed_at is null;
