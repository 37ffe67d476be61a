/** S-CSCFs as subscriptions name them, the order to forget one, and campaigns with their progress. */
import type { AssignedServers, CampaignAction, CampaignKind } from '../outgoing/campaigns';
import type { CampaignView, OutboxStore } from '../../../outbox/ports';
import { campaignExample, forgettingExample, scscfExample } from './examples';
import { forgettingSchema, type PushCampaignView, type ScscfView } from './push-views';
import { ProblemError } from '../../../admin/problem';
import { jsonMediaType, type Route } from '../../../admin/route';
import { bodyOf } from '../../../admin/validation';
import type { PushPorts } from './push-orders';

const instant = (ms: number): string => new Date(ms).toISOString();

const campaignsShownCount = 100;

function campaignView({
  createdAtMs,
  completedAtMs,
  totalCount,
  doneCount,
  writtenCount,
  kind,
  action,
  ...campaign
}: CampaignView): PushCampaignView {
  return {
    ...campaign,
    kind: kind as CampaignKind,
    action: action as CampaignAction,
    createdAt: instant(createdAtMs),
    total: totalCount,
    done: doneCount,
    written: writtenCount,
    completedAt: completedAtMs === null ? null : instant(completedAtMs),
  };
}

/** Far more than a network has. */
const scscfsShownCount = 1_000;

async function scscfs(assignedServers: AssignedServers): Promise<ScscfView[]> {
  const servers = await assignedServers.list(scscfsShownCount);
  return servers.map(({ name, diameterHost, diameterRealm, subscriptionCount, activeCount }) => ({
    name,
    diameterHost,
    diameterRealm,
    subscriptions: subscriptionCount,
    active: activeCount,
  }));
}

/** @throws ProblemError where there is none */
async function campaignOf(outbox: OutboxStore, name: string): Promise<PushCampaignView> {
  const view = /^[1-9]\d{0,14}$/.test(name) ? await outbox.campaign(Number(name)) : null;
  if (view === null) throw new ProblemError(404, `There is no campaign "${name}".`);
  return campaignView(view);
}

export function scscfRoutes({
  outbox,
  assignedServers,
}: Pick<PushPorts, 'outbox' | 'assignedServers'>): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/scscfs',
      operationId: 'listScscfs',
      tag: 'State',
      summary: 'S-CSCFs that are assigned to subscriptions',
      description:
        'By S-CSCF name and Diameter host, the one with the most subscriptions first; at most a thousand. Reads every registration state.',
      answers: {
        200: { description: 'All of them', schema: 'ScscfList', example: { items: [scscfExample] } },
      },
      problems: [],
      handle: async () => ({ status: 200, body: { items: await scscfs(assignedServers) } }),
    },
    {
      method: 'POST',
      path: '/v1/scscfs/forget',
      operationId: 'forgetScscf',
      tag: 'State',
      summary: 'Forget an S-CSCF that is gone or has another name',
      description:
        'Clears the registrations of every subscription with that S-CSCF name, at the rate push.fanOutPerSecondCount, and writes an RTR with SERVER_CHANGE for each; the state does not wait for its answer. The campaign survives restarts; GET /v1/push-campaigns/{campaign} tells its progress.',
      body: {
        mediaType: jsonMediaType,
        schema: 'ScscfForgetting',
        description: 'Which one',
        example: { name: scscfExample.name },
      },
      answers: {
        202: {
          description: 'Begun, or going on already',
          schema: 'PushCampaign',
          example: forgettingExample,
        },
      },
      problems: [404, 422],
      handle: async (request) => {
        const { name } = bodyOf(forgettingSchema, request);
        const id = await assignedServers.forget(name);
        if (id === null) throw new ProblemError(404, `No subscription has the S-CSCF name "${name}".`);
        return { status: 202, body: await campaignOf(outbox, String(id)) };
      },
    },
    {
      method: 'GET',
      path: '/v1/push-campaigns',
      operationId: 'listPushCampaigns',
      tag: 'Pushes',
      summary: 'Changes of shared sets on their way to the registered ones, and S-CSCFs that are forgotten',
      description: 'With their progress, the newest first; the last hundred.',
      answers: {
        200: {
          description: 'All of them',
          schema: 'PushCampaignList',
          example: { items: [campaignExample] },
        },
      },
      problems: [],
      handle: async () => ({
        status: 200,
        body: { items: (await outbox.campaigns(campaignsShownCount)).map(campaignView) },
      }),
    },
    {
      method: 'GET',
      path: '/v1/push-campaigns/{campaign}',
      operationId: 'getPushCampaign',
      tag: 'Pushes',
      summary: 'One campaign with its progress',
      pathParameters: { campaign: 'Its number' },
      answers: {
        200: { description: 'As it is now', schema: 'PushCampaign', example: campaignExample },
      },
      problems: [404],
      handle: async ({ params }) => ({
        status: 200,
        body: await campaignOf(outbox, params['campaign'] ?? ''),
      }),
    },
  ];
}
