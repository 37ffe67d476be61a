/** The Diameter peers as they are now. Read only. */
import type { PeerTable } from '../../diameter/peer/contract';
import { peerExample } from '../openapi/examples';
import type { PeerView } from '../openapi/views';
import type { Route } from '../route';

function peerViews(peers: PeerTable): PeerView[] {
  return peers.snapshot().map(({ connectedSinceMs, applications, ...peer }) => ({
    ...peer,
    applications: [...applications],
    connectedSince: connectedSinceMs === null ? null : new Date(connectedSinceMs).toISOString(),
  }));
}

export function peerRoutes(peers: PeerTable): Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/peers',
      operationId: 'listPeers',
      tag: 'State',
      summary: 'Diameter peers',
      answers: {
        200: {
          description: 'Every peer that is configured or connected',
          schema: 'PeerList',
          example: { items: [peerExample] },
        },
      },
      problems: [],
      handle: () => Promise.resolve({ status: 200, body: { items: peerViews(peers) } }),
    },
  ];
}
