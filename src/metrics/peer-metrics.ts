/**
 * What the peer layer reports, as metrics: traffic by peer and direction, peers by state, watchdog, decode
 * errors.
 */
import { Gauge, type Registry } from 'prom-client';
import type { PeerSnapshot } from '../diameter/peer/contract';
import type { PeerEvents } from '../events/hss-events';
import type { Direction, PeerStateName, WatchdogStateName } from '../events/names';
import { BoundedLabels, OTHER_LABEL } from './bounded-labels';
import { CellCounter, type CounterCell } from './cells';

const MAX_COMMANDS = 48;
const MAX_KINDS = 48;

const peerStates: readonly PeerStateName[] = [
  'Closed',
  'Wait-Conn-Ack',
  'Wait-I-CEA',
  'Wait-Conn-Ack/Elect',
  'Wait-Returns',
  'R-Open',
  'I-Open',
  'Closing',
];
const watchdogStates: readonly WatchdogStateName[] = ['OKAY', 'SUSPECT', 'DOWN', 'REOPEN', 'INITIAL'];

interface MessageCells {
  readonly messages: CounterCell;
  /** For requests that come in. */
  readonly requests: CounterCell | null;
}

interface DirectionCells {
  readonly octets: CounterCell;
  readonly commands: BoundedLabels<MessageCells>;
}

interface TrafficCells {
  readonly in: DirectionCells;
  readonly out: DirectionCells;
}

export class PeerMetrics implements PeerEvents {
  private readonly traffic: BoundedLabels<TrafficCells>;
  private readonly decodeErrors: BoundedLabels<BoundedLabels<CounterCell>>;
  private readonly tooLongMessages: BoundedLabels<BoundedLabels<CounterCell>>;
  private readonly refusals: BoundedLabels<CounterCell>;
  private readonly peerChanges: BoundedLabels<CounterCell>;
  private readonly watchdogChanges: BoundedLabels<CounterCell>;

  /**
   * @param maxPeerLabels peers with time series of their own.
   * @param snapshot the peers as they are, asked when scraped.
   */
  constructor(registry: Registry, maxPeerLabels: number, snapshot: () => readonly PeerSnapshot[]) {
    this.traffic = trafficCells(registry, maxPeerLabels);
    const errors = new CellCounter(
      registry,
      'hss_diameter_decode_errors_total',
      'Messages that could not be decoded, by what was wrong',
      ['peer', 'kind'],
    );
    this.decodeErrors = new BoundedLabels(
      maxPeerLabels,
      (peer) => new BoundedLabels(MAX_KINDS, (kind) => errors.cell(peer, kind)),
    );
    const tooLong = new CellCounter(
      registry,
      'hss_diameter_messages_too_long_total',
      'Messages that were not sent because the peer takes none so long (maxMessageOctets)',
      ['peer', 'command'],
    );
    this.tooLongMessages = new BoundedLabels(
      maxPeerLabels,
      (peer) => new BoundedLabels(MAX_COMMANDS, (command) => tooLong.cell(peer, command)),
    );
    const counter = (name: string, help: string, label: string) => {
      const cells = new CellCounter(registry, name, help, [label]);
      return new BoundedLabels(MAX_KINDS, (value) => cells.cell(value));
    };
    this.refusals = counter(
      'hss_diameter_connections_refused_total',
      'Connections that were refused, by reason',
      'reason',
    );
    this.peerChanges = counter(
      'hss_diameter_peer_state_changes_total',
      'Changes of the peer state machine (RFC 6733 5.6), by new state',
      'state',
    );
    this.watchdogChanges = counter(
      'hss_diameter_watchdog_state_changes_total',
      'Changes of the watchdog state machine (RFC 3539 3.4.1), by new state',
      'state',
    );
    registerGauges(registry, maxPeerLabels, snapshot);
  }

  peerStateChanged(_peer: string, _from: PeerStateName, to: PeerStateName): void {
    this.peerChanges.get(to).value += 1;
  }

  watchdogStateChanged(_peer: string, _from: WatchdogStateName, to: WatchdogStateName): void {
    this.watchdogChanges.get(to).value += 1;
  }

