/**
 * A CSCF over loopback TCP: exchanges capabilities, asks and gets answers, answers watchdogs and disconnect
 * requests.
 */
import { connect, type Socket } from 'node:net';
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../src/diameter/codec/decode';
import { encodeNamed, type HeaderFields } from '../../src/diameter/codec/encode';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import { MessageFramer } from '../../src/diameter/framing/message-framer';
import {
  cxAnswer,
  cxAnswerTo,
  cxRequest,
  dictionary,
  type CxAnswer,
  type CxCommand,
  type Origin,
} from './cx-messages';
import { noteUserData } from '../schema/produced-user-data';

interface Waiting {
  readonly resolve: (answer: CxAnswer) => void;
  readonly reject: (error: Error) => void;
}

const maxMessageOctets = 1 << 20;
const defaultPatienceMs = 15_000;

export class CxClient {
  /** Requests of the HSS, by abbreviation: DPR, RTR. */
  readonly requests: string[] = [];
  /** As the CEA says it. */
  originStateId: unknown = undefined;
  /** Answers that nobody waited for. */
  readonly unexpected: CxAnswer[] = [];
  /** Messages that do not follow their Command Code Format and belong to no request. */
  readonly undecodable: Buffer[] = [];
  readonly closed: Promise<void>;
  isClosed = false;
  /**
   * What becomes of RTR and PPR: the AVPs of the answer besides Session-Id, state and origin; null for none.
   * No answer where absent.
   */
  serve: ((request: DecodedMessage<Record<string, unknown>>) => object | null) | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private readonly framer = new MessageFramer(maxMessageOctets);
  private nextHopByHopId = 1;

  private constructor(
    readonly socket: Socket,
    readonly origin: Origin,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.framer.push(chunk, (bytes) => this.take(bytes)));
    // A reset says no more than "close" does.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.isClosed = true;
        for (const { reject } of this.waiting.values())
          reject(new Error(`${this.origin.originHost}: the connection was closed`));
        this.waiting.clear();
        resolve();
      });
    });
  }

  /** Connects and says nothing yet. */
  static connect(port: number, origin: Origin): Promise<CxClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new CxClient(socket, origin));
      });
    });
  }

  /** Connects and exchanges capabilities. @throws Error where the CEA says no */
  static async open(port: number, origin: Origin): Promise<CxClient> {
    const client = await CxClient.connect(port, origin);
    const cea = await client.exchangeCapabilities();
    if (cea.result !== '2001') throw new Error(`CEA with ${cea.result}`);
    client.originStateId = cea.avps['originStateId'];
    return client;
  }

  exchangeCapabilities(): Promise<CxAnswer> {
    return this.send((hopByHopId) =>
      encodeNamed(
        'CER',
        { hopByHopId, endToEndId: hopByHopId },
        {
          ...this.origin,
          hostIpAddress: ['127.0.0.1'],
          vendorId: 0,
          productName: 'test CSCF',
          supportedVendorId: [10_415],
          vendorSpecificApplicationId: [{ vendorId: 10_415, authApplicationId: 16_777_216 }],
        },
        dictionary,
      ),
    );
  }

  request(command: CxCommand, avps: object, header: Partial<HeaderFields> = {}): Promise<CxAnswer> {
    return this.send((hopByHopId) => cxRequest(command, this.origin, avps, { ...header, hopByHopId }));
  }

  /** Any request; rejects when the connection ends, or after `patienceMs`. */
  send(make: (hopByHopId: number) => Buffer, patienceMs = defaultPatienceMs): Promise<CxAnswer> {
    const hopByHopId = this.nextHopByHopId;
    this.nextHopByHopId += 1;
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        reject(new Error(`${this.origin.originHost}: not connected`));
        return;
      }
      const timer = setTimeout(() => {
        this.waiting.delete(hopByHopId);
        reject(new Error(`${this.origin.originHost}: no answer within ${patienceMs} ms`));
      }, patienceMs);
      this.waiting.set(hopByHopId, {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.socket.write(make(hopByHopId));
    });
  }

  /** Whatever octets the test wants. */
  write(octets: Buffer): void {
    this.socket.write(octets);
  }

  close(): void {
    this.socket.destroy();
  }

  private take(octets: Buffer): void {
    const bytes = Buffer.from(octets);
    const hopByHopId = bytes.readUInt32BE(12);
    const waiting = this.waiting.get(hopByHopId);
    const result = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
    if (!result.ok) {
      if (waiting === undefined) this.undecodable.push(bytes);
      else waiting.reject(new Error(`the answer is not decodable: ${result.failure.message}`));
      return;
    }
    const { header, abbreviation } = result.message;
    if (header.request) {
      this.requests.push(abbreviation);
      if (abbreviation === 'DWR' || abbreviation === 'DPR') {
        this.write(
          encodeNamed(
            abbreviation === 'DWR' ? 'DWA' : 'DPA',
            header,
            { resultCode: 2001, ...this.origin },
            dictionary,
          ),
        );
      } else if (this.serve !== null) {
        const request = result.message as DecodedMessage<Record<string, unknown>>;
        noteUserData(request.avps);
        const avps = this.serve(request);
        if (avps !== null) this.write(cxAnswerTo(request, this.origin, avps));
      }
      return;
    }
    const answer = cxAnswer(bytes);
    this.waiting.delete(hopByHopId);
    if (waiting === undefined) this.unexpected.push(answer);
    else waiting.resolve(answer);
  }
}
