/**
 * One connection of the transport port over a socket of node:net: TCP, TLS on top of it, or a kernel SCTP
 * descriptor. RFC 6733 2.1.
 *
 * Messages of one turn of the event loop are handed over together; how they leave is the channel's affair
 * (one write for a byte stream, one user message each for SCTP). What waits is bounded: above the high-water
 * mark the owner is asked to hold back, above the hard limit the connection is reset. A message that stays
 * incomplete for too long resets the connection as well, so that half a message cannot hold memory. Bytes
 * become messages in src/diameter/framing.
 */
import type { Socket } from 'node:net';
import { MessageFramer } from '../diameter/framing/message-framer';
import type {
  CertifiedNames,
  ClosedReason,
  ConnectionEvents,
  Endpoint,
  PathReport,
  TransportConnection,
  TransportProtocol,
} from './port';
import { byteStreamChannel, type Channel } from './channel';
import type { StreamTransportOptions } from './options';

const CONNECTION_RESET_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** With so much to write the end of the turn is not waited for. */
const WRITE_OCTETS = 65_536;

/** What is told while no owner has set its events yet: nothing. */
const NO_EVENTS: ConnectionEvents = {
  onMessage: () => undefined,
  onFramingFault: () => undefined,
  onDrain: () => undefined,
  onClosed: () => undefined,
};

