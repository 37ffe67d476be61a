/** One other side of SCTP in UDP: which of its associations a datagram belongs to. */
import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import type { StreamTransportOptions } from '../options';
import type { Endpoint, TransportConnection } from '../port';
import type { SctpOptions } from '../sctp-options';
import { UserlandConnection } from './connection';
import { openEndpoint, type Association, type PacketCarrier, type StackEndpoint } from './stack';

const COMMON_HEADER_OCTETS = 12;
const INIT = 1;
const ABORT = 6;
const SHUTDOWN_COMPLETE = 14;
const TAG_REFLECTED = 1;
/** An INIT that is not followed by a COOKIE ECHO. */
const HANDSHAKE_LIMIT_MS = 10_000;

/** Looks like a UDP socket to the stack. */
export class Carrier extends EventEmitter implements PacketCarrier {
  constructor(
    private readonly socket: Socket,
    private readonly peer: { readonly address: string; readonly port: number },
  ) {
    super();
  }

  send(packet: Buffer, _port: number, _address: string, done?: () => void): void {
    try {
      this.socket.send(packet, this.peer.port, this.peer.address, () => done?.());
    } catch {
      // The socket was closed since; the packet counts as lost.
      done?.();
    }
  }

  receive(packet: Buffer): void {
    if (packet.length >= COMMON_HEADER_OCTETS + 4) this.emit('message', packet, {});
  }
}

export interface SideSettings {
  readonly port: number;
  readonly sctp: SctpOptions;
  readonly stream: StreamTransportOptions;
  readonly local: Endpoint;
  readonly onConnection: (connection: TransportConnection) => void;
  readonly mayBegin: () => boolean;
  readonly onEmpty: () => void;
}

interface Life {
  readonly carrier: Carrier;
  readonly endpoint: StackEndpoint;
  association: Association | null;
  connection: UserlandConnection | null;
  timer: NodeJS.Timeout | null;
}

export class UdpSide {
  private current: Life | null = null;
  private beginning: Life | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly peer: { readonly address: string; readonly port: number },
    private readonly settings: SideSettings,
  ) {}

  /** Whether the packet is an INIT for the port: nothing else makes a new side known. */
  static begins(packet: Buffer, port: number): boolean {
    return (
      packet.length >= COMMON_HEADER_OCTETS + 20 &&
      packet.readUInt16BE(2) === port &&
      packet.readUInt32BE(4) === 0 &&
      packet[COMMON_HEADER_OCTETS] === INIT
    );
  }

  receive(packet: Buffer): void {
    if (packet.length < COMMON_HEADER_OCTETS + 4) return;
    if (UdpSide.begins(packet, this.settings.port)) {
      if (this.settings.mayBegin()) this.begin().carrier.receive(packet);
      return;
    }
    const life =
      this.current !== null && belongs(packet, this.current.association)
        ? this.current
        : (this.beginning ?? this.current);
    life?.carrier.receive(packet);
  }

  private begin(): Life {
    if (this.beginning !== null) return this.beginning;
    const carrier = new Carrier(this.socket, this.peer);
    const { sctp, stream, port } = this.settings;
    const endpoint = openEndpoint({
      sctp,
      maxMessageOctets: stream.maxMessageOctets,
      localPort: port,
      localAddresses: [],
      carrier,
      peer: this.peer,
    });
    const life: Life = { carrier, endpoint, association: null, connection: null, timer: null };
    life.timer = setTimeout(() => this.end(life), HANDSHAKE_LIMIT_MS);
    endpoint.on('association', (association: Association) => this.established(life, association));
    this.beginning = life;
    return life;
  }

  private established(life: Life, association: Association): void {
    if (life.timer !== null) clearTimeout(life.timer);
    life.association = association;
    const old = this.current;
    this.current = life;
    this.beginning = null;
    const remote = { addresses: [this.peer.address], port: association.remotePort };
    life.connection = new UserlandConnection(
      association,
      this.settings.local,
      remote,
      this.settings.stream,
      true,
      () => this.end(life),
    );
    old?.connection?.restarted();
    this.settings.onConnection(life.connection);
  }

  private end(life: Life): void {
    if (life.timer !== null) clearTimeout(life.timer);
    life.endpoint.DESTROY();
    if (this.current === life) this.current = null;
    if (this.beginning === life) this.beginning = null;
    if (this.current === null && this.beginning === null) this.settings.onEmpty();
  }
}

/** By our tag, or by the peer's own where an ABORT or SHUTDOWN COMPLETE reflects it. */
function belongs(packet: Buffer, association: Association | null): boolean {
  if (association === null) return false;
  const tag = packet.readUInt32BE(4);
  if (tag === association.my_tag) return true;
  const [type, flags] = [packet[COMMON_HEADER_OCTETS], packet[COMMON_HEADER_OCTETS + 1] ?? 0];
  return (
    (type === ABORT || type === SHUTDOWN_COMPLETE) &&
    (flags & TAG_REFLECTED) !== 0 &&
    tag === association.peer_tag
  );
}
