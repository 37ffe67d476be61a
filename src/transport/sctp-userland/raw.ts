/**
 * Userland SCTP over raw IP for the transport port, for machines whose kernel has none. Needs the npm package
 * raw-socket, which is compiled when it is installed, and CAP_NET_RAW.
 *
 * Limits of the stack: IPv4, one path, no use of the checksum of what comes in; a peer that was restarted and
 * uses the same port is let in again only when the watchdog has ended the old association. A kernel whose
 * SCTP is loaded aborts what it does not know, so the two never run together (availability.ts).
 */
import { isIPv4 } from 'node:net';
import { defaultStreamTransportOptions, type StreamTransportOptions } from '../options';
import type { Endpoint, Transport, TransportConnection, TransportListener } from '../port';
import { defaultSctpOptions, type SctpOptions } from '../sctp-options';
import { UserlandConnection } from './connection';
import { establish, onlyIpv4 } from './establish';
import { closeEndpoint, openEndpoint, type Association } from './stack';

/**
 * The stack itself knows only the ports of its own process, and begins here: a listener on any free port must
 * not get the one that whoever connects from this machine will choose.
 */
const FIRST_CLIENT_PORT = 49_152;
const FIRST_FREE_PORT = 1_024;

export interface UserlandSettings {
  readonly stream?: Partial<StreamTransportOptions>;
  readonly sctp?: Partial<SctpOptions>;
}

export class RawSctpTransport implements Transport {
  readonly name = 'userland-sctp';
  readonly protocol = 'sctp';
  private readonly stream: StreamTransportOptions;
  private readonly sctp: SctpOptions;

  constructor(settings: UserlandSettings = {}) {
    this.stream = { ...defaultStreamTransportOptions, ...settings.stream };
    this.sctp = { ...defaultSctpOptions, ...settings.sctp };
  }

  listen(
    endpoint: Endpoint,
    onConnection: (connection: TransportConnection) => void,
  ): Promise<TransportListener> {
    return Promise.resolve().then(() => {
      const localAddresses = onlyIpv4(endpoint.addresses);
      const localPort =
        endpoint.port === 0
          ? FIRST_FREE_PORT + Math.floor(Math.random() * (FIRST_CLIENT_PORT - FIRST_FREE_PORT))
          : endpoint.port;
      const opened = openEndpoint({
        sctp: this.sctp,
        maxMessageOctets: this.stream.maxMessageOctets,
        localPort,
        localAddresses,
      });
      const local = { addresses: endpoint.addresses, port: opened.localPort };
      let [open, listening] = [0, true];
      const gone = (): void => {
        open -= 1;
        if (open === 0 && !listening) closeEndpoint(opened);
      };
      opened.on('association', (association: Association) => {
        if (!listening) return refuse(association);
        open += 1;
        onConnection(
          new UserlandConnection(association, local, remoteOf(association), this.stream, true, gone),
        );
      });
      return {
        protocol: this.protocol,
        local,
        close: () => {
          listening = false;
          if (open === 0) closeEndpoint(opened);
          return Promise.resolve();
        },
      };
    });
  }

  async connect(
    remote: Endpoint,
    timeoutMs: number,
    localAddresses: readonly string[] = [],
  ): Promise<TransportConnection> {
    const address = remote.addresses.find((candidate) => isIPv4(candidate));
    if (address === undefined) throw new Error('no IPv4 address to connect to');
    const endpoint = openEndpoint({
      sctp: this.sctp,
      maxMessageOctets: this.stream.maxMessageOctets,
      localPort: 0,
      localAddresses: onlyIpv4(localAddresses),
    });
    const association = await establish(endpoint, address, remote.port, address, timeoutMs);
    const local = { addresses: localAddresses.length > 0 ? localAddresses : [], port: endpoint.localPort };
    return new UserlandConnection(
      association,
      local,
      { addresses: [address], port: remote.port },
      this.stream,
      false,
      () => closeEndpoint(endpoint),
    );
  }
}

const remoteOf = (association: Association): Endpoint => ({
  addresses: [association.remoteAddress ?? ''],
  port: association.remotePort,
});

/** Once it is up: before that the stack knows no state of it. */
function refuse(association: Association): void {
  association.once('COMMUNICATION UP', () => association.ABORT());
}
