/**
 * The tap: every Diameter message as its octets, in both directions. A peer link reports what it gets before
 * anything is decided on it, so also what is refused early: while too busy, undecodable, or before the CER. It
 * reports what it sends when it hands that to the transport. A stream that cannot be cut into messages is an
 * event (`messageUndecodable`), because there is no message.
 *
 * While nobody listens, a message costs one comparison with null.
 *
 * The octets are plain Diameter, also where TLS carries them. They hold authentication vectors and identities: a
 * listener that shows or stores octets masks those.
 */
import { silentLogger, type Logger } from '../shared/logger';
import { ListenerFaults } from './listener-faults';
import type { Direction } from './names';

export interface TappedEndpoint {
  /** Several where SCTP has several. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The same object for each message of one connection. */
export interface TappedConnection {
  /** Counts connections in the order of their first tapped message, from 1. */
  readonly id: number;
  /** tcp, tls or sctp. */
  readonly protocol: string;
  readonly local: TappedEndpoint;
  readonly remote: TappedEndpoint;
}

export interface TappedMessage {
  readonly direction: Direction;
  /** The Origin-Host of the peer; null while the connection is no admitted peer's (RFC 6733 5.6.1). */
  readonly peer: string | null;
  readonly connection: TappedConnection;
  /** Wall-clock time in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Monotonic milliseconds, for durations. */
  readonly monotonicMs: number;
  /**
   * One whole message. Valid during the call only, and not to be changed: a listener that keeps it copies it,
   * because the sender may write another Hop-by-Hop Identifier into it.
   */
  readonly octets: Buffer;
}

/** Synchronous; an exception is caught. */
export type TapListener = (message: TappedMessage) => void;

export class DiameterTap {
  readonly faults: ListenerFaults;
  #listeners: readonly TapListener[] = [];
  #tell: TapListener | null = null;
  #connections = 0;

  /** @param logger has the first fault of each listener. */
  constructor(logger: Logger = silentLogger) {
    this.faults = new ListenerFaults(logger);
  }

  /** Tells all that listen; null where nobody does, and then there is nothing to be told. */
  get listener(): TapListener | null {
    return this.#tell;
  }

  /** From now on `listener` sees each message, until the returned function is called. */
  attach(listener: TapListener): () => void {
    // A function of its own, so that a listener may attach twice.
    const attached: TapListener = (message) => {
      try {
        listener(message);
      } catch (error) {
        this.faults.caught(listener, 'tap', error);
      }
    };
    this.#listen([...this.#listeners, attached]);
    return () => this.#listen(this.#listeners.filter((other) => other !== attached));
  }

  /** What stands for a connection in the messages that are tapped on it. */
  connection(protocol: string, local: TappedEndpoint, remote: TappedEndpoint): TappedConnection {
    this.#connections += 1;
    return { id: this.#connections, protocol, local, remote };
  }

  #listen(listeners: readonly TapListener[]): void {
    this.#listeners = listeners;
    const [only] = listeners;
    if (only === undefined) this.#tell = null;
    else if (listeners.length === 1) this.#tell = only;
    else
      this.#tell = (message) => {
        for (const listener of listeners) listener(message);
      };
  }
}
