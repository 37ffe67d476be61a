/**
 * A CSCF over any transport: exchanges capabilities, asks and gets answers, answers watchdogs and disconnect
 * requests.
 */
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../../src/diameter/codec/decode';
import { encodeNamed } from '../../../src/diameter/codec/encode';
import type { ClosedReason, Transport, TransportConnection } from '../../../src/transport/port';
import { cxRequest, dictionary, type CxCommand, type Origin } from '../../support/cx-messages';

export interface Answer {
  readonly result: string;
  readonly avps: Record<string, unknown>;
  readonly octets: number;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const limits = { ...DEFAULT_DECODE_LIMITS, maxMessageOctets: 1 << 20 };
const patienceMs = 30_000;

export class Cscf {
  closed: ClosedReason | null = null;
  watchdogs = 0;
  readonly whenClosed: Promise<ClosedReason>;
  private readonly waiting = new Map<number, Waiting>();
  private nextHopByHopId = 1;

  private constructor(
    readonly connection: TransportConnection,
    readonly origin: Origin,
  ) {
    this.whenClosed = new Promise((resolve) => {
      connection.setEvents({
        onMessage: (bytes) => this.take(bytes),
        onFramingFault: (fault) => connection.abort(fault.detail),
        onDrain: () => undefined,
        onClosed: (reason) => {
          this.closed = reason;
          for (const { reject } of this.waiting.values())
            reject(new Error(`the connection is closed: ${reason.detail}`));
          this.waiting.clear();
          resolve(reason);
        },
      });
    });
  }

  static async open(
    transport: Transport,
    remote: readonly string[],
    port: number,
    origin: Origin,
    local: readonly string[] = [],
  ): Promise<Cscf> {
    const cscf = new Cscf(await transport.connect({ addresses: remote, port }, 10_000, local), origin);
    const cea = await cscf.exchangeCapabilities();
    if (cea.result !== '2001') throw new Error(`CEA with ${cea.result}`);
    return cscf;
  }

  exchangeCapabilities(): Promise<Answer> {
    return this.send((hopByHopId) =>
      encodeNamed(
        'CER',
        { hopByHopId, endToEndId: hopByHopId },
        {
          ...this.origin,
          hostIpAddress: [...this.connection.local.addresses],
          vendorId: 0,
          productName: 'test CSCF',
          supportedVendorId: [10_415],
          vendorSpecificApplicationId: [{ vendorId: 10_415, authApplicationId: 16_777_216 }],
        },
        dictionary,
      ),
    );
  }

  request(command: CxCommand, avps: object): Promise<Answer> {
    return this.send((hopByHopId) => cxRequest(command, this.origin, avps, { hopByHopId }));
  }

  /** Says goodbye as RFC 6733 5.4 wants it. */
  async disconnect(): Promise<void> {
    await this.send((hopByHopId) =>
      encodeNamed(
        'DPR',
        { hopByHopId, endToEndId: hopByHopId },
        { ...this.origin, disconnectCause: 0 },
        dictionary,
      ),
    );
    this.connection.close(5_000);
    await this.whenClosed;
  }

  private send(make: (hopByHopId: number) => Buffer): Promise<Answer> {
    const hopByHopId = this.nextHopByHopId;
    this.nextHopByHopId += 1;
    return new Promise((resolve, reject) => {
      if (this.closed !== null) return reject(new Error('not connected'));
      const timer = setTimeout(() => {
        this.waiting.delete(hopByHopId);
        reject(new Error(`no answer within ${patienceMs} ms`));
      }, patienceMs);
      const done =
        <Value>(then: (value: Value) => void) =>
        (value: Value): void => {
          clearTimeout(timer);
          then(value);
        };
      this.waiting.set(hopByHopId, { resolve: done(resolve), reject: done(reject) });
      this.connection.send(make(hopByHopId));
    });
  }

  private take(bytes: Buffer): void {
    const decoded = decodeMessage(bytes, dictionary, limits);
    const waiting = this.waiting.get(bytes.readUInt32BE(12));
    if (!decoded.ok) return waiting?.reject(new Error(`not decodable: ${decoded.failure.message}`));
    const { header, abbreviation, avps } = decoded.message as {
      header: { request: boolean; hopByHopId: number; endToEndId: number };
      abbreviation: string;
      avps: Record<string, unknown>;
    };
    if (header.request) {
      if (abbreviation === 'DWR') this.watchdogs += 1;
      if (abbreviation === 'DWR' || abbreviation === 'DPR') {
        this.connection.send(
          encodeNamed(
            abbreviation === 'DWR' ? 'DWA' : 'DPA',
            header,
            { resultCode: 2001, ...this.origin },
            dictionary,
          ),
        );
      }
      return;
    }
    this.waiting.delete(header.hopByHopId);
    const { resultCode, experimentalResult } = avps as {
      resultCode?: number;
      experimentalResult?: { experimentalResultCode: number };
    };
    waiting?.resolve({
      result:
        resultCode === undefined
          ? `experimental ${experimentalResult?.experimentalResultCode}`
          : String(resultCode),
      avps,
      octets: bytes.length,
    });
  }
}
