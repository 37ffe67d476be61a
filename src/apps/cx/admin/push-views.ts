/** RTR, PPR, campaigns and S-CSCFs as the API has them. */
import { z } from 'zod';
import { campaignActions, campaignKinds } from '../outgoing/campaigns';
import { deregistrationReasonCodes, profileParts, pushOutcomes, registrationEffects } from '../outgoing/push';

export const pushSchema = z.strictObject({
  id: z.number().int(),
  subscription: z.string().nullable().describe('id of the IMS subscription, also after its deletion'),
  command: z
    .enum(['RTR', 'PPR'])
    .describe('Registration-Termination or Push-Profile (TS 29.228 clauses 6.1.3 and 6.2.2)'),
  cause: z
    .enum(['manual', 'provisioning', 'serverReplaced', 'pushFailed', 'remaining'])
    .describe('Why the HSS started it'),
  destinationHost: z.string().describe('Diameter host of the S-CSCF'),
  reasonCode: z.enum(deregistrationReasonCodes).nullable().describe('RTR only'),
  reasonInfo: z.string().nullable().describe('RTR only: text for the user'),
  privateIdentities: z
    .array(z.string())
    .describe('RTR: those that are de-registered; PPR: whose digest credential it carries'),
  sets: z.array(z.string()).describe('Implicit registration sets'),
  parts: z.array(z.enum(profileParts)).describe('PPR only: what it carries'),
  createdAt: z.iso.datetime(),
  attempts: z.number().int(),
  nextAttemptAt: z.iso.datetime().nullable().describe('null when it is done with'),
  completedAt: z.iso
    .datetime()
    .nullable()
    .describe('null while it waits for a connection, an answer or another attempt'),
  outcome: z.enum(pushOutcomes).nullable(),
  detail: z.string().nullable().describe('The result by name, or why there is none yet'),
  registrationEffect: z
    .enum(registrationEffects)
    .nullable()
    .describe(
      'RTR: what became of the registrations that it is about, whatever its outcome; kept and partlyCleared where some are left, or were made anew. null while it is open, and for PPR',
    ),
});
export type PushEntryView = z.output<typeof pushSchema>;

export const pushCampaignSchema = z.strictObject({
  id: z.number().int(),
  kind: z.enum(campaignKinds).describe('The kind of the shared set, or scscf'),
  name: z.string().describe('The shared set that was changed, or the S-CSCF name that is forgotten'),
  action: z
    .enum(campaignActions)
    .describe(
      'PPR for each registered set that uses it, or RTR with SERVER_CHANGE; forget clears the state as well',
    ),
  createdAt: z.iso.datetime(),
  total: z.number().int().nullable().describe('Subscriptions to go through; null until it began'),
  done: z.number().int().describe('Of them gone through'),
  written: z.number().int().describe('RTR and PPR written; GET /v1/pushes has them'),
  completedAt: z.iso.datetime().nullable(),
  superseded: z.boolean().describe('Ended by a newer change of the same set'),
});
export type PushCampaignView = z.output<typeof pushCampaignSchema>;

const reasonInfoCharacters = 1_024;
export const deregistrationSchema = z.strictObject({
  now: z
    .boolean()
    .optional()
    .describe(
      'Clear the state at once, pending authentications included, without waiting for the S-CSCF; the RTR is sent if it can be',
    ),
  reasonCode: z
    .enum(deregistrationReasonCodes)
    .optional()
    .describe('PERMANENT_TERMINATION when absent, REMOVE_S-CSCF where nothing is registered'),
  reasonInfo: z
    .string()
    .min(1)
    .max(reasonInfoCharacters)
    .optional()
    .describe('Text that the S-CSCF may forward to the user'),
  privateIdentities: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Only these private identities; all when absent'),
  publicIdentities: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Only the implicit registration sets of these; all when absent'),
});
export const profilePushSchema = z.strictObject({
  parts: z
    .array(z.enum(profileParts))
    .min(1)
    .optional()
    .describe('All but the digest credential when absent'),
  publicIdentities: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Only the implicit registration sets of these; all when absent'),
});

const clearedSchema = z
  .strictObject({
    server: z
      .string()
      .nullable()
      .describe(
        'S-CSCF name that is assigned no longer; null where another set needs it, or none was assigned',
      ),
    sets: z
      .array(
        z.strictObject({
          name: z.string(),
          state: z.enum(['notRegistered', 'registered', 'unregistered']).describe('Before'),
          privateIdentities: z
            .array(z.string())
            .describe('Those that were registered with it or being authenticated, and are no longer'),
        }),
      )
      .describe('Implicit registration sets in which something was cleared'),
  })
  .describe('What was cleared at once');
export type ClearedView = z.output<typeof clearedSchema>;

export const deregistrationResultSchema = z.strictObject({
  items: z.array(pushSchema).describe('The RTRs; none where only a name or an authentication was cleared'),
  cleared: clearedSchema.nullable().describe('null without "now"'),
});
export type DeregistrationResultView = z.output<typeof deregistrationResultSchema>;

export const scscfSchema = z.strictObject({
  name: z.string().describe('S-CSCF name, a SIP URI (TS 29.228 clause 7.4)'),
  diameterHost: z.string().describe('Origin-Host of its last assigning requests'),
  diameterRealm: z.string(),
  subscriptions: z.number().int().describe('Subscriptions that it is assigned to'),
  active: z.number().int().describe('Of them, those with a set that is registered or unregistered'),
});
export type ScscfView = z.output<typeof scscfSchema>;

const scscfNameCharacters = 2_048;
export const forgettingSchema = z.strictObject({
  name: z.string().min(1).max(scscfNameCharacters).describe('S-CSCF name as GET /v1/scscfs has it'),
});
