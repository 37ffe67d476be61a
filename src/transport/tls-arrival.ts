/**
 * A connection that TCP has accepted and that is not yet secured, for the transport port. RFC 6733 clause
 * 13.1: the TLS handshake comes before the capabilities exchange.
 *
 * The owner gets it as soon as TCP has accepted it, so that its bounds and its time limit hold during the
 * handshake as well. Once the handshake is over, it hands all on to the secured connection.
 */
import type { Socket } from 'node:net';
import { plainAddress } from './channel';
import type { StreamTransportOptions } from './options';
import type {
  CertifiedNames,
  ClosedReason,
  ConnectionEvents,
  Endpoint,
  PathReport,
  TransportConnection,
} from './port';

export class ArrivingTlsConnection implements TransportConnection {
  readonly protocol = 'tls';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  private events: ConnectionEvents | null = null;
  private secured: TransportConnection | null = null;
  private reading = true;
  private over = false;
  private closedReason: ClosedReason | null = null;
  /** Messages for after the handshake, and their octets. */
  private waiting: Buffer[] = [];
  private waitingOctets = 0;
  private owesDrain = false;

  /** `reset` ends the TCP connection below. */
  constructor(
    below: Socket,
    private readonly options: Pick<StreamTransportOptions, 'writeHighWaterOctets' | 'writeLimitOctets'>,
    private readonly reset: () => void,
  ) {
    this.local = { addresses: [plainAddress(below.localAddress)], port: below.localPort ?? 0 };
    this.remote = { addresses: [plainAddress(below.remoteAddress)], port: below.remotePort ?? 0 };
    below.once('close', () => this.ended());
  }

  /** Whether the owner, or the other side, has ended it before it was secured. */
  get isOver(): boolean {
    return this.over;
  }

  /** The handshake is done: from now on the connection is the secured one. */
  secure(connection: TransportConnection): void {
    this.secured = connection;
    if (this.events !== null) connection.setEvents(this.events);
    if (!this.reading) connection.pauseReading();
    let room = true;
    for (const message of this.waiting) room = connection.send(message);
    this.waiting = [];
    if (room && this.owesDrain) this.events?.onDrain();
  }

  /** What is wrong with the handshake, for the reason when the connection is closed. */
  failed(detail: string): void {
    this.closedReason ??= { kind: 'error', detail: `no TLS handshake: ${detail}` };
  }

  get queuedOctets(): number {
    return this.secured?.queuedOctets ?? this.waitingOctets;
  }

  get certifiedNames(): CertifiedNames | null {
    return this.secured?.certifiedNames ?? null;
  }

  paths(): PathReport | null {
    return null;
  }

  setEvents(events: ConnectionEvents): void {
    this.events = events;
    this.secured?.setEvents(events);
  }

  send(message: Buffer): boolean {
    if (this.secured !== null) return this.secured.send(message);
    if (this.over) return false;
    this.waiting.push(message);
    this.waitingOctets += message.length;
    if (this.waitingOctets <= this.options.writeHighWaterOctets) return true;
    if (this.waitingOctets > this.options.writeLimitOctets)
      this.giveUp(`${this.waitingOctets} octets wait for the TLS handshake`);
    this.owesDrain = true;
    return false;
  }

  pauseReading(): void {
    this.reading = false;
    this.secured?.pauseReading();
  }

  resumeReading(): void {
    this.reading = true;
    this.secured?.resumeReading();
  }

  close(graceMs: number): void {
    if (this.secured !== null) this.secured.close(graceMs);
    else this.giveUp('closed by us');
  }

  abort(detail: string): void {
    if (this.secured !== null) this.secured.abort(detail);
    else this.giveUp(detail);
  }

  private giveUp(detail: string): void {
    if (this.over) return;
    this.over = true;
    this.waiting = [];
    this.closedReason ??= { kind: 'local', detail };
    this.reset();
  }

  /** The TCP connection is gone; a secured connection tells its own end. */
  private ended(): void {
    this.over = true;
    this.waiting = [];
    if (this.secured !== null) return;
    this.events?.onClosed(
      this.closedReason ?? { kind: 'graceful', detail: 'closed by the peer during the TLS handshake' },
    );
  }
}
