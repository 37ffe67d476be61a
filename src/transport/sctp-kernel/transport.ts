/**
 * SCTP of the Linux kernel for the transport port: one-to-one sockets (RFC 6458 clause 4) that koffi opens
 * and node:net drives. RFC 6733 clause 2.1.1: one Diameter message is one user message, payload protocol
 * identifier 46, any is accepted.
 *
 * A peer that begins anew on an association that we still hold (RFC 9260 5.2, restart) ends the old
 * connection and, where it had connected to us, becomes a new one on the same socket: its CER is then the
 * first thing that the new connection reads.
 */
import { lookup } from 'node:dns/promises';
import { createServer, isIP, Socket, type Server } from 'node:net';
import type { Endpoint, Transport, TransportConnection, TransportListener } from '../port';
import { defaultStreamTransportOptions, type StreamTransportOptions } from '../options';
import { defaultSctpOptions, DIAMETER_PPID, type PathEvent, type SctpOptions } from '../sctp-options';
import { StreamConnection } from '../stream-connection';
import { AssociationChannel } from './channel';
import {
  bindAll,
  boundPort,
  closeSocket,
  descriptorOf,
  openSocket,
  sendBufferOctets,
  setBuffers,
  setDscp,
  setFlag,
  setOption,
  startConnect,
} from './kernel-calls';
import { MessageReader, MessageSender } from './messages';
import { decodeNotification } from './notifications';
import {
  encodeAssociationParameters,
  encodeDefaultSend,
  encodeEvents,
  encodeInitMessage,
  encodePathParameters,
  encodeRtoInfo,
} from './structs';

export interface KernelSctpSettings {
  readonly stream?: Partial<StreamTransportOptions>;
  readonly sctp?: Partial<SctpOptions>;
  readonly onPathEvent?: (event: PathEvent) => void;
  /** A message of ours that the kernel does not take, and what to do about it. */
  readonly onUnsendable?: (remote: string, detail: string) => void;
}

type OnConnection = (connection: TransportConnection) => void;

/**
 * Messages of twice the limit in the kernel's buffers, and never less than what the system gives by itself.
 */
const LEAST_BUFFER_OCTETS = 212_992;

export class KernelSctpTransport implements Transport {
  readonly name = 'kernel-sctp';
  readonly protocol = 'sctp';
  private readonly stream: StreamTransportOptions;
  private readonly sctp: SctpOptions;
  private readonly onPathEvent: (event: PathEvent) => void;
  private readonly onUnsendable: (remote: string, detail: string) => void;
  private sharedSender: MessageSender | null = null;
  private sharedReader: MessageReader | null = null;

  constructor(settings: KernelSctpSettings = {}) {
    this.stream = { ...defaultStreamTransportOptions, ...settings.stream };
    this.sctp = { ...defaultSctpOptions, ...settings.sctp };
    this.onPathEvent = settings.onPathEvent ?? (() => undefined);
    this.onUnsendable = settings.onUnsendable ?? (() => undefined);
  }

