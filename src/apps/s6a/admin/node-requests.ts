/** What became of CLR, IDR, DSR and RSR. */
import { z } from 'zod';
import { keyPageQuery } from '../../../admin/page-query';
import { ProblemError } from '../../../admin/problem';
import type { Route } from '../../../admin/route';
import type { OutboxStore } from '../../../outbox/ports';
import { nodeRequestExample, nodeRequestView } from './views';

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

export const nodeRequestRoutes = (outbox: OutboxStore): Route[] => [
  {
    method: 'GET',
    path: '/v1/node-requests',
    operationId: 'listNodeRequests',
    tag: 'Node requests',
    summary: 'CLR, IDR, DSR and RSR, newest first',
    query: listQuery,
    description: 'Those on their way, and for a time the outcomes of those done with.',
    answers: {
      200: {
        description: 'One page',
        schema: 'NodeRequestList',
        example: { items: [nodeRequestExample], nextCursor: null },
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
      const items = page.items.flatMap((view) => nodeRequestView(view) ?? []);
      return { status: 200, body: { items, nextCursor: page.nextCursor } };
    },
  },
  {
    method: 'GET',
    path: '/v1/node-requests/{request}',
    operationId: 'getNodeRequest',
    tag: 'Node requests',
    summary: 'One CLR, IDR, DSR or RSR',
    pathParameters: { request: 'Its number' },
    answers: { 200: { description: 'As it is now', schema: 'NodeRequest', example: nodeRequestExample } },
    problems: [404],
    handle: async ({ params }) => {
      const name = params['request'] ?? '';
      const entry = /^[1-9]\d{0,14}$/.test(name) ? await outbox.get(Number(name)) : null;
      const view = entry === null ? null : nodeRequestView(entry);
      if (view === null) throw new ProblemError(404, `There is no node request "${name}".`);
      return { status: 200, body: view };
    },
  },
];
