/**
 * Which entry counts for a piece of equipment [29.272-6.2.1.3]: that of the IMEI with its software version, else
 * that of the IMEI, else the range or TAC with the fewest IMEIs, a range before a TAC of the same size.
 */
import type { KeyedModule } from '../../../state/keyed-module';
import type { EquipmentEntry, EquipmentStatusName } from '../equipment/entry';
import type { EquipmentKey } from '../equipment/imei';

const statement = `
  select i.n, e.value, e.status, e.note
  from unnest($1::text[], $2::text[]) with ordinality as i (imei, software_version, n)
  cross join lateral (
    select x.value, x.status, x.note from (
      select 1 as rank, v.* from shared_equipment v where v.value = i.imei || i.software_version
      union all
      select 2, v.* from shared_equipment v where v.value = i.imei
      union all
      select * from (
        select 3, s.* from shared_equipment s where s.imeis @> i.imei::bigint
        order by upper(s.imeis) - lower(s.imeis), length(s.value) desc, s.value limit 1) narrowest) x
    order by x.rank limit 1) e`;

type Row = [n: number, value: string, status: EquipmentStatusName, note: string | null];

export const entryOf = (value: string, status: EquipmentStatusName, note: string | null): EquipmentEntry => ({
  value,
  status,
  ...(note === null ? {} : { note }),
});

/** For decisions: the entry that counts, null where none is about the equipment. */
export const equipmentCheck: KeyedModule<EquipmentKey, EquipmentEntry | null> = {
  name: 'equipment',
  find: async (execute, keys) => {
    const rows = (await execute({
      name: 'hss_equipment_check',
      text: statement,
      values: [keys.map(({ imei }) => imei), keys.map(({ softwareVersion }) => softwareVersion ?? null)],
    })) as Row[];
    const found = new Map(rows.map(([n, value, status, note]) => [n - 1, entryOf(value, status, note)]));
    return keys.map((_, i) => found.get(i) ?? null);
  },
};
