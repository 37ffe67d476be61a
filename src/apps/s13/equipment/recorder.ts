/** Records who uses which equipment, for the applications whose requests tell it: S13 and S6a. */
import type { Notifier } from '../../../diameter/dispatch/contract';
import type { EquipmentUse, EquipmentUses } from './ports';

/** Stores the uses that decisions tell of. */
export const recorderOf = (uses: Pick<EquipmentUses, 'record'>): Notifier => ({
  notify: (use) => uses.record(use as EquipmentUse),
  failure: (use) => {
    const { imsi, imei, peer } = use as EquipmentUse;
    return { what: 'the use of a piece of equipment is not recorded', fields: { imsi, imei, peer } };
  },
});
