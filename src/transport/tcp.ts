/**
 * TCP for the transport port, over node:net; IPv4 and IPv6. RFC 6733 clause 2.1.
 *
 * Deviates in nothing; the connection itself is in stream-connection.ts, where TLS uses it as well.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { Endpoint, Transport, TransportConnection, TransportListener } from './port';
import { defaultStreamTransportOptions, type StreamTransportOptions } from './options';
import { descriptorOf, setDscp } from './sctp-kernel/kernel-calls';
import { StreamConnection } from './stream-connection';

export class TcpTransport implements Transport {
  readonly name: 'tcp' | 'tls' = 'tcp';
  readonly protocol: 'tcp' | 'tls' = 'tcp';
  protected readonly options: StreamTransportOptions;

  /** What is not given takes the default of options.ts. */
  constructor(options: Partial<StreamTransportOptions> = {}) {
    this.options = { ...defaultStreamTransportOptions, ...options };
  }

  /**
   * Listens on every address of the endpoint. With port 0 the system chooses one, the same for all addresses.
   * Rejects with the system's error when one of them cannot be had, after closing the others.
   */
  async listen(
    endpoint: Endpoint,
    onConnection: (connection: TransportConnection) => void,
  ): Promise<TransportListener> {
    const servers: Server[] = [];
    // :: alone takes IPv4 as well; beside an IPv4 address it would take that one's port away.
    const mixed = endpoint.addresses.some((address) => !address.includes(':'));
    let port = endpoint.port;
    try {
      for (const address of endpoint.addresses) {
        const server = await this.listenOn(address, port, mixed, onConnection);
        servers.push(server);
        const bound = server.address();
        if (bound !== null && typeof bound === 'object') port = bound.port;
      }
    } catch (error) {
      await Promise.all(servers.map(closeServer));
      throw error;
    }
    return {
      protocol: this.protocol,
      local: { addresses: endpoint.addresses, port },
      close: async () => {
        await Promise.all(servers.map(closeServer));
      },
    };
  }

  /** Tries the addresses in their order; each gets an equal share of the time that is left. */
  async connect(
    remote: Endpoint,
    timeoutMs: number,
    localAddresses: readonly string[] = [],
  ): Promise<TransportConnection> {
    const deadlineMs = performance.now() + timeoutMs;
    const failures: string[] = [];
    for (const [index, address] of remote.addresses.entries()) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) break;
      try {
        const local = localAddresses.find((own) => own.includes(':') === address.includes(':'));
        const socket = await connectTo(
          address,
          remote.port,
          Math.ceil(leftMs / (remote.addresses.length - index)),
          local,
        );
        return await this.connected(
          this.marked(socket),
          address,
          Math.max(1, Math.ceil(deadlineMs - performance.now())),
        );
      } catch (error) {
        failures.push(
          `${address} port ${remote.port}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    throw new Error(failures.length > 0 ? failures.join('; ') : 'no address to connect to');
  }

  protected accepted(socket: Socket, onConnection: (connection: TransportConnection) => void): void {
    onConnection(new StreamConnection(this.protocol, socket, this.options));
  }

  /** What the transport makes of a connected socket, within the time that is left. */
  protected connected(socket: Socket, _host: string, _timeoutMs: number): Promise<TransportConnection> {
    return Promise.resolve(new StreamConnection(this.protocol, socket, this.options));
  }

  private marked(socket: Socket): Socket {
    const fd = descriptorOf(socket);
    // One that was reset meanwhile has no descriptor and sends nothing.
    if (this.options.dscp !== null && fd >= 0) setDscp(fd, this.options.dscp, socket.remoteFamily === 'IPv6');
    return socket;
  }

  private listenOn(
    address: string,
    port: number,
    ipv6Only: boolean,
    onConnection: (connection: TransportConnection) => void,
  ): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        // A socket that was reset while it waited to be accepted has no address any more.
        if (socket.remoteAddress === undefined) socket.destroy();
        else this.accepted(this.marked(socket), onConnection);
      });
      server.once('error', reject);
      server.listen(
        { host: address, port, backlog: this.options.backlog, ipv6Only: ipv6Only && address.includes(':') },
        () => {
          server.removeListener('error', reject);
          // EMFILE and its kind: the kernel keeps the connection waiting, those that exist go on.
          server.on('error', () => undefined);
          resolve(server);
        },
      );
    });
  }
}

/** Resolves when the server takes no new connections; those that exist stay, so 'close' is not waited for. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close();
    setImmediate(resolve);
  });
}

function connectTo(
  host: string,
  port: number,
  timeoutMs: number,
  localAddress: string | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}
