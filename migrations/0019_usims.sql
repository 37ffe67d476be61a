-- The USIMs of a subscription: what an IMSI stands for, whichever application asks (Cx, Sh, S6a). A private identity has an ISIM with a K of its
-- own, or uses the credential of a USIM; then private_identity.aka_k_hash is that of the USIM, so the counter of either is found the same way.

create table usim (
  subscription_key        bigint not null references ims_subscription on delete cascade, -- [store] distribution column
  position                smallint not null,                                            -- [store] order as provisioned
  imsi                    text not null unique,                                         -- [23.003-2.2] IMSI
  aka_algorithm           text not null,                                                -- [33.102-6.3] TS 35.206
  aka_k_sealed            text not null,                                                -- [33.102-6.3] subscriber key K, AES-256-GCM
  aka_k_hash              uuid not null,                                                -- [33.102-6.3] which K, see sequence_counter
  aka_opc_sealed          text not null,                                                -- [35.206-4.1] OPc, AES-256-GCM
  aka_amf                 text not null,                                                -- [33.102-6.3.2] Authentication Management Field, 4 hexadecimal digits
  aka_ind_bits            smallint not null,                                            -- [33.102-C.1.1.1] length of IND
  primary key (subscription_key, position)
);
create index usim_k_hash on usim (aka_k_hash);

create table usim_msisdn (
  subscription_key        bigint not null references ims_subscription on delete cascade, -- [store] distribution column
  usim_position           smallint not null,                                            -- [store] its USIM
  position                smallint not null,                                            -- [store] order as provisioned
  msisdn                  text not null unique,                                         -- [23.003-3.3] E.164 number without "+"
  primary key (subscription_key, usim_position, position)
);

alter table private_identity add column usim_imsi text;                                 -- [33.203-6.1] IMSI of the USIM whose credential it uses; null where it has its own

-- As in 0002, with the USIMs. A subscription without any has the same image as before.
create or replace function refresh_subscription_images(keys bigint[]) returns void
language sql as $$
  insert into subscription_image (subscription_key, revision, image)
  select s.subscription_key, s.revision, json_strip_nulls(json_build_object(
    'id', s.id,
    'privateIdentities', (
      select json_agg(json_build_object(
        'identity', p.identity, 'type', p.type, 'imsi', p.imsi, 'privilegedSender', p.privileged_sender,
        'authentication', json_build_object(
          'defaultScheme', p.default_scheme,
          'usim', p.usim_imsi,
          'aka', case when p.aka_k_sealed is not null then json_build_object(
            'algorithm', p.aka_algorithm, 'k', p.aka_k_sealed, 'opc', p.aka_opc_sealed, 'amf', p.aka_amf, 'indBits', p.aka_ind_bits) end,
          'sipDigest', case when p.digest_realm is not null then json_build_object(
            'realm', p.digest_realm, 'ha1', p.digest_ha1_sealed, 'ha1Sha256', p.digest_ha1_sha256_sealed) end,
          'nassBundled', case when p.line_identifiers is not null then json_build_object('lineIdentifiers', to_json(p.line_identifiers)) end,
          'giba', case when coalesce(p.giba_ipv4_address, p.giba_ipv6_prefix) is not null then json_build_object(
            'ipv4Address', p.giba_ipv4_address, 'ipv6Prefix', p.giba_ipv6_prefix, 'interfaceId', p.giba_interface_id) end
        )) order by p.position)
      from private_identity p where p.subscription_key = s.subscription_key),
    'usims', (
      select json_agg(json_build_object(
        'imsi', u.imsi,
        'msisdns', coalesce((
          select json_agg(n.msisdn order by n.position)
          from usim_msisdn n where n.subscription_key = s.subscription_key and n.usim_position = u.position), '[]'),
        'aka', json_build_object(
          'algorithm', u.aka_algorithm, 'k', u.aka_k_sealed, 'opc', u.aka_opc_sealed, 'amf', u.aka_amf, 'indBits', u.aka_ind_bits)
      ) order by u.position)
      from usim u where u.subscription_key = s.subscription_key),
    'implicitRegistrationSets', (
      select json_agg(json_build_object(
        'name', r.name,
        'privateIdentities', (
          select json_agg(a.private_identity order by a.position)
          from set_private_identity a where a.subscription_key = s.subscription_key and a.set_position = r.position),
        'looseRoute', r.loose_route,
        'publicIdentities', (
          select json_agg(json_build_object(
            'identity', i.identity, 'type', i.type, 'barred', i.barred, 'serviceProfile', i.service_profile,
            'displayName', i.display_name, 'aliasGroup', i.alias_group, 'serviceLevelTraceInfo', i.service_level_trace_info,
            'servicePriorityLevel', i.service_priority_level, 'extendedPriorities', coalesce(i.extended_priorities, '[]'),
            'maxSimultaneousRegistrations', i.max_simultaneous_registrations,
            'psi', case when i.psi_active is not null then json_build_object('active', i.psi_active, 'asName', i.psi_as_name) end
          ) order by i.position)
          from public_identity i where i.subscription_key = s.subscription_key and i.set_position = r.position)
      ) order by r.position)
      from implicit_registration_set r where r.subscription_key = s.subscription_key),
    'serviceProfiles', coalesce((
      select json_agg(json_build_object(
        'name', f.name,
        'coreNetworkServiceAuthorization', core_network_service_authorization(f.subscribed_media_profile_id, f.service_ids),
        'initialFilterCriteria', f.initial_filter_criteria, 'sharedIfcSets', to_json(f.shared_ifc_sets), 'capabilitySet', f.capability_set
      ) order by f.position)
      from service_profile f where f.subscription_key = s.subscription_key), '[]'),
    'registrationAllowed', s.registration_allowed,
    'permittedVisitedNetworks', to_json(s.permitted_visited_networks),
    'capabilitySet', s.capability_set,
    'capabilities', subscription_capabilities(s.mandatory_capabilities, s.optional_capabilities, s.server_names),
    'chargingSet', s.charging_set,
    'chargingInformation', case when coalesce(s.primary_event_charging_function_name, s.primary_charging_collection_function_name) is not null
      then json_build_object(
        'primaryEventChargingFunctionName', s.primary_event_charging_function_name,
        'secondaryEventChargingFunctionName', s.secondary_event_charging_function_name,
        'primaryChargingCollectionFunctionName', s.primary_charging_collection_function_name,
        'secondaryChargingCollectionFunctionName', s.secondary_charging_collection_function_name) end,
    'allowedWafWwsfIdentities', case when s.waf_names is not null
      then json_build_object('wafNames', to_json(s.waf_names), 'wwsfNames', to_json(s.wwsf_names)) end,
    'referenceLocation', case when coalesce(s.reference_access_type, s.reference_access_info, s.reference_access_value) is not null
      then json_build_object(
        'accessType', s.reference_access_type, 'accessInfo', s.reference_access_info, 'accessValue', s.reference_access_value) end
  ))::text
  from ims_subscription s where s.subscription_key = any (keys)
  on conflict (subscription_key) do update set revision = excluded.revision, image = excluded.image
$$;
