/**
 * One connection of the load generator: capabilities exchange, whole messages in, octets out, answers to DWR, DPR and whatever the HSS asks.
 * Requests of one turn leave as one write, from buffers that are used again; a message that came whole is looked at where it lies.
 */
import { connect, type Socket } from 'node:net';
import { encodeNamed } from '../../src/codec/encode';
import { findAvp, resultOf, resultText } from './answers';
import { dictionary, type Parties } from './templates';

const HEADER_OCTETS = 20;
const NOTHING = Buffer.alloc(0);
const MAX_MESSAGE_OCTETS = 1 << 24;
const BUFFER_OCTETS = 128 * 1024;
const VENDOR_3GPP = 10_415;
const CX = 16_777_216;
const SUCCESS = 2001;
const CER = 257;
const DWR = 280;
const DPR = 282;
const SESSION_ID = 263;
const HANDSHAKE_MS = 10_000;
const GOODBYE_MS = 1_000;
/** Disconnect-Cause DO_NOT_WANT_TO_TALK_TO_YOU [6733-5.4.3]. */
const NOT_AGAIN = 2;

export interface LinkEvents {
  /** An answer to one of our templates; it lies in `bytes` from `from` to `to`. */
  readonly onAnswer: (bytes: Buffer, from: number, to: number) => void;
  /** After all answers of one read. */
  readonly onRead: () => void;
  readonly onClosed: (why: string) => void;
}

export class Link {
  /** Requests of the HSS: RTR, PPR. */
  requestsCount = 0;
  isOpen = false;
  private events: LinkEvents | null = null;
  private rest: Buffer = NOTHING;
  private out: Buffer = Buffer.allocUnsafe(BUFFER_OCTETS);
  private outOctets = 0;
  private readonly spare: Buffer[] = [];
  private onBase: ((code: number, bytes: Buffer) => void) | null = null;
  private why = 'closed by the other side';

