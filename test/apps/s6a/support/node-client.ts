/** An MME or SGSN over loopback TCP: asks, and answers what the HSS asks. Everything that comes is decoded strictly. */
import { connect, type Socket } from 'node:net';
import { S6A_APPLICATION_ID } from '../../../../src/apps/s6a/generated/s6a';
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../../../src/diameter/codec/decode';
import { encodeNamed, type HeaderFields } from '../../../../src/diameter/codec/encode';
import type { DecodedMessage } from '../../../../src/diameter/codec/types';
import { MessageFramer } from '../../../../src/diameter/framing/message-framer';
import { applications, dictionaryOf } from '../../../../src/wiring/applications';
import type { Origin } from '../../../support/cx-messages';

export const dictionary = dictionaryOf(applications);

type Avps = Readonly<Record<string, unknown>>;
export type NodeRequest = DecodedMessage<Avps>;

const VENDOR_3GPP = 10_415;

export class NodeClient {
  /** Requests of the HSS of this application, in order. */
  readonly requests: NodeRequest[] = [];
  /** Why a message could not be decoded. */
  readonly faults: string[] = [];
  /** The AVPs of the answer besides Session-Id, state and origin; null for none. */
  serve: (request: NodeRequest) => object | null = () => ({ resultCode: 2001 });
  readonly #waiting = new Map<number, (avps: Avps) => void>();
  readonly #framer = new MessageFramer(1 << 20);
  #nextId = 1;

  private constructor(
    private readonly socket: Socket,
    readonly origin: Origin,
  ) {
    socket.on('data', (chunk: Buffer) => this.#framer.push(chunk, (bytes) => this.#take(Buffer.from(bytes))));
    socket.on('error', () => undefined);
  }

  /** Connects and exchanges capabilities; what waits for it comes at once. */
  static async open(port: number, origin: Origin, serve?: NodeClient['serve']): Promise<NodeClient> {
    const socket = connect({ host: '127.0.0.1', port });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    const client = new NodeClient(socket, origin);
    if (serve !== undefined) client.serve = serve;
    const { resultCode } = await client.request('CER', {
      hostIpAddress: ['127.0.0.1'],
      vendorId: 0,
      productName: 'test MME',
      supportedVendorId: [VENDOR_3GPP],
      vendorSpecificApplicationId: [{ vendorId: VENDOR_3GPP, authApplicationId: S6A_APPLICATION_ID }],
    });
    if (resultCode !== 2001) throw new Error(`CEA with ${String(resultCode)}`);
    return client;
  }

  request(command: string, avps: object): Promise<Avps> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#write(command, { hopByHopId: id, endToEndId: id }, avps);
    });
  }

  /** A request of S6a or S6d. */
  ask(command: 'AIR' | 'ULR' | 'PUR' | 'NOR', avps: object): Promise<Avps> {
    return this.request(command, {
      sessionId: `${this.origin.originHost};node;${this.#nextId}`,
      authSessionState: 1,
      destinationRealm: this.origin.originRealm,
      ...avps,
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #write(command: string, { hopByHopId, endToEndId }: HeaderFields, avps: object): void {
    const header = { hopByHopId, endToEndId, applicationId: S6A_APPLICATION_ID };
    this.socket.write(encodeNamed(command, header, { ...this.origin, ...avps }, dictionary));
  }

  #take(bytes: Buffer): void {
    const result = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
    if (!result.ok) {
      this.faults.push(result.failure.message);
      return;
    }
    const message = result.message as NodeRequest;
    const { header, abbreviation, avps } = message;
    if (!header.request) {
      this.#waiting.get(header.hopByHopId)?.(avps);
      this.#waiting.delete(header.hopByHopId);
    } else if (abbreviation === 'DWR' || abbreviation === 'DPR')
      this.#write(abbreviation === 'DWR' ? 'DWA' : 'DPA', header, { resultCode: 2001 });
    else {
      this.requests.push(message);
      const answer = this.serve(message);
      if (answer !== null)
        this.#write(abbreviation.replace(/R$/, 'A'), header, {
          sessionId: avps['sessionId'],
          authSessionState: 1,
          ...answer,
        });
    }
  }
}
