/** What S13 brings to the command line [29.272-6]. */
import type { CliPart } from '../../../cli/contract';
import { equipmentEntry } from '../equipment/entry';
import { s13Table } from '../generated/s13-tables';
import { registerEquipment } from './equipment';

export const s13Cli: CliPart = {
  operations: [],
  provisioning: [registerEquipment],
  records: { equipment: equipmentEntry },
  tables: [s13Table],
};
