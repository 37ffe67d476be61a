-- Functions that make documents of the normalised tables: one place that says how columns and documents correspond.
-- An attribute that is null in the tables is absent in the document.

create function subscription_capabilities(mandatory bigint[], optional bigint[], names text[]) returns json
language sql stable parallel safe as $$
  select case when mandatory is not null
    then json_build_object('mandatory', to_json(mandatory), 'optional', to_json(optional), 'serverNames', to_json(names)) end
$$;

create function core_network_service_authorization(media_profile bigint, services text[]) returns json
language sql stable parallel safe as $$
  select case when media_profile is not null or services is not null
    then json_build_object('subscribedMediaProfileId', media_profile, 'serviceIds', to_json(services)) end
$$;

-- Stores the image of each of the subscriptions anew, from the tables.
create function refresh_subscription_images(keys bigint[]) returns void
language sql as $$
  insert into subscription_image (subscription_key, revision, image)
  select s.subscription_key, s.revision, json_strip_nulls(json_build_object(
    'id', s.id,
    'privateIdentities', (
      select json_agg(json_build_object(
        'identity', p.identity, 'type', p.type, 'imsi', p.imsi, 'privilegedSender', p.privileged_sender,
        'authentication', json_build_object(
          'defaultScheme', p.default_scheme,
          'aka', case when p.aka_k_sealed is not null then json_build_object(
            'algorithm', p.aka_algorithm, 'k', p.aka_k_sealed, 'opc', p.aka_opc_sealed, 'amf', p.aka_amf, 'indBits', p.aka_ind_bits) end,
          'sipDigest', case when p.digest_realm is not null then json_build_object(
            'realm', p.digest_realm, 'ha1', p.digest_ha1_sealed, 'ha1Sha256', p.digest_ha1_sha256_sealed) end,
          'nassBundled', case when p.line_identifiers is not null then json_build_object('lineIdentifiers', to_json(p.line_identifiers)) end,
          'giba', case when coalesce(p.giba_ipv4_address, p.giba_ipv6_prefix) is not null then json_build_object(
            'ipv4Address', p.giba_ipv4_address, 'ipv6Prefix', p.giba_ipv6_prefix, 'interfaceId', p.giba_interface_id) end
        )) order by p.position)
      from private_identity p where p.subscription_key = s.subscription_key),
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

-- Every shared set as a document, with its ETag and the version of its last change.
create view shared_document (kind, name, revision, version, document) as
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
  from shared_charging_set;

-- What changed since a version: {changed: [[kind, document]], present: [[kind, name]] only if something was deleted since}.
create function shared_changes(known bigint) returns text
language sql stable as $$
  select json_build_object(
    'changed', coalesce((select json_agg(json_build_array(d.kind, d.document)) from shared_document d where d.version > known), '[]'),
    'present', (
      select coalesce((select json_agg(json_build_array(d.kind, d.name)) from shared_document d), '[]')
      from shared_state where deletion_version > known)
  )::text
$$;
