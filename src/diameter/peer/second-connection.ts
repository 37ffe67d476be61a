/**
 * A second connection of a peer whose first one is still there. RFC 6733 clause 5.6 rejects it (R-Conn-CER in
 * an open state: R-Reject). [6733-5.6]
 *
 * A node that died without a FIN would be locked out that way until the watchdog ends its first connection.
 * So before the machine gets the event, the first connection is asked by DWR, and the CER of the second one
 * waits for its answer. With a DWA the second connection is rejected. Without one the first connection is let
 * go, and the machine, then in Closed, accepts the second. One connection waits at most, for
 * `takeoverTimeoutMs` at most. Neither the table nor the election of clause 5.6.4 is touched.
 */
import type { PeerContext } from './peer-context';
import type { LinkHandler, MessageCost, PeerLink } from './peer-link';
import type { ReceivedCer } from './peer-machine';

export interface TwicePeer {
  readonly name: string;
  /** Takes what its connections deliver. */
  readonly links: LinkHandler;
  /** The first connection. */
  readonly link: PeerLink | null;
  /** Asks the first connection, if it is open, by DWR. */
  askFirst(): void;
  /** Feeds R-Conn-CER to the machine. */
  arrive(waiting: WaitingConnection): void;
}

export interface WaitingConnection {
  readonly link: PeerLink;
  readonly cer: ReceivedCer;
}

export class SecondConnection implements LinkHandler {
  private waiting: WaitingConnection | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: PeerContext,
    private readonly peer: TwicePeer,
  ) {}

  get peerName(): string {
    return this.peer.name;
  }

  /** Has the connection wait. False where another one does so already, or none is to wait. */
  hold(waiting: WaitingConnection): boolean {
    const limitMs = this.context.options.takeoverTimeoutMs;
    if (this.waiting !== null || limitMs === 0) return false;
    this.waiting = waiting;
    waiting.link.handler = this;
    // What was on its way when the node died may come yet: only the second half counts as a sign of life.
    this.timer = setTimeout(() => {
      const heardBefore = this.peer.link?.messagesIn ?? 0;
      this.timer = setTimeout(() => this.decide(heardBefore, limitMs), limitMs / 2);
    }, limitMs / 2);
    this.context.logger.info(
      { peer: this.peer.name, remote: waiting.link.remote },
      `${this.peer.name} connects a second time from ${waiting.link.remote}; its first connection is asked`,
    );
    this.peer.askFirst();
    return true;
  }

  /** A DWA has come over the first connection. */
  firstAnswered(): void {
    this.reject();
  }

  /** The connection that waits, for who lets it in or rejects it. */
  take(): WaitingConnection | null {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { waiting } = this;
    this.waiting = null;
    if (waiting !== null) waiting.link.handler = this.peer.links;
    return waiting;
  }

  /** Nothing is to come before the CEA. */
  onMessage(): MessageCost {
    this.reject();
    return 'little';
  }

  onFramingFault(): void {
    this.reject();
  }

  onClosed(): void {
    this.take();
  }

  private decide(heardBefore: number, limitMs: number): void {
    const first = this.peer.link;
    // Where it is we who do not read, its silence says nothing.
    if (first === null || first.deafByChoice || first.messagesIn > heardBefore) return this.reject();
    this.context.logger.warn(
      { peer: this.peer.name, remote: first.remote },
      `The connection with ${this.peer.name} is let go: it does not answer within ${limitMs} ms, and a new one waits`,
    );
    // Its end makes the machine Closed, which lets in what waits.
    first.abort('the peer has connected anew, and does not answer here');
  }

  private reject(): void {
    const waiting = this.take();
    if (waiting !== null) this.peer.arrive(waiting);
  }
}
