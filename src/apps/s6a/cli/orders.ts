/** `hss cancel-location`, `hss update-subscriber` and `hss reset`: CLR, IDR and RSR by hand, with their outcomes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../../../cli/api-client';
import { positiveInteger } from '../../../cli/arguments';
import type { CommandContext, RegisterCommand } from '../../../cli/context';
import { CommandError, exitStatus } from '../../../cli/exit-status';
import { table } from '../../../cli/table';
import { cancellationNames, flagNames, type NodeRequestView } from '../admin/views';
import type { UpdateFlag } from '../outgoing/manual-orders';

const DEFAULT_WAIT_SECONDS = 60;
const LOOK_MS = 100;

interface NodeOptions {
  readonly imsi: string;
  readonly mme?: boolean;
  readonly sgsn?: boolean;
  readonly wait: number;
}

const withWait = (command: Command): Command =>
  command.addOption(
    new Option('--wait <seconds>', 'how long to wait for the outcome')
      .argParser(positiveInteger)
      .default(DEFAULT_WAIT_SECONDS),
  );

const withNode = (command: Command): Command =>
  withWait(
    command
      .requiredOption('--imsi <imsi>', 'IMSI of the subscriber')
      .option('--mme', 'only the MME')
      .option('--sgsn', 'only the SGSN'),
  );

function nodeOf({ mme, sgsn }: NodeOptions): 'mme' | 'sgsn' | undefined {
  if (mme === sgsn) return undefined;
  return mme === true ? 'mme' : 'sgsn';
}

const pathOf = ({ imsi }: NodeOptions, what: string): string =>
  `/v1/imsis/${encodeURIComponent(imsi)}/${what}`;

export const registerCancelLocation: RegisterCommand = (program, context) => {
  withNode(
    program
      .command('cancel-location')
      .description(
        'have the MME and the SGSN delete their record of a subscriber (CLR); waits for the outcome',
      ),
  )
    .addOption(
      new Option('--type <type>', 'why; subscriptionWithdrawal without it').choices(cancellationNames),
    )
    .option('--reattach', 'the UE is told to attach again at once')
    .action(async (options: NodeOptions & { readonly type?: string; readonly reattach?: boolean }) => {
      const json = { node: nodeOf(options), type: options.type, reattach: options.reattach };
      await ask(context, pathOf(options, 'cancel-location'), json, options.wait);
    });
};

export const registerUpdateSubscriber: RegisterCommand = (program, context) => {
  withNode(
    program
      .command('update-subscriber')
      .description(
        'send subscriber data to the MME and the SGSN, or ask for the UE (IDR); waits for the outcome',
      ),
  )
    .option('--flags <flags>', `what to ask for, separated by commas: ${flagNames.join(', ')}`, flagsOf)
    .option('--data', 'send all of the subscriber data again')
    .action(
      async (options: NodeOptions & { readonly flags?: readonly UpdateFlag[]; readonly data?: boolean }) => {
        const json = { node: nodeOf(options), flags: options.flags, data: options.data };
        await ask(context, pathOf(options, 'update-subscriber'), json, options.wait);
      },
    );
};

export const registerReset: RegisterCommand = (program, context) => {
  withWait(
    program
      .command('reset')
      .description('tell MMEs and SGSNs that the HSS was restarted (RSR); waits for the outcomes')
      .option('--node <host>', 'only this Diameter host; without it every node that serves somebody')
      .option('--user-id <digits...>', 'only subscribers whose IMSIs begin with these digits'),
  ).action(
    async ({
      node,
      userId,
      wait,
    }: {
      readonly node?: string;
      readonly userId?: readonly string[];
      readonly wait: number;
    }) => ask(context, '/v1/reset', { node, userIds: userId }, wait),
  );
};

function flagsOf(text: string): readonly UpdateFlag[] {
  return text.split(',').map((given) => {
    const flag = flagNames.find((name) => name === given.trim());
    if (flag === undefined)
      throw new CommandError(`"${given}" is none of the flags ${flagNames.join(', ')}`, exitStatus.usage);
    return flag;
  });
}

async function ask(context: CommandContext, path: string, json: object, waitSeconds: number): Promise<void> {
  const api = context.api();
  const { body } = await api.call<{ items: NodeRequestView[] }>('POST', path, { json });
  const items = await outcomes(api, body.items, waitSeconds * 1_000);
  context.print({ items }, () =>
    table(
      ['REQUEST', 'COMMAND', 'IMSI', 'DESTINATION', 'ATTEMPTS', 'OUTCOME', 'RESULT'],
      items.map((item) => [
        item.id,
        item.command,
        item.imsi,
        item.destinationHost,
        item.attempts,
        item.outcome ?? 'not known yet',
        item.detail ?? (item.attempts === 0 ? 'waits for a connection to the node' : 'waits for an answer'),
      ]),
    ),
  );
  if (items.some(({ outcome }) => outcome === null))
    throw new CommandError(`no outcome within ${waitSeconds} s; it goes on; GET /v1/node-requests tells it`);
  if (!items.every(({ outcome }) => outcome === 'success')) throw new CommandError('');
}

async function outcomes(
  api: ApiClient,
  items: readonly NodeRequestView[],
  waitMs: number,
): Promise<NodeRequestView[]> {
  const deadline = performance.now() + waitMs;
  return Promise.all(
    items.map(async (item) => {
      let now = item;
      while (now.outcome === null && performance.now() < deadline) {
        await sleep(LOOK_MS);
        now = (await api.call<NodeRequestView>('GET', `/v1/node-requests/${item.id}`)).body;
      }
      return now;
    }),
  );
}
