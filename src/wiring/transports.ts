/**
 * Configuration to transports: those that the configuration names and the machine has, and which of them each
 * listener and each peer gets. What is passed over is said at the start, with its mend.
 */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config/config-error';
import type { HssConfig } from '../config/schema';
import { systemClock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import { transportPreference, type TransportName } from '../shared/transport-names';
import type { StreamTransportOptions } from '../transport/options';
import type { Transport } from '../transport/port';
import type { PathEvent, SctpOptions } from '../transport/sctp-options';
import { kernelSctpObstacle } from '../transport/sctp-kernel/availability';
import { dscpObstacle } from '../transport/sctp-kernel/kernel-calls';
import { KernelSctpTransport } from '../transport/sctp-kernel/transport';
import { rawSctpObstacle, udpSctpObstacle } from '../transport/sctp-userland/availability';
import { RawSctpTransport } from '../transport/sctp-userland/raw';
import { UdpSctpTransport } from '../transport/sctp-userland/udp';
import { passedOverText, selectTransports, type Obstacle } from '../transport/selection';
import { TcpTransport } from '../transport/tcp';
import { TlsTransport } from '../transport/tls';

export type TransportSetting = HssConfig['diameter']['listen'][number]['transport'];

export interface Transports {
  /** Those that can be had, of the ones that are named anywhere. */
  readonly all: readonly Transport[];
  /**
   * For a listener: at most one for its port of SCTP and one for that of TCP. @throws ConfigError where there
   * is none
   */
  forListener(setting: TransportSetting, index: number): readonly TransportName[];
  /**
   * For connecting: the first that can be had; the first named where none can, so that the peer's state says
   * why.
   */
  forPeer(setting: TransportSetting): TransportName;
}

/** Paths that come and go, or a peer that makes them up, must not become a flood of the log. */
const PATH_LINES_PER_SECOND = 10;

function linesPerSecond(most: number): () => boolean {
  let [second, lines] = [0, 0];
  return () => {
    const now = Math.floor(systemClock.monotonicMs() / 1_000);
    if (now !== second) [second, lines] = [now, 0];
    lines += 1;
    return lines <= most;
  };
}

export function createTransports(
  config: HssConfig,
  logger: Logger,
  configFile: string | null = null,
): Transports {
  const { diameter } = config;
  const obstacles = new Map<TransportName, Obstacle>();
  const obstacle = (name: TransportName): Obstacle => {
    const known = obstacles.get(name);
    if (known !== undefined) return known;
    const found = obstacleOf(name, config);
    obstacles.set(name, found);
    return found;
  };
  // Only what is named: asking for the kernel's SCTP loads its module. TCP costs nothing, and a reload may
  // bring a peer that uses it.
  const named = new Set<TransportName>([
    'tcp',
    ...[...diameter.listen, ...config.peers].flatMap(({ transport }) => transportPreference(transport)),
  ]);
  const stream: Partial<StreamTransportOptions> = {
    maxMessageOctets: diameter.limits.messageOctets,
    writeHighWaterOctets: diameter.writeQueueHighOctets,
    writeLimitOctets: diameter.writeQueueMaxOctets,
    incompleteMessageLimitMs: diameter.incompleteMessageTimeoutMs,
    keepAliveMs: diameter.keepAliveMs,
    dscp: diameter.dscp === 0 ? null : diameter.dscp,
  };
  const unmarkable = diameter.dscp === 0 ? null : dscpObstacle();
  if (unmarkable !== null)
    throw new ConfigError(
      [
        {
          path: 'diameter.dscp',
          found: unmarkable,
          allowed: '0 on this machine',
          source: configFile ?? 'default',
        },
      ],
      configFile,
    );
  const mayLog = linesPerSecond(PATH_LINES_PER_SECOND);
  const onPathEvent = ({ remote, address, change }: PathEvent): void => {
    if (!mayLog()) return;
    const level = change === 'unreachable' || change === 'potentially failed' ? 'warn' : 'info';
    logger[level](
      { remote, path: address, change },
      `SCTP association with ${remote}: path to ${address} ${change}`,
    );
  };
  const onUnsendable = (remote: string, detail: string): void =>
    logger.error({ remote }, `SCTP association with ${remote}: ${detail}`);
  const all = [...named]
    .filter((name) => obstacle(name) === null)
    .map((name) => create(name, { config, stream, sctp: diameter.sctp, onPathEvent, onUnsendable }));
  return {
    all,
    forListener: (setting, index) => {
      const { taken, passedOver } = selectTransports(transportPreference(setting), obstacle);
      if (taken.length === 0) {
        const path = `diameter.listen[${index}].transport`;
        throw new ConfigError(
          [
            {
              path,
              found: passedOver.map(passedOverText).join('; '),
              allowed: 'a transport that this machine has',
              source: configFile ?? 'default',
            },
          ],
          configFile,
        );
      }
      for (const passed of passedOver)
        logger[passed.mend === null ? 'debug' : 'warn'](
          { transport: passed.name },
          `Not listening over ${passedOverText(passed)}`,
        );
      return taken;
    },
    forPeer: (setting) => {
      const preference = transportPreference(setting);
      return preference.find((name) => obstacle(name) === null) ?? preference[0] ?? 'tcp';
    },
  };
}

function obstacleOf(name: TransportName, { diameter }: HssConfig): Obstacle {
  switch (name) {
    case 'tcp':
      return null;
    case 'tls':
      return diameter.tls.certificateFile === undefined
        ? { reason: 'there is no certificate', mend: 'diameter.tls.certificateFile and keyFile' }
        : null;
    case 'kernel-sctp':
      return kernelSctpObstacle();
    case 'userland-sctp':
      return rawSctpObstacle();
    case 'userland-sctp-udp':
      return udpSctpObstacle();
  }
}

interface Ingredients {
  readonly config: HssConfig;
  readonly stream: Partial<StreamTransportOptions>;
  readonly sctp: SctpOptions;
  readonly onPathEvent: (event: PathEvent) => void;
  readonly onUnsendable: (remote: string, detail: string) => void;
}

function create(
  name: TransportName,
  { config, stream, sctp, onPathEvent, onUnsendable }: Ingredients,
): Transport {
  switch (name) {
    case 'tcp':
      return new TcpTransport(stream);
    case 'tls':
      return createTls(stream, config.diameter);
    case 'kernel-sctp':
      return new KernelSctpTransport({ stream, sctp, onPathEvent, onUnsendable });
    case 'userland-sctp':
      return new RawSctpTransport({ stream, sctp });
    case 'userland-sctp-udp':
      return new UdpSctpTransport({ stream, sctp });
  }
}

function createTls(
  stream: Partial<StreamTransportOptions>,
  { tls, capabilitiesTimeoutMs }: HssConfig['diameter'],
): TlsTransport {
  const settings = {
    certificate: readPem(tls.certificateFile, 'diameter.tls.certificateFile'),
    key: readPem(tls.keyFile, 'diameter.tls.keyFile'),
    ...(tls.authoritiesFile === undefined
      ? {}
      : { authorities: readPem(tls.authoritiesFile, 'diameter.tls.authoritiesFile') }),
    requireClientCertificate: tls.requirePeerCertificate,
    handshakeTimeoutMs: capabilitiesTimeoutMs,
  };
  try {
    return new TlsTransport(stream, settings);
  } catch (error) {
    throw new ConfigError(
      [
        {
          path: 'diameter.tls',
          found: error instanceof Error ? error.message : String(error),
          allowed: 'a certificate, its key and authorities, all PEM',
          source: 'configuration',
        },
      ],
      null,
    );
  }
}

function readPem(file: string | undefined, path: string): string {
  try {
    return readFileSync(file ?? '', 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ConfigError(
      [{ path, found: `${file}: ${code}`, allowed: 'a readable PEM file', source: 'configuration' }],
      null,
    );
  }
}
