/** The S6a/S6d application as the HSS takes it: TS 29.272 clause 5. The other files are its own business. */
import type { z } from 'zod';
import { VENDOR_3GPP } from '../../diameter/generated/base';
import type { OutboxStore } from '../../outbox/ports';
import type { StateStore } from '../../state/ports';
import type { HssApplication } from '../contract';
import { createS6aApplication } from './application';
import { s6aSettings, type s6a, type S6aPeer } from './config';
import { S6A_APPLICATION_ID } from './generated/s6a';
import { s6aTable } from './generated/s6a-tables';
import { servingNodes } from './state/serving-nodes';

export interface S6aConfig {
  readonly s6a: z.output<typeof s6a>;
  readonly peers: readonly S6aPeer[];
}

export interface S6aStorePorts extends StateStore {
  readonly outbox: OutboxStore;
}

export const s6aApplication: HssApplication<S6aConfig, S6aStorePorts> = {
  name: 's6a',
  state: { modules: [servingNodes] },
  diameter: {
    applicationId: S6A_APPLICATION_ID,
    vendorIds: [VENDOR_3GPP],
    table: s6aTable,
    create: ({ config, secrets }) => ({
      application: createS6aApplication(s6aSettings(config.s6a, config.peers), secrets),
    }),
  },
};
