/**
 * One transport connection as a peer uses it: counters, fairness and flow control.
 *
 * Fairness: at most `maxMessagesPerTurn` messages are handled in one turn of the event loop, the rest waits
 * for the next turns, and while anything waits nothing more is read. What is only put aside, or refused,
 * counts as a quarter of a message: an overloaded HSS has to see what comes sooner than it can serve it, or
 * its queue would be the peer's socket, where nothing has priority and nobody is told. Flow control: reading
 * stops while `maxRequestsInProgress` requests are unanswered or while the peer does not take what we write,
 * so that what is held for one peer stays bounded: one read of the socket, one incomplete message, the
 * requests in progress and the write queue.
 */
import type { DiameterTap, TappedConnection, TapListener } from '../../events/diameter-tap';
import type { Direction } from '../../events/names';
import type { Clock } from '../../shared/clock';
import type { ClosedReason, FramingFault, TransportConnection } from '../../transport/port';

/** What a message has cost: `little` where it was only looked at and put aside, or refused. */
export type MessageCost = 'full' | 'little';

export interface LinkHandler {
  /** The peer that the connection belongs to; null before it is admitted. */
  readonly peerName: string | null;
  onMessage(link: PeerLink, bytes: Buffer, receivedAtMs: number): MessageCost;
  onFramingFault(link: PeerLink, fault: FramingFault): void;
  /** Exactly once, last. */
  onClosed(link: PeerLink, reason: ClosedReason): void;
}

export interface LinkBounds {
  readonly maxRequestsInProgressPerPeer: number;
  readonly maxMessagesPerTurn: number;
}

export interface LinkContext {
  readonly options: LinkBounds;
  readonly clock: Clock;
  readonly tap: DiameterTap;
}

/** So many messages that are put aside cost as much as one that is decoded and served. */
const LITTLE_PER_FULL = 4;

/** Why nothing is read at the moment; several may hold at once. */
const HOLD_BACKLOG = 1;
const HOLD_REQUESTS = 2;
const HOLD_WRITE_QUEUE = 4;
const HOLD_DRAINING = 8;
/** With these nothing is handled either, not even what was read already. */
const HOLDS_HANDLING = HOLD_REQUESTS | HOLD_WRITE_QUEUE | HOLD_DRAINING;

export class PeerLink {
  messagesIn = 0;
  messagesOut = 0;
  octetsIn = 0;
  octetsOut = 0;
  requestsInProgress = 0;
  closed = false;
  /** We end it: what comes up to be sent since is dropped. */
  private ending = false;
  private holds = 0;
  private budget: number;
  private turnScheduled = false;
  private backlog: Array<{ bytes: Buffer; receivedAtMs: number }> = [];
  private backlogHead = 0;
  private idleWaiters: Array<() => void> = [];
  private tapped: TappedConnection | null = null;
  private readonly nextTurn = (): void => this.startTurn();

  constructor(
    readonly connection: TransportConnection,
    public handler: LinkHandler,
    private readonly context: LinkContext,
    private readonly onGone: () => void = () => undefined,
  ) {
    this.budget = context.options.maxMessagesPerTurn * LITTLE_PER_FULL;
    connection.setEvents({
      onMessage: (bytes) => this.received(bytes),
      onFramingFault: (fault) => this.handler.onFramingFault(this, fault),
      onDrain: () => this.release(HOLD_WRITE_QUEUE),
      onClosed: (reason) => this.ended(reason),
    });
  }

  /** The other end, for logs: `192.0.2.1:3868`. */
  get remote(): string {
    const address = this.connection.remote.addresses[0] ?? '';
    return `${address.includes(':') ? `[${address}]` : address}:${this.connection.remote.port}`;
  }

  /** Whether it is we who do not read: the peer's silence then says nothing about the peer. */
  get deafByChoice(): boolean {
    return (this.holds & (HOLD_BACKLOG | HOLD_REQUESTS | HOLD_DRAINING)) !== 0;
  }

  /** Whether reading is paused, for whatever reason. */
  get readingPaused(): boolean {
    return this.holds !== 0;
  }

  /** Messages read and not yet handled. */
  get backlogLength(): number {
    return this.backlog.length - this.backlogHead;
  }

