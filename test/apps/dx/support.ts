/** A subscription locator with real connections: its peer table, its agent and its table in PostgreSQL. */
import { LocatorAgent } from '../../../src/apps/dx/agent';
import type { LocalHss, LocatorSettings } from '../../../src/apps/dx/contract';
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../../src/diameter/codec/decode';
import { kindOfValue, type LocatorEntry } from '../../../src/apps/dx/locator/entry';
import type { LocatorProvisioning } from '../../../src/apps/dx/locator/ports';
import { PeerAuthority } from '../../../src/diameter/peer/authority';
import type { PeerConfig } from '../../../src/diameter/peer/options';
import { DiameterPeerTable } from '../../../src/diameter/peer/peer-table';
import { systemClock } from '../../../src/shared/clock';
import { TcpTransport } from '../../../src/transport/tcp';
import {
  dictionary,
  FAST,
  localNode,
  peerConfig,
  REALM,
  RecordingEvents,
  RecordingLogger,
  until,
  type Node,
} from '../../diameter/peer/support';

export const SLF = 'slf.ims.example';

export interface RunningLocator {
  readonly port: number;
  readonly table: DiameterPeerTable;
  readonly agent: LocatorAgent;
  readonly log: RecordingLogger;
  readonly lookups: string[];
  readonly forwards: string[];
  /** "UAR DIAMETER_REDIRECT_INDICATION" */
  readonly results: string[];
  readonly unauthorised: string[];
}

export interface LocatorOptions {
  readonly settings?: Partial<LocatorSettings>;
  /** HSSs that it connects to. */
  readonly hsss?: readonly Node[];
  readonly localHss?: LocalHss;
  readonly servedRealms?: readonly string[];
  /** Besides the HSSs. */
  readonly peers?: readonly PeerConfig[];
}

const hssAuthority = new PeerAuthority({ roles: ['hss'] });

const running: DiameterPeerTable[] = [];

export const entry = (value: string, ...hosts: string[]): LocatorEntry => ({
  kind: kindOfValue(value),
  value,
  hosts: hosts.map((host) => `aaa://${host}`),
});

export async function startLocator(
  locator: Pick<LocatorProvisioning, 'resolve'>,
  options: LocatorOptions = {},
): Promise<RunningLocator> {
  const log = new RecordingLogger();
  const lookups: string[] = [];
  const forwards: string[] = [];
  const results: string[] = [];
  const unauthorised: string[] = [];
  const agent: LocatorAgent = new LocatorAgent({
    node: {
      originHost: SLF,
      originRealm: REALM,
      servedRealms: options.servedRealms ?? [],
    },
    settings: {
      mode: 'redirect',
      unknownIdentity: 'userUnknown',
      usage: 'ALL_USER',
      maxCacheSeconds: 300,
      answerTimeoutMs: 400,
      maxInProgressCount: 1_000,
      ...options.settings,
    },
    locator,
    localHss: options.localHss ?? null,
    dictionary,
    clock: systemClock,
    logger: log,
    decode: (bytes) => decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS),
    hops: {
      openPeer: (host) => table.openPeer(host),
      send: (request, host, via, timeoutMs) => table.send(request, host, via, timeoutMs),
    },
    events: {
      locatorSearched: (outcome) => {
        lookups.push(outcome);
      },
      locatorForwarded: (outcome) => {
        forwards.push(outcome);
      },
      requestAnswered: (command, result) => {
        results.push(`${command} ${result}`);
      },
      requestUnauthorised: (reason) => {
        unauthorised.push(reason);
      },
    },
  });
  const table: DiameterPeerTable = new DiameterPeerTable({
    local: localNode(SLF),
    dictionary,
    decodeLimits: DEFAULT_DECODE_LIMITS,
    transports: [new TcpTransport({})],
    sink: agent,
    events: new RecordingEvents(),
    logger: log,
    options: { ...FAST, acceptUnknownPeers: true },
  });
  running.push(table);
  const listener = await table.listen('tcp', { addresses: ['127.0.0.1'], port: 0 });
  const hsss = options.hsss ?? [];
  table.reconfigure(
    [
      ...hsss.map((hss) => ({ ...peerConfig(hss.name, hss.port, true), authority: hssAuthority })),
      ...(options.peers ?? []),
    ],
    true,
  );
  for (const hss of hsss) await until(() => table.openPeer(hss.name) !== null, `${hss.name} is connected`);
  return { port: listener.local.port, table, agent, log, lookups, forwards, results, unauthorised };
}

/** For afterEach. */
export async function stopLocators(): Promise<void> {
  await Promise.all(running.splice(0).map((table) => table.shutdown('REBOOTING', 50)));
}
