/**
 * One request of ours on its way: to the peer itself or through another, with failover. RFC 6733 clauses
 * 5.5.4 and 6.1.
 *
 * A request that moves to another peer keeps its End-to-End Identifier and gets the T bit; its hop-by-hop
 * identifier is new with every peer. A peer in SUSPECT or lost before the answer is left for the next
 * candidate not tried yet.
 */
import { setRetransmitted } from '../codec/header';
import type { SendOutcome } from './contract';
import type { PendingRequest } from './pending-requests';

/** A peer as a next hop. */
export interface NextHop {
  /** Smaller is better: 0 is OKAY, null cannot be used now. */
  readonly rank: number | null;
  /** The longest message that it takes. */
  readonly maxMessageOctets: number;
  /** Puts the request into the pending ones and sends it; the identifier, or null when it cannot. */
  transmit(bytes: Buffer, request: PendingRequest): number | null;
  /** Counts a request that is longer than it takes. */
  refuse(request: Buffer): void;
  /** Forgets a pending request that nobody waits for any more. */
  forget(hopByHopId: number): void;
}

const unroutable: SendOutcome = { kind: 'unroutable', detail: 'no open connection leads there' };

export class OutgoingRequest implements PendingRequest {
  private readonly tried = new Set<NextHop>();
  private current: { hop: NextHop; hopByHopId: number } | null = null;
  private resolve: ((outcome: SendOutcome) => void) | null = null;
  private timer: NodeJS.Timeout | null = null;

  /**
   * `candidates` are looked at anew whenever a next hop is needed, in their order among those of equal rank.
   */
  constructor(
    private readonly request: Buffer,
    private readonly candidates: () => readonly NextHop[],
    private readonly onFailover: (detail: string) => void,
  ) {}

  /** Sends it. Resolves once, with `timeout` after `timeoutMs`. */
  start(timeoutMs: number): Promise<SendOutcome> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      if (!this.transmit()) return this.settle(this.tooLong() ?? unroutable);
      this.timer = setTimeout(() => {
        this.current?.hop.forget(this.current.hopByHopId);
        this.settle({ kind: 'timeout' });
      }, timeoutMs);
    });
  }

  settle(outcome: SendOutcome): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const resolve = this.resolve;
    this.resolve = null;
    resolve?.(outcome);
  }

  failover(detail: string, connectionLost: boolean): boolean {
    if (this.resolve === null) return true;
    if (this.transmit()) {
      this.onFailover(detail);
      return true;
    }
    if (connectionLost)
      this.settle({ kind: 'unroutable', detail: `${detail}, and no other peer takes over` });
    return false;
  }

  /** Where a connection leads there, but none that takes so long a request. */
  private tooLong(): SendOutcome | null {
    const [hop] = this.candidates().filter((candidate) => candidate.rank !== null && !this.fits(candidate));
    if (hop === undefined) return null;
    hop.refuse(this.request);
    return { kind: 'tooLong', octets: this.request.length, maxOctets: hop.maxMessageOctets };
  }

  private fits({ maxMessageOctets }: NextHop): boolean {
    return this.request.length <= maxMessageOctets;
  }

  private transmit(): boolean {
    const usable = this.candidates()
      .filter((hop) => hop.rank !== null && !this.tried.has(hop) && this.fits(hop))
      .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
    for (const hop of usable) {
      // A copy for each peer: the one before may still wait in a write queue.
      const bytes = Buffer.from(this.request);
      // The peer before may have it [6733-5.5.4].
      if (this.tried.size > 0) setRetransmitted(bytes);
      const hopByHopId = hop.transmit(bytes, this);
      if (hopByHopId === null) continue;
      this.tried.add(hop);
      this.current = { hop, hopByHopId };
      return true;
    }
    return false;
  }
}
