/**
 * What the watchdog of one peer asks for, done: probes, failover of what waits, ends and new beginnings of
 * the connection. RFC 3539 clause 3.4.
 */
import { DisconnectCause } from '../generated/base';
import type { WatchdogStateName } from '../../events/names';
import type { PeerContext } from './peer-context';
import type { PeerLink } from './peer-link';
import type { PendingRequests } from './pending-requests';
import type { WatchdogOwner } from './watchdog';

/** The peer as its watchdog needs it. */
export interface WatchedPeer {
  readonly name: string;
  readonly isOpen: boolean;
  readonly isConfigured: boolean;
  readonly link: PeerLink | null;
  readonly pending: PendingRequests;
  /** Sends a message of the peer layer's own. */
  sendOwn(abbreviation: 'DWR', bytes: Buffer): void;
  start(): void;
  stop(cause: DisconnectCause): void;
  /** Milliseconds until the next attempt to connect, or null when none is to be made. */
  reopenDelayMs(): number | null;
}

export class WatchdogDuty implements WatchdogOwner {
  private lastRequestAtMs = 0;

  constructor(
    private readonly context: PeerContext,
    private readonly peer: WatchedPeer,
  ) {}

  /** The peer asks something, or has just connected. */
  noteActivity(atMs: number): void {
    this.lastRequestAtMs = atMs;
  }

  sendWatchdog(): void {
    if (!this.peer.isOpen || this.idleTooLong()) return;
    this.peer.sendOwn('DWR', this.context.base.dwr(this.peer.pending.newHopByHopId()));
  }

  failover(): void {
    if (this.peer.isOpen) this.peer.pending.failover(`${this.peer.name} does not answer its watchdog`, false);
  }

  failback(): void {
    this.context.logger.info({ peer: this.peer.name }, `${this.peer.name} answers again`);
  }

  closeConnection(): void {
    if (this.peer.isOpen) this.peer.link?.abort('the watchdog was not answered');
  }

  attemptOpen(): void {
    this.peer.start();
  }

  reopenDelayMs(): number | null {
    return this.peer.reopenDelayMs();
  }

  deafByChoice(): boolean {
    return this.peer.link?.deafByChoice === true;
  }

  watchdogChanged(from: WatchdogStateName, to: WatchdogStateName): void {
    const { name } = this.peer;
    this.context.events.watchdogStateChanged(name, from, to);
    // From OKAY straight to DOWN the connection was closed, which is said where that happened.
    const level = to === 'SUSPECT' || (from === 'SUSPECT' && to === 'DOWN') ? 'warn' : 'debug';
    this.context.logger[level]({ peer: name, from, to }, `Watchdog of ${name}: ${from} -> ${to}`);
  }

  /**
   * [6733-5.4.3] A peer without configuration that asks nothing any more is told so, if that is configured.
   */
  private idleTooLong(): boolean {
    const limitMs = this.context.options.unknownPeerIdleLimitMs;
    if (limitMs === 0 || this.peer.isConfigured) return false;
    if (this.context.clock.monotonicMs() - this.lastRequestAtMs < limitMs) return false;
    this.peer.stop(DisconnectCause.DO_NOT_WANT_TO_TALK_TO_YOU);
    return true;
  }
}
