/** `hss deregister` and `hss push`: RTR and PPR by hand, with the outcome when it comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import type { ClearedView, DeregistrationResultView, PushEntryView } from '../admin/push-views';
import { deregistrationReasonCodes, profileParts } from '../outgoing/push';
import type { SubscriptionDocument } from '../../../subscriber/subscription-document';
import type { ApiClient } from '../../../cli/api-client';
import type { CommandContext, RegisterCommand } from '../../../cli/context';
import { CommandError } from '../../../cli/exit-status';
import { findSubscription } from '../../../cli/find-subscription';
import { table } from '../../../cli/table';
import { positiveInteger } from '../../../cli/arguments';

const defaultWaitSeconds = 60;
const lookMs = 100;

interface WaitOptions {
  readonly wait: number;
}
interface DeregisterOptions extends WaitOptions {
  readonly reasonCode?: string;
  readonly reasonInfo?: string;
  readonly now?: boolean;
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
    .option('--now', 'clear the state at once; the RTR is sent if it can be, and nobody waits for it')
    .addOption(waitOption())
    .action(async (name: string, options: DeregisterOptions) => {
      const api = context.api();
      const subscription = await findSubscription(api, name);
      const { reasonCode, reasonInfo, now } = options;
      const json = { ...scope(subscription, name, true), reasonCode, reasonInfo, now };
      if (now === true) await clear(context, api, subscription, json);
      else await ask(context, api, subscription, 'deregister', json, options.wait);
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
      const subscription = await findSubscription(api, name);
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

/** Says what was cleared; the requests go on by themselves. */
async function clear(
  context: CommandContext,
  api: ApiClient,
  { id }: SubscriptionDocument,
  json: object,
): Promise<void> {
  const { body } = await api.call<DeregistrationResultView>(
    'POST',
    `/v1/subscriptions/${encodeURIComponent(id)}/deregister`,
    { json },
  );
  context.print(body, () =>
    [
      ...(body.cleared === null ? [] : clearedText(body.cleared)),
      ...body.items.map(
        (item) => `RTR to ${item.destinationHost} is written; "hss pushes show ${item.id}" tells its outcome`,
      ),
    ].join('\n'),
  );
}

function clearedText({ server, sets }: ClearedView): string[] {
  const lines = sets.map(({ name, state, privateIdentities }) => {
    const whose = privateIdentities.length === 0 ? '' : ` (${privateIdentities.join(', ')})`;
    return `cleared: set ${name}, ${state === 'notRegistered' ? 'being authenticated' : state}${whose}`;
  });
  return server === null ? lines : [...lines, `cleared: S-CSCF name ${server}`];
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
  context.print({ items }, () => [outcomeTable(items), ...items.flatMap(stateText)].join('\n'));
  const open = items.filter((item) => item.outcome === null);
  if (open.length > 0)
    throw new CommandError(
      `no outcome within ${waitSeconds} s; it goes on; see "hss pushes list --subscription ${id}"`,
    );
  if (!items.every(isDone)) throw new CommandError('');
}

const outcomeTable = (items: readonly PushEntryView[]): string =>
  table(
    ['PUSH', 'COMMAND', 'S-CSCF', 'ABOUT', 'ATTEMPTS', 'OUTCOME', 'RESULT', 'STATE'],
    items.map((item) => [
      item.id,
      item.command,
      item.destinationHost,
      item.reasonCode ?? item.parts.join(', '),
      item.attempts,
      item.outcome ?? 'not known yet',
      item.detail ?? (item.attempts === 0 ? 'waits for a connection to the S-CSCF' : 'waits for an answer'),
      item.registrationEffect,
    ]),
  );

const isSuccess = ({ outcome }: PushEntryView): boolean =>
  outcome === 'success' || outcome === 'limitedSuccess';

/** A de-registration is done when the state is cleared, whatever the S-CSCF said. */
const isDone = (item: PushEntryView): boolean =>
  item.command === 'RTR' ? item.registrationEffect === 'cleared' : isSuccess(item);

/** What an outcome alone does not say about the registration state. */
function stateText(item: PushEntryView): string[] {
  if (item.command !== 'RTR' || item.outcome === null) return [];
  switch (item.registrationEffect) {
    case 'cleared':
      return isSuccess(item)
        ? []
        : [`Push ${item.id}: the S-CSCF did not confirm it, but the registration state is cleared.`];
    case 'partlyCleared':
      return [`Push ${item.id}: the registration state is cleared in part; "hss show" tells what is left.`];
    default:
      return [`Push ${item.id}: the registration state is not cleared.`];
  }
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
