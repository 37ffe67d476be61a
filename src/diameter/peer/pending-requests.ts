/**
 * Requests of ours that wait for an answer from one peer, by hop-by-hop identifier. RFC 6733 clauses 3 and
 * 5.5.4.
 *
 * Bounded; the time limit belongs to the request as a whole and so to whoever sends it (outgoing-request.ts).
 */
import type { SendOutcome } from './contract';

/** One request on its way, possibly over several peers one after the other. */
export interface PendingRequest {
  /** An answer or an end; called at most once for each time it was added. */
  settle(outcome: SendOutcome): void;
  /** The peer is suspect or lost: try another. True when the request has left this peer. */
  failover(detail: string, connectionLost: boolean): boolean;
}

export class PendingRequests {
  private readonly byHopByHopId = new Map<number, PendingRequest>();
  private nextId: number;

  /** `firstHopByHopId` should be random, so that ids do not repeat after a restart. */
  constructor(
    private readonly maxPending: number,
    firstHopByHopId: number,
  ) {
    this.nextId = firstHopByHopId >>> 0;
  }

  get size(): number {
    return this.byHopByHopId.size;
  }

  /** A fresh identifier that no other pending request of this peer has. For DWR and DPR too. */
  newHopByHopId(): number {
    do {
      this.nextId = (this.nextId + 1) >>> 0;
    } while (this.byHopByHopId.has(this.nextId));
    return this.nextId;
  }

  /** Returns the identifier under which the answer will come, or null when too many requests wait. */
  add(request: PendingRequest): number | null {
    if (this.byHopByHopId.size >= this.maxPending) return null;
    const id = this.newHopByHopId();
    this.byHopByHopId.set(id, request);
    return id;
  }

  /** Takes out the request that an answer belongs to; undefined when it came late or was never asked for. */
  take(hopByHopId: number): PendingRequest | undefined {
    const request = this.byHopByHopId.get(hopByHopId);
    if (request !== undefined) this.byHopByHopId.delete(hopByHopId);
    return request;
  }

  /**
   * [6733-5.5.4] Offers every request to another peer; those that find none stay, unless the connection is
   * lost.
   */
  failover(detail: string, connectionLost: boolean): void {
    for (const [id, request] of [...this.byHopByHopId]) {
      // A request may already have been taken by what an earlier one set off.
      if (this.byHopByHopId.get(id) !== request) continue;
      this.byHopByHopId.delete(id);
      if (!request.failover(detail, connectionLost) && !connectionLost) this.byHopByHopId.set(id, request);
    }
  }
}
