/**
 * What subscriptions may share by name: service profiles, iFC sets, capabilities and charging information. A
 * subscription may have each of its own, too.
 */
import { z } from 'zod';
import { limits } from '../../shared/limits';
import { subscriberLimits } from '../limits';
import { initialFilterCriteriaList } from '../filter-criteria';
import { diameterUri, setName, sipUri, unsigned32 } from './fields';

export const capabilities = z.strictObject({
  mandatory: z
    .array(unsigned32)
    .max(subscriberLimits.capabilitiesPerSetCount)
    .default([])
    .describe('Mandatory-Capability [29.228-6.7]'),
  optional: z
    .array(unsigned32)
    .max(subscriberLimits.capabilitiesPerSetCount)
    .default([])
    .describe('Optional-Capability [29.228-6.7]'),
  serverNames: z
    .array(sipUri)
    .max(subscriberLimits.capabilitiesPerSetCount)
    .default([])
    .describe('Preferred S-CSCF names, in order; capabilities are then left out [29.228-6.7]'),
});

export const chargingInformation = z
  .strictObject({
    primaryEventChargingFunctionName: diameterUri.optional(),
    secondaryEventChargingFunctionName: diameterUri.optional(),
    primaryChargingCollectionFunctionName: diameterUri.optional(),
    secondaryChargingCollectionFunctionName: diameterUri.optional(),
  })
  .refine(
    (v) =>
      v.primaryChargingCollectionFunctionName !== undefined ||
      v.primaryEventChargingFunctionName !== undefined,
    'needs primaryChargingCollectionFunctionName or primaryEventChargingFunctionName [29.228-6.1.2]',
  );

export const serviceProfile = z.strictObject({
  name: setName,
  coreNetworkServiceAuthorization: z
    .strictObject({
      subscribedMediaProfileId: unsigned32.optional(),
      serviceIds: z
        .array(z.string().min(1).max(limits.textCharacters))
        .max(subscriberLimits.serviceIdsCount)
        .optional(),
    })
    .optional()
    .describe('[29.228-B.2.1A]'),
  initialFilterCriteria: initialFilterCriteriaList.default([]).describe('[29.228-B.2.2]'),
  sharedIfcSets: z
    .array(setName)
    .max(limits.sharedIfcSetsPerProfileCount)
    .default([])
    .describe('Names of shared iFC sets [29.229-7.1.1]'),
  capabilitySet: setName.optional().describe('S-CSCF capabilities that this profile needs [29.228-6.1.1.1]'),
});

export const sharedIfcSet = z.strictObject({
  name: setName,
  id: z.number().int().min(0).max(0x7fff_ffff).describe('SharedIFCSetID [29.228-B.2]'),
  initialFilterCriteria: initialFilterCriteriaList,
});

export const capabilitySet = z.strictObject({ name: setName, ...capabilities.shape });
export const chargingSet = z.strictObject({ name: setName, ...chargingInformation.shape });

export type ServiceProfile = z.output<typeof serviceProfile>;
export type SharedIfcSet = z.output<typeof sharedIfcSet>;
export type Capabilities = z.output<typeof capabilities>;
export type CapabilitySet = z.output<typeof capabilitySet>;
export type ChargingInformation = z.output<typeof chargingInformation>;
export type ChargingSet = z.output<typeof chargingSet>;
