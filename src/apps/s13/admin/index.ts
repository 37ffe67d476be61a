/** What S13 brings to the HTTP API: the equipment table, and who used which equipment [29.272-6.2]. */
import type { AdminPart } from '../../../admin/contract';
import { listOf } from '../../../admin/openapi/views';
import { equipmentEntry } from '../equipment/entry';
import type { EquipmentProvisioning, EquipmentUses } from '../equipment/ports';
import { equipmentRoutes } from './entries';
import { equipmentRecords } from './import';
import { useRoutes, useSchema } from './uses';

export interface S13AdminPorts {
  readonly equipment: EquipmentProvisioning;
  readonly equipmentUses: Pick<EquipmentUses, 'list'>;
}

/** `useRetentionDays`: older uses are not shown, though some may not be deleted yet. */
export const s13Admin = (
  { equipment, equipmentUses }: S13AdminPorts,
  useRetentionDays: number,
): AdminPart => ({
  tags: [
    {
      name: 'Equipment',
      description: 'The equipment identity register (EIR): lists of mobile equipment (TS 29.272 clause 6)',
    },
  ],
  schemas: {
    Equipment: equipmentEntry,
    EquipmentList: listOf(equipmentEntry),
    EquipmentUseList: listOf(useSchema),
  },
  routes: [...equipmentRoutes(equipment), ...useRoutes(equipmentUses, useRetentionDays)],
  records: [equipmentRecords(equipment)],
});
