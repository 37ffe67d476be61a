/**
 * One peer: its peer machine, watchdog, reconnection, requests in both directions and failover.
 * RFC 6733 clauses 5.3 to 5.6, RFC 3539 clause 3.4.
 */
import { setHopByHopId } from '../codec/header';
import type { DecodeFailure } from '../codec/types';
import { DisconnectCause, type DeviceWatchdogRequest, type DisconnectPeerRequest } from '../generated/base';
import type { PeerStateName, WatchdogStateName } from '../../events/names';
import type { PeerIdentity, PeerSnapshot } from './contract';
import { ClosedSignal } from './closed-signal';
import { DeliveredFailure, DeliveredRequest } from './incoming-request';
import type { PeerConfig } from './options';
import type { NextHop } from './outgoing-request';
import type { PeerContext } from './peer-context';
import { PeerIntake, type IntakeOwner } from './peer-intake';
import type { PeerLink } from './peer-link';
import {
  PeerMachine,
  type EventInput,
  type MachineOwner,
  type PeerCapabilities,
  type ReceivedCer,
} from './peer-machine';
import { isOpen, PEER_STATE_TABLE } from './peer-state';
import type { PathReport } from '../../transport/port';
import { PendingRequests, type PendingRequest } from './pending-requests';
import { Reconnection } from './reconnection';
import { SecondConnection, type TwicePeer, type WaitingConnection } from './second-connection';
import { sendTo } from './sending';
import { snapshotOf } from './peer-snapshot';
import { Watchdog } from './watchdog';
import { WatchdogDuty, type WatchedPeer } from './watchdog-duty';

/** How far the watchdog's verdict keeps a peer from being chosen as next hop; smaller is better. */
const WATCHDOG_RANK: Readonly<Record<WatchdogStateName, number>> = {
  OKAY: 0,
  REOPEN: 1,
  SUSPECT: 2,
  INITIAL: 3,
  DOWN: 3,
};

export class Peer implements MachineOwner, IntakeOwner, NextHop, WatchedPeer, TwicePeer {
  config: PeerConfig | null;
  readonly links: PeerIntake;
  /** Answers that came after their request was given up, or that nobody asked for. */
  lateAnswers = 0;
  private readonly machine: PeerMachine;
  readonly pending: PendingRequests;
  private readonly duty: WatchdogDuty;
  private readonly watchdog: Watchdog;
  private readonly second: SecondConnection;
  private capabilities: PeerCapabilities | null = null;
  identity: PeerIdentity;
  private readonly reconnection: Reconnection;
  private lastOriginStateId: number | undefined;
  private openedAtWallMs: number | null = null;
  private retired = false;
  private readonly closedSignal = new ClosedSignal();

  /**
   * `name` is its DiameterIdentity as configured, or as it named itself first; logs and metrics use it
   * throughout. `config` is null for a peer without configuration. `onClosedState` is told whenever the
   * machine is back in Closed.
   */
  constructor(
    private readonly context: PeerContext,
    readonly name: string,
    config: PeerConfig | null,
    private readonly onClosedState: (peer: Peer) => void,
  ) {
    this.config = config;
    this.identity = this.named({ originHost: name, originRealm: config?.originRealm ?? '' });
    this.pending = new PendingRequests(
      context.options.maxPendingRequestsPerPeer,
      context.random.bytes(4).readUInt32BE(0),
    );
    this.reconnection = new Reconnection(context.options, context.clock, context.random);
    this.machine = new PeerMachine(context, this);
    this.duty = new WatchdogDuty(context, this);
    this.watchdog = new Watchdog(this.duty, context.options, context.clock, context.random);
    this.second = new SecondConnection(context, this);
    this.links = new PeerIntake(context, this, this.machine, this.watchdog);
  }

  get state(): PeerStateName {
    return this.machine.state;
  }

  /** The longest message that it takes. */
  get maxMessageOctets(): number {
    return this.config?.maxMessageOctets ?? this.context.options.maxMessageOctets;
  }

  get rank(): number | null {
    return isOpen(this.machine.state) ? WATCHDOG_RANK[this.watchdog.state] : null;
  }

  /** Connects if that is configured. */
  start(): void {
    if (this.machine.state === 'Closed' && this.config?.connect === true && !this.retired)
      this.machine.dispatch('Start', {});
  }

