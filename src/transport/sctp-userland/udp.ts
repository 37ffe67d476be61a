/**
 * Userland SCTP in UDP (RFC 6951) for the transport port: no privileges, and passes where only UDP does.
 *
 * Each other side (address and UDP port) has an endpoint of the stack for itself, whose packets its carrier
 * puts into datagrams. A packet belongs to the association whose verification tag it bears; an INIT, and what
 * follows it, to a second endpoint for the same other side: when that has an association, the peer was
 * restarted, and the old one ends. [RFC 6951 5.4]
 *
 * Limits of the stack: IPv4, one path.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { defaultStreamTransportOptions, type StreamTransportOptions } from '../options';
import type { Endpoint, Transport, TransportConnection, TransportListener } from '../port';
import { defaultSctpOptions, type SctpOptions } from '../sctp-options';
import { UserlandConnection } from './connection';
import { establish, onlyIpv4 } from './establish';
import type { UserlandSettings } from './raw';
import { openEndpoint } from './stack';
import { Carrier, UdpSide } from './udp-side';

/** Other sides that are known at once, those without an association included. */
const MAX_SIDES = 4_096;
const SOCKET_BUFFER_OCTETS = 4 * 1024 * 1024;

export class UdpSctpTransport implements Transport {
  readonly name = 'userland-sctp-udp';
  readonly protocol = 'sctp';
  private readonly stream: StreamTransportOptions;
  private readonly sctp: SctpOptions;

  constructor(settings: UserlandSettings = {}) {
    this.stream = { ...defaultStreamTransportOptions, ...settings.stream };
    this.sctp = { ...defaultSctpOptions, ...settings.sctp };
  }

  async listen(
    endpoint: Endpoint,
    onConnection: (connection: TransportConnection) => void,
  ): Promise<TransportListener> {
    const port = endpoint.port === 0 ? 1_024 + Math.floor(Math.random() * 60_000) : endpoint.port;
    onlyIpv4(endpoint.addresses);
    const local = { addresses: endpoint.addresses, port };
    const sockets: Socket[] = [];
    const sides = new Map<string, UdpSide>();
    let listening = true;
    const closeWhenIdle = (): void => {
      if (!listening && sides.size === 0) for (const socket of sockets.splice(0)) socket.close();
    };
    try {
      for (const address of endpoint.addresses) {
        const socket = await bound(address, this.sctp.udpPort);
        sockets.push(socket);
        socket.on('message', (packet, { address: from, port: fromPort }) => {
          const key = `${address} ${from} ${fromPort}`;
          let side = sides.get(key);
          if (side === undefined) {
            if (!listening || sides.size >= MAX_SIDES || !UdpSide.begins(packet, port)) return;
            side = new UdpSide(
              socket,
              { address: from, port: fromPort },
              {
                port,
                sctp: this.sctp,
                stream: this.stream,
                local,
                onConnection,
                mayBegin: () => listening,
                onEmpty: () => {
                  sides.delete(key);
                  closeWhenIdle();
                },
              },
            );
            sides.set(key, side);
          }
          side.receive(packet);
        });
      }
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
    return {
      protocol: this.protocol,
      local,
      close: () => {
        listening = false;
        closeWhenIdle();
        return Promise.resolve();
      },
    };
  }

  async connect(
    remote: Endpoint,
    timeoutMs: number,
    localAddresses: readonly string[] = [],
  ): Promise<TransportConnection> {
    const address = remote.addresses.find((candidate) => isIPv4(candidate));
    if (address === undefined) throw new Error('no IPv4 address to connect to');
    const socket = await bound(onlyIpv4(localAddresses)[0] ?? '0.0.0.0', 0);
    const peer = { address, port: this.sctp.udpPort };
    const carrier = new Carrier(socket, peer);
    socket.on('message', (packet) => carrier.receive(packet));
    try {
      const endpoint = openEndpoint({
        sctp: this.sctp,
        maxMessageOctets: this.stream.maxMessageOctets,
        localPort: 0,
        localAddresses: [],
        carrier,
        peer,
      });
      const association = await establish(endpoint, undefined, remote.port, address, timeoutMs);
      const local = { addresses: [...localAddresses], port: endpoint.localPort };
      return new UserlandConnection(
        association,
        local,
        { addresses: [address], port: remote.port },
        this.stream,
        false,
        () => {
          endpoint.DESTROY();
          // After the last packet, which may be on its way out.
          setImmediate(() => socket.close());
        },
      );
    } catch (error) {
      socket.close();
      throw error;
    }
  }
}

function bound(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: SOCKET_BUFFER_OCTETS,
      sendBufferSize: SOCKET_BUFFER_OCTETS,
    });
    socket.once('error', reject);
    socket.bind({ address, port }, () => {
      socket.off('error', reject);
      // An ICMP error about one peer must not end the others.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
