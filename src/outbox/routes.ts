/**
 * The peers by which destinations are reached that are no peers themselves: the peers that their last requests
 * came by, as every instance has seen it [6733-6.1]. The latest way replaces the one before. Only requests whose
 * peer may speak for their origin are seen here (src/diameter/dispatch/authority.ts).
 *
 * The hot path only writes a time; what is new goes to the database together, before the next look at what
 * others have learned. What is in use is renewed there, so that what nobody uses can be forgotten.
 */
import type { OutboxStore, PushRoute } from './ports';
import type { IncomingRequest, PeerSnapshot } from '../diameter/peer/contract';
import type { Clock } from '../shared/clock';
import { BoundedMemory, type Remembered } from './bounded-memory';

/** Far more than there are destinations, in all and behind one relay. */
export const ROUTE_BOUNDS = { maxCount: 10_000, maxPerGroupCount: 2_000 };
/** A route that nobody used for so long is forgotten; no destination is silent that long while it serves a user. */
const MAX_AGE_MS = 30 * 86_400_000;
const RENEW_MS = 3_600_000;
const REFRESH_MS = 5_000;
/** What is new does not wait for the next refresh; a flood of it does not make a flood of statements. */
const WRITE_GAP_MS = 500;
/**
 * Requests whose origin is a destination of ours: the command codes of each application, by its identifier.
 * The way that such a request came is the way back.
 */
export type ReturnCommands = ReadonlyMap<number, ReadonlySet<number>>;

const isOpen = ({ state }: PeerSnapshot): boolean => state === 'R-Open' || state === 'I-Open';

interface Route extends Remembered {
  /** Monotonic milliseconds; -Infinity where the database does not have it. */
  storedAtMs: number;
}

export class RouteMemory {
  readonly #latest = new BoundedMemory<Route>(ROUTE_BOUNDS);
  #routes: readonly PushRoute[] = [];
  #hasNew = false;
  #refreshedAtMs = -Infinity;
  #trimmedAtMs = -Infinity;

  constructor(
    private readonly outbox: Pick<OutboxStore, 'routes' | 'learnRoutes'>,
    private readonly clock: Clock,
    private readonly commands: ReturnCommands,
  ) {}

  /** A request of a peer that may send it. */
  readonly observe = ({ peer, message, receivedAtMs }: IncomingRequest): void => {
    const { originHost } = message.avps as { readonly originHost?: string };
    const { applicationId, commandCode } = message.header;
    if (
      originHost === undefined ||
      originHost === peer.originHost ||
      this.commands.get(applicationId)?.has(commandCode) !== true
    )
      return;
    this.#note(originHost, peer.originHost, receivedAtMs);
  };

  /** An answer of the destination came by that peer. */
  answered(destinationHost: string, via: string): void {
    this.#note(destinationHost, via, this.clock.monotonicMs());
  }

  /** Destinations that are reached now, in lower case, each with the peer in between, if any. */
  async reachable(peers: readonly PeerSnapshot[]): Promise<ReadonlyMap<string, string | null>> {
    const open = new Set(peers.filter(isOpen).map((peer) => peer.originHost.toLowerCase()));
    const found = new Map<string, string | null>();
    if (open.size === 0) return found;
    const sinceMs = this.clock.monotonicMs() - this.#refreshedAtMs;
    if (sinceMs > REFRESH_MS || (this.#hasNew && sinceMs > WRITE_GAP_MS)) await this.#exchange();
    for (const host of open) found.set(host, null);
    for (const { destinationHost, via } of this.#routes)
      if (via !== null && open.has(via) && !found.has(destinationHost)) found.set(destinationHost, via);
    return found;
  }

  #note(originHost: string, via: string, nowMs: number): void {
    const host = originHost.toLowerCase();
    const peer = via.toLowerCase();
    const known = this.#latest.get(host);
    if (known?.group === peer) {
      known.usedAtMs = nowMs;
    } else if (host !== peer) {
      this.#latest.set(host, { group: peer, usedAtMs: nowMs, storedAtMs: -Infinity });
      this.#hasNew = true;
    }
  }

  /** Writes what is new or has to be renewed, and reads what all instances know. */
  async #exchange(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    const fresh = [...this.#latest.entries()].filter(
      ([, { usedAtMs, storedAtMs }]) => usedAtMs > storedAtMs && nowMs - storedAtMs > RENEW_MS,
    );
    this.#hasNew = false;
    if (fresh.length > 0 || nowMs - this.#trimmedAtMs > RENEW_MS) {
      const routes = fresh.map(([destinationHost, { group }]) => ({ destinationHost, via: group }));
      const { maxCount, maxPerGroupCount } = ROUTE_BOUNDS;
      await this.outbox.learnRoutes(routes, {
        maxCount,
        maxPerPeerCount: maxPerGroupCount,
        maxAgeMs: MAX_AGE_MS,
      });
      this.#trimmedAtMs = nowMs;
      for (const [, route] of fresh) route.storedAtMs = nowMs;
    }
    this.#routes = await this.outbox.routes();
    this.#refreshedAtMs = this.clock.monotonicMs();
    this.#missed();
  }

  /** A route in use that others have pushed out of the database is written again. */
  #missed(): void {
    const stored = new Set(this.#routes.map(({ destinationHost, via }) => `${destinationHost} ${via}`));
    for (const [host, route] of this.#latest.entries())
      if (route.usedAtMs > route.storedAtMs && !stored.has(`${host} ${route.group}`)) {
        route.storedAtMs = -Infinity;
        this.#hasNew = true;
      }
  }
}
