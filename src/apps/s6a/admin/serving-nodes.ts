/** Where subscribers are attached: of one subscription, of a node, and the nodes with their counts. Read only. */
import { z } from 'zod';
import { keyPageQuery } from '../../../admin/page-query';
import { ProblemError } from '../../../admin/problem';
import type { Route } from '../../../admin/route';
import { limits } from '../../../shared/limits';
import type { ProvisioningStore } from '../../../subscriber/provisioning';
import type { AttachmentStore } from '../store/attachments';
import { attachmentView } from './attachment-view';
import { attachedNodeExample, attachmentsExample } from './examples';
import type { AttachedNodeView, AttachmentsView } from './serving-node-views';

/** Every USIM with EPS data, and whatever is kept of others. */
async function attachmentsOf(
  store: Pick<ProvisioningStore, 'getSubscription'>,
  attachments: AttachmentStore,
  id: string,
): Promise<AttachmentsView> {
  const [stored, nodes] = await Promise.all([store.getSubscription({ id }), attachments.nodesOf(id)]);
  if (stored === null) throw new ProblemError(404, `There is no subscription "${id}".`);
  const imsis = (stored.document.usims ?? []).flatMap(({ imsi, eps }) => {
    const kept = nodes.find((entry) => entry.imsi === imsi);
    return kept === undefined && eps === undefined ? [] : [attachmentView(kept ?? { imsi })];
  });
  return { id, imsis };
}

const listQuery = z.strictObject({
  ...keyPageQuery.shape,
  host: z
    .string()
    .min(1)
    .max(limits.textCharacters)
    .optional()
    .describe('Only those that are registered at this MME or SGSN, by its Diameter host'),
});

async function page(
  attachments: AttachmentStore,
  { host, cursor, limit }: z.output<typeof listQuery>,
): Promise<{ items: AttachmentsView[]; nextCursor: string | null }> {
  const { items, nextCursor } = await attachments.list(host ?? null, cursor ?? null, limit);
  const isShown = (node: { readonly host: string } | undefined): boolean =>
    node !== undefined && (host === undefined || node.host.toLowerCase() === host.toLowerCase());
  return {
    items: items.map(({ id, nodes }) => ({
      id,
      imsis: nodes.filter(({ mme, sgsn }) => isShown(mme) || isShown(sgsn)).map(attachmentView),
    })),
    nextCursor,
  };
}

/** Far more than a network has. */
const nodesShownCount = 1_000;

async function attachedNodes(attachments: AttachmentStore): Promise<AttachedNodeView[]> {
  const nodes = await attachments.nodes(nodesShownCount);
  return nodes.map(({ kind, host, realm, imsiCount, purgedCount }) => ({
    kind,
    host,
    realm,
    imsis: imsiCount,
    purged: purgedCount,
  }));
}

export const servingNodeRoutes = (
  store: Pick<ProvisioningStore, 'getSubscription'>,
  attachments: AttachmentStore,
): Route[] => [
  {
    method: 'GET',
    path: '/v1/subscriptions/{id}/serving-nodes',
    operationId: 'getServingNodes',
    tag: 'State',
    summary: 'MME and SGSN of each IMSI of one subscription',
    pathParameters: { id: 'Name of the subscription' },
    description:
      'Where each USIM with EPS data is attached, what the nodes told of the UE, its equipment, and P-GWs (TS 29.272 clauses 5.2.1 and 5.2.5).',
    answers: {
      200: { description: 'The state as it is now', schema: 'ServingNodes', example: attachmentsExample },
    },
    problems: [404],
    handle: async ({ params }) => ({
      status: 200,
      body: await attachmentsOf(store, attachments, params['id'] ?? ''),
    }),
  },
  {
    method: 'GET',
    path: '/v1/serving-nodes',
    operationId: 'listServingNodes',
    tag: 'State',
    summary: 'Subscriptions with an IMSI at an MME or SGSN',
    description:
      'In the order in which the subscriptions were made. With "host" it reads the state of every subscription.',
    query: listQuery,
    answers: {
      200: {
        description: 'One page',
        schema: 'ServingNodesList',
        example: { items: [attachmentsExample], nextCursor: null },
      },
    },
    problems: [400],
    handle: async ({ query }) => ({
      status: 200,
      body: await page(attachments, query as z.output<typeof listQuery>),
    }),
  },
  {
    method: 'GET',
    path: '/v1/mobility-nodes',
    operationId: 'listMobilityNodes',
    tag: 'State',
    summary: 'MMEs and SGSNs where IMSIs are registered',
    description:
      'With the number of IMSIs, the one with the most first; at most a thousand. Reads the state of every subscription.',
    answers: {
      200: {
        description: 'All of them',
        schema: 'MobilityNodeList',
        example: { items: [attachedNodeExample] },
      },
    },
    problems: [],
    handle: async () => ({ status: 200, body: { items: await attachedNodes(attachments) } }),
  },
];
