/**
 * What the peer tests share: nodes of ours, a sink that answers, a raw socket client and waiting for
 * something to hold.
 */
import { connect, type Socket } from 'node:net';
import { DEFAULT_DECODE_LIMITS, decodeMessage } from '../../../src/diameter/codec/decode';
import { Dictionary } from '../../../src/diameter/codec/dictionary';
import { encodeAvp, encodeFromParts, encodeNamed } from '../../../src/diameter/codec/encode';
import type { DecodedMessage, DiameterHeader } from '../../../src/diameter/codec/types';
import { DiameterTap } from '../../../src/events/diameter-tap';
import type { PeerEvents } from '../../../src/events/hss-events';
import { MessageFramer } from '../../../src/diameter/framing/message-framer';
import { baseTable } from '../../../src/diameter/generated/base-tables';
import { cxTable } from '../../../src/apps/cx/generated/cx-tables';
import { cxLimits } from '../../../src/apps/cx/limits';
import { CX_APPLICATION } from '../../../src/apps/cx/advertised';
import { supportedVendorIds, type LocalNode } from '../../../src/diameter/peer/capabilities';
import type { IncomingRequest, RequestSink, UndecodableRequest } from '../../../src/diameter/peer/contract';
import type { PeerConfig, PeerOptions } from '../../../src/diameter/peer/options';
import { DiameterPeerTable } from '../../../src/diameter/peer/peer-table';
import { silentLogger, type Logger } from '../../../src/shared/logger';
import type { StreamTransportOptions } from '../../../src/transport/options';
import type { Transport } from '../../../src/transport/port';
import { TcpTransport } from '../../../src/transport/tcp';

export const dictionary = new Dictionary([baseTable, cxTable], cxLimits.receivedTextOctets);
export const REALM = 'ims.example';

export function localNode(originHost: string): LocalNode {
  return {
    originHost,
    originRealm: REALM,
    productName: 'test',
    vendorId: 0,
    firmwareRevision: 1,
    originStateId: 1000,
    hostIpAddresses: [],
    supportedVendorIds: supportedVendorIds([CX_APPLICATION]),
    applications: [CX_APPLICATION],
  };
}

