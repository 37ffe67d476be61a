/**
 * A connection that came in and has not said yet who it is: the time and the one message that it has to send
 * a good CER. RFC 6733 clauses 5.3 and 5.6.1. [6733-5.6.1]
 *
 * A CER that cannot be read is answered as clause 7 says; anything but a CER ends the connection without an
 * answer.
 */
import type { DecodeResult, DiameterHeader, RawAvp } from '../codec/types';
import { ResultCode, type CapabilitiesExchangeRequest } from '../generated/base';
import type { ClosedReason, FramingFault, TransportConnection } from '../../transport/port';
import type { Admission } from './admission';
import { evaluateCapabilities } from './capabilities';
import type { PeerIdentity } from './contract';
import { sameIdentity } from './diameter-identity';
import { COMMAND_CAPABILITIES_EXCHANGE, peerCapabilities } from './message-events';
import type { PeerContext } from './peer-context';
import type { LinkHandler, MessageCost, PeerLink } from './peer-link';
import type { ReceivedCer } from './peer-machine';

/**
 * What connections that name no admitted peer are counted as: by address and port they would grow without
 * end.
 */
const UNIDENTIFIED = 'unidentified';

export interface HandshakeOwner {
  /**
   * Whether a peer that says it is this may have that connection; else the reason why not. A promise where a
   * name has to be looked up; it never rejects.
   */
  admits(identity: PeerIdentity, connection: TransportConnection): Admission | Promise<Admission>;
  /** The CER was good: from now on the connection belongs to the peer. */
  admitted(link: PeerLink, cer: ReceivedCer): void;
}

export class IncomingHandshake implements LinkHandler {
  readonly peerName = null;
  private timer: NodeJS.Timeout | null = null;
  private over = false;

  constructor(
    private readonly context: PeerContext,
    private readonly owner: HandshakeOwner,
  ) {}

  /** Starts the time limit for the CER. */
  start(link: PeerLink): void {
    const limitMs = this.context.options.capabilitiesTimeoutMs;
    this.timer = setTimeout(
      () => this.refuse(link, 'handshake-timeout', `no CER within ${limitMs} ms`),
      limitMs,
    );
  }

  /** Ends without a word; why, the caller says. */
  abandon(link: PeerLink, reason: string): void {
    this.finish();
    link.abort(reason);
  }

  onMessage(link: PeerLink, bytes: Buffer): MessageCost {
    if (!this.over) this.first(link, bytes);
    return 'full';
  }

  private first(link: PeerLink, bytes: Buffer): void {
    const result = this.context.decode(bytes);
    const header = result.ok ? result.message.header : result.failure.header;
    if (header === null || header.commandCode !== COMMAND_CAPABILITIES_EXCHANGE || !header.request) {
      if (!result.ok) this.context.events.messageUndecodable(UNIDENTIFIED, result.failure.kind);
      return this.refuse(link, 'no-cer', 'its first message is not a CER');
    }
    this.judge(link, result, bytes.length);
  }

  onFramingFault(link: PeerLink, fault: FramingFault): void {
    this.context.events.messageUndecodable(UNIDENTIFIED, 'framing');
    const answer = this.context.base.framingAnswer(fault);
    if (answer !== null) link.send(answer);
    this.refuse(link, 'framing', fault.detail);
  }

  onClosed(link: PeerLink, reason: ClosedReason): void {
    if (!this.over) this.refuse(link, 'closed', `closed before its CER: ${reason.detail}`);
  }

  private judge(link: PeerLink, result: DecodeResult, octets: number): void {
    if (!result.ok) {
      this.context.events.messageTransferred(UNIDENTIFIED, 'in', 'CER', octets);
      const { failure } = result;
      this.context.events.messageUndecodable(UNIDENTIFIED, failure.kind);
      if (failure.header !== null)
        this.answer(link, failure.header, failure.resultCode, failure.message, failure.failedAvps);
      return this.refuse(link, 'bad-cer', `its CER is refused: ${failure.message}`);
    }
    const { header } = result.message;
    const cer = result.message.avps as CapabilitiesExchangeRequest;
    const { local } = this.context;
    const admits = sameIdentity(cer.originHost, local.originHost)
      ? 'its Origin-Host is our own'
      : this.owner.admits({ originHost: cer.originHost, originRealm: cer.originRealm }, link.connection);
    if (typeof admits === 'string' || admits === true) return this.decide(link, header, cer, admits, octets);
    // Nothing else is to come before the CEA; the time limit goes on.
    void admits.then((admission) => {
      if (!this.over) this.decide(link, header, cer, admission, octets);
    });
  }

  private decide(
    link: PeerLink,
    header: DiameterHeader,
    cer: CapabilitiesExchangeRequest,
    admits: Admission,
    octets: number,
  ): void {
    this.context.events.messageTransferred(
      admits === true ? cer.originHost : UNIDENTIFIED,
      'in',
      'CER',
      octets,
    );
    if (admits !== true) {
      const message = `${cer.originHost} is not admitted: ${admits}`;
      this.answer(link, header, ResultCode.DIAMETER_UNKNOWN_PEER, message);
      return this.refuse(link, 'unknown-peer', message);
    }
    const verdict = evaluateCapabilities(this.context.local, cer);
    if (!verdict.ok) {
      this.answer(link, header, verdict.resultCode, verdict.message);
      return this.refuse(link, 'capabilities', verdict.message);
    }
    this.finish();
    this.owner.admitted(link, { header, capabilities: peerCapabilities(cer, verdict.applications) });
  }

  private answer(
    link: PeerLink,
    cer: DiameterHeader,
    resultCode: number,
    message: string,
    failedAvps: readonly RawAvp[] = [],
  ): void {
    const bytes = this.context.base.refusingCea(
      cer,
      resultCode,
      link.connection.local.addresses,
      message,
      failedAvps,
    );
    if (link.send(bytes)) this.context.events.messageTransferred(UNIDENTIFIED, 'out', 'CEA', bytes.length);
  }

  private refuse(link: PeerLink, reason: string, detail: string): void {
    this.finish();
    this.context.events.connectionRefused(link.remote, reason);
    this.context.logger.warn(
      { remote: link.remote, reason },
      `A connection from ${link.remote} is refused: ${detail}`,
    );
    link.close(this.context.options.closeGraceMs);
  }

  private finish(): void {
    this.over = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
