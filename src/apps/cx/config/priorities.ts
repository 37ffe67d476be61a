/** Settings of Cx in the section `overload`: which requests go first that carry no DRMP. */
import { z } from 'zod';
import { priorityLevel } from '../../../config/fields';

export const cxPriorities = {
  emergencyPriority: priorityLevel(
    0,
    'Priority of a UAR for an emergency registration without DRMP, 0 first to 15 last; 10 is that of requests that say nothing [29.228-J.2.3]',
  ),
  sessionPriorities: z
    .array(
      z
        .number()
        .int()
        .min(0)
        .max(15)
        .meta({ description: 'A priority', allowed: 'a whole number from 0 to 15' }),
    )
    .length(5)
    .default([0, 2, 4, 6, 8])
    .meta({
      description: 'Priorities of requests with Session-Priority 0 to 4 and without DRMP [29.229-6.3.56]',
    }),
};
