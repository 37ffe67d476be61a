/** `hss deregister` and `hss push`: RTR and PPR by hand, with the outcome when it comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import type { PushEntryView } from '../../admin/openapi/views';
import { deregistrationReasonCodes, profileParts } from '../../domain/push';
import type { SubscriptionDocument } from '../../domain/subscription-document';
import type { ApiClient } from '../api-client';
import type { CommandContext, RegisterCommand } from '../context';
import { CommandError } from '../exit-status';
import { table } from '../table';
import { positiveInteger } from './documents';
import { find } from './show';

const defaultWaitSeconds = 60;
const lookMs = 100;

interface WaitOptions {
  readonly wait: number;
}
interface DeregisterOptions extends WaitOptions {
  readonly reasonCode?: string;
  readonly reasonInfo?: string;
}
interface PushOptions extends WaitOptions {
  readonly part?: string[];
}

const waitOption = (): Option =>
  new Option('--wait <seconds>', 'how long to wait for the outcome')
    .argParser(positiveInteger)
    .default(defaultWaitSeconds);

export const registerDeregister: RegisterCommand = (program, context) => {
  program
    .command('deregister <identity>')
    .description('end a registration at the S-CSCF (RTR), by IMPI, IMPU or id; waits for the outcome')
    .addOption(new Option('--reason-code <code>', 'reason for the S-CSCF').choices(deregistrationReasonCodes))
    .option('--reason-info <text>', 'text for the user')
    .addOption(waitOption())
    .action(async (name: string, options: DeregisterOptions) => {
      const api = context.api();
      const subscription = await known(api, name);
      const { reasonCode, reasonInfo } = options;
      await ask(
        context,
        api,
        subscription,
        'deregister',
        { ...scope(subscription, name, true), reasonCode, reasonInfo },
        options.wait,
      );
    });
};

export const registerPush: RegisterCommand = (program, context) => {
  program
    .command('push <identity>')
    .description('push the profile to the S-CSCF (PPR), by IMPI, IMPU or id; waits for the outcome')
    .addOption(new Option('--part <part...>', 'only these parts').choices(profileParts))
    .addOption(waitOption())
    .action(async (name: string, options: PushOptions) => {
      const api = context.api();
      const subscription = await known(api, name);
      await ask(
        context,
        api,
        subscription,
        'push',
        { ...scope(subscription, name, false), parts: options.part },
        options.wait,
      );
    });
};

async function known(api: ApiClient, name: string): Promise<SubscriptionDocument> {
  const subscription = await find(api, name);
  if (subscription === null) throw new CommandError(`no subscription has the identity or id "${name}"`);
  return subscription;
}

/** An id means all of the subscription, an IMPI that one, an IMPU its implicit registration set. */
function scope(
  { id, privateIdentities }: SubscriptionDocument,
  name: string,
  byPrivateIdentity: boolean,
): object {
  if (name === id || /^\d+$/.test(name)) return {};
  if (privateIdentities.some(({ identity }) => identity === name))
    return byPrivateIdentity ? { privateIdentities: [name] } : {};
  return {
    publicIdentities: [
      /^(sips?|tel):/i.test(name) ? name : `${name.startsWith('+') ? 'tel' : 'sip'}:${name}`,
    ],
  };
}

async function ask(
  context: CommandContext,
  api: ApiClient,
  { id }: SubscriptionDocument,
  what: 'deregister' | 'push',
  json: object,
  waitSeconds: number,
): Promise<void> {
  const { body } = await api.call<{ items: PushEntryView[] }>(
    'POST',
    `/v1/subscriptions/${encodeURIComponent(id)}/${what}`,
    { json },
  );
  const items = await outcomes(api, body.items, waitSeconds * 1_000);
  context.print({ items }, () =>
    table(
      ['PUSH', 'COMMAND', 'S-CSCF', 'ABOUT', 'ATTEMPTS', 'OUTCOME', 'RESULT'],
      items.map((item) => [
        item.id,
        item.command,
        item.destinationHost,
        item.reasonCode ?? item.parts.join(', '),
        item.attempts,
        item.outcome ?? 'not known yet',
        item.detail ?? (item.attempts === 0 ? 'waits for a connection to the S-CSCF' : 'waits for an answer'),
      ]),
    ),
  );
  const open = items.filter((item) => item.outcome === null);
  if (open.length > 0)
    throw new CommandError(
      `no outcome within ${waitSeconds} s; it goes on; see GET /v1/pushes?subscription=${encodeURIComponent(id)}`,
    );
  if (!items.every(({ outcome }) => outcome === 'success' || outcome === 'limitedSuccess'))
    throw new CommandError('');
}

async function outcomes(
  api: ApiClient,
  items: readonly PushEntryView[],
  waitMs: number,
): Promise<PushEntryView[]> {
  const deadline = performance.now() + waitMs;
  return Promise.all(
    items.map(async (item) => {
      let now = item;
      while (now.outcome === null && performance.now() < deadline) {
        await sleep(lookMs);
        now = (await api.call<PushEntryView>('GET', `/v1/pushes/${item.id}`)).body;
      }
      return now;
    }),
  );
}