  async listen(endpoint: Endpoint, onConnection: OnConnection): Promise<TransportListener> {
    const fd = this.open(endpoint.addresses);
    let port: number;
    try {
      bindAll(fd, endpoint.addresses, endpoint.port, onlyUnspecifiedIpv6Beside(endpoint.addresses));
      port = boundPort(fd);
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
    const server = createServer((socket) => this.accept(socket, onConnection));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ fd, backlog: this.stream.backlog }, () => {
        server.removeListener('error', reject);
        // EMFILE and its kind: the kernel keeps the association waiting, those that exist go on.
        server.on('error', () => undefined);
        resolve();
      });
    });
    return {
      protocol: this.protocol,
      local: { addresses: endpoint.addresses, port },
      close: () => closeServer(server),
    };
  }

  async connect(
    remote: Endpoint,
    timeoutMs: number,
    localAddresses: readonly string[] = [],
  ): Promise<TransportConnection> {
    const addresses = await resolveAll(remote.addresses);
    if (addresses.length === 0) throw new Error('no address to connect to');
    const fd = this.open([...addresses, ...localAddresses]);
    try {
      if (localAddresses.length > 0) bindAll(fd, localAddresses, 0, false);
      startConnect(fd, addresses, remote.port);
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
    const socket = new Socket({ fd });
    try {
      await established(socket, timeoutMs);
    } catch (error) {
      socket.resetAndDestroy();
      throw new Error(
        `${addresses.join(', ')} port ${remote.port}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    return this.connectionOn(socket, fd, null);
  }

  /** A socket with everything set that associations inherit. */
  private open(addresses: readonly string[]): number {
    const fd = openSocket(addresses.some((address) => address.includes(':')) ? 'IPv6' : 'IPv4');
    try {
      setOption(fd, 'INITMSG', encodeInitMessage(this.sctp));
      setOption(fd, 'RTOINFO', encodeRtoInfo(this.sctp));
      setOption(fd, 'ASSOCINFO', encodeAssociationParameters(this.sctp));
      setOption(fd, 'PEER_ADDR_PARAMS', encodePathParameters(this.sctp));
      setOption(fd, 'DEFAULT_SEND_PARAM', encodeDefaultSend(DIAMETER_PPID));
      setOption(fd, 'EVENTS', encodeEvents());
      setFlag(fd, 'NODELAY', true);
      setBuffers(fd, Math.max(LEAST_BUFFER_OCTETS, this.stream.maxMessageOctets));
      if (this.stream.dscp !== null)
        setDscp(
          fd,
          this.stream.dscp,
          addresses.some((address) => address.includes(':')),
        );
      return fd;
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
  }

  private accept(socket: Socket, onConnection: OnConnection): void {
    const fd = descriptorOf(socket);
    try {
      onConnection(this.connectionOn(socket, fd, onConnection));
    } catch {
      // It was aborted while it waited to be accepted.
      socket.destroy();
    }
  }

  /** `onConnection`: of the listener by which it came; null where we connected. */
  private connectionOn(socket: Socket, fd: number, onConnection: OnConnection | null): StreamConnection {
    this.sharedSender ??= new MessageSender(DIAMETER_PPID);
    this.sharedReader ??= new MessageReader();
    const channel: AssociationChannel = new AssociationChannel(
      socket,
      fd,
      this.sharedSender,
      this.sharedReader,
      onConnection !== null,
      {
        pathChanged: this.onPathEvent,
        tooLong: (octets) => {
          const detail = `a message of ${octets} octets is dropped: the kernel takes ${sendBufferOctets(fd)} at once (sysctl -w net.core.wmem_max=${octets})`;
          this.onUnsendable(channel.remote.addresses[0] ?? '', detail);
        },
        restarted: () => {
          const detail = 'the peer was restarted: it set the association up anew';
          if (onConnection === null) return connection.abort(detail);
          connection.detach({ kind: 'reset', detail });
          socket.resume();
          onConnection(this.connectionOn(socket, fd, onConnection));
        },
      },
    );
    const connection: StreamConnection = new StreamConnection(this.protocol, socket, this.stream, channel);
    return connection;
  }
}

/** "::" takes IPv4 as well unless an IPv4 address stands beside it, which then has to be bound by itself. */
function onlyUnspecifiedIpv6Beside(addresses: readonly string[]): boolean {
  return addresses.length === 1 && addresses[0] !== '::' && addresses[0]?.includes(':') === true;
}

/** Names as the system resolves them, all of their addresses. */
async function resolveAll(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) =>
      isIP(name) === 0 ? (await lookup(name, { all: true })).map(({ address }) => address) : [name],
    ),
  );
  return [...new Set(found.flat())];
}

/** Waits for the notification that the association is up, or for what speaks against it. */
function established(socket: Socket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (outcome: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onError).off('close', onClose);
      outcome();
    };
    const fail = (reason: string): void => done(() => reject(new Error(reason)));
    const onError = (error: Error): void => fail(error.message);
    const onClose = (): void => fail('closed');
    const onData = (record: Buffer): void => {
      const news = decodeNotification(record);
      if (news?.kind === 'up') done(resolve);
      // Anything else is followed by the error that says it better.
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    socket.on('data', onData).on('error', onError).on('close', onClose);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close();
    setImmediate(resolve);
  });
}
