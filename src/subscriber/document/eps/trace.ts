/** Trace data with the configuration of MDT [29.272-7.3.63] [29.272-7.3.136]. TS 32.422 has the values. */
import { z } from 'zod';
import { epsLimits } from '../../limits';
import { unsigned32 } from '../fields';
import { hexText, ipAddress, plmn } from './fields';

/** In the order of their values, TS 32.422 5.3. */
export const traceDepths = [
  'minimum',
  'medium',
  'maximum',
  'minimumWithoutVendorSpecificExtension',
  'mediumWithoutVendorSpecificExtension',
  'maximumWithoutVendorSpecificExtension',
] as const;

const enumerated = z.number().int().min(0).max(0x7fff_ffff).optional();
const integer32 = z.number().int().min(-0x8000_0000).max(0x7fff_ffff).optional();
const identities = (octets: number) =>
  z.array(hexText(octets, octets)).max(epsLimits.areaScopeCount).optional();

export const mdtConfiguration = z.strictObject({
  jobType: z.number().int().min(0).max(255).describe('TS 32.422 5.9a [29.272-7.3.137]'),
  areaScope: z
    .strictObject({
      cellGlobalIdentities: identities(7).describe('[29.272-7.3.119]'),
      eutranCellGlobalIdentities: identities(7).describe('[29.272-7.3.117]'),
      routingAreaIdentities: identities(6).describe('[29.272-7.3.120]'),
      locationAreaIdentities: identities(5).describe('[29.272-7.3.121]'),
      trackingAreaIdentities: identities(5).describe('[29.272-7.3.118]'),
    })
    .optional()
    .describe('Octets of TS 29.002 in hexadecimal digits [29.272-7.3.138]'),
  listOfMeasurements: unsigned32.optional().describe('[29.272-7.3.139]'),
  reportingTrigger: unsigned32.optional().describe('[29.272-7.3.140]'),
  reportInterval: enumerated.describe('[29.272-7.3.141]'),
  reportAmount: enumerated.describe('[29.272-7.3.142]'),
  eventThresholdRsrp: unsigned32.optional().describe('[29.272-7.3.143]'),
  eventThresholdRsrq: unsigned32.optional().describe('[29.272-7.3.144]'),
  loggingInterval: enumerated.describe('[29.272-7.3.145]'),
  loggingDuration: enumerated.describe('[29.272-7.3.146]'),
  measurementPeriodLte: enumerated.describe('[29.272-7.3.166]'),
  measurementPeriodUmts: enumerated.describe('[29.272-7.3.167]'),
  collectionPeriodRrmLte: enumerated.describe('[29.272-7.3.168]'),
  collectionPeriodRrmUmts: enumerated.describe('[29.272-7.3.169]'),
  positioningMethod: hexText(1, 1).optional().describe('[29.272-7.3.170]'),
  measurementQuantity: hexText(1, 1).optional().describe('[29.272-7.3.171]'),
  eventThresholdEvent1F: integer32.describe('[29.272-7.3.172]'),
  eventThresholdEvent1I: integer32.describe('[29.272-7.3.173]'),
  mdtAllowedPlmns: z.array(plmn).max(epsLimits.mdtPlmnsCount).optional().describe('[29.272-7.3.185]'),
  mbsfnAreas: z
    .array(
      z.strictObject({
        mbsfnAreaId: z.number().int().min(0).max(255).optional().describe('[29.272-7.3.220]'),
        carrierFrequency: z.number().int().min(0).max(262_143).optional().describe('[29.272-7.3.221]'),
      }),
    )
    .max(epsLimits.mbsfnAreasCount)
    .optional()
    .describe('[29.272-7.3.219]'),
});

export const traceData = z.strictObject({
  traceReference: z
    .strictObject({ plmn, traceId: hexText(3, 3) })
    .describe('PLMN and Trace ID of 3 octets [29.272-7.3.64]'),
  traceDepth: z.enum(traceDepths).describe('[29.272-7.3.67]'),
  traceNeTypeList: hexText(1, 8).describe('[29.272-7.3.68]'),
  traceInterfaceList: hexText(1, 32).optional().describe('[29.272-7.3.69]'),
  traceEventList: hexText(1, 32).describe('[29.272-7.3.70]'),
  omcId: hexText(1, 20).optional().describe('[29.272-7.3.71]'),
  traceCollectionEntity: ipAddress.describe('[29.272-7.3.98]'),
  mdtConfiguration: mdtConfiguration.optional().describe('[29.272-7.3.136]'),
});
