/** Settings of RTR and PPR [29.228-6.1.3] [29.228-6.2.2]. */
import { z } from 'zod';
import { diameterIdentity, integer, priorityLevel, section } from '../../../config/fields';

const pushPolicy = {
  profileUpdates: z.enum(['ppr', 'rtr']).meta({
    description:
      'rtr for S-CSCFs that do not implement PPR: their subscribers are moved with SERVER_CHANGE where their profile changes [29.228-6.2.2.1]',
  }),
  afterNoAnswer: z.enum(['nothing', 'rtr']).meta({
    description: 'rtr follows a PPR that stays without an answer with a SERVER_CHANGE [29.228-6.2.2.1]',
  }),
  listPublicIdentities: z.boolean().meta({
    description:
      'List every Public-Identity in RTR; without it only where the clause demands it [29.228-6.1.3.1]',
  }),
  combinePrivateIdentities: z.boolean().meta({
    description:
      'One RTR for all private identities, with Associated-Identities and no Public-Identity; by default one RTR for each private identity [29.228-6.1.3.1]',
  }),
};

export const push = section(
  {
    answerTimeoutMs: integer({ min: 100, max: 60_000, default: 5_000 }, 'Wait for each RTA and PPA'),
    maxAttemptCount: integer(
      { min: 1, max: 100, default: 4 },
      'Attempts at one RTR or PPR while no final answer comes',
    ),
    retryMinMs: integer(
      { min: 10, max: 600_000, default: 1_000 },
      'Wait after the first attempt; it doubles from there',
    ),
    retryMaxMs: integer({ min: 10, max: 3_600_000, default: 30_000 }, 'Longest wait between attempts'),
    giveUpSeconds: integer(
      { min: 1, max: 604_800, default: 3_600 },
      'A request whose S-CSCF no instance can reach is given up after this; the state changes as if it had been answered',
    ),
    pollMs: integer(
      { min: 20, max: 60_000, default: 500 },
      'How often requests that other instances caused or left behind are looked for',
    ),
    maxPerServerAndSecondCount: integer(
      { min: 1, max: 100_000, default: 100 },
      'Requests a second to one S-CSCF, of this instance',
    ),
    maxInFlightPerServerCount: integer(
      { min: 1, max: 10_000, default: 50 },
      'Unanswered requests at one S-CSCF, of this instance',
    ),
    fanOutPerSecondCount: integer(
      { min: 1, max: 100_000, default: 100 },
      'Subscriptions a second that changes of shared sets and orders to forget an S-CSCF go through, all of them and all instances together',
    ),
    terminationPriority: priorityLevel(
      10,
      'DRMP of RTR, 0 first to 15 last; not sent when it is 10, which is what its absence means [29.228-J.2.3]',
    ),
    profilePriority: priorityLevel(
      10,
      'DRMP of PPR, 0 first to 15 last; not sent when it is 10, which is what its absence means [29.228-J.2.3]',
    ),
    keepOutcomesSeconds: integer(
      { min: 1, max: 31_536_000, default: 604_800 },
      'How long outcomes can be looked at, and finished changes of shared sets',
    ),
    keepOutcomesMaxCount: integer(
      { min: 1_000, max: 100_000_000, default: 1_000_000 },
      'Outcomes kept at most; the oldest go first, looked at once a minute',
    ),
    profileUpdates: pushPolicy.profileUpdates.default('ppr'),
    afterNoAnswer: pushPolicy.afterNoAnswer.default('nothing'),
    listPublicIdentities: pushPolicy.listPublicIdentities.default(true),
    combinePrivateIdentities: pushPolicy.combinePrivateIdentities.default(false),
    servers: z
      .array(
        section(
          {
            identity: diameterIdentity({ description: 'Origin-Host of the S-CSCF' }),
            profileUpdates: pushPolicy.profileUpdates.optional(),
            afterNoAnswer: pushPolicy.afterNoAnswer.optional(),
            listPublicIdentities: pushPolicy.listPublicIdentities.optional(),
            combinePrivateIdentities: pushPolicy.combinePrivateIdentities.optional(),
          },
          'An S-CSCF that is treated otherwise',
        ),
      )
      .max(10_000)
      .default([])
      .meta({ description: 'S-CSCFs that are treated otherwise' }),
  },
  'Requests of our own, RTR and PPR [29.228-6.1.3] [29.228-6.2.2]',
);
