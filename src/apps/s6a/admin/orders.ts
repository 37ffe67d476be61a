/** CLR, IDR and RSR by hand [29.272-5.2.1.2.3] [29.272-5.2.2.1.3] [29.272-5.2.4.1.3]. */
import type { z } from 'zod';
import { ProblemError } from '../../../admin/problem';
import { jsonMediaType, type Route } from '../../../admin/route';
import { bodyOf } from '../../../admin/validation';
import { sameIdentity } from '../../../diameter/peer/diameter-identity';
import type { OutboxStore } from '../../../outbox/ports';
import type { LoadedModule } from '../../../state/module';
import type { StateStore, SubscriptionSnapshot } from '../../../state/ports';
import type { ChangeReactions } from '../../../state/reactions';
import { effectiveEps } from '../../../subscriber/eps';
import { findUsim } from '../../../subscriber/subscription';
import { manualCancellation, manualUpdate, type ManualOrder } from '../outgoing/manual-orders';
import { reset } from '../outgoing/payloads';
import { servingNodes, servingNodesChange, servingNodesOf } from '../state/serving-nodes';
import type { Destinations } from '../store/destinations';
import {
  cancellationSchema,
  nodeRequestView,
  openExample,
  resetSchema,
  subscriberUpdateSchema,
  type NodeRequestView,
} from './views';

export interface OrderPorts {
  readonly outbox: OutboxStore;
  readonly store: Pick<StateStore, 'load'>;
  readonly destinations: Destinations;
  /** There is something new to send. */
  readonly wake: () => void;
  /** Of other applications to what an order changes. */
  readonly reactions: ChangeReactions;
}

/** How often it is asked for again when somebody else changed the subscription in between. */
const ENQUEUE_TRIES_COUNT = 8;

async function viewsOf(outbox: OutboxStore, ids: readonly number[]): Promise<NodeRequestView[]> {
  const views = await Promise.all(ids.map((id) => outbox.get(id)));
  return views.flatMap((view) => (view === null ? [] : (nodeRequestView(view) ?? [])));
}

/** Writes what is decided on the IMSI as it is, with the change of its nodes. @throws ProblemError */
async function order(
  { outbox, store, wake, reactions }: OrderPorts,
  imsi: string,
  decide: (snapshot: SubscriptionSnapshot) => ManualOrder,
): Promise<NodeRequestView[]> {
  let modules: readonly LoadedModule[] = [servingNodes];
  for (let attempt = 0; attempt < ENQUEUE_TRIES_COUNT; attempt += 1) {
    const { snapshot } = await store.load({ impus: [], imsi, modules });
    if (snapshot === null) throw new ProblemError(404, `No subscription has the IMSI ${imsi}.`);
    const decided = decide(snapshot);
    if (!decided.ok) throw new ProblemError(409, `Nothing is sent: ${decided.reason}.`);
    const changes =
      decided.nodes === servingNodesOf(snapshot, imsi) ? [] : [servingNodesChange(snapshot, decided.nodes)];
    const reaction = changes.length === 0 ? null : reactions(snapshot, changes);
    if (reaction?.kind === 'needs') {
      modules = [...modules, ...reaction.modules];
      continue;
    }
    const entries = [...decided.entries, ...(reaction?.entries ?? [])];
    const change = changes.length === 0 ? undefined : { snapshot, changes };
    const ids = await outbox.enqueue(snapshot.key, snapshot.version, entries, change);
    if (ids === 'conflict') continue;
    wake();
    return viewsOf(outbox, ids);
  }
  throw new ProblemError(503, 'The subscription keeps changing; try again.', [], { 'retry-after': '1' });
}

/** One RSR for each node that serves somebody who is meant. @throws ProblemError */
async function resetNodes(
  { outbox, destinations, wake }: OrderPorts,
  { node, userIds }: z.output<typeof resetSchema>,
): Promise<NodeRequestView[]> {
  const served = await destinations.list(userIds ?? null);
  const chosen = node === undefined ? served : served.filter(({ host }) => sameIdentity(host, node));
  if (chosen.length === 0)
    throw new ProblemError(
      409,
      `Nothing is sent: none of these subscribers is registered at ${node ?? 'an MME or SGSN'}.`,
    );
  const payload = userIds === undefined ? {} : { userIds };
  const ids = await outbox.enqueueWithoutSubscription(chosen.map((to) => reset(to, payload)));
  wake();
  return viewsOf(outbox, ids);
}