  /**
   * Takes new configuration. A connection of ours to an address that is no longer named is ended and made
   * anew.
   */
  reconfigure(config: PeerConfig): void {
    const before = this.config;
    const moved =
      this.machine.state === 'I-Open' &&
      before !== null &&
      (config.port !== before.port ||
        config.addresses.join() !== before.addresses.join() ||
        config.transport !== before.transport ||
        config.localAddresses?.join() !== before.localAddresses?.join());
    this.config = config;
    this.identity = this.named(this.identity);
    this.retired = false;
    this.reconnection.reset();
    if (moved) this.stop(DisconnectCause.REBOOTING);
    else this.start();
  }

  /** No longer configured: never connects again, and what connection there is ends in order. */
  retire(cause: DisconnectCause): void {
    this.retired = true;
    this.config = null;
    this.identity = this.named(this.identity);
    this.stop(cause);
  }

  /** [6733-5.4] Ends in order: DPR, DPA, disconnect. */
  stop(cause: DisconnectCause): void {
    this.machine.dispatch('Stop', { disconnectCause: cause });
  }

  /**
   * Lets requests in progress finish, ends in order, resolves when closed; after `graceMs` the connection is
   * reset.
   */
  async shutdown(cause: DisconnectCause, graceMs: number): Promise<void> {
    this.retired = true;
    const startedMs = this.context.clock.monotonicMs();
    const link = this.machine.link;
    if (link !== null && isOpen(this.machine.state)) {
      await link.drain(graceMs / 2);
      link.endDrain();
    }
    this.stop(cause);
    if (this.machine.state !== 'Closed')
      await this.closedSignal.wait(Math.max(1, graceMs - (this.context.clock.monotonicMs() - startedMs)));
    this.dispose('we are shutting down');
  }

  /** Frees timers and connections at once, whatever the state. */
  dispose(reason: string): void {
    this.retired = true;
    this.second.take()?.link.abort(reason);
    this.machine.dispose(reason);
    this.watchdog.suspend();
    this.pending.failover(reason, true);
  }

  /** [6733-5.6.1] A connection whose CER names this peer and has been found good. */
  connectionArrived(link: PeerLink, cer: ReceivedCer): void {
    link.handler = this.links;
    const first = isOpen(this.machine.state) || (this.machine.state === 'Closing' && !this.retired);
    if (first && this.second.hold({ link, cer })) return;
    this.arrive({ link, cer });
    if (first) this.askFirst();
  }

  transmit(bytes: Buffer, request: PendingRequest): number | null {
    const link = this.machine.link;
    if (link === null || PEER_STATE_TABLE[this.machine.state]['Send-Message'].actions[0] !== 'Snd-Message')
      return null;
    const hopByHopId = this.pending.add(request);
    if (hopByHopId === null) return null;
    setHopByHopId(bytes, hopByHopId);
    if (!sendTo(this.context, this, link, this.context.base.abbreviation(bytes), bytes)) {
      this.pending.take(hopByHopId);
      return null;
    }
    return hopByHopId;
  }

  refuse(request: Buffer): void {
    this.context.events.messageTooLong(this.name, this.context.base.abbreviation(request), request.length);
  }

  forget(hopByHopId: number): void {
    this.pending.take(hopByHopId);
  }

  snapshot(): PeerSnapshot {
    return snapshotOf({
      name: this.name,
      identity: this.identity,
      state: this.machine.state,
      watchdog: this.watchdog.state,
      config: this.config,
      link: this.machine.link,
      capabilities: this.capabilities,
      openedAtWallMs: this.openedAtWallMs,
      pendingCount: this.pending.size,
    });
  }

  /** Null where the connection has one path only, or there is none. */
  paths(): PathReport | null {
    return this.machine.link?.connection.paths() ?? null;
  }

  // What the machine and the intake ask for.

  newHopByHopId(): number {
    return this.pending.newHopByHopId();
  }

  learned(capabilities: PeerCapabilities): void {
    this.noteOriginStateId(capabilities.originStateId);
    this.capabilities = capabilities;
    this.identity = this.named(capabilities.identity);
  }

  /** With what it may say, as it is configured now. */
  private named({ originHost, originRealm }: PeerIdentity): PeerIdentity {
    return { originHost, originRealm, authority: this.config?.authority };
  }