  private constructor(private readonly socket: Socket, private readonly parties: Parties) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => {
      this.why = error.message;
    });
    socket.on('close', () => {
      this.isOpen = false;
      this.events?.onClosed(this.why);
    });
  }

  /** Connects and exchanges capabilities. @throws Error that says what the other side answered */
  static async open(host: string, port: number, parties: Parties): Promise<Link> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => reject(new Error(`${host} port ${port}: ${error.message}`)));
      socket.once('connect', resolve);
    });
    const link = new Link(socket, parties);
    const local = socket.localAddress ?? '127.0.0.1';
    const answer = await link.ask(CER, encodeNamed('CER', { hopByHopId: 0, endToEndId: 0 }, {
      originHost: parties.originHost, originRealm: parties.originRealm, hostIpAddress: [local.replace(/^::ffff:/, '')], vendorId: 0, productName: 'hss bench',
      supportedVendorId: [VENDOR_3GPP], vendorSpecificApplicationId: [{ vendorId: VENDOR_3GPP, authApplicationId: CX }],
    }, dictionary), HANDSHAKE_MS);
    const result = answer === null ? null : resultOf(answer, 0, answer.length);
    if (result !== SUCCESS) {
      socket.destroy();
      throw new Error(`${host} port ${port}: ${result === null ? `no CEA within ${HANDSHAKE_MS} ms` : `CEA with ${resultText(result)}`}`);
    }
    link.isOpen = true;
    return link;
  }

  setEvents(events: LinkEvents): void {
    this.events = events;
  }

  /** What waits for the other side to read. */
  get unsentOctets(): number {
    return this.outOctets + this.socket.writableLength;
  }

  /** Whether a DWR, behind what was written before, was answered in time; one at a time. */
  async watchdog(patienceMs: number): Promise<boolean> {
    this.flush();
    const { originHost, originRealm } = this.parties;
    return await this.ask(DWR, encodeNamed('DWR', { hopByHopId: 2, endToEndId: 2 }, { originHost, originRealm }, dictionary), patienceMs) !== null;
  }

  /** A buffer with room for that many octets, and where to write; `written` says how far. */
  room(octets: number): { readonly buffer: Buffer; readonly at: number } {
    if (this.outOctets + octets > this.out.length) this.flush();
    return { buffer: this.out, at: this.outOctets };
  }

  written(end: number): void {
    this.outOctets = end;
  }

  /** Hands over what was written since the last time. */
  flush(): void {
    if (this.outOctets === 0 || this.socket.destroyed) return;
    const buffer = this.out;
    this.socket.write(buffer.subarray(0, this.outOctets), () => {
      this.spare.push(buffer);
    });
    this.out = this.spare.pop() ?? Buffer.allocUnsafe(BUFFER_OCTETS);
    this.outOctets = 0;
  }

  /** DPR, its answer, and the end. */
  async close(): Promise<void> {
    this.events = null;
    if (!this.socket.destroyed) {
      const { originHost, originRealm } = this.parties;
      await this.ask(DPR, encodeNamed('DPR', { hopByHopId: 1, endToEndId: 1 }, { originHost, originRealm, disconnectCause: NOT_AGAIN }, dictionary), GOODBYE_MS);
    }
    this.socket.destroy();
  }

  private ask(code: number, request: Buffer, patienceMs: number): Promise<Buffer | null> {
    return new Promise((resolve) => {
      const done = (answer: Buffer | null): void => {
        clearTimeout(timer);
        this.onBase = null;
        this.socket.off('close', gone);
        resolve(answer);
      };
      const gone = (): void => done(null);
      const timer = setTimeout(gone, patienceMs);
      this.socket.once('close', gone);
      this.onBase = (answered, bytes) => {
        if (answered === code) done(Buffer.from(bytes));
      };
      this.socket.write(request);
    });
  }

  private read(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (bytes.length - at >= HEADER_OCTETS) {
      const octets = bytes.readUIntBE(at + 1, 3);
      if (bytes[at] !== 1 || octets < HEADER_OCTETS || octets % 4 !== 0 || octets > MAX_MESSAGE_OCTETS) {
        this.why = `no Diameter message: version ${bytes[at]}, length ${octets}`;
        this.socket.destroy();
        return;
      }
      if (bytes.length - at < octets) break;
      this.take(bytes, at, at + octets);
      at += octets;
    }
    this.rest = at === bytes.length ? NOTHING : bytes.subarray(at);
    this.events?.onRead();
    this.flush();
  }

  private take(bytes: Buffer, from: number, to: number): void {
    const code = bytes.readUIntBE(from + 5, 3);
    if (((bytes[from + 4] ?? 0) & 0x80) !== 0) this.answer(bytes.subarray(from, to), code);
    else if (code === CER || code === DWR || code === DPR) this.onBase?.(code, bytes.subarray(from, to));
    else this.events?.onAnswer(bytes, from, to);
  }

  /** DWA, DPA, and success for whatever else the HSS asks. */
  private answer(request: Buffer, code: number): void {
    const header = { hopByHopId: request.readUInt32BE(12), endToEndId: request.readUInt32BE(16) };
    const origin = { resultCode: SUCCESS, originHost: this.parties.originHost, originRealm: this.parties.originRealm };
    if (code === DWR || code === DPR) {
      this.socket.write(encodeNamed(code === DWR ? 'DWA' : 'DPA', header, origin, dictionary));
      return;
    }
    this.requestsCount += 1;
    const session = findAvp(request, SESSION_ID, HEADER_OCTETS, request.length);
    if (session === null || (code !== 304 && code !== 305)) return;
    this.socket.write(encodeNamed(code === 304 ? 'RTA' : 'PPA', header, {
      ...origin, sessionId: request.toString('utf8', session.at, session.at + session.octets),
      vendorSpecificApplicationId: { vendorId: VENDOR_3GPP, authApplicationId: CX }, authSessionState: 1,
    }, dictionary));
  }
}
