/** `hss equipment ...`: the equipment table of the EIR and who used what, through the HTTP API [29.272-6]. */
import { Option, type Command } from 'commander';
import type { ApiResponse } from '../../../cli/api-client';
import { positiveInteger } from '../../../cli/arguments';
import type { CommandContext, RegisterCommand } from '../../../cli/context';
import { CommandError, exitStatus } from '../../../cli/exit-status';
import { fields, table, type Cell } from '../../../cli/table';
import { equipmentStatuses, formerListNames, kindOf, type EquipmentEntry } from '../equipment/entry';
import { IMEISV_DIGITS, imeiOf, isSoftwareVersion } from '../equipment/imei';
import { registerEquipmentImport } from './import';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}
interface ListOptions {
  readonly limit: number;
  readonly all?: boolean;
}
interface UseView {
  readonly imsi: string;
  readonly imei: string;
  readonly softwareVersion?: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly peer: string;
}

const PAGE_ITEMS_COUNT = 1_000;
const DEFAULT_LIST_COUNT = 100;
const COLLECTION = '/v1/equipment/entries';
const pathOf = (value: string): string => `${COLLECTION}/${encodeURIComponent(value)}`;
const about = 'TAC (8 digits), IMEI (14 or 15), IMEISV (16) or range <IMEI>-<IMEI>';

export const registerEquipment: RegisterCommand = (program, context) => {
  const equipment = program
    .command('equipment')
    .description(`lists of mobile equipment (EIR): ${formerListNames}`);
  registerChanges(equipment, context);
  registerShow(equipment, context);
  registerLists(equipment, context);
  registerEquipmentImport(equipment, context);
};

/** An IMEI with --software-version is an IMEISV. */
function valueOf(value: string, softwareVersion: string | undefined): string {
  if (softwareVersion === undefined) return value;
  const imei = imeiOf(value);
  if (imei === null || !isSoftwareVersion(softwareVersion))
    throw new CommandError('--software-version takes 2 digits, and goes with an IMEI', exitStatus.usage);
  return imei + softwareVersion;
}

function registerChanges(equipment: Command, context: CommandContext): void {
  equipment
    .command('add <value>')
    .description(`create or replace an entry: ${about}`)
    .addOption(
      new Option('--status <status>', formerListNames).choices(equipmentStatuses).makeOptionMandatory(),
    )
    .option('--software-version <digits>', 'only this software version of the IMEI')
    .option('--note <text>', 'for people, such as why')
    .action(
      async (
        value: string,
        options: { readonly status: string; readonly softwareVersion?: string; readonly note?: string },
      ) => {
        const name = valueOf(value, options.softwareVersion);
        const response = await context.api().call<EquipmentEntry>('PUT', pathOf(name), {
          json: { value: name, status: options.status, note: options.note },
        });
        const result = response.status === 201 ? 'created' : 'replaced';
        const { body, etag } = response;
        context.print(
          { value: body.value, result, etag, document: body },
          () => `${kindOf(body.value)} ${body.value} ${result}: ${body.status}`,
        );
      },
    );
  equipment
    .command('remove <value>')
    .description(`delete an entry: ${about}`)
    .option('--software-version <digits>', 'the entry for this software version of the IMEI')
    .action(async (value: string, { softwareVersion }: { readonly softwareVersion?: string }) => {
      const name = valueOf(value, softwareVersion);
      await context.api().call<unknown>('DELETE', pathOf(name));
      context.print({ value: name, result: 'deleted' }, () => `equipment entry ${name} deleted`);
    });
}

function registerShow(equipment: Command, context: CommandContext): void {
  equipment
    .command('show <imei>')
    .description('the entry that counts for a piece of equipment: its IMEI (14 or 15 digits) or IMEISV (16)')
    .option('--software-version <digits>', 'its software version')
    .action(async (text: string, options: { readonly softwareVersion?: string }) => {
      const isImeisv = text.length === IMEISV_DIGITS;
      const softwareVersion = isImeisv ? text.slice(-2) : options.softwareVersion;
      const { body } = await context.api().call<EquipmentEntry>('GET', '/v1/equipment/status', {
        query: { imei: isImeisv ? text.slice(0, -2) : text, softwareVersion },
      });
      context.print(body, () =>
        fields([
          ['status', body.status],
          ['by', `${kindOf(body.value)} ${body.value}`],
          ['note', body.note],
        ]),
      );
    });
}

function registerLists(equipment: Command, context: CommandContext): void {
  withLimits(equipment.command('list').description('list entries'))
    .addOption(new Option('--status <status>', 'only entries with this status').choices(equipmentStatuses))
    .action(async (options: ListOptions & { readonly status?: string }) => {
      const { status } = options;
      const { items, more } = await listed<EquipmentEntry>(context, COLLECTION, { status }, options);
      const rows = items.map((item): Cell[] => [kindOf(item.value), item.value, item.status, item.note]);
      context.print(
        items,
        () => table(['KIND', 'VALUE', 'STATUS', 'NOTE'], rows, 'No equipment entries.') + more,
      );
    });
  withLimits(equipment.command('uses').description('who used which equipment when, the last used first'))
    .option('--imsi <imsi>', 'equipment of this user')
    .option('--imei <imei>', 'users of this equipment')
    .action(async (options: ListOptions & { readonly imsi?: string; readonly imei?: string }) => {
      const { imsi, imei } = options;
      if (imsi === undefined && imei === undefined)
        throw new CommandError('one of --imsi and --imei is needed', exitStatus.usage);
      const { items, more } = await listed<UseView>(context, '/v1/equipment/uses', { imsi, imei }, options);
      const rows = items.map((use): Cell[] => [
        use.imsi,
        use.imei,
        use.softwareVersion,
        use.firstAt,
        use.lastAt,
        use.peer,
      ]);
      const empty = 'No recorded uses (s13.recordUse says whether they are recorded).';
      context.print(
        items,
        () => table(['IMSI', 'IMEI', 'SOFTWARE', 'FIRST', 'LAST', 'PEER'], rows, empty) + more,
      );
    });
}

const withLimits = (command: Command): Command =>
  command
    .option('--limit <count>', 'most entries', positiveInteger, DEFAULT_LIST_COUNT)
    .option('--all', 'every entry');

/** The items of as many pages as are asked for, and the line that says where there are more. */
async function listed<Item>(
  context: CommandContext,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  { limit, all }: ListOptions,
): Promise<{ readonly items: readonly Item[]; readonly more: string }> {
  const api = context.api();
  const most = all === true ? Number.POSITIVE_INFINITY : limit;
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const { body }: ApiResponse<Page<Item>> = await api.call<Page<Item>>('GET', path, {
      query: {
        ...query,
        limit: Math.min(PAGE_ITEMS_COUNT, most - items.length),
        cursor: cursor ?? undefined,
      },
    });
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null && items.length < most);
  const more = cursor === null ? '' : `\n(the first ${items.length}; --limit or --all shows more)`;
  return { items, more };
}
