/** Configuration to Diameter node: the dictionary, the Cx application, the dispatcher, the transports and the peer table. */
import { createCxApplication, type SecretOpener } from '../apps/cx/application';
import { Dictionary } from '../codec/dictionary';
import type { HssConfig } from '../config/schema';
import { Dispatcher } from '../dispatch/dispatcher';
import type { DispatchEvents } from '../dispatch/contract';
import type { OutboxStore } from '../domain/outbox';
import type { RegistrationStore } from '../domain/ports';
import { noServingNodes } from '../domain/serving-nodes';
import { baseTable } from '../generated/base-tables';
import { cxTable } from '../generated/cx-tables';
import type { PeerConfig } from '../peer/options';
import { CX_APPLICATION, CX_SUPPORTED_VENDOR_IDS } from '../peer/capabilities';
import type { PeerEvents } from '../peer/contract';
import type { PushEvents } from '../push/contract';
import { RouteMemory } from '../push/routes';
import type { PushWorker } from '../push/worker';
import { DiameterPeerTable } from '../peer/peer-table';
import { systemClock, systemRandom } from '../shared/clock';
import { limits } from '../shared/limits';
import type { Logger } from '../shared/logger';
import { portKind } from '../shared/transport-names';
import { createPushWorker } from './push';
import { createTransports, type Transports } from './transports';

/** A load and a commit, each of which may take as long as a statement: together they get little more than one of them. */
const SERVICE_PER_STATEMENT_TIMEOUT = 1.25;

export interface DiameterNode {
  readonly peers: DiameterPeerTable;
  readonly dispatcher: Dispatcher;
  /** Sends RTR and PPR; start it after the listeners, stop it before the peers. */
  readonly push: PushWorker;
  /** Opens the listeners and connects to the peers that we connect to; gives the addresses listened on. */
  start(): Promise<readonly string[]>;
  /** Peers and whether unknown ones are accepted, without a restart. */
  readonly reconfigure: (config: HssConfig) => void;
}

export interface DiameterPorts {
  readonly store: RegistrationStore & { readonly outbox: OutboxStore };
  readonly secrets: SecretOpener;
  readonly logger: Logger;
  readonly peerEvents: PeerEvents;
  readonly dispatchEvents: DispatchEvents;
  readonly pushEvents: PushEvents;
}

/** Names of TS 29.229 table 7.1.1 that the configuration switches on. */
function enabledFeatures(config: HssConfig): ReadonlySet<string> {
  const { features } = config.cx;
  return new Set([
    'AliasInd',
    ...(features.sharedIfcSets ? ['SiFC'] : []),
    ...(features.imsRestoration ? ['IMSRestorationInd'] : []),
    ...(features.pcscfRestoration ? ['P-CSCF-Restoration-mechanism'] : []),
  ]);
}

function peerConfigs(config: HssConfig, transports: Transports): PeerConfig[] {
  return config.peers.map((peer) => ({
    originHost: peer.identity, originRealm: peer.realm, addresses: peer.addresses, port: peer.port, connect: peer.connect,
    transport: transports.forPeer(peer.transport), localAddresses: peer.localAddresses,
  }));
}

