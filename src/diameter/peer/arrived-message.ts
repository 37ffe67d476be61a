/** A message that may wait before it is decoded, or be refused instead. See contract.ts. */
import type { ArrivedMessage, EarlyRefusal, PeerIdentity } from './contract';
import { answerAbbreviation, type Asker } from './incoming-request';
import type { PeerLink } from './peer-link';
import { sendTo, type SendingPorts } from './sending';

export class UndecodedMessage implements ArrivedMessage {
  readonly peer: PeerIdentity;
  private held = false;

  constructor(
    private readonly asker: Asker,
    private readonly link: PeerLink,
    private readonly ports: SendingPorts,
    readonly bytes: Buffer,
    readonly receivedAtMs: number,
    private readonly decode: (link: PeerLink, bytes: Buffer, receivedAtMs: number) => void,
  ) {
    this.peer = asker.identity;
  }

  hold(): void {
    this.held = true;
    this.link.requestStarted();
  }

  deliver(): void {
    if (!this.link.closed) this.decode(this.link, this.bytes, this.receivedAtMs);
    this.release();
  }

  refuse({ command, answer }: EarlyRefusal): void {
    this.ports.events.messageTransferred(this.asker.name, 'in', command, this.bytes.length);
    sendTo(this.ports, this.asker, this.link, answerAbbreviation(command), answer);
    this.release();
  }

  /** After what follows it is counted, so that nobody takes the connection for idle in between. */
  private release(): void {
    if (!this.held) return;
    this.held = false;
    this.link.requestFinished();
  }
}
