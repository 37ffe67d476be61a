/**
 * The product's transports as the benchmark uses them: by the names of the configuration, and what each of
 * them needs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TRANSPORT_NAMES, type TransportName } from '../../src/shared/transport-names';
import type { StreamTransportOptions } from '../../src/transport/options';
import type { Transport } from '../../src/transport/port';
import { kernelSctpObstacle } from '../../src/transport/sctp-kernel/availability';
import { KernelSctpTransport } from '../../src/transport/sctp-kernel/transport';
import { rawSctpObstacle, udpSctpObstacle } from '../../src/transport/sctp-userland/availability';
import { RawSctpTransport } from '../../src/transport/sctp-userland/raw';
import { UdpSctpTransport } from '../../src/transport/sctp-userland/udp';
import { passedOverText, type Obstacle, type PassedOver } from '../../src/transport/selection';
import { defaultSctpOptions } from '../../src/transport/sctp-options';
import { TcpTransport } from '../../src/transport/tcp';
import { TlsTransport } from '../../src/transport/tls';

/** PEM files; the authorities are those whose certificates the other side may show. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly authoritiesFile?: string;
}

export interface TransportNeeds {
  /** For tls. */
  readonly tls: TlsFiles | null;
  /** UDP port of the listening side, for userland-sctp-udp. */
  readonly udpPort?: number;
}

/** TCP first, which the others are held against; then in the product's order of preference. */
const order: readonly TransportName[] = [
  'tcp',
  'tls',
  ...TRANSPORT_NAMES.filter((name) => name !== 'tcp' && name !== 'tls'),
];
export const transportsHelp = `${order.join(', ')}; sctp is kernel-sctp`;

/**
 * The generator is what pushes: nothing that it has asked for is a reason to end a connection. Answers may be
 * longer than requests.
 */
const generatorStream: Partial<StreamTransportOptions> = {
  maxMessageOctets: 1 << 20,
  writeHighWaterOctets: 1 << 26,
  writeLimitOctets: 1 << 27,
};
const HANDSHAKE_MS = 10_000;

/** @throws Error that names the option and what is allowed */
export function transportName(text: string): TransportName {
  const name = order.find((entry) => entry === (text === 'sctp' ? 'kernel-sctp' : text));
  if (name === undefined) throw new Error(`--transport: "${text}" is none of ${transportsHelp}`);
  return name;
}

/**
 * A list of names, or `all`: then whatever is not there is passed over later, and said. @throws Error as
 * `transportName`
 */
export function transportList(text: string): readonly TransportName[] | 'all' {
  if (text === 'all') return 'all';
  return [...new Set(text.split(',').map((entry) => transportName(entry.trim())))].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b),
  );
}

/**
 * Why this machine does not have it, and what mends that; null where it does. Asking for kernel-sctp may load
 * the kernel's module.
 */
export function transportObstacle(name: TransportName): Obstacle {
  switch (name) {
    case 'tcp':
      return null;
    case 'tls':
      return spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0
        ? null
        : { reason: 'no openssl to make a certificate with', mend: 'install openssl' };
    case 'kernel-sctp':
      return kernelSctpObstacle();
    case 'userland-sctp':
      return rawSctpObstacle();
    case 'userland-sctp-udp':
      return udpSctpObstacle();
  }
}

/**
 * Those that are measured. @throws Error with reason and mend where one that was asked for by its name is not
 * there
 */
export function availableTransports(
  wanted: readonly TransportName[] | 'all',
  say: (text: string) => void,
  obstacleTo: (name: TransportName) => Obstacle = transportObstacle,
): readonly TransportName[] {
  const taken: TransportName[] = [];
  const passedOver: PassedOver[] = [];
  for (const name of wanted === 'all' ? order : wanted) {
    const obstacle = obstacleTo(name);
    if (obstacle === null) taken.push(name);
    else passedOver.push({ name, ...obstacle });
  }
  if (wanted !== 'all' && passedOver.length > 0) throw new Error(passedOver.map(passedOverText).join('\n'));
  for (const passed of passedOver) say(`without ${passedOverText(passed)}`);
  return taken;
}

/** For one side of a connection. @throws Error where it needs something that is not given or not readable */
export function makeTransport(
  name: TransportName,
  { tls, udpPort = defaultSctpOptions.udpPort }: TransportNeeds,
  stream: Partial<StreamTransportOptions> = {},
): Transport {
  switch (name) {
    case 'tcp':
      return new TcpTransport(stream);
    case 'tls':
      return makeTls(tls, stream);
    case 'kernel-sctp':
      return new KernelSctpTransport({ stream });
    case 'userland-sctp':
      return new RawSctpTransport({ stream });
    case 'userland-sctp-udp':
      return new UdpSctpTransport({ stream, sctp: { udpPort } });
  }
}

export const generatorTransport = (name: TransportName, needs: TransportNeeds): Transport =>
  makeTransport(name, needs, generatorStream);

function makeTls(tls: TlsFiles | null, stream: Partial<StreamTransportOptions>): Transport {
  if (tls === null)
    throw new Error(
      "tls needs --tls-certificate and --tls-key, and --tls-authorities where the system does not know the other side's",
    );
  return new TlsTransport(stream, {
    certificate: readFileSync(tls.certificateFile, 'utf8'),
    key: readFileSync(tls.keyFile, 'utf8'),
    ...(tls.authoritiesFile === undefined ? {} : { authorities: readFileSync(tls.authoritiesFile, 'utf8') }),
    requireClientCertificate: true,
    handshakeTimeoutMs: HANDSHAKE_MS,
  });
}

/**
 * What a run on this machine needs: a certificate of its own that both sides show and trust, a free UDP port.
 */
export async function needsOf(names: readonly TransportName[], folder: string): Promise<TransportNeeds> {
  return {
    tls: names.includes('tls') ? makeCertificate(path.join(folder, 'tls')) : null,
    ...(names.includes('userland-sctp-udp') ? { udpPort: await freeUdpPort() } : {}),
  };
}

function makeCertificate(folder: string): TlsFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [certificateFile, keyFile] = [path.join(folder, 'certificate.pem'), path.join(folder, 'key.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=bench',
      '-keyout',
      keyFile,
      '-out',
      certificateFile,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  chmodSync(keyFile, 0o600);
  return { certificateFile, keyFile, authoritiesFile: certificateFile };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
