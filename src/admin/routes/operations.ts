/** What goes on: registration state of a subscription, registrations of all, and the Diameter peers. Read only. */
import { z } from 'zod';
import type { ProvisioningStore } from '../../domain/ports';
import { initialStatus, setStatus, type RegistrationStatus } from '../../domain/registration-status';
import type { SubscriptionDocument } from '../../domain/subscription-document';
import type { PeerTable } from '../../peer/contract';
import { ProblemError } from '../problem';
import type { Route } from '../route';
import { peerExample, registrationStatusExample } from '../openapi/examples';
import type { PeerView, RegistrationStatusView } from '../openapi/views';
import { pageQuery } from './shared-sets';

const instant = (ms: number): string => new Date(ms).toISOString();

/** The status as it is shown: every set of the document in its order, sets without state included. */
export function registrationStatusView(document: SubscriptionDocument, status: RegistrationStatus): RegistrationStatusView {
  return {
    id: document.id,
    server: status.server === null ? null : { ...status.server },
    reassignmentPending: status.reassignmentPending,
    sets: document.implicitRegistrationSets.map((set) => {
      const state = setStatus(status, set.name);
      return {
        name: set.name,
        state: state.state,
        publicIdentities: set.publicIdentities.map((entry) => entry.identity),
        privateIdentities: (set.privateIdentities ?? document.privateIdentities.map((entry) => entry.identity)).map((identity) => {
          const entry = state.privateIdentities[identity];
          return {
            identity,
            registered: entry?.registered === true,
            authenticationPendingSince: entry?.authenticationPendingSinceMs === undefined ? null : instant(entry.authenticationPendingSinceMs),
            restorationInformation: entry?.restoration !== undefined,
          };
        }),
      };
    }),
    sequenceNumbers: { ...status.sequenceNumbers },
  };
}

async function statusOf(store: ProvisioningStore, id: string): Promise<RegistrationStatusView> {
  const [stored, found] = await Promise.all([store.getSubscription({ id }), store.getStatus({ id })]);
  if (stored === null || found === null) throw new ProblemError(404, `There is no subscription "${id}".`);
  return registrationStatusView(stored.document, found.status);
}

function peerViews(peers: PeerTable): PeerView[] {
  return peers.snapshot().map(({ connectedSinceMs, applications, ...peer }) => ({
    ...peer, applications: [...applications], connectedSince: connectedSinceMs === null ? null : instant(connectedSinceMs),
  }));
}

const registrationsQuery = z.strictObject({
  ...pageQuery.shape,
  state: z.enum(['registered', 'unregistered']).optional().describe('Only subscriptions with a set in this state; both states when absent'),
});

/** One page of subscriptions, those of them that have state; a page may hold fewer than `limit`, even none, and not be the last. */
async function registrations(store: ProvisioningStore, query: z.output<typeof registrationsQuery>): Promise<unknown> {
  const [page, counts] = await Promise.all([store.listSubscriptions(query.cursor ?? null, query.limit), store.counts()]);
  const views = await Promise.all(page.items.map(async ({ document }) => {
    const found = await store.getStatus({ id: document.id });
    return registrationStatusView(document, found?.status ?? initialStatus);
  }));
  const items = views.filter((view) => view.sets.some((set) => (query.state === undefined ? set.state !== 'notRegistered' : set.state === query.state)));
  return { counts, items, nextCursor: page.nextCursor };
}

export function operationRoutes(store: ProvisioningStore, peers: PeerTable): Route[] {
  return [{
    method: 'GET', path: '/v1/subscriptions/{id}/registration-status', operationId: 'getRegistrationStatus', tag: 'State',
    summary: 'Registration state of one subscription', pathParameters: { id: 'Name of the IMS subscription' },
    description: 'S-CSCF with its Diameter host and realm, flags, the state of each implicit registration set and private identity, sequence numbers (TS 33.102 Annex C). No keys.',
    answers: { 200: { description: 'The state as it is now', schema: 'RegistrationStatus', example: registrationStatusExample } }, problems: [404],
    handle: async ({ params }) => ({ status: 200, body: await statusOf(store, params['id'] ?? '') }),
  }, {
    method: 'GET', path: '/v1/registrations', operationId: 'listRegistrations', tag: 'State', summary: 'Subscriptions that are registered or served unregistered',
    description: 'Walks the subscriptions. A page may hold fewer entries than limit, even none, and still name a next one.', query: registrationsQuery,
    answers: { 200: { description: 'One page, with the counts of the whole', schema: 'RegistrationList', example: { counts: { registeredSets: 1, unregisteredSets: 0, registeredIdentities: 2, unregisteredIdentities: 0, subscriptions: 4 }, items: [registrationStatusExample], nextCursor: null } } },
    problems: [400],
    handle: async ({ query }) => ({ status: 200, body: await registrations(store, query as z.output<typeof registrationsQuery>) }),
  }, {
    method: 'GET', path: '/v1/peers', operationId: 'listPeers', tag: 'State', summary: 'Diameter peers',
    answers: { 200: { description: 'Every peer that is configured or connected', schema: 'PeerList', example: { items: [peerExample] } } }, problems: [],
    handle: () => Promise.resolve({ status: 200, body: { items: peerViews(peers) } }),
  }];
}
