/** What became of RTR and PPR, and their end by hand [29.228-6.1.3] [29.228-6.2.2]. */
import { z } from 'zod';
import { cxPushOf, type PushOutcome, type RegistrationEffect } from '../outgoing/push';
import type { OutboxStore, PushView } from '../../../outbox/ports';
import { ProblemError } from '../../../admin/problem';
import type { Route } from '../../../admin/route';
import { pushExample } from './examples';
import type { PushEntryView } from './push-views';
import { keyPageQuery } from '../../../admin/page-query';

const instant = (ms: number): string => new Date(ms).toISOString();

/** What a push is about; null where it is not Cx's, which this resource does not show. */
function about(
  view: PushView,
): Pick<
  PushEntryView,
  'command' | 'cause' | 'reasonCode' | 'reasonInfo' | 'privateIdentities' | 'sets' | 'parts'
> | null {
  const push = cxPushOf(view);
  if (push === null) return null;
  if (push.kind === 'cx.RTR') {
    const { cause, reasonCode, reasonInfo, userName, associatedIdentities, sets } = push.payload;
    return {
      command: 'RTR',
      cause,
      reasonCode,
      reasonInfo: reasonInfo ?? null,
      privateIdentities: [userName, ...associatedIdentities],
      sets: sets.map(({ name }) => name),
      parts: [],
    };
  }
  const { cause, setName, parts, privateIdentity } = push.payload;
  return {
    command: 'PPR',
    cause,
    reasonCode: null,
    reasonInfo: null,
    sets: [setName],
    parts: [...parts],
    privateIdentities: privateIdentity === undefined ? [] : [privateIdentity],
  };
}

/** Null where it is not Cx's. */
export function pushView(view: PushView): PushEntryView | null {
  const { id, subscription, destinationHost, attemptCount, completedAtMs, nextAttemptAtMs, detail } = view;
  const shown = about(view);
  if (shown === null) return null;
  return {
    id,
    subscription,
    destinationHost,
    ...shown,
    createdAt: instant(view.createdAtMs),
    attempts: attemptCount,
    nextAttemptAt: completedAtMs === null ? instant(nextAttemptAtMs) : null,
    completedAt: completedAtMs === null ? null : instant(completedAtMs),
    outcome: view.outcome as PushOutcome | null,
    detail,
    registrationEffect: view.effect as RegistrationEffect | null,
  };
}

const isNumber = (text: string): boolean => /^[1-9]\d{0,14}$/.test(text);

/** @throws ProblemError where there is no such push */
async function known(outbox: OutboxStore, name: string): Promise<PushEntryView> {
  const entry = isNumber(name) ? await outbox.get(Number(name)) : null;
  const view = entry === null ? null : pushView(entry);
  if (view === null) throw new ProblemError(404, `There is no push "${name}".`);
  return view;
}

/** @throws ProblemError where it is completed or being sent */
async function cancel(outbox: OutboxStore, name: string): Promise<PushEntryView> {
  const { id } = await known(outbox, name);
  const outcome = await outbox.cancel(id);
  if (outcome === 'completed') throw new ProblemError(409, `Push ${name} has its outcome already.`);
  if (outcome === 'sending')
    throw new ProblemError(409, `Push ${name} is being sent now; try again when that attempt has ended.`);
  return known(outbox, name);
}

const listQuery = z.strictObject({
  ...keyPageQuery.shape,
  subscription: z
    .string()
    .min(1)
    .optional()
    .describe('Only those of this subscription, by its id; also after its deletion'),
  destinationHost: z.string().min(1).optional().describe('Only those to this Diameter host'),
  open: z
    .enum(['true', 'false'])
    .optional()
    .describe('Only those that are not done with (true) or are (false)'),
});

export function pushRoutes(outbox: OutboxStore): Route[] {
  return [
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
        const { subscription, destinationHost, open, cursor, limit } = query as z.output<typeof listQuery>;
        const page = await outbox.list(
          { subscription, destinationHost, ...(open === undefined ? {} : { open: open === 'true' }) },
          cursor ?? null,
          limit,
        );
        return {
          status: 200,
          body: { items: page.items.flatMap((view) => pushView(view) ?? []), nextCursor: page.nextCursor },
        };
      },
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
        return { status: 200, body: await known(outbox, name) };
      },
    },
    {
      method: 'POST',
      path: '/v1/pushes/{push}/cancel',
      operationId: 'cancelPush',
      tag: 'Pushes',
      summary: 'Cancel an RTR or PPR that is not sent yet',
      description:
        'It is not sent, or not sent again. The registration state stays as it is; deregister with "now" changes it.',
      pathParameters: { push: 'Its number' },
      answers: {
        200: {
          description: 'Cancelled',
          schema: 'Push',
          example: {
            ...pushExample,
            outcome: 'cancelled',
            detail: 'cancelled by an operator',
            registrationEffect: null,
          },
        },
      },
      problems: [404, 409],
      handle: async ({ params }) => ({ status: 200, body: await cancel(outbox, params['push'] ?? '') }),
    },
  ];
}