  process(input: EventInput): void {
    const { link, message } = input;
    if (link === undefined || message === undefined) return;
    if (!message.header.request) return this.answered(message.header.hopByHopId, { kind: 'answer', message });
    const receivedAtMs = input.receivedAtMs ?? 0;
    this.duty.noteActivity(receivedAtMs);
    this.context.sink.onRequest(new DeliveredRequest(this, link, this.context, message, receivedAtMs));
  }

  processUndecodable(link: PeerLink, failure: DecodeFailure): void {
    this.context.sink.onUndecodable(new DeliveredFailure(this, link, this.context, failure));
  }

  answeredUndecodably(hopByHopId: number, failure: DecodeFailure): void {
    this.answered(hopByHopId, { kind: 'undecodable', failure });
  }

  processDwr(input: EventInput): void {
    this.noteOriginStateId((input.message?.avps as DeviceWatchdogRequest | undefined)?.originStateId);
  }

  processDwa(input: EventInput): void {
    this.processDwr(input);
    this.watchdog.handle('Receive DWA');
    this.second.firstAnswered();
  }

  disconnectRequested(input: EventInput): void {
    const cause = (input.message?.avps as DisconnectPeerRequest | undefined)?.disconnectCause;
    this.reconnection.peerDisconnects(cause);
    this.context.logger.info(
      { peer: this.name, cause },
      `${this.name} asks to disconnect: ${this.context.base.disconnectCauseName(cause)}`,
    );
  }

  stateChanged(from: PeerStateName, to: PeerStateName): void {
    this.context.events.peerStateChanged(this.name, from, to);
    this.context.logger.info({ peer: this.name, from, to }, `Peer ${this.name}: ${from} -> ${to}`);
    if (isOpen(to)) {
      this.reconnection.opened();
      this.duty.noteActivity(this.context.clock.monotonicMs());
      this.openedAtWallMs = this.context.clock.nowMs();
      this.watchdog.handle('Connection up');
    } else if (to === 'Closing') {
      this.watchdog.suspend();
    } else if (to === 'Closed') {
      this.closed();
    }
  }

  private closed(): void {
    this.reconnection.closed();
    this.openedAtWallMs = null;
    this.watchdog.handle('Connection down');
    this.pending.failover(`the connection with ${this.name} is closed`, true);
    this.closedSignal.give();
    const waiting = this.retired ? null : this.second.take();
    if (waiting !== null) this.arrive(waiting);
    else this.onClosedState(this);
  }

  // What a second connection asks for.

  /** It may be lost without our knowledge: find out now instead of when the timer expires. */
  askFirst(): void {
    this.watchdog.probe();
  }

  arrive(waiting: WaitingConnection): void {
    this.machine.dispatch('R-Conn-CER', waiting);
  }

  // What its watchdog needs of it.

  get isOpen(): boolean {
    return isOpen(this.machine.state);
  }

  get isConfigured(): boolean {
    return this.config !== null;
  }

  get link(): PeerLink | null {
    return this.machine.link;
  }

  sendOwn(abbreviation: 'DWR', bytes: Buffer): void {
    this.machine.send(abbreviation, bytes);
  }

  reopenDelayMs(): number | null {
    return this.retired || this.config?.connect !== true ? null : this.reconnection.delayMs();
  }

  private answered(hopByHopId: number, outcome: Parameters<PendingRequest['settle']>[0]): void {
    const request = this.pending.take(hopByHopId);
    if (request !== undefined) return request.settle(outcome);
    this.lateAnswers += 1;
    this.context.logger.debug(
      { peer: this.name, hopByHopId },
      `An answer from ${this.name} belongs to no request that waits; dropped`,
    );
  }

  /** [6733-8.16] A greater Origin-State-Id than before: the peer was restarted and has lost its sessions. */
  private noteOriginStateId(originStateId: number | undefined): void {
    const before = this.lastOriginStateId;
    if (originStateId === undefined) return;
    this.lastOriginStateId = originStateId;
    if (before === undefined || originStateId <= before) return;
    this.context.logger.info(
      { peer: this.name, before, originStateId },
      `${this.name} was restarted (Origin-State-Id ${before} -> ${originStateId})`,
    );
  }
}
