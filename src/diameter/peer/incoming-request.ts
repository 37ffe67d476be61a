/** What a RequestSink gets: a request of an open peer and the way its answer takes back. See contract.ts. */
import type { DecodedMessage, DecodeFailure } from '../codec/types';
import type { IncomingRequest, PeerIdentity, UndecodableRequest } from './contract';
import type { PeerLink } from './peer-link';
import { sendTo, type Recipient, type SendingPorts } from './sending';

const ANSWER_NAMES = new Map<string, string>();

/** UAR -> UAA; kept, so that no string is made for each answer. */
export function answerAbbreviation(request: string): string {
  let answer = ANSWER_NAMES.get(request);
  if (answer === undefined) {
    answer = request.endsWith('R') ? `${request.slice(0, -1)}A` : request;
    if (ANSWER_NAMES.size < 1_000) ANSWER_NAMES.set(request, answer);
  }
  return answer;
}

/** The peer that asks: as it named itself, and its name in metrics. */
export interface Asker extends Recipient {
  readonly identity: PeerIdentity;
}

/**
 * One answer at most, and only over the connection by which the request came (RFC 6733 6.2: the previous
 * hop).
 */
abstract class Answerable {
  private answered = false;

  readonly peer: PeerIdentity;

  constructor(
    private readonly asker: Asker,
    private readonly link: PeerLink,
    private readonly ports: SendingPorts,
  ) {
    this.peer = asker.identity;
    link.requestStarted();
  }

  get maxAnswerOctets(): number {
    return this.asker.maxMessageOctets;
  }

  answerTooLong(octets: number): void {
    this.ports.events.messageTooLong(this.asker.name, this.answerName(), octets);
  }

  answer(bytes: Buffer): boolean {
    if (this.answered) return false;
    this.answered = true;
    const sent = sendTo(this.ports, this.asker, this.link, this.answerName(), bytes);
    this.link.requestFinished();
    return sent;
  }

  protected abstract answerName(): string;
}

export class DeliveredRequest extends Answerable implements IncomingRequest {
  constructor(
    asker: Asker,
    link: PeerLink,
    ports: SendingPorts,
    readonly message: DecodedMessage,
    readonly receivedAtMs: number,
  ) {
    super(asker, link, ports);
  }

  protected override answerName(): string {
    return answerAbbreviation(this.message.abbreviation);
  }
}

export class DeliveredFailure extends Answerable implements UndecodableRequest {
  constructor(
    asker: Asker,
    link: PeerLink,
    ports: SendingPorts,
    readonly failure: DecodeFailure,
  ) {
    super(asker, link, ports);
  }

  protected override answerName(): string {
    return 'error-answer';
  }
}
