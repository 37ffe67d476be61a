/** The S6a/S6d application as the HSS takes it: TS 29.272 clause 5. The other files are its own business. */
import type { z } from 'zod';
import { VENDOR_3GPP } from '../../diameter/generated/base';
import type { OutboxStore } from '../../outbox/ports';
import type { Database } from '../../state/database';
import type { StateStore } from '../../state/ports';
import type { ProvisioningStore } from '../../subscriber/provisioning';
import type { HssApplication } from '../contract';
import { s6aAdmin } from './admin';
import { createS6aApplication } from './application';
import { s6aPriorities, s6aSettings, s6a, type S6aPeer } from './config';
import { s6aOutgoingKinds, s6aReturnCommands } from './outgoing/kinds';
import { S6A_APPLICATION_ID } from './generated/s6a';
import { s6aTable } from './generated/s6a-tables';
import { s6aMetrics } from './metrics';
import { servingNodeReactions } from './reactions';
import { servingNodes } from './state/serving-nodes';
import { createAttachmentStore, type AttachmentStore } from './store/attachments';
import { createDestinations } from './store/destinations';

export { pcscfRestoration } from './pcscf-restoration';

export interface S6aConfig {
  readonly s6a: z.output<typeof s6a>;
  readonly peers: readonly S6aPeer[];
  readonly metrics: { readonly countsMaxAgeSeconds: number };
}

export interface S6aStorePorts extends StateStore, ProvisioningStore {
  readonly outbox: OutboxStore;
  readonly database: Database;
}

export const s6aApplication: HssApplication<S6aConfig, S6aStorePorts> = {
  name: 's6a',
  state: {
    modules: [servingNodes],
    ...servingNodeReactions(s6aSettings(s6a.parse({}))),
    configured: (config) => servingNodeReactions(s6aSettings(config.s6a)),
  },
  diameter: {
    applicationId: S6A_APPLICATION_ID,
    vendorIds: [VENDOR_3GPP],
    table: s6aTable,
    returnCommands: s6aReturnCommands,
    create: ({ config, secrets, store, clock, dictionary, node }) => {
      const settings = s6aSettings(config.s6a, config.peers);
      const priorities = s6aPriorities(config.s6a);
      return {
        application: createS6aApplication(settings, secrets),
        outgoing: new Map(s6aOutgoingKinds({ store, clock, dictionary, node, settings, priorities })),
      };
    },
  },
  admin: ({ store, wake, reactions }) =>
    s6aAdmin({
      outbox: store.outbox,
      store,
      destinations: createDestinations(store.database),
      attachments: createAttachmentStore(store.database),
      wake,
      reactions,
    }),
  metrics: ({ config, store, logger }) => {
    let attachments: AttachmentStore | undefined;
    return s6aMetrics({
      counts: () => (attachments ??= createAttachmentStore(store().database)).counts(),
      countsMaxAgeSeconds: config.metrics.countsMaxAgeSeconds,
      logger,
    });
  },
};
