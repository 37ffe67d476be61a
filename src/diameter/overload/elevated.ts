/**
 * How much of the highest priorities one peer may have [29.228-J.2.3]. A priority is what its sender says of
 * itself, so a peer that calls everything urgent would have all places. At most half of what can be served goes
 * to one peer's requests above PRIORITY_10, after a burst of a quarter of a second's worth of that; its further
 * ones wait as ordinary ones, in turns with those of the other peers. A peer that nobody competes with has no
 * bound.
 */
import { limits } from '../../shared/limits';

/** Of what is served, for one peer's requests of higher priority. */
const ELEVATED_SHARE = 0.5;
const BURST_SECONDS = 0.25;
/** However slow we are, a burst of this many keeps its priority. */
const MIN_BURST_COUNT = 8;
const ORDINARY = limits.drmpLevel.default;

/** What a peer may still have at once. */
interface Allowance {
  count: number;
  atMs: number;
}

export class ElevatedShares {
  /** Of peers that have used of it lately. */
  readonly #allowances = new Map<string, Allowance>();
  /** Peers that had to wait since the last look, and those of the look before. */
  #peers = new Set<string>();
  #formerPeers = new Set<string>();

  /**
   * The priority that a request is given. `capacityPerSecond`: what can be served; infinite until it is known.
   */
  levelOf(peer: string, priority: number, capacityPerSecond: number, nowMs: number): number {
    if (priority >= ORDINARY || capacityPerSecond === Infinity) return priority;
    const perSecond = ELEVATED_SHARE * capacityPerSecond;
    const mostCount = Math.max(MIN_BURST_COUNT, perSecond * BURST_SECONDS);
    const allowance = this.#allowances.get(peer);
    if (allowance === undefined) {
      this.#allowances.set(peer, { count: mostCount, atMs: nowMs });
      return priority;
    }
    allowance.count = Math.min(mostCount, allowance.count + ((nowMs - allowance.atMs) * perSecond) / 1_000);
    allowance.atMs = nowMs;
    return allowance.count >= 1 || this.#isAlone(peer) ? priority : ORDINARY;
  }

  /** A request of this peer comes while others wait; `priority`: as it was given. */
  arrived(peer: string, priority: number): void {
    this.#peers.add(peer);
    if (priority >= ORDINARY) return;
    const allowance = this.#allowances.get(peer);
    if (allowance !== undefined) allowance.count = Math.max(0, allowance.count - 1);
  }

  /** A look: who asked for nothing urgent for a while has all of the allowance again, and is forgotten. */
  renew(nowMs: number): void {
    for (const [peer, { atMs }] of this.#allowances)
      if (nowMs - atMs > BURST_SECONDS * 1_000) this.#allowances.delete(peer);
    this.#formerPeers = this.#peers;
    this.#peers = new Set();
  }

  #isAlone(peer: string): boolean {
    return isOnly(this.#peers, peer) && isOnly(this.#formerPeers, peer);
  }
}

const isOnly = (peers: ReadonlySet<string>, peer: string): boolean =>
  peers.size === 0 || (peers.size === 1 && peers.has(peer));
