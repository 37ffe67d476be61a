/**
 * What SCTP has beyond a byte stream, for every stack: streams, path supervision. RFC 9260; RFC 6733 clause
 * 2.1.1.
 */

export interface SctpOptions {
  /** Streams asked for in each direction; fewer when the other side allows fewer. */
  readonly streamsCount: number;
  /** An idle path is probed this often. */
  readonly heartbeatMs: number;
  /** Retransmissions in a row after which a path counts as failed. */
  readonly pathRetransmissionsCount: number;
  /** Retransmissions in a row, over all paths, after which the association is given up. */
  readonly associationRetransmissionsCount: number;
  readonly retransmissionTimeoutInitialMs: number;
  /** Above the 200 ms by which the other side may delay its acknowledgement (RFC 9260 6.2). */
  readonly retransmissionTimeoutMinMs: number;
  readonly retransmissionTimeoutMaxMs: number;
  /** Port of UDP on both sides for SCTP over UDP (RFC 6951). */
  readonly udpPort: number;
}

export const defaultSctpOptions: SctpOptions = {
  streamsCount: 16,
  heartbeatMs: 5_000,
  pathRetransmissionsCount: 3,
  associationRetransmissionsCount: 8,
  retransmissionTimeoutInitialMs: 1_000,
  retransmissionTimeoutMinMs: 400,
  retransmissionTimeoutMaxMs: 4_000,
  udpPort: 9_899,
};

/** Payload protocol identifier of Diameter in clear text; any is accepted. [6733-2.1.1] */
export const DIAMETER_PPID = 46;

/** A path of an association changed: for the log. */
export interface PathEvent {
  readonly remote: string;
  readonly address: string;
  readonly change:
    'available' | 'unreachable' | 'removed' | 'added' | 'made primary' | 'confirmed' | 'potentially failed';
}
