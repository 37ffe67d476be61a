-- Subscriber store of the HSS: everything that TS 29.228 asks for, normalised. The names follow TS 23.008 and TS 29.228.
--
-- Rules that hold for every statement of the product:
--   * a table that concerns a subscription starts with subscription_key, the distribution column of a sharded database;
--   * no transaction changes more than one subscription for the sake of one of them; shared data is in the shared_ tables;
--   * the truth is in the normalised tables; subscription_image is a copy, which refresh_subscription_images() can make of them.
-- Runs on PostgreSQL 14 to 18. Each column has the clause that asks for it beside it; columns tagged [store] serve the store itself.

create type private_identity_type as enum ('privateUserIdentity', 'privateServiceIdentity');
create type public_identity_type as enum ('distinctPublicUserIdentity', 'distinctPsi', 'wildcardedPsi', 'wildcardedPublicUserIdentity');
create type authentication_scheme as enum ('Digest-AKAv1-MD5', 'SIP Digest', 'NASS-Bundled', 'Early IMS Security');

-- One value never means two contents, of whatever subscription or shared set: what an ETag and a cache need.
create sequence revision_sequence as bigint cache 64;

create table shared_state (
  only_row                boolean primary key default true check (only_row),            -- [store] one row
  version                 bigint not null default 0,                                    -- [store] rises with every committed change of shared data
  deletion_version        bigint not null default 0                                     -- [store] version of the last deletion
);
insert into shared_state default values;

create table shared_service_profile (
  name                    text primary key,                                             -- [29.228-B.2] service profile
  subscribed_media_profile_id bigint,                                                   -- [29.228-B.2.1A] core network service authorization
  service_ids             text[],                                                       -- [29.228-B.2.1A] list of service ids
  initial_filter_criteria jsonb not null,                                               -- [29.228-B.2.2] documents of InitialFilterCriterion, in order
  shared_ifc_sets         text[] not null,                                              -- [29.229-7.1.1] SiFC, names of shared_ifc_set
  capability_set          text,                                                         -- [29.228-6.1.1.1] capabilities that the profile needs
  revision                bigint not null,                                              -- [store] ETag
  version                 bigint not null                                               -- [store] shared_state.version of its last change
);

create table shared_ifc_set (
  name                    text primary key,                                             -- [29.228-B.2] shared iFC set
  shared_ifc_set_id       integer not null unique,                                      -- [29.228-B.2] SharedIFCSetID as known to the S-CSCFs
  initial_filter_criteria jsonb not null,                                               -- [29.228-B.2.2]
  revision                bigint not null,                                              -- [store] ETag
  version                 bigint not null                                               -- [store] shared_state.version of its last change
);

create table shared_capability_set (
  name                    text primary key,                                             -- [29.228-6.7] S-CSCF capabilities
  mandatory_capabilities  bigint[] not null,                                            -- [29.228-6.7] Mandatory-Capability
  optional_capabilities   bigint[] not null,                                            -- [29.228-6.7] Optional-Capability
  server_names            text[] not null,                                              -- [29.228-6.7] preferred S-CSCF names, in order
  revision                bigint not null,                                              -- [store] ETag
  version                 bigint not null                                               -- [store] shared_state.version of its last change
);

create table shared_charging_set (
  name                    text primary key,                                             -- [29.228-7.12] Charging-Information
  primary_event_charging_function_name text,                                            -- [29.229-6.3.20]
  secondary_event_charging_function_name text,                                          -- [29.229-6.3.21]
  primary_charging_collection_function_name text,                                       -- [29.229-6.3.22]
  secondary_charging_collection_function_name text,                                     -- [29.229-6.3.23]
  revision                bigint not null,                                              -- [store] ETag
  version                 bigint not null                                               -- [store] shared_state.version of its last change
);

create table ims_subscription (
  subscription_key        bigint generated always as identity (cache 64) primary key,   -- [store] distribution column
  id                      text not null unique,                                         -- [29.228-B.1] IMS subscription, named by who provisions it
  revision                bigint not null,                                              -- [store] ETag
  registration_allowed    boolean not null,                                             -- [29.228-6.1.1.1] step 5, authorized to register
  permitted_visited_networks text[],                                                    -- [29.228-6.1.1.1] step 5, null permits all
  capability_set          text,                                                         -- [29.228-6.7] name of shared_capability_set
  mandatory_capabilities  bigint[],                                                     -- [29.228-6.7] Mandatory-Capability of its own
  optional_capabilities   bigint[],                                                     -- [29.228-6.7] Optional-Capability of its own
  server_names            text[],                                                       -- [29.228-6.7] preferred S-CSCF names of its own, in order
  charging_set            text,                                                         -- [29.228-7.12] name of shared_charging_set
  primary_event_charging_function_name text,                                            -- [29.229-6.3.20] of its own
  secondary_event_charging_function_name text,                                          -- [29.229-6.3.21] of its own
  primary_charging_collection_function_name text,                                       -- [29.229-6.3.22] of its own
  secondary_charging_collection_function_name text,                                     -- [29.229-6.3.23] of its own
  waf_names               text[],                                                       -- [29.228-7.29] WebRTC-Authentication-Function-Name
  wwsf_names              text[],                                                       -- [29.228-7.29] WebRTC-Web-Server-Function-Name
  reference_access_type   text,                                                         -- [29.228-B.1] ReferenceLocationInformation, AccessType
  reference_access_info   text,                                                         -- [29.228-B.1] ReferenceLocationInformation, AccessInfo
  reference_access_value  text                                                          -- [29.228-B.1] ReferenceLocationInformation, AccessValue
);
create index ims_subscription_capability_set on ims_subscription (capability_set) where capability_set is not null;
create index ims_subscription_charging_set on ims_subscription (charging_set) where charging_set is not null;

