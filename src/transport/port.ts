/**
 * The transport port: the only thing the peer layer knows of TCP, TLS or SCTP. RFC 6733 clause 2.1.
 *
 * A connection carries whole Diameter messages in both directions; cutting a byte stream into messages
 * (src/diameter/framing) is the transport's affair where the transport has no message boundaries of its own. Listeners
 * are set once, before the first turn of the event loop ends after the connection was handed over.
 */
import type { TransportName } from '../shared/transport-names';

/** What a connection is carried by, as the other side sees it. */
export type TransportProtocol = 'tcp' | 'tls' | 'sctp';

export type { TransportName };

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
  /**
   * The stream cannot be followed any further; the transport stops reading and leaves closing to the owner.
   */
  onFramingFault(fault: FramingFault): void;
  /** What was queued has left for the kernel after `send` returned false. */
  onDrain(): void;
  /** Exactly once, last. */
  onClosed(reason: ClosedReason): void;
}

/** One of several ways to the other side (SCTP multi-homing). */
export interface PathState {
  readonly address: string;
  /** `potentially-failed` as in RFC 7829; `unconfirmed` before its first heartbeat was answered. */
  readonly state: 'active' | 'inactive' | 'potentially-failed' | 'unconfirmed' | 'unknown';
  readonly smoothedRttMs: number;
  readonly retransmissionTimeoutMs: number;
  readonly congestionWindowOctets: number;
}

export interface PathReport {
  readonly paths: readonly PathState[];
  /** DATA chunks sent again since the association began. */
  readonly retransmissionsCount: number;
}

/** What the other side's certificate says of it: names that an authority which we trust vouches for. */
export interface CertifiedNames {
  /** The names in words, for the log. */
  readonly shown: string;
  /** Whether it is the certificate of the node with that DiameterIdentity. [6733-13.1] */
  certifies(diameterIdentity: string): boolean;
}

export interface TransportConnection {
  readonly protocol: TransportProtocol;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Null where the other side has shown no certificate that was verified. */
  readonly certifiedNames: CertifiedNames | null;
  /** Octets written and not yet taken by the kernel. */
  readonly queuedOctets: number;
  /** Null where the transport has one path only, or the connection is gone. */
  paths(): PathReport | null;
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
  readonly name: TransportName;
  readonly protocol: TransportProtocol;
  /**
   * On all addresses of the endpoint: one place with several addresses for SCTP, one place each for TCP. Port
   * 0 takes a free one. Rejects with the system's error.
   */
  listen(
    endpoint: Endpoint,
    onConnection: (connection: TransportConnection) => void,
  ): Promise<TransportListener>;
  /**
   * Rejects with a readable Error when refused or when `timeoutMs` passes. The addresses are ways to one
   * node: SCTP uses all of them, TCP the first that answers. `localAddresses` are ours to use; none leaves
   * the choice to the system.
   */
  connect(
    remote: Endpoint,
    timeoutMs: number,
    localAddresses?: readonly string[],
  ): Promise<TransportConnection>;
}
