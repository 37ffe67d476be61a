/**
 * What of a connection over one socket of node:net depends on what the socket carries: a byte stream, or user
 * messages of SCTP.
 */
import type { Socket } from 'node:net';
import type { Endpoint, PathReport } from './port';

/** What differs between byte streams and SCTP behind one socket of node:net. */
export interface Channel {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Octets handed over and not yet taken by the kernel, those in the socket's own queue apart. */
  readonly queuedOctets: number;
  /**
   * Hands messages of one turn over; calls `written` whenever some of them have been taken after they had to
   * wait.
   */
  write(messages: readonly Buffer[], octets: number, written: () => void): void;
  /** Nothing more will be written, and what waits here may be forgotten. */
  drop(): void;
  /** Ends at once, so that the other side sees a reset. */
  reset(): void;
  /** After the messages that wait here have left, or at once. */
  whenFlushed(then: () => void): void;
  /**
   * Whether the octets read are the peer's data or news of the channel itself, `ended` when those say that it
   * is over in order; only asked between messages.
   */
  intercepts(chunk: Buffer): 'data' | 'news' | 'ended';
  /** After a read: has the socket give what else has come, if its reads do not do that by themselves. */
  readMore(): void;
  /** What is known of the reason when the socket just says that it is gone. */
  readonly endNote: string | null;
  paths(): PathReport | null;
}

/** TCP and TLS: all messages of a turn in one write. */
export function byteStreamChannel(socket: Socket, keepAliveMs: number): Channel {
  socket.setNoDelay(true);
  if (keepAliveMs > 0) socket.setKeepAlive(true, keepAliveMs);
  return {
    local: { addresses: [plainAddress(socket.localAddress)], port: socket.localPort ?? 0 },
    remote: { addresses: [plainAddress(socket.remoteAddress)], port: socket.remotePort ?? 0 },
    queuedOctets: 0,
    endNote: null,
    write: (messages, octets, written) => {
      const first = messages[0];
      socket.write(
        messages.length === 1 && first !== undefined ? first : Buffer.concat(messages, octets),
        written,
      );
    },
    drop: () => undefined,
    reset: () => {
      socket.resetAndDestroy();
    },
    whenFlushed: (then) => then(),
    intercepts: () => 'data',
    readMore: () => undefined,
    paths: () => null,
  };
}

/** An IPv4 address seen through a dual-stack socket is an IPv4 address: ::ffff:192.0.2.1 -> 192.0.2.1. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
