/**
 * TLS for the transport port: TCP's byte stream under node:tls. RFC 6733 clauses 2.1 and 13.1: the handshake comes before the
 * capabilities exchange, and both sides show certificates unless ours does not ask for one.
 *
 * Deviation: no Inband-Security-Id upgrade of a connection that began without TLS (RFC 3588); RFC 6733 keeps it for old nodes only.
 * Whose certificate it is, is checked against the configured authorities; which Diameter identity it may use, is not.
 */
import type { Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { StreamConnection } from './stream-connection';
import type { StreamTransportOptions } from './options';
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

  constructor(options: Partial<StreamTransportOptions>, private readonly tls: TlsSettings) {
    super(options);
  }

  protected override accepted(socket: Socket, onConnection: (connection: StreamConnection) => void): void {
    const { certificate, key, authorities, requireClientCertificate, handshakeTimeoutMs } = this.tls;
    const secured = new TLSSocket(socket, {
      isServer: true, cert: certificate, key, minVersion: 'TLSv1.2', requestCert: requireClientCertificate, rejectUnauthorized: requireClientCertificate,
      ...(authorities === undefined ? {} : { ca: authorities }),
    });
    // A handshake that does not come to its end must not keep the descriptor.
    const timer = setTimeout(() => secured.destroy(), handshakeTimeoutMs);
    secured.on('error', () => secured.destroy());
    secured.once('close', () => clearTimeout(timer));
    secured.once('secure', () => {
      clearTimeout(timer);
      if (requireClientCertificate && secured.authorizationError) secured.destroy();
      else onConnection(new StreamConnection(this.protocol, secured, this.options));
    });
  }

  protected override secured(socket: Socket, host: string, timeoutMs: number): Promise<Socket> {
    const { certificate, key, authorities } = this.tls;
    return new Promise((resolve, reject) => {
      const secured = connectTls({
        socket, cert: certificate, key, minVersion: 'TLSv1.2', ...(authorities === undefined ? {} : { ca: authorities }),
        // Peers are configured by address as a rule: the authority vouches for them, not the name.
        checkServerIdentity: () => undefined,
      });
      const fail = (error: Error): void => {
        clearTimeout(timer);
        secured.destroy();
        reject(error);
      };
      const timer = setTimeout(() => fail(new Error(`no TLS handshake with ${host} within ${timeoutMs} ms`)), timeoutMs);
      secured.once('error', fail);
      secured.once('secureConnect', () => {
        clearTimeout(timer);
        secured.removeListener('error', fail);
        resolve(secured);
      });
    });
  }
}
