/**
 * The system calls that node:net does not make, through koffi: opening SCTP sockets and their options;
 * messages are in messages.ts. None of them blocks: sockets are non-blocking.
 *
 * koffi is loaded with the first socket, so that a platform without it runs everything else.
 */
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import {
  AF_INET,
  AF_INET6,
  encodeAddress,
  encodeAddresses,
  getU32,
  PROTOCOL,
  putU32,
  sctpOption,
} from './structs';

export interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Buffer, octets: number) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: Buffer, octets: number) => number;
  readonly getsockopt: (fd: number, level: number, name: number, value: Buffer, octets: Buffer) => number;
  readonly sendmsg: (fd: number, message: Buffer, flags: number) => number;
  readonly sendmmsg: (fd: number, messages: Buffer, count: number, flags: number) => number;
  readonly recvmmsg: (fd: number, messages: Buffer, count: number, flags: number, timeout: null) => number;
  readonly close: (fd: number) => number;
  readonly errno: () => number;
  readonly address: (buffer: Buffer) => bigint;
}

/** What is used of koffi. */
interface Koffi {
  load(path: null): { func(declaration: string): unknown };
  errno(): number;
  address(value: Buffer): bigint;
}

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const IP_TOS = 1;
const IPV6_TCLASS = 67;
const IPV6_V6ONLY = 26;

/** Names of error numbers, EINPROGRESS among them, which libuv's own table leaves out. */
const errorNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

let loaded: Libc | null = null;

/** A system call that failed; `code` is EPROTONOSUPPORT and its like. */
export class KernelError extends Error {
  constructor(
    readonly code: string,
    call: string,
  ) {
    super(`${call} ${code}`);
  }
}

export function libc(): Libc {
  if (loaded !== null) return loaded;
  if (process.platform !== 'linux')
    throw new Error(`only Linux's SCTP is known here, not that of ${process.platform}`);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it is needed, and only then
  const koffi = require('koffi') as Koffi;
  // Node.js itself is linked against it, whichever it is (glibc or musl).
  const library = koffi.load(null);
  const call = <Call>(declaration: string): Call => library.func(declaration) as Call;
  loaded = {
    socket: call('int socket(int domain, int type, int protocol)'),
    bind: call('int bind(int fd, void *address, uint32_t octets)'),
    setsockopt: call('int setsockopt(int fd, int level, int name, void *value, uint32_t octets)'),
    getsockopt: call('int getsockopt(int fd, int level, int name, void *value, void *octets)'),
    sendmsg: call('intptr_t sendmsg(int fd, void *message, int flags)'),
    sendmmsg: call('int sendmmsg(int fd, void *messages, uint32_t count, int flags)'),
    recvmmsg: call('int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)'),
    close: call('int close(int fd)'),
    errno: () => koffi.errno(),
    address: (buffer) => koffi.address(buffer),
  };
  return loaded;
}

export function lastError(call: string): KernelError {
  const errno = libc().errno();
  return new KernelError(errorNames.get(errno) ?? `error ${errno}`, call);
}

/** @throws KernelError EPROTONOSUPPORT where the kernel has no SCTP; Error where koffi cannot be loaded. */
export function openSocket(family: 'IPv4' | 'IPv6'): number {
  const fd = libc().socket(
    family === 'IPv4' ? AF_INET : AF_INET6,
    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
    PROTOCOL.sctp,
  );
  if (fd < 0) throw lastError('socket');
  return fd;
}

export function closeSocket(fd: number): void {
  libc().close(fd);
}

export function setOption(fd: number, name: keyof typeof sctpOption, value: Buffer): void {
  if (libc().setsockopt(fd, PROTOCOL.sctp, sctpOption[name], value, value.length) !== 0)
    throw lastError(`setsockopt SCTP_${name}`);
}

/** `value` asks and is overwritten; gives as many octets as the kernel has written. */
export function getOption(fd: number, name: keyof typeof sctpOption, value: Buffer): Buffer {
  const octets = Buffer.alloc(4);
  putU32(octets, value.length, 0);
  if (libc().getsockopt(fd, PROTOCOL.sctp, sctpOption[name], value, octets) !== 0)
    throw lastError(`getsockopt SCTP_${name}`);
  return value;
}

