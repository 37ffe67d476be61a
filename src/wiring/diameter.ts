/**
 * Configuration to Diameter node: the applications, the dispatcher, the transports and the peer table.
 */
import {
  advertisedOf,
  dictionaryOf,
  changeReactionsOf,
  modulesOf,
  reactionsOf,
  returnCommandsOf,
  servedOf,
  type ProductApplication,
  type ProductStore,
} from './applications';
import type { RunningApplication } from '../apps/contract';
import type { SecretOpener } from '../authentication/secret-opener';
import type { Dictionary } from '../diameter/codec/dictionary';
import type { DecodeLimits } from '../diameter/codec/types';
import type { HssConfig } from '../config/schema';
import { rolesOf } from '../config/sections/peer';
import { Dispatcher } from '../diameter/dispatch/dispatcher';
import { PeerAuthority } from '../diameter/peer/authority';
import type { PeerConfig } from '../diameter/peer/options';
import { supportedVendorIds, type AdvertisedApplication } from '../diameter/peer/capabilities';
import type { PeerTable, RequestSink } from '../diameter/peer/contract';
import type { DiameterTap } from '../events/diameter-tap';
import type { HssEvents } from '../events/hss-events';
import { RouteMemory } from '../outbox/routes';
import type { PushWorker } from '../outbox/worker';
import { DiameterPeerTable } from '../diameter/peer/peer-table';
import { bulkRandom } from '../shared/bulk-random';
import { systemClock, systemRandom } from '../shared/clock';
import { limits } from '../shared/limits';
import { portKind } from '../shared/transport-names';
import type { OverloadControl } from '../diameter/overload/overload-control';
import { createOverloadControl, priorityTrust, type OverloadPorts } from './overload';
import { opening } from './listening';
import { createPushWorker } from './push';
import type { Transports } from './transports';

/**
 * A load and a commit, each of which may take as long as a statement: together they get little more than one
 * of them.
 */
const SERVICE_PER_STATEMENT_TIMEOUT = 1.25;

export interface DiameterNode {
  readonly peers: PeerTable;
  readonly dispatcher: Pick<Dispatcher, 'whenIdle'>;
  /** Where the HSS takes requests, whichever way they come. */
  readonly sink: RequestSink;
  /** Looks at its signals from `start` on; stop it with the rest. */
  readonly overload: OverloadControl;
  /** Sends requests of the HSS's own; start it after the listeners, stop it before the peers. */
  readonly push: Pick<PushWorker, 'start' | 'stop' | 'wake'>;
  /** Opens the listeners and connects to the peers that we connect to; gives the addresses listened on. */
  start(): Promise<readonly string[]>;
  /** Peers and whether unknown ones are accepted, without a restart. */
  readonly reconfigure: (config: HssConfig) => void;
}

export interface DiameterPorts extends OverloadPorts {
  readonly applications: readonly ProductApplication[];
  readonly store: ProductStore;
  readonly secrets: SecretOpener;
  /** [6733-8.16] Of the state that the database holds, so the same after a restart. */
  readonly originStateId: number;
  readonly events: HssEvents;
  /** Of all roles of the process. */
  readonly tap: DiameterTap;
  /** What carries Diameter, shared by all roles of the process. */
  readonly transports: Transports;
  /** The peers that requests of the HSS's own can go to, where those are more than the HSS's own. */
  readonly reached?: (own: DiameterPeerTable) => PeerTable;
}

export type Role = 'hss' | 'slf';

/** What listeners and peers without a role of their own are for. */
const onlyRole = ({ role }: HssConfig): Role => (role === 'slf' ? 'slf' : 'hss');

/** Every peer is known to both roles; one of them connects to it. */
export function peerConfigs(config: HssConfig, role: Role, transports: Transports): PeerConfig[] {
  return config.peers.map((peer) => ({
    originHost: peer.identity,
    originRealm: peer.realm,
    addresses: peer.addresses,
    checkAddress: peer.checkAddress,
    requireCertificate: peer.requireCertificate,
    port: peer.port,
    connect: peer.connect && (peer.connectAs ?? onlyRole(config)) === role,
    transport: transports.forPeer(peer.transport),
    localAddresses: peer.localAddresses,
    maxMessageOctets: peer.maxMessageOctets,
    authority: new PeerAuthority({
      roles: rolesOf(peer),
      originHosts: peer.originHosts,
      originRealms: peer.originRealms,
    }),
  }));
}

/** Bounds of one message. */
export function decodeLimitsOf({ diameter: { limits: bounds } }: HssConfig): DecodeLimits {
  return {
    maxMessageOctets: bounds.messageOctets,
    maxAvpCount: bounds.avpCount,
    maxNestingDepth: bounds.nestingDepth,
  };
}

/** Who a peer table is to its peers, and where it delivers. */
export interface PeerTableNode {
  readonly originHost: string;
  readonly originStateId: number;
  readonly applications: readonly AdvertisedApplication[];
  readonly dictionary: Dictionary;
  readonly sink: RequestSink;
}

