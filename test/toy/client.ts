/** A node that speaks the toy application: asks, and is told. One connection over loopback TCP. */
import { connect, type Socket } from 'node:net';
import { TOY_APPLICATION_ID, VENDOR_EXAMPLE, type ToyState, type ToyVector } from './generated/toy';
import { applicationsWithToy } from './index';
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../src/diameter/codec/decode';
import { encodeNamed } from '../../src/diameter/codec/encode';
import type { DecodedMessage } from '../../src/diameter/codec/types';
import { MessageFramer } from '../../src/diameter/framing/message-framer';
import { dictionaryOf } from '../../src/wiring/applications';
import type { Origin } from '../support/cx-messages';

export const toyDictionary = dictionaryOf(applicationsWithToy);

interface Avps {
  readonly sessionId?: string;
  readonly resultCode?: number;
  readonly toyState?: ToyState;
  readonly toyVector?: readonly ToyVector[];
  readonly publicIdentity?: string;
  readonly [name: string]: unknown;
}

/** A Toy-Notify-Request as it came. */
export interface Told {
  readonly publicIdentity: string | undefined;
  readonly state: ToyState | undefined;
  readonly retransmitted: boolean;
}

interface Waiting {
  readonly resolve: (avps: Avps) => void;
  readonly reject: (error: Error) => void;
}

export class ToyClient {
  readonly told: Told[] = [];
  readonly closed: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #framer = new MessageFramer(1 << 20);
  #nextId = 1;

  private constructor(
    private readonly socket: Socket,
    readonly origin: Origin,
  ) {
    socket.on('data', (chunk: Buffer) => this.#framer.push(chunk, (bytes) => this.#take(Buffer.from(bytes))));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#waiting.values()) reject(new Error('the connection was closed'));
        resolve();
      });
    });
  }

  /** Connects and exchanges capabilities; what waits for it is told at once. */
  static async open(port: number, originHost: string): Promise<ToyClient> {
    const socket = connect({ host: '127.0.0.1', port });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    const client = new ToyClient(socket, { originHost, originRealm: 'ims.example' });
    const { resultCode } = await client.#ask('CER', {
      hostIpAddress: ['127.0.0.1'],
      vendorId: 0,
      productName: 'toy node',
      supportedVendorId: [VENDOR_EXAMPLE],
      vendorSpecificApplicationId: [{ vendorId: VENDOR_EXAMPLE, authApplicationId: TOY_APPLICATION_ID }],
    });
    if (resultCode !== 2001) throw new Error(`CEA with ${resultCode}`);
    return client;
  }

  request(command: 'TWR' | 'TVR', avps: object): Promise<Avps> {
    return this.#ask(command, {
      sessionId: `${this.origin.originHost};toy;${this.#nextId}`,
      vendorSpecificApplicationId: { vendorId: VENDOR_EXAMPLE, authApplicationId: TOY_APPLICATION_ID },
      authSessionState: 1,
      destinationRealm: this.origin.originRealm,
      ...avps,
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #ask(command: string, avps: object): Promise<Avps> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#write(command, { hopByHopId: id, endToEndId: id }, avps);
    });
  }

  #write(command: string, header: { hopByHopId: number; endToEndId: number }, avps: object): void {
    const { hopByHopId, endToEndId } = header;
    this.socket.write(
      encodeNamed(command, { hopByHopId, endToEndId }, { ...this.origin, ...avps }, toyDictionary),
    );
  }

  #take(bytes: Buffer): void {
    const result = decodeMessage(bytes, toyDictionary, DEFAULT_DECODE_LIMITS);
    if (!result.ok) throw new Error(`not decodable: ${result.failure.message}`);
    const { header, abbreviation, avps } = result.message as DecodedMessage<Avps>;
    if (!header.request) {
      this.#waiting.get(header.hopByHopId)?.resolve(avps);
      this.#waiting.delete(header.hopByHopId);
    } else if (abbreviation === 'TNR') {
      this.told.push({
        publicIdentity: avps.publicIdentity,
        state: avps.toyState,
        retransmitted: header.retransmitted,
      });
      const { vendorSpecificApplicationId, authSessionState, sessionId } = avps;
      this.#write('TNA', header, {
        sessionId,
        vendorSpecificApplicationId,
        authSessionState,
        resultCode: 2001,
      });
    } else this.#write(abbreviation === 'DWR' ? 'DWA' : 'DPA', header, { resultCode: 2001 });
  }
}
