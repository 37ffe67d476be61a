/**
 * Bounds for the connections of an HTTP server. Whoever opens many and sends half a request, or nothing, must
 * not keep others out: a connection that has not sent the head of a request gives way to a newer one, the
 * oldest of the address with most of them first; one that is idle between requests does only where there is no
 * other place. What is being answered is never cut for that.
 */
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isLoopbackName } from './loopback';

export interface HttpConnectionBounds {
  /** At once; those that only wait give way, and where none does the new one is closed. */
  readonly maxConnectionsCount: number;
  /** Of these from one address that is not this machine's. */
  readonly maxPerAddressCount: number;
  /** That have not sent the head of a first request; and of these from one address. */
  readonly maxWaitingCount: number;
  readonly maxWaitingPerAddressCount: number;
  /** Beyond all that, for connections from this machine. */
  readonly loopbackReserveCount: number;
}

/** For `createServer`: the head of a request has to come within this, looked at so often. */
export const httpServerOptions = {
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const satisfies ServerOptions;

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Requests that are being answered. */
  inProgress: number;
}

class Connections {
  /** Not heard of yet, in the order in which they came. */
  readonly #waiting = new Set<Connection>();
  /** Between requests, in the order in which they had their last answer. */
  readonly #idle = new Set<Connection>();
  readonly #all = new Map<Socket, Connection>();

  constructor(private readonly bounds: HttpConnectionBounds) {}

  opened(socket: Socket): void {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d)/, '');
    if (!this.#hasPlace(address)) {
      socket.destroy();
      return;
    }
    const connection: Connection = { socket, address, inProgress: 0 };
    this.#all.set(socket, connection);
    socket.once('close', () => this.#forget(connection));
    this.#wait(connection);
  }

  began(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.inProgress += 1;
    this.#waiting.delete(connection);
    this.#idle.delete(connection);
  }

  ended(socket: Socket): void {
    const connection = this.#all.get(socket);
    if (connection === undefined) return;
    connection.inProgress -= 1;
    if (connection.inProgress === 0) this.#idle.add(connection);
  }

  #wait(connection: Connection): void {
    const { maxWaitingCount, maxWaitingPerAddressCount } = this.bounds;
    this.#waiting.add(connection);
    if (countOf(this.#waiting, connection.address) > maxWaitingPerAddressCount)
      this.#cutOldest(connection.address);
    if (this.#waiting.size > maxWaitingCount) this.#cutOldest(this.#heaviest());
  }

  #hasPlace(address: string): boolean {
    const { maxConnectionsCount, maxPerAddressCount, loopbackReserveCount } = this.bounds;
    const isLocal = isLoopbackName(address);
    if (!isLocal && countOf(this.#all.values(), address) >= maxPerAddressCount && !this.#cutOldest(address))
      return false;
    const most = maxConnectionsCount + (isLocal ? loopbackReserveCount : 0);
    return this.#all.size < most || this.#cutOldest(this.#heaviest());
  }

  /** The address with most that wait, else of those that are idle. */
  #heaviest(): string {
    const counts = new Map<string, number>();
    let heaviest = '';
    for (const { address } of this.#waiting.size > 0 ? this.#waiting : this.#idle) {
      const count = (counts.get(address) ?? 0) + 1;
      counts.set(address, count);
      if (count > (counts.get(heaviest) ?? 0)) heaviest = address;
    }
    return heaviest;
  }

  #cutOldest(address: string): boolean {
    for (const candidates of [this.#waiting, this.#idle]) {
      for (const connection of candidates) {
        if (connection.address !== address) continue;
        this.#forget(connection);
        connection.socket.destroy();
        return true;
      }
    }
    return false;
  }

  #forget(connection: Connection): void {
    this.#waiting.delete(connection);
    this.#idle.delete(connection);
    this.#all.delete(connection.socket);
  }
}

function countOf(connections: Iterable<Connection>, address: string): number {
  let count = 0;
  for (const connection of connections) if (connection.address === address) count += 1;
  return count;
}

/** Applies the bounds to a server, before it listens. */
export function boundConnections(server: Server, bounds: HttpConnectionBounds): void {
  const connections = new Connections(bounds);
  server.on('connection', (socket: Socket) => connections.opened(socket));
  // Ahead of whoever answers.
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    connections.began(socket);
    response.once('close', () => connections.ended(socket));
  });
}
