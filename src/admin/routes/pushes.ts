/** RTR and PPR by hand, and what became of all of them [29.228-6.1.3] [29.228-6.2.2]. */
import { z } from 'zod';
import {
  manualProfilePush,
  manualTermination,
  type DeregistrationRequest,
  type ManualPush,
  type ProfilePushRequest,
} from '../../domain/manual-push';
import type { CampaignView, OutboxStore, PushView } from '../../domain/outbox';
import type { ProvisioningStore, RegistrationStore } from '../../domain/ports';
import type { RegistrationStatus } from '../../domain/registration-status';
import type { Subscription } from '../../domain/subscription';
import { faultyDocument, ProblemError } from '../problem';
import { jsonMediaType, type ApiRequest, type Route } from '../route';
import { campaignExample, pushExample } from '../openapi/examples';
import {
  deregistrationSchema,
  profilePushSchema,
  type PushCampaignView,
  type PushEntryView,
} from '../openapi/views';
import { validate } from '../validation';
import { pageQuery } from './shared-sets';

export interface PushPorts {
  readonly outbox: OutboxStore;
  readonly store: Pick<RegistrationStore, 'load'>;
  /** There is something new to send. */
  readonly wake: () => void;
}

/** How often it is asked for again when somebody else changed the subscription in between. */
const enqueueTriesCount = 8;

const instant = (ms: number): string => new Date(ms).toISOString();

export function pushView(view: PushView): PushEntryView {
  const {
    id,
    subscription,
    command,
    destinationHost,
    attemptCount,
    completedAtMs,
    nextAttemptAtMs,
    outcome,
    detail,
  } = view;
  const about =
    view.command === 'RTR'
      ? {
          cause: view.payload.cause,
          reasonCode: view.payload.reasonCode,
          reasonInfo: view.payload.reasonInfo ?? null,
          privateIdentities: [view.payload.userName, ...view.payload.associatedIdentities],
          sets: view.payload.sets.map(({ name }) => name),
          parts: [],
        }
      : {
          cause: view.payload.cause,
          reasonCode: null,
          reasonInfo: null,
          sets: [view.payload.setName],
          parts: [...view.payload.parts],
          privateIdentities: view.payload.privateIdentity === undefined ? [] : [view.payload.privateIdentity],
        };
  return {
    id,
    subscription,
    command,
    destinationHost,
    ...about,
    createdAt: instant(view.createdAtMs),
    attempts: attemptCount,
    nextAttemptAt: completedAtMs === null ? instant(nextAttemptAtMs) : null,
    completedAt: completedAtMs === null ? null : instant(completedAtMs),
    outcome,
    detail,
  };
}

const campaignsShownCount = 100;

function campaignView({
  createdAtMs,
  completedAtMs,
  totalCount,
  doneCount,
  writtenCount,
  ...campaign
}: CampaignView): PushCampaignView {
  return {
    ...campaign,
    createdAt: instant(createdAtMs),
    total: totalCount,
    done: doneCount,
    written: writtenCount,
    completedAt: completedAtMs === null ? null : instant(completedAtMs),
  };
}

type Decide = (subscription: Subscription, status: RegistrationStatus) => ManualPush;

/** Writes what is decided on the subscription as it is. @throws ProblemError */
async function enqueue(
  provisioning: ProvisioningStore,
  { outbox, store, wake }: PushPorts,
  id: string,
  decide: Decide,
): Promise<PushEntryView[]> {
  for (let attempt = 0; attempt < enqueueTriesCount; attempt += 1) {
    const stored = await provisioning.getSubscription({ id });
    const privateIdentity = stored?.document.privateIdentities[0]?.identity;
    const { snapshot } =
      privateIdentity === undefined
        ? { snapshot: null }
        : await store.load({ publicIdentities: [], privateIdentity });
    if (snapshot === null || snapshot.subscription.id !== id)
      throw new ProblemError(404, `There is no subscription "${id}".`);
    const push = decide(snapshot.subscription, snapshot.status);
    if (!push.ok) throw new ProblemError(409, `Nothing is sent: ${push.reason}.`);
    const ids = await outbox.enqueue(snapshot.key, snapshot.status.version, push.entries);
    if (ids === 'conflict') continue;
    wake();
    const views = await Promise.all(ids.map((entry) => outbox.get(entry)));
    return views.flatMap((view) => (view === null ? [] : [pushView(view)]));
  }
  throw new ProblemError(503, 'The subscription keeps changing; try again.', [], { 'retry-after': '1' });
}

function bodyOf<S extends z.ZodType>(schema: S, { body }: ApiRequest): z.output<S> {
  const result = validate(schema, body);
  if (!result.ok) throw faultyDocument(result.faults);
  return result.value;
}

