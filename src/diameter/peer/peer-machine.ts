/**
 * Runs the table of peer-state.ts for one peer: its one or two connections, the timer of the waiting states,
 * and what each action means in messages. RFC 6733 clauses 5.3 to 5.6. [6733-5.6]
 *
 * A step runs to its end before the next event is looked at, so an action may raise events (Elect raises
 * Win-Election).
 */
import type { DecodedMessage, DiameterHeader } from '../codec/types';
import { DisconnectCause, ResultCode } from '../generated/base';
import type { PeerStateName } from '../../events/names';
import type { PeerIdentity } from './contract';
import type { PeerConfig } from './options';
import type { PeerContext } from './peer-context';
import { PeerLink, type LinkHandler } from './peer-link';
import { PEER_STATE_TABLE, winsElection, type PeerAction, type PeerEventName } from './peer-state';
import { sendTo, type Recipient } from './sending';

/** What a peer said of itself in its CER or CEA. */
export interface PeerCapabilities {
  readonly identity: PeerIdentity;
  readonly productName: string;
  readonly originStateId: number | undefined;
  readonly applications: readonly number[];
}

export interface ReceivedCer {
  readonly header: DiameterHeader;
  readonly capabilities: PeerCapabilities;
}

/** What an event brings along; which of it is there depends on the event. */
export interface EventInput {
  readonly link?: PeerLink;
  /** The header of the message that the event is. */
  readonly header?: DiameterHeader;
  /** The message itself where it could be decoded. */
  readonly message?: DecodedMessage;
  readonly receivedAtMs?: number;
  readonly cer?: ReceivedCer;
  /** From the CEA. */
  readonly capabilities?: PeerCapabilities;
  readonly disconnectCause?: DisconnectCause;
  /** For the log. */
  readonly reason?: string;
}

/** The part of a peer that is not the machine. */
export interface MachineOwner extends Recipient {
  /** Takes what the connections deliver. */
  readonly links: LinkHandler;
  readonly config: PeerConfig | null;
  newHopByHopId(): number;
  learned(capabilities: PeerCapabilities): void;
  process(input: EventInput): void;
  processDwr(input: EventInput): void;
  processDwa(input: EventInput): void;
  disconnectRequested(input: EventInput): void;
  stateChanged(from: PeerStateName, to: PeerStateName): void;
}

/** So that the transport's own time limit, which knows the reason, comes first. */
const CONNECT_TIMER_SLACK_MS = 250;

export class PeerMachine {
  private currentState: PeerStateName = 'Closed';
  private initiator: PeerLink | null = null;
  private responder: PeerLink | null = null;
  private responderCer: ReceivedCer | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly queue: Array<{ event: PeerEventName; input: EventInput }> = [];
  private running = false;
  /** Tells the outcome of the newest attempt to connect from those given up. */
  private connectAttempt = 0;

  constructor(
    private readonly context: PeerContext,
    private readonly owner: MachineOwner,
  ) {}

  get state(): PeerStateName {
    return this.currentState;
  }

  /** The connection in use: that of the open state, or the one being closed. */
  get link(): PeerLink | null {
    return this.currentState === 'R-Open' ? this.responder : (this.initiator ?? this.responder);
  }

  roleOf(link: PeerLink): 'I' | 'R' | null {
    if (link === this.initiator) return 'I';
    return link === this.responder ? 'R' : null;
  }

