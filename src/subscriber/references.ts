/**
 * What a subscription refers to outside of itself: shared sets that have to exist, and identities that must
 * be nobody else's. Pure.
 */
import { privateIdentityKey } from './private-identity';
import type { ProvisioningFault, SharedKind } from './provisioning';
import { sharedKind } from './shared-kinds';
import type { Subscription } from './subscription';

export type Reference = { readonly pointer: string; readonly name: string };

export const sharedKinds: readonly SharedKind[] = [
  'serviceProfiles',
  'ifcSets',
  'capabilitySets',
  'chargingSets',
  'epsProfiles',
];

/** Names of shared sets that a service profile uses, with pointers below `pointer`. */
export function profileReferences(
  profile: { readonly sharedIfcSets: readonly string[]; readonly capabilitySet?: string | undefined },
  pointer: string,
  add: (kind: SharedKind, reference: Reference) => void,
): void {
  profile.sharedIfcSets.forEach((name, i) =>
    add('ifcSets', { pointer: `${pointer}/sharedIfcSets/${i}`, name }),
  );
  if (profile.capabilitySet !== undefined)
    add('capabilitySets', { pointer: `${pointer}/capabilitySet`, name: profile.capabilitySet });
}

function sharedReferences(
  subscription: Subscription,
  add: (kind: SharedKind, reference: Reference) => void,
): void {
  const own = new Set(subscription.serviceProfiles.map((profile) => profile.name));
  subscription.implicitRegistrationSets.forEach((set, s) =>
    set.publicIdentities.forEach((entry, i) => {
      if (!own.has(entry.serviceProfile)) {
        add('serviceProfiles', {
          pointer: `/implicitRegistrationSets/${s}/publicIdentities/${i}/serviceProfile`,
          name: entry.serviceProfile,
        });
      }
    }),
  );
  subscription.serviceProfiles.forEach((profile, i) =>
    profileReferences(profile, `/serviceProfiles/${i}`, add),
  );
  if (subscription.capabilitySet !== undefined)
    add('capabilitySets', { pointer: '/capabilitySet', name: subscription.capabilitySet });
  if (subscription.chargingSet !== undefined)
    add('chargingSets', { pointer: '/chargingSet', name: subscription.chargingSet });
  subscription.usims?.forEach(({ eps }, i) => {
    if (eps?.profile !== undefined)
      add('epsProfiles', { pointer: `/usims/${i}/eps/profile`, name: eps.profile });
  });
}

/** Names of shared sets that exist, of all those that were asked for. */
export type ExistingNames = ReadonlyMap<SharedKind, ReadonlySet<string>>;

export function wantedNames(subscriptions: readonly Subscription[]): Map<SharedKind, Set<string>> {
  const wanted = new Map<SharedKind, Set<string>>(sharedKinds.map((kind) => [kind, new Set()]));
  for (const subscription of subscriptions)
    sharedReferences(subscription, (kind, { name }) => wanted.get(kind)?.add(name));
  return wanted;
}

export function missingName(kind: SharedKind, { pointer, name }: Reference): ProvisioningFault {
  return { pointer, detail: `there is no ${sharedKind[kind].noun} ${name}` };
}

export function missingNameFaults(subscription: Subscription, existing: ExistingNames): ProvisioningFault[] {
  const faults: ProvisioningFault[] = [];
  sharedReferences(subscription, (kind, reference) => {
    if (existing.get(kind)?.has(reference.name) !== true) faults.push(missingName(kind, reference));
  });
  return faults;
}

/** An identity that nobody else may have, and where it stands in the document. */
export interface OwnedIdentity {
  readonly kind: 'impi' | 'imsi' | 'impu' | 'msisdn';
  readonly identity: string;
  readonly pointer: string;
}

export function ownedIdentities(subscription: Subscription): OwnedIdentity[] {
  const owned: OwnedIdentity[] = [];
  subscription.privateIdentities.forEach(({ identity, imsi }, i) => {
    owned.push({ kind: 'impi', identity, pointer: `/privateIdentities/${i}/identity` });
    if (imsi !== undefined)
      owned.push({ kind: 'imsi', identity: imsi, pointer: `/privateIdentities/${i}/imsi` });
  });
  subscription.usims?.forEach(({ imsi, msisdns }, i) => {
    owned.push({ kind: 'imsi', identity: imsi, pointer: `/usims/${i}/imsi` });
    msisdns.forEach((identity, n) =>
      owned.push({ kind: 'msisdn', identity, pointer: `/usims/${i}/msisdns/${n}` }),
    );
  });
  subscription.implicitRegistrationSets.forEach((set, s) =>
    set.publicIdentities.forEach(({ identity }, i) => {
      owned.push({
        kind: 'impu',
        identity,
        pointer: `/implicitRegistrationSets/${s}/publicIdentities/${i}/identity`,
      });
    }),
  );
  return owned;
}

const prefixes: Readonly<Record<OwnedIdentity['kind'], string>> = {
  impi: '',
  imsi: 'IMSI ',
  impu: '',
  msisdn: 'MSISDN ',
};

/** What is said where somebody else has it. */
export const ownedFault = ({ kind, identity, pointer }: OwnedIdentity, owner: string): ProvisioningFault => ({
  pointer,
  detail: `${prefixes[kind]}${identity} belongs to subscription ${owner}`,
});

/** As in "impu sip:alice@example": the key of Owners. */
export const ownedName = ({ kind, identity }: OwnedIdentity): string =>
  `${kind} ${kind === 'impi' ? privateIdentityKey(identity) : identity}`;
