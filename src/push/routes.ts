/**
 * By which peers S-CSCFs are reached that are no peers themselves: what their last requests came by, as every
 * instance has seen it [6733-6.1]. Only what is new is written; the rest is a look into a set.
 */
import type { OutboxStore, PushRoute } from '../domain/outbox';
import type { IncomingRequest, PeerSnapshot, RequestSink } from '../peer/contract';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';

/** Routes remembered; far more than there are S-CSCFs. */
const MAX_ROUTE_COUNT = 10_000;
const REFRESH_MS = 5_000;
/** Commands of S-CSCFs: Server-Assignment and Multimedia-Auth [29.228-6]. */
const scscfCommands = new Set([301, 303]);

const isOpen = ({ state }: PeerSnapshot): boolean => state === 'R-Open' || state === 'I-Open';

export class RouteMemory {
  #seen = new Set<string>();
  #routes: readonly PushRoute[] = [];
  #refreshedAtMs = -Infinity;

  constructor(
    private readonly outbox: Pick<OutboxStore, 'routes' | 'addRoute'>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** The sink with an eye on where requests come from. */
  watching(sink: RequestSink): RequestSink {
    return {
      onRequest: (request) => {
        this.#notice(request);
        sink.onRequest(request);
      },
      onUndecodable: (request) => sink.onUndecodable(request),
      admission: sink.admission,
    };
  }

  /** S-CSCFs that are reached now, in lower case, each with the peer in between, if any. */
  async reachable(peers: readonly PeerSnapshot[]): Promise<ReadonlyMap<string, string | null>> {
    const open = new Set(peers.filter(isOpen).map((peer) => peer.originHost.toLowerCase()));
    const found = new Map<string, string | null>();
    if (open.size === 0) return found;
    if (this.clock.monotonicMs() - this.#refreshedAtMs > REFRESH_MS) {
      this.#routes = await this.outbox.routes();
      this.#refreshedAtMs = this.clock.monotonicMs();
    }
    for (const host of open) found.set(host, null);
    for (const { destinationHost, via } of this.#routes)
      if (via !== null && open.has(via) && !found.has(destinationHost)) found.set(destinationHost, via);
    return found;
  }

  #notice({ peer, message }: IncomingRequest): void {
    const { originHost } = message.avps as { readonly originHost?: string };
    if (
      originHost === undefined ||
      originHost === peer.originHost ||
      !scscfCommands.has(message.header.commandCode)
    )
      return;
    const name = `${originHost} ${peer.originHost}`.toLowerCase();
    if (
      this.#seen.has(name) ||
      this.#seen.size >= MAX_ROUTE_COUNT ||
      originHost.toLowerCase() === peer.originHost.toLowerCase()
    )
      return;
    this.#seen.add(name);
    this.outbox
      .addRoute({ destinationHost: originHost.toLowerCase(), via: peer.originHost.toLowerCase() })
      .then(
        () => {
          this.#refreshedAtMs = -Infinity;
        },
        (error: unknown) => {
          this.#seen.delete(name);
          this.logger.warn(
            { err: error, destinationHost: originHost, peer: peer.originHost },
            'the way back to an S-CSCF is not stored',
          );
        },
      );
  }
}