/** Resolves when `condition` holds; rejects with `what` after `timeoutMs`. */
export async function until(condition: () => boolean, what: string, timeoutMs = 4_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A Cx answer with success to a request that only needs one. */
export function successAnswer(request: DecodedMessage, originHost: string): Buffer {
  return successAnswerTo(request.header, (request.avps as { sessionId: string }).sessionId, originHost);
}

export function successAnswerTo(header: DiameterHeader, sessionId: string, originHost: string): Buffer {
  return encodeFromParts(
    0x40,
    header.commandCode,
    header.applicationId,
    header.hopByHopId,
    header.endToEndId,
    [
      encodeAvp('Session-Id', sessionId, dictionary),
      encodeAvp(
        'Vendor-Specific-Application-Id',
        { vendorId: 10415, authApplicationId: 16777216 },
        dictionary,
      ),
      encodeAvp('Result-Code', 2001, dictionary),
      encodeAvp('Auth-Session-State', 1, dictionary),
      encodeAvp('Origin-Host', originHost, dictionary),
      encodeAvp('Origin-Realm', REALM, dictionary),
    ],
  );
}

let sessions = 0;

/** A Location-Info-Request, as small as they come; `padding` makes it larger by that many octets. */
export function lir(originHost: string, hopByHopId = 1, endToEndId = 1, padding = 0): Buffer {
  sessions += 1;
  return encodeNamed(
    'LIR',
    { hopByHopId, endToEndId },
    {
      sessionId: `${originHost};1;${sessions}`,
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost,
      originRealm: REALM,
      destinationRealm: REALM,
      publicIdentity: 'sip:alice@ims.example',
      ...(padding > 0
        ? { additionalAvps: [{ code: 4000, vendorId: 0, mandatory: false, data: Buffer.alloc(padding) }] }
        : {}),
    },
    dictionary,
  );
}

/** A Registration-Termination-Request, which an HSS sends. */
export function rtr(originHost: string, destinationHost: string): Buffer {
  sessions += 1;
  return encodeNamed(
    'RTR',
    { hopByHopId: 0, endToEndId: 77 },
    {
      sessionId: `${originHost};2;${sessions}`,
      vendorSpecificApplicationId: { vendorId: 10415, authApplicationId: 16777216 },
      authSessionState: 1,
      originHost,
      originRealm: REALM,
      destinationHost,
      destinationRealm: REALM,
      userName: 'alice@ims.example',
      deregistrationReason: { reasonCode: 0 },
    },
    dictionary,
  );
}

/** Keeps what happened and answers requests, at once unless `hold` is set. */
export class RecordingSink implements RequestSink {
  readonly requests: IncomingRequest[] = [];
  readonly undecodable: UndecodableRequest[] = [];
  hold = false;
  silent = false;
  constructor(private readonly originHost: string) {}

  onRequest(request: IncomingRequest): void {
    this.requests.push(request);
    if (!this.hold && !this.silent) request.answer(successAnswer(request.message, this.originHost));
  }

  admission: RequestSink['admission'] = null;

  onUndecodable(request: UndecodableRequest): void {
    this.undecodable.push(request);
  }
}

export class RecordingEvents implements PeerEvents {
  readonly states: string[] = [];
  readonly watchdogs: string[] = [];
  readonly messages: string[] = [];
  readonly tooLongMessages: string[] = [];
  readonly decodeErrors: string[] = [];
  readonly refusals: string[] = [];
  peerStateChanged(peer: string, from: string, to: string): void {
    this.states.push(`${peer}: ${from} -> ${to}`);
  }
  watchdogStateChanged(peer: string, from: string, to: string): void {
    this.watchdogs.push(`${peer}: ${from} -> ${to}`);
  }
  messageTooLong(peer: string, abbreviation: string, octets: number): void {
    this.tooLongMessages.push(`${peer} ${abbreviation} ${octets}`);
  }
  messageTransferred(peer: string, direction: string, abbreviation: string): void {
    this.messages.push(`${peer} ${direction} ${abbreviation}`);
  }
  messageUndecodable(peer: string, kind: string): void {
    this.decodeErrors.push(`${peer} ${kind}`);
  }
  connectionRefused(_remote: string, reason: string): void {
    this.refusals.push(reason);
  }
  count(message: string): number {
    return this.messages.filter((m) => m === message).length;
  }
}

/** Keeps the sentences of the log. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = [];
  private readonly add = (_: object, message: string): void => {
    this.lines.push(message);
  };
  trace = this.add;
  debug = this.add;
  info = this.add;
  warn = this.add;
  error = this.add;
  child(): Logger {
    return this;
  }
}

export const FAST: Partial<PeerOptions> = {
  watchdogTwinitMs: 60_000,
  watchdogJitterMs: 5,
  allowShortWatchdog: true,
  connectTimeoutMs: 1_000,
  capabilitiesTimeoutMs: 1_000,
  disconnectTimeoutMs: 500,
  takeoverTimeoutMs: 400,
  closeGraceMs: 200,
  reconnectInitialMs: 30,
  reconnectMaxMs: 200,
  reconnectJitterRatio: 0,
  reconnectStableMs: 50,
};

export interface Node {
  readonly name: string;
  readonly table: DiameterPeerTable;
  readonly sink: RecordingSink;
  readonly events: RecordingEvents;
  readonly log: RecordingLogger;
  readonly tap: DiameterTap;
  port: number;
}

const running: Node[] = [];
const clients: RawClient[] = [];

/** A peer table of ours that listens on the loopback. */
export async function startNode(
  name: string,
  options: Partial<PeerOptions> = {},
  stream: Partial<StreamTransportOptions> = {},
  local: Partial<LocalNode> = {},
  transport: Transport = new TcpTransport(stream),
): Promise<Node> {
  const sink = new RecordingSink(name);
  const events = new RecordingEvents();
  const log = new RecordingLogger();
  const tap = new DiameterTap(log);
  const table = new DiameterPeerTable({
    local: { ...localNode(name), ...local },
    dictionary,
    decodeLimits: DEFAULT_DECODE_LIMITS,
    transports: [transport],
    sink,
    events,
    tap,
    logger: process.env['TEST_LOG'] === undefined ? log : silentLogger,
    options: { ...FAST, ...options },
  });
  const listener = await table.listen(transport.name, { addresses: ['127.0.0.1'], port: 0 });
  const node = { name, table, sink, events, log, tap, port: listener.local.port };
  running.push(node);
  return node;
}

export function peerConfig(originHost: string, port: number, connectTo: boolean): PeerConfig {
  return { originHost, originRealm: REALM, addresses: ['127.0.0.1'], port, connect: connectTo };
}

export function stateOf(node: Node, peer: string): string {
  return (
    node.table.snapshot().find((s) => s.originHost.toLowerCase() === peer.toLowerCase())?.state ?? 'unknown'
  );
}

export function watchdogOf(node: Node, peer: string): string {
  return (
    node.table.snapshot().find((s) => s.originHost.toLowerCase() === peer.toLowerCase())?.watchdog ??
    'unknown'
  );
}

/** For afterEach: ends what the test started. */
export async function stopAll(): Promise<void> {
  for (const client of clients.splice(0)) client.socket.destroy();
  await Promise.all(running.splice(0).map((node) => node.table.shutdown('REBOOTING', 50)));
}

/** A Diameter client that sends whatever octets the test wants. */
export class RawClient {
  readonly received: DecodedMessage[] = [];
  readonly octets: Buffer[] = [];
  closed = false;
  /** Answers DWRs on its own. */
  answersWatchdogs = false;
  /** Takes answers that lack what could not be read of the request. */
  lenient = false;
  private readonly framer = new MessageFramer(1 << 20);

  private constructor(
    readonly socket: Socket,
    readonly name: string,
  ) {
    socket.on('data', (chunk) => {
      this.framer.push(chunk, (bytes) => this.take(bytes));
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => {
      this.closed = true;
    });
    clients.push(this);
  }

  /** Over a socket that is connected already, for example one of TLS. */
  static over(socket: Socket, name: string): RawClient {
    return new RawClient(socket, name);
  }

  static connect(port: number, name = 'raw.ims.example'): Promise<RawClient> {
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      const client = new RawClient(socket, name);
      socket.once('connect', () => resolve(client));
      // Reset before it was accepted: `closed` says so.
      socket.once('error', () => resolve(client));
    });
  }

  /** Connects and exchanges capabilities. */
  static async open(port: number, name = 'raw.ims.example'): Promise<RawClient> {
    const client = await RawClient.connect(port, name);
    client.write(client.cer());
    await until(() => client.received.length > 0, 'a CEA');
    return client;
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  cer(overrides: Record<string, unknown> = {}): Buffer {
    return encodeNamed(
      'CER',
      { hopByHopId: 11, endToEndId: 12 },
      {
        originHost: this.name,
        originRealm: REALM,
        hostIpAddress: ['127.0.0.1'],
        vendorId: 0,
        productName: 'raw',
        supportedVendorId: [10415],
        vendorSpecificApplicationId: [{ vendorId: 10415, authApplicationId: 16777216 }],
        ...overrides,
      },
      dictionary,
    );
  }

  dpr(): Buffer {
    return encodeNamed(
      'DPR',
      { hopByHopId: 13, endToEndId: 14 },
      { ...this.origin(), disconnectCause: 0 },
      dictionary,
    );
  }

  origin(): { originHost: string; originRealm: string } {
    return { originHost: this.name, originRealm: REALM };
  }

  /** The last message with that abbreviation. */
  last(abbreviation: string): DecodedMessage | undefined {
    return this.received.filter((m) => m.abbreviation === abbreviation).at(-1);
  }

  result(abbreviation: string): number | undefined {
    return (this.last(abbreviation)?.avps as { resultCode?: number } | undefined)?.resultCode;
  }

  private take(bytes: Buffer): void {
    this.octets.push(bytes);
    const result = decodeMessage(bytes, dictionary, DEFAULT_DECODE_LIMITS);
    if (!result.ok && this.lenient) return;
    if (!result.ok) throw new Error(`the node under test sent something bad: ${result.failure.message}`);
    this.received.push(result.message);
    if (result.message.abbreviation === 'DWR' && this.answersWatchdogs) {
      this.write(
        encodeNamed('DWA', result.message.header, { resultCode: 2001, ...this.origin() }, dictionary),
      );
    }
  }
}
