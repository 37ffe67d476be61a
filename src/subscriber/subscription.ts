/**
 * The IMS subscription as stored and as handlers see it: the provisioned document with its secrets sealed,
 * plus the shared data it names. Plain JSON throughout, so that it is parsed once and never copied.
 * [29.228-B.1], TS 23.008.
 */
import type { AkaAlgorithm } from './document/aka';
import type { EpsProfile, UsimEps } from './document/eps/eps-data';
import { samePrivateIdentity } from './private-identity';
import type {
  Capabilities,
  CapabilitySet,
  ChargingInformation,
  ChargingSet,
  ImplicitRegistrationSet,
  PublicIdentity,
  ServiceProfile,
  SharedIfcSet,
  PublicIdentityType,
  SubscriptionDocument,
  AuthenticationScheme,
} from './subscription-document';

/** An AES-256-GCM sealed secret, see src/authentication/sealed-secret.ts. Only the authentication handler opens it. */
export type SealedSecret = string;

type DocumentPrivateIdentity = SubscriptionDocument['privateIdentities'][number];
type DocumentAuthentication = DocumentPrivateIdentity['authentication'];

export interface StoredAka {
  readonly algorithm: AkaAlgorithm;
  readonly k: SealedSecret;
  readonly opc: SealedSecret;
  readonly amf: string;
  readonly indBits: number;
}

export interface StoredAuthentication {
  readonly defaultScheme?: AuthenticationScheme;
  readonly aka?: StoredAka;
  /** IMSI of the USIM whose credential this private identity uses. */
  readonly usim?: string;
  readonly sipDigest?: {
    readonly realm: string;
    readonly ha1: SealedSecret;
    readonly ha1Sha256?: SealedSecret;
  };
  readonly nassBundled?: DocumentAuthentication['nassBundled'];
  readonly giba?: DocumentAuthentication['giba'];
}

export type StoredPrivateIdentity = Omit<DocumentPrivateIdentity, 'authentication'> & {
  readonly authentication: StoredAuthentication;
};

export interface StoredUsim {
  readonly imsi: string;
  readonly msisdns: readonly string[];
  readonly aka: StoredAka;
  /** As provisioned; effectiveEps of eps.ts adds the profile. */
  readonly eps?: UsimEps;
}

/** What the store keeps of a SubscriptionDocument. Public identities are in canonical form. */
export type Subscription = Omit<SubscriptionDocument, 'privateIdentities' | 'usims'> & {
  readonly privateIdentities: readonly StoredPrivateIdentity[];
  /** Absent where there is none. */
  readonly usims?: readonly StoredUsim[];
};

/** Data that many subscriptions name: loaded once per change, looked up by name. */
export interface SharedData {
  /** Rises with every committed change of any shared data. */
  readonly version: number;
  readonly serviceProfiles: ReadonlyMap<string, ServiceProfile>;
  readonly ifcSets: ReadonlyMap<string, SharedIfcSet>;
  readonly capabilitySets: ReadonlyMap<string, CapabilitySet>;
  readonly chargingSets: ReadonlyMap<string, ChargingSet>;
  readonly epsProfiles: ReadonlyMap<string, EpsProfile>;
}

export const emptySharedData: SharedData = {
  version: 0,
  serviceProfiles: new Map(),
  ifcSets: new Map(),
  capabilitySets: new Map(),
  chargingSets: new Map(),
  epsProfiles: new Map(),
};

export interface IdentityPlace {
  readonly set: ImplicitRegistrationSet;
  readonly identity: PublicIdentity;
}

/**
 * Where a canonical public identity stands in the subscription; subscriptions are small, so a scan beats an
 * index.
 */
export function findPublicIdentity(subscription: Subscription, canonical: string): IdentityPlace | undefined {
  for (const set of subscription.implicitRegistrationSets) {
    for (const identity of set.publicIdentities)
      if (identity.identity === canonical) return { set, identity };
  }
  return undefined;
}

/** In whatever case its realm is written. */
export function findPrivateIdentity(
  subscription: Subscription,
  name: string,
): StoredPrivateIdentity | undefined {
  const { privateIdentities } = subscription;
  return (
    privateIdentities.find((entry) => entry.identity === name) ??
    privateIdentities.find((entry) => samePrivateIdentity(entry.identity, name))
  );
}

