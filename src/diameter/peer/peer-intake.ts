/**
 * What the connections of one peer deliver, sorted: application messages of an open peer go straight to it
 * (the rows R-Rcv-Message and I-Rcv-Message, "Process"; they are nearly all there is), the peer layer's own
 * go to the machine, and what cannot be decoded is answered as RFC 6733 clauses 7.1 and 7.2 say. [6733-5.6]
 * [6733-7.2]
 */
import type { DecodeFailure, DecodeResult, DiameterHeader } from '../codec/types';
import type { ClosedReason, FramingFault } from '../../transport/port';
import { admitsCertificate } from './admission';
import { UndecodedMessage } from './arrived-message';
import type { PeerIdentity } from './contract';
import {
  ceaEvent,
  COMMAND_CAPABILITIES_EXCHANGE,
  isCapabilitiesAnswer,
  isPeerCommand,
  isWatchdogAnswer,
  messageEvent,
} from './message-events';
import type { PeerConfig } from './options';
import type { PeerContext } from './peer-context';
import type { LinkHandler, MessageCost, PeerLink } from './peer-link';
import type { EventInput, PeerMachine } from './peer-machine';
import { isOpen } from './peer-state';
import { sendTo, type Recipient } from './sending';
import type { Watchdog } from './watchdog';

export interface IntakeOwner extends Recipient {
  /** As the peer named itself. */
  readonly identity: PeerIdentity;
  /** Null for a peer without configuration. */
  readonly config: PeerConfig | null;
  process(input: EventInput): void;
  /** An application request of the open peer that cannot be decoded. */
  processUndecodable(link: PeerLink, failure: DecodeFailure): void;
  /** An application answer that cannot be decoded. */
  answeredUndecodably(hopByHopId: number, failure: DecodeFailure): void;
}

export class PeerIntake implements LinkHandler {
  private readonly decodeLater = (link: PeerLink, bytes: Buffer, receivedAtMs: number): void =>
    this.decode(link, bytes, receivedAtMs);

  constructor(
    private readonly context: PeerContext,
    private readonly owner: IntakeOwner,
    private readonly machine: PeerMachine,
    private readonly watchdog: Watchdog,
  ) {}

  get peerName(): string {
    return this.owner.name;
  }

  onMessage(link: PeerLink, bytes: Buffer, receivedAtMs: number): MessageCost {
    const { admission } = this.context.sink;
    if (admission?.isBusy === true && isOpen(this.machine.state) && this.machine.roleOf(link) !== null) {
      const arrived = new UndecodedMessage(
        this.owner,
        link,
        this.context,
        bytes,
        receivedAtMs,
        this.decodeLater,
      );
      if (admission.admit(arrived)) {
        this.watchdog.receivedNonDwa(receivedAtMs);
        return 'little';
      }
    }
    this.decode(link, bytes, receivedAtMs);
    return 'full';
  }

  private decode(link: PeerLink, bytes: Buffer, receivedAtMs: number): void {
    const role = this.machine.roleOf(link);
    if (role === null) return;
    const result = this.context.decode(bytes);
    if (!result.ok) return this.onUndecodable(link, role, result.failure, result, receivedAtMs);
    const { message } = result;
    this.context.events.messageTransferred(this.owner.name, 'in', message.abbreviation, bytes.length);
    const input: EventInput = { link, header: message.header, message, receivedAtMs };
    if (isOpen(this.machine.state) && !isPeerCommand(message.header.commandCode)) {
      // [6733-5.6] R-Open, R-Rcv-Message, Process; I-Open, I-Rcv-Message, Process
      this.watchdog.receivedNonDwa(receivedAtMs);
      return this.owner.process(input);
    }
    this.toMachine(link, role, message.header, result, input);
  }