export function createDiameterNode(config: HssConfig, ports: DiameterPorts): DiameterNode {
  const { diameter, cx } = config;
  const dictionary = new Dictionary([baseTable, cxTable]);
  const application = createCxApplication({
    imsRestoration: cx.features.imsRestoration,
    sendAllRestorationInfo: cx.sendAllRestorationInfo,
    pcscfRestoration: cx.features.pcscfRestoration,
    keepServerName: cx.keepServerName,
    authenticationPendingMaxAgeMs: cx.authenticationPendingMaxAgeSeconds * 1_000,
    maxAuthenticationVectors: cx.maxAuthenticationVectors,
    alwaysSendUserData: cx.alwaysSendUserData,
    defaultCapabilities: cx.defaultCapabilities,
  }, enabledFeatures(config), ports.secrets, noServingNodes);
  // Every start forgets what retransmissions were answered [6733-8.16].
  const originStateId = Math.floor(systemClock.nowMs() / 1_000);
  const node = { originHost: diameter.originHost, originRealm: diameter.originRealm, servedRealms: diameter.servedRealms, originStateId };
  const dispatcher = new Dispatcher({
    node, dictionary, store: ports.store, servingNodes: noServingNodes, applications: [application], clock: systemClock, random: systemRandom,
    logger: ports.logger, events: ports.dispatchEvents,
    duplicates: { ...diameter.duplicateDetection, maxOctets: limits.duplicateAnswersOctets },
    maxInProgressCount: limits.requestsInProgressCount, maxCommitAttempts: limits.commitAttemptsCount,
    maxServiceMs: config.store.statementTimeoutMs * SERVICE_PER_STATEMENT_TIMEOUT,
  });
  const decodeLimits = { maxMessageOctets: diameter.limits.messageOctets, maxAvpCount: diameter.limits.avpCount, maxNestingDepth: diameter.limits.nestingDepth };
  const transports = createTransports(config, ports.logger);
  const routes = new RouteMemory(ports.store.outbox, systemClock, ports.logger);
  const peers = new DiameterPeerTable({
    local: {
      originHost: diameter.originHost, originRealm: diameter.originRealm, productName: diameter.productName, vendorId: diameter.vendorId,
      firmwareRevision: 1, originStateId, hostIpAddresses: diameter.hostIpAddresses,
      supportedVendorIds: CX_SUPPORTED_VENDOR_IDS, applications: [CX_APPLICATION],
    },
    dictionary, decodeLimits, transports: transports.all, sink: routes.watching(dispatcher), events: ports.peerEvents, logger: ports.logger,
    options: {
      watchdogTwinitMs: diameter.watchdogIntervalSeconds * 1_000,
      connectTimeoutMs: diameter.connectTimeoutMs,
      capabilitiesTimeoutMs: diameter.capabilitiesTimeoutMs,
      disconnectTimeoutMs: diameter.disconnectTimeoutMs,
      reconnectInitialMs: diameter.reconnect.minMs,
      reconnectMaxMs: diameter.reconnect.maxMs,
      acceptUnknownPeers: diameter.unknownPeers === 'accept',
      maxUnknownPeers: diameter.maxUnknownPeers,
      maxConnections: diameter.maxConnections,
      maxHalfOpenConnections: diameter.maxHalfOpenConnections,
      maxHalfOpenConnectionsPerAddress: diameter.maxHalfOpenConnectionsPerAddress,
      maxRequestsInProgressPerPeer: diameter.maxInFlightRequestsPerPeer,
      maxPendingRequestsPerPeer: diameter.maxPendingRequestsPerPeer,
    },
  });
  const push = createPushWorker(config, {
    ...ports, peers, routes, dictionary, node: { originHost: diameter.originHost, originRealm: diameter.originRealm },
  });
  return {
    peers,
    dispatcher,
    push,
    start: async () => {
      const addresses: string[] = [];
      for (const [index, { transport, addresses: local, port }] of diameter.listen.entries()) {
        for (const name of transports.forListener(transport, index)) {
          // SCTP has all addresses in one place, TCP a place for each.
          for (const together of portKind(name) === 'sctp' ? [local] : local.map((address) => [address])) {
            const listener = await peers.listen(name, { addresses: together, port });
            addresses.push(...listener.local.addresses.map((bound) => `${name} ${bound.includes(':') ? `[${bound}]` : bound}:${listener.local.port}`));
          }
        }
      }
      peers.reconfigure(peerConfigs(config, transports), diameter.unknownPeers === 'accept');
      return addresses;
    },
    reconfigure: (changed) => peers.reconfigure(peerConfigs(changed, transports), changed.diameter.unknownPeers === 'accept'),
  };
}
