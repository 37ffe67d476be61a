/** Which identities may be provisioned. */
import { z } from 'zod';
import { section } from '../fields';

export const identities = section(
  {
    localNumbers: z.enum(['accept', 'refuse']).default('accept').meta({
      description:
        'tel URIs of local numbers without phone-context, such as tel:0711 (RFC 3966 5.1.5); accept takes them with a warning and matches them as they are written',
    }),
  },
  'Identities that are provisioned',
);
