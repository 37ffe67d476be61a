/**
 * Capabilities exchange, decided without a network: what our CER and CEA say and whether a peer's suits us.
 * RFC 6733 clauses 5.3, 5.3.1 to 5.3.7, 6.8 to 6.11; TS 29.229 clause 5.6. [6733-5.3] [29.229-5.6]
 *
 * Reading of TS 29.229 5.6: each application says under which vendors it is advertised; of a peer the
 * application identifier suffices, offered plainly or in a Vendor-Specific-Application-Id of any vendor,
 * since RFC 6733 6.11 keeps Vendor-Id from meaning anything there.
 */
import { ResultCode } from '../generated/base';

/** RFC 6733 2.4: a relay supports every application. */
export const APPLICATION_RELAY = 0xffffffff;

/** RFC 6733 6.10: TLS inside the connection is not wanted; the only value we offer. */
const NO_INBAND_SECURITY = 0;

/**
 * One Diameter application and the vendors under which it is advertised; none means plainly, in
 * Auth-Application-Id.
 */
export interface AdvertisedApplication {
  readonly applicationId: number;
  readonly vendorIds: readonly number[];
}

/** What this node says of itself. */
export interface LocalNode {
  readonly originHost: string;
  readonly originRealm: string;
  readonly productName: string;
  /** IANA enterprise number of the manufacturer; 0 where there is none. */
  readonly vendorId: number;
  readonly firmwareRevision: number;
  /** Grows with every start that loses state; RFC 6733 8.16. */
  readonly originStateId: number;
  /** Host-IP-Address AVPs; empty means the address of the connection itself. */
  readonly hostIpAddresses: readonly string[];
  readonly supportedVendorIds: readonly number[];
  readonly applications: readonly AdvertisedApplication[];
}

/** Supported-Vendor-Id: the vendors of the applications, each once [6733-5.3.6]. */
export function supportedVendorIds(applications: readonly AdvertisedApplication[]): readonly number[] {
  return [...new Set(applications.flatMap(({ vendorIds }) => vendorIds))];
}

/** The AVPs that CER and CEA have in common. */
export interface CapabilitiesAvps {
  readonly originHost: string;
  readonly originRealm: string;
  readonly hostIpAddress?: readonly string[];
  readonly vendorId?: number;
  readonly productName?: string;
  readonly originStateId?: number;
  readonly supportedVendorId?: readonly number[];
  readonly authApplicationId?: readonly number[];
  readonly acctApplicationId?: readonly number[];
  readonly inbandSecurityId?: readonly number[];
  readonly vendorSpecificApplicationId?: readonly VendorSpecificApplication[];
  readonly firmwareRevision?: number;
}

export interface VendorSpecificApplication {
  readonly vendorId: number;
  readonly authApplicationId?: number;
  readonly acctApplicationId?: number;
}

/**
 * The AVPs of our CER, and of our CEA without Result-Code. `connectionAddresses` are the local ones of the
 * connection.
 */
export function ourCapabilities(
  local: LocalNode,
  connectionAddresses: readonly string[],
): CapabilitiesAvps & {
  hostIpAddress: string[];
  vendorId: number;
  productName: string;
  supportedVendorId: number[];
  authApplicationId: number[];
  vendorSpecificApplicationId: VendorSpecificApplication[];
} {
  const plain = local.applications.filter((application) => application.vendorIds.length === 0);
  const addresses = local.hostIpAddresses.length > 0 ? local.hostIpAddresses : connectionAddresses;
  return {
    originHost: local.originHost,
    originRealm: local.originRealm,
    hostIpAddress: [...addresses],
    vendorId: local.vendorId,
    productName: local.productName,
    originStateId: local.originStateId,
    supportedVendorId: [...local.supportedVendorIds],
    authApplicationId: plain.map((application) => application.applicationId),
    vendorSpecificApplicationId: local.applications.flatMap((application) =>
      application.vendorIds.map((vendorId) => ({ vendorId, authApplicationId: application.applicationId })),
    ),
    firmwareRevision: local.firmwareRevision,
  };
}

export type CapabilitiesVerdict =
  /** `applications`: the identifiers that both sides support. */
  | { readonly ok: true; readonly applications: readonly number[] }
  /** What to answer with, and a sentence for Error-Message and the log. */
  | { readonly ok: false; readonly resultCode: ResultCode; readonly message: string };

/**
 * [6733-5.3] Whether the peer's CER or CEA leaves something in common: 5010, 5017 or the shared applications.
 */
export function evaluateCapabilities(local: LocalNode, peer: CapabilitiesAvps): CapabilitiesVerdict {
  const offered = offeredApplications(peer);
  const relay = offered.has(APPLICATION_RELAY);
  const applications = local.applications
    .map((application) => application.applicationId)
    .filter((applicationId) => relay || offered.has(applicationId));
  if (applications.length === 0) {
    const ours = local.applications.map((application) => application.applicationId).join(', ');
    const theirs = [...offered].join(', ') || 'none';
    return {
      ok: false,
      resultCode: ResultCode.DIAMETER_NO_COMMON_APPLICATION,
      message: `no common application: ${peer.originHost} offers ${theirs}, we support ${ours}`,
    };
  }
  const security = peer.inbandSecurityId ?? [];
  if (security.length > 0 && !security.includes(NO_INBAND_SECURITY)) {
    return {
      ok: false,
      resultCode: ResultCode.DIAMETER_NO_COMMON_SECURITY,
      message: `no common security: ${peer.originHost} insists on Inband-Security-Id ${security.join(', ')}, we support 0`,
    };
  }
  return { ok: true, applications };
}

/** Every application that the peer names, plainly or with a vendor, for authentication or accounting. */
export function offeredApplications(peer: CapabilitiesAvps): ReadonlySet<number> {
  const offered = new Set<number>([...(peer.authApplicationId ?? []), ...(peer.acctApplicationId ?? [])]);
  for (const specific of peer.vendorSpecificApplicationId ?? []) {
    if (specific.authApplicationId !== undefined) offered.add(specific.authApplicationId);
    if (specific.acctApplicationId !== undefined) offered.add(specific.acctApplicationId);
  }
  return offered;
}