export class StreamConnection implements TransportConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  private events: ConnectionEvents = NO_EVENTS;
  private readonly framer: MessageFramer;
  /** Messages of this turn, not yet handed to the socket. */
  private outgoing: Buffer[] = [];
  private outgoingOctets = 0;
  private flushScheduled = false;
  /** Messages of a read are being delivered. */
  private delivering = false;
  private owesDrain = false;
  private readFaulted = false;
  private closing = false;
  private closed = false;
  private closedReason: ClosedReason | null = null;
  private graceTimer: NodeJS.Timeout | null = null;
  /** A message became whole while the last chunk was read. */
  private sawMessageEnd = false;
  private incompleteTimer: NodeJS.Timeout | null = null;
  private readPaused = false;
  private readonly deliver: (message: Buffer) => void;
  private readonly flush: () => void;
  private readonly written: () => void;
  private readonly dataListener = (chunk: Buffer): void => this.onData(chunk);
  private readonly endListener = (): void => this.onEnd();
  private readonly errorListener = (error: NodeJS.ErrnoException): void => this.onError(error);
  private readonly closeListener = (): void => this.onClose();

  /** `socket` is connected; the connection owns it from now on. */
  constructor(
    readonly protocol: TransportProtocol,
    private readonly socket: Socket,
    private readonly options: StreamTransportOptions,
    private readonly channel: Channel = byteStreamChannel(socket, options.keepAliveMs),
    readonly certifiedNames: CertifiedNames | null = null,
  ) {
    this.local = channel.local;
    this.remote = channel.remote;
    this.framer = new MessageFramer(options.maxMessageOctets);
    this.deliver = (message) => {
      this.sawMessageEnd = true;
      if (!this.closed) this.events.onMessage(message);
    };
    this.flush = () => {
      this.flushScheduled = false;
      this.flushNow();
    };
    this.written = () => this.tellDrain();
    socket
      .on('data', this.dataListener)
      .on('end', this.endListener)
      .on('error', this.errorListener)
      .on('close', this.closeListener);
  }

  get queuedOctets(): number {
    return this.outgoingOctets + this.channel.queuedOctets + this.socket.writableLength;
  }

  paths(): PathReport | null {
    return this.closed ? null : this.channel.paths();
  }

  /** Ends this connection for its owner and lets go of the socket, which goes on under another one. */
  detach(reason: ClosedReason): void {
    if (this.closed) return;
    this.socket
      .off('data', this.dataListener)
      .off('end', this.endListener)
      .off('error', this.errorListener)
      .off('close', this.closeListener);
    this.closedReason = reason;
    this.onClose();
  }

  setEvents(events: ConnectionEvents): void {
    this.events = events;
  }

  send(message: Buffer): boolean {
    if (this.closing || this.closed) return false;
    this.outgoing.push(message);
    this.outgoingOctets += message.length;
    if (this.outgoingOctets >= WRITE_OCTETS) {
      // The kernel may have room: what it takes now does not make us stop reading.
      this.flushNow();
    } else if (!this.flushScheduled && !this.delivering) {
      this.flushScheduled = true;
      setImmediate(this.flush);
    }
    const queued = this.queuedOctets;
    if (queued <= this.options.writeHighWaterOctets) return true;
    if (queued > this.options.writeLimitOctets) {
      this.abort(
        `the peer does not read: ${queued} octets wait, ${this.options.writeLimitOctets} are allowed`,
      );
    }
    this.owesDrain = true;
    return false;
  }

  pauseReading(): void {
    // While we close, only reading shows the other side's FIN.
    if (this.readPaused || this.closing) return;
    this.readPaused = true;
    this.socket.pause();
    // We are the ones who do not read: the time does not count against the sender.
    this.stopIncompleteTimer();
  }

  resumeReading(): void {
    if (!this.readPaused || this.readFaulted) return;
    this.readPaused = false;
    this.watchIncomplete();
    this.socket.resume();
  }

  close(graceMs: number): void {
    if (this.closing || this.closed) return;
    this.flushNow();
    this.closing = true;
    this.closedReason ??= { kind: 'local', detail: 'closed by us' };
    this.startGrace(graceMs);
    // The other side's FIN is only seen while reading; what still comes is dropped.
    this.readFaulted = true;
    this.stopIncompleteTimer();
    this.channel.whenFlushed(() => {
      if (!this.closed) this.socket.end();
    });
    this.socket.resume();
  }

  abort(detail: string): void {
    if (this.closed || this.socket.destroyed) return;
    this.closing = true;
    this.closedReason ??= { kind: 'local', detail };
    // The reset may come a turn later: what is read until then is dropped.
    this.readFaulted = true;
    this.stopIncompleteTimer();
    this.dropOutgoing();
    this.channel.drop();
    this.channel.reset();
  }

  /** What the messages of a read cause to be sent leaves together, at its end. */
  private onData(chunk: Buffer): void {
    if (this.delivering) return this.take(chunk);
    this.delivering = true;
    try {
      this.take(chunk);
      if (!this.closed) this.channel.readMore();
    } finally {
      this.delivering = false;
      this.flushNow();
    }
  }

  private take(chunk: Buffer): void {
    if (this.framer.bufferedOctets === 0) {
      const kind = this.channel.intercepts(chunk);
      if (kind === 'ended') {
        this.onEnd();
        this.socket.destroy();
      }
      if (kind !== 'data') return;
    }
    if (this.readFaulted) return;
    this.sawMessageEnd = false;
    const fault = this.framer.push(chunk, this.deliver);
    if (fault !== null) {
      this.readFaulted = true;
      this.stopIncompleteTimer();
      this.socket.pause();
      if (!this.closed) this.events.onFramingFault(fault);
      return;
    }
    // A message ended in this chunk, so whatever is left began in it.
    if (this.sawMessageEnd) this.stopIncompleteTimer();
    this.watchIncomplete();
  }

  private watchIncomplete(): void {
    if (this.framer.bufferedOctets === 0) {
      this.stopIncompleteTimer();
    } else if (this.incompleteTimer === null && !this.readPaused && !this.readFaulted && !this.closed) {
      const limitMs = this.options.incompleteMessageLimitMs;
      this.incompleteTimer = setTimeout(() => {
        this.closedReason ??= {
          kind: 'timeout',
          detail: `a message stayed incomplete for ${limitMs} ms (${this.framer.bufferedOctets} octets of it were read)`,
        };
        this.abort('incomplete message');
      }, limitMs);
    }
  }

  private stopIncompleteTimer(): void {
    if (this.incompleteTimer === null) return;
    clearTimeout(this.incompleteTimer);
    this.incompleteTimer = null;
  }

  private flushNow(): void {
    const messages = this.outgoing;
    if (messages.length === 0 || this.closing || this.closed) return;
    const octets = this.outgoingOctets;
    this.dropOutgoing();
    this.channel.write(messages, octets, this.written);
  }

  private dropOutgoing(): void {
    this.outgoing = [];
    this.outgoingOctets = 0;
  }

  private tellDrain(): void {
    if (!this.owesDrain || this.closing || this.closed) return;
    if (this.queuedOctets > this.options.writeHighWaterOctets / 2) return;
    this.owesDrain = false;
    this.events.onDrain();
  }

  private startGrace(graceMs: number): void {
    this.graceTimer ??= setTimeout(() => this.socket.destroy(), graceMs);
  }

  private onEnd(): void {
    this.closedReason ??=
      this.framer.bufferedOctets > 0 && !this.readFaulted
        ? {
            kind: 'graceful',
            detail: `closed by the peer in the middle of a message (${this.framer.bufferedOctets} octets read)`,
          }
        : { kind: 'graceful', detail: 'closed by the peer' };
    this.startGrace(this.options.finGraceMs);
  }

  private onError(error: NodeJS.ErrnoException): void {
    const kind = CONNECTION_RESET_CODES.has(error.code ?? '')
      ? 'reset'
      : error.code === 'ETIMEDOUT'
        ? 'timeout'
        : 'error';
    this.closedReason ??= { kind, detail: this.channel.endNote ?? error.message };
  }

  private onClose(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopIncompleteTimer();
    if (this.graceTimer !== null) clearTimeout(this.graceTimer);
    this.dropOutgoing();
    this.channel.drop();
    this.events.onClosed(this.closedReason ?? { kind: 'reset', detail: 'the connection is gone' });
  }
}
