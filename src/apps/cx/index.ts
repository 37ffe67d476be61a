/** The Cx application as the HSS takes it: TS 29.228 and TS 29.229. The other files are its own business. */
import type { z } from 'zod';
import type { HssApplication } from '../contract';
import type { OutboxStore } from '../../outbox/ports';
import type { CampaignOrders } from '../../state/campaigns';
import type { Database } from '../../state/database';
import type { StateStore } from '../../state/ports';
import type { ProvisioningStore } from '../../subscriber/provisioning';
import { cxAdmin } from './admin';
import { CX_APPLICATION } from './advertised';
import { createCxApplication } from './application';
import { combinesPrivateIdentities, cxFeatures, cxSettings, type cx, type push } from './config';
import { cxFeatureTable } from './feature-table';
import { cxTable } from './generated/cx-tables';
import { cxLimits } from './limits';
import { cxMetrics } from './metrics';
import { configuredCxKinds } from './outgoing/configured-kinds';
import { cxReturnCommands } from './outgoing/kinds';
import type { CxPriorities } from './priorities';
import { ServerFeatures } from './outgoing/server-features';
import { forgettingCampaigns, sharedSetCampaigns } from './reactions/campaigns';
import { registrationReaction } from './reactions/document';
import { registration } from './state/registration';
import type { ServingNodePort } from './serving-nodes';
import { createCxStore } from './store';

export interface CxConfig {
  readonly cx: z.output<typeof cx>;
  readonly push: z.output<typeof push>;
  readonly overload: CxPriorities;
  readonly metrics: { readonly countsMaxAgeSeconds: number };
}

export interface CxStorePorts extends StateStore, ProvisioningStore {
  readonly outbox: OutboxStore;
  readonly database: Database;
  readonly campaigns: CampaignOrders;
}

/** `servingNodes`: what another application knows of the nodes that serve a user in the access network. */
export const createCx = (servingNodes: ServingNodePort): HssApplication<CxConfig, CxStorePorts> => ({
  name: 'cx',
  state: {
    head: registration,
    documentReactions: [registrationReaction],
    campaignReactions: [sharedSetCampaigns, forgettingCampaigns],
  },
  diameter: {
    ...CX_APPLICATION,
    table: cxTable,
    textBounds: cxLimits.receivedTextOctets,
    returnCommands: cxReturnCommands,
    create: ({ config, store, secrets, clock, logger, ...ports }) => {
      const application = createCxApplication(
        cxSettings(config.cx, config.overload),
        cxFeatures(config.cx),
        secrets,
        servingNodes,
      );
      const features = new ServerFeatures(store.outbox, cxFeatureTable, clock, logger);
      const kinds = configuredCxKinds(config, {
        ...ports,
        store,
        secrets,
        offer: { table: cxFeatureTable, enabled: cxFeatures(config.cx) },
        features,
        clock,
      });
      return {
        application,
        outgoing: new Map(kinds),
        observe: features.observe,
        refresh: () => features.refresh(),
      };
    },
  },
  admin: ({ config, store, wake, reactions }) => {
    const { registrations, assignedServers } = createCxStore(store);
    return cxAdmin({
      store,
      registrations,
      pushes: {
        outbox: store.outbox,
        assignedServers,
        store,
        combinesPrivateIdentities: combinesPrivateIdentities(config.push),
        wake,
        reactions,
      },
    });
  },
  metrics: ({ config, store, logger }) =>
    cxMetrics({
      counts: () => createCxStore(store()).registrations.counts(),
      countsMaxAgeSeconds: config.metrics.countsMaxAgeSeconds,
      logger,
    }),
});
