/**
 * A phone of the suite's own, over UDP. SIPp serves as the phone wherever it can; this one does what SIPp 3.6
 * cannot: send AUTS, answer with a RES that holds a NUL octet, and show what a 200 to REGISTER said.
 */
import { randomBytes } from 'node:crypto';
import { createSocket, Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { answerChallenge, Credentials, initialAuthorization } from './credentials';
import {
  formatSipMessage,
  header,
  headerValues,
  parameter,
  parseSipMessage,
  SipMessage,
  uriOf,
} from './sip-message';

const loopback = '127.0.0.1';
const retransmission_ms = 500;
const answerTimeout_ms = 15_000;
/**
 * Debian's Kamailio 5.6 sends its 401 before it has stored the vector; a faster answer is challenged again.
 */
const thinkingTime_ms = 120;
const maxChallengesCount = 4;

export interface PhoneOptions {
  impi: string;
  impu: string;
  domain: string;
  credentials: Credentials;
  /** Where requests go: the P-CSCF. */
  proxyPort: number;
  /** Named in the first REGISTER; absent: the network chooses the scheme. */
  algorithm?: 'AKAv1-MD5' | 'MD5';
}

export interface RegisterResult {
  status: number;
  reason: string;
  /** Challenges (401) that were answered on the way. */
  challengesCount: number;
  /** Answers that carried AUTS. */
  resynchronisationsCount: number;
  associatedUris: string[];
  contacts: string[];
  message: SipMessage;
}

export interface CallResult {
  status: number;
  reason: string;
  message: SipMessage;
  /** Ends the call; the status of the answer to BYE. */
  hangUp: () => Promise<number>;
}

export class SipPhone {
  private readonly waiting = new Map<string, (message: SipMessage) => void>();
  private readonly answered = new Map<string, Buffer>();
  private readonly socket: Socket;
  private cseq = 1;
  private serviceRoute: string[] = [];
  private readonly tag = randomBytes(6).toString('hex');
  /** Requests that came in, in order, for a test to look at. */
  readonly received: SipMessage[] = [];
  /** Answers calls with 486 while set. */
  busy = false;

  private constructor(
    readonly options: PhoneOptions,
    readonly port: number,
    socket: Socket,
  ) {
    this.socket = socket;
    socket.on('message', (datagram, sender) => this.receive(datagram, sender.port));
  }

  /** Binds a loopback port, any free one unless told. */
  static async open(options: PhoneOptions, localPort = 0): Promise<SipPhone> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(localPort, loopback, resolve);
    });
    return new SipPhone(options, socket.address().port, socket);
  }

  close(): void {
    this.socket.close();
  }

  get contact(): string {
    return `sip:${this.tag}@${loopback}:${this.port}`;
  }

  /** Registers, answering challenges; expires_s 0 de-registers. */
  async register(expires_s = 600): Promise<RegisterResult> {
    const { impi, domain, credentials, algorithm } = this.options;
    const uri = `sip:${domain}`;
    const callId = randomBytes(8).toString('hex');
    let authorization = initialAuthorization(impi, domain, uri, algorithm);
    const counts = { challengesCount: 0, resynchronisationsCount: 0 };
    for (;;) {
      const answer = await this.request('REGISTER', uri, this.options.impu, callId, [
        ['Contact', `<${this.contact}>;expires=${expires_s}`],
        ['Expires', String(expires_s)],
        ['Authorization', authorization],
        ['Supported', 'path'],
      ]);
      const challenge = header(answer, 'WWW-Authenticate');
      if (answer.status !== 401 || challenge === undefined || counts.challengesCount === maxChallengesCount)
        return this.registered(answer, counts);
      const next = answerChallenge(challenge, impi, uri, credentials);
      counts.challengesCount += 1;
      if (next.resynchronising) counts.resynchronisationsCount += 1;
      authorization = next.value;
      await delay(thinkingTime_ms);
    }
  }

  private registered(
    answer: SipMessage,
    counts: { challengesCount: number; resynchronisationsCount: number },
  ): RegisterResult {
    if (answer.status === 200) this.serviceRoute = headerValues(answer, 'Service-Route');
    return {
      status: answer.status ?? 0,
      reason: answer.reason ?? '',
      ...counts,
      message: answer,
      associatedUris: headerValues(answer, 'P-Associated-URI').map(uriOf),
      contacts: headerValues(answer, 'Contact').map(uriOf),
    };
  }

  /** Calls a public identity by way of the phone's own S-CSCF; resolves with the final answer, ACK sent. */
  async call(uri: string): Promise<CallResult> {
    const callId = randomBytes(8).toString('hex');
    const proxy = `<sip:${loopback}:${this.options.proxyPort};lr>`;
    const routes: [string, string][] = [proxy, ...this.serviceRoute].map((route) => ['Route', route]);
    const cseq = this.cseq;
    const answer = await this.request('INVITE', uri, uri, callId, [
      ...routes,
      ['Contact', `<${this.contact}>`],
    ]);
    const result = { status: answer.status ?? 0, reason: answer.reason ?? '', message: answer };
    if (result.status >= 300) {
      this.acknowledge(uri, answer, cseq, routes);
      return { ...result, hangUp: () => Promise.reject(new Error('there is no call')) };
    }
    const target = uriOf(headerValues(answer, 'Contact')[0] ?? uri);
    const dialogue: [string, string][] = headerValues(answer, 'Record-Route')
      .reverse()
      .map((route) => ['Route', route]);
    this.acknowledge(target, answer, cseq, dialogue);
    const to = header(answer, 'To') ?? '';
    const hangUp = async (): Promise<number> => {
      // Several processes of a proxy may overtake each other: let the ACK arrive first.
      await delay(thinkingTime_ms);
      return (await this.request('BYE', target, to, callId, dialogue)).status ?? 0;
    };
    return { ...result, hangUp };
  }

  private acknowledge(target: string, answer: SipMessage, cseq: number, routes: [string, string][]): void {
    const success = (answer.status ?? 0) < 300;
    // RFC 3261 17.1.1.3: the ACK for a failure belongs to the INVITE's transaction, so it carries its branch.
    const via = success ? this.via() : (header(answer, 'Via') ?? this.via());
    this.send({
      method: 'ACK',
      requestUri: target,
      body: '',
      headers: [
        ['Via', via],
        ['Max-Forwards', '70'],
        ['From', header(answer, 'From') ?? ''],
        ['To', header(answer, 'To') ?? ''],
        ['Call-ID', header(answer, 'Call-ID') ?? ''],
        ['CSeq', `${cseq} ACK`],
        ...routes,
      ],
    });
  }

  private via(): string {
    return `SIP/2.0/UDP ${loopback}:${this.port};rport;branch=z9hG4bK${randomBytes(8).toString('hex')}`;
  }

  private async request(
    method: string,
    uri: string,
    to: string,
    callId: string,
    more: [string, string][],
  ): Promise<SipMessage> {
    const via = this.via();
    const branch = parameter(via, 'branch') ?? '';
    const datagram = formatSipMessage({
      method,
      requestUri: uri,
      body: '',
      headers: [
        ['Via', via],
        ['Max-Forwards', '70'],
        ['From', `<${this.options.impu}>;tag=${this.tag}`],
        ['To', to.includes('<') ? to : `<${to}>`],
        ['Call-ID', callId],
        ['CSeq', `${this.cseq} ${method}`],
        ...more,
      ],
    });
    this.cseq += 1;
    let resend: NodeJS.Timeout | undefined;
    let limit: NodeJS.Timeout | undefined;
    try {
      return await new Promise<SipMessage>((resolve, reject) => {
        this.waiting.set(branch, (message) => {
          clearInterval(resend);
          if ((message.status ?? 0) >= 200) resolve(message);
        });
        limit = setTimeout(
          () =>
            reject(
              new Error(
                `no answer to ${method} ${uri} of ${this.options.impi} within ${answerTimeout_ms} ms`,
              ),
            ),
          answerTimeout_ms,
        );
        resend = setInterval(
          () => this.socket.send(datagram, this.options.proxyPort, loopback),
          retransmission_ms,
        );
        this.socket.send(datagram, this.options.proxyPort, loopback);
      });
    } finally {
      clearInterval(resend);
      clearTimeout(limit);
      this.waiting.delete(branch);
    }
  }

  private send(message: SipMessage): void {
    this.socket.send(formatSipMessage(message), this.options.proxyPort, loopback);
  }

  private receive(datagram: Buffer, senderPort: number): void {
    const message = parseSipMessage(datagram);
    const branch = parameter(header(message, 'Via') ?? '', 'branch') ?? '';
    if (message.status !== undefined) {
      this.waiting.get(branch)?.(message);
      return;
    }
    if (message.method === 'ACK') {
      this.received.push(message);
      return;
    }
    const before = this.answered.get(branch);
    const answer = before ?? this.answer(message);
    if (before === undefined) {
      this.received.push(message);
      this.answered.set(branch, answer);
    }
    this.socket.send(answer, senderPort, loopback);
  }

  get receivedMethods(): string[] {
    return this.received.map((request) => request.method ?? '');
  }

  /** Takes every call, unless busy, and every BYE. */
  private answer(request: SipMessage): Buffer {
    const echoed = request.headers.filter(([name]) => /^(via|from|call-id|cseq|record-route)$/i.test(name));
    const to = header(request, 'To') ?? '';
    const tagged = /;tag=/i.test(to) ? to : `${to};tag=${this.tag}`;
    if (this.busy && request.method === 'INVITE')
      return formatSipMessage({
        status: 486,
        reason: 'Busy Here',
        body: '',
        headers: [...echoed, ['To', tagged]],
      });
    return formatSipMessage({
      status: 200,
      reason: 'OK',
      body: '',
      headers: [...echoed, ['To', tagged], ['Contact', `<${this.contact}>`]],
    });
  }
}
