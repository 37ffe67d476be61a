/**
 * All peers: configured ones, and unknown ones if they are accepted; where connections come in, and which
 * peer a request of ours goes to. RFC 6733 clauses 2.6, 5.1, 5.5.4 and 5.6.1.
 *
 * Deviation: no realm routing table (clause 2.7). An HSS sends requests of its own only to nodes that asked
 * it before, so a request goes to the node itself or back through the peer by which the node's last request
 * came.
 */
import type { Dictionary } from '../codec/dictionary';
import { decodeMessage } from '../codec/decode';
import type { DecodeLimits } from '../codec/types';
import { DisconnectCause } from '../generated/base';
import { DiameterTap } from '../../events/diameter-tap';
import { silentEvents } from '../../events/event-spine';
import type { PeerEvents } from '../../events/hss-events';
import { systemClock, systemRandom, type Clock, type RandomSource } from '../../shared/clock';
import { silentLogger, type Logger } from '../../shared/logger';
import type {
  Endpoint,
  Transport,
  TransportConnection,
  TransportListener,
  TransportName,
} from '../../transport/port';
import { admitsCertificate, admitsPeer, type Admission } from './admission';
import { BaseMessages } from './base-messages';
import type { LocalNode } from './capabilities';
import { ConnectionLimits } from './connection-limits';
import type { PeerIdentity, PeerPaths, PeerSnapshot, PeerTable, RequestSink, SendOutcome } from './contract';
import { identityKey } from './diameter-identity';
import { EndToEndIds } from './end-to-end-ids';
import { FamiliarAddresses } from './familiar-addresses';
import { IncomingHandshake } from './incoming-handshake';
import { resolvePeerOptions, type PeerConfig, type PeerOptions } from './options';
import { OutgoingRequest } from './outgoing-request';
import { Peer } from './peer';
import type { PeerContext } from './peer-context';
import { PeerLink } from './peer-link';
import type { ReceivedCer } from './peer-machine';

export interface PeerTableSettings {
  readonly local: LocalNode;
  readonly dictionary: Dictionary;
  readonly decodeLimits: DecodeLimits;
  readonly transports: readonly Transport[];
  readonly sink: RequestSink;
  /** What is left out takes the default of options.ts. */
  readonly options?: Partial<PeerOptions>;
  readonly events?: PeerEvents;
  readonly tap?: DiameterTap;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: RandomSource;
}

const REFUSAL_LOG_INTERVAL_MS = 1_000;

export class DiameterPeerTable implements PeerTable {
  private readonly context: PeerContext;
  private readonly peers = new Map<string, Peer>();
  private readonly listeners: TransportListener[] = [];
  private readonly limits: ConnectionLimits;
  private readonly familiar = new FamiliarAddresses();
  /** Connections that have not said yet who they are. */
  private readonly handshakes = new Set<PeerLink>();
  private acceptUnknownPeers: boolean;
  private stopping = false;
  private refusedSinceLog = 0;
  private refusalLoggedAtMs = -Infinity;

  /**
   * Throws a RangeError for options that are not allowed. Nothing happens before `listen` or `reconfigure`.
   */
  constructor(settings: PeerTableSettings) {
    const options = resolvePeerOptions(settings.options ?? {});
    const clock = settings.clock ?? systemClock;
    const random = settings.random ?? systemRandom;
    const transports: Partial<Record<TransportName, Transport>> = {};
    for (const transport of settings.transports) transports[transport.name] = transport;
    this.context = {
      local: settings.local,
      options,
      transports,
      sink: settings.sink,
      events: settings.events ?? silentEvents,
      tap: settings.tap ?? new DiameterTap(),
      logger: settings.logger ?? silentLogger,
      clock,
      random,
      base: new BaseMessages(settings.local, settings.dictionary, new EndToEndIds(clock, random)),
      decode: (bytes) => decodeMessage(bytes, settings.dictionary, settings.decodeLimits),
    };
    this.acceptUnknownPeers = options.acceptUnknownPeers;
    this.limits = new ConnectionLimits(options);
  }

  /**
   * Takes connections on the endpoint; rejects with the system's error. May be called for several endpoints.
   */
  async listen(name: TransportName, endpoint: Endpoint): Promise<TransportListener> {
    const transport = this.context.transports[name];
    if (transport === undefined) throw new Error(`there is no transport ${name}`);
    const listener = await transport.listen(endpoint, (connection) => this.accept(connection));
    this.listeners.push(listener);
    return listener;
  }

  /**
   * Makes `peers` the configured ones, without touching those that stay as they are: new ones are connected
   * to where that is wanted, those gone are told DO_NOT_WANT_TO_TALK_TO_YOU, and whether unknown peers are
   * accepted may change.
   */
  reconfigure(peers: readonly PeerConfig[], acceptUnknownPeers: boolean = this.acceptUnknownPeers): void {
    this.acceptUnknownPeers = acceptUnknownPeers;
    this.familiar.configure(peers);
    const named = new Map(peers.map((config) => [identityKey(config.originHost), config]));
    for (const [key, peer] of [...this.peers]) {
      const leaves = !named.has(key) && (peer.config !== null || !acceptUnknownPeers);
      if (leaves) peer.retire(DisconnectCause.DO_NOT_WANT_TO_TALK_TO_YOU);
      if (leaves && peer.state === 'Closed') this.forgetPeer(key, peer);
    }
    for (const [key, config] of named) {
      const peer = this.peers.get(key);
      if (peer !== undefined) peer.reconfigure(config);
      else this.addPeer(key, config.originHost, config).start();
    }
  }

