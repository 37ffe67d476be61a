/**
 * Bounds of the stream transports (TCP, and TLS over it). Every one is configurable; the unit is in the name.
 */

export interface StreamTransportOptions {
  /** Longest Diameter message that is read; a longer one is a framing fault (5015). */
  readonly maxMessageOctets: number;
  /** `send` answers false from this many queued octets on, until the queue is half empty again. */
  readonly writeHighWaterOctets: number;
  /** The connection is reset when this many octets wait: the other side does not read. */
  readonly writeLimitOctets: number;
  /** A message whose first octet came this long ago must be whole by now, else the connection is reset. */
  readonly incompleteMessageLimitMs: number;
  /** Idle time before the kernel probes the other side (SO_KEEPALIVE); 0 switches it off. */
  readonly keepAliveMs: number;
  /**
   * DSCP of everything sent (RFC 2474), the same for all messages of a connection; null leaves it to the
   * system. Linux only.
   */
  readonly dscp: number | null;
  /** After the other side's FIN: how long what is queued may still take to leave. */
  readonly finGraceMs: number;
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
}

export const defaultStreamTransportOptions: StreamTransportOptions = {
  maxMessageOctets: 65_536,
  writeHighWaterOctets: 256 * 1024,
  writeLimitOctets: 4 * 1024 * 1024,
  incompleteMessageLimitMs: 10_000,
  keepAliveMs: 30_000,
  dscp: null,
  finGraceMs: 2_000,
  backlog: 511,
};
