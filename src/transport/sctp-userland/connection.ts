/**
 * One association of the userland stack as a connection of the transport port. RFC 6733 clause 2.1.1.
 *
 * What the stack lacks is made up for here: it takes one message at a time, so they wait here; it sends
 * SHUTDOWN at once, so the end waits for what is in flight; it reads on for ever, so what comes while reading
 * is paused closes the window that it advertises.
 */
import { MessageFramer } from '../../diameter/framing/message-framer';
import type { StreamTransportOptions } from '../options';
import type {
  ClosedReason,
  ConnectionEvents,
  Endpoint,
  FramingFault,
  PathReport,
  TransportConnection,
} from '../port';
import { DIAMETER_PPID } from '../sctp-options';
import type { Association } from './stack';

const SEND_AGAIN_MS = 5;
const FLUSH_POLL_MS = 5;
const INVALID_MESSAGE_LENGTH = 5015;

const NO_EVENTS: ConnectionEvents = {
  onMessage: () => undefined,
  onFramingFault: () => undefined,
  onDrain: () => undefined,
  onClosed: () => undefined,
};

export class UserlandConnection implements TransportConnection {
  readonly protocol = 'sctp';
  readonly certifiedNames = null;
  private events: ConnectionEvents = NO_EVENTS;
  private readonly framer: MessageFramer;
  private waiting: Buffer[] = [];
  private waitingHead = 0;
  queuedOctets = 0;
  private sending = false;
  private owesDrain = false;
  private closing = false;
  private closed = false;
  private faulted = false;
  private readPaused = false;
  /** Messages that came while reading was paused; the window is smaller by them. */
  private held: Buffer[] = [];
  private nextStream = 0;
  private quietMessages: number;
  private closedReason: ClosedReason | null = null;
  private readonly timers = new Set<NodeJS.Timeout>();

  /**
   * @param accepted whether the other side connected: then stream 0 carries all until its second message.
   * [6733-2.1.1]
   * @param onGone when nothing of it is left.
   */
  constructor(
    private readonly association: Association,
    readonly local: Endpoint,
    readonly remote: Endpoint,
    private readonly options: StreamTransportOptions,
    accepted: boolean,
    private readonly onGone: () => void,
  ) {
    this.framer = new MessageFramer(options.maxMessageOctets);
    this.quietMessages = accepted ? 2 : 1;
    // The stack takes whatever comes first on a stream for its beginning: after a loss that would swallow the
    // real first message.
    association.reassembly.peer_ssn = new Array<number>(association.MIS).fill(0);
    association.on('DATA ARRIVE', () => this.arrived());
    association.on('COMMUNICATION LOST', (why?: string) =>
      this.ended(
        why === 'abort'
          ? { kind: 'reset', detail: 'aborted by the peer' }
          : { kind: 'timeout', detail: 'the peer cannot be reached any more' },
      ),
    );
    association.on('SHUTDOWN COMPLETE', () => this.ended({ kind: 'graceful', detail: 'closed by the peer' }));
    association.on('COMMUNICATION ERROR', () => undefined);
  }

  setEvents(events: ConnectionEvents): void {
    this.events = events;
  }

  paths(): PathReport | null {
    return null;
  }

  send(message: Buffer): boolean {
    if (this.closing || this.closed) return false;
    this.waiting.push(message);
    this.queuedOctets += message.length;
    this.pump();
    if (this.queuedOctets <= this.options.writeHighWaterOctets) return true;
    if (this.queuedOctets > this.options.writeLimitOctets) {
      this.abort(
        `the peer does not read: ${this.queuedOctets} octets wait, ${this.options.writeLimitOctets} are allowed`,
      );
    }
    this.owesDrain = true;
    return false;
  }

  pauseReading(): void {
    this.readPaused = true;
  }

  resumeReading(): void {
    if (!this.readPaused || this.faulted) return;
    this.readPaused = false;
    const messages = this.held;
    if (messages.length === 0) return;
    this.held = [];
    messages.forEach((message) => {
      // The owner may pause again with any of them.
      if (this.readPaused) {
        this.held.push(message);
        return;
      }
      this.association.reassembly.rwnd += message.length;
      this.deliver(message);
    });
    // Says that there is room again; nothing else would.
    if (this.closed || this.association.state !== 'ESTABLISHED') return;
    this.association.sacks += 1;
    this.association._sack();
  }

