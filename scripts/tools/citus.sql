-- Distributes a migrated, empty database of the HSS over the nodes of a Citus cluster, by subscription. On the coordinator, as the owner:
--   psql -v ON_ERROR_STOP=1 -f scripts/tools/citus.sql "$DATABASE_URL"
-- For trials: the tables stand as they should, and the HSS does not serve on them yet. What runs, what does not and why is in
-- docs/decisions/0009-more-than-one-machine.md; test/store/distribution.test.ts holds the list of tables against the migrations.

begin;

-- Shared data: a copy on every node, written by two-phase commit.
select create_reference_table('shared_state');
select create_reference_table('shared_service_profile');
select create_reference_table('shared_ifc_set');
select create_reference_table('shared_capability_set');
select create_reference_table('shared_charging_set');
select create_reference_table('shared_eps_profile');
select create_reference_table('shared_imsi_guard');
select create_reference_table('shared_wildcard_state');
select create_reference_table('shared_wildcard');
select create_reference_table('shared_diameter_route');
select create_reference_table('shared_push_campaign');
select create_reference_table('shared_campaign_pace');
select create_reference_table('shared_server_features');
select create_reference_table('shared_locator_entry');
select create_reference_table('shared_locator_state');
select create_reference_table('shared_locator_gone');
select create_reference_table('shared_equipment');
select create_reference_table('shared_secret');
select create_reference_table('shared_commit_probe');

-- Triggers would run on the shards, where they may not reach other distributed tables. Copies go with foreign keys instead (as before 0007);
-- wildcarded identities are noted by nobody.
drop trigger delete_copies on ims_subscription;
drop trigger note_wildcard_insert on public_identity;
drop trigger note_wildcard_update on public_identity;
drop trigger note_wildcard_delete on public_identity;

-- A unique index has to contain the distribution column, so these names are found by plain ones, and who has a name is in a directory
-- that is distributed by the name itself: there its primary key makes it nobody else's.
alter table ims_subscription drop constraint ims_subscription_id_key;
create index ims_subscription_id on ims_subscription (id);
alter table private_identity drop constraint private_identity_identity_key, drop constraint private_identity_imsi_claim_key;
create index private_identity_identity on private_identity (identity);
create index private_identity_imsi_claim on private_identity (imsi_claim) where imsi_claim is not null;
alter table public_identity drop constraint public_identity_identity_key;
create index public_identity_identity on public_identity (identity);
alter table usim drop constraint usim_imsi_key;
create index usim_imsi on usim (imsi);
alter table usim_msisdn drop constraint usim_msisdn_msisdn_key;
create index usim_msisdn_msisdn on usim_msisdn (msisdn);
create table identity_directory (
  name                    text not null,                                                -- id, private identity, IMSI, MSISDN or public identity
  kind                    text not null check (kind in ('id', 'impi', 'imsi', 'impu', 'msisdn')),
  subscription_key        bigint not null,
  primary key (name, kind)
);

select create_distributed_table('ims_subscription', 'subscription_key');
select create_distributed_table('private_identity', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('usim', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('usim_msisdn', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('unhashed_sequence_number', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('service_profile', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('implicit_registration_set', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('set_private_identity', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('public_identity', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('subscription_state', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('subscription_image', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('serving_nodes', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('outbox', 'subscription_key', colocate_with => 'ims_subscription');
select create_distributed_table('identity_directory', 'name', colocate_with => 'none');
-- A counter belongs to K, not to a subscription; a use of equipment to an IMSI, which may be of another network.
select create_distributed_table('sequence_counter', 'counter_key', colocate_with => 'none');
select create_distributed_table('equipment_use', 'imsi', colocate_with => 'none');

alter table subscription_image add constraint subscription_image_subscription_key_fkey foreign key (subscription_key) references ims_subscription on delete cascade;
alter table subscription_state add constraint subscription_state_subscription_key_fkey foreign key (subscription_key) references ims_subscription on delete cascade;

commit;
