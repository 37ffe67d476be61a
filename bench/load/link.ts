/**
 * One connection of the load generator, over any transport of the product: capabilities exchange, requests
 * out, answers in, answers to DWR, DPR and whatever the HSS asks. What is sent in one turn leaves as the
 * transport joins it: one write for TCP and TLS, one user message each for SCTP.
 */
import { encodeNamed } from '../../src/diameter/codec/encode';
import type { Transport, TransportConnection } from '../../src/transport/port';
import { findAvp, resultOf, resultText } from './answers';
import { dictionary, type Parties, type Template } from './templates';

const HEADER_OCTETS = 20;
const SLAB_OCTETS = 64 * 1024;
const VENDOR_3GPP = 10_415;
const CX = 16_777_216;
const S6A = 16_777_251;
const SUCCESS = 2001;
const CER = 257;
const DWR = 280;
const DPR = 282;
const SESSION_ID = 263;
/** What the HSS asks, by command. */
const answerNames: ReadonlyMap<number, 'RTA' | 'PPA' | 'CLA'> = new Map([
  [304, 'RTA'],
  [305, 'PPA'],
  [317, 'CLA'],
]);
const HANDSHAKE_MS = 10_000;
const GOODBYE_MS = 1_000;
/** Disconnect-Cause DO_NOT_WANT_TO_TALK_TO_YOU [6733-5.4.3]. */
const NOT_AGAIN = 2;

export interface LinkEvents {
  /** An answer to one of our templates. */
  readonly onAnswer: (message: Buffer) => void;
  readonly onClosed: (why: string) => void;
}

export class Link {
  /** Requests of the HSS: RTR, PPR, CLR. */
  requestsCount = 0;
  isOpen = false;
  private events: LinkEvents | null = null;
  /** Messages lie in it one behind the other; the transport keeps what it still needs of it. */
  private slab: Buffer = Buffer.allocUnsafeSlow(SLAB_OCTETS);
  private slabOctets = 0;
  private onBase: ((code: number, message: Buffer) => void) | null = null;
  private closed: string | null = null;
  private readonly whenClosed: Promise<null>;

  private constructor(
    private readonly connection: TransportConnection,
    private readonly parties: Parties,
  ) {
    this.whenClosed = new Promise((resolve) => {
      connection.setEvents({
        onMessage: (message) => this.take(message),
        onFramingFault: ({ detail }) => connection.abort(`no Diameter message: ${detail}`),
        onDrain: () => undefined,
        onClosed: ({ detail }) => {
          this.isOpen = false;
          this.closed = detail;
          resolve(null);
          this.events?.onClosed(detail);
        },
      });
    });
  }

  /** Connects and exchanges capabilities. @throws Error that says what the other side answered */
  static async open(transport: Transport, host: string, port: number, parties: Parties): Promise<Link> {
    const connection = await transport.connect({ addresses: [host], port }, HANDSHAKE_MS);
    const link = new Link(connection, parties);
    const answer = await link.ask(
      CER,
      encodeNamed(
        'CER',
        { hopByHopId: 0, endToEndId: 0 },
        {
          originHost: parties.originHost,
          originRealm: parties.originRealm,
          hostIpAddress: [connection.local.addresses[0] ?? '127.0.0.1'],
          vendorId: 0,
          productName: 'hss bench',
          supportedVendorId: [VENDOR_3GPP],
          vendorSpecificApplicationId: [CX, S6A].map((authApplicationId) => ({
            vendorId: VENDOR_3GPP,
            authApplicationId,
          })),
        },
        dictionary,
      ),
      HANDSHAKE_MS,
    );
    const result = answer === null ? null : resultOf(answer, 0, answer.length);
    if (result !== SUCCESS) {
      connection.abort('no success');
      throw new Error(
        `${host} port ${port}: ${result === null ? (link.closed ?? `no CEA within ${HANDSHAKE_MS} ms`) : `CEA with ${resultText(result)}`}`,
      );
    }
    link.isOpen = true;
    return link;
  }

  setEvents(events: LinkEvents): void {
    this.events = events;
  }

  /** What waits for the other side to read. */
  get unsentOctets(): number {
    return this.connection.queuedOctets;
  }

  /** Whether a DWR, behind what was sent before, was answered in time; one at a time. */
  async watchdog(patienceMs: number): Promise<boolean> {
    const { originHost, originRealm } = this.parties;
    return (
      (await this.ask(
        DWR,
        encodeNamed('DWR', { hopByHopId: 2, endToEndId: 2 }, { originHost, originRealm }, dictionary),
        patienceMs,
      )) !== null
    );
  }

  send(
    template: Template,
    hopByHopId: number,
    endToEndId: number,
    session: number,
    subscriber: number,
  ): void {
    if (this.slabOctets + template.octets > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(Math.max(SLAB_OCTETS, template.octets));
      this.slabOctets = 0;
    }
    const end = template.write(this.slab, this.slabOctets, hopByHopId, endToEndId, session, subscriber);
    this.connection.send(this.slab.subarray(this.slabOctets, end));
    this.slabOctets = end;
  }

  /** DPR, its answer, and the end. */
  async close(): Promise<void> {
    this.events = null;
    if (this.closed !== null) return;
    const { originHost, originRealm } = this.parties;
    await this.ask(
      DPR,
      encodeNamed(
        'DPR',
        { hopByHopId: 1, endToEndId: 1 },
        { originHost, originRealm, disconnectCause: NOT_AGAIN },
        dictionary,
      ),
      GOODBYE_MS,
    );
    this.connection.close(GOODBYE_MS);
    await this.whenClosed;
  }

  /** Null where the connection ended or no answer came in time. */
  private ask(code: number, request: Buffer, patienceMs: number): Promise<Buffer | null> {
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<Buffer | null>((resolve) => {
      timer = setTimeout(() => resolve(null), patienceMs);
      this.onBase = (command, message) => {
        if (command === code) resolve(message);
      };
    });
    this.connection.send(request);
    return Promise.race([answered, this.whenClosed]).finally(() => {
      clearTimeout(timer);
      this.onBase = null;
    });
  }

  private take(message: Buffer): void {
    const code = message.readUIntBE(5, 3);
    if (((message[4] ?? 0) & 0x80) !== 0) this.answer(message, code);
    else if (code === CER || code === DWR || code === DPR) this.onBase?.(code, message);
    else this.events?.onAnswer(message);
  }

  /** DWA, DPA, and success for whatever else the HSS asks. */
  private answer(request: Buffer, code: number): void {
    const header = { hopByHopId: request.readUInt32BE(12), endToEndId: request.readUInt32BE(16) };
    const origin = {
      resultCode: SUCCESS,
      originHost: this.parties.originHost,
      originRealm: this.parties.originRealm,
    };
    if (code === DWR || code === DPR) {
      this.connection.send(encodeNamed(code === DWR ? 'DWA' : 'DPA', header, origin, dictionary));
      return;
    }
    this.requestsCount += 1;
    const session = findAvp(request, SESSION_ID, HEADER_OCTETS, request.length);
    const answerName = answerNames.get(code);
    if (session === null || answerName === undefined) return;
    this.connection.send(
      encodeNamed(
        answerName,
        header,
        {
          ...origin,
          sessionId: request.toString('utf8', session.at, session.at + session.octets),
          // [29.229-6.1.6] [29.272-7.2.8] Cx has it, S6a has none.
          ...(answerName === 'CLA'
            ? {}
            : { vendorSpecificApplicationId: { vendorId: VENDOR_3GPP, authApplicationId: CX } }),
          authSessionState: 1,
        },
        dictionary,
      ),
    );
  }
}
