/**
 * TLS for the transport port: TCP's byte stream under node:tls. RFC 6733 clauses 2.1 and 13.1: the handshake
 * comes before the capabilities exchange, and both sides show certificates unless ours does not ask for one.
 *
 * Deviation: no Inband-Security-Id upgrade of a connection that began without TLS (RFC 3588); RFC 6733 keeps
 * it for old nodes only. Here the certificate is checked against the configured authorities. Which Diameter
 * identity it is for, the peer layer asks when it knows the peer's Origin-Host (certified-names.ts).
 */
import type { Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  createServer,
  type SecureContext,
  type Server,
  type TLSSocket,
} from 'node:tls';
import { certifiedNamesOf } from './certified-names';
import { byteStreamChannel } from './channel';
import { StreamConnection } from './stream-connection';
import type { StreamTransportOptions } from './options';
import type { TransportConnection } from './port';
import { TcpTransport } from './tcp';
import { ArrivingTlsConnection } from './tls-arrival';

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
  /** What is under way, by both its ends. */
  private readonly underWay = new Map<
    string,
    { readonly socket: Socket; readonly arriving: ArrivingTlsConnection }
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
        // Also where none is required, one that is shown binds the peer.
        requestCert: true,
        rejectUnauthorized: requireClientCertificate,
        handshakeTimeout: handshakeTimeoutMs,
      },
      (secured) => this.secured(secured),
    );
    this.handshakes.on('tlsClientError', (error, secured) => {
      this.underWay.get(endsOf(secured))?.arriving.failed(error.message);
      secured.destroy();
    });
  }

  /** The owner has the connection from now on, so that its bounds count it during the handshake too. */
  protected override accepted(socket: Socket, onConnection: (connection: TransportConnection) => void): void {
    const ends = endsOf(socket);
    const arriving = new ArrivingTlsConnection(socket, this.options, () => resetLater(socket));
    this.underWay.set(ends, { socket, arriving });
    socket.once('close', () => this.underWay.delete(ends));
    // A reset during the handshake is told by 'close'.
    socket.on('error', () => undefined);
    onConnection(arriving);
    // Documented for node:tls: connections may be handed to a server that did not accept them itself.
    if (!arriving.isOver) this.handshakes.emit('connection', socket);
  }

  private secured(secured: TLSSocket): void {
    const waiting = this.underWay.get(endsOf(secured));
    this.underWay.delete(endsOf(secured));
    // Who was given up meanwhile is reset in a moment.
    if (waiting === undefined) secured.destroy();
    else if (!waiting.arriving.isOver) waiting.arriving.secure(this.connectionOn(secured, waiting.socket));
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
        // It takes the TCP connection below with it.
        secured.destroy();
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

  private connectionOn(secured: TLSSocket, below: Socket): StreamConnection {
    const channel = {
      ...byteStreamChannel(secured, this.options.keepAliveMs),
      reset: () => resetLater(below, secured),
    };
    const certificate = secured.authorized ? secured.getPeerX509Certificate() : undefined;
    const names = certificate === undefined ? null : certifiedNamesOf(certificate);
    return new StreamConnection(this.protocol, secured, this.options, channel, names);
  }
}

/**
 * TLS has no reset of its own: it is that of TCP below. It waits for the end of the turn, since node:tls may
 * be at work on the connection right now (in the callback of a handshake or a read), and the process crashes
 * when the socket below vanishes under it.
 */
function resetLater(below: Socket, secured: Socket | null = null): void {
  secured?.pause();
  setImmediate(() => {
    below.resetAndDestroy();
    secured?.destroy();
  });
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
