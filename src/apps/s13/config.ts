/** Settings of S13, the equipment identity register (EIR) [29.272-6]. */
import { z } from 'zod';
import type { ConfigPart } from '../../config/contract';
import { flag, integer, section } from '../../config/fields';
import { equipmentStatuses } from './equipment/entry';

/** Nodes that send commands of S13 and S13' [29.272-6.1]. */
export const s13Roles = ['mme', 'sgsn'] as const;

export const s13 = section(
  {
    enabled: flag(
      true,
      'Whether S13 is served, and named in CER and CEA; the equipment table can be provisioned in any case',
    ),
    unknownEquipment: z
      .enum(['unknown', ...equipmentStatuses])
      .default('unknown')
      .meta({
        description:
          'What is said of equipment that no entry is about: DIAMETER_ERROR_EQUIPMENT_UNKNOWN (5422), or success with this Equipment-Status [29.272-6.2.1.3]',
      }),
    recordUse: flag(
      false,
      'Record which IMSI used which IMEI and software version, first and last time, and the peer that said it. These are personal data, so nothing is recorded unless asked for',
    ),
    useRetentionDays: integer(
      { min: 1, max: 3_650, default: 90 },
      'Days after its last time that a recorded use is deleted',
    ),
  },
  'The equipment identity register (EIR), S13',
);

export interface S13Config {
  readonly s13: z.output<typeof s13>;
}

export const s13Config: ConfigPart<S13Config> = { peerRoles: s13Roles };