export function findUsim(subscription: Subscription, imsi: string): StoredUsim | undefined {
  return subscription.usims?.find((entry) => entry.imsi === imsi);
}

/** A credential and whose it is: its secrets are sealed for this holder. */
export interface AkaCredential {
  /** Private identity (ISIM) or IMSI (USIM). */
  readonly holder: string;
  readonly aka: StoredAka;
}

/** The credential that counts for a private identity: its own, or that of the USIM which it names. */
export function akaOf(
  subscription: Subscription,
  { identity, authentication }: StoredPrivateIdentity,
): AkaCredential | undefined {
  if (authentication.usim === undefined)
    return authentication.aka === undefined ? undefined : { holder: identity, aka: authentication.aka };
  const aka = findUsim(subscription, authentication.usim)?.aka;
  return aka === undefined ? undefined : { holder: authentication.usim, aka };
}

export const isServiceType = (type: PublicIdentityType): boolean =>
  type === 'distinctPsi' || type === 'wildcardedPsi';

/**
 * The private identities that a set's public identities are associated with (TS 23.228 5.2.1a). Where the
 * document does not say: a Public Service Identity with every Private Service Identity, a Public User
 * Identity with every Private User Identity [29.228-7.3a], or, in a subscription that has none of that kind,
 * with all.
 */
export function associatedPrivateIdentities(
  subscription: Subscription,
  set: ImplicitRegistrationSet,
): readonly string[] {
  if (set.privateIdentities !== undefined) return set.privateIdentities;
  const [first] = set.publicIdentities;
  const type =
    first !== undefined && isServiceType(first.type) ? 'privateServiceIdentity' : 'privateUserIdentity';
  const ofKind = subscription.privateIdentities.filter((entry) => entry.type === type);
  return (ofKind.length > 0 ? ofKind : subscription.privateIdentities).map((entry) => entry.identity);
}

/** The service profile of an identity: the subscription's own of that name, else the shared one. */
export function serviceProfileOf(
  subscription: Subscription,
  shared: SharedData,
  name: string,
): ServiceProfile | undefined {
  return (
    subscription.serviceProfiles.find((profile) => profile.name === name) ?? shared.serviceProfiles.get(name)
  );
}

/**
 * Capabilities that satisfy all service profiles of the subscription [29.228-6.1.1.1]: the union of what the
 * subscription and every profile in use ask for. Preferred S-CSCF names keep their order; where there are
 * any, capabilities are left out [29.228-6.7]. Undefined where nothing is asked for.
 */
export function requiredCapabilities(
  subscription: Subscription,
  shared: SharedData,
): Capabilities | undefined {
  const sources: Capabilities[] = [];
  if (subscription.capabilities !== undefined) sources.push(subscription.capabilities);
  const named = new Set<string>();
  if (subscription.capabilitySet !== undefined) named.add(subscription.capabilitySet);
  for (const set of subscription.implicitRegistrationSets) {
    for (const identity of set.publicIdentities) {
      const name = serviceProfileOf(subscription, shared, identity.serviceProfile)?.capabilitySet;
      if (name !== undefined) named.add(name);
    }
  }
  for (const name of named) {
    const found = shared.capabilitySets.get(name);
    if (found !== undefined) sources.push(found);
  }
  if (sources.length === 0) return undefined;
  const serverNames = [...new Set(sources.flatMap((source) => source.serverNames))];
  if (serverNames.length > 0) return { mandatory: [], optional: [], serverNames };
  const mandatory = [...new Set(sources.flatMap((source) => source.mandatory))];
  const optional = [...new Set(sources.flatMap((source) => source.optional))].filter(
    (value) => !mandatory.includes(value),
  );
  return mandatory.length + optional.length === 0 ? undefined : { mandatory, optional, serverNames: [] };
}

export function chargingInformationOf(
  subscription: Subscription,
  shared: SharedData,
): ChargingInformation | undefined {
  return (
    subscription.chargingInformation ??
    (subscription.chargingSet === undefined ? undefined : shared.chargingSets.get(subscription.chargingSet))
  );
}