function intBuffer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  putU32(bytes, value, 0);
  return bytes;
}

export function setFlag(fd: number, name: keyof typeof sctpOption, value: boolean): void {
  setOption(fd, name, intBuffer(value ? 1 : 0));
}

/** Room for whole messages; the kernel doubles it and stops at net.core.wmem_max and rmem_max. */
export function setBuffers(fd: number, octets: number): void {
  for (const name of [SO_SNDBUF, SO_RCVBUF]) {
    if (libc().setsockopt(fd, SOL_SOCKET, name, intBuffer(octets), 4) !== 0) throw lastError('setsockopt');
  }
}

/**
 * What everything that the socket sends is marked with: the upper six bits of IPv4's TOS and of IPv6's
 * traffic class (RFC 2474).
 */
export function setDscp(fd: number, dscp: number, isIpv6: boolean): void {
  if (isIpv6 && libc().setsockopt(fd, PROTOCOL.ipv6, IPV6_TCLASS, intBuffer(dscp << 2), 4) !== 0)
    throw lastError('setsockopt IPV6_TCLASS');
  // A socket of IPv6 may carry IPv4 as well.
  if (libc().setsockopt(fd, PROTOCOL.ip, IP_TOS, intBuffer(dscp << 2), 4) !== 0 && !isIpv6)
    throw lastError('setsockopt IP_TOS');
}

/** What `setDscp` has set, as the kernel says. */
export function dscpOf(fd: number, isIpv6: boolean): number {
  const value = Buffer.alloc(4);
  const failed =
    libc().getsockopt(
      fd,
      isIpv6 ? PROTOCOL.ipv6 : PROTOCOL.ip,
      isIpv6 ? IPV6_TCLASS : IP_TOS,
      value,
      intBuffer(4),
    ) !== 0;
  if (failed) throw lastError('getsockopt');
  return getU32(value, 0) >>> 2;
}

/** Whether `setDscp` works on this machine: null, or why not. */
export function dscpObstacle(): string | null {
  try {
    libc();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** node:net keeps the descriptor in its handle; there is no other way to it. -1 where it is closed. */
export function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } | null })._handle?.fd ?? -1;
}

/** The longest message that the kernel takes on this socket: its send buffer. */
export function sendBufferOctets(fd: number): number {
  const value = Buffer.alloc(4);
  if (libc().getsockopt(fd, SOL_SOCKET, SO_SNDBUF, value, intBuffer(4)) !== 0) throw lastError('getsockopt');
  return getU32(value, 0);
}

/** [RFC 6458 9.1] One socket on all addresses: the first with bind, the others with bindx. */
export function bindAll(fd: number, addresses: readonly string[], port: number, ipv6Only: boolean): void {
  const [first = '0.0.0.0', ...others] = addresses;
  if (ipv6Only && libc().setsockopt(fd, PROTOCOL.ipv6, IPV6_V6ONLY, intBuffer(1), 4) !== 0)
    throw lastError('setsockopt IPV6_V6ONLY');
  const encoded = encodeAddress(first, port);
  if (libc().bind(fd, encoded, encoded.length) !== 0) throw lastError(`bind ${first}`);
  if (others.length === 0) return;
  setOption(fd, 'SOCKOPT_BINDX_ADD', encodeAddresses(others, boundPort(fd)));
}

/** The port that `bind` chose. */
export function boundPort(fd: number): number {
  const list = getOption(fd, 'GET_LOCAL_ADDRS', Buffer.alloc(ADDRESS_LIST_OCTETS));
  return list.readUInt16BE(8 + 2);
}

/**
 * A thousand addresses of IPv6: a listener on all of them tells every address of the machine, and the kernel
 * gives all or none.
 */
export const ADDRESS_LIST_OCTETS = 32_768;

/**
 * [RFC 6458 9.9] Starts an association with all addresses of one node; its outcome comes as a notification or
 * an error of the socket.
 */
export function startConnect(fd: number, addresses: readonly string[], port: number): void {
  const encoded = encodeAddresses(addresses, port);
  if (libc().setsockopt(fd, PROTOCOL.sctp, sctpOption.SOCKOPT_CONNECTX, encoded, encoded.length) >= 0) return;
  const error = lastError('connectx');
  if (error.code !== 'EINPROGRESS') throw error;
}
