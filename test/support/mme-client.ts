/** An MME or SGSN over loopback TCP: exchanges capabilities for one application, asks and gets answers. */
import { connect, type Socket } from 'node:net';
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../src/diameter/codec/decode';
import { encodeNamed } from '../../src/diameter/codec/encode';
import type { DecodedMessage, DiameterHeader } from '../../src/diameter/codec/types';
import { MessageFramer } from '../../src/diameter/framing/message-framer';
import { VENDOR_3GPP } from '../../src/diameter/generated/base';
import { applications, dictionaryOf } from '../../src/wiring/applications';
import type { Origin } from './cx-messages';

const dictionary = dictionaryOf(applications);

export interface MmeAnswer {
  readonly header: DiameterHeader;
  readonly abbreviation: string;
  /** "2001", or "experimental 5422". */
  readonly result: string;
  readonly avps: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

interface Waiting {
  readonly resolve: (answer: MmeAnswer) => void;
  readonly reject: (error: Error) => void;
}

interface Results {
  readonly resultCode?: number;
  readonly experimentalResult?: { readonly experimentalResultCode: number };
}

export class MmeClient {
  readonly #waiting = new Map<number, Waiting>();
  readonly #framer = new MessageFramer(1 << 20);
  #nextId = 1;

  private constructor(
    private readonly socket: Socket,
    readonly origin: Origin,
    private readonly applicationId: number,
  ) {
    socket.on('data', (chunk: Buffer) => this.#framer.push(chunk, (bytes) => this.#take(Buffer.from(bytes))));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the connection was closed'));
    });
  }

  /** Connects and says nothing yet. */
  static async connect(port: number, origin: Origin, applicationId: number): Promise<MmeClient> {
    const socket = connect({ host: '127.0.0.1', port });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new MmeClient(socket, origin, applicationId);
  }

  /** Connects and exchanges capabilities. @throws Error where the CEA says no */
  static async open(port: number, origin: Origin, applicationId: number): Promise<MmeClient> {
    const client = await MmeClient.connect(port, origin, applicationId);
    const { result } = await client.exchangeCapabilities();
    if (result !== '2001') throw new Error(`CEA with ${result}`);
    return client;
  }

  exchangeCapabilities(applicationId = this.applicationId): Promise<MmeAnswer> {
    return this.#ask('CER', {
      hostIpAddress: ['127.0.0.1'],
      vendorId: 0,
      productName: 'test MME',
      supportedVendorId: [VENDOR_3GPP],
      vendorSpecificApplicationId: [{ vendorId: VENDOR_3GPP, authApplicationId: applicationId }],
    });
  }

  /** A request with Session-Id, state, origin and destination realm. */
  request(command: string, avps: object): Promise<MmeAnswer> {
    return this.#ask(command, {
      sessionId: `${this.origin.originHost};1;${this.#nextId}`,
      authSessionState: 1,
      destinationRealm: this.origin.originRealm,
      ...avps,
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #ask(command: string, avps: object): Promise<MmeAnswer> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#write(command, { hopByHopId: id, endToEndId: id }, avps);
    });
  }

  #write(
    command: string,
    ids: { readonly hopByHopId: number; readonly endToEndId: number },
    avps: object,
  ): void {
    const { hopByHopId, endToEndId } = ids;
    this.socket.write(
      encodeNamed(
        command,
        { hopByHopId, endToEndId, applicationId: /^(CE|DW|DP)/.test(command) ? 0 : this.applicationId },
        { ...this.origin, ...avps },
        dictionary,
      ),
    );
  }

  #take(bytes: Buffer): void {
    const decoded = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
    const hopByHopId = bytes.readUInt32BE(12);
    const waiting = this.#waiting.get(hopByHopId);
    if (!decoded.ok) return waiting?.reject(new Error(`not decodable: ${decoded.failure.message}`));
    const { header, abbreviation, avps } = decoded.message as DecodedMessage<
      Record<string, unknown> & Results
    >;
    if (header.request) {
      this.#write(abbreviation === 'DWR' ? 'DWA' : 'DPA', header, { resultCode: 2001 });
      return;
    }
    this.#waiting.delete(hopByHopId);
    const { resultCode, experimentalResult } = avps;
    const result =
      experimentalResult === undefined
        ? String(resultCode)
        : `experimental ${experimentalResult.experimentalResultCode}`;
    waiting?.resolve({ header, abbreviation, result, avps, bytes });
  }
}