create table private_identity (
  subscription_key        bigint not null references ims_subscription on delete cascade, -- [store] distribution column
  position                smallint not null,                                            -- [29.228-B.1] order as provisioned
  identity                text not null unique,                                         -- [29.228-7.3] Private User Identity or Private Service Identity
  type                    private_identity_type not null,                               -- [29.228-B.1]
  imsi                    text,                                                         -- [29.228-E] IMSI in User-Data, TS 23.003 2.2
  imsi_claim              text unique,                                                  -- [store] the IMSI, at the first private identity with it: an IMSI never belongs to two subscriptions
  privileged_sender       boolean not null,                                             -- [29.229-6.3.58] Priviledged-Sender-Indication
  default_scheme          authentication_scheme,                                        -- [29.228-6.3.1] step 4, what "Unknown" stands for
  aka_algorithm           text,                                                         -- [29.229-6.3.9] Digest-AKAv1-MD5 with TS 35.206
  aka_k_sealed            text,                                                         -- [33.102-6.3] subscriber key K, AES-256-GCM
  aka_opc_sealed          text,                                                         -- [35.206-4.1] OPc, AES-256-GCM
  aka_amf                 text,                                                         -- [33.102-6.3.2] Authentication Management Field, 4 hexadecimal digits
  aka_ind_bits            smallint,                                                     -- [33.102-C.1.1.1] length of IND
  digest_realm            text,                                                         -- [29.229-6.3.37] Digest-Realm
  digest_ha1_sealed       text,                                                         -- [29.229-6.3.41] Digest-HA1, AES-256-GCM
  digest_ha1_sha256_sealed text,                                                        -- [29.229-6.3.73] Alternate-Digest-HA1, AES-256-GCM
  line_identifiers        text[],                                                       -- [29.229-6.3.42] Line-Identifier
  giba_ipv4_address       text,                                                         -- [29.229-6.3.53] Framed-IP-Address
  giba_ipv6_prefix        text,                                                         -- [29.229-6.3.54] Framed-IPv6-Prefix
  giba_interface_id       text,                                                         -- [29.229-6.3.55] Framed-Interface-Id
  primary key (subscription_key, position)
);

create table service_profile (
  subscription_key        bigint not null references ims_subscription on delete cascade, -- [store] distribution column
  position                smallint not null,                                            -- [29.228-B.1] order as provisioned
  name                    text not null,                                                -- [29.228-B.2] service profile
  subscribed_media_profile_id bigint,                                                   -- [29.228-B.2.1A]
  service_ids             text[],                                                       -- [29.228-B.2.1A]
  initial_filter_criteria jsonb not null,                                               -- [29.228-B.2.2]
  shared_ifc_sets         text[] not null,                                              -- [29.229-7.1.1] names of shared_ifc_set
  capability_set          text,                                                         -- [29.228-6.1.1.1] name of shared_capability_set
  primary key (subscription_key, position)
);
create index service_profile_capability_set on service_profile (capability_set) where capability_set is not null;
create index service_profile_shared_ifc_sets on service_profile using gin (shared_ifc_sets) where shared_ifc_sets <> '{}';

create table implicit_registration_set (
  subscription_key        bigint not null references ims_subscription on delete cascade, -- [store] distribution column
  position                smallint not null,                                            -- [29.228-6.5.1] order as provisioned
  name                    text not null,                                                -- [29.228-6.5.1] implicit registration set
  loose_route             boolean not null,                                             -- [29.228-7.20] Loose-Route-Indication
  primary key (subscription_key, position)
);

-- Associations of the set's public identities with private identities (TS 23.228 5.2.1a); no row at all means every private identity.
create table set_private_identity (
  subscription_key        bigint not null references ims_subscription on delete cascade, -- [store] distribution column
  set_position            smallint not null,                                            -- [29.228-6.5.1]
  position                smallint not null,                                            -- [29.228-6.5.1] order as provisioned
  private_identity        text not null,                                                -- [29.228-7.3]
  primary key (subscription_key, set_position, position)
);

