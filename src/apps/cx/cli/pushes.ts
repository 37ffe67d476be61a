/** `hss pushes`: RTR and PPR on their way, their outcomes, and their end by hand. */
import type { PushEntryView } from '../admin/push-views';
import type { ApiResponse } from '../../../cli/api-client';
import type { CommandContext, RegisterCommand } from '../../../cli/context';
import { CommandError, exitStatus } from '../../../cli/exit-status';
import { fields, table } from '../../../cli/table';
import { positiveInteger } from '../../../cli/arguments';

interface ListOptions {
  readonly subscription?: string;
  readonly host?: string;
  readonly open?: boolean;
  readonly limit: number;
}

const pageEntriesCount = 500;
const defaultListCount = 100;

export const registerPushes: RegisterCommand = (program, context) => {
  const pushes = program.command('pushes').description('RTR and PPR on their way: list, show, cancel');
  pushes
    .command('list')
    .description('the newest first, with their outcomes')
    .option('--subscription <id>', 'only those of this subscription, also after its deletion')
    .option('--host <host>', 'only those to this Diameter host')
    .option('--open', 'only those that have no outcome yet')
    .option('--limit <count>', 'most entries', positiveInteger, defaultListCount)
    .action((options: ListOptions) => list(context, options));
  pushes
    .command('show <push>')
    .description('one of them, by its number')
    .action(async (push: string) => {
      const { body } = await context.api().call<PushEntryView>('GET', `/v1/pushes/${numberOf(push)}`);
      context.print(body, () => details(body));
    });
  pushes
    .command('cancel <push...>')
    .description('do not send these; the registration state stays ("hss deregister --now" clears it)')
    .action(async (numbers: string[]) => {
      const api = context.api();
      const items: PushEntryView[] = [];
      for (const push of numbers.map(numberOf))
        items.push((await api.call<PushEntryView>('POST', `/v1/pushes/${push}/cancel`, { json: {} })).body);
      context.print({ items }, () => items.map(({ id }) => `push ${id} is cancelled`).join('\n'));
    });
};

function numberOf(text: string): string {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new CommandError(`"${text}" is no number of a push`, exitStatus.usage);
  return text;
}

async function list(
  context: CommandContext,
  { subscription, host, open, limit }: ListOptions,
): Promise<void> {
  const api = context.api();
  const items: PushEntryView[] = [];
  let cursor: string | null = null;
  do {
    const { body }: ApiResponse<{ items: PushEntryView[]; nextCursor: string | null }> = await api.call(
      'GET',
      '/v1/pushes',
      {
        query: {
          subscription,
          destinationHost: host,
          open: open === true ? 'true' : undefined,
          limit: Math.min(pageEntriesCount, limit - items.length),
          cursor: cursor ?? undefined,
        },
      },
    );
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null && items.length < limit);
  context.print({ items }, () =>
    table(
      ['PUSH', 'COMMAND', 'SUBSCRIPTION', 'S-CSCF', 'ABOUT', 'CREATED', 'ATTEMPTS', 'OUTCOME', 'STATE'],
      items.map((item) => [
        item.id,
        item.command,
        item.subscription,
        item.destinationHost,
        item.reasonCode ?? item.parts.join(', '),
        item.createdAt,
        item.attempts,
        item.outcome ?? 'open',
        item.registrationEffect,
      ]),
      'No pushes.',
    ),
  );
}

const details = (item: PushEntryView): string =>
  fields([
    ['push', item.id],
    ['command', item.command],
    ['subscription', item.subscription],
    ['S-CSCF', item.destinationHost],
    ['cause', item.cause],
    ['reason', item.reasonCode],
    ['reason info', item.reasonInfo],
    ['parts', item.parts.join(', ') || null],
    ['sets', item.sets.join(', ')],
    ['private identities', item.privateIdentities.join(', ') || null],
    ['created', item.createdAt],
    ['attempts', item.attempts],
    ['next attempt', item.nextAttemptAt],
    ['completed', item.completedAt],
    ['outcome', item.outcome ?? 'open'],
    ['result', item.detail],
    ['registration state', item.registrationEffect],
  ]);
