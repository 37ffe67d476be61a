/**
 * Drives the watchdog machine of watchdog-state.ts: its one timer, the jitter of RFC 3539 3.4.1 [2], and the
 * time at which something was last received. [3539-3.4.1]
 *
 * Deviations: in INITIAL and DOWN the timer is the reconnection back-off, not Twinit (RFC 6733 2.1 leaves Tc
 * to us), and there is none for peers that we do not connect to. While we do not read on purpose, an expired
 * timer is no evidence against the peer and is set again. Throwaway() only means that the machine ignores the
 * message: requests of a reopened peer are served at once, because the peer may not run this machine and
 * waits for its answers.
 */
import type { Clock, RandomSource } from '../../shared/clock';
import type { WatchdogStateName } from '../../events/names';
import { randomFraction } from './back-off';
import {
  initialWatchdog,
  stepWatchdog,
  type WatchdogAction,
  type WatchdogEventName,
  type WatchdogVariables,
} from './watchdog-state';

export interface WatchdogOwner {
  sendWatchdog(): void;
  failover(): void;
  failback(): void;
  closeConnection(): void;
  attemptOpen(): void;
  /** Milliseconds until the next attempt to connect, or null when none is to be made. */
  reopenDelayMs(): number | null;
  /** Whether reading is paused by our own choice. */
  deafByChoice(): boolean;
  watchdogChanged(from: WatchdogStateName, to: WatchdogStateName): void;
}

export interface WatchdogTimes {
  readonly watchdogTwinitMs: number;
  readonly watchdogJitterMs: number;
}

export class Watchdog {
  private variables: WatchdogVariables = initialWatchdog;
  private timer: NodeJS.Timeout | null = null;
  private dueAtMs = 0;
  /** Twinit with the jitter drawn when the timer was last set. */
  private intervalMs: number;

  constructor(
    private readonly owner: WatchdogOwner,
    private readonly times: WatchdogTimes,
    private readonly clock: Clock,
    private readonly random: RandomSource,
  ) {
    this.intervalMs = times.watchdogTwinitMs;
  }

  get state(): WatchdogStateName {
    return this.variables.state;
  }

  /**
   * Any message but a DWA. The way for every request, so in OKAY it only moves the time at which the timer is
   * due.
   */
  receivedNonDwa(atMs: number): void {
    if (this.variables.state === 'OKAY') this.dueAtMs = atMs + this.intervalMs;
    else this.handle('Receive non-DWA');
  }

  /** Feeds one event to the machine and does what it says. */
  handle(event: WatchdogEventName): void {
    const from = this.variables.state;
    const step = stepWatchdog(this.variables, event);
    this.variables = step.variables;
    if (from !== step.variables.state) this.owner.watchdogChanged(from, step.variables.state);
    for (const action of step.actions) this.act(action);
  }

  /** No timer until the next event: the connection is being closed in order, or the peer is forgotten. */
  suspend(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /**
   * Has a DWR sent now, to find out whether a connection is still alive: in OKAY by making the timer expire,
   * in REOPEN without a word to the machine. In SUSPECT, or with one pending, the peer owes a DWA already.
   */
  probe(): void {
    const { state, pending } = this.variables;
    if (state === 'OKAY' && !pending) this.handle('Timer expires');
    else if (state === 'REOPEN') this.owner.sendWatchdog();
  }

  private act(action: WatchdogAction): void {
    switch (action) {
      case 'SetWatchdog':
        return this.setWatchdog();
      case 'SendWatchdog':
        return this.owner.sendWatchdog();
      case 'Failover':
        return this.owner.failover();
      case 'Failback':
        return this.owner.failback();
      case 'CloseConnection':
        return this.owner.closeConnection();
      case 'AttemptOpen':
        return this.owner.attemptOpen();
      case 'Throwaway':
        return undefined;
    }
  }

  private setWatchdog(): void {
    this.suspend();
    const state = this.variables.state;
    if (state === 'INITIAL' || state === 'DOWN') {
      const delayMs = this.owner.reopenDelayMs();
      if (delayMs === null) return;
      this.intervalMs = delayMs;
    } else {
      // [3539-3.4.1] [2]: Twinit plus or minus a random part, so that watchdogs do not go out in step.
      const spreadMs = this.times.watchdogJitterMs;
      this.intervalMs = this.times.watchdogTwinitMs - spreadMs + 2 * spreadMs * randomFraction(this.random);
    }
    this.dueAtMs = this.clock.monotonicMs() + this.intervalMs;
    this.startTimer(this.intervalMs);
  }

  private startTimer(delayMs: number): void {
    this.timer = setTimeout(() => this.expired(), Math.max(1, delayMs));
  }

  private expired(): void {
    this.timer = null;
    const leftMs = this.dueAtMs - this.clock.monotonicMs();
    if (leftMs > 1) return this.startTimer(leftMs);
    const connected = this.variables.state !== 'INITIAL' && this.variables.state !== 'DOWN';
    if (connected && this.owner.deafByChoice()) return this.setWatchdog();
    this.handle('Timer expires');
  }
}
