/**
 * The structures of linux/sctp.h that cross the border to the kernel, as octets. Sizes and offsets are the
 * same on every architecture of Linux: the structures are packed or hold nothing that would be aligned
 * differently. Pure.
 */
import { isIPv4, SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import type { PathState } from '../port';
import { plainAddress } from '../channel';
import type { SctpOptions } from '../sctp-options';

export const AF_INET = 2;
export const AF_INET6 = 10;
/** Protocol numbers of <netinet/in.h>. */
export const PROTOCOL = { ip: 0, ipv6: 41, sctp: 132 } as const;

/** Option names of SCTP's level. */
export const sctpOption = {
  RTOINFO: 0,
  ASSOCINFO: 1,
  INITMSG: 2,
  NODELAY: 3,
  PEER_ADDR_PARAMS: 9,
  DEFAULT_SEND_PARAM: 10,
  EVENTS: 11,
  STATUS: 14,
  GET_PEER_ADDR_INFO: 15,
  SOCKOPT_BINDX_ADD: 100,
  GET_PEER_ADDRS: 108,
  GET_LOCAL_ADDRS: 109,
  SOCKOPT_CONNECTX: 110,
  GET_ASSOC_STATS: 112,
} as const;

const SOCKADDR_IN_OCTETS = 16;
const SOCKADDR_IN6_OCTETS = 28;
const SOCKADDR_STORAGE_OCTETS = 128;
const little = endianness() === 'LE';

export function putU16(target: Buffer, value: number, offset: number): void {
  if (little) target.writeUInt16LE(value, offset);
  else target.writeUInt16BE(value, offset);
}

export function putU32(target: Buffer, value: number, offset: number): void {
  if (little) target.writeUInt32LE(value, offset);
  else target.writeUInt32BE(value, offset);
}

export function putU64(target: Buffer, value: bigint, offset: number): void {
  if (little) target.writeBigUInt64LE(value, offset);
  else target.writeBigUInt64BE(value, offset);
}

export function getU16(source: Buffer, offset: number): number {
  return little ? source.readUInt16LE(offset) : source.readUInt16BE(offset);
}

export function getU32(source: Buffer, offset: number): number {
  return little ? source.readUInt32LE(offset) : source.readUInt32BE(offset);
}

export function getU64(source: Buffer, offset: number): number {
  return Number(little ? source.readBigUInt64LE(offset) : source.readBigUInt64BE(offset));
}

/** One struct sockaddr_in or sockaddr_in6. A zone (fe80::1%2) is an interface's number. */
export function encodeAddress(address: string, port: number): Buffer {
  if (isIPv4(address)) {
    const bytes = Buffer.alloc(SOCKADDR_IN_OCTETS);
    putU16(bytes, AF_INET, 0);
    bytes.writeUInt16BE(port, 2);
    Buffer.from(address.split('.').map(Number)).copy(bytes, 4);
    return bytes;
  }
  const [plain = '', zone] = address.split('%');
  const bytes = Buffer.alloc(SOCKADDR_IN6_OCTETS);
  putU16(bytes, AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  ipv6Octets(plain).copy(bytes, 8);
  if (zone !== undefined) putU32(bytes, Number(zone), 24);
  return bytes;
}

export interface DecodedAddress {
  readonly address: string;
  readonly port: number;
  readonly octets: number;
}

/** The address at `offset`; null for a family that is none of IP's. */
export function decodeAddress(bytes: Buffer, offset = 0): DecodedAddress | null {
  const family = getU16(bytes, offset);
  const port = bytes.readUInt16BE(offset + 2);
  if (family === AF_INET)
    return {
      address: [...bytes.subarray(offset + 4, offset + 8)].join('.'),
      port,
      octets: SOCKADDR_IN_OCTETS,
    };
  if (family !== AF_INET6) return null;
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(offset + 8 + 2 * index).toString(16),
  );
  // SocketAddress writes it as everything else in Node.js does: zeros compressed, IPv4 in its own notation.
  return {
    address: plainAddress(new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address),
    port,
    octets: SOCKADDR_IN6_OCTETS,
  };
}

/** Addresses one behind the other, as bindx and connectx take them. */
export function encodeAddresses(addresses: readonly string[], port: number): Buffer {
  return Buffer.concat(addresses.map((address) => encodeAddress(address, port)));
}

/** struct sctp_getaddrs: who we are or who they are. */
export function decodeAddressList(bytes: Buffer): DecodedAddress[] {
  const found: DecodedAddress[] = [];
  let offset = 8;
  for (let left = getU32(bytes, 4); left > 0; left -= 1) {
    const next = decodeAddress(bytes, offset);
    if (next === null) break;
    found.push(next);
    offset += next.octets;
  }
  return found;
}

/**
 * struct sctp_initmsg: streams out, streams in at most, tries of INIT and their longest wait left to the
 * system.
 */
export function encodeInitMessage({ streamsCount }: SctpOptions): Buffer {
  const bytes = Buffer.alloc(8);
  putU16(bytes, streamsCount, 0);
  putU16(bytes, streamsCount, 2);
  return bytes;
}

/** struct sctp_rtoinfo. */
export function encodeRtoInfo(options: SctpOptions): Buffer {
  const bytes = Buffer.alloc(16);
  putU32(bytes, options.retransmissionTimeoutInitialMs, 4);
  putU32(bytes, options.retransmissionTimeoutMaxMs, 8);
  putU32(bytes, options.retransmissionTimeoutMinMs, 12);
  return bytes;
}

/** struct sctp_assocparams: only the retransmissions of the association are set. */
export function encodeAssociationParameters(options: SctpOptions): Buffer {
  const bytes = Buffer.alloc(20);
  putU16(bytes, options.associationRetransmissionsCount, 4);
  return bytes;
}

const SPP_HB_ENABLE = 1;

/** struct sctp_paddrparams for all paths: heartbeat and retransmissions of a path. */
export function encodePathParameters(options: SctpOptions): Buffer {
  const bytes = Buffer.alloc(156);
  putU32(bytes, options.heartbeatMs, 132);
  putU16(bytes, options.pathRetransmissionsCount, 136);
  putU32(bytes, SPP_HB_ENABLE, 146);
  return bytes;
}

/**
 * struct sctp_sndrcvinfo for what is sent without further word: stream 0 and the payload protocol identifier,
 * in network order.
 */
export function encodeDefaultSend(ppid: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(ppid, 8);
  return bytes;
}

/** struct sctp_event_subscribe: associations and addresses, as far as Linux 2.6 knew of events. */
export function encodeEvents(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes[1] = 1;
  bytes[2] = 1;
  return bytes;
}

export interface AssociationStatus {
  readonly inboundStreamsCount: number;
  readonly outboundStreamsCount: number;
}

export const STATUS_OCTETS = 176;

/** struct sctp_status. */
export function decodeStatus(bytes: Buffer): AssociationStatus {
  return { inboundStreamsCount: getU16(bytes, 16), outboundStreamsCount: getU16(bytes, 18) };
}

export const PATH_INFO_OCTETS = 152;
const pathStates: readonly PathState['state'][] = ['inactive', 'potentially-failed', 'active', 'unconfirmed'];

/** struct sctp_paddrinfo, asking for one path. */
export function encodePathQuestion(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(PATH_INFO_OCTETS);
  encodeAddress(address, port).copy(bytes, 4);
  return bytes;
}

/** struct sctp_paddrinfo, answered. */
export function decodePathInfo(bytes: Buffer, address: string): PathState {
  return {
    address,
    state: pathStates[getU32(bytes, 4 + SOCKADDR_STORAGE_OCTETS)] ?? 'unknown',
    congestionWindowOctets: getU32(bytes, 136),
    smoothedRttMs: getU32(bytes, 140),
    retransmissionTimeoutMs: getU32(bytes, 144),
  };
}

export const ASSOCIATION_STATISTICS_OCTETS = 256;

/** struct sctp_assoc_stats: DATA chunks sent again. Asking for it sets nothing back. */
export function decodeRetransmissions(bytes: Buffer): number {
  return getU64(bytes, 176);
}

function ipv6Octets(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  const [head = '', tail] = address.split('::');
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  front.forEach((group, index) => bytes.writeUInt16BE(group, 2 * index));
  back.forEach((group, index) => bytes.writeUInt16BE(group, 16 - 2 * (back.length - index)));
  return bytes;
}

/** 16 bits each; an IPv4 address at the end is two of them. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
