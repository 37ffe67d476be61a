/** `hss peers`: the Diameter peers of the running HSS, from its HTTP API. */
import type { PeerSnapshot } from '../../diameter/peer/contract';
import { table } from '../table';
import type { RegisterCommand } from '../context';

export const registerPeers: RegisterCommand = (program, context) => {
  program
    .command('peers')
    .description('Diameter peers: state, watchdog, traffic')
    .action(async () => {
      const { body } = await context.api().call<unknown>('GET', '/v1/peers');
      context.print(body, () => peerTable(peersOf(body)));
    });
};

/** The API may wrap its list. */
function peersOf(body: unknown): readonly Partial<PeerSnapshot>[] {
  if (Array.isArray(body)) return body as Partial<PeerSnapshot>[];
  if (typeof body === 'object' && body !== null) {
    for (const name of ['items', 'peers'] as const) {
      const list = (body as Record<string, unknown>)[name];
      if (Array.isArray(list)) return list as Partial<PeerSnapshot>[];
    }
  }
  return [];
}

function peerTable(peers: readonly Partial<PeerSnapshot>[]): string {
  const headings = [
    'PEER',
    'REALM',
    'STATE',
    'WATCHDOG',
    'CONFIGURED',
    'REMOTE',
    'PRODUCT',
    'PENDING',
    'IN',
    'OUT',
  ];
  return table(
    headings,
    peers.map((peer) => [
      peer.originHost,
      peer.originRealm,
      peer.state,
      peer.watchdog,
      peer.configured,
      peer.remote ? `${peer.protocol ?? ''} ${peer.remote}` : undefined,
      peer.productName,
      peer.pendingRequests,
      peer.messagesIn,
      peer.messagesOut,
    ]),
    'No Diameter peers.',
  );
}