const listQuery = z.strictObject({
  ...pageQuery.shape,
  subscription: z
    .string()
    .min(1)
    .optional()
    .describe('Only those of this subscription, by its id; also after its deletion'),
  open: z
    .enum(['true', 'false'])
    .optional()
    .describe('Only those that are not done with (true) or are (false)'),
});

export function pushRoutes(provisioning: ProvisioningStore, ports: PushPorts): Route[] {
  const pathParameters = { id: 'Name of the IMS subscription' };
  const accepted = {
    description: 'Written, and on their way',
    schema: 'PushList',
    example: {
      items: [
        {
          ...pushExample,
          attempts: 0,
          completedAt: null,
          outcome: null,
          detail: null,
          nextAttemptAt: pushExample.createdAt,
        },
      ],
      nextCursor: null,
    },
  };
  return [
    {
      method: 'POST',
      path: '/v1/subscriptions/{id}/deregister',
      operationId: 'deregister',
      tag: 'Pushes',
      summary: 'De-register at the S-CSCF (RTR)',
      pathParameters,
      description:
        'Administrative de-registration, TS 29.228 clause 6.1.3. The registration state changes when the outcome is known; GET /v1/pushes/{push} tells it.',
      body: {
        mediaType: jsonMediaType,
        schema: 'Deregistration',
        description: 'What to de-register, and why',
        example: { reasonCode: 'PERMANENT_TERMINATION', reasonInfo: 'subscription ended' },
      },
      answers: { 202: accepted },
      problems: [404, 409, 422],
      handle: async (request) => {
        const asked: DeregistrationRequest = bodyOf(deregistrationSchema, request);
        const items = await enqueue(provisioning, ports, request.params['id'] ?? '', (subscription, status) =>
          manualTermination(subscription, status, asked),
        );
        return { status: 202, body: { items, nextCursor: null } };
      },
    },
    {
      method: 'POST',
      path: '/v1/subscriptions/{id}/push',
      operationId: 'pushProfile',
      tag: 'Pushes',
      summary: 'Push the profile to the S-CSCF (PPR)',
      pathParameters,
      description:
        'One Push-Profile-Request for each implicit registration set that is registered or unregistered, TS 29.228 clause 6.2.2.',
      body: {
        mediaType: jsonMediaType,
        schema: 'ProfilePush',
        description: 'What to push',
        example: { parts: ['userData'] },
      },
      answers: { 202: accepted },
      problems: [404, 409, 422],
      handle: async (request) => {
        const asked: ProfilePushRequest = bodyOf(profilePushSchema, request);
        const items = await enqueue(provisioning, ports, request.params['id'] ?? '', (subscription, status) =>
          manualProfilePush(subscription, status, asked),
        );
        return { status: 202, body: { items, nextCursor: null } };
      },
    },
    {
      method: 'GET',
      path: '/v1/pushes',
      operationId: 'listPushes',
      tag: 'Pushes',
      summary: 'RTR and PPR, newest first',
      query: listQuery,
      description: 'Those on their way, and for a time the outcomes of those done with.',
      answers: {
        200: {
          description: 'One page',
          schema: 'PushList',
          example: { items: [pushExample], nextCursor: null },
        },
      },
      problems: [400],
      handle: async ({ query }) => {
        const { subscription, open, cursor, limit } = query as z.output<typeof listQuery>;
        const page = await ports.outbox.list(
          { subscription, ...(open === undefined ? {} : { open: open === 'true' }) },
          cursor ?? null,
          limit,
        );
        return { status: 200, body: { items: page.items.map(pushView), nextCursor: page.nextCursor } };
      },
    },
    {
      method: 'GET',
      path: '/v1/push-campaigns',
      operationId: 'listPushCampaigns',
      tag: 'Pushes',
      summary: 'Changes of shared sets on their way to the registered ones',
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
        body: { items: (await ports.outbox.campaigns(campaignsShownCount)).map(campaignView) },
      }),
    },
    {
      method: 'GET',
      path: '/v1/pushes/{push}',
      operationId: 'getPush',
      tag: 'Pushes',
      summary: 'One RTR or PPR',
      pathParameters: { push: 'Its number' },
      answers: { 200: { description: 'As it is now', schema: 'Push', example: pushExample } },
      problems: [404],
      handle: async ({ params }) => {
        const name = params['push'] ?? '';
        const view = /^[1-9]\d{0,14}$/.test(name) ? await ports.outbox.get(Number(name)) : null;
        if (view === null) throw new ProblemError(404, `There is no push "${name}".`);
        return { status: 200, body: pushView(view) };
      },
    },
  ];
}
