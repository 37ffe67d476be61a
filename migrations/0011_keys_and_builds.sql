-- Which build brought a migration, so that an older build can say which one this database needs. The default takes what the migrating session
-- says of itself; earlier migrations stay without.
alter table schema_migration add column build text;
alter table schema_migration alter column build set default nullif(current_setting('hss.build', true), '');

-- Secrets of the database itself, sealed as those of subscribers are.
create table shared_secret (
  name                    text primary key,                                             -- [store] what it is for
  sealed                  text not null                                                 -- [store] AES-256-GCM
);

-- A counter belongs to K, whichever subscription has it [33.102-C.1.1]. What a subscription gives up stays here, so that no SQN is given again
-- when K comes back. Rows stay: forgetting one could give an SQN twice, and there are never more of them than keys that were provisioned.
create table shared_kept_sequence_number (
  k_hash                  uuid primary key,                                             -- [33.102-6.3] which K, see private_identity.aka_k_hash
  sequence_number         bigint not null,                                              -- [33.102-C.1.1] highest SQN given or provisioned
  kept_at                 timestamptz not null default now()                            -- [store]
);

-- Who has a K: 128 bits of HMAC-SHA-256 under shared_secret "k-hash", as no database can compute from what is in it. Filled in for what is
-- there already by the start of the build that brought this.
alter table private_identity add column aka_k_hash uuid;                                -- [33.102-6.3] which K, [store] for look-ups
create index private_identity_k_hash on private_identity (aka_k_hash) where aka_k_hash is not null;
create index private_identity_without_k_hash on private_identity (subscription_key, position) where aka_k_hash is null and aka_k_sealed is not null;

-- Written to find out whether commits work; holds nothing.
create table shared_commit_probe (
  page                    smallint primary key,                                         -- [store]
  padding                 text not null                                                 -- [store] fills a page
);
alter table shared_commit_probe alter column padding set storage plain;