  onFramingFault(link: PeerLink, fault: FramingFault): void {
    this.context.events.messageUndecodable(this.owner.name, 'framing');
    this.context.logger.warn(
      { peer: this.owner.name, remote: link.remote, resultCode: fault.resultCode },
      `The stream from ${this.owner.name} cannot be followed: ${fault.detail}; the connection is closed`,
    );
    this.answer(link, this.context.base.framingAnswer(fault));
    link.close(this.context.options.closeGraceMs);
  }

  onClosed(link: PeerLink, reason: ClosedReason): void {
    const role = this.machine.roleOf(link);
    if (role === null) return;
    if (isOpen(this.machine.state)) {
      this.context.logger.warn(
        { peer: this.owner.name, remote: link.remote, reason: reason.kind },
        `The connection with ${this.owner.name} is lost: ${reason.detail}`,
      );
    }
    this.machine.dispatch(`${role}-Peer-Disc`, { link, reason: reason.detail });
  }

  private toMachine(
    link: PeerLink,
    role: 'I' | 'R',
    header: DiameterHeader,
    result: DecodeResult,
    input: EventInput,
  ): void {
    // [3539-3.4.1] Receive non-DWA
    if (isOpen(this.machine.state) && !isWatchdogAnswer(header))
      this.watchdog.receivedNonDwa(input.receivedAtMs ?? 0);
    if (role !== 'I' || !isCapabilitiesAnswer(header))
      return this.machine.dispatch(messageEvent(role, header), input);
    const { name, config } = this.owner;
    const { checkCertificateIdentity } = this.context.options;
    const { certifiedNames } = link.connection;
    const certificate = admitsCertificate(certifiedNames, name, config, checkCertificateIdentity);
    const verdict = ceaEvent(this.context.local, name, config, certificate, result);
    if (verdict.event === 'I-Rcv-CEA') {
      return this.machine.dispatch('I-Rcv-CEA', { ...input, capabilities: verdict.capabilities });
    }
    this.context.logger.warn(
      { peer: this.owner.name, remote: link.remote },
      `No connection with ${this.owner.name}: ${verdict.reason}`,
    );
    this.machine.dispatch('I-Rcv-Non-CEA', { ...input, reason: verdict.reason });
  }

  private onUndecodable(
    link: PeerLink,
    role: 'I' | 'R',
    failure: DecodeFailure,
    result: DecodeResult,
    receivedAtMs: number,
  ): void {
    this.context.events.messageUndecodable(this.owner.name, failure.kind);
    this.context.logger.debug(
      { peer: this.owner.name, resultCode: failure.resultCode, kind: failure.kind },
      `A message from ${this.owner.name} is refused: ${failure.message}`,
    );
    const { header } = failure;
    if (header === null) return link.close(this.context.options.closeGraceMs);
    const open = isOpen(this.machine.state);
    const forUs = isPeerCommand(header.commandCode);
    if (open) this.watchdog.receivedNonDwa(receivedAtMs);
    if (header.request && (failure.fatal || (open && forUs))) {
      this.answer(link, this.refusal(link, header, failure));
    } else if (open && !forUs) {
      if (header.request) this.owner.processUndecodable(link, failure);
      else this.owner.answeredUndecodably(header.hopByHopId, failure);
    } else {
      // An answer of the base protocol counts even so; in any other state the table says what a message
      // means.
      this.toMachine(link, role, header, result, { link, header, receivedAtMs });
    }
    if (failure.fatal) link.close(this.context.options.closeGraceMs);
  }

  private refusal(link: PeerLink, header: DiameterHeader, failure: DecodeFailure): Buffer | null {
    const { base } = this.context;
    if (header.commandCode !== COMMAND_CAPABILITIES_EXCHANGE) return base.failureAnswer(failure);
    return base.refusingCea(
      header,
      failure.resultCode,
      link.connection.local.addresses,
      failure.message,
      failure.failedAvps,
    );
  }

  private answer(link: PeerLink, bytes: Buffer | null): void {
    if (bytes !== null) sendTo(this.context, this.owner, link, 'error-answer', bytes);
  }
}