  snapshot(): readonly PeerSnapshot[] {
    return [...this.peers.values()].map((peer) => peer.snapshot());
  }

  /** Asks the system, so it is for metrics and not for every request. */
  paths(): readonly PeerPaths[] {
    return [...this.peers.values()].flatMap((peer) => {
      const report = peer.paths();
      return report === null ? [] : [{ peer: peer.name, report }];
    });
  }

  send(
    request: Buffer,
    destinationHost: string,
    via: string | null,
    timeoutMs: number,
  ): Promise<SendOutcome> {
    const keys = new Set([identityKey(destinationHost), ...(via === null ? [] : [identityKey(via)])]);
    const candidates = (): Peer[] =>
      [...keys].map((key) => this.peers.get(key)).filter((peer) => peer !== undefined);
    const outgoing = new OutgoingRequest(request, candidates, (detail) => {
      this.context.logger.warn(
        { destinationHost },
        `A request for ${destinationHost} is sent again to another peer: ${detail}`,
      );
    });
    return outgoing.start(timeoutMs);
  }

  /**
   * Who an open peer says it is; null where no open connection leads to that Diameter identity. For agents
   * that choose a next hop.
   */
  openPeer(originHost: string): PeerIdentity | null {
    const peer = this.peers.get(identityKey(originHost));
    return peer === undefined || peer.rank === null ? null : peer.identity;
  }

  async shutdown(cause: 'REBOOTING' | 'BUSY' | 'DO_NOT_WANT_TO_TALK_TO_YOU', graceMs: number): Promise<void> {
    this.stopping = true;
    await Promise.all(this.listeners.splice(0).map((listener) => listener.close()));
    for (const link of this.handshakes) link.abort('we are shutting down');
    await Promise.all([...this.peers.values()].map((peer) => peer.shutdown(DisconnectCause[cause], graceMs)));
    this.peers.clear();
  }

  private admits(
    identity: PeerIdentity,
    { remote, certifiedNames }: TransportConnection,
  ): Admission | Promise<Admission> {
    if (this.stopping) return 'we are shutting down';
    const { originHost } = identity;
    const known = this.peers.get(identityKey(originHost));
    const config = known?.config ?? null;
    const { checkCertificateIdentity } = this.context.options;
    const certified = admitsCertificate(certifiedNames, originHost, config, checkCertificateIdentity);
    if (certified !== true) return certified;
    if (config !== null) return admitsPeer(config, identity, remote.addresses);
    if (known !== undefined && this.acceptUnknownPeers) return true;
    if (!this.acceptUnknownPeers) return 'it is not a configured peer';
    const unknown = [...this.peers.values()].filter((peer) => peer.config === null).length;
    const { maxUnknownPeers } = this.context.options;
    return unknown < maxUnknownPeers ? true : `${maxUnknownPeers} peers without configuration are connected`;
  }

  private admitted(link: PeerLink, cer: ReceivedCer): void {
    const { originHost } = cer.capabilities.identity;
    const key = identityKey(originHost);
    const peer = this.peers.get(key) ?? this.addPeer(key, originHost, null);
    if (peer.config !== null) this.familiar.learn(originHost, link.connection.remote.addresses);
    peer.connectionArrived(link, cer);
  }

  private accept(connection: TransportConnection): void {
    const { addresses, port } = connection.remote;
    const address = addresses[0] ?? '';
    const handshake: IncomingHandshake = new IncomingHandshake(this.context, {
      admits: (identity, its) => this.admits(identity, its),
      admitted: (admittedLink, cer) => {
        if (typeof place !== 'string') place.established();
        this.handshakes.delete(admittedLink);
        this.admitted(admittedLink, cer);
      },
    });
    const giveUp = (reason: string): void => {
      this.context.events.connectionRefused(`${address}:${port}`, 'limit');
      this.logRefusal(address, reason);
    };
    const place = this.stopping
      ? 'we are shutting down'
      : this.limits.reserve({
          address,
          familiar: addresses.some((one) => this.familiar.has(one)),
          giveUp: () => {
            const reason = 'its place is given to another connection';
            giveUp(reason);
            handshake.abandon(link, reason);
          },
        });
    if (typeof place === 'string') {
      giveUp(place);
      return connection.abort(place);
    }
    const link: PeerLink = new PeerLink(connection, handshake, this.context, () => {
      place.release();
      this.handshakes.delete(link);
    });
    this.handshakes.add(link);
    handshake.start(link);
  }

  /** At most one line a second: a flood of connections must not become a flood of the log. */
  private logRefusal(address: string, reason: string): void {
    this.refusedSinceLog += 1;
    const nowMs = this.context.clock.monotonicMs();
    if (nowMs - this.refusalLoggedAtMs < REFUSAL_LOG_INTERVAL_MS) return;
    this.context.logger.warn(
      { remote: address, refused: this.refusedSinceLog },
      `A connection from ${address} is refused: ${reason} (${this.refusedSinceLog} since the last such line)`,
    );
    this.refusalLoggedAtMs = nowMs;
    this.refusedSinceLog = 0;
  }

  private addPeer(key: string, originHost: string, config: PeerConfig | null): Peer {
    const peer = new Peer(this.context, originHost, config, (closed) => {
      if (closed.config === null) this.forgetPeer(key, closed);
    });
    this.peers.set(key, peer);
    return peer;
  }

  private forgetPeer(key: string, peer: Peer): void {
    if (this.peers.get(key) === peer) this.peers.delete(key);
    peer.dispose('the peer is forgotten');
  }
}