  /** Queues one message. False when the connection is gone. */
  send(bytes: Buffer): boolean {
    if (this.closed || this.ending) return false;
    this.messagesOut += 1;
    this.octetsOut += bytes.length;
    const { listener } = this.context.tap;
    if (listener !== null) this.tell(listener, 'out', bytes, this.context.clock.monotonicMs());
    if (!this.connection.send(bytes)) this.hold(HOLD_WRITE_QUEUE);
    return true;
  }

  /** A request was handed upwards. */
  requestStarted(): void {
    this.requestsInProgress += 1;
    if (this.requestsInProgress >= this.context.options.maxRequestsInProgressPerPeer)
      this.hold(HOLD_REQUESTS);
  }

  /** A request was answered, or its answer dropped. */
  requestFinished(): void {
    this.requestsInProgress -= 1;
    // Half empty before reading goes on: pausing and resuming the socket for every request would cost more.
    if (this.requestsInProgress <= this.context.options.maxRequestsInProgressPerPeer / 2)
      this.release(HOLD_REQUESTS);
    if (this.requestsInProgress === 0) this.wakeIdleWaiters();
  }

  /**
   * Reads no more and resolves when every request is answered, the connection is gone, or `timeoutMs` has
   * passed.
   */
  drain(timeoutMs: number): Promise<void> {
    this.hold(HOLD_DRAINING);
    if (this.requestsInProgress === 0 || this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.idleWaiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Reads again after `drain`. */
  endDrain(): void {
    this.release(HOLD_DRAINING);
  }

  close(graceMs: number): void {
    this.ending = true;
    this.connection.close(graceMs);
  }

  abort(detail: string): void {
    this.ending = true;
    this.connection.abort(detail);
  }

  private received(bytes: Buffer): void {
    this.messagesIn += 1;
    this.octetsIn += bytes.length;
    const receivedAtMs = this.context.clock.monotonicMs();
    const { listener } = this.context.tap;
    if (listener !== null) this.tell(listener, 'in', bytes, receivedAtMs);
    if (this.backlog.length === 0 && this.budget > 0 && (this.holds & HOLDS_HANDLING) === 0) {
      this.scheduleTurn();
      this.handle(bytes, receivedAtMs);
      return;
    }
    this.backlog.push({ bytes, receivedAtMs });
    this.hold(HOLD_BACKLOG);
    this.scheduleTurn();
  }

  private tell(listener: TapListener, direction: Direction, octets: Buffer, monotonicMs: number): void {
    const { protocol, local, remote } = this.connection;
    const connection = (this.tapped ??= this.context.tap.connection(protocol, local, remote));
    const atMs = this.context.clock.nowMs();
    listener({ direction, peer: this.handler.peerName, connection, atMs, monotonicMs, octets });
  }

  private handle(bytes: Buffer, receivedAtMs: number): void {
    this.budget -= this.handler.onMessage(this, bytes, receivedAtMs) === 'full' ? LITTLE_PER_FULL : 1;
  }

  private scheduleTurn(): void {
    if (this.turnScheduled) return;
    this.turnScheduled = true;
    setImmediate(this.nextTurn);
  }

  private startTurn(): void {
    this.turnScheduled = false;
    this.budget = this.context.options.maxMessagesPerTurn * LITTLE_PER_FULL;
    while (this.backlogHead < this.backlog.length && this.budget > 0 && !this.closed) {
      if ((this.holds & HOLDS_HANDLING) !== 0) return;
      const next = this.backlog[this.backlogHead];
      this.backlogHead += 1;
      if (next !== undefined) this.handle(next.bytes, next.receivedAtMs);
    }
    if (this.backlogHead < this.backlog.length && !this.closed) {
      this.scheduleTurn();
    } else if (this.backlog.length > 0) {
      this.backlog = [];
      this.backlogHead = 0;
      this.release(HOLD_BACKLOG);
    }
  }

  private hold(reason: number): void {
    if (this.holds === 0) this.connection.pauseReading();
    this.holds |= reason;
  }

  private release(reason: number): void {
    if ((this.holds & reason) === 0) return;
    this.holds &= ~reason;
    if (this.backlog.length > 0) this.scheduleTurn();
    if (this.holds === 0 && !this.closed) this.connection.resumeReading();
  }

  private wakeIdleWaiters(): void {
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const wake of waiters) wake();
  }

  private ended(reason: ClosedReason): void {
    this.closed = true;
    this.backlog = [];
    this.backlogHead = 0;
    this.wakeIdleWaiters();
    this.onGone();
    this.handler.onClosed(this, reason);
  }
}
