/**
 * The npm package `sctp`, a stack of SCTP in JavaScript (RFC 4960), as far as it is used: endpoints and
 * associations. It has no types of its own; these follow its code. It is loaded with the first use.
 */
import type { EventEmitter } from 'node:events';
import type { SctpOptions } from '../sctp-options';

export interface Association extends EventEmitter {
  readonly state: string;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number;
  readonly my_tag: number;
  readonly peer_tag: number | undefined;
  /** Streams that we may send on. */
  readonly OS: number;
  readonly MIS: number;
  readonly flightsize: number;
  sacks: number;
  hb_interval: number;
  readonly reassembly: { rwnd: number; peer_ssn: number[] };
  RECEIVE(): Buffer | undefined;
  SEND(message: Buffer, options: { stream_id: number; ppid: number }, done: (error?: Error) => void): void;
  SHUTDOWN(done: () => void): void;
  ABORT(): void;
  _sack(): void;
  _destroy(): void;
}

interface RawSocket extends EventEmitter {
  pauseRecv(): void;
  resumeRecv(): void;
}

interface StackPacket {
  readonly checksum_error?: boolean;
}

interface StackTransport {
  readonly pool: Record<number, StackEndpoint | undefined>;
  /** Of raw IP only: that of SCTP, and that of ICMP. */
  readonly rawsocket?: RawSocket;
  readonly icmpsocket?: RawSocket;
  onMessage(packet: Buffer, source: string): void;
  receivePacket: ((packet: StackPacket | false, source?: string, destination?: string) => void) & {
    readonly careful?: boolean;
  };
}

export interface StackEndpoint extends EventEmitter {
  readonly localPort: number;
  readonly transport: StackTransport;
  ASSOCIATE(options: { remoteAddress: string | undefined; remotePort: number }): Association;
  DESTROY(): void;
}

/** What carries packets instead of raw IP: something like a UDP socket that knows one other side. */
export interface PacketCarrier {
  on(event: string, listener: (packet: Buffer) => void): unknown;
  send(packet: Buffer, port: number, address: string, done?: () => void): void;
}

interface EndpointClass {
  INITIALIZE(
    options: {
      localPort: number | undefined;
      localAddress: readonly string[] | undefined;
      MIS: number;
      OS: number;
      a_rwnd: number;
    },
    transport: { udpTransport?: PacketCarrier; udpPeer?: { address: string; port: number } },
    done: (error: Error | null, endpoint?: StackEndpoint) => void,
  ): void;
}

interface Stack {
  defaults(values: Record<string, number>): unknown;
}

/** Below 1,500 by the headers of IPv6 and UDP, so that no packet is cut up on its way. */
const PACKET_OCTETS = 1_400;
/** Where the package offers the discard service (RFC 863) to anybody, and keeps what comes. */
const DISCARD_PORT = 9;

/** Throws a readable Error where the package is not there. */
export function requireStack(): { readonly Endpoint: EndpointClass; readonly stack: Stack } {
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded when it is needed, and only then */
  return { Endpoint: require('sctp/lib/endpoint') as EndpointClass, stack: require('sctp') as Stack };
  /* eslint-enable @typescript-eslint/no-require-imports */
}

export interface EndpointSettings {
  readonly sctp: SctpOptions;
  readonly maxMessageOctets: number;
  readonly localPort: number;
  readonly localAddresses: readonly string[];
  readonly carrier?: PacketCarrier;
  readonly peer?: { readonly address: string; readonly port: number };
}

/** @throws Error EADDRINUSE, EPERM and their kind */
export function openEndpoint({
  sctp,
  maxMessageOctets,
  localPort,
  localAddresses,
  carrier,
  peer,
}: EndpointSettings): StackEndpoint {
  const { Endpoint, stack } = requireStack();
  stack.defaults({
    rto_initial: sctp.retransmissionTimeoutInitialMs,
    rto_min: sctp.retransmissionTimeoutMinMs,
    rto_max: sctp.retransmissionTimeoutMaxMs,
    hb_interval: sctp.heartbeatMs,
    PMTU: PACKET_OCTETS,
  });
  let opened: StackEndpoint | undefined;
  let failure: Error | null = null;
  // It calls back before it returns.
  Endpoint.INITIALIZE(
    {
      localPort: localPort === 0 ? undefined : localPort,
      localAddress: localAddresses.length === 0 ? undefined : localAddresses,
      MIS: sctp.streamsCount,
      OS: sctp.streamsCount,
      a_rwnd: 4 * maxMessageOctets,
    },
    {
      ...(carrier === undefined ? {} : { udpTransport: carrier }),
      ...(peer === undefined ? {} : { udpPeer: peer }),
    },
    (error, endpoint) => {
      failure = error;
      opened = endpoint;
    },
  );
  if (opened === undefined) throw failure ?? new Error('the stack opened no endpoint');
  makeCareful(opened.transport);
  if (carrier === undefined) {
    if (localPort !== DISCARD_PORT) opened.transport.pool[DISCARD_PORT]?.DESTROY();
    opened.transport.rawsocket?.resumeRecv();
    opened.transport.icmpsocket?.resumeRecv();
  }
  return opened;
}

/** The last one over raw IP lets go of the process: the stack never closes its sockets. */
export function closeEndpoint(endpoint: StackEndpoint): void {
  endpoint.DESTROY();
  const { pool, rawsocket, icmpsocket } = endpoint.transport;
  if (rawsocket === undefined || Object.keys(pool).length > 0) return;
  rawsocket.pauseRecv();
  icmpsocket?.pauseRecv();
}

/** What the stack leaves out when packets come in; once for each of its transports. */
function makeCareful(transport: StackTransport): void {
  if (transport.receivePacket.careful === true) return;
  const receive = transport.receivePacket.bind(transport);
  // It computes the checksum and takes the packet all the same. [RFC 9260 6.8]
  const careful = (packet: StackPacket | false, source?: string, destination?: string): void => {
    if (packet !== false && packet.checksum_error !== true) receive(packet, source, destination);
  };
  transport.receivePacket = Object.assign(careful, { careful: true });
  // raw-socket reads every packet into the same octets, of which the stack keeps parts until a message is
  // whole.
  const { rawsocket } = transport;
  if (rawsocket === undefined) return;
  rawsocket.removeAllListeners('message');
  rawsocket.on('message', (packet: Buffer, source: string) =>
    transport.onMessage(Buffer.from(packet), source),
  );
}
