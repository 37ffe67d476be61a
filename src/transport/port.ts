/**
 * The transport port: the only thing the peer layer knows of TCP, TLS or SCTP. RFC 6733 clause 2.1.
 *
 * A connection carries whole Diameter messages in both directions; cutting a byte stream into messages (src/framing) is
 * the transport's affair where the transport has no message boundaries of its own. Listeners are set once, before the
 * first turn of the event loop ends after the connection was handed over.
 */

export type TransportProtocol = 'tcp' | 'tls' | 'sctp';

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly port: number;
}

/** Why a connection ended. `graceful` is a FIN or SCTP shutdown, `reset` an RST or abort. */
export interface ClosedReason {
  readonly kind: 'graceful' | 'reset' | 'timeout' | 'framing' | 'local' | 'error';
  readonly detail: string;
}

/** An error in framing that names what to answer, if anything (RFC 6733 7.1.5: 5011 version, 5015 length). */
export interface FramingFault {
  readonly resultCode: number;
  readonly detail: string;
  /** The first octets of the message, at most a header's 20, for an error answer. */
  readonly headerBytes: Buffer;
}

export interface ConnectionEvents {
  /** One whole message; the Buffer belongs to the receiver. */
  onMessage(message: Buffer): void;
  /** The stream cannot be followed any further; the transport stops reading and leaves closing to the owner. */
  onFramingFault(fault: FramingFault): void;
  /** What was queued has left for the kernel after `send` returned false. */
  onDrain(): void;
  /** Exactly once, last. */
  onClosed(reason: ClosedReason): void;
}

export interface TransportConnection {
  readonly protocol: TransportProtocol;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Octets written and not yet taken by the kernel. */
  readonly queuedOctets: number;
  setEvents(events: ConnectionEvents): void;
  /** Queues one whole message. False asks the owner to hold back until onDrain. Never throws. */
  send(message: Buffer): boolean;
  /** Stops and resumes reading; back-pressure reaches the other side through the transport. */
  pauseReading(): void;
  resumeReading(): void;
  /** Sends what is queued, then ends in order; destroys after `graceMs`. */
  close(graceMs: number): void;
  /** Ends at once, with a reset. */
  abort(detail: string): void;
}

export interface TransportListener {
  readonly protocol: TransportProtocol;
  readonly local: Endpoint;
  /** No new connections; those that exist stay. */
  close(): Promise<void>;
}

export interface Transport {
  readonly protocol: TransportProtocol;
  listen(endpoint: Endpoint, onConnection: (connection: TransportConnection) => void): Promise<TransportListener>;
  /** Rejects with a readable Error when refused or when `timeoutMs` passes. */
  connect(remote: Endpoint, timeoutMs: number): Promise<TransportConnection>;
}
