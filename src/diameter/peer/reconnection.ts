/**
 * When to connect again: back-off that grows with failures, and the peer's own wish in its DPR. RFC 6733
 * clauses 2.1 and 5.4.3. [6733-5.4.3]
 */
import type { Clock, RandomSource } from '../../shared/clock';
import { DisconnectCause } from '../generated/base';
import { backOffMs } from './back-off';
import type { PeerOptions } from './options';

export class Reconnection {
  private failures = 0;
  private openedAtMs: number | null = null;
  /** The peer said that it does not want to be connected to soon. */
  private unwanted = false;

  constructor(
    private readonly options: PeerOptions,
    private readonly clock: Clock,
    private readonly random: RandomSource,
  ) {}

  opened(): void {
    this.unwanted = false;
    this.openedAtMs = this.clock.monotonicMs();
  }

  /** The connection, or the attempt, has ended. One that did not last counts as a failure. */
  closed(): void {
    const openMs = this.openedAtMs === null ? 0 : this.clock.monotonicMs() - this.openedAtMs;
    this.failures = openMs >= this.options.reconnectStableMs ? 0 : this.failures + 1;
    this.openedAtMs = null;
  }

  /** The peer's DPR. */
  peerDisconnects(cause: DisconnectCause | undefined): void {
    this.unwanted = cause === DisconnectCause.BUSY || cause === DisconnectCause.DO_NOT_WANT_TO_TALK_TO_YOU;
  }

  /** The configuration is new: what was learned of the old one does not count. */
  reset(): void {
    this.failures = 0;
    this.unwanted = false;
  }

  /** Milliseconds until the next attempt. */
  delayMs(): number {
    if (this.unwanted) return this.options.reconnectUnwantedMs;
    return backOffMs(Math.max(0, this.failures - 1), this.options, this.random);
  }
}
