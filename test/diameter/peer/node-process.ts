/**
 * A Diameter node in a process of its own, so that a crash of the process is seen as one. It prints its port
 * as one line of JSON, and ends in order with SIGTERM as the HSS does: listeners, handshakes, peers.
 *
 * Arguments: the transport's name, and as JSON the options of the peer table, `tls` (a certificate, its key
 * and what else TlsSettings has) and `unruly` (connections are reset in the middle of their messages).
 */
import { DEFAULT_DECODE_LIMITS } from '../../../src/diameter/codec/decode';
import type { PeerConfig, PeerOptions } from '../../../src/diameter/peer/options';
import { DiameterPeerTable } from '../../../src/diameter/peer/peer-table';
import type { Transport, TransportConnection } from '../../../src/transport/port';
import { UdpSctpTransport } from '../../../src/transport/sctp-userland/udp';
import { TcpTransport } from '../../../src/transport/tcp';
import { TlsTransport, type TlsSettings } from '../../../src/transport/tls';
import { dictionary, FAST, localNode, RecordingSink } from './support';

export interface NodeProcessSettings {
  readonly options?: Partial<PeerOptions>;
  readonly tls?: TlsSettings;
  readonly peers?: readonly PeerConfig[];
  readonly udpPort?: number;
  /** Resets each connection from within its first message. */
  readonly unruly?: boolean;
}

const [name, json] = process.argv.slice(2);
const settings = JSON.parse(json ?? '{}') as NodeProcessSettings;

function transport(): Transport {
  if (name === 'tls' && settings.tls !== undefined) return new TlsTransport({}, settings.tls);
  if (name === 'userland-sctp-udp')
    return new UdpSctpTransport({ sctp: { udpPort: settings.udpPort ?? 9_899 } });
  return new TcpTransport();
}

const carrier = transport();
const listening =
  settings.unruly === true
    ? carrier.listen({ addresses: ['127.0.0.1'], port: 0 }, (connection: TransportConnection) =>
        connection.setEvents({
          onMessage: () => connection.abort('a message'),
          onFramingFault: () => connection.abort('a fault'),
          onDrain: () => undefined,
          onClosed: () => connection.abort('closed already'),
        }),
      )
    : table().listen(carrier.name, { addresses: ['127.0.0.1'], port: 0 });

function table(): DiameterPeerTable {
  const made = new DiameterPeerTable({
    local: localNode('hss.ims.example'),
    dictionary,
    decodeLimits: DEFAULT_DECODE_LIMITS,
    transports: [carrier],
    sink: new RecordingSink('hss.ims.example'),
    options: { ...FAST, ...settings.options },
  });
  made.reconfigure(settings.peers ?? []);
  process.once('SIGTERM', () => {
    void made.shutdown('REBOOTING', 500).then(() => process.exit(0));
  });
  return made;
}

void listening.then(({ local }) => process.stdout.write(`${JSON.stringify({ port: local.port })}\n`));
