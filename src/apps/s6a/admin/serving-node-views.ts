/** Where subscribers are attached, as the API has it. */
import { z } from 'zod';
import { nextCursor } from '../../../admin/openapi/views';

const areas = {
  cell: z.string().optional().describe('E-UTRAN cell, or cell of GERAN'),
  serviceArea: z.string().optional(),
  trackingArea: z.string().optional(),
  locationArea: z.string().optional(),
  routingArea: z.string().optional(),
};

const locationSchema = z
  .strictObject({
    ...areas,
    enodeb: z.string().optional().describe('eNodeB-ID as hexadecimal digits'),
    geographical: z.string().optional().describe('TS 23.032, as hexadecimal digits'),
    geodetic: z.string().optional().describe('ITU-T Q.763, as hexadecimal digits'),
    ageMinutes: z.number().int().optional(),
  })
  .describe('Cells and areas are the PLMN and then groups of hexadecimal digits, such as 00101-0001');
export type LocationView = z.output<typeof locationSchema>;

const reportedSchema = z.strictObject({
  at: z.iso.datetime().describe('When the node told it'),
  mmeLocation: locationSchema.nullable(),
  sgsnLocation: locationSchema.nullable(),
  mmeState: z.string().nullable().describe('User-State (TS 29.272 clause 7.3.114)'),
  sgsnState: z.string().nullable(),
  timeZone: z.string().nullable(),
  ratType: z.string().nullable(),
  imsVoice: z.boolean().nullable().describe('IMS voice in the area of the UE (TS 29.272 clause 7.3.106)'),
  lastActivityAt: z.iso.datetime().nullable(),
});
export type ReportedView = z.output<typeof reportedSchema>;

const servingNodeSchema = z.strictObject({
  host: z.string().describe('Diameter host of the MME or SGSN'),
  realm: z.string(),
  visitedPlmn: z.string().describe('MCC and MNC'),
  since: z.iso.datetime().describe('When it registered'),
  ratType: z.string().describe('Of its last Update-Location-Request; a number where it has no name'),
  features: z
    .array(z.string())
    .nullable()
    .describe('Those that it and the HSS have (TS 29.272 clause 7.3.10); null where it named none'),
  purged: z.boolean().describe('The node has deleted the subscriber (TS 29.272 clause 5.2.1.3)'),
  registeredForSms: z.boolean(),
  number: z.string().nullable().describe('MME number for MT SMS, or SGSN number'),
  reachabilityAwaited: z.boolean().describe('The node is asked to tell when the UE is reachable (URRP)'),
  areaRestricted: z.boolean().describe('By regional subscription'),
  homogeneousImsVoice: z
    .enum(['supported', 'notSupported'])
    .nullable()
    .describe('null where it differs by area, or nobody told (TS 29.272 clause 7.3.107)'),
  srvcc: z.boolean().nullable().describe('UE-SRVCC-Capability; null where nobody told'),
  reported: reportedSchema.nullable().describe('The last that the node told of the UE'),
});
export type ServingNodeView = z.output<typeof servingNodeSchema>;

const attachmentSchema = z.strictObject({
  imsi: z.string(),
  mme: servingNodeSchema.nullable(),
  sgsn: servingNodeSchema.nullable(),
  terminal: z
    .strictObject({
      imei: z.string().describe('14 digits'),
      softwareVersion: z.string().nullable(),
      since: z.iso.datetime(),
    })
    .nullable(),
  pdnGws: z
    .array(
      z.strictObject({
        apn: z.string().nullable().describe('null for emergency PDN connections'),
        host: z.string().nullable(),
        realm: z.string().nullable(),
        addresses: z.array(z.string()),
      }),
    )
    .describe('P-GWs that were allocated dynamically'),
});
export type AttachmentView = z.output<typeof attachmentSchema>;

export const attachmentsSchema = z.strictObject({
  id: z.string().describe('Name of the subscription'),
  imsis: z.array(attachmentSchema),
});
export type AttachmentsView = z.output<typeof attachmentsSchema>;

export const attachmentListSchema = z.strictObject({ items: z.array(attachmentsSchema), nextCursor });

export const attachedNodeSchema = z.strictObject({
  kind: z.enum(['mme', 'sgsn']),
  host: z.string(),
  realm: z.string(),
  imsis: z.number().int().describe('IMSIs that are registered there'),
  purged: z.number().int().describe('Of them, those that the node purged'),
});
export const attachedNodeListSchema = z.strictObject({ items: z.array(attachedNodeSchema) });
export type AttachedNodeView = z.output<typeof attachedNodeSchema>;