export function createPeerTable(
  config: HssConfig,
  node: PeerTableNode,
  ports: Pick<DiameterPorts, 'events' | 'tap' | 'logger' | 'transports'>,
): DiameterPeerTable {
  const { diameter } = config;
  const decodeLimits = decodeLimitsOf(config);
  return new DiameterPeerTable({
    local: {
      originHost: node.originHost,
      originRealm: diameter.originRealm,
      productName: diameter.productName,
      vendorId: diameter.vendorId,
      firmwareRevision: 1,
      originStateId: node.originStateId,
      hostIpAddresses: diameter.hostIpAddresses,
      supportedVendorIds: supportedVendorIds(node.applications),
      applications: node.applications,
    },
    dictionary: node.dictionary,
    decodeLimits,
    transports: ports.transports.all,
    sink: node.sink,
    events: ports.events,
    tap: ports.tap,
    logger: ports.logger,
    options: {
      watchdogTwinitMs: diameter.watchdogIntervalSeconds * 1_000,
      connectTimeoutMs: diameter.connectTimeoutMs,
      capabilitiesTimeoutMs: diameter.capabilitiesTimeoutMs,
      disconnectTimeoutMs: diameter.disconnectTimeoutMs,
      takeoverTimeoutMs: diameter.takeoverTimeoutMs,
      reconnectInitialMs: diameter.reconnect.minMs,
      reconnectMaxMs: diameter.reconnect.maxMs,
      acceptUnknownPeers: diameter.unknownPeers === 'accept',
      checkCertificateIdentity: diameter.tls.checkPeerIdentity,
      maxUnknownPeers: diameter.maxUnknownPeers,
      maxConnections: diameter.maxConnections,
      maxHalfOpenConnections: diameter.maxHalfOpenConnections,
      maxHalfOpenConnectionsPerAddress: diameter.maxHalfOpenConnectionsPerAddress,
      maxRequestsInProgressPerPeer: diameter.maxInFlightRequestsPerPeer,
      maxPendingRequestsPerPeer: diameter.maxPendingRequestsPerPeer,
      maxMessageOctets: diameter.limits.sentMessageOctets,
    },
  });
}

/**
 * Listens where that role is reached, then connects to the peers that it connects to; gives the addresses
 * listened on.
 */
export async function startPeers(
  peers: DiameterPeerTable,
  config: HssConfig,
  role: Role,
  transports: Transports,
): Promise<string[]> {
  const { diameter } = config;
  const addresses: string[] = [];
  for (const [index, { transport, addresses: local, port, role: itsRole }] of diameter.listen.entries()) {
    if ((itsRole ?? onlyRole(config)) !== role) continue;
    for (const name of transports.forListener(transport, index)) {
      // SCTP has all addresses in one place, TCP a place for each.
      for (const together of portKind(name) === 'sctp' ? [local] : local.map((address) => [address])) {
        const listener = await opening(`diameter.listen[${index}]`, () =>
          peers.listen(name, { addresses: together, port }),
        );
        addresses.push(
          ...listener.local.addresses.map(
            (bound) => `${name} ${bound.includes(':') ? `[${bound}]` : bound}:${listener.local.port}`,
          ),
        );
      }
    }
  }
  peers.reconfigure(peerConfigs(config, role, transports), diameter.unknownPeers === 'accept');
  return addresses;
}

export function createDiameterNode(
  config: HssConfig,
  ports: DiameterPorts,
): DiameterNode & { readonly peers: DiameterPeerTable } {
  const { diameter } = config;
  const dictionary = dictionaryOf(ports.applications);
  const served = servedOf(ports.applications, config);
  const node = {
    originHost: diameter.originHost,
    originRealm: diameter.originRealm,
    servedRealms: diameter.servedRealms,
  };
  const overload = createOverloadControl(config, dictionary, ports);
  const running = served.flatMap(({ diameter: part }): RunningApplication[] =>
    part === undefined ? [] : [part.create({ ...ports, config, dictionary, node, clock: systemClock })],
  );
  const routes = new RouteMemory(ports.store.outbox, systemClock, returnCommandsOf(ports.applications));
  const dispatcher = new Dispatcher({
    node,
    alsoOurHosts: config.slf.originHost === undefined ? [] : [config.slf.originHost],
    observers: [routes.observe, ...running.flatMap(({ observe }) => observe ?? [])],
    dictionary,
    store: ports.store,
    head: modulesOf(ports.applications).head,
    reactions: reactionsOf(ports.applications),
    applications: running.map(({ application }) => application),
    clock: systemClock,
    random: bulkRandom(systemRandom),
    logger: ports.logger,
    events: ports.events,
    overload,
    duplicates: { ...diameter.duplicateDetection, maxOctets: limits.duplicateAnswersOctets },
    maxInProgressCount: Math.max(
      limits.requestsInProgressCount,
      config.overload.maxInFlightRequests + config.overload.maxQueuedRequests,
    ),
    maxCommitAttempts: limits.commitAttemptsCount,
    maxServiceMs: config.store.statementTimeoutMs * SERVICE_PER_STATEMENT_TIMEOUT,
  });
  const peers = createPeerTable(
    config,
    {
      originHost: diameter.originHost,
      originStateId: ports.originStateId,
      applications: advertisedOf(served),
      dictionary,
      sink: dispatcher,
    },
    ports,
  );
  const push = createPushWorker(config, {
    outbox: ports.store.outbox,
    peers: ports.reached?.(peers) ?? peers,
    routes,
    kinds: new Map(running.flatMap(({ outgoing }) => [...(outgoing ?? [])])),
    refresh: async () => {
      for (const { refresh } of running) await refresh?.();
    },
    originHost: diameter.originHost,
    logger: ports.logger,
    events: ports.events,
    reactions: changeReactionsOf(ports.applications),
  });
  return {
    peers,
    dispatcher,
    sink: dispatcher,
    overload,
    push,
    start: async () => {
      overload.start();
      return startPeers(peers, config, 'hss', ports.transports);
    },
    reconfigure: (changed) => {
      overload.trust(priorityTrust(changed));
      peers.reconfigure(
        peerConfigs(changed, 'hss', ports.transports),
        changed.diameter.unknownPeers === 'accept',
      );
    },
  };
}
