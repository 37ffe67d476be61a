/** `hss profile`, `hss ifc-set`, `hss capability-set`, `hss charging-set`, `hss eps-profile`: what many subscriptions name. */
import {
  capabilitySet,
  chargingSet,
  epsProfile,
  serviceProfile,
  sharedIfcSet,
  type CapabilitySet,
  type ChargingSet,
  type EpsProfile,
  type ServiceProfile,
  type SharedIfcSet,
} from '../../subscriber/subscription-document';
import type { RegisterCommand } from '../context';
import { registerDocuments } from './documents';

const common = { key: 'name', lookups: {} } as const;

export const registerSharedSets: RegisterCommand = (program, context) => {
  registerDocuments(program, context, {
    ...common,
    command: 'profile',
    schema: serviceProfile,
    noun: 'service profile',
    collection: '/v1/service-profiles',
    headings: ['NAME', 'FILTER CRITERIA', 'SHARED IFC SETS', 'CAPABILITY SET'],
    row: (item) => {
      const profile = item as unknown as ServiceProfile;
      return [
        profile.name,
        profile.initialFilterCriteria.length,
        profile.sharedIfcSets.join(', '),
        profile.capabilitySet,
      ];
    },
  });
  registerDocuments(program, context, {
    ...common,
    command: 'ifc-set',
    schema: sharedIfcSet,
    noun: 'shared iFC set',
    collection: '/v1/ifc-sets',
    headings: ['NAME', 'ID', 'FILTER CRITERIA'],
    row: (item) => {
      const set = item as unknown as SharedIfcSet;
      return [set.name, set.id, set.initialFilterCriteria.length];
    },
  });
  registerDocuments(program, context, {
    ...common,
    command: 'capability-set',
    schema: capabilitySet,
    noun: 'capability set',
    collection: '/v1/capability-sets',
    headings: ['NAME', 'MANDATORY', 'OPTIONAL', 'S-CSCF NAMES'],
    row: (item) => {
      const set = item as unknown as CapabilitySet;
      return [set.name, set.mandatory.join(' '), set.optional.join(' '), set.serverNames.join(' ')];
    },
  });
  registerDocuments(program, context, {
    ...common,
    command: 'charging-set',
    schema: chargingSet,
    noun: 'charging set',
    collection: '/v1/charging-sets',
    headings: ['NAME', 'PRIMARY CCF', 'PRIMARY ECF'],
    row: (item) => {
      const set = item as unknown as ChargingSet;
      return [set.name, set.primaryChargingCollectionFunctionName, set.primaryEventChargingFunctionName];
    },
  });
  registerDocuments(program, context, {
    ...common,
    command: 'eps-profile',
    schema: epsProfile,
    noun: 'EPS profile',
    collection: '/v1/eps-profiles',
    headings: ['NAME', 'APNS', 'UPLINK BIT/S', 'DOWNLINK BIT/S'],
    row: (item) => {
      const { name, apnConfigurationProfile: profile, ambr } = item as unknown as EpsProfile;
      return [
        name,
        profile?.apnConfigurations.map((entry) => entry.serviceSelection).join(', '),
        ambr?.uplinkBitsPerSecond,
        ambr?.downlinkBitsPerSecond,
      ];
    },
  });
};