  /** Feeds one event to the machine. Events raised in the meantime follow in their order. */
  dispatch(event: PeerEventName, input: EventInput): void {
    this.queue.push({ event, input });
    if (this.running) return;
    this.running = true;
    try {
      for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
        // A connection may have been given up by an event before this one.
        const stale =
          next.event !== 'R-Conn-CER' &&
          next.input.link !== undefined &&
          this.roleOf(next.input.link) === null;
        if (!stale) this.step(next.event, next.input);
      }
    } finally {
      this.running = false;
    }
  }

  /** Frees everything at once; no event comes any more. */
  dispose(reason: string): void {
    this.connectAttempt += 1;
    this.clearTimer();
    const links = [this.initiator, this.responder];
    this.initiator = null;
    this.responder = null;
    for (const link of links) link?.abort(reason);
    if (this.currentState !== 'Closed') this.enter('Closed');
  }

  private step(event: PeerEventName, input: EventInput): void {
    const transition = PEER_STATE_TABLE[this.currentState][event];
    if (transition.kind === 'impossible') {
      this.context.logger.error(
        { peer: this.owner.name, state: this.currentState, event },
        `Event ${event} cannot happen in state ${this.currentState} of ${this.owner.name}; it is ignored`,
      );
      return;
    }
    if (transition.kind === 'unlisted' || input.reason !== undefined) {
      this.context.logger.debug(
        { peer: this.owner.name, state: this.currentState, event, reason: input.reason },
        `${event} in state ${this.currentState} of ${this.owner.name}: ${transition.actions.join(', ')}`,
      );
    }
    for (const action of transition.actions) this.act(action, input);
    if (transition.next !== this.currentState) this.enter(transition.next);
  }

  private enter(state: PeerStateName): void {
    const from = this.currentState;
    this.currentState = state;
    this.clearTimer();
    const limitMs = this.stateLimitMs(state);
    if (limitMs !== null) {
      this.timer = setTimeout(() => {
        this.timer = null;
        this.dispatch('Timeout', { reason: `nothing came within ${limitMs} ms` });
      }, limitMs);
    }
    this.owner.stateChanged(from, state);
  }

  private stateLimitMs(state: PeerStateName): number | null {
    const { connectTimeoutMs, capabilitiesTimeoutMs, disconnectTimeoutMs } = this.context.options;
    switch (state) {
      case 'Wait-Conn-Ack':
      case 'Wait-Conn-Ack/Elect':
        return connectTimeoutMs + CONNECT_TIMER_SLACK_MS;
      case 'Wait-I-CEA':
      case 'Wait-Returns':
        return capabilitiesTimeoutMs;
      case 'Closing':
        return disconnectTimeoutMs;
      default:
        return null;
    }
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private act(action: PeerAction, input: EventInput): void {
    switch (action) {
      case 'I-Snd-Conn-Req':
        return this.connect();
      case 'I-Snd-CER':
        return this.sendCer();
      case 'I-Disc':
        return this.dropInitiator();
      case 'R-Accept':
        this.responder = input.link ?? null;
        return undefined;
      case 'R-Reject':
        return this.reject(input);
      case 'R-Disc':
        return this.dropResponder();
      case 'R-Snd-CEA':
        return this.sendCea();
      case 'Process-CER':
        this.responderCer = input.cer ?? null;
        return undefined;
      case 'Process-CEA':
        return input.capabilities === undefined ? undefined : this.owner.learned(input.capabilities);
      case 'Elect':
        return this.elect();
      case 'Cleanup':
      case 'Error':
        return this.abandon(input.reason ?? 'protocol error');
      case 'Snd-Message':
        return undefined; // Peer.transmit asks the table and sends.
      case 'Process':
        return this.owner.process(input);
      case 'Process-DWR':
        return this.owner.processDwr(input);
      case 'Process-DWA':
        return this.owner.processDwa(input);
      case 'Snd-DWA':
        if (input.header !== undefined) this.send('DWA', this.context.base.dwa(input.header));
        return undefined;
      case 'Snd-DPR':
        return this.send(
          'DPR',
          this.context.base.dpr(
            this.owner.newHopByHopId(),
            input.disconnectCause ?? DisconnectCause.REBOOTING,
          ),
        );
      case 'Snd-DPA':
        if (input.header !== undefined) this.send('DPA', this.context.base.dpa(input.header));
        return this.owner.disconnectRequested(input);
      case 'Reject-Message':
        return this.rejectMessage(input);
      case 'Discard':
        return undefined;
    }
  }

  /** Sends over the connection in use, and counts. */
  send(abbreviation: string, bytes: Buffer): void {
    this.sendOver(this.link, abbreviation, bytes);
  }

  private sendOver(link: PeerLink | null, abbreviation: string, bytes: Buffer): void {
    if (link !== null) sendTo(this.context, this.owner, link, abbreviation, bytes);
  }

  private connect(): void {
    this.connectAttempt += 1;
    const attempt = this.connectAttempt;
    const config = this.owner.config;
    const transport = this.context.transports[config?.transport ?? 'tcp'];
    if (config === null || transport === undefined) {
      return this.dispatch('I-Rcv-Conn-Nack', {
        reason: `${config?.transport ?? 'tcp'} cannot be had: this machine lacks it, or nothing used it when the HSS was started`,
      });
    }
    transport
      .connect(
        { addresses: config.addresses, port: config.port },
        this.context.options.connectTimeoutMs,
        config.localAddresses,
      )
      .then(
        (connection) => {
          const link = new PeerLink(connection, this.owner.links, this.context);
          if (attempt !== this.connectAttempt) return link.abort('the attempt to connect was given up');
          this.initiator = link;
          this.dispatch('I-Rcv-Conn-Ack', {});
        },
        (error: unknown) => {
          if (attempt !== this.connectAttempt) return;
          const reason = error instanceof Error ? error.message : String(error);
          this.context.logger.warn(
            { peer: this.owner.name, reason },
            `Cannot connect to ${this.owner.name}: ${reason}`,
          );
          this.dispatch('I-Rcv-Conn-Nack', { reason });
        },
      );
  }

  private sendCer(): void {
    if (this.initiator === null) return;
    const bytes = this.context.base.cer(
      this.owner.newHopByHopId(),
      this.initiator.connection.local.addresses,
    );
    this.sendOver(this.initiator, 'CER', bytes);
  }

  private sendCea(): void {
    if (this.responder === null || this.responderCer === null) return;
    const { header, capabilities } = this.responderCer;
    this.responderCer = null;
    this.owner.learned(capabilities);
    const addresses = this.responder.connection.local.addresses;
    this.sendOver(this.responder, 'CEA', this.context.base.cea(header, addresses));
  }

  private elect(): void {
    const peerHost = this.responderCer?.capabilities.identity.originHost ?? this.owner.name;
    const won = winsElection(this.context.local.originHost, peerHost);
    this.context.logger.info(
      { peer: this.owner.name, won },
      `Both sides connected at once; ${won ? 'its connection is kept' : 'our connection is kept'} [6733-5.6.4]`,
    );
    if (won) this.dispatch('Win-Election', {});
  }

  private dropInitiator(): void {
    this.connectAttempt += 1;
    const link = this.initiator;
    this.initiator = null;
    link?.close(this.context.options.closeGraceMs);
  }

  private dropResponder(): void {
    const link = this.responder;
    this.responder = null;
    this.responderCer = null;
    link?.close(this.context.options.closeGraceMs);
  }

  private abandon(reason: string): void {
    this.connectAttempt += 1;
    const links = [this.initiator, this.responder];
    this.initiator = null;
    this.responder = null;
    this.responderCer = null;
    for (const link of links) link?.abort(reason);
  }

  /** [6733-5.6.3] R-Reject: the connection of the new CER is disconnected, the one there is stays. */
  private reject(input: EventInput): void {
    const remote = input.link?.remote ?? '';
    this.context.events.connectionRefused(remote, 'duplicate');
    this.context.logger.warn(
      { peer: this.owner.name, remote, state: this.currentState },
      `${this.owner.name} connects a second time from ${remote}; the connection there is stays`,
    );
    input.link?.close(this.context.options.closeGraceMs);
  }

  /**
   * [6733-5.6] "a corresponding action MUST be returned to the originator": an error answer; answers are
   * processed.
   */
  private rejectMessage(input: EventInput): void {
    if (input.header?.request !== true) return this.owner.process(input);
    const { base } = this.context;
    if (this.currentState === 'Closing') {
      const answer = base.errorAnswer(
        input.header,
        ResultCode.DIAMETER_TOO_BUSY,
        'the connection is being closed',
      );
      return this.send('error-answer', answer);
    }
    const addresses = this.link?.connection.local.addresses ?? [];
    this.send(
      'CEA',
      base.refusingCea(
        input.header,
        ResultCode.DIAMETER_UNABLE_TO_COMPLY,
        addresses,
        'the connection is open already',
      ),
    );
  }
}