function epsOf(snapshot: SubscriptionSnapshot, imsi: string) {
  const usim = findUsim(snapshot.subscription, imsi);
  return (usim === undefined ? undefined : effectiveEps(usim, snapshot.shared)) ?? null;
}

const accepted = (example: NodeRequestView) => ({
  202: {
    description: 'Written, and on their way',
    schema: 'NodeRequestList',
    example: { items: [example], nextCursor: null },
  },
});
const pathParameters = { imsi: 'IMSI of a USIM' };

export const orderRoutes = (ports: OrderPorts): Route[] => [
  {
    method: 'POST',
    path: '/v1/imsis/{imsi}/cancel-location',
    operationId: 'cancelLocation',
    tag: 'Node requests',
    summary: 'Cancel a location (CLR)',
    description:
      'The MME, the SGSN or both delete their record of the IMSI, TS 29.272 clause 5.2.1.2. The HSS forgets the node at once, but for an initialAttachProcedure.',
    pathParameters,
    body: {
      mediaType: jsonMediaType,
      schema: 'Cancellation',
      description: 'Where, and why',
      example: { node: 'mme', type: 'subscriptionWithdrawal', reattach: true },
    },
    answers: accepted({
      ...openExample,
      command: 'CLR',
      cancellationType: 'subscriptionWithdrawal',
      reattach: true,
      flags: [],
    }),
    problems: [404, 409, 422],
    handle: async (request) => {
      const asked = bodyOf(cancellationSchema, request);
      const imsi = request.params['imsi'] ?? '';
      const items = await order(ports, imsi, (snapshot) =>
        manualCancellation(servingNodesOf(snapshot, imsi), asked),
      );
      return { status: 202, body: { items, nextCursor: null } };
    },
  },
  {
    method: 'POST',
    path: '/v1/imsis/{imsi}/update-subscriber',
    operationId: 'updateSubscriber',
    tag: 'Node requests',
    summary: 'Send subscriber data, or ask for the state of the UE (IDR)',
    description:
      'TS 29.272 clause 5.2.2.1. A flag whose feature the node has not announced is refused. What the node tells is kept with it.',
    pathParameters,
    body: {
      mediaType: jsonMediaType,
      schema: 'SubscriberUpdate',
      description: 'What to send, and what to ask for',
      example: { flags: ['location', 'userState'] },
    },
    answers: accepted(openExample),
    problems: [404, 409, 422],
    handle: async (request) => {
      const asked = bodyOf(subscriberUpdateSchema, request);
      const imsi = request.params['imsi'] ?? '';
      const items = await order(ports, imsi, (snapshot) =>
        manualUpdate(servingNodesOf(snapshot, imsi), epsOf(snapshot, imsi), asked),
      );
      return { status: 202, body: { items, nextCursor: null } };
    },
  },
  {
    method: 'POST',
    path: '/v1/reset',
    operationId: 'resetNodes',
    tag: 'Node requests',
    summary: 'Tell MMEs and SGSNs that the HSS was restarted (RSR)',
    description: 'One Reset-Request for each node that serves somebody, TS 29.272 clause 5.2.4.1.',
    body: {
      mediaType: jsonMediaType,
      schema: 'Reset',
      description: 'Whom it is about',
      example: { userIds: ['00101'] },
    },
    answers: accepted({
      ...openExample,
      subscription: null,
      command: 'RSR',
      imsi: null,
      node: null,
      flags: [],
      userIds: ['00101'],
    }),
    problems: [409, 422],
    handle: async (request) => {
      const items = await resetNodes(ports, bodyOf(resetSchema, request));
      return { status: 202, body: { items, nextCursor: null } };
    },
  },
];
