/** `hss scscf`: S-CSCFs as the subscriptions name them, and the end of one that is gone or was renamed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PushCampaignView, ScscfView } from '../admin/push-views';
import type { ApiClient } from '../../../cli/api-client';
import type { CommandContext, RegisterCommand } from '../../../cli/context';
import { CommandError } from '../../../cli/exit-status';
import { table } from '../../../cli/table';
import { positiveInteger } from '../../../cli/arguments';

interface ForgetOptions {
  readonly wait?: number;
}

const lookMs = 500;

export const registerScscf: RegisterCommand = (program, context) => {
  const scscf = program
    .command('scscf')
    .description('S-CSCFs that are assigned to subscriptions: list, forget');
  scscf
    .command('list')
    .description('S-CSCF names, their Diameter hosts, and how many subscriptions each has')
    .action(async () => {
      const { body } = await context.api().call<{ items: ScscfView[] }>('GET', '/v1/scscfs');
      context.print(body, () =>
        table(
          ['S-CSCF', 'DIAMETER HOST', 'REALM', 'SUBSCRIPTIONS', 'ACTIVE'],
          body.items.map(({ name, diameterHost, diameterRealm, subscriptions, active }) => [
            name,
            diameterHost,
            diameterRealm,
            subscriptions,
            active,
          ]),
          'No S-CSCF is assigned to any subscription.',
        ),
      );
    });
  scscf
    .command('forget <name>')
    .description('clear the registrations of all its subscriptions, so that each gets a new S-CSCF')
    .option('--wait <seconds>', 'follow it no longer than this; it goes on', positiveInteger)
    .action((name: string, options: ForgetOptions) => forget(context, name, options.wait));
};

async function forget(context: CommandContext, name: string, waitSeconds: number | undefined): Promise<void> {
  const api = context.api();
  const { body } = await api.call<PushCampaignView>('POST', '/v1/scscfs/forget', { json: { name } });
  const campaign = await follow(api, body, waitSeconds, (text) => context.stderr.write(text));
  context.print(campaign, () =>
    campaign.completedAt === null
      ? progress(campaign)
      : `${name} is forgotten: ${campaign.done} subscriptions cleared, ${campaign.written} RTRs written`,
  );
  if (campaign.completedAt === null)
    throw new CommandError(
      `not at its end within ${waitSeconds} s; it goes on; see GET /v1/push-campaigns/${campaign.id}`,
    );
}

const progress = ({ done, total }: PushCampaignView): string => `${done} of ${total ?? '?'} subscriptions`;

/** Until its end, with a line on stderr whenever it has got further. */
async function follow(
  api: ApiClient,
  begun: PushCampaignView,
  waitSeconds: number | undefined,
  tell: (text: string) => void,
): Promise<PushCampaignView> {
  const deadline = waitSeconds === undefined ? Infinity : performance.now() + waitSeconds * 1_000;
  let campaign = begun;
  while (campaign.completedAt === null && performance.now() < deadline) {
    await sleep(lookMs);
    const { body } = await api.call<PushCampaignView>('GET', `/v1/push-campaigns/${begun.id}`);
    if (body.done !== campaign.done && body.completedAt === null) tell(`${progress(body)}\n`);
    campaign = body;
  }
  return campaign;
}
