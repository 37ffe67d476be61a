-- EPS subscriptions: what S6a and S6d serve of an IMSI. Each property is in the document as TS 29.272 names it; one column keeps them as they
-- were provisioned, because nothing is looked for by them. A subscription may have EPS only, without private identities and sets.

create table shared_eps_profile (
  name                    text primary key,                                             -- [29.272-7.3.2] EPS profile
  document                json not null,                                                -- [29.272-7.3.2] EPS data as provisioned, with the name
  revision                bigint not null,                                              -- [store] ETag
  version                 bigint not null                                               -- [store] shared_state.version of its last change
);

alter table usim add column eps json;                                                   -- [29.272-7.3.2] EPS data of its own, as provisioned; null where there is no EPS subscription
alter table usim add column eps_profile text;                                           -- [29.272-7.3.2] name of shared_eps_profile, as in eps
create index usim_eps_profile on usim (eps_profile) where eps_profile is not null;

-- IMSIs stand in two tables, each with a unique index of its own. What gives an IMSI to one of them only locks this empty table first, in a mode
-- that excludes those who give it to the other one only. So an IMSI never gets into both for two subscriptions.
create table shared_imsi_guard (
  only_row                boolean primary key                                           -- [store] no row
);

-- Actions of campaigns are of any application.
alter table shared_push_campaign drop constraint shared_push_campaign_action_check;

-- Every shared set as a document, as in 0002, with EPS profiles.
create or replace view shared_document (kind, name, revision, version, document) as
  select 'serviceProfiles', name, revision, version, json_strip_nulls(json_build_object(
    'name', name,
    'coreNetworkServiceAuthorization', core_network_service_authorization(subscribed_media_profile_id, service_ids),
    'initialFilterCriteria', initial_filter_criteria, 'sharedIfcSets', to_json(shared_ifc_sets), 'capabilitySet', capability_set))
  from shared_service_profile
  union all
  select 'ifcSets', name, revision, version, json_build_object(
    'name', name, 'id', shared_ifc_set_id, 'initialFilterCriteria', initial_filter_criteria)
  from shared_ifc_set
  union all
  select 'capabilitySets', name, revision, version, json_build_object(
    'name', name, 'mandatory', to_json(mandatory_capabilities), 'optional', to_json(optional_capabilities), 'serverNames', to_json(server_names))
  from shared_capability_set
  union all
  select 'chargingSets', name, revision, version, json_strip_nulls(json_build_object(
    'name', name,
    'primaryEventChargingFunctionName', primary_event_charging_function_name,
    'secondaryEventChargingFunctionName', secondary_event_charging_function_name,
    'primaryChargingCollectionFunctionName', primary_charging_collection_function_name,
    'secondaryChargingCollectionFunctionName', secondary_charging_collection_function_name))
  from shared_charging_set
  union all
  select 'epsProfiles', name, revision, version, document
  from shared_eps_profile;

-- As in 0019, with the EPS data, and with empty lists where there is EPS only. A subscription without these has the same image as before.
create or replace function refresh_subscription_images(keys bigint[]) returns void
language sql as $$
  insert into subscription_image (subscription_key, revision, image)
  select s.subscription_key, s.revision, json_strip_nulls(json_build_object(
    'id', s.id,
    'privateIdentities', coalesce((
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
      from private_identity p where p.subscription_key = s.subscription_key), '[]'),
    'usims', (
      select json_agg(json_build_object(
        'imsi', u.imsi,
        'msisdns', coalesce((
          select json_agg(n.msisdn order by n.position)
          from usim_msisdn n where n.subscription_key = s.subscription_key and n.usim_position = u.position), '[]'),
        'aka', json_build_object(
          'algorithm', u.aka_algorithm, 'k', u.aka_k_sealed, 'opc', u.aka_opc_sealed, 'amf', u.aka_amf, 'indBits', u.aka_ind_bits),
        'eps', u.eps
      ) order by u.position)
      from usim u where u.subscription_key = s.subscription_key),
    'implicitRegistrationSets', coalesce((
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
      from implicit_registration_set r where r.subscription_key = s.subscription_key), '[]'),
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
