/**
 * The roles of the process: an HSS, a subscription locator, or both, each a Diameter node with an identity
 * and a peer table of its own [29.228-6.4]. In role both the two are one process: what the locator finds to
 * be for the HSS beside it is handed over. Requests of that HSS's own also reach peers that are connected to
 * the locator alone.
 */
import { LocatorAgent } from '../apps/dx/agent';
import type { LocalHss } from '../apps/dx/contract';
import { forwardedRequest } from '../apps/dx/envelope';
import { decodeMessage } from '../diameter/codec/decode';
import { Dictionary } from '../diameter/codec/dictionary';
import type { HssConfig } from '../config/schema';
import { baseTable } from '../diameter/generated/base-tables';
import { cxTable } from '../apps/cx/generated/cx-tables';
import { cxLimits } from '../apps/cx/limits';
import { CX_APPLICATION } from '../apps/cx/advertised';
import { APPLICATION_RELAY } from '../diameter/peer/capabilities';
import type { PeerTable } from '../diameter/peer/contract';
import type { DiameterPeerTable } from '../diameter/peer/peer-table';
import { systemClock } from '../shared/clock';
import { limits } from '../shared/limits';
import {
  createDiameterNode,
  createPeerTable,
  decodeLimitsOf,
  peerConfigs,
  startPeers,
  type DiameterNode,
  type DiameterPorts,
} from './diameter';

interface Locator {
  readonly peers: DiameterPeerTable;
  readonly agent: LocatorAgent;
  start(): Promise<readonly string[]>;
  reconfigure(config: HssConfig): void;
}

/**
 * [6733-2.4] A redirect agent advertises that it relays, besides the application that it reads [29.229-5.6];
 * a proxy the application.
 */
const RELAY_APPLICATION = { applicationId: APPLICATION_RELAY, vendorIds: [] };

function createLocator(config: HssConfig, ports: DiameterPorts, localHss: LocalHss | null): Locator {
  const { diameter, slf } = config;
  const originHost = slf.originHost ?? diameter.originHost;
  const dictionary = new Dictionary([baseTable, cxTable], cxLimits.receivedTextOctets);
  const agent = new LocatorAgent({
    node: {
      originHost,
      originRealm: diameter.originRealm,
      servedRealms: diameter.servedRealms,
      alsoOurHosts: localHss === null ? [] : [localHss.originHost],
    },
    settings: { ...slf, maxInProgressCount: limits.requestsInProgressCount },
    locator: ports.store.locator,
    localHss,
    dictionary,
    clock: systemClock,
    logger: ports.logger,
    events: ports.events,
    hops: {
      openPeer: (host) => peers.openPeer(host),
      send: (request, host, via, timeoutMs) => peers.send(request, host, via, timeoutMs),
    },
    decode: (bytes) => decodeMessage(bytes, dictionary, decodeLimitsOf(config)),
  });
  const peers: DiameterPeerTable = createPeerTable(
    config,
    {
      originHost,
      originStateId: ports.originStateId,
      dictionary,
      sink: agent,
      applications: slf.mode === 'redirect' ? [CX_APPLICATION, RELAY_APPLICATION] : [CX_APPLICATION],
    },
    ports,
  );
  return {
    peers,
    agent,
    start: async () =>
      (await startPeers(peers, config, 'slf', ports.transports)).map((address) =>
        config.role === 'both' ? `${address} (SLF, ${originHost})` : address,
      ),
    reconfigure: (changed) =>
      peers.reconfigure(
        peerConfigs(changed, 'slf', ports.transports),
        changed.diameter.unknownPeers === 'accept',
      ),
  };
}

/** The HSS's own peers, and those of the locator beside it, which it reaches with one hop more. */
export function bothTables(
  hss: DiameterPeerTable,
  locator: () => DiameterPeerTable,
  hssOriginHost: string,
): PeerTable {
  return {
    snapshot: () => [...hss.snapshot(), ...locator().snapshot()],
    paths: () => [...hss.paths(), ...locator().paths()],
    send: (request, destinationHost, via, timeoutMs) => {
      const leadsThere = (table: DiameterPeerTable): boolean =>
        table.openPeer(destinationHost) !== null || (via !== null && table.openPeer(via) !== null);
      const relayed =
        leadsThere(hss) || !leadsThere(locator())
          ? null
          : forwardedRequest(request, { routeRecord: hssOriginHost });
      return relayed === null
        ? hss.send(request, destinationHost, via, timeoutMs)
        : locator().send(relayed, destinationHost, via, timeoutMs);
    },
    shutdown: async (cause, graceMs) => {
      await Promise.all([hss.shutdown(cause, graceMs), locator().shutdown(cause, graceMs)]);
    },
  };
}

/** A locator starts no requests, and leaves those of the HSSs that share its database alone. */
const noPushes: DiameterNode['push'] = {
  start: () => undefined,
  wake: () => undefined,
  stop: () => Promise.resolve(),
};

/** What `role` asks for. Nothing listens before `start`. */
export function createNode(config: HssConfig, ports: DiameterPorts): DiameterNode {
  const { role, diameter } = config;
  if (role === 'hss') return createDiameterNode(config, ports);
  const isBoth = role === 'both';
  const hss = createDiameterNode(config, {
    ...ports,
    ...(isBoth
      ? { reached: (own: DiameterPeerTable) => bothTables(own, () => locator.peers, diameter.originHost) }
      : {}),
  });
  const locator: Locator = createLocator(
    config,
    ports,
    isBoth ? { originHost: diameter.originHost, originRealm: diameter.originRealm, sink: hss.sink } : null,
  );
  return {
    ...hss,
    peers: isBoth ? bothTables(hss.peers, () => locator.peers, diameter.originHost) : locator.peers,
    push: isBoth ? hss.push : noPushes,
    dispatcher: {
      whenIdle: async () => {
        await locator.agent.whenIdle();
        await hss.dispatcher.whenIdle();
      },
    },
    start: async () => [...(isBoth ? await hss.start() : []), ...(await locator.start())],
    reconfigure: (changed) => {
      if (isBoth) hss.reconfigure(changed);
      locator.reconfigure(changed);
    },
  };
}
