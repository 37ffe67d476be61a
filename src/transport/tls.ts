/**
 * TLS for the transport port: TCP's byte stream under node:tls. RFC 6733 clauses 2.1 and 13.1: the handshake
 * comes before the capabilities exchange, and both sides show certificates unless ours does not ask for one.
 *
 * Deviation: no Inband-Security-Id upgrade of a connection that began without TLS (RFC 3588); RFC 6733 keeps
 * it for old nodes only. Whose certificate it is, is checked against the configured authorities; which
 * Diameter identity it may use, is not.
 */
import type { Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  createServer,
  type SecureContext,
  type Server,
} from 'node:tls';
import { byteStreamChannel } from './channel';
import { StreamConnection } from './stream-connection';
import type { StreamTransportOptions } from './options';
import type { TransportConnection } from './port';
import { TcpTransport } from './tcp';

export interface TlsSettings {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Authorities whose certificates are accepted; the system's where none is given. */
  readonly authorities?: string;
  /** Peers that connect must show a certificate too. */
  readonly requireClientCertificate: boolean;
  readonly handshakeTimeoutMs: number;
}

export class TlsTransport extends TcpTransport {
  override readonly name = 'tls';
  override readonly protocol = 'tls';
  private readonly context: SecureContext;
  /** Does the handshakes of what TCP accepts; it listens nowhere itself. */
  private readonly handshakes: Server;
  /** TCP sockets whose handshake is under way, by both their ends, and who waits for it. */
  private readonly underWay = new Map<
    string,
    { readonly socket: Socket; readonly onConnection: (connection: TransportConnection) => void }
  >();

  /** Throws node:tls's error for a certificate or key that is none. */
  constructor(options: Partial<StreamTransportOptions>, settings: TlsSettings) {
    super(options);
    const { certificate, key, authorities, requireClientCertificate, handshakeTimeoutMs } = settings;
    const credentials = {
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      ...(authorities === undefined ? {} : { ca: authorities }),
    } as const;
    this.context = createSecureContext(credentials);
    this.handshakes = createServer(
      {
        ...credentials,
        requestCert: requireClientCertificate,
        rejectUnauthorized: requireClientCertificate,
        handshakeTimeout: handshakeTimeoutMs,
      },
      (secured) => {
        const waiting = this.underWay.get(endsOf(secured));
        if (waiting === undefined) secured.destroy();
        else waiting.onConnection(this.connectionOn(secured, waiting.socket));
      },
    );
    this.handshakes.on('tlsClientError', (_error, secured) => secured.destroy());
  }

  protected override accepted(socket: Socket, onConnection: (connection: TransportConnection) => void): void {
    const ends = endsOf(socket);
    this.underWay.set(ends, { socket, onConnection });
    socket.once('close', () => this.underWay.delete(ends));
    // Documented for node:tls: connections may be handed to a server that did not accept them itself.
    this.handshakes.emit('connection', socket);
  }

  protected override connected(
    socket: Socket,
    host: string,
    timeoutMs: number,
  ): Promise<TransportConnection> {
    return new Promise((resolve, reject) => {
      // Peers are configured by address as a rule: the authority vouches for them, not the name.
      const secured = connectTls({
        socket,
        secureContext: this.context,
        checkServerIdentity: () => undefined,
      });
      const fail = (error: Error): void => {
        clearTimeout(timer);
        secured.destroy();
        socket.destroy();
        reject(error);
      };
      const timer = setTimeout(
        () => fail(new Error(`no TLS handshake with ${host} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      secured.once('error', fail);
      secured.once('secureConnect', () => {
        clearTimeout(timer);
        secured.removeListener('error', fail);
        resolve(this.connectionOn(secured, socket));
      });
    });
  }

  /** TLS has no reset of its own: it is that of TCP below. */
  private connectionOn(secured: Socket, below: Socket): StreamConnection {
    const channel = {
      ...byteStreamChannel(secured, this.options.keepAliveMs),
      reset: () => {
        below.resetAndDestroy();
        secured.destroy();
      },
    };
    return new StreamConnection(this.protocol, secured, this.options, channel);
  }
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
