/** What Cx brings to the HTTP API: registrations, RTR and PPR, S-CSCFs. */
import { z } from 'zod';
import type { AdminPart } from '../../../admin/contract';
import { listOf } from '../../../admin/openapi/views';
import type { ProvisioningStore } from '../../../subscriber/provisioning';
import type { Registrations } from '../store/registrations';
import { pushOrderRoutes, type PushPorts } from './push-orders';
import {
  deregistrationResultSchema,
  deregistrationSchema,
  forgettingSchema,
  profilePushSchema,
  pushCampaignSchema,
  pushSchema,
  scscfSchema,
} from './push-views';
import { pushRoutes } from './pushes';
import { registrationListSchema, registrationStatusSchema } from './registration-views';
import { registrationRoutes } from './registrations';
import { scscfRoutes } from './scscfs';

export interface CxAdminPorts {
  readonly store: ProvisioningStore;
  readonly registrations: Registrations;
  /** RTR and PPR; without it the API has no routes for them. */
  readonly pushes?: PushPorts;
}

export const cxAdmin = ({ store, registrations, pushes }: CxAdminPorts): AdminPart => ({
  tags: [
    {
      name: 'Pushes',
      description: 'Requests of the HSS to S-CSCFs: RTR and PPR (TS 29.228 clauses 6.1.3 and 6.2.2)',
    },
  ],
  schemas: {
    RegistrationStatus: registrationStatusSchema,
    RegistrationList: registrationListSchema,
    Push: pushSchema,
    PushList: listOf(pushSchema),
    PushCampaignList: z.strictObject({ items: z.array(pushCampaignSchema) }),
    PushCampaign: pushCampaignSchema,
    Scscf: scscfSchema,
    ScscfList: z.strictObject({ items: z.array(scscfSchema) }),
    ScscfForgetting: forgettingSchema,
    Deregistration: deregistrationSchema,
    DeregistrationResult: deregistrationResultSchema,
    ProfilePush: profilePushSchema,
  },
  routes: [
    ...registrationRoutes(store, registrations),
    ...(pushes === undefined
      ? []
      : [...pushOrderRoutes(store, pushes), ...pushRoutes(pushes.outbox), ...scscfRoutes(pushes)]),
  ],
  records: [],
});
