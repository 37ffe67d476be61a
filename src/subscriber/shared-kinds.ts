/** The kinds of shared sets: what each is called in a document, in the API and in a sentence. */
import type { z } from 'zod';
import type { SharedKind, SharedSets } from './provisioning';
import {
  capabilitySet,
  chargingSet,
  epsProfile,
  serviceProfile,
  sharedIfcSet,
} from './subscription-document';

interface KindDescription<K extends SharedKind, R extends string, C extends string> {
  readonly kind: K;
  /** The property that holds one in an import or export line. */
  readonly record: R;
  /** Component schema of the API, and stem of the names of operations. */
  readonly component: C;
  readonly noun: string;
  readonly schema: z.ZodType<SharedSets[K]>;
}

const describe = <K extends SharedKind, R extends string, C extends string>(
  description: KindDescription<K, R, C>,
): KindDescription<K, R, C> => description;

export const sharedKind = {
  ifcSets: describe({
    kind: 'ifcSets',
    record: 'ifcSet',
    component: 'IfcSet',
    noun: 'shared iFC set',
    schema: sharedIfcSet,
  }),
  capabilitySets: describe({
    kind: 'capabilitySets',
    record: 'capabilitySet',
    component: 'CapabilitySet',
    noun: 'capability set',
    schema: capabilitySet,
  }),
  chargingSets: describe({
    kind: 'chargingSets',
    record: 'chargingSet',
    component: 'ChargingSet',
    noun: 'charging set',
    schema: chargingSet,
  }),
  serviceProfiles: describe({
    kind: 'serviceProfiles',
    record: 'serviceProfile',
    component: 'ServiceProfile',
    noun: 'service profile',
    schema: serviceProfile,
  }),
  epsProfiles: describe({
    kind: 'epsProfiles',
    record: 'epsProfile',
    component: 'EpsProfile',
    noun: 'EPS profile',
    schema: epsProfile,
  }),
} as const;

/** In the order in which one may name another: what is named comes first. */
export const sharedKindsInOrder = [
  sharedKind.ifcSets,
  sharedKind.capabilitySets,
  sharedKind.chargingSets,
  sharedKind.serviceProfiles,
  sharedKind.epsProfiles,
] as const;

export type SharedRecord = (typeof sharedKindsInOrder)[number]['record'];
export type SharedComponent = (typeof sharedKindsInOrder)[number]['component'];