  messageTransferred(peer: string, direction: Direction, abbreviation: string, octets: number): void {
    const cells = this.traffic.get(peer)[direction];
    cells.octets.value += octets;
    const command = cells.commands.get(abbreviation);
    command.messages.value += 1;
    if (command.requests !== null) command.requests.value += 1;
  }

  messageTooLong(peer: string, abbreviation: string, _octets: number): void {
    this.tooLongMessages.get(peer).get(abbreviation).value += 1;
  }

  messageUndecodable(peer: string, kind: string): void {
    this.decodeErrors.get(peer).get(kind).value += 1;
  }

  connectionRefused(_remote: string, reason: string): void {
    this.refusals.get(reason).value += 1;
  }
}

function trafficCells(registry: Registry, maxPeerLabels: number): BoundedLabels<TrafficCells> {
  const messages = new CellCounter(
    registry,
    'hss_diameter_messages_total',
    'Diameter messages, by peer, direction and command',
    ['peer', 'direction', 'command'],
  );
  const octets = new CellCounter(
    registry,
    'hss_diameter_bytes_total',
    'Octets of Diameter messages, by peer and direction',
    ['peer', 'direction'],
  );
  const requests = new CellCounter(
    registry,
    'hss_diameter_requests_total',
    'Diameter requests received, by command',
    ['command'],
  );
  const requestsOf = new BoundedLabels(MAX_COMMANDS, (command) => requests.cell(command));
  const directionCells = (peer: string, direction: Direction): DirectionCells => ({
    octets: octets.cell(peer, direction),
    commands: new BoundedLabels(MAX_COMMANDS, (command) => ({
      messages: messages.cell(peer, direction, command),
      requests: direction === 'in' && command.endsWith('R') ? requestsOf.get(command) : null,
    })),
  });
  return new BoundedLabels(maxPeerLabels, (peer) => ({
    in: directionCells(peer, 'in'),
    out: directionCells(peer, 'out'),
  }));
}

function registerGauges(
  registry: Registry,
  maxPeerLabels: number,
  snapshot: () => readonly PeerSnapshot[],
): void {
  new Gauge({
    name: 'hss_diameter_peers',
    help: 'Diameter peers, by state of RFC 6733 5.6',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const peers = snapshot();
      for (const state of peerStates)
        this.set({ state }, peers.filter((peer) => peer.state === state).length);
    },
  });
  new Gauge({
    name: 'hss_diameter_watchdogs',
    help: 'Diameter peers, by watchdog state of RFC 3539 3.4.1',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const peers = snapshot();
      for (const state of watchdogStates)
        this.set({ state }, peers.filter((peer) => peer.watchdog === state).length);
    },
  });
  new Gauge({
    name: 'hss_diameter_peer_up',
    help: 'Whether a peer is open (1) or not (0); "other" counts the open ones beyond the limit of labels',
    labelNames: ['peer'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [peer, up] of byPeer(snapshot(), maxPeerLabels, (entry) => (isOpen(entry) ? 1 : 0)))
        this.set({ peer }, up);
    },
  });
  new Gauge({
    name: 'hss_diameter_peer_pending_requests',
    help: 'Requests of ours that wait for the answer of a peer',
    labelNames: ['peer'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [peer, pending] of byPeer(snapshot(), maxPeerLabels, (entry) => entry.pendingRequests))
        this.set({ peer }, pending);
    },
  });
}

function isOpen(peer: PeerSnapshot): boolean {
  return peer.state === 'R-Open' || peer.state === 'I-Open';
}

/** One value for each peer, configured ones first, those beyond the limit added up. */
function byPeer(
  peers: readonly PeerSnapshot[],
  maxPeerLabels: number,
  value: (peer: PeerSnapshot) => number,
): Map<string, number> {
  const ordered = [...peers.filter((peer) => peer.configured), ...peers.filter((peer) => !peer.configured)];
  const values = new Map<string, number>();
  ordered.forEach((peer, index) => {
    const label = index < maxPeerLabels ? peer.originHost : OTHER_LABEL;
    values.set(label, (values.get(label) ?? 0) + value(peer));
  });
  return values;
}
