/** Settings of priority, overload and load (TS 29.228 Annexes H, J and K). */
import { z } from 'zod';
import { flag, integer, section } from '../fields';

/** `priorities`: settings of applications, by which their requests go first. */
export const overloadSection = <Priorities extends z.core.$ZodLooseShape>(priorities: Priorities) =>
  section(
    {
      maxInFlightRequests: integer(
        { min: 1, max: 100_000, default: 256 },
        'Requests in work at once; further ones wait, by priority and in turns between peers',
      ),
      maxQueuedRequests: integer(
        { min: 0, max: 100_000, default: 5_000 },
        'Requests that wait, 0 for none; what comes beyond is answered DIAMETER_TOO_BUSY, lowest priority first',
      ),
      maxQueueMs: integer(
        { min: 1, max: 60_000, default: 250 },
        'Who could not be answered within it any more, waiting and in work, gets DIAMETER_TOO_BUSY. Half of it in the queue counts as overload',
      ),
      maxEventLoopDelayMs: integer(
        { min: 5, max: 60_000, default: 100 },
        'The event loop being this late counts as overload',
      ),
      maxRoundTripMs: integer(
        { min: 1, max: 60_000, default: 500 },
        'A round trip to the database of this length counts as overload',
      ),
      trustUnknownPeers: z
        .union([z.literal('auto'), z.boolean()])
        .default('auto')
        .meta({
          description:
            'Believe the priorities of peers that are not in the list `peers` as well; auto believes them only while every listener is on loopback; see peers[].trustPriority',
          allowed: 'auto, true or false',
        }),
      ...priorities,
      overloadReports: z.enum(['none', 'host', 'hostAndRealm']).default('host').meta({
        description:
          'OC-OLR in answers to peers that announce it; hostAndRealm answers requests without Destination-Host with a report for the realm, for an HSS that serves it alone [29.228-H.2]',
      }),
      reportValiditySeconds: integer(
        { min: 1, max: 86_400, default: 30 },
        'OC-Validity-Duration (RFC 7683 7.5)',
      ),
      maxReductionPercent: integer(
        { min: 1, max: 100, default: 90 },
        'Most that OC-Reduction-Percentage asks for (RFC 7683 7.7)',
      ),
      loadReports: flag(true, 'Load AVP of type HOST in every answer [29.228-K.2]'),
    },
    'Priority, overload and load (TS 29.228 Annexes H, J and K)',
  );
