/** `hss registrations`: who is registered, or served unregistered, and at which S-CSCF. */
import { Option } from 'commander';
import type { RegistrationStatusView } from '../admin/registration-views';
import type { RegistrationCounts } from '../store/registrations';
import type { ApiResponse } from '../../../cli/api-client';
import type { CommandContext, RegisterCommand } from '../../../cli/context';
import { table } from '../../../cli/table';
import { positiveInteger } from '../../../cli/arguments';

interface Options {
  readonly state?: string;
  readonly limit: number;
}

interface RegistrationPage {
  readonly counts: RegistrationCounts;
  readonly items: readonly RegistrationStatusView[];
  readonly nextCursor: string | null;
}

const pageEntriesCount = 500;
const defaultShownCount = 200;

export const registerRegistrations: RegisterCommand = (program, context) => {
  program
    .command('registrations')
    .description('who is registered or served unregistered, and at which S-CSCF')
    .addOption(new Option('--state <state>', 'only this state').choices(['registered', 'unregistered']))
    .option('--limit <count>', 'most subscriptions', positiveInteger, defaultShownCount)
    .action((options: Options) => listRegistrations(context, options));
};

async function listRegistrations(context: CommandContext, options: Options): Promise<void> {
  const api = context.api();
  const items: RegistrationStatusView[] = [];
  let counts: RegistrationCounts | null = null;
  let cursor: string | null = null;
  do {
    const { body }: ApiResponse<RegistrationPage> = await api.call<RegistrationPage>(
      'GET',
      '/v1/registrations',
      {
        query: { state: options.state, limit: pageEntriesCount, cursor: cursor ?? undefined },
      },
    );
    counts = body.counts;
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null && items.length < options.limit);
  const shown = items.slice(0, options.limit);
  context.print({ counts, items: shown }, () => {
    const rows = shown.flatMap((item) =>
      item.sets
        .filter((set) =>
          options.state === undefined ? set.state !== 'notRegistered' : set.state === options.state,
        )
        .map((set) => [
          item.id,
          set.name,
          set.state,
          set.publicIdentities[0],
          item.server?.name,
          set.privateIdentities
            .filter((entry) => entry.registered)
            .map((entry) => entry.identity)
            .join(', ') || '-',
        ]),
    );
    const summary =
      counts === null
        ? ''
        : `\n\n${counts.registeredSets} sets registered, ${counts.unregisteredSets} unregistered, ${counts.subscriptions} subscriptions`;
    return (
      table(
        ['ID', 'SET', 'STATE', 'FIRST IDENTITY', 'S-CSCF', 'REGISTERED WITH'],
        rows,
        'Nobody is registered.',
      ) + summary
    );
  });
}
