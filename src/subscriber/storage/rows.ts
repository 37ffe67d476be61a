/**
 * A subscription as rows of its tables, in the column names of migrations/0001. The inverse of
 * refresh_subscription_images() in migrations/0020; test/store/images.test.ts holds them together.
 */
import { keptSize, type SetSize } from '../profile-size';
import type { Subscription } from '../subscription';

/** Hash of each K of a document, by its holder: a private identity, or the IMSI of a USIM. */
type KeyHashes = ReadonlyMap<string, string>;

export type Row = Readonly<Record<string, unknown>>;

export interface ChildRows {
  readonly private_identity: Row[];
  readonly usim: Row[];
  readonly usim_msisdn: Row[];
  readonly service_profile: Row[];
  readonly implicit_registration_set: Row[];
  readonly set_private_identity: Row[];
  readonly public_identity: Row[];
}

export const emptyChildRows = (): ChildRows => ({
  private_identity: [],
  usim: [],
  usim_msisdn: [],
  service_profile: [],
  implicit_registration_set: [],
  set_private_identity: [],
  public_identity: [],
});

/** The row of ims_subscription, without key and revision. */
export function subscriptionRow(subscription: Subscription): Row {
  const {
    capabilities,
    chargingInformation: charging,
    allowedWafWwsfIdentities: waf,
    referenceLocation: location,
  } = subscription;
  return {
    id: subscription.id,
    registration_allowed: subscription.registrationAllowed,
    permitted_visited_networks: subscription.permittedVisitedNetworks,
    capability_set: subscription.capabilitySet,
    mandatory_capabilities: capabilities?.mandatory,
    optional_capabilities: capabilities?.optional,
    server_names: capabilities?.serverNames,
    charging_set: subscription.chargingSet,
    primary_event_charging_function_name: charging?.primaryEventChargingFunctionName,
    secondary_event_charging_function_name: charging?.secondaryEventChargingFunctionName,
    primary_charging_collection_function_name: charging?.primaryChargingCollectionFunctionName,
    secondary_charging_collection_function_name: charging?.secondaryChargingCollectionFunctionName,
    waf_names: waf?.wafNames,
    wwsf_names: waf?.wwsfNames,
    reference_access_type: location?.accessType,
    reference_access_info: location?.accessInfo,
    reference_access_value: location?.accessValue,
  };
}

function privateIdentityRows(key: number, subscription: Subscription, hashes: KeyHashes): Row[] {
  const claimed = new Set<string>();
  return subscription.privateIdentities.map((entry, position) => {
    const { defaultScheme, aka, usim, sipDigest, nassBundled, giba } = entry.authentication;
    const claims = entry.imsi !== undefined && !claimed.has(entry.imsi);
    if (entry.imsi !== undefined) claimed.add(entry.imsi);
    return {
      subscription_key: key,
      position,
      identity: entry.identity,
      type: entry.type,
      imsi: entry.imsi,
      imsi_claim: claims ? entry.imsi : undefined,
      privileged_sender: entry.privilegedSender,
      default_scheme: defaultScheme,
      aka_algorithm: aka?.algorithm,
      aka_k_sealed: aka?.k,
      aka_k_hash: hashes.get(usim ?? entry.identity),
      aka_opc_sealed: aka?.opc,
      aka_amf: aka?.amf,
      aka_ind_bits: aka?.indBits,
      usim_imsi: usim,
      digest_realm: sipDigest?.realm,
      digest_ha1_sealed: sipDigest?.ha1,
      digest_ha1_sha256_sealed: sipDigest?.ha1Sha256,
      line_identifiers: nassBundled?.lineIdentifiers,
      giba_ipv4_address: giba?.ipv4Address,
      giba_ipv6_prefix: giba?.ipv6Prefix,
      giba_interface_id: giba?.interfaceId,
    };
  });
}

function addUsimRows(rows: ChildRows, key: number, { usims }: Subscription, hashes: KeyHashes): void {
  usims?.forEach(({ imsi, msisdns, aka, eps }, position) => {
    rows.usim.push({
      subscription_key: key,
      position,
      imsi,
      aka_algorithm: aka.algorithm,
      aka_k_sealed: aka.k,
      aka_k_hash: hashes.get(imsi),
      aka_opc_sealed: aka.opc,
      aka_amf: aka.amf,
      aka_ind_bits: aka.indBits,
      eps,
      eps_profile: eps?.profile,
    });
    msisdns.forEach((msisdn, n) =>
      rows.usim_msisdn.push({ subscription_key: key, usim_position: position, position: n, msisdn }),
    );
  });
}

function sizeColumns(size: SetSize | undefined): Row {
  if (size === undefined) return {};
  const { ownOctets, sharedCopiesCount } = keptSize(size);
  return { user_data_octets: ownOctets, shared_copies: sharedCopiesCount };
}

/** Adds the rows of everything below ims_subscription. */
export function addChildRows(
  rows: ChildRows,
  key: number,
  subscription: Subscription,
  hashes: KeyHashes,
  setSizes: readonly SetSize[] = [],
): void {
  rows.private_identity.push(...privateIdentityRows(key, subscription, hashes));
  addUsimRows(rows, key, subscription, hashes);
  const ownProfiles = new Set<string>();
  subscription.serviceProfiles.forEach((profile, position) => {
    ownProfiles.add(profile.name);
    rows.service_profile.push({
      subscription_key: key,
      position,
      name: profile.name,
      subscribed_media_profile_id: profile.coreNetworkServiceAuthorization?.subscribedMediaProfileId,
      service_ids: profile.coreNetworkServiceAuthorization?.serviceIds,
      initial_filter_criteria: profile.initialFilterCriteria,
      shared_ifc_sets: profile.sharedIfcSets,
      capability_set: profile.capabilitySet,
    });
  });
  subscription.implicitRegistrationSets.forEach((set, setPosition) => {
    rows.implicit_registration_set.push({
      subscription_key: key,
      position: setPosition,
      name: set.name,
      loose_route: set.looseRoute,
      ...sizeColumns(setSizes[setPosition]),
    });
    set.privateIdentities?.forEach((name, position) => {
      rows.set_private_identity.push({
        subscription_key: key,
        set_position: setPosition,
        position,
        private_identity: name,
      });
    });
    set.publicIdentities.forEach((entry, position) => {
      rows.public_identity.push({
        subscription_key: key,
        set_position: setPosition,
        position,
        identity: entry.identity,
        type: entry.type,
        barred: entry.barred,
        service_profile: entry.serviceProfile,
        service_profile_is_shared: !ownProfiles.has(entry.serviceProfile),
        display_name: entry.displayName,
        alias_group: entry.aliasGroup,
        service_level_trace_info: entry.serviceLevelTraceInfo,
        service_priority_level: entry.servicePriorityLevel,
        extended_priorities: entry.extendedPriorities.length === 0 ? undefined : entry.extendedPriorities,
        max_simultaneous_registrations: entry.maxSimultaneousRegistrations,
        psi_active: entry.psi?.active,
        psi_as_name: entry.psi?.asName,
      });
    });
  });
}
