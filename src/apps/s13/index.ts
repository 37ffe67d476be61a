/** S13 and S13', the equipment identity register, as the HSS takes it [29.272-6]. */
import type { HssApplication } from '../contract';
import type { Notifier } from '../../diameter/dispatch/contract';
import { VENDOR_3GPP } from '../../diameter/generated/base';
import { s6aTable } from '../s6a/generated/s6a-tables';
import { s13Admin } from './admin';
import { s13Roles, type S13Config } from './config';
import type { EquipmentProvisioning, EquipmentUse, EquipmentUses } from './equipment/ports';
import { ExperimentalResultCode, S13_APPLICATION_ID } from './generated/s13';
import { s13Table } from './generated/s13-tables';
import { createMeIdentityCheckHandler } from './me-identity-check';
import { EquipmentMetrics } from './metrics';

export interface S13StorePorts {
  readonly equipment: EquipmentProvisioning;
  readonly equipmentUses: EquipmentUses;
}

const ME_IDENTITY_CHECK = 324;

export const s13Application: HssApplication<S13Config, S13StorePorts> = {
  name: 's13',
  diameter: {
    applicationId: S13_APPLICATION_ID,
    vendorIds: [VENDOR_3GPP],
    table: s13Table,
    usedTables: [s6aTable],
    isServed: ({ s13 }) => s13.enabled,
    create: ({ config: { s13 }, store: { equipmentUses } }) => ({
      application: {
        applicationId: S13_APPLICATION_ID,
        vendorId: VENDOR_3GPP,
        name: 'S13',
        experimentalResults: ExperimentalResultCode,
        usualPeerRoles: s13Roles,
        offers: [],
        omitsVendorSpecificApplicationId: true,
        handlers: new Map([[ME_IDENTITY_CHECK, createMeIdentityCheckHandler(s13)]]),
        notifier: recorderOf(equipmentUses),
      },
      // Also where nothing is recorded any more.
      refresh: () => equipmentUses.forget(s13.useRetentionDays),
    }),
  },
  admin: ({ config, store }) => s13Admin(store, config.s13.useRetentionDays),
  metrics: () => new EquipmentMetrics(),
};

/** Stores the uses that decisions tell of. */
const recorderOf = (uses: Pick<EquipmentUses, 'record'>): Notifier => ({
  notify: (use) => uses.record(use as EquipmentUse),
  failure: (use) => {
    const { imsi, imei, peer } = use as EquipmentUse;
    return { what: 'the use of a piece of equipment is not recorded', fields: { imsi, imei, peer } };
  },
});
