/** Registration state as the API has it. */
import { z } from 'zod';
import { nextCursor } from '../../../admin/openapi/views';

export const registrationStatusSchema = z.strictObject({
  id: z.string().describe('Name of the IMS subscription'),
  server: z
    .strictObject({
      name: z.string().describe('S-CSCF name, a SIP URI (TS 29.228 clause 7.4)'),
      diameterHost: z.string().describe('Origin-Host of its last assigning request'),
      diameterRealm: z.string().describe('Origin-Realm of its last assigning request'),
    })
    .nullable()
    .describe('null where no S-CSCF is assigned'),
  reassignmentPending: z.boolean().describe('S-CSCF reassignment pending flag (TS 29.228 clause 3.1)'),
  sets: z
    .array(
      z.strictObject({
        name: z.string(),
        state: z.enum(['notRegistered', 'registered', 'unregistered']),
        profileOutdated: z
          .boolean()
          .describe(
            'No PPR could bring the S-CSCF the present profile; its next SAR will (TS 29.228 clause 6.6)',
          ),
        publicIdentities: z.array(z.string()),
        privateIdentities: z.array(
          z.strictObject({
            identity: z.string(),
            registered: z.boolean(),
            authenticationPendingSince: z.iso.datetime().nullable(),
            restorationInformation: z
              .boolean()
              .describe('Whether S-CSCF restoration information is kept (TS 29.228 clause 7.21)'),
          }),
        ),
      }),
    )
    .describe('Every implicit registration set, in provisioned order'),
  sequenceNumbers: z
    .record(z.string(), z.number().int())
    .describe('Highest SQN given, by private identity and by IMSI of a USIM (TS 33.102 clause C.1.1)'),
});
export type RegistrationStatusView = z.output<typeof registrationStatusSchema>;

const count = z.number().int().min(0);
export const registrationListSchema = z.strictObject({
  counts: z.strictObject({
    registeredSets: count,
    unregisteredSets: count,
    registeredIdentities: count,
    unregisteredIdentities: count,
    subscriptions: count,
  }),
  items: z.array(registrationStatusSchema),
  nextCursor,
});