create table public_identity (
  subscription_key        bigint not null references ims_subscription on delete cascade, -- [store] distribution column
  set_position            smallint not null,                                            -- [29.228-6.5.1] its implicit registration set
  position                smallint not null,                                            -- [29.228-6.5.1.1] order in User-Data, the first not barred is the default one
  identity                text not null unique,                                         -- [29.228-7.2] canonical form, TS 23.003 13.4
  type                    public_identity_type not null,                                -- [29.228-E] IdentityType
  barred                  boolean not null,                                             -- [29.228-B.2.1] BarringIndication
  service_profile         text not null,                                                -- [29.228-B.2] name of its service profile
  service_profile_is_shared boolean not null,                                           -- [29.228-B.2] of shared_service_profile, else of service_profile
  display_name            text,                                                         -- [29.228-B.2.1] DisplayName
  alias_group             text,                                                         -- [29.228-B.2.1] AliasIdentityGroupID
  service_level_trace_info text,                                                        -- [29.228-B.2.1] ServiceLevelTraceInfo
  service_priority_level  smallint,                                                     -- [29.228-B.2.1] ServicePriorityLevel
  extended_priorities     jsonb,                                                        -- [29.228-B.2.1] ExtendedPriority, RFC 4412; null where none
  max_simultaneous_registrations integer,                                               -- [29.228-B.2.1] MaxNumOfAllowedSimultRegistrations
  psi_active              boolean,                                                      -- [29.228-6.1.4.1] step 2, PSI Activation State; null where no PSI data
  psi_as_name             text,                                                         -- [29.228-7.4a] AS name, direct routing
  primary key (subscription_key, set_position, position)
);
create index public_identity_shared_profile on public_identity (service_profile) where service_profile_is_shared;
create index public_identity_wildcarded on public_identity (type) where type in ('wildcardedPsi', 'wildcardedPublicUserIdentity');

-- What changes while subscribers register. Half-empty pages and no index on what most updates change, so that these stay on their page (HOT).
create table registration_state (
  subscription_key        bigint primary key references ims_subscription on delete cascade, -- [store] distribution column
  version                 bigint not null default 1,                                    -- [store] rises with every commit, what a decision was made on
  revision                bigint not null,                                              -- [store] ims_subscription.revision, so that one row tells whether a cached image holds
  scscf_name              text,                                                         -- [29.228-7.4] S-CSCF name; null where none is assigned
  scscf_diameter_host     text,                                                         -- [29.229-5.5] Destination-Host of RTR and PPR
  scscf_diameter_realm    text,                                                         -- [29.229-5.5] Destination-Realm of RTR and PPR
  reassignment_pending    boolean not null default false,                               -- [29.228-3.1] S-CSCF reassignment pending flag
  -- [29.228-6.1.2.1] by name of implicit registration set; an absent set is not registered:
  --   state: registered | unregistered | notRegistered [29.228-3.1]
  --   privateIdentities, by private identity:
  --     registered: registered with it [29.228-6.1.2.1]
  --     authenticationPendingSinceMs: authentication pending flag with its age [29.228-6.5.1.3]
  --     restoration: avp (base64), registrationTimeOutMs: SCSCF-Restoration-Info [29.228-7.21] [29.229-6.3.71]
  sets                    jsonb not null default '{}',                                  -- [29.228-6.1.2.1] see above
  sequence_numbers        jsonb not null default '{}',                                  -- [33.102-C.1.1] highest SQN given, by private identity
  registered_sets         smallint not null default 0,                                  -- [store] number of sets that are registered
  unregistered_sets       smallint not null default 0                                   -- [store] number of sets in the unregistered state
) with (fillfactor = 50);

-- Requests towards S-CSCFs, written in the transaction that causes them. No reference to ims_subscription: outlives its deletion.
create table outbox (
  subscription_key        bigint not null,                                              -- [store] distribution column
  outbox_key              bigint generated always as identity,                          -- [store] order of creation
  command                 text not null check (command in ('RTR', 'PPR')),              -- [29.228-6.1.3] [29.228-6.2.2]
  destination_host        text not null,                                                -- [29.229-5.5] Destination-Host
  destination_realm       text not null,                                                -- [29.229-5.5] Destination-Realm
  payload                 jsonb not null,                                               -- [29.228-6.1.3] [29.228-6.2.2] what the request is built from
  created_at              timestamptz not null default now(),                           -- [store]
  next_attempt_at         timestamptz not null default now(),                           -- [store] not to be sent before
  attempt_count           smallint not null default 0,                                  -- [store] bounded retries
  leased_by               text,                                                         -- [store] instance that is sending it
  leased_until            timestamptz,                                                  -- [store] after this another instance takes over
  session_id              text,                                                         -- [6733-8.8] Session-Id of the last attempt
  completed_at            timestamptz,                                                  -- [store] null while open
  outcome                 text,                                                         -- [29.228-6.1.3.1] [29.228-6.2.2.1] result of the answer by name, or why there was none
  primary key (subscription_key, outbox_key)
);
create index outbox_open on outbox (next_attempt_at, outbox_key) where completed_at is null;

-- The hot path's copy of one subscription, written in the transaction of the change.
create table subscription_image (
  subscription_key        bigint primary key references ims_subscription on delete cascade, -- [store] distribution column
  revision                bigint not null,                                              -- [store] ims_subscription.revision
  image                   text not null                                                 -- [store] JSON of the subscription as src/domain/subscription.ts has it
);