  close(graceMs: number): void {
    if (this.closing || this.closed) return;
    this.closing = true;
    this.closedReason ??= { kind: 'local', detail: 'closed by us' };
    this.faulted = true;
    this.later(graceMs, () => this.abort('the grace is over'));
    this.shutdownWhenFlushed();
  }

  abort(detail: string): void {
    if (this.closed) return;
    this.closing = true;
    this.closedReason ??= { kind: 'local', detail };
    this.sendAbort();
    setImmediate(() => {
      // One that is refused as it comes has no state in the stack until this turn is over.
      this.sendAbort();
      this.ended({ kind: 'local', detail });
    });
  }

  private sendAbort(): void {
    if (!this.closed && this.association.state !== 'CLOSED') this.association.ABORT();
  }

  /** The peer began anew: what it knew is gone. [RFC 9260 5.2] */
  restarted(): void {
    this.association._destroy();
    this.ended({ kind: 'reset', detail: 'the peer was restarted: it set the association up anew' });
  }

  private arrived(): void {
    for (
      let message = this.association.RECEIVE();
      message !== undefined;
      message = this.association.RECEIVE()
    ) {
      if (this.faulted) continue;
      if (this.readPaused) {
        this.held.push(message);
        this.association.reassembly.rwnd -= message.length;
      } else this.deliver(message);
    }
  }

  /** [6733-2.1.1] One user message is one Diameter message. */
  private deliver(record: Buffer): void {
    if (this.faulted || this.closed) return;
    if (this.quietMessages > 0) this.quietMessages -= 1;
    let fault: FramingFault | null = this.framer.push(record, (message) => {
      if (!this.closed) this.events.onMessage(message);
    });
    if (fault === null && this.framer.bufferedOctets > 0) {
      fault = {
        resultCode: INVALID_MESSAGE_LENGTH,
        detail: `a user message of ${record.length} octets that is not a whole message`,
        headerBytes: Buffer.from(record.subarray(0, 20)),
      };
    }
    if (fault === null || this.closed) return;
    this.faulted = true;
    this.events.onFramingFault(fault);
  }

  /** One message at a time: the stack calls back when it takes the next. */
  private pump(): void {
    if (this.sending || this.closed) return;
    const message = this.waiting[this.waitingHead];
    if (message === undefined) {
      this.waiting = [];
      this.waitingHead = 0;
      return;
    }
    this.sending = true;
    this.association.SEND(message, { stream_id: this.stream(), ppid: DIAMETER_PPID }, (error) => {
      if (this.closed) return;
      if (error !== undefined && error !== null) {
        // Its congestion window is full, which a timer of its own opens again.
        this.later(SEND_AGAIN_MS, () => {
          this.sending = false;
          this.pump();
        });
        return;
      }
      this.sending = false;
      this.waitingHead += 1;
      this.queuedOctets -= message.length;
      if (this.owesDrain && this.queuedOctets <= this.options.writeHighWaterOctets / 2) {
        this.owesDrain = false;
        if (!this.closing) this.events.onDrain();
      }
      this.pump();
    });
  }

  private stream(): number {
    if (this.quietMessages > 0 || this.association.OS < 2) return 0;
    this.nextStream = (this.nextStream + 1) % this.association.OS;
    return this.nextStream;
  }

  private shutdownWhenFlushed(): void {
    if (this.closed) return;
    if (this.queuedOctets > 0 || this.association.flightsize > 0) {
      this.later(FLUSH_POLL_MS, () => this.shutdownWhenFlushed());
      return;
    }
    if (this.association.state === 'ESTABLISHED') this.association.SHUTDOWN(() => undefined);
    else this.abort('nothing to shut down any more');
  }

  private later(delayMs: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, delayMs);
    this.timers.add(timer);
  }

  private ended(reason: ClosedReason): void {
    if (this.closed) return;
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.waiting = [];
    this.held = [];
    this.queuedOctets = 0;
    this.onGone();
    this.events.onClosed(this.closedReason ?? reason);
  }
}
